"""A process that has answered every probe trains the same weights, bit for bit, as one that begins with the run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.engine.training import recipe, train
from workbench.engine.probes import PROBES
from workbench.engine.probes.asked import Asked
from workbench.journal import Journal
from workbench.journal.kept import checkpoints, manifests
from workbench.paths import Workspace

pytestmark = pytest.mark.keras


def files(workspace: Workspace) -> list[Path]:
    """Everything in the workspace, but what is kept of a run's results."""
    found = (path.relative_to(workspace.home) for path in workspace.home.rglob("*"))
    return sorted(path for path in found if "results" not in path.parts)


def test_a_run_after_every_probe_has_the_weights_of_a_run_without(
    workspace: Workspace, journal: Journal, tmp_path_factory: pytest.TempPathFactory
) -> None:
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
    away, newest = tmp_path_factory.mktemp("answers"), manifests(checkpoints(journal, cold.id))[0]
    Image.new("L", (8, 8), 90).save(picture := away / "own.png")
    of_cold = {"run": cold.id, "place": str(newest["file"]).partition("/")[0], "part": "validation"}
    few: dict[str, dict[str, Any]] = {
        "xray": {"kinds": ["doubling"]},
        "rate": {"steps": 30},
        "preflight": {"largest": False},
        "overfit": {"steps": 20},
        "fed": {"draws": 2, "epoch": 1, "to": str(away)},
        "results": of_cold,
        "inside": {**of_cold, "rows": [0, 1], "classes": [3, 4], "to": str(away / "inside.npz")},
        "try": {**of_cold, "pictures": [str(picture)], "to": str(away)},
        "slice": {
            **of_cold,
            "directions": "random",
            "seed": 1,
            "reach": 1.0,
            "pictures": 20,
            "to": str(away / "slice.npz"),
        },
        "export": {**of_cold, "which": of_cold["place"], "as": "savedmodel", "to": str(away / "model")},
    }
    assert few.keys() == PROBES.keys()
    before = files(workspace)
    for name, probe in PROBES.items():
        assert probe(Asked(workspace, wanted, told.append, few[name]))
    assert files(workspace) == before
    assert [run.id for run in journal.runs()] == [cold.id]
    after = train(workspace, wanted)
    assert after.run.weights_sha256 == journal.run(cold.id).weights_sha256 is not None
    assert after.run.last_weights_sha256 == journal.run(cold.id).last_weights_sha256 is not None
