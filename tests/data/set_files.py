"""Small files in the formats of MNIST, Fashion-MNIST and CIFAR."""

from __future__ import annotations

import gzip
import io
import pickle
import struct
import tarfile
from pathlib import Path

import numpy as np

RANDOM = np.random.default_rng(3)
PARTS = {"train": 60, "test": 20}


def grey(count: int) -> np.ndarray:
    return RANDOM.integers(0, 256, (count, 28, 28), np.uint8)


def labels(count: int, classes: int = 10) -> np.ndarray:
    return np.arange(count).astype(np.uint8) % classes


def write_mnist(folder: Path, **changed: np.ndarray) -> dict[str, np.ndarray]:
    arrays = {f"x_{part}": grey(count) for part, count in PARTS.items()}
    arrays |= {f"y_{part}": labels(count) for part, count in PARTS.items()}
    np.savez(folder / "mnist.npz", **{**arrays, **changed})
    return arrays


def write_idx(path: Path, array: np.ndarray) -> None:
    head = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
    path.write_bytes(gzip.compress(head + array.tobytes()))


def write_fashion(folder: Path) -> dict[str, np.ndarray]:
    folder.mkdir(exist_ok=True)
    arrays = {part: grey(count) for part, count in PARTS.items()}
    for part, name in (("train", "train"), ("test", "t10k")):
        write_idx(folder / f"{name}-images-idx3-ubyte.gz", arrays[part])
        write_idx(folder / f"{name}-labels-idx1-ubyte.gz", labels(PARTS[part]))
    return arrays


def write_tar(path: Path, members: dict[str, bytes]) -> None:
    with tarfile.open(path, "w:gz") as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))


def batch(count: int, key: bytes = b"labels", classes: int = 10) -> dict[bytes, object]:
    rows = RANDOM.integers(0, 256, (count, 3072), np.uint8)
    return {
        b"data": rows,
        key: labels(count, classes).tolist(),
        b"batch_label": b"a batch",
        b"filenames": [b"x.png"] * count,
    }


def cifar10_members() -> dict[str, bytes]:
    names = [f"data_batch_{number}" for number in range(1, 6)] + ["test_batch"]
    return {f"cifar-10-batches-py/{name}": pickle.dumps(batch(20), protocol=2) for name in names}
