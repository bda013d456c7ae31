"""What a kept network says of pictures in files: a class each, or the class of every pixel at the picture's own size.

Pictures are prepared as the run's validation was: brought to its scale, standardised by the numbers stored with the run.
A network for masks sees the whole picture at that scale, also where training saw crops; its probabilities are brought
back to the picture's own pixels before the class of each is chosen. The run's data set is not read: it may be gone. Knows
nothing of where answers are shown.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path, PurePath
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from PIL import Image

from workbench.data.decode import Looks, UnreadableError, decode, upright
from workbench.data.folder import ENDINGS
from workbench.data.pictures import Masks, Pixels
from workbench.data.predictions import CLASSES, NO_NUMBERS, SHARES, classes_table, mask_png, shares_table
from workbench.data.sizing import FILTER, scaled_size
from workbench.engine import checkpoint
from workbench.engine.build import build_model
from workbench.errors import DataError, WorkspaceError
from workbench.events import DataReady
from workbench.journal import Journal, Run
from workbench.journal.of_kind import newest
from workbench.network.plan import plan
from workbench.paths import Workspace, explain_place, is_there, write_pieces
from workbench.spec.recipe import Recipe

#: A map of one class's probabilities, or those of all classes.
Probabilities = npt.NDArray[np.float32]
#: So many pictures are asked of at once.
BATCH = 32
#: A whole picture at the scale of the network has at most so many times its pixels; a narrower one would need much memory.
MOST_LONG = 16
#: The longer side of a whole picture that is handed on to be looked at.
SHOWN = 640


@dataclass(frozen=True)
class Written:
    """What `predict` has left: files, and a sentence for each picture of which nothing can be said."""

    files: tuple[Path, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True)
class Predicted:
    """What is said of one picture."""

    name: str
    path: Path
    #: uint8 (h, w, c): what of it the network saw, before scaling
    seen: Pixels
    #: the probability of each class (classes,); none for masks
    shares: Probabilities
    #: the class of every pixel of the picture, (its height, its width), and the whole picture, made smaller; None for classes
    mask: Masks | None = None
    whole: Pixels | None = None


@dataclass(frozen=True)
class LeftOut:
    """A picture of which nothing can be said, and why, as the end of a sentence."""

    name: str
    path: Path
    why: str


class Predictor:
    """The network of a run with weights that it kept."""

    def __init__(self, workspace: Workspace, run: Run, ready: DataReady, place: str = "") -> None:
        """`place` names the checkpoint ("000004-000000180"); by default the one that the run keeps."""
        self.recipe: Recipe = run.recipe
        self.classes = ready.classes
        #: Whether every pixel gets a class.
        self.masks = self.recipe.data.TASK == "masks"
        self._mean, self._spread = (np.asarray(each, np.float32) for each in (ready.mean, ready.spread))
        colour, fit = ready.shape[2] > 1, str(getattr(self.recipe.data, "fit", "crop"))
        self.looks = Looks(self.recipe.data.image_size, not colour, fit)
        crop = self.recipe.data.crop
        #: height, width and channels of what the network sees of a picture; of a whole one for masks, any height and width
        self.shape = (crop, crop, ready.shape[2]) if crop else ready.shape
        weights = self._weights(workspace, run, place)
        self.model = build_model(plan(self.recipe, self.shape, len(self.classes)), self.recipe, any_size=self.masks)
        checkpoint.assign(self.model, weights)

    def _weights(self, workspace: Workspace, run: Run, place: str) -> dict[str, npt.NDArray[Any]]:
        folder = workspace.run_folder(run.id) / "checkpoints"
        if place:
            return checkpoint.weights_at(folder, checkpoint.at_place(folder, place, run.name))
        keep = "best" if self.recipe.keeps_best and checkpoint.manifest(folder, "best") else "last"
        return checkpoint.load(folder, keep)

    def each(self, pictures: Iterable[tuple[str, Path]], batch: int = BATCH) -> Iterator[list[Predicted | LeftOut]]:
        """What is said of pictures (name, file), in their order and as many at a time as are asked of together."""
        rest = iter(pictures)
        while some := tuple(islice(rest, 1 if self.masks else batch)):
            yield [self._whole(*some[0])] if self.masks else self._together(some)

    def _together(self, some: Sequence[tuple[str, Path]]) -> list[Predicted | LeftOut]:
        read = [self._read(*each) for each in some]
        seen = [each.seen for each in read if isinstance(each, Predicted)]
        shares = iter(self.probabilities(np.stack(seen)) if seen else ())
        return [_told(each, next(shares)) if isinstance(each, Predicted) else each for each in read]

    def _read(self, name: str, path: Path) -> Predicted | LeftOut:
        try:
            pixels = decode(str(path), self.looks)
        except UnreadableError as error:
            return LeftOut(name, path, str(error))
        top, left = ((stored - seen) // 2 for stored, seen in zip(pixels.shape, self.shape[:2], strict=False))
        seen = pixels[top : top + self.shape[0], left : left + self.shape[1]]
        return Predicted(name, path, seen, np.zeros(0, np.float32))

    def _whole(self, name: str, path: Path) -> Predicted | LeftOut:
        try:
            image = upright(str(path), grey=self.looks.grey)
            seen, mask = self._mask(image)
        except UnreadableError as error:
            return LeftOut(name, path, str(error))
        if max(image.size) > SHOWN:
            image.thumbnail((SHOWN, SHOWN))
        return Predicted(name, path, seen, np.zeros(0, np.float32), mask, _pixels(image))

    def _mask(self, image: Image.Image) -> tuple[Pixels, Masks]:
        width, height = scaled_size(image.size, self.looks.size, self.looks.fit)
        if width * height > MOST_LONG * self.looks.size**2:
            raise UnreadableError(
                f"its {image.width:,} × {image.height:,} pixels are too narrow; a picture may be {MOST_LONG} times as long as wide"
            )
        pixels = _pixels(image.resize((width, height), FILTER, reducing_gap=3.0))
        said = np.moveaxis(self.probabilities(pixels[None])[0], -1, 0)
        if not np.isfinite(said).all():
            raise UnreadableError(NO_NUMBERS)
        best, found = (
            np.full((image.height, image.width), -1, np.float32),
            np.zeros((image.height, image.width), np.uint8),
        )
        for number, shares in enumerate(said):  # one class at a time: large pictures have many pixels
            whole = np.asarray(Image.fromarray(shares).resize(image.size, Image.Resampling.BILINEAR))
            found[whole > best] = number
            np.maximum(best, whole, out=best)
        return pixels, found

    def prepared(self, pixels: Pixels) -> npt.NDArray[np.float32]:
        """Pictures (n, h, w, c) on the scale on which the network learned."""
        scaled: npt.NDArray[np.float32] = (pixels.astype(np.float32) - self._mean) / self._spread
        return scaled

    def probabilities(self, pixels: Pixels) -> Probabilities:
        """The probabilities of each class for pictures (n, h, w, c) as the network sees them: (n, classes) or (n, h, w, classes)."""
        # Not compiled: on the CPU TensorFlow 2.21 then fuses operations that it has no kernel for (see backends/tensorflow.py).
        said = keras.ops.convert_to_numpy(self.model(self.prepared(pixels), training=False))
        logits = np.asarray(said, np.float32)
        with np.errstate(invalid="ignore"):  # of an infinite output they are no numbers, which whoever reads them tells
            shares = np.exp(logits - logits.max(axis=-1, keepdims=True))
        return np.asarray(shares / shares.sum(axis=-1, keepdims=True), np.float32)


def predictor(workspace: Workspace, key: str, place: str = "") -> Predictor:
    """The network of a run by its id, number or name. Raises WorkspaceError when it has kept nothing, or not that checkpoint."""
    with Journal(workspace) as journal:
        run = journal.run(key)
        ready = newest(journal, run.id, DataReady)
    if ready is None or not ready.mean:
        raise WorkspaceError(f"{run.name} has kept no weights yet; choose a run that has.")
    return Predictor(workspace, run, ready, place)


def predict(workspace: Workspace, key: str, given: Sequence[Path], folder: Path) -> Written:
    """Write what a run's network says of pictures, and of those in folders, to a folder, as data/predictions.py has it.

    Raises WorkspaceError, DataError.
    """
    pictures = named(given)
    if not pictures:
        raise DataError(
            f"There is no picture in {', '.join(map(str, given))}. Give files or folders with PNG or JPEG pictures."
        )
    network = predictor(workspace, key)
    files: list[Path] = []
    left_out: list[LeftOut] = []
    told: list[Predicted] = []
    for some in network.each(pictures):
        for each in some:
            if isinstance(each, LeftOut):
                left_out.append(each)
            elif each.mask is not None:
                files.append(_keep(folder / f"{each.name}.png", mask_png(each.mask)))
            else:
                told.append(Predicted(each.name, each.path, np.zeros((0, 0, 0), np.uint8), each.shares))
    if network.masks:
        files.append(_keep(folder / CLASSES, classes_table(network.classes)))
    else:
        names, shares = [each.name for each in told], [each.shares for each in told]
        files.append(_keep(folder / SHARES, shares_table(network.classes, names, shares)))
    return Written(tuple(files), tuple(f"{each.path}: {each.why}." for each in left_out))


def named(given: Iterable[Path]) -> list[tuple[str, Path]]:
    """(name, file) of each picture, once; those that would bear one name have their folders before it. Raises DataError."""
    pictures: dict[Path, tuple[str, Path]] = {}
    for name, path in found(given):
        pictures.setdefault(Path(os.path.abspath(path)), (name, path))  # noqa: PTH100 - links keep their own names
    bearers: dict[str, list[Path]] = {}
    for place, (name, _) in pictures.items():
        bearers.setdefault(name, []).append(place)
    taken = {name for name, places in bearers.items() if len(places) == 1}
    for name, places in bearers.items():
        if len(places) > 1:
            for place, longer in zip(places, _told_apart(name, places, taken), strict=True):
                pictures[place] = longer, pictures[place][1]
    return list(pictures.values())


def _told_apart(name: str, places: Sequence[PurePath], taken: set[str]) -> list[str]:
    """The same name with as many folders before it as make each another one, and none that is taken; these are taken then."""
    parts = name.count("/") + 1
    while True:
        parts += 1
        longer = ["/".join(_folders(place)[-parts:]) for place in places]
        # Whole paths are different; a folder may be given whose names look like one of them.
        if len(set(longer)) == len(places) and (taken.isdisjoint(longer) or parts > max(len(p.parts) for p in places)):
            taken.update(longer)
            return longer


def _folders(path: PurePath) -> list[str]:
    """The parts of a whole path, none of which leads out of a folder that it is put into."""
    drive = [path.drive.replace(":", "").strip("\\/")] if path.drive else []
    return [*drive, *path.parts[1:]]


def found(given: Iterable[Path]) -> Iterator[tuple[str, Path]]:
    """(name, file) of each picture: of those in a folder the name within it."""
    for path in given:
        there = is_there(path)
        if there and path.is_dir():
            inside = (each for each in path.rglob("*") if each.suffix.lower() in ENDINGS and each.is_file())
            yield from sorted((each.relative_to(path).as_posix(), each) for each in inside)
        elif there and path.is_file():
            yield path.name, path
        else:
            raise DataError(f"{path} is not there. Give files or folders with pictures.")


def _told(read: Predicted, shares: Probabilities) -> Predicted | LeftOut:
    """A picture that was read, with what was said of it (classes,)."""
    if not np.isfinite(shares).all():
        return LeftOut(read.name, read.path, NO_NUMBERS)
    return replace(read, shares=shares)


def _pixels(image: Image.Image) -> Pixels:
    return np.asarray(image).reshape(image.height, image.width, -1)


def _keep(path: Path, content: bytes) -> Path:
    try:
        write_pieces(path, [content])
    except OSError as error:
        raise WorkspaceError(explain_place(error, path, "Choose another folder with --to.")) from error
    return path
