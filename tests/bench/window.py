"""Starts a window that watches itself, and gives what it saw. See window_child."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from workbench.paths import Workspace
from workbench.spec import presets
from workbench.spec.presets import Preset
from workbench.spec.recipe import Recipe


def watch(
    story: str, recipe: Recipe | None = None, prepare: Callable[[Workspace], None] | None = None, *, timeout: int = 300
) -> dict[str, Any]:
    """What a window saw of its own start ("paint"), of one training ("training") or of its tabs, in a workspace of its own."""
    # The window's engine and keeper may still be leaving when the folder goes.
    with tempfile.TemporaryDirectory(prefix="workbench-bench-", ignore_cleanup_errors=True) as home:
        workspace = Workspace(Path(home)).create()
        if recipe is not None:
            # One's own preset wins over the shipped one of the same name, so the window opens with it.
            presets.save(Preset(presets.DEFAULT, "Bench", recipe), workspace)
        if prepare is not None:
            prepare(workspace)
        began = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-m", "tests.bench.window_child", story, home],
            stdout=subprocess.PIPE, text=True, check=False, timeout=timeout,
        )  # fmt: skip
        lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
        if not lines:
            message = f"the window ended with code {done.returncode} and told nothing"
            raise RuntimeError(message)
        return {"began": began, **json.loads(lines[-1])}
