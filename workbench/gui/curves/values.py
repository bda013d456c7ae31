"""What the crosshair stands on, in numbers and in words; it paints nothing."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from workbench.curves import gap
from workbench.gui import words
from workbench.gui.curves.shown import Shown


@dataclass(frozen=True)
class Values:
    """The numbers at the crosshair; NaN where there is none."""

    epoch: int
    step: int
    #: the smoothed loss of the steps, and this step's own
    training: float
    own: float
    validation: float
    remeasured: float
    #: the mean of the epoch's steps
    mean: float
    above_best: float
    #: the metric of the second lane: of the steps (smoothed), of training pictures judged anew, of validation pictures
    metric: float
    metric_remeasured: float
    metric_validation: float
    rate: float
    norm: float
    speed: float
    gap: float
    accuracy_gap: float
    #: what penalties on the weights add to the loss, and their share of both
    penalty: float = math.nan
    penalty_share: float = math.nan


def values_at(shown: Shown) -> Values | None:
    """What is known where the crosshair stands; None without a crosshair or without steps."""
    curves, cursor = shown.curves, shown.cursor
    if curves is None or cursor is None or not (curves.steps or len(curves.epochs)):
        return None
    ends = curves.epochs.step.view
    if cursor.epoch is not None:
        row = int(np.searchsorted(curves.epochs.number.view, cursor.epoch))
    else:
        row = int(np.searchsorted(ends, cursor.place + 1, side="right")) - 1
    known = 0 <= row < len(ends)
    place = min(cursor.place, curves.steps - 1)

    def of_epoch(name: str) -> float:
        return float(curves.epochs.metric(name)[row]) if known else math.nan

    def of_step(line: np.ndarray[tuple[int], np.dtype[np.float32]]) -> float:
        return float(line[place]) if 0 <= place < len(line) else math.nan

    smooth = float(curves.smooth_loss.at([place])[0]) if place >= 0 else math.nan
    own, validation, best = of_step(curves.loss.values), of_epoch("val_loss"), curves.best
    compared = best is not None and known and best.metric == "val_loss"
    return Values(
        epoch=cursor.epoch or int(curves.axes.epochs_of(float(cursor.place))) + 1,
        step=cursor.place + 1,
        training=own if math.isnan(smooth) else smooth,
        own=own,
        validation=validation,
        remeasured=of_epoch("remeasured_loss"),
        mean=of_epoch("loss"),
        above_best=validation - best.value if compared and best is not None else math.nan,
        metric=_metric(shown, place, of_epoch(shown.metric)),
        metric_remeasured=of_epoch(f"remeasured_{shown.metric}"),
        metric_validation=of_epoch(f"val_{shown.metric}"),
        rate=of_step(curves.learning_rate.values),
        norm=of_step(curves.gradient_norm.values),
        speed=curves.speed_at(place) if place >= 0 else math.nan,
        gap=float(gap.gaps(curves.epochs, "loss")[row]) if known else math.nan,
        accuracy_gap=float(gap.gaps(curves.epochs, "accuracy")[row]) if known else math.nan,
        penalty=of_step(curves.penalty.values),
        penalty_share=of_step(curves.penalty_share.values),
    )


def _metric(shown: Shown, place: int, of_epoch: float) -> float:
    """The training side of the second lane: each step has its accuracy; other metrics belong to an epoch."""
    if shown.metric != "accuracy" or place < 0:
        return of_epoch
    assert shown.curves is not None
    return float(shown.curves.smooth_accuracy.at([place])[0])


def spoken(shown: Shown) -> str:
    """The crosshair in a sentence: epoch, training, validation."""
    at = values_at(shown)
    if at is None:
        return ""
    parts = [f"Epoch {at.epoch}, step {at.step}.", f"Training {words.loss(at.training)}."]
    if not math.isnan(at.validation):
        parts.append(f"Validation {words.loss(at.validation)}.")
    if not math.isnan(at.remeasured):
        parts.append(f"Re-measured training {words.loss(at.remeasured)}.")
    return " ".join(parts)
