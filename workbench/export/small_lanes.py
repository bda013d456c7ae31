"""The lanes under the loss: metric, learning rate, gradient norm, speed, share of the penalty, gap."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from workbench.export import looks, loss_lane, others
from workbench.export.lane import Lane, hollow
from workbench.export.looks import QUIET, RAW, TEXT, TRAINING, VALIDATION
from workbench.export.series import Doubles
from workbench.export.wish import LaneName

#: A positive line that spans more than this factor is shown on a logarithmic scale.
_RATE_FACTOR, _NORM_FACTOR = 5.0, 30.0
#: Share of a metric's values that may lie below the lane: the first epochs.
_LOW = 0.04

Line = tuple[Doubles, Doubles]


def _metric(lane: Lane) -> None:
    """A metric of training and of validation."""
    stretch, name = lane.stretch, lane.wish.metric
    scale = 100.0 if looks.is_share(name) else 1.0
    lane.axes.set_ylabel(_broken(f"{'' if lane.wish.first is None else 'validation '}{looks.metric_words(name)}"))
    others.draw(lane, _metric_of, scale)
    places = stretch.places()
    tops = [*lane.beside]
    if name == "accuracy" and len(places):
        smooth = scale * stretch.curves.smooth_accuracy.at(places)
        (line,) = lane.axes.plot(stretch.x_of(places), smooth, color=TRAINING, linewidth=looks.LINE_WIDTH, zorder=4)
        smoothing = stretch.curves.smoothing
        smoothed = smoothing.steps > 1
        words = (looks.smoothed_words(smoothing), "Training, smoothed") if smoothed else ("Training", "")
        lane.legend.add(words[0], line, words[1])
        tops.append(smooth)
    means = stretch.of_epochs(scale * stretch.curves.epochs.metric(name), middles=True)
    lane.points(*means, "Training, epoch mean", **loss_lane.mean_look())
    again = stretch.of_epochs(scale * stretch.curves.epochs.metric(f"remeasured_{name}"))
    lane.points(*again, "Training, re-measured", **hollow(TRAINING, "s"), linewidth=looks.THIN_WIDTH)
    values = stretch.of_epochs(scale * stretch.curves.epochs.metric(f"val_{name}"))
    lane.points(*values, "Validation", **hollow(VALIDATION, "o"), linewidth=looks.LINE_WIDTH)
    _clip_low(lane, [*tops, means[1], again[1], values[1]], 100.0 if scale > 1 else np.inf)


def _metric_of(lane: Lane) -> Line:
    name = lane.wish.metric
    scale = 100.0 if looks.is_share(name) else 1.0
    metric = lane.stretch.curves.epochs.metric
    x, y = lane.stretch.of_epochs(scale * metric(f"val_{name}"))
    if len(x) or lane.wish.first is not None:  # compared runs have the same measure
        return x, y
    return lane.stretch.of_epochs(scale * metric(name), middles=True)


def _clip_low(lane: Lane, parts: list[Doubles], most: float) -> None:
    """A range that the low values of the first steps do not stretch."""
    good = [part[np.isfinite(part)] for part in parts]
    good = [part[int(len(part) * _LOW) :] for part in good if len(part)]
    good = [part for part in good if len(part)]
    if not good:
        return
    low, high = min(float(np.quantile(part, _LOW)) for part in good), max(float(part.max()) for part in good)
    room = max(0.08 * (high - low), 1e-3 * max(abs(high), 1e-3))
    lane.axes.set_ylim(low - room, min(high + room, most + 0.3 * room) if high <= most else high + room)


def _rate(lane: Lane) -> None:
    lane.axes.set_ylabel("learning\nrate")
    others.draw(lane, _rate_of)
    x, y = _rate_of(lane)
    # A rate holds until it changes: steps, not slopes.
    lane.axes.plot(x, y, color=TEXT, linewidth=looks.THIN_WIDTH, drawstyle="steps-pre", zorder=4)
    if _spans(lane.axes, _RATE_FACTOR):
        looks.set_log(lane.axes, looks.scientific)
    else:
        lane.axes.set_ylim(bottom=0)
        lane.axes.yaxis.set_major_formatter(looks.scientific)


def _rate_of(lane: Lane) -> Line:
    places = lane.stretch.places()
    return lane.stretch.x_of(places), lane.stretch.curves.learning_rate.values[places].astype(np.float64)


def _norm(lane: Lane) -> None:
    lane.axes.set_ylabel("gradient\nnorm")
    others.draw(lane, _norm_of)
    if lane.stretch.curves.steps:
        x, y, _ = lane.stretch.every(lane.stretch.curves.gradient_norm)
        lane.axes.plot(x, y, color=QUIET, linewidth=looks.RAW_WIDTH, solid_joinstyle="bevel", zorder=2)
    if _spans(lane.axes, _NORM_FACTOR):
        looks.set_log(lane.axes)


def _norm_of(lane: Lane) -> Line:
    """Of another run some hundred values: whole envelopes over each other would hide all."""
    places = lane.stretch.places()
    return lane.stretch.x_of(places), lane.stretch.curves.gradient_norm.values[places].astype(np.float64)


def _speed(lane: Lane) -> None:
    lane.axes.set_ylabel("images/s")
    others.draw(lane, _speed_of)
    x, y = _speed_of(lane)
    lane.axes.plot(x, y, color=TEXT, linewidth=looks.THIN_WIDTH, marker="o", markersize=2, zorder=4)
    lane.axes.set_ylim(bottom=0)


def _speed_of(lane: Lane) -> Line:
    return lane.stretch.of_epochs(lane.stretch.curves.epochs.images_per_second.view, middles=True)


def _penalty(lane: Lane) -> None:
    lane.axes.set_ylabel("penalty,\n% of total")
    others.draw(lane, _penalty_of)
    lane.axes.plot(*_penalty_of(lane), color=QUIET, linewidth=0.7, zorder=4)
    lane.axes.set_ylim(bottom=0)


def _penalty_of(lane: Lane) -> Line:
    """What part of loss and penalty together the penalty is."""
    curves, places = lane.stretch.curves, lane.stretch.places()
    if not curves.penalized:
        return lane.stretch.x_of(places), np.zeros(len(places))
    penalty, loss = (line.values[places].astype(np.float64) for line in (curves.penalty, curves.loss))
    with np.errstate(divide="ignore", invalid="ignore"):
        share = 100 * penalty / (penalty + loss)
    return lane.stretch.x_of(places), np.where(np.isfinite(share), share, np.nan)


def _gap(lane: Lane) -> None:
    lane.axes.set_ylabel("gap\nin loss")
    others.draw(lane, _gap_of)
    again = np.isfinite(lane.stretch.curves.epochs.metric("remeasured_loss")).any()
    words = "re-measured" if again else "epoch mean"
    look = {**hollow(TEXT, "o"), "markersize": 2.4, "linewidth": looks.THIN_WIDTH}
    lane.points(*_gap_of(lane), f"Gap: validation − training, {words}", **look)
    lane.axes.axhline(0, color=RAW, linewidth=0.8)


def _gap_of(lane: Lane) -> Line:
    """Validation loss minus training loss: measured again with the same weights where that was done, else the epoch's mean."""
    metric = lane.stretch.curves.epochs.metric
    again = metric("remeasured_loss")
    training = again if np.isfinite(again).any() else metric("loss")
    return lane.stretch.of_epochs(metric("val_loss") - training)


def _spans(axes: Any, factor: float) -> bool:
    """Whether the lines are positive and span so much that a logarithmic scale tells more."""
    heights = [np.asarray(line.get_ydata(), float) for line in axes.lines]
    values = np.concatenate(heights) if heights else np.empty(0)
    values = values[np.isfinite(values) & (values > 0)]
    return bool(len(values)) and float(np.quantile(values, 0.99)) > factor * float(np.quantile(values, 0.01))


def _broken(words: str) -> str:
    """Beside a low lane a name stands in lines of about nine letters."""
    lines: list[str] = []
    for word in words.split(" "):
        if lines and len(lines[-1]) + 1 + len(word) <= 9:  # noqa: PLR2004 - as the docstring says
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return "\n".join(lines)


DRAW: dict[LaneName, Callable[[Lane], None]] = {
    "loss": loss_lane.draw,
    "metric": _metric,
    "learning_rate": _rate,
    "gradient_norm": _norm,
    "images_per_second": _speed,
    "penalty_share": _penalty,
    "gap": _gap,
}
