"""From a changed setting to the painted Model tab of DenseNet-BC-190-40, in the whole window: form, plan, table and graph."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

from tests.bench.comparing import application
from tests.bench.row import Row
from workbench.paths import Workspace
from workbench.spec.recipe import parse

TIMES = 20
TARGET_MS = 200.0
PATIENCE_S = 60
DENSENET = {"kind": "densenet", "depth": 190, "growth": 40, "bottleneck": True, "compression": 0.5}
#: The setting is turned between these two.
GROWTHS = (36, 40)


def measure() -> Row:
    qt, theme = application()
    from workbench.gui.recipe import network
    from workbench.gui.window import Window

    with tempfile.TemporaryDirectory(prefix="workbench-bench-", ignore_cleanup_errors=True) as home:
        window = Window(theme, Workspace(Path(home)).create())
        window.resize(1440, 900)
        window.open()
        window.fill_tabs()  # without the rest of `finish`, whose engine would warm up beside what is measured
        began = time.perf_counter()
        while window.session.rows is None:
            qt.processEvents()
            assert time.perf_counter() - began < PATIENCE_S, "the window never read its workspace"
        window.recipe.set_recipe(parse({"data": {"kind": "cifar10"}, "model": DENSENET}))
        window.tabs.show_tab("model")
        qt.processEvents()
        took: dict[str, list[float]] = {"closed": [], "open": []}
        for state, turn in (("closed", window.model.view.collapseAll), ("open", window.model.view.expandAll)):
            turn()
            qt.processEvents()
            for time_ in range(TIMES):
                growth = GROWTHS[time_ % 2]
                network._planned.cache_clear()  # as for a setting that was never seen before
                before = time.perf_counter()
                window.recipe.set_value("model.growth", growth)
                while window.model.title.text() != f"DenseNet-BC-190-{growth}":  # shown when the loop comes round
                    qt.processEvents()
                    assert time.perf_counter() - before < PATIENCE_S, "the network was never shown"
                window.model.view.viewport().repaint()
                qt.processEvents()
                took[state].append(1000 * (time.perf_counter() - before))
        rows, layers = len(window.model.view.drawing.rows), len(window.model.told.plan.layers)
        window.close()
    closed, opened = statistics.median(took["closed"]), statistics.median(took["open"])
    return Row(
        "from a changed setting to the painted Model tab, DenseNet-BC-190-40", f"≤ {TARGET_MS:g} ms",
        f"{closed:.0f} ms; all blocks open {opened:.0f} ms", max(closed, opened) <= TARGET_MS,
        note=f"median of {TIMES} each, at most {max(took['closed']):.0f} and {max(took['open']):.0f} ms, at 1440 × 900 with the"
        f" form beside it; {layers} layers, {rows} rows when all are open",
    )  # fmt: skip
