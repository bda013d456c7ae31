from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image

from workbench.data import crew
from workbench.data.crew import decode_all
from workbench.data.decode import Looks, decode
from workbench.data.source import Failure
from workbench.errors import DataError

LOOKS = Looks(8, grey=False, fit="crop")


@pytest.fixture
def paths(tmp_path: Path) -> list[str]:
    random = np.random.default_rng(1)
    found = []
    for number in range(100):
        path = tmp_path / f"{number}.png"
        Image.fromarray(random.integers(0, 256, (9, 9, 3), np.uint8)).save(path)
        found.append(str(path))
    return found


def children() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if child.status() != psutil.STATUS_ZOMBIE]


def test_several_processes_give_what_one_gives_in_order(paths: list[str]) -> None:
    pieces = list(decode_all(paths, LOOKS))
    assert np.concatenate([piece.places for piece in pieces]).tolist() == list(range(100))
    found = np.concatenate([piece.pixels for piece in pieces])
    assert np.array_equal(found, np.stack([decode(path, LOOKS) for path in paths]))


def test_what_cannot_be_read_is_told_by_its_place(paths: list[str]) -> None:
    Path(paths[41]).write_bytes(b"no picture")
    Path(paths[97]).unlink()
    failed = [entry for piece in decode_all(paths, LOOKS) for entry in piece.failed]
    assert [each.place for each in failed] == [41, 97]
    assert "not a picture" in failed[0].sentence
    assert "not there any more" in failed[1].sentence
    assert [each.passing for each in failed] == [False, True]


def test_names_of_every_kind_reach_the_workers(paths: list[str], tmp_path: Path) -> None:
    names = ["with space.png", "😀.png", "קובץ.png", "new\nline.png"]
    if sys.platform == "linux":
        names.append(os.fsdecode(b"bytes-\xff.png"))
    renamed = [str(Path(path).rename(tmp_path / name)) for path, name in zip(paths, names, strict=False)]
    assert [entry for piece in decode_all(renamed, LOOKS) for entry in piece.failed] == []


def test_no_task_waits_for_a_process_that_is_not_there_yet(paths: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    late, greeted, plain = threading.Event(), [], crew._Worker.greet

    def greet(self: crew._Worker) -> None:
        if self not in greeted:
            greeted.append(self)
        if greeted.index(self) == 1:
            assert late.wait(30), "a task waited for the second process"
        plain(self)

    monkeypatch.setattr(crew, "cores", lambda: 2)
    monkeypatch.setattr(crew._Worker, "greet", greet)
    reading = decode_all(paths, LOOKS)
    found = [next(reading) for _ in range(3)]
    assert not late.is_set()
    late.set()
    assert sum(len(piece.places) for piece in [*found, *reading]) == 100


def test_no_process_or_thread_is_left_when_reading_is_broken_off(paths: list[str]) -> None:
    reading = decode_all(paths, LOOKS)
    next(reading)
    assert children()
    reading.close()
    assert children() == []
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("pictures")]


MURDEROUS = """
import os, sys
from workbench.data import worker
from workbench.data.decode import Looks, decode as real
def decode(path, looks):
    if path.endswith("7.png"):
        os._exit(9)
    return real(path, looks)
worker.decode = decode
output, sys.stdout = sys.stdout.buffer, sys.stderr
worker.serve(sys.stdin.buffer, output, Looks(int(sys.argv[1]), sys.argv[2] == "1", sys.argv[3]))
"""


def test_a_picture_that_kills_its_reader_is_left_out_and_the_rest_is_read(
    paths: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "murderous.py").write_text(MURDEROUS, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    pieces = list(decode_all(paths[:12], LOOKS, module="murderous"))
    assert [each for piece in pieces for each in piece.failed] == [
        Failure(7, "reading it made the program that reads pictures fail", passing=True)
    ]
    assert np.array_equal(pieces[0].pixels[11], decode(paths[11], LOOKS))


def test_python_files_in_the_current_folder_are_not_taken_for_modules(
    paths: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("json", "struct", "numpy", "workbench"):
        (tmp_path / f"{name}.py").write_text(f"open({str(tmp_path / 'executed')!r}, 'w').close()", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert sum(len(piece.places) for piece in decode_all(paths, LOOKS) if not piece.failed) == 100
    assert not (tmp_path / "executed").exists()


def test_a_worker_that_cannot_start_is_a_sentence(paths: list[str]) -> None:
    with pytest.raises(DataError, match="could not be started"):
        list(decode_all(paths, LOOKS, module="no_such_module_anywhere"))
