"""When a run is kept and what its checkpoints know: weights and state, and the facts that tell whether a resume is exact."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from workbench.data.pictures import DataSet
from workbench.engine import backends, checkpoint, metrics, snapshot
from workbench.engine.backends import Loop, Sums
from workbench.engine.feeding import Chunk
from workbench.engine.readiness import versions
from workbench.engine.recorder import Recorder
from workbench.engine.standing import Standing
from workbench.engine.tricks.plateau import Plateau
from workbench.events import CheckpointSaved, Floats, Phase
from workbench.spec.recipe import Recipe
from workbench.stopping import Patience

#: The name of the running epoch's numbers among the arrays of the state.
NUMBERS = f"{snapshot.TRAINER}numbers"


@dataclass
class Parts:
    """What a training consists of while it runs; loop and optimizer are made anew when frozen layers thaw."""

    recipe: Recipe
    data: DataSet
    model: keras.Model
    optimizer: keras.optimizers.Optimizer
    loop: Loop
    early: Patience
    plateau: Plateau | None


class Keeping:
    """Writes the checkpoints of one attempt."""

    def __init__(self, recorder: Recorder, parts: Parts) -> None:
        self._recorder = recorder
        self._parts = parts
        self._saved = recorder.clock()
        self.folder = recorder.folder / "checkpoints"
        #: what was written last, or taken up
        self.last: checkpoint.Manifest | None = None

    @property
    def due(self) -> bool:
        """Whether the last checkpoint is older than the recipe allows."""
        return self._recorder.clock() - self._saved >= 60.0 * self._parts.recipe.training.save_minutes

    def save(self, standing: Standing, numbers: Floats, *, best: bool = False) -> checkpoint.Manifest:
        """Keep everything as it is now. `numbers` are those of the running epoch's steps so far."""
        # Nothing is heard in between: what was said to be the best is also what is kept.
        recorder, parts = self._recorder, self._parts
        recorder.commit(Phase.SAVING, epoch=standing.epoch, step=standing.step, images_per_second=standing.speed)
        weights, state = snapshot.take(parts.model, parts.optimizer, parts.loop)
        if standing.within_epoch:
            state[NUMBERS] = numbers
        place = checkpoint.place_name(standing.epoch, standing.step)
        former = standing.best.place if standing.best else ""
        saved = checkpoint.save(
            self.folder, standing.epoch, standing.step, weights, state, facts=self._facts(standing),
            best=place if best else former, ends_epoch=not standing.within_epoch,
            every=parts.recipe.training.keep_every,
        )  # fmt: skip
        if best:
            standing.best = saved
        self.last = saved
        self._saved = recorder.clock()
        recorder.say(CheckpointSaved(saved.epoch, saved.step, self._kept_as(standing, best=best), saved.size))
        return saved

    def _kept_as(self, standing: Standing, *, best: bool) -> str:
        """Why it stays: as the best so far, for good as each so many epochs' end, or until the last two are others."""
        every = self._parts.recipe.training.keep_every
        for_good = bool(every) and not standing.within_epoch and standing.epoch % every == 0
        return "best" if best else "every" if for_good else "last"

    def save_unless_done(self, standing: Standing, numbers: Floats) -> checkpoint.Manifest:
        """The checkpoint of this very place, made if there is none."""
        last = self.last
        if last is not None and (last.epoch, last.step) == (standing.epoch, standing.step):
            return last
        return self.save(standing, numbers)

    def _facts(self, standing: Standing) -> dict[str, Any]:
        parts = self._parts
        return {
            "standing": standing.tree(),
            "seconds": self._recorder.clock(),
            "early": parts.early.state(),
            "plateau": parts.plateau.state() if parts.plateau else None,
            "optimizer": optimizer_name(parts.recipe),
            "setup": setup(parts),
            "probe": probe(parts).tolist(),
        }


def optimizer_name(recipe: Recipe) -> str:
    """Which rule moves the weights: with another one, what the optimizer remembers means nothing."""
    return f"{recipe.optimizer.method}{' with averages' if recipe.tricks.ema.on else ''}"


def setup(parts: Parts) -> dict[str, str]:
    """What must be the same for a resume to be exact: data and split, versions, device, and what else decides the last digit."""
    training = parts.recipe.training
    return {
        "data": parts.data.fingerprint,
        "device": parts.loop.device(),
        "processor": platform.machine(),
        "threads": str(backends.thread_count(training)),
        **{f"version of {name}": version for name, version in versions(training).items()},
    }


def probe(parts: Parts) -> Sums:
    """What the network says of one fixed batch: the first pictures that are for validation, else for training."""
    part = parts.data.validation if len(parts.data.validation.labels) else parts.data.training
    chosen = np.arange(min(parts.recipe.training.batch_size, len(part.labels)), dtype=np.int32)
    resident = part is parts.data.validation and part.pictures.resident
    chunk = (
        Chunk(0, 1, chosen)
        if resident
        else Chunk(0, 1, chosen, pixels=part.pictures.take(chosen), labels=part.labels[chosen])
    )
    return parts.loop.evaluate(chunk, nothing(parts.data)).sums


def nothing(data: DataSet) -> Sums:
    """The sums over no samples yet."""
    return metrics.Sums.zero(len(data.classes)).vector()
