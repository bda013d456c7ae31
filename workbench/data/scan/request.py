"""From the data station of a recipe to what a scan says: listed, then progress, then parts, found, ended; or problem, or absent.

The split is the one a run of this recipe makes, for it is made by the same code: `loading.READERS` list the same pictures
in the same order, `loading.chosen` takes the same of them, and `loading.divided` divides them by the same seed, once it
is known which can be read (the same reader decides, see measuring). Until then the parts are those that there
would be if all could be read; the message "parts" then gives the true ones.

Messages ("listed", "parts", "found" bear arrays with one entry a picture that the recipe uses, its *place*):
    listed    classes, task, ignore, files (whether pictures have names), base, title, channels; the album's folder,
              where it will be kept, and its mark (see asking.open_album);
              labels, parts (a Share, or −1: in none), index (the place's row in the album)
    reading   words, done, total         while the data set itself is read or fetched
    progress  done, total                small pictures that can be seen
    parts     parts, as above
    found     findings (kind, tone, sentence, tip, count), summary, failed (place → sentence), about pixels of
              masks also `pixels` (part × class); places, the findings' one after the other
    ended     stopped: whether it was broken off
    absent    name                       the data set is not on this computer, and fetching it was not asked for
    problem   sentence
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from workbench.data.loading import READERS, chosen, divided, given_path
from workbench.data.pictures import Rows
from workbench.data.scan.findings import Looked, find_all, summary
from workbench.data.scan.message import Message
from workbench.data.scan.reading import SIDE, Notebook, StoppedError
from workbench.data.source import Failed, Failure, Listing, Shares
from workbench.errors import DataError, WorkbenchError
from workbench.events import Phase
from workbench.paths import Workspace
from workbench.spec.data import Data, Folder, MaskFolder

Say = Callable[[Message], None]
#: At most so many seconds between two words about progress, and no less.
PACE = 0.1
#: But the first words about progress are said at once: somebody waits for the first pictures.
HASTY = 4


class _AbsentError(DataError):
    """The data set would have to be fetched."""


@dataclass(frozen=True)
class Request:
    """What is to be looked through, for whom."""

    settings: Data
    seed: int
    workspace: Workspace
    #: whether a data set that is not there may be fetched
    fetch: bool = False


class _Pace:
    """Says progress, but not too often; stops the scan when it is not wanted any more."""

    def __init__(self, say: Say, stopping: threading.Event, *, fetch: bool) -> None:
        self._say, self._stopping, self._fetch = say, stopping, fetch
        self._last = 0.0
        self._hasty = HASTY

    def reading(self, phase: Phase, done: int, total: int | None, words: str) -> None:
        if phase is Phase.DOWNLOADING and not self._fetch:
            raise _AbsentError(words)
        self._tell(Message("reading", {"words": words, "done": done, "total": total, "phase": str(phase)}))

    def noted(self, done: int, total: int) -> None:
        self._hasty -= 1
        self._tell(Message("progress", {"done": done, "total": total}), force=done == total or self._hasty >= 0)

    def _tell(self, message: Message, *, force: bool = False) -> None:
        if self._stopping.is_set():
            raise StoppedError
        if force or time.monotonic() - self._last >= PACE:
            self._last = time.monotonic()
            self._say(message)


def scan(request: Request, notebook: Notebook, say: Say, stopping: threading.Event) -> None:
    """Look a data set through; everything is said."""
    pace = _Pace(say, stopping, fetch=request.fetch)
    stopped = False
    try:
        _scan(request, notebook, say, pace)
    except _AbsentError as error:
        say(Message("absent", {"name": str(error)}))
    except StoppedError:
        stopped = True
    except WorkbenchError as error:
        say(Message("problem", {"sentence": str(error)}))
    say(Message("ended", {"stopped": stopped}))


def _scan(request: Request, notebook: Notebook, say: Say, pace: _Pace) -> None:
    settings, seed, albums = request.settings, request.seed, request.workspace.cache / "scans"
    if isinstance(settings, Folder):
        notebook.make_ready(str(given_path(settings.path)), albums)
    if isinstance(settings, MaskFolder):
        # What is noted of pictures with masks comes from their own reader, at no more than the size of a small picture.
        settings = settings.model_copy(update={"image_size": min(settings.image_size, SIDE)})
    source = READERS[type(settings)](settings, seed, request.workspace, pace.reading)
    listing = source.listing
    wanted = chosen(settings, listing, seed)
    everything = np.arange(len(wanted), dtype=np.int64)
    parts, problem = _parts(request, listing, wanted, everything, ())
    with notebook.open(source, wanted, albums, parts, seed) as noted:
        say(Message("listed", {
            "classes": list(listing.classes), "task": listing.task, "ignore": listing.ignore, "files": noted.named,
            "base": noted.base, **noted.places, "title": settings.TITLE, "channels": listing.channels,
        }, {"labels": listing.labels[wanted], "parts": parts, "index": noted.index}))  # fmt: skip
        noted.read(pace.noted)
        failed = noted.failed
        good = np.setdiff1d(everything, np.array(sorted(failed), np.int64))
        sentences = tuple(Failure(place, f"{noted.shown(place)}: {why}.") for place, why in sorted(failed.items()))
        if failed:
            parts, problem = _parts(request, listing, wanted, good, sentences)
        say(Message("parts", {"problem": problem}, {"parts": parts}))
        looked = Looked(
            noted.notes, listing.labels[wanted], parts, listing.classes, listing.task == "classes", noted.named,
            noted.near(), listing.left_out,
        )  # fmt: skip
        noted.keep()
        pixels = noted.pixels_of_masks(parts, len(listing.classes))
        exact = noted.exact(request.settings.image_size)
        say(_found(looked, summary(looked, listing.channels, exact=exact), failed, pixels))


def _parts(request: Request, listing: Listing, wanted: Rows, good: Rows, failed: Failed) -> tuple[Shares, str]:
    """The part of each wanted picture, and why there is no split if there is none; then parts are as the files say."""
    parts = np.full(len(wanted), -1, np.int8)
    try:
        _, split = divided(request.settings, listing, wanted, good, failed, request.seed)
    except DataError as error:
        parts[good] = listing.given[wanted[good]]
        return parts, str(error)
    for share, rows in enumerate((split.training, split.validation, split.test)):
        parts[good[rows]] = share
    return parts, ""


def _found(looked: Looked, told: dict[str, Any], failed: dict[int, str], pixels: Rows | None) -> Message:
    findings = find_all(looked)
    words = [
        {"kind": each.kind, "tone": each.tone, "sentence": each.sentence, "tip": each.tip, "count": len(each.places)}
        for each in findings
    ]
    arrays = {"places": np.concatenate([np.zeros(0, np.int64), *(each.places for each in findings)])}
    if pixels is not None:
        arrays["pixels"] = pixels.ravel()
    why_not = {str(place): why for place, why in failed.items()}
    return Message("found", {"findings": words, "summary": told, "failed": why_not}, arrays)
