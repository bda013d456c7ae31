"""The file of a run's measured loss: what is written is read, and a file of anybody's is told in a sentence."""

from __future__ import annotations

import dataclasses
import io
import json
import os
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from workbench.descent import slices
from workbench.descent.slices import About, Measured, Wanted
from workbench.descent.surfaces import Slice
from workbench.errors import EngineError, WorkspaceError
from workbench.spec.lab import SLICE_POINTS

ABOUT = About("run-1", 4, 180, "ab" * 32, "between", 3, 512, 0.25, 2, 91.5, "000002-000000090", (0.5, 0.0), 3.0, 9.0)
LOSSES = np.arange(SLICE_POINTS**2, dtype=np.float64).reshape(SLICE_POINTS, SLICE_POINTS)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a slice.npz"


def packed(path: Path, **arrays: Any) -> Path:
    """A file with these arrays in place of good ones; None leaves one out."""
    good = {"losses": LOSSES, "reach": np.float64(1.0), "about": np.array(json.dumps(dataclasses.asdict(ABOUT)))}
    np.savez(path, allow_pickle=True, **{name: each for name, each in {**good, **arrays}.items() if each is not None})
    return path


def test_what_is_written_is_read(path: Path) -> None:
    slices.write(path, Measured(Slice(LOSSES, 1.5), ABOUT))
    found = slices.read(str(path))
    assert found.about == ABOUT
    assert found.part.reach == 1.5
    np.testing.assert_array_equal(found.part.losses, LOSSES)


def test_a_file_of_a_later_version_that_says_more_is_read(path: Path) -> None:
    about = {**dataclasses.asdict(ABOUT), "weather": "fair"}
    assert slices.read(packed(path, about=np.array(json.dumps(about)))).about == ABOUT


def test_a_file_of_an_earlier_version_says_nothing_of_the_middle_of_an_epoch(path: Path) -> None:
    about = {name: each for name, each in dataclasses.asdict(ABOUT).items() if name not in {"within", "other_within"}}
    assert slices.read(packed(path, about=np.array(json.dumps(about)))).about == ABOUT


def test_a_file_that_is_gone_says_so(path: Path) -> None:
    with pytest.raises(WorkspaceError, match=r"a slice\.npz is gone\. Measure the run's loss again\."):
        slices.read(path)


HOSTILE: dict[str, tuple[dict[str, Any], str]] = {
    "no losses": ({"losses": None}, "it has no 'losses.npy'"),
    "no word of itself": ({"about": None}, "it has no 'about.npy'"),
    "pickled": ({"losses": np.array([Path()], dtype=object)}, "Object arrays cannot be loaded"),
    "pickled words": ({"about": np.array({"format": 1}, dtype=object)}, "Object arrays cannot be loaded"),
    "another shape": ({"losses": np.zeros((2, 2))}, r"must hold 33 × 33 losses, got float64 of \(2, 2\)"),
    "words for losses": ({"losses": np.full((33, 33), "x")}, "must hold 33 × 33 losses"),
    "losses that are none": ({"losses": np.full((33, 33), np.nan)}, "no finite numbers"),
    "huge": ({"losses": np.zeros((400, 400))}, "larger than any slice's"),
    "no reach": ({"reach": np.float64(0)}, "its reach must be above 0, got 0"),
    "a reach of many": ({"reach": np.zeros(3)}, "no slice of a run"),
    "not JSON": ({"about": np.array("{")}, "no slice of a run"),
    "another version": ({"about": np.array('{"format": 9}')}, "another version"),
    "too little said": ({"about": np.array('{"format": 1}')}, "missing"),
    "words for numbers": (
        {"about": np.array(json.dumps({**dataclasses.asdict(ABOUT), "loss": "low"}))}, "says of itself is damaged",
    ),
    "an endless name": (
        {"about": np.array(json.dumps({**dataclasses.asdict(ABOUT), "other": "0" * 5000}))}, "says of itself is damaged",
    ),
    "a number for yes or no": (
        {"about": np.array(json.dumps({**dataclasses.asdict(ABOUT), "within": 1}))}, "says of itself is damaged",
    ),
    "half a place": ({"about": np.array(json.dumps({**dataclasses.asdict(ABOUT), "other_at": [1]}))}, "no slice of a run"),
}  # fmt: skip


@pytest.mark.parametrize("case", HOSTILE)
def test_a_file_that_is_no_slice_is_told_in_a_sentence(path: Path, case: str) -> None:
    arrays, said = HOSTILE[case]
    with pytest.raises(WorkspaceError, match=said) as told:
        slices.read(packed(path, **arrays))
    assert str(told.value).endswith("Measure one, or choose another.")


@pytest.mark.parametrize("content", [b"", b"PK nothing", b"\x93NUMPY\x01\x00v\x00{'descr': '<f8'}"])
def test_what_is_no_archive_at_all_is_told_in_a_sentence(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(WorkspaceError, match="no slice of a run"):
        slices.read(path)


def test_an_array_that_promises_more_than_it_holds_is_told_in_a_sentence(path: Path) -> None:
    head = io.BytesIO()
    np.lib.format.write_array_header_1_0(head, {"descr": "<f8", "fortran_order": False, "shape": (10**9, 10**9)})
    packed(path, losses=None)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("losses.npy", head.getvalue())
    with pytest.raises(WorkspaceError, match="no slice of a run"):
        slices.read(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
def test_nobody_waits_at_a_pipe_or_in_a_folder(path: Path) -> None:
    os.mkfifo(path)
    for each in (path, path.parent):
        with pytest.raises(WorkspaceError, match="a folder, a device or a channel"):
            slices.read(each)


# --- what is wanted ---------------------------------------------------------------------------------------

WANTED = Wanted("000004-000000180", "000002-000000090", 7, 2.0, 64)


def test_what_is_wanted_is_understood_as_it_was_asked() -> None:
    for each in (WANTED, Wanted("000004-000000180")):
        assert Wanted.of({**each.options(), "run": "x", "to": "y"}) == each


def test_another_slice_has_another_name() -> None:
    changes: list[dict[str, Any]] = [
        {}, {"place": "000003-000000135"}, {"other": ""}, {"seed": 8}, {"reach": 2.5}, {"pictures": 65},
    ]  # fmt: skip
    names = {dataclasses.replace(WANTED, **each).file_name for each in changes}
    assert len(names) == len(changes)
    assert WANTED.file_name == "000004-000000180-between-000002-000000090-7-reach2-64.npz"


def test_the_other_checkpoint_lies_on_a_point_that_is_measured() -> None:
    assert WANTED.other_at is not None
    assert WANTED.other_at[0] in np.linspace(-2, 2, SLICE_POINTS)
    assert Wanted("x").other_at is None


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"directions": "up"}, "directions random or between, got 'up'"),
        ({"directions": "between"}, "needs the other one"),
        ({"seed": -1}, r"Seed must be a whole number from 0 to 2,147,483,647, got -1\."),
        ({"seed": 1.5}, "Seed must be a whole number"),
        ({"pictures": 0}, "Pictures must be a whole number from 1 to 20,000, got 0"),
        ({"pictures": True}, "Pictures must be a whole number"),
        ({"pictures": None}, "got None"),
        ({"reach": 0.0}, "Reach must be a number from 0.01 to 10, got 0.0"),
        ({"reach": float("nan")}, "got nan"),
        ({"reach": "far"}, "got 'far'"),
    ],
)
def test_what_cannot_be_measured_is_refused_in_a_sentence(options: dict[str, Any], said: str) -> None:
    with pytest.raises(EngineError, match=said):
        Wanted.of({"place": "000001-000000001", **options})
