"""Any recipe that is accepted builds, trains and comes back from its file; any that is refused says why.

Recipes are drawn from the declarations alone, so that a new method or trick is tried from the day it is declared.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, seed

from tests.engine.any_recipe import checked, tried
from tests.strategies import tables
from workbench.spec import presets
from workbench.spec.recipe import STATIONS, spec_classes

pytestmark = pytest.mark.keras

ROOT = Path(__file__).parents[2]


def went(*method: str) -> subprocess.CompletedProcess[str]:
    """How it went in a process of its own: with one method in any company, or with some recipes."""
    called = [sys.executable, "-m", "tests.engine.any_recipe", *method]
    return subprocess.run(called, capture_output=True, text=True, check=False, cwd=ROOT)


def test_some_recipes_train_two_steps_and_come_back_from_their_file() -> None:
    done = went()
    assert done.returncode == 0, done.stdout + done.stderr
    assert ", 0 trained" not in done.stdout, "drawn so that most recipes are accepted and most of those train"


@seed(0)
@tried(100)
@given(tables())
def test_what_is_refused_says_where_and_why(tree: dict[str, Any]) -> None:
    tree["data"] = {"kind": "digits"}  # the others' sizes are read from files
    recipe = checked(tree)
    assert recipe is None or presets.loads(presets.dump(recipe)).recipe == recipe


CHOICES = [(station, word) for station in STATIONS if station != "data" for word in spec_classes(station)]


@pytest.mark.proof
@pytest.mark.timeout(3600)
@pytest.mark.parametrize(("station", "word"), CHOICES)
def test_every_method_trains_in_any_company(station: str, word: str) -> None:
    done = went(station, word)
    assert done.returncode == 0, done.stdout + done.stderr
