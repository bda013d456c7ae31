"""What 3,000 redraws of growing curves cost in memory, and whether None and True lose references."""

from __future__ import annotations

import gc
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import psutil

from tests.bench.row import Row
from workbench.curves.run_curves import RunCurves
from workbench.events import COLUMNS, BestSoFar, DataReady, EpochEnded, EpochStarted, Event, StepBlock
from workbench.journal import Journal
from workbench.paths import Workspace
from workbench.spec.recipe import parse

REDRAWS, WARM_UP = 3000, 300
STEPS_AN_EPOCH = 40
MEGABYTES = 20
EPOCHS = (REDRAWS + WARM_UP) // 4 + 2


def measure() -> Row:
    from PySide6.QtWidgets import QApplication

    from workbench.gui.curves.view import CurvesView
    from workbench.gui.theme import Theme

    application = QApplication.instance() or QApplication(sys.argv[:1])
    theme = Theme()
    theme.apply(application)
    view = CurvesView(theme)
    view.resize(1120, 620)
    view.show()
    curves = RunCurves()
    process = psutil.Process()
    before, references = 0, (0, 0)
    with tempfile.TemporaryDirectory(prefix="workbench-bench-") as home, Journal(Workspace(Path(home))) as journal:
        run = journal.create_run(parse({"training": {"epochs": EPOCHS}})).id
        attempt = journal.begin_attempt(run)
        assert attempt is not None
        journal.say(run, attempt, [DataReady(1280, 256, 0, ("a", "b"), (8, 8, 1), STEPS_AN_EPOCH, "0")])
        said = steps = 0
        view.show_run(journal.run(run), curves)
        for redraw in range(WARM_UP + REDRAWS):
            if redraw == WARM_UP:
                gc.collect()
                before, references = process.memory_info().rss, (sys.getrefcount(None), sys.getrefcount(True))
            journal.say(run, attempt, _said(redraw))
            events, blocks = journal.events(run, said), journal.steps(run, steps)
            said, steps = events[-1].id if events else said, blocks[-1].id
            curves.feed(events, blocks)
            view.refresh()
            view.repaint()
            application.processEvents()
        gc.collect()
        grown = (process.memory_info().rss - before) / 2**20
        lost = [old - new for old, new in zip(references, (sys.getrefcount(None), sys.getrefcount(True)), strict=True)]
        view.close()
    good = grown <= MEGABYTES and max(lost) <= 50
    return Row(
        f"window memory over {REDRAWS:,} redraws", f"growth ≤ {MEGABYTES} MB, no falling reference counts",
        f"{grown:.1f} MB, None {-lost[0]:+d}, True {-lost[1]:+d}", good,
        note=f"{(REDRAWS + WARM_UP) * 10:,} steps in {EPOCHS} epochs; the curves' own numbers are part of the growth",
    )  # fmt: skip


def _said(redraw: int) -> list[Event | StepBlock]:
    """What a run says between two frames: ten steps, and each fourth time the end of an epoch."""
    first = redraw * 10 + 1
    epoch, part = divmod(redraw, 4)
    loss = 2 / np.sqrt(np.arange(first, first + 10)) + 0.02 * np.sin(np.arange(10))
    told = {"loss": loss, "learning_rate": np.full(10, 1e-3), "gradient_norm": loss, "accuracy": 1 - loss / 3}
    numbers = np.stack([told.get(name, np.zeros(10)) for name in COLUMNS], axis=1).astype(np.float32)
    now = time.process_time()
    found: list[Event | StepBlock] = [StepBlock(first, numbers, now, now + 0.03)]
    if part == 0:
        found.insert(0, EpochStarted(epoch + 1))
    if part == 3:
        value = float(loss[-1])
        metrics = {"loss": value, "accuracy": 1 - value / 3, "val_loss": value + 0.01, "val_accuracy": 0.99 - value / 3}
        found.append(EpochEnded(epoch + 1, first + 9, now, metrics, 1000.0, 0, 8))
        found.append(BestSoFar(epoch + 1, "val_loss", value + 0.01))
    return found
