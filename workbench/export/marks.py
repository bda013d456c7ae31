"""What stands through all lanes: the best epoch, where early stopping ended or would end the run, patience between."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from workbench.events import State
from workbench.export import looks
from workbench.export.legend import Legend
from workbench.export.looks import QUIET, TEXT, VALIDATION, VIOLET
from workbench.export.series import Stretch
from workbench.journal import Run


def best_height(stretch: Stretch) -> float:
    """The loss at the best epoch, as the loss lane draws it; NaN without one."""
    best = stretch.curves.best
    if best is None:
        return float("nan")
    found = np.flatnonzero(stretch.curves.epochs.number.view == best.epoch)
    name = "val_loss" if best.metric != "loss" else "loss"
    return float(stretch.curves.epochs.metric(name)[found[0]]) if len(found) else best.value


def draw(lane: Any, run: Run, stretch: Stretch, legend: Legend) -> None:
    """Lines through one lane."""
    curves, axis = stretch.curves, stretch.axis
    best, stop, line = curves.best, *_stop(run, stretch)
    if best is not None:
        x = curves.axes.x_of_epoch(axis, best.epoch)
        if stretch.shows(x):
            lane.axvline(x, color=VALIDATION, linewidth=1.0, linestyle=":")
            legend.add(f"Best {looks.number(best.value)} · epoch {best.epoch}", _star())
    if stop is None or line is None:
        return
    x = curves.axes.x_of_epoch(axis, stop)
    if stretch.shows(x):
        lane.axvline(x, **line)
        early = curves.stopped_early is not None
        words = f"Stopped early · epoch {stop}" if early else f"Stops at epoch {stop} if no better"
        short = f"Stopped early · {stop}" if early else f"Stops at epoch {stop}"
        legend.add(words, Line2D([], [], **line), short)
    since = curves.patience_since
    if since is not None and stop > since:
        begin = curves.axes.x_of_epoch(axis, since)
        if begin < stretch.x[1] and x > stretch.x[0]:
            lane.axvspan(begin, x, color=VALIDATION, alpha=0.12, linewidth=0)
            legend.add("Patience", Patch(color=VALIDATION, alpha=0.12, linewidth=0))


def _stop(run: Run, stretch: Stretch) -> tuple[int | None, dict[str, Any] | None]:
    """After which epoch the run stopped early, or would; and its line."""
    curves = stretch.curves
    if curves.stopped_early is not None:
        return curves.stopped_early.epoch, {"color": VIOLET, "linewidth": 1.0, "linestyle": "--"}
    stop = curves.projected_stop
    if stop is None or run.state is State.ENDED or stop >= run.epochs_planned:
        return None, None
    return stop, {"color": QUIET, "linewidth": 1.0, "linestyle": "--"}


def _star(**more: Any) -> Line2D:
    return Line2D([], [], **star_look(), **more)


def star_look() -> dict[str, Any]:
    """The star of the best epoch."""
    return {
        "marker": "*", "markersize": looks.BEST_MARKER, "color": VALIDATION, "markeredgecolor": TEXT, "markeredgewidth": 0.6,
        "linestyle": "none",
    }  # fmt: skip
