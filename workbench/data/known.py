"""Reads MNIST, Fashion-MNIST, CIFAR-10 and CIFAR-100 from the files of keras.datasets.

Knows the formats of those files and where they come from (fetching); nothing of splits or stores.
"""

from __future__ import annotations

import gzip
import math
import struct
import tarfile
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from workbench.data.arrays import Arrays, Block, both_parts
from workbench.data.fetching import CIFAR10, CIFAR100, FASHION_MNIST, MNIST, Remote, fetch
from workbench.data.npy import Array, NpyError, NpzFile
from workbench.data.pictures import Labels, Pixels, Progress
from workbench.data.plain_pickle import PickleError, RawArray, read_pickle
from workbench.data.source import explain_reading
from workbench.errors import DataError
from workbench.events import Phase
from workbench.paths import Workspace
from workbench.spec import data as spec

DIGITS = tuple(str(number) for number in range(10))
CLOTHES = (
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
)  # fmt: skip
THINGS = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")

#: What damaged and cut-off files make the readers raise.
_DAMAGE = (tarfile.TarError, zlib.error, EOFError, gzip.BadGzipFile, NpyError, PickleError)
#: The largest real member is CIFAR-100's train, 155 MB.
_LARGEST_MEMBER = 256 << 20
_CIFAR_SIDE = 32


def read_mnist(image_size: int, workspace: Workspace, progress: Progress) -> Arrays:
    path = fetch(MNIST, workspace, progress)
    progress(Phase.READING, 0, None, path.name)
    try:
        with NpzFile(path) as file:
            training, test = (
                (_grey(file.read(f"x_{part}")), _whole(file.read(f"y_{part}"))) for part in ("train", "test")
            )
        return both_parts([training], [test], DIGITS, image_size=image_size, name=path.name)
    except (*_DAMAGE, OSError) as error:
        raise DataError(_damaged(path, error)) from error


def read_fashion_mnist(image_size: int, workspace: Workspace, progress: Progress) -> Arrays:
    paths = [fetch(remote, workspace, progress) for remote in FASHION_MNIST]
    arrays: list[Pixels] = []
    for done, path in enumerate(paths):
        progress(Phase.READING, done, len(paths), path.name)
        try:
            arrays.append(read_idx(path))
        except (*_DAMAGE, OSError) as error:
            raise DataError(_damaged(path, error)) from error
    training, test = (_grey(arrays[0]), _whole(arrays[1])), (_grey(arrays[2]), _whole(arrays[3]))
    for (pixels, labels), path in ((training, paths[0]), (test, paths[2])):
        if len(pixels) != len(labels):
            raise DataError(_damaged(path, NpyError("its pictures and labels differ in number")))
    return both_parts([training], [test], CLOTHES, image_size=image_size, name="fashion-mnist")


def read_cifar10(image_size: int, workspace: Workspace, progress: Progress) -> Arrays:
    training = [f"cifar-10-batches-py/data_batch_{number}" for number in range(1, 6)]
    archive = _Archive(CIFAR10, fetch(CIFAR10, workspace, progress))
    archive.read((*training, "cifar-10-batches-py/test_batch"), progress)
    parts = archive.batches(training, "labels"), archive.batches(["cifar-10-batches-py/test_batch"], "labels")
    return both_parts(*parts, THINGS, image_size=image_size, name=archive.path.name)


def read_cifar100(image_size: int, workspace: Workspace, progress: Progress) -> Arrays:
    train, test, meta = (f"cifar-100-python/{name}" for name in ("train", "test", "meta"))
    archive = _Archive(CIFAR100, fetch(CIFAR100, workspace, progress))
    archive.read((train, test, meta), progress)
    classes = archive.names(meta, "fine_label_names", 100)
    parts = archive.batches([train], "fine_labels"), archive.batches([test], "fine_labels")
    return both_parts(*parts, classes, image_size=image_size, name=archive.path.name)


