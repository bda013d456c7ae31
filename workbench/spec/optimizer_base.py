"""What every optimizer's declaration has in common."""

from __future__ import annotations

from typing import Any, ClassVar

from workbench.spec.base import Spec, setting

#: How a learning rate is told wherever it stands.
RATE = "Size of a step."
RATE_HELP: dict[str, Any] = {
    "higher": "Learns faster, until the loss jumps about or becomes NaN.",
    "lower": "Safer and slower; too small never gets there.",
}


class OptimizerSpec(Spec):
    """What every optimizer has in common."""

    #: Numbers it keeps for each weight unless a setting asks for more.
    SLOTS: ClassVar[int] = 1

    learning_rate: float = setting(1e-3, "Learning rate", RATE, gt=0, le=1000, scale="log", **RATE_HELP)

    @property
    def slots(self) -> int:
        """Numbers it keeps for each weight, for estimates of memory; where layers differ, the most."""
        return self.SLOTS
