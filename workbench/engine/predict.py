"""What a kept network says of pictures in files: a class each, or the class of every pixel at the picture's own size.

Pictures are prepared as the run's validation was: brought to its scale, standardised by the numbers stored with the run.
A network for masks sees the whole picture at that scale, also where training saw crops; its probabilities are brought
back to the picture's own pixels before the class of each is chosen. Knows nothing of where answers are shown.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import numpy.typing as npt
from PIL import Image

from workbench.data.decode import Looks, UnreadableError, decode, upright
from workbench.data.folder import ENDINGS
from workbench.data.sizing import FILTER, scaled_size
from workbench.engine import checkpoint
from workbench.engine.build import build_model
from workbench.errors import DataError, WorkspaceError
from workbench.events import DataReady
from workbench.journal import Journal, Run
from workbench.network.plan import plan
from workbench.paths import Workspace, write_atomic
from workbench.spec.recipe import Recipe

#: A map of one class's probabilities, and a mask.
Probabilities = npt.NDArray[np.float32]
Mask = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Written:
    """What `predict` has left: files, and a sentence for each picture that could not be read."""

    files: tuple[Path, ...]
    left_out: tuple[str, ...]


class Predictor:
    """The network of a run with the weights that it kept."""

    def __init__(self, workspace: Workspace, run: Run, ready: DataReady) -> None:
        self.recipe: Recipe = run.recipe
        self.classes = ready.classes
        #: Whether every pixel gets a class.
        self.masks = self.recipe.data.TASK == "masks"
        self._mean, self._spread = (np.asarray(each, np.float32) for each in (ready.mean, ready.spread))
        colour, fit = ready.shape[2] > 1, str(getattr(self.recipe.data, "fit", "crop"))
        self._looks = Looks(self.recipe.data.image_size, not colour, fit)
        crop = self.recipe.data.crop
        self._seen = (crop, crop, ready.shape[2]) if crop else ready.shape
        folder = workspace.run_folder(run.id) / "checkpoints"
        keep = "best" if self.recipe.keeps_best and checkpoint.manifest(folder, "best") else "last"
        self._model = build_model(plan(self.recipe, self._seen, len(self.classes)), self.recipe, any_size=self.masks)
        checkpoint.assign(self._model, checkpoint.load(folder, keep))

    def probabilities(self, path: str) -> Probabilities:
        """The probability of each class for the picture in a file, (classes,). Raises UnreadableError."""
        pixels = decode(path, self._looks)
        top, left = ((stored - seen) // 2 for stored, seen in zip(pixels.shape, self._seen[:2], strict=False))
        return self._said(pixels[top : top + self._seen[0], left : left + self._seen[1]])

    def mask(self, path: str) -> Mask:
        """The class of every pixel of the picture in a file, (its height, its width). Raises UnreadableError."""
        image = upright(path, grey=self._looks.grey)
        small = image.resize(scaled_size(image.size, self._looks.size, self._looks.fit), FILTER, reducing_gap=3.0)
        pixels = np.asarray(small).reshape(small.height, small.width, -1)
        said = np.moveaxis(self._said(pixels), -1, 0)
        best, found = (
            np.full((image.height, image.width), -1, np.float32),
            np.zeros((image.height, image.width), np.uint8),
        )
        for number, shares in enumerate(said):  # one class at a time: large pictures have many pixels
            whole = np.asarray(Image.fromarray(shares).resize(image.size, Image.Resampling.BILINEAR))
            found[whole > best] = number
            np.maximum(best, whole, out=best)
        return found

    def _said(self, pixels: npt.NDArray[np.uint8]) -> Probabilities:
        prepared = (pixels.astype(np.float32) - self._mean) / self._spread
        # Not compiled: on the CPU TensorFlow 2.21 then fuses operations that it has no kernel for (see backends/tensorflow.py).
        logits = np.asarray(keras.ops.convert_to_numpy(self._model(prepared[None], training=False))[0], np.float32)
        shares = np.exp(logits - logits.max(axis=-1, keepdims=True))
        return np.asarray(shares / shares.sum(axis=-1, keepdims=True), np.float32)


def predictor(workspace: Workspace, key: str) -> Predictor:
    """The network of a run by its id, number or name. Raises WorkspaceError when it has kept nothing."""
    with Journal(workspace) as journal:
        run = journal.run(key)
        ready = [said.event for said in journal.events(run.id) if isinstance(said.event, DataReady)]
    if not ready or not ready[-1].mean:
        raise WorkspaceError(f"{run.name} has kept no weights yet; choose a run that has.")
    return Predictor(workspace, run, ready[-1])


def predict(workspace: Workspace, key: str, given: Sequence[Path], folder: Path) -> Written:
    """Write what a run's network says of pictures, and of those in folders, to a folder.

    Masks: a PNG a picture, of its size, each pixel the number of its class, and classes.csv with the names. Else
    predictions.csv. Raises WorkspaceError, DataError.
    """
    pictures = list(found(given))
    if not pictures:
        raise DataError(
            f"There is no picture in {', '.join(map(str, given))}. Give files or folders with PNG or JPEG pictures."
        )
    network = predictor(workspace, key)
    files: list[Path] = []
    left_out: list[str] = []
    rows: list[list[str]] = []
    told: set[str] = set()
    for name, path in pictures:
        if name in told:  # its answer would take the other's place
            left_out.append(f"{path}: another picture is named {name} too; ask for them one after the other.")
            continue
        told.add(name)
        try:
            if network.masks:
                files.append(_keep(folder / f"{name}.png", network.mask(str(path))))
            else:
                shares = network.probabilities(str(path))
                rows.append([name, network.classes[int(shares.argmax())], *(f"{share:.6f}" for share in shares)])
        except UnreadableError as error:
            left_out.append(f"{path}: {error}.")
    if network.masks:
        files.append(
            _table(folder / "classes.csv", [["number", "name"], *([str(n), c] for n, c in enumerate(network.classes))])
        )
    else:
        files.append(_table(folder / "predictions.csv", [["picture", "class", *network.classes], *rows]))
    return Written(tuple(files), tuple(left_out))


def found(given: Iterable[Path]) -> Iterator[tuple[str, Path]]:
    """(name, file) of each picture: of those in a folder the name within it."""
    for path in given:
        if path.is_dir():
            inside = (each for each in path.rglob("*") if each.suffix.lower() in ENDINGS and each.is_file())
            yield from sorted((each.relative_to(path).as_posix(), each) for each in inside)
        elif path.is_file():
            yield path.name, path
        else:
            raise DataError(f"{path} is not there. Give files or folders with pictures.")


def _keep(path: Path, mask: Mask) -> Path:
    image = Image.fromarray(mask)
    image.putpalette(_colours())
    content = io.BytesIO()
    image.save(content, "PNG", optimize=True)
    write_atomic(path, content.getvalue())
    return path


def _colours() -> list[int]:
    """Black for the first class, and for each next one a colour far from those before it."""
    colours: list[int] = []
    for number in range(256):
        channels = [0, 0, 0]
        for bit in range(8):  # the bits of the number, spread over the three channels, highest first
            channels[bit % 3] |= (number >> bit & 1) << (7 - bit // 3)
        colours += channels
    return colours


def _table(path: Path, rows: list[list[str]]) -> Path:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    write_atomic(path, text.getvalue().encode())
    return path
