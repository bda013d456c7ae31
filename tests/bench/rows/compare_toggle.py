"""Two hundred runs of a thousand points over each other: how long it takes until one more, or one less, is painted."""

from __future__ import annotations

import statistics

import numpy as np

from tests.bench.comparing import SIZE, Stock, Told, application, high, losses, milliseconds, spread
from tests.bench.row import Row

RUNS, POINTS = 200, 1000
TOGGLES = 100
TARGET_MS = 50.0
#: Of a validation loss from epoch to epoch.
NOISE = 0.03


def measure() -> Row:
    qt, theme = application()
    from workbench.gui.compared import Compared
    from workbench.gui.curves.compare_plot import ComparePlot

    told = [Told(number, 10, live=False) for number in range(1, RUNS + 1)]
    values = [losses(number, POINTS, NOISE).astype(np.float64) for number in range(1, RUNS + 1)]
    for each, line in zip(told, values, strict=True):
        each.epochs(line.tolist())
    runs = tuple(Compared(each.run, place, "", curves=each.curves) for place, each in enumerate(told))
    plot = ComparePlot(theme)
    plot.resize(*SIZE)
    plot.show()
    plot.show_runs(runs)
    viewport = plot.lane.viewport()

    def settle() -> None:
        while plot.lane.sheets.busy:
            qt.processEvents()
        qt.processEvents()  # what is complete asks to be painted

    qt.processEvents()
    settle()
    off, on = [], []
    for toggle in range(TOGGLES):
        place = toggle * 37 % RUNS
        fewer = runs[:place] + runs[place + 1 :]
        off.append(milliseconds(lambda fewer=fewer: (plot.show_runs(fewer), viewport.repaint(), settle())))
        on.append(milliseconds(lambda: (plot.show_runs(runs), viewport.repaint(), settle())))
    plot.close()
    stock = Stock([(np.arange(1, POINTS + 1.0), line) for line in values])
    stock.plot.getPlotItem().getViewBox().setRange(xRange=(0, POINTS), yRange=(0, 1.5), padding=0)
    qt.processEvents()
    stock.paint()
    other = []
    for toggle in range(TOGGLES):
        line = stock.lines[toggle // 2 * 37 % RUNS]
        other.append(milliseconds(lambda line=line, shown=bool(toggle % 2): (line.setVisible(shown), stock.paint())))
    stock.plot.close()
    return Row(
        f"{RUNS} runs of {POINTS:,} points: one hidden; one shown again", f"p95 ≤ {TARGET_MS:.0f} ms",
        f"{spread(off)}; {spread(on)}", max(high(off), high(on)) <= TARGET_MS,
        against=f"stock pyqtgraph {spread(other)}", ratio=statistics.median(other) / statistics.median([*off, *on]),
        note=f"{TOGGLES} of each, spread over all runs, until the picture is complete and painted",
    )  # fmt: skip
