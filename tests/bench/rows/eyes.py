"""Opening and closing one of 200 eyes in a workspace of 1,000 runs: from the click to the table painted anew."""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.bench.row import Row
from tests.bench.rows.many_runs import RUNS, fill
from workbench.paths import Workspace

SHOWN, TIMES, TARGET_MS = 200, 20, 50.0
PATIENCE_S = 120


def measure() -> Row:
    from PySide6.QtWidgets import QApplication

    from workbench.gui.runs.table import RunTable
    from workbench.gui.session import Session
    from workbench.gui.theme import Theme

    application = QApplication(sys.argv[:1])
    theme = Theme()
    theme.apply(application)
    with tempfile.TemporaryDirectory(prefix="workbench-bench-") as home:
        workspace = Workspace(Path(home)).create()
        fill(workspace)
        session, table = Session(workspace), RunTable(theme)
        table.resize(1120, table.height_for_rows(5))  # as the window has it at 1440 × 900
        table.show()
        session.rows_changed.connect(table.set_rows)
        session.shown_changed.connect(table.set_shown)

        def wait_until(done: Callable[[], object]) -> tuple[float, float]:
            """How long it took, and the longest that the window was held up meanwhile."""
            began, longest = time.perf_counter(), 0.0
            while not done():
                before = time.perf_counter()
                application.processEvents()
                longest = max(longest, time.perf_counter() - before)
                time.sleep(0.001)
                assert time.perf_counter() - began < PATIENCE_S, "it never came"
            return time.perf_counter() - began, longest

        session.open()
        wait_until(lambda: session.rows and all(row.losses for row in session.rows))
        runs = [row.run.id for row in (session.rows or ())[:SHOWN]]
        session.compare(runs)
        seconds, longest = wait_until(lambda: all(each.curves for each in session.compared))
        took: list[float] = []
        for run in runs[:TIMES]:
            for shown in (False, True):
                before = time.perf_counter()
                session.show_in_plots([run], shown=shown)
                application.processEvents()
                took.append(1000 * (time.perf_counter() - before))
        assert len(session.compared) == SHOWN
        session.close()
        table.close()
    median = statistics.median(took)
    return Row(
        f"one of {SHOWN} eyes opened or closed, among {RUNS:,} runs", f"≤ {TARGET_MS:g} ms", f"{median:.0f} ms",
        median <= TARGET_MS,
        note=f"median of {len(took)}, at most {max(took):.0f} ms; in the journal, the labels and the table, without plots; the"
        f" {SHOWN} runs were read in {seconds:.1f} s, in which the window was held up for {1000 * longest:.0f} ms at most",
    )  # fmt: skip
