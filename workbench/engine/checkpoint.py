"""Weights on disk: safetensors with a manifest, each written whole or not at all.

`best` and `last` are the two names a run has. The manifest is written after the weights and names their
file and hash: it is the pointer; what it does not name does not count. Names of arrays are ours
("stage_1_conv_1/kernel"), so that any program can read them.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import safetensors
import safetensors.numpy

from workbench.errors import WorkspaceError
from workbench.paths import write_atomic

Arrays = Mapping[str, npt.NDArray[Any]]


@dataclass(frozen=True)
class Manifest:
    """What a checkpoint is: its position, its file and the fingerprints of both file and weights."""

    file: str
    epoch: int
    step: int
    size: int
    file_sha256: str
    weights_sha256: str


def weights_of(model: Any) -> dict[str, npt.NDArray[Any]]:
    """The weights, trainable or not, by our names; without optimizer and seed states."""
    import keras  # noqa: PLC0415 - reading a checkpoint needs no Keras

    return {weight.path: keras.ops.convert_to_numpy(weight.value) for weight in model.weights}


def fingerprint(arrays: Arrays) -> str:
    """SHA-256 over names, shapes, dtypes and little-endian bytes, in the order of the names."""
    digest = hashlib.sha256()
    for name in sorted(arrays):
        array = np.asarray(arrays[name])
        little = array.astype(array.dtype.newbyteorder("<"), copy=False)
        digest.update(f"{name}|{array.shape}|{array.dtype.name}|".encode())
        digest.update(np.ascontiguousarray(little).tobytes())
    return digest.hexdigest()


def save(folder: Path, keep: str, epoch: int, step: int, arrays: Arrays) -> Manifest:
    """Write the weights as `keep` ("best" or "last"). Raises WorkspaceError when the disk does not take them."""
    content = safetensors.numpy.save({name: np.ascontiguousarray(array) for name, array in arrays.items()})
    # Each position has a file of its own: until the manifest is renamed, it points to the older whole file.
    file = f"{keep}-{epoch:06d}-{step:09d}.safetensors"
    manifest = Manifest(file, epoch, step, len(content), hashlib.sha256(content).hexdigest(), fingerprint(arrays))
    write_atomic(folder / file, content)
    write_atomic(folder / f"{keep}.json", json.dumps(dataclasses.asdict(manifest), indent=1).encode())
    for old in folder.glob(f"{keep}-*.safetensors"):
        if old.name != file:
            old.unlink(missing_ok=True)
    return manifest


def manifest(folder: Path, keep: str) -> Manifest | None:
    """The manifest of the checkpoint `keep`, or None when there is none."""
    path = folder / f"{keep}.json"
    return Manifest(**json.loads(path.read_bytes())) if path.is_file() else None


def load(folder: Path, keep: str) -> dict[str, npt.NDArray[Any]]:
    """The weights of the checkpoint `keep`, verified. Raises WorkspaceError when they are missing or damaged."""
    described = manifest(folder, keep)
    if described is None:
        raise WorkspaceError(f"There is no checkpoint {keep!r} in {folder}.")
    content = (folder / described.file).read_bytes()
    if hashlib.sha256(content).hexdigest() != described.file_sha256:
        raise WorkspaceError(f"{folder / described.file} is damaged: its bytes are not those that were written.")
    try:
        return dict(safetensors.numpy.load(content))
    except safetensors.SafetensorError as error:
        raise WorkspaceError(f"{folder / described.file} is damaged ({error}).") from error


def assign(model: Any, arrays: Arrays) -> None:
    """Give a model the weights of a checkpoint. Raises WorkspaceError when names or shapes differ."""
    mine = {weight.path: weight for weight in model.weights}
    wrong = sorted(mine.keys() ^ arrays.keys())
    wrong += [name for name in mine.keys() & arrays.keys() if tuple(mine[name].shape) != arrays[name].shape]
    if wrong:
        raise WorkspaceError(
            f"The checkpoint belongs to another network; these weights differ: {', '.join(wrong[:8])}."
        )
    for name, weight in mine.items():
        weight.assign(arrays[name])
