from __future__ import annotations

import os
import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.data.plain_pickle import PickleError, RawArray, read_pickle

PIXELS = np.arange(24, dtype=np.uint8).reshape(2, 12)
#: As Python 2 and an old NumPy wrote the real files: text opcodes, bytes as str, numpy.core.
FROM_PYTHON_2 = (
    b"\x80\x02}q\x01(U\x04dataq\x02cnumpy.core.multiarray\n_reconstruct\nq\x03cnumpy\nndarray\nq\x04K\x00\x85q\x05U\x01bq\x06"
    b"\x87q\x07Rq\x08(K\x01K\x02K\x03\x86q\tcnumpy\ndtype\nq\nU\x02u1q\x0bK\x00K\x01\x87q\x0cRq\r(K\x03U\x01|q\x0eNNNJ\xff\xff\xff\xff"
    b"J\xff\xff\xff\xffK\x00tq\x0fb\x89U\x06\x01\x02\x03\x04\xfe\xffq\x10tq\x11bU\x06labelsq\x12]q\x13(K\x03K\x07eu."
)


class Attack:
    """A pickle of this runs a command when it is read carelessly."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[object, ...]:
        return os.system, (f"touch {self.target}",)


@pytest.mark.parametrize("protocol", range(6))
def test_an_array_and_labels_are_read_as_every_protocol_writes_them(protocol: int) -> None:
    tree = read_pickle(pickle.dumps({b"data": PIXELS, b"labels": [1, 2]}, protocol=protocol))
    array = tree["data"]
    assert isinstance(array, RawArray)
    assert np.array_equal(array.as_bytes(), PIXELS)
    assert tree["labels"] == [1, 2]


def test_a_file_of_python_2_is_read() -> None:
    tree = read_pickle(FROM_PYTHON_2)
    assert isinstance(tree["data"], RawArray)
    assert tree["data"].as_bytes().tolist() == [[1, 2, 3], [4, 254, 255]]
    assert tree["labels"] == [3, 7]


@pytest.mark.parametrize("protocol", range(6))
def test_a_malicious_pickle_is_refused_and_runs_nothing(tmp_path: Path, protocol: int) -> None:
    with pytest.raises(PickleError, match=r"asks for .*system, which is not allowed"):
        read_pickle(pickle.dumps({b"data": Attack(tmp_path / "harm")}, protocol=protocol))
    assert not (tmp_path / "harm").exists()


@pytest.mark.parametrize(
    "name",
    [
        b"builtins\neval",
        b"builtins\ngetattr",
        b"numpy\nload",
        b"numpy\nndarray.tofile",
        b"numpy.core.multiarray\nfromfile",
    ],
)
def test_every_other_name_is_refused(name: bytes) -> None:
    with pytest.raises(PickleError, match="not allowed"):
        read_pickle(b"c" + name + b"\n(S'x'\ntR.")


def test_an_array_of_objects_is_not_taken_for_pixels() -> None:
    with pytest.raises(PickleError, match="an array of an unknown form"):
        read_pickle(pickle.dumps({b"data": np.array([1, None])}, protocol=2))


def test_an_array_shorter_than_its_shape_is_refused() -> None:
    content = FROM_PYTHON_2.replace(b"K\x02K\x03\x86", b"K\x09K\x03\x86")
    array = read_pickle(content)["data"]
    assert isinstance(array, RawArray)
    with pytest.raises(PickleError, match="wrong length"):
        array.as_bytes()


@given(st.binary(max_size=60), st.integers(0, len(FROM_PYTHON_2)))
def test_any_damage_is_a_sentence(noise: bytes, place: int) -> None:
    damaged = FROM_PYTHON_2[:place] + noise + FROM_PYTHON_2[place + len(noise) :]
    refused, read, content = "", None, None
    try:
        read = read_pickle(damaged)
        array = read.get("data")
        content = array.as_bytes() if isinstance(array, RawArray) else None
    except PickleError as error:
        refused = str(error)
    assert refused or type(read) is dict
    assert content is None or content.dtype == np.uint8
