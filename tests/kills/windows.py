"""Kills windows with SIGKILL while their runs train, and looks whether anybody noticed."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

from tests.kills.outcome import Outcome, outcome
from workbench.journal import Journal
from workbench.launch.start import environment
from workbench.paths import Workspace
from workbench.spec import presets
from workbench.spec.recipe import Recipe

ROOT = Path(__file__).parents[2]
#: A run that has not ended after so long hangs.
PATIENCE_SECONDS = 180.0


def killed_window(
    workspace: Workspace, recipe: Recipe, draw: random.Random, seconds: float, *, runs: int = 1, engine: str = ""
) -> list[Outcome]:
    """What comes of runs whose window is killed at a drawn moment of their first `seconds`."""
    text = workspace.home / "recipe.toml"
    text.write_text(presets.dump(recipe, ""))
    variables = environment() | {"PYTHONPATH": str(ROOT), "QT_QPA_PLATFORM": "offscreen", "CUDA_VISIBLE_DEVICES": "-1"}
    if engine:
        variables["WORKBENCH_ENGINE"] = engine
    command = [sys.executable, "-P", "-m", "tests.kills.window", str(workspace.home), str(text), str(runs)]
    with (workspace.home / "window.log").open("ab") as log:
        window = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, env=variables, start_new_session=True)
    assert window.stdout is not None
    assert window.stdout.readline() == b"started\n", (workspace.home / "window.log").read_text()
    try:
        window.wait(draw.uniform(0.0, seconds))
    except subprocess.TimeoutExpired:
        os.kill(window.pid, 9)
    window.wait()
    window.stdout.close()
    with Journal(workspace) as journal:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while journal.unended():
            assert time.monotonic() < deadline, [run.state for run in journal.unended()]
            time.sleep(0.05)
        ids = [run.id for run in reversed(journal.runs())]
    return [outcome(workspace, run) for run in ids]
