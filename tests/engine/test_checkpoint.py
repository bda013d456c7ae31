"""Weights on disk."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

from workbench.engine import checkpoint
from workbench.errors import WorkspaceError

WEIGHTS = {
    "conv/kernel": np.linspace(-1, 1, 24, dtype=np.float32).reshape(2, 3, 4),
    "conv/bias": np.zeros(4, np.float32),
}


def test_what_is_saved_comes_back_bit_for_bit_and_any_program_can_read_it(tmp_path: Path) -> None:
    saved = checkpoint.save(tmp_path, "best", 3, 120, WEIGHTS)
    back = checkpoint.load(tmp_path, "best")
    assert back.keys() == WEIGHTS.keys()
    assert all((back[name] == array).all() and back[name].dtype == array.dtype for name, array in WEIGHTS.items())
    assert checkpoint.manifest(tmp_path, "best") == saved
    assert safetensors.numpy.load_file(tmp_path / saved.file).keys() == WEIGHTS.keys()


def test_the_fingerprint_is_the_documented_one() -> None:
    digest = hashlib.sha256()
    for name in sorted(WEIGHTS):
        array = WEIGHTS[name]
        digest.update(f"{name}|{array.shape}|float32|".encode() + array.astype("<f4").tobytes())
    assert checkpoint.fingerprint(WEIGHTS) == digest.hexdigest()


@pytest.mark.parametrize("change", ["value", "name", "shape"])
def test_any_difference_changes_the_fingerprint(change: str) -> None:
    other = dict(WEIGHTS)
    if change == "value":
        other["conv/bias"] = np.array([0, 0, 0, 1e-30], np.float32)
    elif change == "name":
        other["conv/offset"] = other.pop("conv/bias")
    else:
        other["conv/kernel"] = other["conv/kernel"].reshape(3, 2, 4)
    assert checkpoint.fingerprint(other) != checkpoint.fingerprint(WEIGHTS)


def test_only_the_newest_file_of_a_name_stays(tmp_path: Path) -> None:
    for epoch in (1, 2, 3):
        checkpoint.save(tmp_path, "best", epoch, epoch * 10, WEIGHTS)
    checkpoint.save(tmp_path, "last", 3, 30, WEIGHTS)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "best-000003-000000030.safetensors", "best.json", "last-000003-000000030.safetensors", "last.json",
    ]  # fmt: skip


def test_a_file_without_a_manifest_does_not_count_and_a_damaged_one_is_refused(tmp_path: Path) -> None:
    saved = checkpoint.save(tmp_path, "best", 1, 10, WEIGHTS)
    (tmp_path / "last-000001-000000010.safetensors").write_bytes((tmp_path / saved.file).read_bytes())
    assert checkpoint.manifest(tmp_path, "last") is None
    with pytest.raises(WorkspaceError, match="no checkpoint 'last'"):
        checkpoint.load(tmp_path, "last")
    content = bytearray((tmp_path / saved.file).read_bytes())
    content[-1] ^= 1
    (tmp_path / saved.file).write_bytes(bytes(content))
    with pytest.raises(WorkspaceError, match="damaged"):
        checkpoint.load(tmp_path, "best")


def test_the_manifest_names_position_file_and_hashes(tmp_path: Path) -> None:
    checkpoint.save(tmp_path, "best", 5, 200, WEIGHTS)
    tree = json.loads((tmp_path / "best.json").read_text())
    assert (tree["epoch"], tree["step"]) == (5, 200)
    assert tree["weights_sha256"] == checkpoint.fingerprint(WEIGHTS)
    assert tree["file_sha256"] == hashlib.sha256((tmp_path / tree["file"]).read_bytes()).hexdigest()