def read_idx(path: Path) -> Pixels:
    """An IDX file of bytes (gzip): two zeros, type 8, number of axes, each axis as a big-endian word, the bytes."""
    with gzip.open(path, "rb") as file:
        head = file.read(4)
        if len(head) != 4 or head[:3] != b"\0\0\x08" or not 1 <= head[3] <= 3:  # noqa: PLR2004 - the format's own numbers
            raise NpyError("it is no IDX file of bytes")
        axes = file.read(4 * head[3])
        if len(axes) != 4 * head[3]:
            raise NpyError("it is cut off")
        shape = struct.unpack(f">{head[3]}I", axes)
        if math.prod(shape) > _LARGEST_MEMBER:
            raise NpyError("its header is wrong")
        content = file.read(math.prod(shape) + 1)
    if len(content) != math.prod(shape):
        raise NpyError("its length is not what its header says")
    return np.frombuffer(content, np.uint8).reshape(shape)


class _Archive:
    """A CIFAR archive: pickles in a tar file. Members are read by name; nothing is unpacked onto the disk."""

    def __init__(self, remote: Remote, path: Path) -> None:
        self.path = path
        self._remote = remote
        self._members: dict[str, dict[str, object]] = {}

    def read(self, names: Iterable[str], progress: Progress) -> None:
        wanted = set(names)
        total = len(wanted)
        try:
            with tarfile.open(self.path, "r:gz") as tar:
                while wanted and (member := tar.next()) is not None:
                    name = member.name.removeprefix("./")
                    file = tar.extractfile(member) if name in wanted and member.isfile() else None
                    if file is None:
                        continue
                    if member.size > _LARGEST_MEMBER:
                        raise NpyError(f"{name} in it is too large")
                    progress(Phase.READING, total - len(wanted), total, name)
                    self._members[name] = read_pickle(file.read())
                    wanted.remove(name)
        except (*_DAMAGE, OSError) as error:
            raise DataError(_damaged(self.path, error)) from error
        if wanted:
            raise DataError(_damaged(self.path, NpyError(f"{min(wanted)} is missing in it")))

    def batches(self, names: Iterable[str], label_key: str) -> list[Block]:
        """Pictures (n, 32, 32, 3) and labels of each member, which is let go; its rows are red, green and blue planes."""
        blocks = []
        for name in names:
            member = self._members.pop(name)
            data, marks = member.get("data"), member.get(label_key)
            if not (
                isinstance(data, RawArray) and isinstance(marks, list) and all(type(mark) is int for mark in marks)
            ):
                raise DataError(_damaged(self.path, PickleError(f"{name} holds no {label_key}")))
            try:
                planes = data.as_bytes().reshape(len(marks), 3, _CIFAR_SIDE, _CIFAR_SIDE)
                blocks.append((planes.transpose(0, 2, 3, 1), np.array(marks, np.int32)))
            except (ValueError, OverflowError, PickleError) as error:
                raise DataError(_damaged(self.path, PickleError(f"{name} has a wrong shape"))) from error
        return blocks

    def names(self, member: str, key: str, count: int) -> tuple[str, ...]:
        names = self._members[member].get(key)
        if not isinstance(names, list) or len(names) != count:
            raise DataError(_damaged(self.path, PickleError(f"{member} does not name {count} classes")))
        return tuple(name.decode("utf-8", "replace") if isinstance(name, bytes) else str(name) for name in names)


def _grey(pixels: Array) -> Pixels:
    if pixels.ndim != 3 or pixels.dtype != np.uint8:  # noqa: PLR2004 - pictures, height, width
        raise NpyError("its pictures are not of the expected shape")
    return pixels[..., None]


def _whole(labels: Array) -> Labels:
    if labels.ndim != 1 or labels.dtype.kind not in "ui":
        raise NpyError("its labels are not of the expected shape")
    return labels.astype(np.int32)


def _damaged(path: Path, error: Exception) -> str:
    reason = explain_reading(error) if isinstance(error, OSError) and error.errno else str(error).rstrip(".")
    return f"{path} cannot be read: {reason}. Delete the file and start again; it is then fetched afresh."


#: The reader of each of these sets, by its spec.
READERS: dict[type[spec.DataSpec], Callable[[int, Workspace, Progress], Arrays]] = {
    spec.Mnist: read_mnist,
    spec.FashionMnist: read_fashion_mnist,
    spec.Cifar10: read_cifar10,
    spec.Cifar100: read_cifar100,
}
