"""What a run's kept weights said of a part of its data, as one file beside the run: written by the engine, read by whoever shows it.

    runs/<id>/results/000004-000000180-validation-1a2b3c4d5e6f.npz

The name holds the checkpoint, the part and the beginning of the weights' fingerprint, so that other weights are never taken for
these. It can be deleted at any time. Knows neither networks nor what the answers come to.
"""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from workbench.errors import WorkspaceError
from workbench.paths import write_atomic

#: The parts of the data that kept weights are judged on. Training goes by the first; nothing ever goes by the second.
PartName: TypeAlias = Literal["validation", "test"]

FORMAT = 1
FOLDER = "results"


@dataclass(frozen=True)
class About:
    """What was judged, by what and when."""

    run: str
    epoch: int
    step: int
    part: PartName
    weights_sha256: str
    classes: tuple[str, ...]
    #: "classes" or "masks"
    task: str
    #: of the pictures and the split that were read, and of those that the run was trained on
    fingerprint: str
    trained_on: str
    #: the number in masks of pixels that count nowhere
    ignore: int | None = None
    #: how long the judging took, in seconds, and the wall-clock time of its end
    seconds: float = 0.0
    time: float = 0.0
    #: what the sums come to, by the names that the run's own validation has
    metrics: dict[str, float] = field(default_factory=dict)
    format: int = FORMAT

    @property
    def same_pictures(self) -> bool:
        """Whether the pictures and the split are those that the run was trained on."""
        return self.fingerprint == self.trained_on


@dataclass(frozen=True)
class Judged:
    """One row a picture of the part, in its order."""

    about: About
    #: class numbers (n,), or of masks (n, h, w) uint8
    truth: npt.NDArray[Any]
    predicted: npt.NDArray[Any]
    #: what is shown of each picture, uint8 (n, h, w, c): its middle where the network saw that, made smaller where it is large
    pictures: npt.NDArray[np.uint8]
    #: row of each picture in its data set (n,), and the name of its file within it, empty where it has none
    rows: npt.NDArray[np.int64]
    names: npt.NDArray[np.str_]
    #: float32 (n, classes); of masks (0, classes)
    probabilities: npt.NDArray[np.float32]
    #: of masks, pixels that were hit, are of the class, were said to be (n, 3, classes); else (0, 3, classes)
    counts: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.truth)


def counted(
    truth: npt.NDArray[np.uint8], said: npt.NDArray[np.uint8], classes: int, ignore: int | None
) -> npt.NDArray[np.int64]:
    """The pixels of each picture that were hit, are of each class, were said to be: (n, 3, classes). Ignored ones are in none."""
    found = np.zeros((len(truth), 3, classes), np.int64)
    for place, (true, told) in enumerate(zip(truth, said, strict=True)):
        there = np.ones(true.shape, bool) if ignore is None else true != ignore
        for row, values in enumerate((true[there & (true == told)], true[there], told[there])):
            found[place, row] = np.bincount(values, minlength=classes)[:classes]
    return found


_ARRAYS = ("truth", "predicted", "pictures", "rows", "names", "probabilities", "counts")


def path_of(folder: Path, epoch: int, step: int, part: PartName, weights_sha256: str) -> Path:
    """Where the answers of a checkpoint of the run with this folder lie."""
    return folder / FOLDER / f"{epoch:06d}-{step:09d}-{part}-{weights_sha256[:12]}.npz"


def write(path: Path, judged: Judged) -> None:
    """Write a file of answers whole or not at all. Raises WorkspaceError."""
    about = json.dumps(asdict(judged.about))
    arrays = {name: getattr(judged, name) for name in _ARRAYS}
    content = io.BytesIO()
    # Masks are a few numbers in long runs: packed, they take a thirtieth. Pictures would only take time.
    save = np.savez_compressed if judged.about.task == "masks" else np.savez
    save(content, about=np.array(about), **arrays)
    write_atomic(path, content.getvalue())


def read(path: Path) -> Judged:
    """The answers in a file. Raises WorkspaceError when it is not there, damaged or of another version."""
    try:
        with np.load(path, allow_pickle=False) as file:
            tree: dict[str, Any] = json.loads(str(file["about"]))
            arrays = {name: file[name] for name in _ARRAYS}
        if tree["format"] != FORMAT:
            raise WorkspaceError(f"{path} is of another version. Delete it and judge again.")
        about = About(**{**tree, "classes": tuple(tree["classes"])})
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise WorkspaceError(f"{path} cannot be read ({error}). Delete it and judge again.") from error
    return Judged(about, **arrays)
