"""The probe of the landscape around kept weights: the loss on a square of two directions, as the descent lab goes down it.

It opens a checkpoint of a run and changes nothing of it. It is TensorFlow's, which the probes of another backend must not load: all
of it is imported when it is asked.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.descent import slices
from workbench.descent.slices import About, Measured, Wanted
from workbench.descent.surfaces import Floats, Slice
from workbench.engine.probes.asked import Asked
from workbench.errors import EngineError
from workbench.spec.lab import SLICE_POINTS
from workbench.spec.recipe import changed

if TYPE_CHECKING:
    from workbench.engine.checkpoint import Manifest
    from workbench.engine.results.opened import Opened
    from workbench.engine.results.plane import Arrays

#: No loss of a slice is higher: a spline would ring beside such a wall.
HIGHEST = 1e6


def sliced(asked: Asked) -> dict[str, Any]:
    """The loss around a checkpoint's weights: {"file", "loss", "seconds", "other_at", "pictures", "clipped", "highest", "cosine"}.

    Asked with run, `to`, the file to write (descent/slices.py), and what Wanted says: place, directions ("random", or "between" with
    `other`, a place), seed, reach and pictures. The loss is the mean over training pictures in inference mode, the same ones
    as re-measuring takes. Statistics of batch norm stay the checkpoint's; on the way to another one they go along to its own.
    Two random directions are not made orthogonal, many weights nearly make them so: `cosine` tells. The second of "between" is.
    """
    if os.environ.get("KERAS_BACKEND") != "tensorflow":
        raise EngineError("A run's loss is measured on TensorFlow; ask a process that has it.")
    from workbench.engine.judging import remeasured  # noqa: PLC0415 - see above
    from workbench.engine.results.opened import open_kept  # noqa: PLC0415 - see above
    from workbench.engine.results.plane import Plane, cosine  # noqa: PLC0415 - see above

    began = time.perf_counter()
    wanted = Wanted.of(asked.options)
    opened = open_kept(asked.workspace, str(asked.options["run"]), wanted.place, asked.reading)
    other = _other(asked, opened, wanted)
    first, second = _directions(asked, opened, wanted, other)
    rows = remeasured(changed(opened.recipe, "training.remeasure", wanted.pictures), opened.data)
    plane = Plane(opened, rows, first, second)
    count = SLICE_POINTS**2
    found = plane.losses(wanted.reach, SLICE_POINTS, lambda done: asked.progress(done, count, "Measuring the loss"))
    middle = float(found[SLICE_POINTS // 2, SLICE_POINTS // 2])
    if not np.isfinite(middle):
        raise EngineError(f"The loss at the weights of {wanted.place} is {middle}, so there is nothing to see around.")
    losses, clipped, highest = _clipped(found)
    about = About(
        opened.run.id, opened.kept.epoch, opened.kept.step, opened.kept.weights_sha256, wanted.directions, wanted.seed,
        len(rows), middle, clipped, highest, wanted.other, wanted.other_at, time.perf_counter() - began, time.time(),
        not opened.kept.ends_epoch, other is not None and not other.ends_epoch,
    )  # fmt: skip
    to = Path(asked.options["to"])
    slices.write(to, Measured(Slice(losses, wanted.reach), about))
    return {
        "file": str(to), "loss": middle, "seconds": about.seconds, "other_at": about.other_at, "pictures": about.pictures,
        "clipped": clipped, "highest": highest, "cosine": cosine(first, second),
    }  # fmt: skip


def _other(asked: Asked, opened: Opened, wanted: Wanted) -> Manifest | None:
    """The checkpoint that the first direction leads to; None for two random directions."""
    from workbench.engine import checkpoint  # noqa: PLC0415 - see above

    return checkpoint.at_place(_folder(asked, opened), wanted.other, opened.run.name) if wanted.other else None


def _folder(asked: Asked, opened: Opened) -> Path:
    return asked.workspace.run_folder(opened.run.id) / "checkpoints"


def _directions(asked: Asked, opened: Opened, wanted: Wanted, to: Manifest | None) -> tuple[Arrays, Arrays]:
    from workbench.engine import checkpoint  # noqa: PLC0415 - see above
    from workbench.engine.results.plane import random_direction, straightened, way  # noqa: PLC0415 - see above

    own = checkpoint.weights_of(opened.model)
    second = random_direction(opened.model, own, wanted.seed, 2)
    if to is None or wanted.other_at is None:
        return random_direction(opened.model, own, wanted.seed, 1), second
    other = checkpoint.weights_at(_folder(asked, opened), to)
    checkpoint.assign(opened.model, other)  # which refuses those of another network
    checkpoint.assign(opened.model, own)
    first = way(own, other, wanted.other_at[0])
    if not first:
        raise EngineError(
            f"The checkpoints {wanted.place} and {wanted.other} have the same weights, so nothing leads from one to the other. "
            "Choose another, or random directions."
        )
    return first, straightened(second, first)


def _clipped(losses: Floats) -> tuple[Floats, int, float]:
    """Losses that are all finite, in how many points they were not so or too high, and what stands there: the highest of the others."""
    good = np.isfinite(losses) & (losses <= HIGHEST)
    highest = float(losses[good].max()) if good.any() else HIGHEST
    return np.where(good, losses, highest), int(np.sum(~good)), highest
