"""Weights on disk."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy

from workbench.engine import checkpoint
from workbench.errors import WorkspaceError

WEIGHTS = {
    "conv/kernel": np.linspace(-1, 1, 24, dtype=np.float32).reshape(2, 3, 4),
    "conv/bias": np.zeros(4, np.float32),
}


STATE = {
    "optimizer/00000/optimizer/iteration": np.array(7, np.int64),
    "seed/drop/seed_generator_state": np.array([1, 2], np.uint32),
}


def save(folder: Path, step: int, **more: Any) -> checkpoint.Manifest:
    """A checkpoint after `step` steps, of ten steps an epoch."""
    return checkpoint.save(folder, step // 10, step, WEIGHTS, STATE, ends_epoch=step % 10 == 0, **more)


def places(folder: Path) -> list[int]:
    return sorted(each.step for each in checkpoint.manifests(folder))


def test_what_is_saved_comes_back_bit_for_bit_and_any_program_can_read_it(tmp_path: Path) -> None:
    saved = save(tmp_path, 30, best="000003-000000030", facts={"seconds": 1.5})
    (whole,) = checkpoint.good(tmp_path)
    assert whole.manifest == saved == checkpoint.manifest(tmp_path, "best") == checkpoint.manifest(tmp_path, "last")
    for back, was in ((whole.weights, WEIGHTS), (whole.state, STATE)):
        assert back.keys() == was.keys()
        for name, array in was.items():
            assert back[name].tobytes() == array.tobytes()
            assert (back[name].dtype, back[name].shape) == (array.dtype, array.shape)
    assert checkpoint.load(tmp_path, "best").keys() == WEIGHTS.keys()
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


def test_the_newest_two_stay_and_the_best_of_each_and_every_kth_epoch(tmp_path: Path) -> None:
    save(tmp_path, 10, best="000001-000000010")
    for step in (20, 25, 30):
        save(tmp_path, step, best="000001-000000010")
    assert places(tmp_path) == [10, 25, 30]
    save(tmp_path, 40, best="000004-000000040")
    assert places(tmp_path) == [10, 30, 40], "had the newest been damaged, the one before would need its best"
    save(tmp_path, 50, best="000004-000000040", every=2)
    assert places(tmp_path) == [40, 50]
    for step in (60, 65, 70, 80):
        save(tmp_path, step, best="000004-000000040", every=3)
    assert places(tmp_path) == [40, 60, 70, 80]
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_a_checkpoint_written_again_at_its_place_takes_the_place(tmp_path: Path) -> None:
    save(tmp_path, 10)
    again = save(tmp_path, 10, facts={"seconds": 2.0})
    assert checkpoint.manifests(tmp_path) == [again]


@pytest.mark.parametrize("name", ["weights.safetensors", "state.safetensors", "manifest.json"])
@pytest.mark.parametrize("harm", ["bit", "half", "gone"])
def test_of_a_damaged_checkpoint_the_one_before_is_used(tmp_path: Path, name: str, harm: str) -> None:
    older = save(tmp_path, 10)
    file = tmp_path / save(tmp_path, 20).place / name
    content = bytearray(file.read_bytes())
    if harm == "gone":
        file.unlink()
    elif harm == "half":
        file.write_bytes(content[: len(content) // 2])
    else:
        content[-9 if name != "manifest.json" else 0] ^= 1
        file.write_bytes(content)
    assert next(checkpoint.good(tmp_path)).manifest == older


def test_damaged_weights_are_refused_with_a_sentence(tmp_path: Path) -> None:
    saved = save(tmp_path, 10)
    content = bytearray((tmp_path / saved.file).read_bytes())
    content[-1] ^= 1
    (tmp_path / saved.file).write_bytes(bytes(content))
    with pytest.raises(WorkspaceError, match="damaged"):
        checkpoint.load(tmp_path, "last")
    with pytest.raises(WorkspaceError, match="no checkpoint 'best'"):
        checkpoint.load(tmp_path, "best")


def test_half_a_checkpoint_does_not_count(tmp_path: Path) -> None:
    saved = save(tmp_path, 10)
    half = tmp_path / ".000002-000000020.new"
    half.mkdir()
    (half / "weights.safetensors").write_bytes((tmp_path / saved.file).read_bytes())
    assert [each.manifest for each in checkpoint.good(tmp_path)] == [saved]


def test_weights_of_an_older_version_are_still_read(tmp_path: Path) -> None:
    content = safetensors.numpy.save(WEIGHTS)
    (tmp_path / "last-000005-000000200.safetensors").write_bytes(content)
    tree = {
        "file": "last-000005-000000200.safetensors", "epoch": 5, "step": 200, "size": len(content),
        "file_sha256": hashlib.sha256(content).hexdigest(), "weights_sha256": checkpoint.fingerprint(WEIGHTS),
    }  # fmt: skip
    (tmp_path / "last.json").write_text(json.dumps(tree))
    assert checkpoint.fingerprint(checkpoint.load(tmp_path, "last")) == checkpoint.fingerprint(WEIGHTS)
    assert not list(checkpoint.good(tmp_path)), "nothing to go on from"


def test_the_manifest_names_position_files_and_hashes(tmp_path: Path) -> None:
    saved = save(tmp_path, 50)
    tree = json.loads((tmp_path / saved.place / "manifest.json").read_text())
    assert (tree["epoch"], tree["step"]) == (5, 50)
    assert tree["weights_sha256"] == checkpoint.fingerprint(WEIGHTS)
    assert tree["file_sha256"] == hashlib.sha256((tmp_path / tree["file"]).read_bytes()).hexdigest()
    files = [tmp_path / saved.place / name for name in ("weights.safetensors", "state.safetensors")]
    assert tree["size"] == sum(file.stat().st_size for file in files)
