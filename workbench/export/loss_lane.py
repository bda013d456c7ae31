"""The loss lane: each step thin, smoothed over it, means of epochs, validation, other runs, and what is no number."""

from __future__ import annotations

from typing import Any

import numpy as np

from workbench.curves.pyramid import ABOVE, BELOW, NAN, Seen
from workbench.export import looks, marks, others
from workbench.export.lane import Lane, hollow
from workbench.export.looks import BAD, QUIET, RAW, TRAINING, VALIDATION
from workbench.export.wish import Range, Wish

#: Share of what is shown whose values, at its begin, do not decide a linear scale; and of the rest, how much is in view.
_FIRST = 0.04
_QUANTILE = 0.98
_BAD_WORDS = {NAN: "NaN", ABOVE: "∞", BELOW: "−∞"}


def draw(lane: Lane) -> None:
    """Draw the loss of the run in focus over that of the others."""
    axes, wish, curves = lane.axes, lane.wish, lane.stretch.curves
    axes.set_ylabel(_name(wish))
    tops: list[float] = []
    seen = _training(lane, tops)
    others.draw(lane, _of_other)
    _epochs(lane, tops)
    best, height = curves.best, marks.best_height(lane.stretch)
    if best is not None and np.isfinite(height):
        x = curves.axes.x_of_epoch(wish.axis, best.epoch)
        if lane.stretch.shows(x):
            axes.plot([x], [height], zorder=6, **marks.star_look())
    _set_range(lane, tops)
    if seen is not None:
        _bad(lane, seen)


def _training(lane: Lane, tops: list[float]) -> Seen | None:
    """Each step, smoothed, and the penalties beside."""
    axes, stretch, curves = lane.axes, lane.stretch, lane.stretch.curves
    places = stretch.places()
    if not len(places):
        return None
    x, y, seen = stretch.every(curves.loss)
    (raw,) = axes.plot(x, y, color=RAW, linewidth=looks.RAW_WIDTH, solid_joinstyle="bevel", zorder=2)
    lane.legend.add("Training, each step", raw)
    late = y[int(len(y) * _FIRST) :]
    tops += [float(np.quantile(late[np.isfinite(late)], _QUANTILE))] if np.isfinite(late).any() else []
    at = stretch.x_of(places)
    if curves.smoothing.steps > 1:
        smooth = curves.smooth_loss.at(places)
        (line,) = axes.plot(at, smooth, color=TRAINING, linewidth=looks.SMOOTH_WIDTH, zorder=4)
        lane.legend.add(looks.smoothed_words(curves.smoothing), line, "Training, smoothed")
    if curves.penalized:
        penalty = curves.penalty.values[places]
        (line,) = axes.plot(at, penalty, color=QUIET, linewidth=looks.THIN_WIDTH, linestyle=":", zorder=4)
        lane.legend.add("Penalty on weights", line)
        tops += [float(penalty[np.isfinite(penalty)].max())] if np.isfinite(penalty).any() else []
    return seen


def _epochs(lane: Lane, tops: list[float]) -> None:
    """What the ends of epochs said. A mean over an epoch stands at its middle, what was measured at its end there."""
    stretch, metric = lane.stretch, lane.stretch.curves.epochs.metric
    lane.points(*stretch.of_epochs(metric("loss"), middles=True), "Training, epoch mean", **mean_look())
    again = stretch.of_epochs(metric("remeasured_loss"))
    lane.points(*again, "Training, re-measured", **hollow(TRAINING, "s"), linewidth=looks.THIN_WIDTH)
    validation = stretch.of_epochs(metric("val_loss"))
    lane.points(*validation, "Validation", **hollow(VALIDATION, "o"), linewidth=looks.LINE_WIDTH)
    for _, values in (again, validation):
        late = values[int(len(values) * _FIRST) :]
        tops += [float(late.max())] if len(late) else []


def mean_look() -> dict[str, Any]:
    """The points of means over epochs."""
    return {
        "color": TRAINING, "linestyle": "none", "marker": "o", "markersize": 2.6, "markeredgecolor": "white", "markeredgewidth": 0.4
    }  # fmt: skip


def _name(wish: Wish) -> str:
    """Where runs are compared no legend says which loss it is."""
    if wish.first is None:
        return "loss"
    return "training loss, smoothed" if wish.training else "validation loss"


def _of_other(lane: Lane) -> tuple[Any, Any]:
    """Of another run: validation, or where it has none the smoothed training loss; of compared runs only what is compared."""
    x, y = lane.stretch.of_epochs(lane.stretch.curves.epochs.metric("val_loss"))
    if not lane.wish.training and (len(x) or lane.wish.first is not None):
        return x, y
    places = lane.stretch.places()
    return lane.stretch.x_of(places), lane.stretch.curves.smooth_loss.at(places)


def _set_range(lane: Lane, tops: list[float]) -> None:
    axes, wish = lane.axes, lane.wish
    if wish.y is not None:
        axes.set_ylim(*wish.y)
    elif not wish.log:
        span = _suits(lane, tops)
        if span is not None:
            axes.set_ylim(*span)
    if wish.log and _positive(axes):
        looks.set_log(axes)
    top = max((float(np.nanmax(y)) for y in map(_heights, axes.lines) if np.isfinite(y).any()), default=0.0)
    if top > axes.get_ylim()[1] * (1 + 1e-9):
        # As on screen: a mark beside the axis says that something reaches past it, and how far.
        words = {
            "xycoords": "axes fraction",
            "textcoords": "offset points",
            "ha": "right",
            "va": "bottom",
            "color": QUIET,
        }
        axes.annotate(f"▲ {top:.3g}", (0, 1), xytext=(-2, 0), fontsize=0.8 * wish.points, **words)


def _suits(lane: Lane, tops: list[float]) -> Range | None:
    """A linear range that the first outliers do not stretch."""
    tops = [*tops, *(float(np.max(y)) for y in lane.beside if len(y))]
    lows = [float(np.nanmin(y)) for y in map(_heights, lane.axes.lines) if np.isfinite(y).any()]
    if not tops or not lows:
        return None
    top, low = max(tops), min(lows)
    if not top > low:
        return (low - 0.5 * abs(low), low + 0.5 * abs(low)) if low else (0.0, 1.0)
    return (0.0 if 0 <= low < 0.5 * top else low - 0.04 * (top - low)), top + 0.06 * (top - min(low, 0.0))


def _heights(line: Any) -> np.ndarray[Any, Any]:
    return np.asarray(line.get_ydata(), float)


def _positive(axes: Any) -> bool:
    return any((_heights(line) > 0).any() for line in axes.lines)


def _bad(lane: Lane, seen: Seen) -> None:
    """Marks at the edge by which the loss left, and in the legend from which step on."""
    first = lane.stretch.curves.loss.first_bad()
    if first is None or not len(seen.marks):
        return
    at = lane.stretch.x_of(seen.marks)
    down = seen.flags == BELOW
    for chosen, height, marker in ((~down, 0.985, "^"), (down, 0.015, "v")):
        places = np.unique(np.round((at[chosen] - lane.stretch.x[0]) / (lane.stretch.x[1] - lane.stretch.x[0]), 3))
        if len(places):
            (line,) = lane.axes.plot(
                places, np.full(len(places), height), transform=lane.axes.transAxes, color=BAD, marker=marker, markersize=4,
                linestyle="none", zorder=7,
            )  # fmt: skip
            lane.legend.add(f"{_BAD_WORDS.get(first[1], 'NaN')} from step {first[0] + 1}", line)
