"""What a scan has said so far, as the page needs it: counts, orders, small pictures, words. Knows NumPy, no Qt."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.data.folder import printable
from workbench.data.pictures import Pixels, Rows
from workbench.data.scan.asking import open_album
from workbench.data.scan.findings import PART_WORDS
from workbench.data.scan.measuring import LEFT_OUT
from workbench.data.scan.message import Message
from workbench.data.scan.reading import gallery_order
from workbench.data.source import Share
from workbench.gui.data.masks import Colours, covered


@dataclass(frozen=True)
class FindingShown:
    """Something that was found, and the places of the pictures it is about."""

    kind: str
    tone: str
    sentence: str
    tip: str
    places: Rows


@dataclass
class DataShown:
    """A data set that is being looked through, or was. Raises DataError when its small pictures are gone."""

    listed: Message
    seed: int
    problem: str = ""
    findings: tuple[FindingShown, ...] = ()
    summary: dict[str, Any] = field(default_factory=dict)
    failed: dict[int, str] = field(default_factory=dict)
    #: pixels a (part, class), of masks
    pixels: npt.NDArray[np.int64] | None = None

    def __post_init__(self) -> None:
        words = self.listed.words
        self.classes = tuple(str(name) for name in words["classes"])
        self.masked = words["task"] == "masks"
        #: whether some pixels of masks count nowhere
        self.ignores = words["ignore"] is not None
        #: whether each picture is a file
        self.files = bool(words["files"])
        self.base, self.channels = str(words["base"]), int(words["channels"])
        #: a folder of one's own bears its own name
        self.title = printable(os.path.basename(self._own_folder())) or str(words["title"])  # noqa: PTH119 - plain text
        self.labels = self.listed.arrays["labels"]
        self.parts = self.listed.arrays["parts"]
        self.index = self.listed.arrays["index"]
        self._album = open_album(self.listed)
        #: the order of all pictures, and how often it was shuffled for that: the first is made in the thread that makes this
        self._mixed = 0, gallery_order(len(self), self.seed, 0)

    def _own_folder(self) -> str:
        # The pictures of a set with masks lie in a folder of that set.
        return os.path.dirname(self.base) if self.masked and self.base else self.base  # noqa: PTH120 - plain text

    def close(self) -> None:
        """Let the small pictures go."""
        self._album.close()

    def __len__(self) -> int:
        return len(self.labels)

    def divide(self, message: Message) -> None:
        """The true parts are known."""
        self.parts, self.problem = message.arrays["parts"], str(message.words["problem"])

    def take_found(self, message: Message) -> None:
        """All was looked through."""
        first, findings = 0, []
        for each in message.words["findings"]:
            places = message.arrays["places"][first : first + each["count"]]
            first += each["count"]
            findings.append(FindingShown(each["kind"], each["tone"], each["sentence"], each["tip"], places))
        self.findings, self.summary = tuple(findings), dict(message.words["summary"])
        self.failed = {int(place): str(why) for place, why in message.words["failed"].items()}
        if "pixels" in message.arrays:
            self.pixels = message.arrays["pixels"].reshape(len(Share), -1)

    # --- counts and orders -------------------------------------------------------------------------------

    def in_part(self, share: int) -> int:
        return int((self.parts == share).sum())

    def counts(self) -> npt.NDArray[np.int64]:
        """Pictures a (part, class); of masks their pixels, once they are known."""
        if self.masked:
            return np.zeros((len(Share), len(self.classes)), np.int64) if self.pixels is None else self.pixels
        return np.stack([
            np.bincount(self.labels[self.parts == share], minlength=len(self.classes)) for share in Share
        ])  # fmt: skip

    def order(self, share: int, label: int | None, shuffled: int) -> Rows:
        """The places that the gallery shows of a part, and of a class if one is chosen."""
        if self._mixed[0] != shuffled:
            self._mixed = shuffled, gallery_order(len(self), self.seed, shuffled)
        order = self._mixed[1]
        wanted = self.parts[order] == share
        if label is not None and not self.masked:
            wanted &= self.labels[order] == label
        found: Rows = order[wanted]
        return found

    def training_row(self, place: int | None) -> int | None:
        """The row that a picture has in the training part, as a run counts; None where it is not for training."""
        if place is None or self.parts[place] != Share.TRAINING:
            return None
        return int((self.parts[:place] == Share.TRAINING).sum())

    # --- one picture -------------------------------------------------------------------------------------

    def small(self, place: int) -> Pixels | None:
        """The picture (high, wide, 1 or 3) as far as it was made smaller; None while it is not there."""
        pixels = self._album.small(int(self.index[place]))
        return None if pixels is None else pixels[:, :, : self.channels] if self.masked else pixels

    def covered(self, place: int, colours: Colours) -> Pixels | None:
        """The picture in colour under its mask."""
        pixels = self._album.small(int(self.index[place]))
        if pixels is None or not self.masked:
            return self.small(place)
        return covered(pixels[:, :, : self.channels], pixels[:, :, -1], colours)

    def unreadable(self, place: int) -> bool:
        return int(self._album.notes["state"][self.index[place]]) in LEFT_OUT

    def path(self, place: int) -> str:
        """The picture's file; empty where it is none."""
        return os.path.join(self.base, self._album.name(int(self.index[place]))) if self.files else ""  # noqa: PTH118 - plain text

    def name(self, place: int) -> str:
        """What a picture is called, for people."""
        return printable(self._album.name(int(self.index[place]))) if self.files else f"Picture {place + 1}"

    def class_of(self, place: int) -> str:
        return "" if self.masked else self.classes[self.labels[place]]

    def part_of(self, place: int) -> str:
        part = int(self.parts[place])
        return PART_WORDS[part] if part >= 0 else "in no split"

    def about(self, place: int) -> str:
        """All that is known of a picture, a line each."""
        note = self._album.notes[self.index[place]]
        lines = [self.name(place), self.class_of(place), self.part_of(place)]
        if note["width"]:
            lines.append(f"{note['width']} × {note['height']} {note['mode'].decode('ascii', 'replace')}")
        if place in self.failed:
            lines.append(f"Not used: {self.failed[place]}.")
        return "\n".join(line for line in lines if line)

    def sizes(self) -> str:
        """Sizes and kinds of the pictures in a few words; empty until all were looked at."""
        if not self.summary.get("sizes"):
            return ""
        wide, high, _ = self.summary["sizes"][0]
        if self.summary["kinds_of_size"] == 1:
            size = f"{wide} × {high}"
        else:
            (least_wide, least_high), (most_wide, most_high) = self.summary["least"], self.summary["most"]
            size = f"{least_wide} to {most_wide} wide, {least_high} to {most_high} high, mostly {wide} × {high}"
        kinds = {
            "L": "grey",
            "RGB": "colour",
            "RGBA": "colour with transparency",
            "P": "palette",
            "1": "black and white",
        }
        modes = sorted(self.summary["modes"].items(), key=lambda each: -each[1])
        return f"{size}, {' and '.join(kinds.get(mode, mode) for mode, _ in modes[:3])}"

    def values(self) -> str:
        """Mean and spread per channel of the training pictures; empty until all were looked at."""
        if not self.summary.get("mean"):
            return ""
        mean, spread = (" ".join(f"{value:.1f}" for value in self.summary[name]) for name in ("mean", "spread"))
        # What a run measures are the pictures as it brings them to its size, where these are others.
        of = "" if self.summary["exact"] else " of small copies"
        return f"mean {mean}, spread {spread}{of}"
