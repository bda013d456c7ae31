"""The lane of the chosen metric: accuracy of training (smoothed) and validation, or another one at the epochs' ends."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from PySide6.QtGui import QPainter

from workbench.gui import words
from workbench.gui.curves import points
from workbench.gui.curves.beside import beside, values_of
from workbench.gui.curves.frame import Frame
from workbench.gui.curves.named_lane import Named, NamedLane
from workbench.gui.curves.others import Others
from workbench.gui.curves.scales import Range, Tick, percent_ticks, settled, share_range
from workbench.gui.curves.shown import Shown
from workbench.gui.curves.strokes import polyline
from workbench.gui.curves.values import Values
from workbench.gui.runs.facts import BESIDE_ACCURACY

#: Metrics that are told of single steps, too.
_OF_STEPS = "accuracy"


def metric_title(name: str) -> str:
    """A metric as people call it, by its name for training pictures."""
    return BESIDE_ACCURACY.get(f"val_{name}", name.replace("_", " ").capitalize())


def metrics_of(shown: Shown) -> tuple[str, ...]:
    """What the second lane can show of this run."""
    names = shown.curves.epochs.names if shown.curves is not None else ()
    found = [name.removeprefix("val_") for name in names if name.startswith("val_") and name != "val_loss"]
    return tuple(dict.fromkeys([_OF_STEPS, *found]))


class MetricLane(NamedLane):
    """See the module."""

    def __init__(self, shown: Shown) -> None:
        super().__init__(shown, "metricPlot")
        self._others = Others(self)

    def title(self) -> str:
        return metric_title(self.shown.metric)

    @property
    def _names(self) -> tuple[str, str]:
        """What is drawn of validation and of training pictures judged anew."""
        return f"val_{self.shown.metric}", f"remeasured_{self.shown.metric}"

    def wanted_y(self) -> Range:
        curves = self.shown.curves
        if curves is None:
            return (0.0, 1.0)
        parts = [curves.epochs.metric(name) for name in self._names]
        parts += [values_of(other, self._names[0]) for other in beside(self.shown)]
        if self.shown.metric == _OF_STEPS:
            # Some hundred values are enough to know the range.
            parts.append(curves.smooth_accuracy.at(np.arange(0, curves.steps, max(1, curves.steps // 256))))
        ranges = [share_range(part) for part in parts if np.isfinite(part).any()]
        if not ranges:
            return (0.0, 1.0)
        low, high = min(low for low, _ in ranges), max(high for _, high in ranges)
        # A little more than 100 % may be in view, so that a circle at the top is whole.
        return settled(self.y_range, (low, high + 0.06 * (high - low)), kept=0.6)

    def own_past(self) -> tuple[object, ...]:
        return points.spacing(self.shown, self.frame())

    def ticks(self) -> Sequence[Tick]:
        if self.shown.empty:
            return []
        ticks = percent_ticks(*self.y_range, max(2, self.most_ticks()))
        return [tick for tick in ticks if tick.value <= 1]

    def paint_curves(self, painter: QPainter, frame: Frame) -> None:
        curves, inks = self.shown.curves, self.shown.inks
        assert curves is not None
        self._others.paint(painter, frame, f"val_{self.shown.metric}", log=False)
        if curves.steps and self.shown.metric == _OF_STEPS:
            places = self.thick_places(frame)
            values = curves.smooth_accuracy.at(places)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(inks.small_smooth)
            polyline(painter, frame.px(curves.axes.x_of_places(self.shown.axis, places)), frame.py(values))
        validation, remeasured = self._names
        points.paint_remeasured(painter, self.shown, frame, remeasured, log=False, small=True)
        points.paint_validation(painter, self.shown, frame, validation, log=False, small=True)

    def told(self, at: Values) -> Sequence[Named]:
        inks = self.shown.inks
        values = (
            (at.metric, inks.training, ""), (at.metric_remeasured, inks.training, " re-measured"),
            (at.metric_validation, inks.validation_text, ""),
        )  # fmt: skip
        return [(f"{words.percent(value, 1)}{more}", colour) for value, colour, more in values if not math.isnan(value)]
