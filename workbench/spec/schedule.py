"""The schedule station: how the learning rate changes during a run."""

from __future__ import annotations

from typing import Annotated, Literal

import pydantic

from workbench.spec.base import Spec, setting


class ScheduleSpec(Spec):
    """What every schedule has in common."""

    warmup: float = setting(
        0.0, "Warm-up", "Epochs in which the learning rate rises in a straight line from nearly 0.", unit="epochs", ge=0,
        le=1000, higher="A gentler start, for large rates and batches.", lower="0 starts at the full rate.",
    )  # fmt: skip


class Constant(ScheduleSpec):
    TITLE = "Constant"
    MEANING = "The same learning rate throughout."
    USE = "For first tries and with Adam."
    LEAVE = "When the loss still jumps about at the end."

    kind: Literal["constant"] = "constant"


class Cosine(ScheduleSpec):
    TITLE = "Cosine"
    MEANING = "Falls along half a cosine from the full learning rate to its final share (Loshchilov & Hutter 2017)."
    USE = "With SGD and a fixed number of epochs."
    LEAVE = "When you do not know how long you will train."

    kind: Literal["cosine"] = "cosine"
    final: float = setting(
        0.0, "Final share", "Share of the learning rate that is left at the end.", ge=0, le=1,
        higher="Keeps moving at the end.", lower="Settles.",
    )  # fmt: skip


Schedule = Annotated[Constant | Cosine, pydantic.Field(discriminator="kind")]
