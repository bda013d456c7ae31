"""DECIDES which epoch is the best so far, and when to give up waiting for a better one: the rule of early stopping.

The one place where the rule stands. The engine counts by it while a run trains; whoever asks what another patience would
have decided replays it over the losses that were recorded. It only counts: what is kept and what is said is the
trainer's. Knows neither Keras nor Qt nor NumPy, and nothing of how a loss came about.

The rule: an epoch is better when what it is judged by falls below the best so far by more than the smallest gain. Without
smoothing that is its own validation loss. With smoothing β it is the unbiased exponential mean of the losses up to it,

    mean_t = Σ βᵗ⁻ʲ x_j / Σ βᵗ⁻ʲ   over the epochs j ≤ t whose loss x_j is finite

(Kingma & Ba 2015, §3, divide by 1 − βᵗ for the same reason). A loss that is not finite is never better, not even the
first, and does not enter the mean.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    # Only its type: the window replays the rule without waiting for the specs.
    from workbench.spec.tricks import EarlyStopping


@dataclass(frozen=True)
class Rule:
    """The settings of the rule. Without patience it tells the best epoch and never stops."""

    patience: int | None
    min_delta: float = 0.0
    #: β of the mean that is judged, 0 ≤ β < 1; 0 judges each loss by itself
    smoothing: float = 0.0

    @classmethod
    def of(cls, spec: EarlyStopping) -> Rule:
        """The rule of a recipe. With the trick off, the best is the epoch of the lowest loss."""
        return cls(spec.patience, spec.min_delta, spec.smoothing) if spec.on else cls(None)


@dataclass(frozen=True)
class Verdict:
    """What an epoch meant: a new best, time to stop, and how many epochs have passed since the best."""

    best: bool
    stop: bool
    waited: int


class Patience:
    """Takes each epoch's validation loss, once and in order."""

    def __init__(self, rule: Rule) -> None:
        self._rule = rule
        self._waited = 0
        self._sum = self._weight = 0.0
        self.best_epoch: int | None = None
        #: what the best epoch was judged by: with smoothing the mean up to it
        self.best_value: float | None = None

    def state(self) -> dict[str, Any]:
        """What a checkpoint keeps."""
        return {
            "waited": self._waited, "best_epoch": self.best_epoch, "best_value": self.best_value,
            "sum": self._sum, "weight": self._weight,
        }  # fmt: skip

    def go_on_from(self, state: Mapping[str, Any]) -> None:
        """Count on from what `state` said; it may be from before there was smoothing."""
        self._waited, self.best_epoch, self.best_value = state["waited"], state["best_epoch"], state["best_value"]
        self._sum, self._weight = state.get("sum", 0.0), state.get("weight", 0.0)

    def count_anew(self) -> None:
        """Wait with full patience again; the best stays what it is."""
        self._waited = 0

    @property
    def stops(self) -> bool:
        """Whether the last epoch was one too many."""
        return self._rule.patience is not None and self._waited >= self._rule.patience

    @property
    def waited(self) -> int:
        """Epochs since the best."""
        return self._waited

    def update(self, epoch: int, loss: float) -> Verdict:
        """Judge an epoch."""
        value = self._judged(loss)
        better = math.isfinite(value) and (self.best_value is None or value < self.best_value - self._rule.min_delta)
        if better:
            self.best_epoch, self.best_value, self._waited = epoch, value, 0
        else:
            self._waited += 1
        return Verdict(best=better, stop=self.stops, waited=self._waited)

    def _judged(self, loss: float) -> float:
        """What an epoch is judged by: the mean up to it; NaN when its loss is not finite, whose time passes all the same."""
        beta, finite = self._rule.smoothing, math.isfinite(loss)
        self._sum = beta * self._sum + (loss if finite else 0.0)
        self._weight = beta * self._weight + finite
        return self._sum / self._weight if finite else math.nan


@dataclass(frozen=True)
class Outcome:
    """What a rule decides over a run's losses: the best epoch, the one after which it stops, and how long it had waited at the end.

    None: no epoch was finite, and it never stops.
    """

    best_epoch: int | None
    stop_epoch: int | None
    waited: int


def replay(rule: Rule, losses: Iterable[tuple[int, float]], anew: Collection[int] = ()) -> Outcome:
    """What the rule would have decided over these (epoch, validation loss), in order, up to its first stop.

    After the epochs in `anew` somebody asked for more: it does not stop there, and waits with full patience again.
    """
    patience = Patience(rule)
    for epoch, loss in losses:
        verdict = patience.update(epoch, loss)
        if epoch in anew:
            patience.count_anew()
        elif verdict.stop:
            return Outcome(patience.best_epoch, epoch, patience.waited)
    return Outcome(patience.best_epoch, None, patience.waited)
