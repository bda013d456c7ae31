"""What a person has chosen of the view of curves, remembered from one start to the next. Plain state, no painting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from workbench.curves.axes import Axis
from workbench.curves.smoothing import Kind, Smoothing

#: Smoothing over more steps than the slider reaches was never chosen.
_MOST_STEPS = 1000.0


class Clip(StrEnum):
    """Which losses decide the linear scale; what lies above is marked at the axis."""

    AUTO = "auto"
    OFF = "off"
    P99 = "99"
    P95 = "95"
    P90 = "90"

    @property
    def words(self) -> str:
        named = {Clip.AUTO: "Automatic: the first outliers", Clip.OFF: "Off: every value is in view"}
        return named.get(self, f"Above the {self}th percentile")

    @property
    def share(self) -> float | None:
        """The share of the steps that is in view; None where no percentile was chosen."""
        return float(self) / 100 if self not in {Clip.AUTO, Clip.OFF} else None


class Strip(StrEnum):
    """A lane of its own under loss and metric, from top to bottom."""

    GAP = "gap"
    RATE = "learning_rate"
    NORM = "gradient_norm"
    SPEED = "images_per_second"
    PENALTY = "penalty_share"

    @property
    def words(self) -> str:
        return _STRIPS[self]


_STRIPS = {
    Strip.GAP: "Generalisation gap",
    Strip.RATE: "Learning rate",
    Strip.NORM: "Gradient norm",
    Strip.SPEED: "Images per second",
    Strip.PENALTY: "Penalty share",
}


@dataclass(frozen=True)
class Choices:
    axis: Axis = Axis.EPOCH
    log: bool = False
    kind: Kind = Kind.EXPONENTIAL
    #: steps averaged over; None: what suits each run
    smoothing_steps: float | None = None
    clip: Clip = Clip.AUTO
    metric: str = "accuracy"
    strips: tuple[Strip, ...] = (Strip.RATE,)
    what_if: bool = False

    @property
    def smoothing(self) -> Smoothing | None:
        return None if self.smoothing_steps is None else Smoothing(self.kind, self.smoothing_steps)

    def tree(self) -> dict[str, Any]:
        """As JSON keeps it."""
        return {
            "axis": str(self.axis), "log": self.log, "kind": str(self.kind), "smoothing_steps": self.smoothing_steps,
            "clip": str(self.clip), "metric": self.metric, "strips": [str(strip) for strip in self.strips],
            "what_if": self.what_if,
        }  # fmt: skip

    @staticmethod
    def from_tree(tree: Mapping[str, Any]) -> Choices:
        """What was remembered; the usual choices where it cannot be read, as it only costs a few clicks."""
        try:
            steps = tree["smoothing_steps"]
            if steps is not None and not 1 <= steps <= _MOST_STEPS:  # NaN is not, either
                return Choices()
            return Choices(
                Axis(tree["axis"]), bool(tree["log"]), Kind(tree["kind"]), None if steps is None else float(steps),
                Clip(tree["clip"]), str(tree["metric"]), tuple(strip for strip in Strip if strip in tree["strips"]), bool(tree["what_if"]),
            )  # fmt: skip
        except (KeyError, TypeError, ValueError):
            return Choices()
