"""`--set PATH=VALUE`: how values are read, in which order they are applied, and what is said of mistakes."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.cli.settings import changed_by, with_absolute_paths
from workbench.errors import RecipeError
from workbench.spec import Recipe, Value
from workbench.spec.recipe import value


@pytest.mark.parametrize(
    ("assignment", "path", "wanted"),
    [
        ("training.epochs=5", "training.epochs", 5),
        ("training.epochs = 1_000", "training.epochs", 1000),
        ("optimizer.learning_rate=1e-3", "optimizer.learning_rate", 1e-3),
        ("optimizer.learning_rate=.5", "optimizer.learning_rate", 0.5),
        ("optimizer.learning_rate=1", "optimizer.learning_rate", 1),
        ("model.kind=mlp", "model.kind", "mlp"),
        ('model.kind="mlp"', "model.kind", "mlp"),
        ("tricks.dropout=true", "tricks.dropout", True),
        ("tricks.dropout=True", "tricks.dropout", True),
        ("data.limit=none", "data.limit", None),
        ("data.limit=100", "data.limit", 100),
    ],
)
def test_values_are_read_like_toml_or_else_as_text(assignment: str, path: str, wanted: Value) -> None:
    assert value(changed_by(Recipe(), [assignment]), path) == wanted


def test_alternatives_are_chosen_before_their_settings() -> None:
    recipe = changed_by(Recipe(), ["optimizer.momentum=0.5", "optimizer.nesterov=true", "optimizer.method=sgd"])
    assert value(recipe, "optimizer.method") == "sgd"
    assert value(recipe, "optimizer.momentum") == 0.5


def test_a_setting_of_a_trick_turns_it_on_unless_it_is_set_off() -> None:
    assert changed_by(Recipe(), ["tricks.dropout.rate=0.5"]).tricks.dropout.on
    off = changed_by(Recipe(), ["tricks.dropout.rate=0.5", "tricks.dropout=false"]).tricks.dropout
    assert (off.on, off.rate) == (False, 0.5)
    assert not changed_by(Recipe(), ["tricks.dropout.on=false", "tricks.dropout.rate=0.5"]).tricks.dropout.on


def test_settings_that_contradict_each_other_on_the_way_are_judged_at_the_end() -> None:
    decaying = changed_by(Recipe(), ["tricks.weight_decay=true"])
    recipe = changed_by(decaying, ["optimizer.method=adamw", "tricks.weight_decay=false"])
    assert recipe.optimizer.method == "adamw"


def test_every_problem_is_said_at_once() -> None:
    with pytest.raises(RecipeError) as caught:
        changed_by(
            Recipe(),
            [
                "training.epochs=0",
                "model.kind=cnnn",
                "model.stages=3",
                "training.epoch=3",
                "tricks.droput.rate=1",
                "rubbish",
            ],
        )
    found = {problem.path: problem.sentence for problem in caught.value.problems}
    assert set(found) == {"training.epochs", "model.kind", "training.epoch", "tricks.droput.rate", "rubbish"}
    assert "Did you mean training.epochs?" in found["training.epoch"]
    assert "Did you mean cnn?" in found["model.kind"]
    assert "PATH=VALUE" in found["rubbish"]


def test_a_path_that_looks_like_a_number_stays_text() -> None:
    recipe = changed_by(Recipe(), ["data.kind=folder", "data.path=2024"])
    assert value(recipe, "data.path") == "2024"


def test_a_relative_path_is_made_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    recipe = with_absolute_paths(changed_by(Recipe(), ["data.kind=folder", "data.path=cats and dogs"]))
    assert value(recipe, "data.path") == str(tmp_path / "cats and dogs")
    assert with_absolute_paths(Recipe()) == Recipe()


@given(st.text().filter(lambda text: not text.strip().isdecimal()))
def test_any_text_that_is_no_number_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(RecipeError, match=r"^training\.epochs: must be "):
        changed_by(Recipe(), [f"training.epochs=x{text}"])
