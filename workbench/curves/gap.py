"""The gap between training and validation: since when a run overfits, whether it underfits, in one sentence.

The rule, over the epochs that have ended:

    overfits   at least three epochs after the epoch e of the lowest validation loss, the mean validation loss of the last three
               is above that around e, and training loss likewise below; both clearly: by 2 % or more, and by more than twice the
               scatter; and validation loss does not fall again. It overfits since e.
    underfits  otherwise, when training accuracy (mean of the last three) is below 90 %, validation accuracy is less than five
               points below it, and training loss does not fall.

A loss falls when the least-squares line over its last three epochs goes down by 2 % or more, and by more than three times the
scatter, which is the standard deviation of its steps from epoch to epoch over the last ten, divided by √2.

Training loss is the one that was re-measured without dropout and augmentation where every epoch has it; else it is the mean
of the steps' own losses, and the sentence says so. It knows nothing of pixels or Qt.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from workbench.curves.epochs import Epochs

Doubles = npt.NDArray[np.float64]

#: Epochs over which a trend is judged.
TREND = 3
#: By what share a loss must differ to count as risen or fallen.
CLEAR = 0.02
#: Training accuracy below which a network has not learned its own pictures.
LOW = 0.90
#: How far validation accuracy may lie below training accuracy in a network that underfits.
NEAR = 0.05


class Finding(StrEnum):
    """What the two curves say of the network."""

    OVERFITS = "overfits"
    UNDERFITS = "underfits"
    NEITHER = "neither"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Gap:
    """What was found; `since` is the epoch since which a run overfits."""

    finding: Finding
    sentence: str
    since: int | None = None


def remeasured(epochs: Epochs) -> bool:
    """Whether every epoch's training loss was measured as its validation loss was."""
    return len(epochs) > 0 and not bool(np.isnan(epochs.metric("remeasured_loss")).any())


def training(epochs: Epochs, name: str) -> Doubles:
    """A training metric that compares best with validation: re-measured where every epoch has it, else the epoch's mean."""
    return epochs.metric(f"remeasured_{name}" if remeasured(epochs) else name)


def gaps(epochs: Epochs, name: str) -> Doubles:
    """Validation minus training of each epoch, for "loss" or "accuracy"; NaN where one is missing."""
    with np.errstate(invalid="ignore"):  # of two infinities nothing is known
        return epochs.metric(f"val_{name}") - training(epochs, name)


def judge(epochs: Epochs) -> Gap:
    """What the curves say so far."""
    validation, learned = epochs.metric("val_loss"), training(epochs, "loss")
    good = np.isfinite(validation) & np.isfinite(learned)
    numbers, validation, learned = epochs.number.view[good], validation[good], learned[good]
    if len(numbers) <= TREND:
        return Gap(Finding.UNKNOWN, f"Too early to tell: it takes {TREND + 1} epochs with validation.")
    how = "" if remeasured(epochs) else " Training loss is the mean while learning, not re-measured."
    best = int(np.argmin(validation))
    rise, fall = _change(validation, best), _change(learned, best)
    if len(numbers) - 1 - best >= TREND and _has_turned(validation, rise) and _is_clear(-fall, learned):
        since = int(numbers[best])
        what = f"since then training loss fell {_percent(fall)} while validation loss rose {_percent(rise)}."
        return Gap(Finding.OVERFITS, f"Overfits since epoch {since}: {what}{how}", since)
    accuracy = _late(training(epochs, "accuracy"))
    behind = accuracy - _late(epochs.metric("val_accuracy"))
    if accuracy < LOW and behind < NEAR and not _falls(learned):
        what = f"training accuracy {_percent(accuracy)} is below {LOW:.0%} and training loss no longer falls."
        return Gap(Finding.UNDERFITS, f"Underfits: {what.replace('90%', '90 %')}{how}")
    above = float(validation[-1] - learned[-1])
    where = f"{abs(above):.4f} {'above' if above >= 0 else 'below'}"
    return Gap(Finding.NEITHER, f"Neither overfits nor underfits: validation loss is {where} training loss.{how}")


def _has_turned(validation: Doubles, rise: float) -> bool:
    """Whether validation loss has risen for good: clearly, beyond its scatter, and it is not falling again."""
    return _is_clear(rise, validation) and not _falls(validation)


def _is_clear(change: float, values: Doubles) -> bool:
    """Whether a change between means of three epochs is more than chance would have it."""
    return change >= max(CLEAR, 2 * _scatter(values))


def _scatter(values: Doubles) -> float:
    """How much a loss jumps from epoch to epoch beside its trend, as a share: over the last ten epochs."""
    recent = values[-10:]
    return float(np.std(np.diff(recent))) / float(np.sqrt(2)) / max(abs(float(np.mean(recent))), 1e-12)


def _falls(values: Doubles) -> bool:
    """Whether the trend of the last three epochs is down, by more than chance would have it."""
    return _trend(values) <= -max(CLEAR, 3 * _scatter(values))


def _change(values: Doubles, place: int) -> float:
    """From around a place to the last three, as a share."""
    around = float(np.mean(values[max(0, place - 1) : place + 2]))
    return (_late(values) - around) / max(abs(around), 1e-12)


def _late(values: Doubles) -> float:
    """The mean of the last three."""
    return float(np.mean(values[-TREND:]))


def _trend(values: Doubles) -> float:
    """How much the least-squares line over the last three epochs changes from its begin to its end, as a share."""
    recent = values[-TREND - 1 :]
    slope = float(np.polyfit(np.arange(len(recent)), recent, 1)[0])
    return slope * (len(recent) - 1) / max(abs(float(np.mean(recent))), 1e-12)


def _percent(share: float) -> str:
    size = abs(share) * 100
    return f"{size:.0f} %" if size >= 9.5 else f"{size:.1f} %"  # noqa: PLR2004 - two figures say enough
