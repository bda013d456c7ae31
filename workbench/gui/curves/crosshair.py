"""Where the crosshair goes: to the epoch or step under the mouse, epochs on, the next event. It paints nothing."""

from __future__ import annotations

import numpy as np

from workbench.curves.run_curves import RunCurves
from workbench.gui.curves.frame import Frame
from workbench.gui.curves.shown import Cursor, Shown

#: Epochs further apart than this many pixels let the crosshair stop at single steps.
_STEPS_FROM = 90.0


def at(shown: Shown, frame: Frame, x: float) -> Cursor | None:
    """What lies at a place on x: the nearest epoch's end, or a step where epochs are wide."""
    curves, axis = shown.curves, shown.axis
    if curves is None or shown.empty:
        return None
    ends = curves.axes.x_of_epochs(axis)
    apart = abs(frame.px1(float(ends[-1])) - frame.px1(0.0)) / max(1, curves.last_epoch) if len(ends) else np.inf
    if len(ends) and apart < _STEPS_FROM and x < float(ends[-1]) + (float(ends[-1]) / curves.last_epoch) / 2:
        row = int(np.argmin(np.abs(ends - x)))
        return on_epoch(curves, int(curves.epochs.number.view[row]))
    return Cursor(max(0, min(curves.steps, curves.axes.place_of_x(axis, x)) - 1), None)


def on_epoch(curves: RunCurves, epoch: int) -> Cursor:
    """The end of an epoch that has ended; of the nearest one when it has not."""
    row = min(int(np.searchsorted(curves.epochs.number.view, epoch)), len(curves.epochs) - 1)
    return Cursor(int(curves.epochs.step.view[row]) - 1, int(curves.epochs.number.view[row]))


def moved(shown: Shown, epochs: int) -> int | None:
    """The epoch so many epochs on from the crosshair (from the last or first epoch when there is none)."""
    curves, cursor = shown.curves, shown.cursor
    if curves is None or not len(curves.epochs):
        return None
    first, last = int(curves.epochs.number.view[0]), curves.last_epoch
    if cursor is None:
        here = last if epochs < 0 else first - epochs
    else:
        here = cursor.epoch or int(curves.axes.epochs_of(float(cursor.place))) + (1 if epochs < 0 else 0)
    return min(max(here + epochs, first), last)


def next_event(shown: Shown) -> int | None:
    """The epoch of the next flag, best epoch or stop to the right, and round again."""
    curves = shown.curves
    if curves is None or not len(curves.epochs):
        return None
    places = {max(1, flag.epoch) for flag in shown.flags()}
    places |= {curves.best.epoch} if curves.best else set()
    places |= {curves.stopped_early.epoch} if curves.stopped_early else set()
    known = sorted(place for place in places if place <= curves.last_epoch)
    here = shown.cursor.epoch or 0 if shown.cursor else 0
    return next((place for place in known if place > here), known[0]) if known else None
