"""A process that has answered every probe trains the same weights, bit for bit, as one that begins with the run."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest

from tests.engine.training import recipe, train
from workbench.engine.probes import PROBES
from workbench.engine.probes.asked import Asked
from workbench.journal import Journal
from workbench.paths import Workspace

pytestmark = pytest.mark.keras


def test_a_run_after_every_probe_has_the_weights_of_a_run_without(workspace: Workspace, journal: Journal) -> None:
    wanted = recipe(
        training__epochs=2, data__limit=400, tricks__dropout=True, tricks__augmentation=True, model__normalization="batch",
        model__width=8, initializer__kind="orthogonal", optimizer__method="sgd", optimizer__momentum=0.9,
    )  # fmt: skip
    cold = journal.create_run(wanted)
    command = [sys.executable, "-m", "workbench.engine", "--home", str(workspace.home), "--run", cold.id]
    environment = {name: value for name, value in os.environ.items() if name != "KERAS_BACKEND"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr

    told: list[dict[str, Any]] = []
    few = {
        "xray": {"kinds": ["doubling"]},
        "rate": {"steps": 30},
        "preflight": {"largest": False},
        "overfit": {"steps": 20},
    }
    assert few.keys() == PROBES.keys()
    before = sorted(path.relative_to(workspace.home) for path in workspace.home.rglob("*"))
    for name, probe in PROBES.items():
        assert probe(Asked(workspace, wanted, told.append, few[name]))
    assert sorted(path.relative_to(workspace.home) for path in workspace.home.rglob("*")) == before
    assert [run.id for run in journal.runs()] == [cold.id]
    after = train(workspace, wanted)
    assert after.run.weights_sha256 == journal.run(cold.id).weights_sha256 is not None
    assert after.run.last_weights_sha256 == journal.run(cold.id).last_weights_sha256 is not None
