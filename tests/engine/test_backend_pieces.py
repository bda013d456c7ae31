import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.keras


@pytest.mark.parametrize("backend", ["tensorflow", "jax", "torch"])
def test_the_pieces_of_a_step_hold_on_every_backend(backend: str) -> None:
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed; with it this test would check the pieces of a step on it")
    command = [sys.executable, "-m", "tests.engine.backend_checks"]
    environment = {**os.environ, "KERAS_BACKEND": backend, "PYTHONPATH": str(ROOT)}

    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd=ROOT)

    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["augmentation", "changes", "mixing", "clipping", "shortcut", "dropout", "decay"]
