"""What an engine has said so far of pictures that a person gave, as the window shows and saves it.

Filled by the parts of an answer (engine/probes/tried.py) as they come. Small pictures and shares are kept here; what is looked at
by itself is read from the folder that the engine writes to. Asks nothing and draws nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage

from workbench.gui import words
from workbench.gui.results import pixmaps

if TYPE_CHECKING:
    import numpy.typing as npt

    Array = npt.NDArray[Any]

#: A picture in the list has at most this side.
SIDE = 64


@dataclass
class Tried:
    """One picture with what was said of it."""

    place: int
    name: str
    #: width and height of the file's picture, and whether it is grey
    size: tuple[int, int]
    grey: bool
    #: made small
    picture: QImage
    #: (classes,): the probability of each class, for masks the share of the pixels
    shares: Array
    #: the file with its arrays, and which row of them is its own
    file: str
    row: int
    #: the file with its map of what was looked at; empty as long as there is none
    cams: str = ""


@dataclass
class Trial:
    """All pictures of one question."""

    folder: Path
    classes: tuple[str, ...] = ()
    masks: bool = False
    #: height, width and channels of what the network sees
    shape: tuple[int, int, int] = (0, 0, 0)
    #: how many pictures there are to be
    count: int = 0
    pictures: list[Tried] = field(default_factory=list)
    #: name of a picture, and why nothing can be said of it
    left_out: list[tuple[str, str]] = field(default_factory=list)
    #: why there are no maps; empty where there are
    no_cams: str = ""

    def take(self, part: dict[str, Any]) -> None:
        """Take in a part of the answer. Raises OSError, ValueError or KeyError where its file cannot be read."""
        match part:
            case {"about": about}:
                self.classes, self.masks = tuple(map(str, about["classes"])), bool(about["masks"])
                self.shape, self.count = tuple(about["shape"]), int(about["pictures"])
            case {"file": file, "pictures": pictures}:
                self._take_pictures(str(file), pictures)
            case {"left_out": left_out}:
                self.left_out += [(str(each["name"]), str(each["why"])) for each in left_out]
            case {"cams": str(file)}:
                newest = self.pictures[-1].file
                for each in self.pictures:
                    if each.file == newest:
                        each.cams = file
            case {"no_cams": why}:
                self.no_cams = str(why)
            case _:
                pass  # an engine of another version may tell more

    def _take_pictures(self, file: str, pictures: list[dict[str, Any]]) -> None:
        arrays = self._read(file, "seen", "areas" if self.masks else "shares")
        for row, each in enumerate(pictures):
            width, height = each["size"]
            seen, shares = (some[row] for some in arrays)
            self.pictures.append(
                Tried(len(self.pictures), str(each["name"]), (width, height), bool(each["grey"]), small(seen), shares, file, row)
            )  # fmt: skip

    def _read(self, file: str, *names: str) -> list[Array]:
        import numpy as np  # noqa: PLC0415 - not before the first paint

        with np.load(self.folder / file, allow_pickle=False) as found:
            return [found[name] for name in names]

    def _row(self, file: str, name: str, row: int) -> Array:
        (found,) = self._read(file, name)
        one: Array = found[row]
        return one

    # --- one picture -----------------------------------------------------------------------------------

    def seen(self, each: Tried) -> Array:
        """The picture as the network saw it; for masks the whole of it. Raises as `take` does."""
        return self._row(each.file, "seen", each.row)

    def mask(self, each: Tried) -> Array:
        """The class of every pixel, made as small as the picture that is shown."""
        return self._row(each.file, "mask", each.row)

    def cam(self, each: Tried) -> Array | None:
        """What the network looked at, from 0 to 1; None where that is not known."""
        return self._row(each.cams, "cams", each.row) if each.cams else None

    def mask_file(self, each: Tried) -> Path:
        """The mask at the size of its picture."""
        return self.folder / "masks" / f"{each.name}.png"

    def best(self, each: Tried) -> int:
        """The class that is said; of masks the one of most pixels, as long as that is not the first, which lies behind."""
        if self.masks and each.shares[1:].any():
            return 1 + int(each.shares[1:].argmax())
        return int(each.shares.argmax())

    def sentence(self, each: Tried) -> str:
        """What is said, with its share: "cat 97 %"."""
        best = self.best(each)
        return f"{self.classes[best]} {words.percent(float(each.shares[best]), 0)}"

    def in_order(self, key: str) -> list[Tried]:
        """As they were given ("given"), or the least certain first ("unsure")."""
        if key == "unsure":
            return sorted(self.pictures, key=lambda each: float(each.shares.max()))
        return self.pictures


def small(pixels: Array) -> QImage:
    """A picture for the list."""
    image = pixmaps.image(pixels)
    if max(image.width(), image.height()) <= SIDE:
        return image
    return image.scaled(SIDE, SIDE, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)
