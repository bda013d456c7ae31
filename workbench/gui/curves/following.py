"""How far the x range reaches while a run is followed: in strides, a quarter free, with the stop in view when it comes near."""

from __future__ import annotations

import math

from workbench.curves.axes import Axis
from workbench.gui.curves import scales
from workbench.gui.curves.beside import beside
from workbench.gui.curves.shown import Shown


def stride(shown: Shown) -> float:
    """Ten epochs, on the present axis."""
    curves = shown.curves
    if curves is None or shown.axis is Axis.EPOCH:
        return float(scales.STRIDE)
    steps = scales.STRIDE * float(curves.axes.steps_per_epoch or 100)
    if shown.axis is Axis.STEP:
        return steps
    # Run time has no natural stride: a round one near ten epochs, so that it does not creep with each epoch.
    return scales.nice_step(max(1.0, scales.STRIDE * curves.axes.seconds_per_epoch), 1)


def wanted_end(shown: Shown) -> float:
    """The right end of the range that shows the run in focus and those beside it."""
    far = max((other.curves.axes.now(shown.axis) for other in beside(shown) if other.curves), default=0.0)
    others = scales.fitted(far, stride(shown)) if far > 0 else 0.0
    return max(_own_end(shown), others)


def _own_end(shown: Shown) -> float:
    curves, step = shown.curves, stride(shown)
    now = curves.axes.now(shown.axis) if curves is not None else 0.0
    if not shown.alive and curves is not None and now > 0:
        return scales.fitted(now, step)
    wanted = scales.grown(now, step)
    stop = shown.projected()
    # The stop comes into view once half of the patience is used up; before, it would only squeeze the curve.
    if curves is not None and stop is not None and 2 * (curves.waited or 0) >= (curves.patience or 0):
        stop_x = curves.axes.x_of_epoch(shown.axis, stop)
        if stop_x > wanted:
            wanted = step * math.ceil(stop_x / step)
    return wanted
