"""Opening a finished run of a million steps: from asking for it to its painted curves."""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from tests.bench.long_runs import blocks
from tests.bench.row import Row
from workbench.events import BestSoFar, DataReady, Ending, EpochEnded, Event, StepBlock
from workbench.journal import Journal
from workbench.paths import Workspace
from workbench.spec.recipe import Recipe

STEPS, STEPS_AN_EPOCH, BLOCK = 1_000_000, 10_000, 300
MUST_MS, TIMES = 200.0, 9


def measure() -> Row:
    from PySide6.QtCore import QEventLoop
    from PySide6.QtWidgets import QApplication

    from workbench.gui.curves.view import CurvesView
    from workbench.gui.run_thread import Loaded, RunThread
    from workbench.gui.theme import Theme

    application = QApplication.instance() or QApplication(sys.argv[:1])
    theme = Theme()
    theme.apply(application)
    view = CurvesView(theme)
    view.resize(1120, 620)
    view.show()
    application.processEvents()
    with tempfile.TemporaryDirectory(prefix="workbench-bench-") as home:
        workspace = Workspace(Path(home)).create()
        run = fill(workspace)

        def open_it() -> float:
            loop = QEventLoop()
            began = time.perf_counter()
            thread = RunThread(workspace, run)

            def show(loaded: Loaded) -> None:
                view.show_run(loaded.run, loaded.curves)
                view.repaint()
                loop.quit()

            thread.loaded.connect(show)
            thread.start()
            loop.exec()
            application.processEvents()  # whatever is still to be painted
            took = 1000 * (time.perf_counter() - began)
            thread.wait()
            view.clear()
            return took

        ours = [open_it() for _ in range(TIMES)]
        stock = [_stock(workspace, run) for _ in range(3)]
    view.close()
    median = statistics.median(ours)
    return Row(
        f"opening a finished run of {STEPS:,} steps", f"≤ {MUST_MS:g} ms", f"{median:.0f} ms", median <= MUST_MS,
        against=f"pyqtgraph {statistics.median(stock):.0f} ms", ratio=statistics.median(stock) / median,
        note=f"median of {TIMES}, {min(ours):.0f} to {max(ours):.0f} ms, the first of a window {ours[0]:.0f} ms; in blocks of {BLOCK} steps;"
        " pyqtgraph reads the same blocks and draws the loss alone",
    )  # fmt: skip


def fill(workspace: Workspace) -> str:
    """A finished run; its id."""
    with Journal(workspace) as journal:
        run = journal.create_run(Recipe()).id
        attempt = journal.begin_attempt(run)
        assert attempt is not None
        data = DataReady(64 * STEPS_AN_EPOCH, 1000, 0, ("a", "b"), (32, 32, 3), STEPS_AN_EPOCH, "f")
        journal.say(run, attempt, [data])
        waiting: list[Event | StepBlock] = []
        for block in blocks(1, STEPS, BLOCK, 3000.0):
            waiting.append(block)
            if block.first_step // STEPS_AN_EPOCH != block.last_step // STEPS_AN_EPOCH:
                epoch = block.last_step // STEPS_AN_EPOCH
                value = 2.0 / np.sqrt(epoch)
                metrics = {"loss": value, "val_loss": value, "accuracy": 0.9, "val_accuracy": 0.9}
                waiting += [
                    EpochEnded(epoch, epoch * STEPS_AN_EPOCH, block.end, metrics, 1000.0, 0, 8),
                    BestSoFar(epoch, "val_loss", value),
                ]
                journal.say(run, attempt, waiting)
                waiting = []
        journal.say(run, attempt, waiting)
        journal.end(run, Ending.COMPLETED, "All epochs are done.")
    return run


def _stock(workspace: Workspace, run: str) -> float:
    import pyqtgraph
    from PySide6.QtWidgets import QApplication

    plot = pyqtgraph.PlotWidget()
    plot.resize(1120, 620)
    plot.show()
    QApplication.processEvents()
    began = time.perf_counter()
    with Journal(workspace) as journal:
        values = np.concatenate([each.block.column("loss") for each in journal.steps(run)]).astype(np.float64)
    curve = plot.plot(np.arange(len(values), dtype=np.float64), values, pen=pyqtgraph.mkPen("#56B4E9", width=1))
    curve.setClipToView(True)
    curve.setDownsampling(auto=True, method="peak")
    plot.repaint()
    QApplication.processEvents()
    took = 1000 * (time.perf_counter() - began)
    plot.close()
    return took
