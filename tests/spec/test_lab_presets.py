"""Presets of the lab: what is written is read again, every problem is said, shipped ones stay."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from workbench.errors import RecipeError, WorkspaceError
from workbench.paths import Workspace
from workbench.spec import lab_presets
from workbench.spec.lab import Lab, Landscape, Newton, Racer, as_optimizer
from workbench.spec.lab_presets import RULES
from workbench.spec.optimizer import Sgd


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "workspace").create()


def everything() -> Lab:
    racers = {name: Racer(on=bool(place % 2), rule=kind()) for place, (name, kind) in enumerate(RULES.items())}  # type: ignore[arg-type] # one of the union
    return Lab(landscape=Landscape(kind="beale", noise=0.5, start_x=1.0), racers=racers)


def test_what_is_written_is_read_again() -> None:
    lab = everything()
    assert lab_presets.loads(lab_presets.dump(lab, "All", "Every method")).lab == lab


def test_shipped_presets_are_read_and_the_first_is_the_valley(workspace: Workspace) -> None:
    found, broken = lab_presets.available(workspace)
    assert not broken
    assert found[0].name == lab_presets.DEFAULT
    assert all(each.title and each.about and each.shipped for each in found)
    assert {each.lab.landscape.kind for each in found} >= {
        "quadratic",
        "rosenbrock",
        "saddle",
        "logistic",
        "kink",
        "trough",
    }


BAD: list[tuple[str, str, str]] = [
    ("format = 2", "format", "must be 1, got 2"),
    ("format = true", "format", "must be 1, got True"),
    ("format = 1\ntitle = 3", "title", "must be a text, got 3"),
    (f"format = 1\ntitle = '{'x' * 300}'", "title", "must have at most 200 characters, got 300"),
    ("format = 1\n[landscpe]\nkind = 'beale'", "landscpe", "there is no such table"),
    ("format = 1\nlandscape = 3", "landscape", "must be a table [landscape], got 3"),
    ("format = 1\nracers = 3", "racers", "must be a table [racers], got 3"),
    ("format = 1\n[landscape]\nkind = 'moon'", "lab.kind", "must be one of quadratic"),
    ("format = 1\n[landscape]\ncondition = 0.5", "lab.condition", "must be a number of at least 1 and at most 10,000, got 0.5"),
    ("format = 1\n[landscape]\ncondition = nan", "lab.condition", "must be a finite number, got nan"),
    ("format = 1\n[landscape]\ncondtion = 3.0", "lab.condtion", "Did you mean condition?"),
    ("format = 1\n[racers.adam]\nmethod = 'rmsporp'", "racers.adam.method", "Did you mean rmsprop?"),
    ("format = 1\n[racers.adam]\n", "racers.adam.method", "must be one of gradient_descent"),
    ("format = 1\n[racers.adam]\nmethod = 'adam'\non = 1", "racers.adam.on", "must be true or false, got 1"),
    ("format = 1\n[racers.adam]\nmethod = 'adam'\nbeta_1 = 2.0", "lab.adam.beta_1", "got 2.0"),
    ("format = 1\n[racers.noise]\nmethod = 'adam'", "racers.noise", "no setting of the landscape"),
    ("format = 1\n[racers.'A b']\nmethod = 'adam'", "racers.A b", "small letters"),
    ("format = 1\n[racers]\nadam = 3", "racers.adam", "must be a table [racers.adam], got 3"),
    ("= 3", "", "not a TOML file"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "path", "words"), BAD)
def test_a_bad_preset_is_refused_with_a_sentence(text: str, path: str, words: str) -> None:
    with pytest.raises(RecipeError) as refused:
        lab_presets.loads(text)
    assert any(problem.path == path and words in problem.sentence for problem in refused.value.problems)


def test_all_problems_are_said_at_once() -> None:
    text = "format = 1\n[landscape]\ntilt = 200.0\n[racers.a]\nmethod = 'x'\n[racers.b]\nmethod = 'adam'\nlearning_rate = -1.0"
    with pytest.raises(RecipeError) as refused:
        lab_presets.loads(text)
    assert {problem.path for problem in refused.value.problems} == {
        "lab.tilt",
        "racers.a.method",
        "lab.b.learning_rate",
    }


def test_more_racers_than_the_lab_takes_are_refused() -> None:
    text = "format = 1\n" + "\n".join(f"[racers.a{number}]\nmethod = 'newton'" for number in range(30))
    with pytest.raises(RecipeError, match="at most 24, got 30"):
        lab_presets.loads(text)


EDITS: list[tuple[str, Any]] = [("lab.tilt", 5.0), ("lab.adam", False), ("lab.adam.beta_2", 0.5), ("lab.steps", 20)]


@pytest.mark.parametrize(("path", "value"), EDITS)
def test_one_setting_is_changed_and_nothing_else(path: str, value: object) -> None:
    lab = everything().model_copy(update={"racers": {"adam": Racer(on=True, rule=RULES["adam"]())}})  # type: ignore[arg-type] # one of the union
    before, after = lab_presets.dump_tree(lab), lab_presets.dump_tree(lab_presets.edited(lab, path, value))  # type: ignore[arg-type] # a value
    flat = [{(table, name, key): each for table, names in tree.items() for name, inner in names.items()
             for key, each in (inner.items() if isinstance(inner, dict) else [("", inner)])} for tree in (before, after)]  # fmt: skip
    assert sum(flat[0][key] != flat[1][key] for key in flat[0]) == 1


def test_a_setting_that_does_not_exist_is_refused() -> None:
    for path in ("lab.moon", "lab.adam.moon", "lab.moon.beta_1", "adam"):
        with pytest.raises(RecipeError):
            lab_presets.edited(everything(), path, 1.0)


def test_one_s_own_are_saved_replaced_and_deleted_and_hide_no_shipped_one(workspace: Workspace) -> None:
    mine = lab_presets.save("  My   lab ", Lab(), workspace)
    assert (mine.name, mine.title) == ("my-lab", "My lab")
    again = lab_presets.save("My lab", everything(), workspace)
    assert again.path == mine.path
    assert lab_presets.load(mine.path or Path()).lab == everything()
    with pytest.raises(WorkspaceError, match="shipped preset"):
        lab_presets.save("Long valley", Lab(), workspace)
    with pytest.raises(WorkspaceError, match="needs a name"):
        lab_presets.save("  ", Lab(), workspace)
    shipped = lab_presets.available(workspace)[0][0]
    with pytest.raises(WorkspaceError, match="stays"):
        lab_presets.delete(shipped)
    lab_presets.delete(again)
    assert all(each.shipped for each in lab_presets.available(workspace)[0])


def test_a_preset_file_that_cannot_be_read_is_listed_with_its_reason(workspace: Workspace) -> None:
    folder = lab_presets.own_lab(workspace)
    folder.mkdir(parents=True)
    (folder / "bad.toml").write_text("format = 9")
    _, broken = lab_presets.available(workspace)
    assert [each.path.name for each in broken] == ["bad.toml"]
    assert "must be 1" in broken[0].problems[0].sentence


def test_every_method_is_a_network_s_optimizer_but_newton() -> None:
    for kind in RULES.values():
        found = as_optimizer(kind())
        assert (found is None) == (kind is Newton)
    ahead = as_optimizer(RULES["nesterov"](momentum=0.5, learning_rate=0.3))
    assert ahead == Sgd(learning_rate=0.3, momentum=0.5, nesterov=True)
    assert as_optimizer(RULES["heavy_ball"](momentum=0.5, learning_rate=0.3)) == Sgd(learning_rate=0.3, momentum=0.5)
    assert as_optimizer(RULES["gradient_descent"](learning_rate=0.3)) == Sgd(learning_rate=0.3, momentum=0.0)


def test_presets_of_the_lab_are_no_recipes(workspace: Workspace) -> None:
    from workbench.spec import presets

    names = {each.name for each in presets.available(workspace)[0]}
    assert not names & {each.name for each in lab_presets.available(workspace)[0]}
