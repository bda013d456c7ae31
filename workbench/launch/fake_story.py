"""The numbers that the fake engine tells: believable curves, invented from the recipe and a seed.

Nothing is trained here. It knows neither the journal nor processes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from workbench import events
from workbench.errors import ErrorCard
from workbench.events import COLUMNS, StepBlock
from workbench.rates import rates
from workbench.spec.recipe import Recipe

PICTURES = 1797
CLASSES = tuple("0123456789")


class Story(StrEnum):
    """How a fake run goes."""

    COMPLETED = "completed"
    EARLY_STOPPED = "early_stopped"  # overfits; it stops early if the recipe has early stopping on
    FAILED = "failed"
    DIED = "died"
    HUNG = "hung"
    NAN = "nan"
    SLOW = "slow"


OUT_OF_MEMORY = ErrorCard(
    title="The device ran out of memory",
    what_happened="The model and one batch of pictures did not fit into the memory of the device.",
    evidence=("Asked for 2.4 GB, 0.9 GB were free.",),
    what_to_try=("Halve training.batch_size.", "Take a smaller network, or a smaller data.image_size."),
    what_is_safe="The journal and the best weights so far are kept.",
    details="ResourceExhaustedError: OOM when allocating tensor with shape[512,64,32,32]",
)

NOT_A_NUMBER = ErrorCard(
    title="The loss became NaN",
    what_happened="A step's loss was not a number any more, so training could not go on.",
    evidence=("The gradient grew without limit in the steps before.",),
    what_to_try=("Divide optimizer.learning_rate by 10.", "Turn gradient clipping on."),
    what_is_safe="The last good weights are kept.",
)


@dataclass(frozen=True)
class Told:
    """What is said of an epoch's end."""

    loss: float
    accuracy: float
    val_loss: float
    val_accuracy: float
    #: of training pictures, judged as those for validation are; nothing when the recipe has that off
    remeasured: dict[str, float]
    #: what stands beside validation accuracy
    beside: dict[str, float]


class Numbers:
    """Invents every number of a run; a function of recipe and story only."""

    def __init__(self, recipe: Recipe, story: Story) -> None:
        self.recipe = recipe
        self.story = story
        self.epochs = recipe.training.epochs
        held_back = recipe.data.validation + getattr(recipe.data, "test", 0.15)
        total = min(recipe.data.limit or PICTURES, getattr(recipe.data, "count", PICTURES))
        self.training = max(1, round(total * (1 - held_back)))
        self.validation = round(total * recipe.data.validation)
        self.test = max(0, total - self.training - self.validation)
        self.steps_per_epoch = math.ceil(self.training / recipe.update_size(self.training))
        stopping = recipe.tricks.early_stopping
        self.patience = stopping.patience if stopping.on else None
        #: The epoch with the lowest validation loss in an overfitting run.
        room = self.epochs - (self.patience or 1) - 1
        self.turn = max(1, min(room, max(4, self.epochs // 3)))
        self._random = np.random.default_rng(recipe.training.seed)
        wobble = self._random.uniform(-1, 1, self.epochs + 1)
        self._validation = [self._validation_loss(epoch, wobble[epoch]) for epoch in range(self.epochs + 1)]

    def data_ready(self) -> events.DataReady:
        size = self.recipe.data.image_size
        return events.DataReady(
            self.training, self.validation, self.test, CLASSES, (size, size, 1), self.steps_per_epoch, "f" * 64
        )

    def block(self, first: int, steps: int, begin: float, end: float, *, broken: bool = False) -> StepBlock:
        """The steps from `first`; `broken` makes the losses run away and become NaN."""
        numbers = np.empty((steps, len(COLUMNS)), dtype=np.float32)
        at = (np.arange(steps) + first) / self.steps_per_epoch
        grain = self._random.normal(0, 1, (3, steps))
        loss = self._training_loss(at) * np.exp(0.18 * grain[0])
        if broken:
            loss = loss * 10.0 ** np.arange(steps)
            loss[steps // 2 :] = np.nan
        numbers[:, 0] = loss
        numbers[:, 1] = rates(self.recipe, first, steps, self.steps_per_epoch)
        numbers[:, 2] = 0.6 * loss**0.5 * np.exp(0.2 * grain[1])
        numbers[:, 4] = 0.0
        numbers[:, 3] = np.clip(np.exp(-self._training_loss(at) / 1.2) + 0.03 * grain[2], 0, 1)
        return StepBlock(first, numbers, begin, end)

    def epoch(self, epoch: int) -> Told:
        loss = float(self._training_loss(np.array([epoch - 0.5]))[0])
        validation = self._validation[epoch]
        accuracy = math.exp(-validation / 1.4)
        beside = {
            "val_top_5_accuracy": accuracy**0.2,
            "val_balanced_accuracy": accuracy**1.05,
            "val_f1": accuracy**1.1,
        }
        return Told(loss, math.exp(-loss / 1.2), validation, accuracy, self._remeasured(epoch), beside)

    def _remeasured(self, epoch: int) -> dict[str, float]:
        """A little below the mean of the epoch's steps: by the weights of its end, and without dropout."""
        if not self.recipe.training.remeasure:
            return {}
        loss = 0.92 * float(self._training_loss(np.array([float(epoch)]))[0])
        return {"remeasured_loss": loss, "remeasured_accuracy": math.exp(-loss / 1.2)}

    def _training_loss(self, at: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        length = self.turn * 1.6 if self.story is Story.EARLY_STOPPED else self.epochs
        losses: npt.NDArray[np.float64] = 0.03 + 2.27 * np.exp(-3.6 * at / length)
        return losses

    def _validation_loss(self, epoch: int, wobble: float) -> float:
        """Falls strictly to its lowest point but for one bump, then (when overfitting) rises strictly."""
        overfitting = self.story is Story.EARLY_STOPPED
        lowest = self.turn if overfitting else self.epochs
        if epoch > lowest:
            return 0.17 + 1.9 * math.exp(-2.8) + 0.16 * (epoch / lowest - 1) * (1 + 0.25 * wobble) + 0.01
        steepness = 1 - math.exp(-2.8 / lowest)
        grain = 0.0 if epoch == lowest else 0.3 * steepness * wobble
        bump = 1.1 if epoch == lowest - 2 and epoch > 1 and self.patience != 1 else 1.0
        return (0.17 + 1.9 * math.exp(-2.8 * epoch / lowest) * (1 + grain)) * bump
