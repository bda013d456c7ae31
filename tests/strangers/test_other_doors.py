"""The same files at every other door of the program: none is obeyed, none breaks it, each ends in a sentence."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.strangers import specimens
from tests.strangers.specimens import ALL, SECRET, Trap
from workbench.cli.app import app, main
from workbench.spec import carried, presets
from workbench.spec.carried.block import RECIPE
from workbench.spec.recipe import Recipe
from workbench.strangers import asking
from workbench.strangers.found import Use

ROOT = Path(__file__).parent.parent.parent
MOST_MB = 500


@pytest.fixture(scope="module")
def knocked(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.strangers.knocking", str(tmp_path_factory.mktemp("doors"))]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=200)
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_nothing_is_obeyed_at_any_door(knocked: dict[str, Any]) -> None:
    assert not knocked["executed"]
    assert knocked["changed"] == []
    assert SECRET not in json.dumps(knocked["said"])


def test_every_door_ends_in_a_sentence_or_in_nothing(knocked: dict[str, Any]) -> None:
    assert not {where: said for where, (how, said, _) in knocked["said"].items() if how == "fault"}
    values = {where for where, (how, said, _) in knocked["said"].items() if how == "value" and said != "NoneType"}
    # A note in a picture that would swell is not read; the picture is.
    assert values <= {"picture: text.png", "whole picture: text.png"}


def test_no_door_takes_much_memory(knocked: dict[str, Any]) -> None:
    assert knocked["more_mb"] <= MOST_MB


@pytest.mark.parametrize("each", [each for each in ALL if each.name.endswith(".toml")], ids=lambda each: each.name)
def test_the_command_line_says_what_is_wrong_with_a_preset_and_no_more(each: Any, tmp_path: Path) -> None:
    trap = Trap(tmp_path / "trap")
    trap.set()
    done = CliRunner().invoke(app, ["check", str(each.make(tmp_path / each.name, trap))])
    assert done.exit_code == 2, done.output
    assert done.output.strip()
    assert "\x1b" not in done.output
    assert "\u202e" not in done.output
    assert len(done.output) < 5_000
    assert not trap.marker.exists()


def test_the_command_line_says_that_a_model_with_a_damaged_recipe_carries_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    each = next(each for each in ALL if each.name == "damaged recipe.keras")
    assert main(["check", str(each.make(tmp_path / each.name, Trap(tmp_path / "trap")))]) == 2
    assert "damaged recipe.keras carries no recipe" in capsys.readouterr().err


def test_a_header_of_safetensors_is_too_long_for_its_recipe_where_it_is_too_long_for_its_weights(
    tmp_path: Path,
) -> None:
    weights = {"a/bias": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}}
    told: dict[int, tuple[bool, bool]] = {}
    for megabytes in (5, 7):
        notes = {RECIPE: presets.dump(Recipe()), "more": "x" * (megabytes << 20)}
        path = tmp_path / f"{megabytes}.safetensors"
        path.write_bytes(specimens.tensors({"__metadata__": notes, **weights}, bytes(16)))
        found = asking.look(path, 60)
        told[megabytes] = carried.read(path) is not None, Use.WEIGHTS in found.uses
    assert told == {5: (True, True), 7: (False, False)}
