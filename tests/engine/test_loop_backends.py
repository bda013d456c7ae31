"""Every backend's loop makes the same of a recipe, from the same weights, with each trick of the loop."""

import functools
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytestmark = pytest.mark.keras

ROOT = Path(__file__).parents[2]


@functools.cache
def found(backend: str) -> dict[str, Any]:
    environment = {**os.environ, "KERAS_BACKEND": backend, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", "tests.engine.loop_checks"], env=environment, capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return result


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_every_trick_of_the_loop_is_the_same_on_every_backend(backend: str) -> None:
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed; with it this test would compare its loop with TensorFlow's")
    ours, theirs = found("tensorflow"), found(backend)
    assert ours.keys() == theirs.keys() - {"small set, compiled"}
    for trick in ours:
        for what in ("numbers", "counted", "remeasured", "judged", "own"):
            one, other = np.array(ours[trick][what]), np.array(theirs[trick][what])
            assert one.shape == other.shape, (trick, what)
            # Half formats round to two or three digits, and each backend in its own places.
            loose = 100 if trick.endswith("float16") else 1
            if what in {"counted", "remeasured"} and loose > 1:
                one, other = one[:1], other[:1]
            assert np.allclose(one, other, rtol=2e-4 * loose, atol=2e-5 * loose), (
                trick,
                what,
                np.abs(one - other).max(),
            )


def test_only_the_average_is_judged_otherwise_than_it_is_trained() -> None:
    for trick, each in found("tensorflow").items():
        assert np.allclose(each["judged"], each["own"]) == (trick not in {"ema", "schedule free"}), trick


def test_on_jax_the_compiled_loop_of_a_gpu_makes_the_same_of_a_set_smaller_than_a_batch() -> None:
    ours, theirs = found("jax")["small set"], found("jax")["small set, compiled"]
    assert np.allclose(ours["numbers"], theirs["numbers"], rtol=1e-5, atol=1e-6)
    assert np.allclose(ours["own"], theirs["own"], rtol=1e-5)
