"""An engine that writes 100,000 steps a second for two minutes, watched by a real window: smooth, in bounds, and nothing lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.bench.flood_writer import CHUNK, STEPS_A_SECOND
from tests.bench.long_runs import blocks
from tests.bench.row import Row
from workbench.journal import Journal
from workbench.paths import Workspace
from workbench.spec.recipe import parse

SECONDS = float(os.environ.get("FLOOD_SECONDS", "120"))
P99_MS, GROWTH_MB = 25.0, 50.0
BYTES_A_STEP = 20


def measure() -> Row:
    # The window's engine and keeper may still be leaving when the folder goes.
    with tempfile.TemporaryDirectory(prefix="workbench-bench-", ignore_cleanup_errors=True) as home:
        workspace = Workspace(Path(home)).create()
        with Journal(workspace) as journal:
            run = journal.create_run(parse({"training": {"epochs": 100}}), reserve_seconds=600).id
        writer = subprocess.Popen([sys.executable, "-m", "tests.bench.flood_writer", home, run, str(SECONDS)])
        try:
            time.sleep(1.0)  # it has taken the run when the window opens
            done = subprocess.run(
                [sys.executable, "-m", "tests.bench.window_child", "flood", home],
                stdout=subprocess.PIPE, text=True, check=False, timeout=SECONDS + 240,
            )  # fmt: skip
        finally:
            writer.terminate()
            writer.wait()
        seen: dict[str, Any] = json.loads(next(line for line in done.stdout.splitlines() if line.startswith("{")))
        missing = _missing(workspace, run)
    data = SECONDS * STEPS_A_SECOND * BYTES_A_STEP / 2**20
    over = seen["grown"] / 2**20 - data
    good = seen["p99_ms"] <= P99_MS and over <= GROWTH_MB and not missing and seen["painted"] > SECONDS
    return Row(
        f"{STEPS_A_SECOND:,} steps/s for {SECONDS:g} s: 16 ms window timer · memory · on disk",
        f"p99 ≤ {P99_MS:g} ms · data + ≤ {GROWTH_MB:g} MB · every step",
        f"p99 {seen['p99_ms']:.1f} ms · data + {over:.0f} MB · {missing or 'every step'}", good,
        note=f"Curves drawing at 1440×900, {seen['painted']} times in {seen['seconds']:.0f} s; longest gap {seen['longest_ms']:.0f} ms;"
        f" data are {data:.0f} MB, the greatest growth seen was {seen['peak'] / 2**20:.0f} MB; the writer has the engine's low priority",
    )  # fmt: skip


def _missing(workspace: Workspace, run: str) -> str:
    """What of the numbers that were written is not in the journal, bit for bit."""
    with Journal(workspace) as journal:
        kept = iter(journal.steps(run))
    for wanted in blocks(1, round(SECONDS * STEPS_A_SECOND), CHUNK, STEPS_A_SECOND):
        found = next(kept, None)
        if found is None or found.block.first_step != wanted.first_step or found.block.packed() != wanted.packed():
            return f"lost from step {wanted.first_step:,} on"
    return ""
