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


class _Falling(ScheduleSpec):
    final: float = setting(
        0.0, "Final share", "Share of the learning rate that is left at the end.", ge=0, le=1,
        higher="Keeps moving at the end.", lower="Settles.",
    )  # fmt: skip


class Constant(ScheduleSpec):
    TITLE = "Constant"
    MEANING = "The same learning rate throughout."
    USE = "For first tries and with Adam."
    LEAVE = "When the loss still jumps about at the end."

    kind: Literal["constant"] = "constant"


class Cosine(_Falling):
    TITLE = "Cosine"
    MEANING = "Falls along half a cosine from the full learning rate to its final share (Loshchilov & Hutter 2017)."
    USE = "With SGD and a fixed number of epochs."
    LEAVE = "When you do not know how long you will train."

    kind: Literal["cosine"] = "cosine"


class Step(ScheduleSpec):
    TITLE = "Step"
    MEANING = "Multiplies the learning rate by a factor every so many epochs: rate = η · factor^⌊epoch / every⌋."
    USE = "As in the papers on ResNet and DenseNet: the loss drops in visible steps."
    LEAVE = "When you do not know after how many epochs the loss stands still."

    kind: Literal["step"] = "step"
    every: int = setting(
        10, "Every", "Epochs at one rate, after warm-up.", unit="epochs", ge=1, le=100_000,
        higher="Longer at a high rate.", lower="The rate falls sooner.",
    )  # fmt: skip
    factor: float = setting(
        0.1,
        "Factor",
        "What the rate is multiplied by.",
        gt=0,
        lt=1,
        higher="Small steps down.",
        lower="Large steps down.",
    )


class Exponential(ScheduleSpec):
    TITLE = "Exponential"
    MEANING = "Falls by the same factor every epoch, a little at each step: rate = η · factor^epoch."
    USE = "When the rate should fall smoothly and the number of epochs is open."
    LEAVE = "For long runs: after some dozen epochs hardly anything is learned."

    kind: Literal["exponential"] = "exponential"
    factor: float = setting(
        0.95, "Factor", "What is left of the rate after one epoch.", gt=0, lt=1, higher="Falls slowly.",
        lower="Falls fast; training freezes.",
    )  # fmt: skip


class Polynomial(_Falling):
    TITLE = "Polynomial"
    MEANING = (
        "Falls to its final share with the part of the run that is left: rate = η · (final + (1 − final) · left^power)."
    )
    USE = "With power 1 a straight line; with 0.9 the usual choice for segmentation."
    LEAVE = "When you do not know how long you will train."

    kind: Literal["polynomial"] = "polynomial"
    power: float = setting(
        1.0, "Power", "1 is a straight line.", gt=0, le=10, higher="Falls early.", lower="Falls late."
    )


class CosineRestarts(_Falling):
    TITLE = "Cosine with restarts"
    MEANING = "Falls along half a cosine again and again, each time from the full learning rate to its final share (SGDR, Loshchilov & Hutter 2017)."
    USE = "To leave a poor minimum: the loss jumps at each restart and ends lower."
    LEAVE = "For short runs: one cosine is enough."

    kind: Literal["cosine_restarts"] = "cosine_restarts"
    first: float = setting(
        10.0, "First cycle", "Length of the first cycle.", unit="epochs", ge=0.01, le=100_000, higher="Fewer restarts.",
        lower="More restarts.",
    )  # fmt: skip
    longer: float = setting(
        2.0, "Cycle growth", "Each cycle is so many times as long as the one before.", ge=1, le=10,
        higher="Restarts become rare.", lower="1 keeps all cycles alike.",
    )  # fmt: skip


class OneCycle(ScheduleSpec):
    TITLE = "One cycle"
    MEANING = "Rises along half a cosine to the full learning rate, then falls to almost nothing (Smith 2018)."
    USE = "With a large rate and few epochs; the optimizer's learning rate is the peak."
    LEAVE = "When the run may be stopped early: the last part is where the loss falls most."

    kind: Literal["one_cycle"] = "one_cycle"
    rise: float = setting(
        0.3, "Rise", "Share of the run in which the rate rises.", ge=0.001, lt=1, higher="A longer climb.",
        lower="Sooner at the peak.",
    )  # fmt: skip
    start: float = setting(
        0.04, "Starting share", "Share of the learning rate at the first step.", gt=0, le=1,
        higher="A rougher start.", lower="A gentler start.",
    )  # fmt: skip
    final: float = setting(
        0.0001, "Final share", "Share of the learning rate that is left at the end.", ge=0, le=1, scale="log",
        higher="Keeps moving at the end.", lower="Settles.",
    )  # fmt: skip


class Plateau(ScheduleSpec):
    TITLE = "Reduce on plateau"
    MEANING = "Keeps the full rate until validation loss has found no new best for some epochs, then multiplies it by a factor."
    USE = "When you do not know beforehand when the rate should fall. Its patience should be below early stopping's."
    LEAVE = "When validation loss is noisy: the rate falls by accident and never rises again."

    kind: Literal["plateau"] = "plateau"
    factor: float = setting(
        0.5, "Factor", "What the rate is multiplied by.", gt=0, lt=1, higher="Small steps down.", lower="Large steps down.",
    )  # fmt: skip
    patience: int = setting(
        4, "Patience", "Epochs without a new best, after warm-up, before the rate falls.", unit="epochs", ge=1, le=10_000,
        higher="Waits out noise.", lower="Falls sooner; may give up a good rate.",
    )  # fmt: skip
    min_delta: float = setting(
        1e-4, "Smallest gain", "By how much validation loss must fall to count as better.", ge=0, le=100, scale="log",
        higher="Ignores tiny gains.", lower="Every gain counts.",
    )  # fmt: skip
    cooldown: int = setting(
        0, "Cooldown", "Epochs after a fall until waiting begins anew; the last of them counts as waited already, as in Keras.",
        unit="epochs", ge=0, le=10_000, higher="Time to profit from the new rate.", lower="0 and 1 wait at once.",
    )  # fmt: skip
    lowest: float = setting(
        0.0, "Lowest rate", "The rate never falls below this.", ge=0, le=1000, scale="log", higher="Keeps moving.",
        lower="0 sets no limit.",
    )  # fmt: skip


Schedule = Annotated[
    Constant | Step | Exponential | Polynomial | Cosine | CosineRestarts | OneCycle | Plateau,
    pydantic.Field(discriminator="kind"),
]
