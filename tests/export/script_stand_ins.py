"""Stand-ins of the data sets that presets ask for: same shape and classes, 200 pictures, in the loaders' own file formats."""

from __future__ import annotations

import gzip
import io
import pickle
import struct
import tarfile
from pathlib import Path

import numpy as np
from PIL import Image

from workbench.spec.recipe import Recipe, changed

TRAINING, TEST = 160, 40
CLASSES = 5


def prepared(recipe: Recipe, home: Path) -> Recipe:
    """The recipe with its data in place: files below `home` (Keras' own folder), or fewer pictures that are drawn."""
    random = np.random.default_rng(0)
    datasets = home / "datasets"
    datasets.mkdir(parents=True, exist_ok=True)
    match recipe.data.kind:
        case "shapes" | "shape_masks":
            return changed(recipe, "data.count", 200)
        case "mnist":
            np.savez(datasets / "mnist.npz", **_grey(random))
        case "fashion_mnist":
            _fashion(datasets / "fashion-mnist", _grey(random))
        case "cifar10":
            names = [f"cifar-10-batches-py/data_batch_{number}" for number in range(1, 6)]
            _cifar(datasets / "cifar-10-batches-py-target_archive", [*names, "cifar-10-batches-py/test_batch"], random)
        case "folder":
            return changed(recipe, "data.path", str(folder(home / "own", random)))
    return recipe


def _grey(random: np.random.Generator) -> dict[str, np.ndarray]:
    made = {}
    for part, count in (("train", TRAINING), ("test", TEST)):
        made[f"y_{part}"] = (np.arange(count) % 10).astype(np.uint8)
        # A class is brighter than the one before, so that there is something to learn.
        made[f"x_{part}"] = (random.integers(0, 156, (count, 28, 28)) + 10 * made[f"y_{part}"][:, None, None]).astype(
            np.uint8
        )
    return made


def _fashion(folder: Path, arrays: dict[str, np.ndarray]) -> None:
    folder.mkdir()
    for part, name in (("train", "train"), ("test", "t10k")):
        for letter, kind in (("x", "images-idx3"), ("y", "labels-idx1")):
            array = arrays[f"{letter}_{part}"]
            head = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
            (folder / f"{name}-{kind}-ubyte.gz").write_bytes(gzip.compress(head + array.tobytes()))


def _cifar(path: Path, names: list[str], random: np.random.Generator) -> None:
    with tarfile.open(path, "w:gz") as tar:
        for name in names:
            count = TEST if "test" in name else TRAINING // 5
            labels = np.arange(count) % 10
            rows = (random.integers(0, 156, (count, 3072)) + 10 * labels[:, None]).astype(np.uint8)
            content = _as_python_2({b"data": rows, b"labels": labels.tolist()})
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))


class _OldPickler(pickle._Pickler):
    """Writes bytes as Python 2 wrote its texts, as the real files have them: Keras reads no other form."""

    dispatch = pickle._Pickler.dispatch.copy()

    def _save_old(self, content: bytes) -> None:
        self.write(pickle.BINSTRING + struct.pack("<i", len(content)) + content)
        self.memoize(content)

    dispatch[bytes] = _save_old


def _as_python_2(tree: dict[bytes, object]) -> bytes:
    written = io.BytesIO()
    _OldPickler(written, protocol=2).dump(tree)
    return written.getvalue().replace(b"numpy._core.multiarray", b"numpy.core.multiarray")


def folder(path: Path, random: np.random.Generator) -> Path:
    """Photographs of unequal sizes in PNG and JPEG, some in grey or with transparency; one class has a folder within."""
    modes = ("RGB", "L", "RGBA", "P", "LA")
    for number in range(200):
        of_class = number % CLASSES
        height, width = random.integers(40, 120, 2)
        pixels = random.integers(0, 156, (height, width, 3)) + 20 * of_class
        inside = path / f"class{of_class}" / ("more" if number % 25 == 0 else "")
        inside.mkdir(parents=True, exist_ok=True)
        image = Image.fromarray(pixels.astype(np.uint8))
        if number % 3:
            image.convert(modes[number % len(modes)]).save(inside / f"{number}.png")
        else:
            image.save(inside / f"{number}.jpg", quality=90)
    return path
