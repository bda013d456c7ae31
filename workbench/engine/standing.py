"""Where a run is and what it has reached, as its trainer knows it; and the sentence for a run that was stopped there."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.engine import checkpoint
from workbench.events import Ending


@dataclass
class Standing:
    """Where a run is and what it has reached."""

    epoch: int = 0  # finished epochs
    step: int = 0  # finished steps
    best_epoch: int | None = None
    norm: float | None = None  # the gradient norm of the last step that was finite
    bad: int = 0  # steps in a row, up to now, that were not finite
    skipped: int = 0  # steps that were not finite, since the run began
    kept: checkpoint.Manifest | None = None
    training_seconds: float = 0.0
    trained_images: int = 0
    ending: Ending = Ending.COMPLETED
    reason: str = ""

    @property
    def speed(self) -> float:
        """Pictures a second so far; the first chunk, which traces, is left out."""
        return self.trained_images / self.training_seconds if self.training_seconds else 0.0

    def stopped_reason(self, *, keeps_best: bool) -> str:
        """Why a stopped run ended, and what it keeps."""
        if keeps_best and self.best_epoch is not None:
            kept = f"The weights of epoch {self.best_epoch} are kept."
        elif self.step:
            kept = f"The weights after step {self.step:,} are kept."
        else:
            kept = "No weights were trained yet."
        epochs = "1 epoch" if self.epoch == 1 else f"{self.epoch} epochs"
        return f"Stopped after {epochs}. {kept}"
