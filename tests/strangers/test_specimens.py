"""No hostile file is obeyed: nothing of it runs, nothing outside is read or written, memory stays small, and a sentence says why."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.strangers.specimens import ALL, SECRET, Specimen
from workbench.plain import is_plain

ROOT = Path(__file__).parent.parent.parent
#: Beyond what a process needs that looks at a folder.
MOST_MB = 500
Looked = dict[str, Any]


def look_at_all(folder: Path, seconds: float, at_once: int) -> Looked:
    """In a new process, as its children's memory is measured."""
    command = [sys.executable, "-m", "tests.strangers.looking_at_all", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, timeout=100)
    asked = [*command, str(seconds), str(at_once)]
    done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False, timeout=280)
    assert done.returncode == 0, done.stderr[-3000:]
    found: Looked = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Looked:
    return look_at_all(tmp_path_factory.mktemp("specimens"), seconds=60, at_once=2)


def test_there_are_enough_specimens_and_each_is_told_from_the_others() -> None:
    assert len(ALL) >= 60
    assert len({each.name for each in ALL}) == len(ALL)


@pytest.mark.parametrize("each", ALL, ids=lambda each: ascii(each.name))
def test_a_hostile_file_is_answered_by_a_sentence_with_the_reason(everything: Looked, each: Specimen) -> None:
    found = everything["looked"][each.name]
    assert each.words in found["sentence"], found["sentence"]
    assert found["sentence"].endswith((".", "?"))
    shown = [found["sentence"], found["what"], *(layer[0] for layer in found["layers"])]
    assert all(is_plain(text) for text in shown)
    assert len(found["sentence"]) < 600


def test_nothing_of_a_hostile_file_runs_and_nothing_is_written_anywhere(everything: Looked) -> None:
    assert not everything["executed"]
    assert everything["changed"] == []


def test_no_answer_holds_anything_of_a_file_that_was_not_given(everything: Looked) -> None:
    # How long each took are digits of chance.
    said = json.dumps([{**found, "seconds": None} for found in everything["looked"].values()])
    assert SECRET not in said
    assert "4711" not in said


def test_looking_takes_little_memory_whatever_comes(everything: Looked) -> None:
    assert everything["peak_mb"] <= everything["idle_mb"] + MOST_MB


@pytest.mark.proof
def test_each_hostile_file_is_answered_within_two_seconds(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    from workbench.strangers.asking import DEADLINE_S

    told = look_at_all(tmp_path, seconds=DEADLINE_S, at_once=1)
    longest = max(told["looked"].values(), key=lambda each: each["seconds"])
    record_property("must", f"each of {len(ALL)} hostile files answered within 2 s, none obeyed")
    record_property(
        "measured", f"longest {longest['seconds']:.2f} s; {told['peak_mb'] - told['idle_mb']:.0f} MB above idle"
    )
    assert longest["seconds"] <= 2
    assert not told["executed"]
    assert told["changed"] == []
