"""Fifty runs of a million steps over each other, one of them live: its frames, and the first and the final answer to a zoom."""

from __future__ import annotations

import statistics

import numpy as np

from tests.bench.comparing import FRAME_MS, SIZE, Stock, Told, application, high, losses, milliseconds, spread
from tests.bench.row import Row

RUNS, STEPS, EPOCH = 50, 1_000_000, 10_000
FRAMES, ZOOMS = 200, 40
STOCK_FRAMES, STOCK_ZOOMS = 15, 8
FINAL_MS = 100.0
#: Steps that come between two frames.
NEW = 100


def measure() -> Row:
    qt, theme = application()
    from workbench.gui.compared import Compared
    from workbench.gui.curves.compare_plot import ComparePlot

    told = [Told(number, EPOCH, live=number == RUNS) for number in range(1, RUNS + 1)]
    for number, each in enumerate(told, start=1):
        each.steps(losses(number, STEPS))
        each.epochs((0.2 + 2 * np.exp(-np.arange(1, STEPS // EPOCH + 1) / 10)).tolist())
    plot = ComparePlot(theme)
    plot.resize(*SIZE)
    plot.set_series("loss")
    plot.show()
    plot.show_runs(tuple(Compared(each.run, place, "", curves=each.curves) for place, each in enumerate(told)))
    viewport = plot.lane.viewport()

    def settle() -> None:
        while plot.lane.sheets.busy:
            qt.processEvents()
        qt.processEvents()  # what is complete asks to be painted

    qt.processEvents()
    settle()
    live = told[-1]
    frames = []
    for _ in range(FRAMES):
        live.steps(losses(1, NEW))
        frames.append(milliseconds(lambda: (plot.refresh(), viewport.repaint())))
    first, final = [], []
    for zoom in range(ZOOMS):
        factor = 0.8 if zoom % 10 < 5 else 1 / 0.8
        answer = milliseconds(lambda factor=factor: (plot._zoom(factor, 300.0), viewport.repaint()))
        first.append(answer)
        final.append(answer + milliseconds(settle))
    plot.close()
    stock_frames, stock_zooms = _stock(told, qt)
    good = high(frames) <= FRAME_MS and high(first) <= FRAME_MS and high(final) <= FINAL_MS
    return Row(
        f"{RUNS} runs of {STEPS:,} steps, one live: a frame; first answer to a zoom; final picture",
        f"p95 ≤ {FRAME_MS:.0f} ms; ≤ {FRAME_MS:.0f} ms; ≤ {FINAL_MS:.0f} ms",
        f"{spread(frames)}; {spread(first)}; {spread(final)}", good,
        against=f"stock pyqtgraph: a frame {spread(stock_frames)}; a zoom {spread(stock_zooms)}",
        ratio=statistics.median(stock_zooms) / statistics.median(final),
        note=f"{FRAMES} frames, {ZOOMS} zooms; stock: {STOCK_FRAMES} frames, {STOCK_ZOOMS} zooms of the same losses, unsmoothed; "
        "the ratio is a stock zoom to our final picture",
    )  # fmt: skip


def _stock(told: list[Told], qt: object) -> tuple[list[float], list[float]]:
    """Frames and zooms of stock pyqtgraph with the same losses."""
    x = np.arange(STEPS + FRAMES * NEW + STOCK_FRAMES * NEW, dtype=np.float64)
    stock = Stock([(x[: each.curves.steps], each.curves.loss.values) for each in told])
    view = stock.plot.getPlotItem().getViewBox()
    view.setRange(xRange=(0, 1.2 * STEPS), yRange=(0, 1.5), padding=0)
    qt.processEvents()  # type: ignore[attr-defined]
    stock.paint()
    live, frames = told[-1], []
    for _ in range(STOCK_FRAMES):
        live.steps(losses(1, NEW))
        values = live.curves.loss.values
        frames.append(
            milliseconds(lambda values=values: (stock.lines[-1].setData(x[: len(values)], values), stock.paint()))
        )
    zooms, width = [], 1.2 * STEPS
    for zoom in range(STOCK_ZOOMS):
        width *= 0.8 if zoom % 10 < 5 else 1 / 0.8
        zooms.append(
            milliseconds(lambda width=width: (view.setXRange(0.3 * STEPS, 0.3 * STEPS + width, 0), stock.paint()))
        )
    stock.plot.close()
    return frames, zooms
