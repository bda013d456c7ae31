"""A job that is trained for real by its script, killed, gone on with, and imported: the same run to the last bit as one trained here."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from workbench.journal import Journal
from workbench.journal.alive import holder
from workbench.paths import Workspace

pytestmark = [pytest.mark.keras, pytest.mark.timeout(1500)]

ROOT = Path(__file__).parent.parent.parent
BIN = Path(sys.executable).parent
EPOCHS = 4
TINY = (
    "digits-cnn", "--set", f"training.epochs={EPOCHS}", "--set", "data.limit=300", "--set", "model.width=4", "--set", "model.dense=8",
    "--set", "training.batch_size=8", "--set", "tricks.dropout=true", "--set", "training.threads=1",
)  # fmt: skip


def environment(tmp_path: Path) -> dict[str, str]:
    """As bare as a machine without a screen: nothing of the tests, and nothing of the person."""
    return {"PATH": f"{BIN}:/usr/bin:/bin", "HOME": str(tmp_path), "PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3"}


def workbench(tmp_path: Path, *words: str) -> Any:
    """A command of the workbench in a process of its own; its one object."""
    done = subprocess.run(
        [sys.executable, "-m", "workbench", *words], env=environment(tmp_path), cwd=tmp_path, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def killed(script: Path, workspace: Workspace, tmp_path: Path) -> int:
    """Start the script and kill its engine in the second epoch; the script's exit code."""
    with subprocess.Popen(
        ["/bin/sh", str(script)], env=environment(tmp_path), cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:  # fmt: skip
        assert process.stderr
        for line in process.stderr:
            if line.startswith("Epoch 1/"):
                (folder,) = workspace.runs.iterdir()
                engine = holder(folder / "alive")
                assert engine
                os.kill(engine, signal.SIGKILL)
        return process.wait()


def numbers(workspace: Workspace, run: str) -> dict[int, bytes]:
    """Every step's numbers by the step, of the attempt that did it last."""
    with Journal(workspace) as journal:
        blocks = journal.steps(run)
    return {each.block.first_step + at: row.tobytes() for each in blocks for at, row in enumerate(each.block.numbers)}


def course(shown: Any) -> list[Any]:
    return [(each["epoch"], each["step"], each["metrics"]) for each in shown["history"]]


def test_a_job_that_was_killed_and_gone_on_with_comes_back_as_the_run_trained_here(tmp_path: Path) -> None:
    here, job = Workspace(tmp_path / "here"), tmp_path / "the job"
    there = Workspace(job / "workspace")
    home = ("--home", str(here.home))
    direct = workbench(tmp_path, *home, "train", *TINY, "--json")
    workbench(tmp_path, *home, "job", *TINY, "--to", str(job), "--json")

    assert killed(job / "run.sh", there, tmp_path) == 3
    done = subprocess.run(
        ["/bin/sh", str(job / "run.sh"), "--json"], env=environment(tmp_path), cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Going on with" in done.stderr
    trained = json.loads(done.stdout)
    (came,) = workbench(tmp_path, *home, "import", str(job), "--json")["imported"]
    again = workbench(tmp_path, *home, "import", str(job), "--json")

    assert (came["run"], again["imported"], again["already"]) == (trained["run"], [], [trained["run"]])
    mine, theirs = (workbench(tmp_path, *home, "show", run, "--json") for run in (direct["run"], came["run"]))
    assert theirs["ending"] == mine["ending"] == "completed"
    for same in ("epochs", "best_epoch", "best", "last", "weights_sha256", "last_weights_sha256"):
        assert theirs[same] == mine[same] == trained[same]
    assert len(course(mine)) == EPOCHS
    assert course(theirs) == course(mine)
    steps = numbers(here, direct["run"])
    assert len(steps) == mine["history"][-1]["step"]
    assert numbers(here, came["run"]) == steps == numbers(there, came["run"])
    assert np.isfinite(np.frombuffer(steps[1], np.float32)[0])
