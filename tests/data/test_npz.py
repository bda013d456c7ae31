from __future__ import annotations

import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbench.data import DataSet
from workbench.data.npz import Npz as Reader
from workbench.data.npz import peek
from workbench.errors import DataError
from workbench.spec.data import Npz

X = np.random.default_rng(5).integers(0, 256, (40, 8, 8, 3), np.uint8)
Y = (np.arange(40) % 4).astype(np.int64)


@pytest.fixture
def save(tmp_path: Path) -> Callable[..., str]:
    def write(**arrays: object) -> str:
        path = tmp_path / "mine.npz"
        np.savez(path, **arrays)  # type: ignore[arg-type] - whatever a person saves
        return str(path)

    return write


def pixels(path: str, size: int = 8) -> np.ndarray:
    source = Reader(Path(path), size, lambda *_report: None)
    found = np.zeros((len(source.listing.labels), size, size, source.listing.channels), np.uint8)
    for piece in source.read(np.arange(len(found))):
        found[piece.places] = piece.pixels
    return found


def test_bytes_stay_as_they_are(save: Callable[..., str], read: Callable[..., DataSet]) -> None:
    path = save(x=X, y=Y)
    assert np.array_equal(pixels(path), X)
    found = read(Npz(path=path, image_size=8, validation=0.2, test=0.2))
    assert (len(found.training), len(found.validation), len(found.test)) == (24, 8, 8)
    assert found.classes == ("0", "1", "2", "3")


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        (X / 255, X),
        ((X / 255).astype(np.float32), X),
        ((X / 255).astype(">f4"), X),
        ((X // 16 * 16 / 255).astype(np.float16), X // 16 * 16),
        (X.astype(np.float64), X),
        (X.astype(np.int64), X),
        (X.astype(">u2"), X),
        (X > 127, (X > 127) * 255),
        ((X > 127).astype(np.uint8), X > 127),
        (np.asfortranarray(X), X),
    ],
    ids=["fractions", "float32", "big-endian", "float16", "0 to 255", "int64", "uint16", "switches", "bytes 0 and 1", "column order"],
)  # fmt: skip
def test_every_kind_of_number_becomes_bytes_by_the_stated_rule(
    save: Callable[..., str], stored: np.ndarray, expected: np.ndarray
) -> None:
    assert np.array_equal(pixels(save(x=stored, y=Y)), expected)


def test_grey_pictures_need_no_channel_axis(save: Callable[..., str]) -> None:
    assert np.array_equal(pixels(save(x=X[..., 0], y=Y)), X[..., :1])


def test_a_file_with_its_own_test_part_keeps_it(save: Callable[..., str], read: Callable[..., DataSet]) -> None:
    path = save(x_train=X, y_train=Y, x_test=X[:3], y_test=Y[:3])
    found = read(Npz(path=path, image_size=8, validation=0.2, test=0.5))
    assert (len(found.training), len(found.validation), len(found.test)) == (32, 8, 3)
    assert np.array_equal(found.test.pictures.array(), X[:3])


HOLE = (X / 255).astype(np.float32)
HOLE[7, 0, 0, 0] = np.nan
GAPS = np.where(Y == 2, 3, Y)


