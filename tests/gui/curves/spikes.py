"""Spikes of a single step in a long run: whether every one is to be seen, at any zoom. For a test and for a row of the bench."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication, QWidget

from tests.bench.long_runs import Tale
from workbench.curves.axes import Axis
from workbench.gui.curves.choices import Clip
from workbench.gui.curves.view import CurvesView


def pixels(widget: QWidget) -> np.ndarray:
    """The widget as it stands on the screen: (height, width) of RGB values."""
    shot: QImage = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    return np.frombuffer(shot.constBits(), np.uint32).reshape(shot.height(), shot.width()) & 0xFFFFFF


class Spikes:
    """A calm loss with spikes at random steps."""

    def __init__(self, steps: int, count: int, seed: int = 0) -> None:
        random = np.random.default_rng(seed)
        self.steps = steps
        self.places = np.sort(random.choice(steps, count, replace=False))
        self.heights = random.uniform(2.0, 5.0, count).astype(np.float32)

    def tale(self, steps_an_epoch: int) -> Tale:
        """Their run, of no steps yet."""
        return Tale(steps_an_epoch, change=self._change)

    def _change(self, first: int, numbers: np.ndarray) -> None:
        numbers[:, 0] = 0.5 + 0.05 * numbers[:, 0]
        low, high = np.searchsorted(self.places, [first - 1, first - 1 + len(numbers)])
        numbers[self.places[low:high] - first + 1, 0] = self.heights[low:high]

    def hidden(self, view: CurvesView) -> list[int]:
        """The steps of those spikes in view that are not to be seen: nothing is painted at their place and height."""
        shown, lane = view.stack.shown, view.stack.loss
        assert shown.axis is Axis.STEP
        assert shown.clip is Clip.OFF
        frame, shot = lane.frame(), pixels(lane.viewport())
        ground = shown.inks.ground.rgb() & 0xFFFFFF
        grid = QColor(shown.inks.grid.color()).rgb() & 0xFFFFFF
        corner = lane.mapFromScene(lane.box.mapToScene(0, 0))
        low, high = np.searchsorted(self.places + 1, frame.x, side="left")
        found = []
        for place, height in zip(self.places[low:high].tolist(), self.heights[low:high].tolist(), strict=True):
            column = corner.x() + int(frame.px1(place + 1.0))
            row = corner.y() + round(frame.py1(height))
            near = shot[max(0, row - 1) : row + 3, max(0, column - 1) : column + 2]
            if not ((near != ground) & (near != grid)).any():
                found.append(place + 1)
        return found


def zoom_to(view: CurvesView, low: float, high: float) -> None:
    """Show this stretch of steps."""
    view.stack.following = False
    view.stack._set_x(low, high)
    QApplication.processEvents()
