"""One live curve of ten million steps: what a refresh and a zoom cost, and how much memory the run takes. Beside it stock pyqtgraph."""

from __future__ import annotations

import gc
import statistics
import sys
import time
from collections.abc import Callable

import numpy as np
import psutil

from tests.bench.long_runs import Tale, blocks, numbers
from tests.bench.row import Row
from workbench.events import State

STEPS, STEPS_AN_EPOCH = 10_000_000, 100_000
#: So many steps are a pixel more, of which the whole range has some nine hundred.
CHUNK = 15_000
TIMES, STOCK_TIMES = 120, 5
REFRESH_MS, ZOOM_MS, MEMORY = 5.0, 8.0, 1.5
#: Five float32 a step, as they lie in the journal.
RAW = STEPS * 20


def timed(deed: Callable[[], object]) -> float:
    began = time.perf_counter()
    deed()
    return 1000 * (time.perf_counter() - began)


def measure() -> Row:
    from PySide6.QtWidgets import QApplication

    from tests.gui.curves.conftest import a_run
    from workbench.gui.curves.view import CurvesView
    from workbench.gui.theme import Theme

    application = QApplication.instance() or QApplication(sys.argv[:1])
    theme = Theme()
    theme.apply(application)
    view = CurvesView(theme)
    view.resize(1120, 620)
    view.show()
    application.processEvents()
    process = psutil.Process()
    gc.collect()
    before = process.memory_info().rss
    tale = Tale(STEPS_AN_EPOCH)
    tale.grow(STEPS)
    view.show_run(a_run(State.RUNNING, epochs_planned=200), tale.curves)
    application.processEvents()
    gc.collect()
    memory = (process.memory_info().rss - before) / RAW

    coming = iter(list(blocks(STEPS + 1, CHUNK * TIMES, CHUNK, 50_000.0)))

    def frame() -> None:
        tale.take(next(coming))
        view.refresh()
        application.processEvents()  # paints

    def zoom(factor: float, pixel: float) -> None:
        view.stack._zoom(factor, pixel)
        application.processEvents()

    frames = [timed(frame) for _ in range(TIMES)]
    random = np.random.default_rng(0)
    view.stack.fit()
    application.processEvents()
    zooms = []
    for turn in range(TIMES):
        factor = 0.6 if turn % 12 < 10 else 40.0
        pixel = float(random.uniform(50, 900))
        zooms.append(timed(lambda factor=factor, pixel=pixel: zoom(factor, pixel)))
    view.close()
    stock_frame, stock_zoom = _stock(application)
    refresh, zooming = statistics.median(frames), statistics.median(zooms)
    return Row(
        "one live curve of 1e7 steps: refresh · zoom · memory",
        f"≤ {REFRESH_MS:g} ms · ≤ {ZOOM_MS:g} ms · ≤ {MEMORY:g} × raw",
        f"{refresh:.1f} ms · {zooming:.1f} ms · {memory:.2f} × raw",
        refresh <= REFRESH_MS and zooming <= ZOOM_MS and memory <= MEMORY,
        against=f"pyqtgraph {stock_frame:.0f} ms · {stock_zoom:.0f} ms",
        ratio=stock_frame / refresh,
        note=f"medians of {TIMES}, each frame with new pixels; 95 % of refreshes within {np.quantile(frames, 0.95):.1f} ms, of zooms within {np.quantile(zooms, 0.95):.1f} ms;"
        f" a refresh takes in {CHUNK:,} steps and paints all lanes; raw are the {RAW / 1e6:.0f} MB of the journal's five numbers a step;"
        " pyqtgraph has the loss alone, clipped to the view and down-sampled to peaks, and is drawn anew with each chunk",
    )  # fmt: skip


def _stock(application: object) -> tuple[float, float]:
    """The same loss in a plot of pyqtgraph as it comes."""
    import pyqtgraph
    from PySide6.QtWidgets import QApplication

    assert isinstance(application, QApplication)
    plot = pyqtgraph.PlotWidget()
    plot.resize(1120, 620)
    plot.show()
    values = np.concatenate([numbers(first, 1_000_000)[:, 0] for first in range(1, STEPS, 1_000_000)]).astype(
        np.float64
    )
    x = np.arange(len(values), dtype=np.float64)
    curve = plot.plot(x[:-100_000], values[:-100_000], pen=pyqtgraph.mkPen("#56B4E9", width=1))
    curve.setClipToView(True)
    curve.setDownsampling(auto=True, method="peak")
    plot.disableAutoRange()
    plot.setXRange(0, len(values) * 1.3)
    plot.setYRange(0, 3)
    application.processEvents()

    def frame(turn: int) -> None:
        end = len(values) - 100_000 + (turn + 1) * CHUNK
        curve.setData(x[:end], values[:end])
        application.processEvents()

    def zoom(turn: int) -> None:
        plot.setXRange(turn * 100_000, len(values) * 0.7**turn + turn * 100_000)
        application.processEvents()

    frames = [timed(lambda turn=turn: frame(turn)) for turn in range(STOCK_TIMES)]
    zooms = [timed(lambda turn=turn: zoom(turn)) for turn in range(STOCK_TIMES)]
    plot.close()
    return statistics.median(frames), statistics.median(zooms)