@pytest.mark.parametrize(
    ("arrays", "sentence"),
    [
        ({"x": X}, r"it holds x; it needs x \(pictures\) and y \(labels\)"),
        ({"pictures": X, "labels": Y}, "it holds pictures, labels; it needs x"),
        ({"x": X[0, 0], "y": Y}, r"x has the shape \(8, 3\); it must be \(pictures, height, width\)"),
        ({"x": X[:, :, :, :2], "y": Y}, r"so 2 channels; 1 \(grey\) or 3 \(colour\) are read"),
        ({"x": X.transpose(0, 3, 1, 2), "y": Y}, r"so use x\.transpose\(0, 2, 3, 1\)"),
        ({"x": X[:0], "y": Y[:0]}, "x holds no pictures"),
        ({"x": X, "y": Y[:30]}, "x has 40 pictures and y 30 labels; both must be as many"),
        ({"x": X, "y": np.eye(4)[Y]}, r"if it is one-hot, use y\.argmax\(axis=1\)"),
        ({"x": HOLE, "y": Y}, r"no numbers \(NaN or infinite\), first in picture 7"),
        ({"x": X.astype(np.int32) - 1, "y": Y}, "values from -1 to 254; allowed are 0 to 255"),
        ({"x": X * 2.0, "y": Y}, "values from 0 to 510"),
        ({"x": X.astype(complex), "y": Y}, "x holds complex128; pictures are whole numbers"),
        ({"x": np.array([None] * 40), "y": Y}, r"x holds Python objects \(dtype object\)"),
        ({"x": X, "y": np.array(["a"] * 40)}, "y holds <U1; labels are whole numbers"),
        ({"x": X, "y": np.array(["a"] * 40, object)}, r"y holds Python objects"),
        ({"x": X, "y": Y.astype(float)}, r"y holds float64; labels are whole numbers, so use y\.astype\('int64'\)"),
        ({"x": X, "y": Y - 1}, "y holds the label -1; labels count from 0"),
        ({"x": X, "y": Y * 100}, "there is the label 300, but there are only 40 pictures; number the classes from 0"),
        ({"x": X, "y": np.full(40, 2**40)}, "y holds the label 1,099,511,627,776; number the classes"),
        ({"x": X, "y": GAPS}, "the labels go up to 3, but no picture has the label 2; number the classes"),
        ({"x": X, "y": np.zeros(40, int)}, "all pictures have the label 0. There must be at least two classes"),
    ],
)  # fmt: skip
def test_every_mistake_has_its_sentence(
    save: Callable[..., str], read: Callable[..., DataSet], arrays: dict[str, np.ndarray], sentence: str
) -> None:
    with pytest.raises(DataError, match=sentence):
        read(Npz(path=save(**arrays), image_size=8))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"not a zip file at all", b"\x93NUMPY\x01\x00"])
def test_a_file_of_another_kind_says_so(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.npz"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"it is no \.npz file"):
        peek(path)


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read: it is not there any more"):
        peek(tmp_path / "none.npz")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 3000), st.binary(min_size=1, max_size=30))
def test_any_damage_is_a_sentence(tmp_path: Path, place: int, noise: bytes) -> None:
    path = tmp_path / "damaged.npz"
    np.savez_compressed(path, x=X[:8, :4, :4], y=Y[:8])
    content = path.read_bytes()
    place %= len(content)
    path.write_bytes(content[:place] + noise + content[place + len(noise) :])
    refused, read = "", None
    try:
        read = pixels(str(path))
    except DataError as error:
        refused = str(error)
    if read is None:
        assert "damaged.npz" in refused
        assert refused.endswith((".", ")"))
    else:
        assert read.dtype == np.uint8
        assert read.ndim == 4


def test_a_header_that_lies_about_its_size_takes_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "bomb.npz"
    np.savez(path, x=X, y=Y)
    liar = np.lib.format.magic(1, 0)
    head = b"{'descr': '|u1', 'fortran_order': False, 'shape': (40, 9999, 9999, 3), }\n"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("x.npy", liar + len(head).to_bytes(2, "little") + head + bytes(1000))
        with file.open("y.npy", "w") as member:
            np.lib.format.write_array(member, Y)
    tracemalloc.start()
    try:
        with pytest.raises(DataError, match="cut off"):
            list(Reader(path, 8, lambda *_report: None).read(np.arange(40)))
        assert tracemalloc.get_traced_memory()[1] < 64 << 20
    finally:
        tracemalloc.stop()


def test_a_large_file_is_read_in_stretches(tmp_path: Path) -> None:
    path = tmp_path / "large.npz"
    count = 4_000
    np.savez_compressed(path, x=np.zeros((count, 64, 64), np.float32), y=np.arange(count) % 2)
    tracemalloc.start()
    try:
        source = Reader(path, 8, lambda *_report: None)
        assert sum(len(piece.places) for piece in source.read(np.arange(count))) == count
        # The array has 66 MB.
        assert tracemalloc.get_traced_memory()[1] < 40 << 20
    finally:
        tracemalloc.stop()
