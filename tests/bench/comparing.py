"""The two sides of the rows on several runs at once: our plot for comparing, and stock pyqtgraph with the same lines.

Both are widgets of the same size, shown, and timed until they have painted themselves: `repaint` of the viewport goes the
way of any paint event and returns when the pixels stand. Stock pyqtgraph is what one gets by its documentation for large
data: `clipToView`, automatic down-sampling by peaks, pens of one pixel.
"""

from __future__ import annotations

import itertools
import math
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.curves.run_curves import RunCurves
from workbench.events import COLUMNS, AttemptStarted, DataReady, Ending, EpochEnded, State, StepBlock
from workbench.journal import Run, Said, Steps

SIZE = (820, 440)
#: A frame at 60 a second.
FRAME_MS = 16.0

Losses = npt.NDArray[np.float32]


def application() -> Any:
    """Qt's application, with its theme beside it: (application, theme)."""
    from PySide6.QtWidgets import QApplication

    from workbench.gui.theme import Theme

    application = QApplication.instance() or QApplication(sys.argv[:1])
    theme = Theme("dark")
    theme.apply(application)
    return application, theme


def losses(number: int, steps: int, noise: float = 0.2) -> Losses:
    """A loss curve, with the noise of single batches unless another is given."""
    noises = np.random.default_rng(number).normal(0, noise, steps)
    fall = 0.2 + 0.004 * number + 2 * np.exp(-np.arange(steps) / (0.1 * steps))
    return (fall * np.exp(noises)).astype(np.float32)


class Told:
    """A run whose curves are told in blocks."""

    def __init__(self, number: int, steps_per_epoch: int, *, live: bool) -> None:
        self.curves = RunCurves()
        self._ids = itertools.count(1)
        self._size = steps_per_epoch
        state, ending = (State.RUNNING, None) if live else (State.ENDED, Ending.COMPLETED)
        self.run = Run(
            id=f"r{number}", number=number, name=f"Run {number}", preset="", recipe_toml="", created=0.0, state=state,
            ending=ending, reason="", reserved=0.0, process=1, started=0.0, ended=None, epochs_planned=1000, epochs=0,
            seconds=0.0, images_per_second=0.0, best_epoch=None, best={}, last={}, weights_sha256=None,
            last_weights_sha256=None, device="CPU",
        )  # fmt: skip
        self._say(AttemptStarted(0, 0, 1), DataReady(1000, 200, 0, ("a", "b"), (8, 8, 1), steps_per_epoch, "f"))

    def _say(self, *told: Any) -> None:
        self.curves.feed([Said(next(self._ids), 1, 0.0, event) for event in told], [])

    def steps(self, loss: Losses) -> None:
        done = self.curves.steps
        numbers = np.zeros((len(loss), len(COLUMNS)), np.float32)
        numbers[:, COLUMNS.index("loss")] = loss
        block = StepBlock(done + 1, numbers, done / 1000, (done + len(loss)) / 1000)
        self.curves.feed([], [Steps(next(self._ids), 1, block)])

    def epochs(self, values: Sequence[float]) -> None:
        for value in values:
            epoch = self.curves.last_epoch + 1
            metrics = {"loss": value, "val_loss": value, "accuracy": 0.9, "val_accuracy": 1 - value / 4}
            self._say(EpochEnded(epoch, epoch * self._size, epoch * self._size / 1000, metrics, 100.0, None, None))


class Stock:
    """A pyqtgraph plot with a line for each run."""

    def __init__(self, lines: Sequence[tuple[Any, Any]]) -> None:
        import pyqtgraph

        self.plot = pyqtgraph.PlotWidget(background="#181B20")
        self.plot.resize(*SIZE)
        item = self.plot.getPlotItem()
        item.setClipToView(True)
        item.setDownsampling(auto=True, mode="peak")
        self.lines = [
            item.plot(x, y, pen=pyqtgraph.mkPen(pyqtgraph.intColor(place, len(lines)), width=1))
            for place, (x, y) in enumerate(lines)
        ]
        item.disableAutoRange()
        self.plot.show()

    def paint(self) -> None:
        self.plot.viewport().repaint()


def milliseconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1e3


def spread(times: Sequence[float]) -> str:
    """Median and 95th percentile in words."""
    return f"{statistics.median(times):.1f} ms (p95 {high(times):.1f})"


def high(times: Sequence[float]) -> float:
    """The 95th percentile."""
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, math.ceil(0.95 * len(ordered)) - 1)]
