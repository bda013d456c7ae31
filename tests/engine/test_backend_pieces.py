import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.keras


@pytest.mark.parametrize("backend", ["tensorflow", "jax", "torch"])
def test_the_pieces_of_a_step_hold_on_every_backend(backend: str) -> None:
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed; with it this test would check the pieces of a step on it")
    script = Path(__file__).with_name("backend_checks.py")
    environment = {**os.environ, "KERAS_BACKEND": backend}

    done = subprocess.run([sys.executable, str(script)], env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["augmentation", "clipping", "shortcut", "dropout", "decay"]
