"""Where a run is and what it has reached, as its trainer knows it; and the sentence for a run that was stopped there."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from workbench.engine import checkpoint
from workbench.events import Ending


@dataclass
class Standing:
    """Where a run is and what it has reached."""

    epoch: int = 0  # finished epochs
    step: int = 0  # finished steps
    epoch_begin: int = 0  # finished steps when the epoch after `epoch` began
    best_epoch: int | None = None
    norm: float | None = None  # the gradient norm of the last step that was finite
    bad: int = 0  # steps in a row, up to now, that were not finite
    skipped: int = 0  # steps that were not finite, since the run began
    training_seconds: float = 0.0
    trained_images: int = 0
    ending: Ending = Ending.COMPLETED
    reason: str = ""
    #: where the weights of the best epoch lie
    best: checkpoint.Manifest | None = None

    #: what a checkpoint does not keep: it is of the attempt
    _OF_THE_ATTEMPT: ClassVar[tuple[str, ...]] = ("ending", "reason", "best")

    def tree(self) -> dict[str, Any]:
        """What a checkpoint keeps, for JSON."""
        fields = [each.name for each in dataclasses.fields(self) if each.name not in self._OF_THE_ATTEMPT]
        return {name: getattr(self, name) for name in fields}

    @classmethod
    def from_tree(cls, tree: Mapping[str, Any]) -> Standing:
        return cls(**{name: value for name, value in tree.items() if name not in cls._OF_THE_ATTEMPT})

    @property
    def within_epoch(self) -> bool:
        """Whether some steps of the next epoch are done."""
        return self.step > self.epoch_begin

    @property
    def speed(self) -> float:
        """Pictures a second so far; the first chunk, which traces, is left out."""
        return self.trained_images / self.training_seconds if self.training_seconds else 0.0

    def stop(self, ending: Ending, *, keeps_best: bool) -> None:
        """End here, because somebody asked to (`stopped`) or the system did (`interrupted`)."""
        self.ending = ending
        self.reason = self._stopped_reason(keeps_best) if ending is Ending.STOPPED else self._left_reason()

    def _left_reason(self) -> str:
        asked = "The system asked the engine to end, as it does when you log out or switch off."
        return (
            f"{asked} It goes on exactly after step {self.step:,}."
            if self.step
            else f"{asked} Nothing was trained yet."
        )

    def _stopped_reason(self, keeps_best: bool) -> str:  # noqa: FBT001 - the recipe's own flag
        """Why a stopped run ended, and what it keeps."""
        if keeps_best and self.best_epoch is not None:
            kept = f"The weights of epoch {self.best_epoch} are kept."
        elif self.step:
            kept = f"The weights after step {self.step:,} are kept."
        else:
            kept = "No weights were trained yet."
        epochs = "1 epoch" if self.epoch == 1 else f"{self.epoch} epochs"
        return f"Stopped after {epochs}. {kept}"
