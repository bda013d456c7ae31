from __future__ import annotations

import errno
import os
import shutil
import threading
import time
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.data import DataSet
from workbench.data.crew import decode_all
from workbench.data.decode import Looks
from workbench.data.source import Listing, Piece
from workbench.data.store import KEPT, RESIDENT_VARIABLE, Facts, keep, reorder
from workbench.errors import DataError, WorkspaceError
from workbench.events import Phase
from workbench.paths import Workspace
from workbench.spec.data import Folder, Shapes

Read = Callable[..., DataSet]
SHAPES = Shapes(count=120, image_size=12)


@pytest.fixture
def streamed(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From the call on, sets are not kept in memory."""
    return lambda: monkeypatch.setenv(RESIDENT_VARIABLE, "0")


def parts(found: DataSet) -> list[np.ndarray]:
    return [part.pictures.take(np.arange(len(part))) for part in (found.training, found.validation, found.test)]


@pytest.mark.parametrize("kind", ["shapes", "folder"])
def test_a_set_on_disk_and_a_set_in_memory_are_the_same(
    read: Read, streamed: Callable[[], None], folder: Callable[..., Path], kind: str
) -> None:
    settings = SHAPES if kind == "shapes" else Folder(path=str(folder(a=20, b=30, c=9)), image_size=8)
    memory = read(settings)
    streamed()
    disk = read(settings)
    assert memory.training.pictures.resident
    assert not disk.training.pictures.resident
    assert all(np.array_equal(one, other) for one, other in zip(parts(memory), parts(disk), strict=True))
    assert np.array_equal(memory.training.pictures.array(), parts(disk)[0])
    assert memory.fingerprint == disk.fingerprint
    assert np.array_equal(memory.mean, disk.mean)
    assert np.array_equal(memory.spread, disk.spread)
    for one, other in ((memory.training, disk.training), (memory.test, disk.test)):
        assert one.pictures.shape == other.pictures.shape
        assert np.array_equal(one.labels, other.labels)
    with pytest.raises(TypeError, match="not in memory"):
        disk.training.pictures.array()


def test_pictures_are_taken_in_any_order_and_from_several_threads(read: Read, streamed: Callable[[], None]) -> None:
    streamed()
    pictures = read(SHAPES).training.pictures
    whole = pictures.take(np.arange(pictures.shape[0]))
    orders = [np.random.default_rng(seed).integers(0, len(whole), 50) for seed in range(16)]
    start = threading.Barrier(4)

    def take(number: int) -> np.ndarray:
        if number < 4:
            start.wait(timeout=20)
        return pictures.take(orders[number])

    with ThreadPoolExecutor(4) as pool:
        for order, found in zip(orders, pool.map(take, range(16)), strict=True):
            assert np.array_equal(found, whole[order])


def test_the_mean_and_spread_are_those_of_the_training_part_only(read: Read) -> None:
    found = read(SHAPES)
    pixels = found.training.pictures.array().astype(np.float64)
    assert np.allclose(found.mean, pixels.mean(axis=(0, 1, 2)), rtol=1e-6)
    assert np.allclose(found.spread, pixels.std(axis=(0, 1, 2)), rtol=1e-6)
    unit = read(Shapes(count=120, image_size=12, scaling="unit"))
    assert unit.mean.tolist() == [0, 0, 0]
    assert unit.spread.tolist() == [255, 255, 255]


def test_a_channel_that_never_changes_does_not_divide_by_zero() -> None:
    facts = Facts.empty(2, 1)
    facts.measure(np.arange(2), np.full((2, 4, 4, 1), 201, np.uint8))
    mean, spread = facts.mean_and_spread(np.arange(2), (4, 4, 1))
    assert mean.tolist() == [201]
    assert spread.tolist() == [1]


def test_the_second_run_finds_the_pictures_and_another_seed_divides_them_anew(
    read: Read, folder: Callable[..., Path], workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Folder(path=str(folder(a=20, b=20)), image_size=8)
    first = read(settings)

    def refuse(*_arguments: object) -> None:
        raise AssertionError("the pictures were read again")

    monkeypatch.setattr("workbench.data.folder.decode_all", refuse)
    assert read(settings).fingerprint == first.fingerprint
    other = read(settings, seed=2)
    assert other.fingerprint != first.fingerprint
    together = np.concatenate(parts(other)).reshape(40, -1)
    assert np.array_equal(np.unique(together, axis=0), np.unique(np.concatenate(parts(first)).reshape(40, -1), axis=0))
    assert len(list((workspace.cache / "pictures").iterdir())) == 1


@pytest.mark.parametrize("resident", [True, False])
def test_pictures_that_were_out_of_reach_are_read_by_the_next_run(
    read: Read, streamed: Callable[[], None], folder: Callable[..., Path], workspace: Workspace, *, resident: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    base = folder(a=20, b=20, a__more=1)
    (base / "b" / "7.png").write_bytes(b"broken")
    broken = "b/7.png: it is not a picture that can be read (PNG, JPEG, BMP, WebP, TIFF or GIF), or it is damaged."
    settings = Folder(path=str(base), image_size=8)
    if not resident:
        streamed()
    with monkeypatch.context() as patched:
        patched.setattr("workbench.data.folder.decode_all", decoding_without(base / "a" / "more"))
        first = read(settings)
    assert first.left_out == ("a/more/0.png: it is not there any more.", broken)
    assert np.concatenate(parts(first)).any(axis=(1, 2, 3)).all()
    assert list((workspace.cache / "pictures").iterdir()) == []
    second = read(settings)
    assert second.left_out == (broken,)
    assert sum(map(len, parts(second))) == sum(map(len, parts(first))) + 1
    # What lies with the file is remembered: nothing is read a third time.
    monkeypatch.setattr("workbench.data.folder.decode_all", None)
    assert read(settings).left_out == (broken,)


def test_a_folder_that_was_gone_for_a_moment_can_be_read_again(read: Read, folder: Callable[..., Path]) -> None:
    base = folder(a=20, b=20)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("workbench.data.folder.decode_all", decoding_without(base))
        with pytest.raises(DataError, match=r"None of the pictures could be used\. .* it is not there any more"):
            read(Folder(path=str(base), image_size=8))
    assert read(Folder(path=str(base), image_size=8)).left_out == ()


def decoding_without(path: Path) -> Callable[..., Generator[Piece, None, None]]:
    """Decodes while this folder lies elsewhere, which leaves no trace in the files themselves."""

    def decode(paths: Sequence[str], looks: Looks) -> Generator[Piece, None, None]:
        elsewhere = path.rename(path.with_name("elsewhere"))
        yield from decode_all(paths, looks)
        elsewhere.rename(path)

    return decode


@pytest.mark.parametrize("file", ["pixels", "sums.npy", "failed.json"])
def test_a_damaged_cache_is_made_anew(
    read: Read, streamed: Callable[[], None], workspace: Workspace, file: str
) -> None:
    streamed()
    whole = read(SHAPES)
    kept = next((workspace.cache / "pictures").iterdir())
    (kept / file).write_bytes((kept / file).read_bytes()[:-5])
    assert read(SHAPES).fingerprint == whole.fingerprint


def test_a_cache_that_is_deleted_while_it_is_used_does_no_harm(
    read: Read, streamed: Callable[[], None], workspace: Workspace
) -> None:
    streamed()
    found = read(SHAPES)
    shutil.rmtree(workspace.cache)
    assert len(found.training.pictures.take(np.arange(20))) == 20
    assert read(SHAPES).fingerprint == found.fingerprint


def test_a_set_that_another_process_finished_first_is_used(
    read: Read, streamed: Callable[[], None], workspace: Workspace, made_meanwhile: Callable[[Path], None]
) -> None:
    streamed()
    fingerprint = read(SHAPES).fingerprint
    (kept,) = (workspace.cache / "pictures").iterdir()
    made_meanwhile(kept)
    found = read(SHAPES)
    assert found.fingerprint == fingerprint
    assert found.training.pictures.take(np.arange(20)).any()
    assert list((workspace.cache / "pictures").iterdir()) == [kept]


def test_a_file_that_shrinks_while_it_is_used_is_a_sentence(
    read: Read, streamed: Callable[[], None], workspace: Workspace
) -> None:
    streamed()
    found = read(SHAPES)
    path = next((workspace.cache / "pictures").iterdir()) / "pixels"
    with path.open("rb+") as file:
        file.truncate(100)
    with pytest.raises(DataError, match="became shorter while it was in use"):
        found.training.pictures.take(np.arange(20))


class Failing:
    """A source that raises after its first piece."""

    slow = True
    listing = Listing(("a", "b"), np.zeros(40, np.int32), np.zeros(40, np.int8), 1)

    def __init__(self, error: BaseException) -> None:
        self.error = error
        self.closed = False

    def key(self, _wanted: np.ndarray) -> str:
        return "failing"

    def read(self, _wanted: np.ndarray) -> Generator[Piece, None, None]:
        try:
            yield Piece(np.arange(20), np.zeros((20, 4, 4, 1), np.uint8))
            raise self.error
        finally:
            self.closed = True


def test_reading_that_is_broken_off_leaves_nothing_in_the_cache(workspace: Workspace) -> None:
    source = Failing(DataError("broken"))
    with pytest.raises(DataError, match="broken"):
        keep(source, np.arange(40), 4, workspace, lambda *_report: None)
    assert list((workspace.cache / "pictures").iterdir()) == []


def test_a_person_who_stops_ends_the_reading(workspace: Workspace) -> None:
    class StoppedError(Exception):
        pass

    def stop(_phase: Phase, done: int, *_rest: object) -> None:
        if done:
            raise StoppedError

    source = Failing(AssertionError())
    with pytest.raises(StoppedError):
        keep(source, np.arange(40), 4, workspace, stop)
    assert source.closed
    assert list((workspace.cache / "pictures").iterdir()) == []


def test_a_disk_that_is_too_small_is_told_before_anything_is_read(
    read: Read, streamed: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    streamed()
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: shutil._ntuple_diskusage(100, 90, 10))
    with pytest.raises(WorkspaceError, match=r"take 0\.0 GB once they are decoded, but the disk"):
        read(SHAPES)


def test_a_disk_that_becomes_full_is_a_sentence(
    read: Read, streamed: Callable[[], None], monkeypatch: pytest.MonkeyPatch, workspace: Workspace
) -> None:
    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    streamed()
    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(WorkspaceError, match="is full"):
        read(SHAPES)
    assert list((workspace.cache / "pictures").iterdir()) == []


def test_a_workspace_that_cannot_be_written_to_is_a_sentence(
    read: Read, streamed: Callable[[], None], workspace: Workspace
) -> None:
    streamed()
    workspace.cache.write_text("a file stands where the folder should be")
    with pytest.raises(WorkspaceError, match="is a file where a folder is needed"):
        read(SHAPES)


def test_what_a_killed_process_left_half_written_is_removed_after_a_day(
    read: Read, streamed: Callable[[], None], workspace: Workspace
) -> None:
    streamed()
    for name, age in ((".part-old", 90_000), (".part-new", 0)):
        left = workspace.cache / "pictures" / name
        left.mkdir(parents=True)
        os.utime(left, (time.time() - age, time.time() - age))
    read(SHAPES)
    left_over = [path.name for path in (workspace.cache / "pictures").iterdir() if path.name.startswith(".part")]
    assert left_over == [".part-new"]


def test_the_sets_used_longest_ago_make_room(
    read: Read, streamed: Callable[[], None], workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    streamed()
    read(SHAPES)
    monkeypatch.setattr("workbench.data.store.KEPT", 100)
    read(Shapes(count=40, image_size=12))
    assert len(list((workspace.cache / "pictures").iterdir())) == 1
    assert KEPT > 1 << 30


@given(st.permutations(range(12)))
def test_reordering_in_place_is_the_same_as_with_a_copy(order: list[int]) -> None:
    pixels = np.arange(12, dtype=np.uint8).reshape(12, 1, 1, 1)
    expected = pixels[order]
    reorder(pixels, np.array(order))
    assert np.array_equal(pixels, expected)
