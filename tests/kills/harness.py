"""Kills real engines with SIGKILL at seeded points, takes the runs up again, and compares with the run nobody touched."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

from tests.kills.engine import VARIABLE
from tests.kills.outcome import Outcome, outcome
from workbench.events import Resumed, State
from workbench.journal import Journal, taking_up
from workbench.launch import notice
from workbench.launch.start import environment
from workbench.paths import Workspace
from workbench.spec.recipe import Recipe, parse

ROOT = Path(__file__).parents[2]
#: How far a kind's numbers go; a point that is never reached is drawn again, nearer.
FARTHEST = {"preparation": 20, "steps": 80, "validation": 24, "checkpoint": 120, "journal": 100, "ending": 4}
#: Seconds after its start within which an engine is killed while it imports.
IMPORT_SECONDS = 3.0
KINDS = ("import", *FARTHEST)


def recipes() -> dict[str, Recipe]:
    """Small trainings that remember as much as can be remembered. One thread each: two run side by side."""
    digits = {"kind": "digits", "limit": 600}
    training = {"epochs": 7, "batch_size": 16, "threads": 1, "save_minutes": 0.002}
    trees = {
        "plateau, early stopping, EMA": {
            "model": {"kind": "cnn", "stages": 1, "width": 8, "dense": 16, "normalization": "batch"},
            "optimizer": {"method": "adam", "learning_rate": 0.02},
            "schedule": {"kind": "plateau", "patience": 1, "factor": 0.5, "min_delta": 0.1},
            "tricks": {
                "dropout": {"rate": 0.3}, "ema": {"decay": 0.8}, "augmentation": {"rotation": 15.0},
                "early_stopping": {"patience": 2, "min_delta": 0.05},
            },
        },
        "ResNet, mixup, clipping": {
            "model": {"kind": "resnet", "depth": 8, "width": 8, "normalization": "batch"},
            "optimizer": {"method": "sgd", "learning_rate": 0.05},
            "schedule": {"kind": "cosine", "warmup": 1},
            "tricks": {
                "mixup": {"alpha": 0.4}, "gradient_clipping": {"limit": 1.0}, "stochastic_depth": {"survival": 0.8},
                "label_smoothing": {"rate": 0.1},
            },
        },
        "MLP, accumulated, schedule-free": {
            "model": {"kind": "mlp", "depth": 2, "width": 32},
            "optimizer": {"method": "schedule_free", "learning_rate": 0.005},
            "tricks": {
                "gradient_accumulation": {"batches": 2}, "dropout": {"rate": 0.2}, "gradient_noise": {"sigma": 0.01},
                "early_stopping": {"patience": 3},
            },
        },
    }  # fmt: skip
    return {name: parse({"data": digits, "training": training, **tree}) for name, tree in trees.items()}


def work(workspace: Workspace, run: str, kill: str = "") -> None:
    """One engine's work on a queued run, to its end or its death; `kill` is a kind with a number (seconds for import)."""
    kind, _, number = kill.partition(":")
    variables = environment("tensorflow", run) | {"PYTHONPATH": str(ROOT), "CUDA_VISIBLE_DEVICES": "-1"}
    if kind and kind != "import":
        variables[VARIABLE] = kill
    command = [sys.executable, "-P", "-m", "tests.kills.engine", "--home", str(workspace.home), "--run", run]
    with (workspace.home / "engines.log").open("ab") as log:
        engine = subprocess.Popen(command, stdout=log, stderr=log, env=variables, start_new_session=True)
        if kind == "import":
            timer = threading.Timer(float(number), os.kill, (engine.pid, signal.SIGKILL))
            timer.start()
            engine.wait()
            timer.cancel()
        engine.wait()


@dataclass(frozen=True)
class Told:
    """What became of one kill."""

    recipe: str
    kill: str
    #: what differs from the run nobody touched; empty when nothing does
    differs: str
    resumed: tuple[Resumed, ...]


def expected(workspace: Workspace, recipe: Recipe) -> Outcome:
    """What comes of a recipe when nobody touches it."""
    with Journal(workspace) as journal:
        run = journal.create_run(recipe).id
    work(workspace, run)
    return outcome(workspace, run)


def killed(workspace: Workspace, name: str, wanted: Outcome, draw: random.Random, kind: str) -> Told:
    """Kill a training at a drawn point of a kind, take it up until it has ended by itself, and compare."""
    recipe = recipes()[name]
    with Journal(workspace) as journal:
        farthest = FARTHEST.get(kind, 0)
        while True:
            number = draw.randint(1, farthest) if farthest else round(draw.uniform(0.05, IMPORT_SECONDS), 2)
            run = journal.create_run(recipe).id
            work(workspace, run, f"{kind}:{number}")
            if journal.run(run).state is not State.ENDED:
                break
            farthest = max(2, farthest // 2)  # it came to its end before: not so far
        for _ in range(10):
            row = journal.run(run)
            if row.state is State.ENDED:
                break
            if row.state is not State.QUEUED:
                assert notice.end_dead(journal, run, "killed by signal 9, SIGKILL")
                taking_up.requeue(journal, journal.run(run))
            work(workspace, run)
        found = outcome(workspace, run)
        resumed = tuple(each.event for each in journal.events(run) if isinstance(each.event, Resumed))
    differs = [field for field in Outcome.__dataclass_fields__ if getattr(found, field) != getattr(wanted, field)]
    return Told(name, f"{kind}:{number}", ", ".join(differs), resumed)
