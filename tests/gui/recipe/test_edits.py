import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from workbench.gui.recipe.edits import Edits, Saved, flat, repaired
from workbench.spec.recipe import Recipe, changed, parse


@pytest.fixture
def edits() -> Edits:
    return Edits(Saved("default", Recipe()))


def test_a_fresh_form_is_its_preset(edits: Edits) -> None:
    assert edits.recipe == Recipe()
    assert edits.changes == {}
    assert not edits.can_undo


def test_an_edit_changes_the_recipe_and_is_counted_once(edits: Edits) -> None:
    assert edits.set("optimizer.learning_rate", 3e-4)
    assert not edits.set("optimizer.learning_rate", 3e-4)
    assert edits.recipe == changed(Recipe(), "optimizer.learning_rate", 3e-4)
    assert edits.changes == {"optimizer.learning_rate": 1e-3}


def test_a_bad_value_stands_until_it_is_put_right(edits: Edits) -> None:
    edits.set("optimizer.learning_rate", 5000.0)
    assert edits.recipe is None
    assert [problem.path for problem in edits.problems] == ["optimizer.learning_rate"]
    assert edits.value("optimizer.learning_rate") == 5000.0
    edits.set("optimizer.learning_rate", 0.1)
    assert edits.recipe is not None
    assert edits.problems == ()


def test_a_text_that_is_no_value_is_a_problem_and_keeps_the_value_before(edits: Edits) -> None:
    edits.set_text("training.epochs", "many")
    assert edits.recipe is None
    assert "got “many”" in edits.problems[0].sentence
    assert edits.value("training.epochs") == 20
    edits.set("training.epochs", 20)
    assert edits.recipe == Recipe()


def test_values_that_contradict_each_other_stand_both(edits: Edits) -> None:
    edits.set("tricks.early_stopping.on", True)
    edits.set("data.validation", 0.0)
    assert edits.recipe is None
    assert {problem.path for problem in edits.problems} == {"tricks.early_stopping", "training.keep"}
    edits.set("training.keep", "last")
    edits.set("tricks.early_stopping.on", False)
    assert edits.recipe is not None
    assert edits.recipe.data.validation == 0


def test_another_alternative_is_one_change_with_its_own_defaults(edits: Edits) -> None:
    edits.set("optimizer.method", "sgd")
    assert edits.changes == {"optimizer.method": "adam"}
    assert edits.recipe is not None
    assert edits.recipe.optimizer.learning_rate == 0.05
    edits.set("optimizer.momentum", 0.5)
    assert edits.changes == {"optimizer.method": "adam", "optimizer.momentum": 0.9}
    edits.reset("optimizer.momentum")
    edits.reset("optimizer.method")
    assert edits.changes == {}
    assert edits.recipe == Recipe()


def test_each_alternative_has_values_of_its_own_and_gets_them_back(edits: Edits) -> None:
    edits.set("optimizer.learning_rate", 3e-4)
    edits.set("optimizer.epsilon", 1e-5)
    edits.set("optimizer.method", "sgd")
    assert edits.value("optimizer.learning_rate") == 0.05
    edits.set("optimizer.learning_rate", 0.2)
    edits.set("optimizer.method", "adam")
    assert (edits.value("optimizer.learning_rate"), edits.value("optimizer.epsilon")) == (3e-4, 1e-5)
    edits.set("optimizer.method", "sgd")
    assert edits.value("optimizer.learning_rate") == 0.2
    # What means the same in both goes along instead.
    edits.set("schedule.kind", "cosine")
    edits.set("schedule.warmup", 2.0)
    edits.set("schedule.kind", "step")
    edits.set("schedule.warmup", 4.0)
    edits.set("schedule.kind", "cosine")
    assert edits.value("schedule.warmup") == 4.0


def test_a_preset_s_rate_is_not_carried_to_another_method_and_is_there_again_on_the_way_back() -> None:
    preset = parse(
        {"optimizer": {"method": "sgd", "learning_rate": 0.1}, "schedule": {"kind": "cosine", "warmup": 1.0}}
    )
    edits = Edits(Saved("resnet", preset))
    edits.set("optimizer.method", "adam")
    edits.set("schedule.kind", "step")
    assert edits.value("optimizer.learning_rate") == 1e-3
    assert edits.value("schedule.warmup") == 1.0
    assert edits.changes == {"optimizer.method": "sgd", "schedule.kind": "cosine"}
    edits.reset("optimizer.method")
    edits.reset("schedule.kind")
    assert edits.recipe == preset
    # Also in a form that was opened with another method chosen, as from a draft.
    later = Edits(Saved("resnet", preset), changed(preset, "optimizer.method", "adam").model_dump())
    later.set("optimizer.method", "sgd")
    assert later.recipe == preset


def test_another_preset_forgets_the_values_of_alternatives_that_were_left(edits: Edits) -> None:
    edits.set("optimizer.learning_rate", 3e-4)
    edits.set("optimizer.method", "sgd")
    other = changed(Recipe(), "optimizer.method", "sgd")
    edits.replace(other, Saved("other", other))
    edits.set("optimizer.method", "adam")
    assert edits.value("optimizer.learning_rate") == 1e-3


def test_another_alternative_can_be_chosen_while_something_is_wrong(edits: Edits) -> None:
    edits.set_text("model.stages", "x")
    edits.set("training.epochs", 0)
    edits.set("model.kind", "resnet")
    assert "model.stages" not in edits.texts
    assert [problem.path for problem in edits.problems] == ["training.epochs"]


def test_keystrokes_in_one_field_are_one_step_back(edits: Edits) -> None:
    for rate in (0.3, 0.35, 0.357):
        edits.set("tricks.dropout.rate", rate)
    edits.seal()
    edits.set("tricks.dropout.rate", 0.1)
    assert edits.undo()
    assert edits.value("tricks.dropout.rate") == 0.357
    assert edits.undo()
    assert edits.value("tricks.dropout.rate") == 0.3
    assert not edits.undo()
    assert edits.redo()
    assert edits.redo()
    assert not edits.redo()
    assert edits.value("tricks.dropout.rate") == 0.1


def test_an_edit_after_undo_forgets_what_could_be_redone(edits: Edits) -> None:
    edits.set("training.epochs", 5)
    edits.undo()
    edits.set("training.seed", 9)
    assert not edits.can_redo


def test_choosing_a_preset_can_be_undone_and_loses_nothing(edits: Edits) -> None:
    edits.set("training.epochs", 5)
    other = changed(Recipe(), "training.seed", 4)
    edits.replace(other, Saved("other", other))
    assert edits.changes == {}
    edits.undo()
    assert edits.saved.name == "default"
    assert edits.changes == {"training.epochs": 20}


def test_once_saved_nothing_is_changed_and_undo_still_works(edits: Edits) -> None:
    edits.set("training.epochs", 5)
    assert edits.recipe is not None
    edits.mark_saved(Saved("mine", edits.recipe))
    assert edits.changes == {}
    edits.undo()
    assert edits.saved.name == "mine"
    assert edits.changes == {"training.epochs": 5}


def test_whole_and_broken_numbers_are_told_apart(edits: Edits) -> None:
    edits.set("training.epochs", 20.0)
    assert edits.recipe is None
    edits.set("training.epochs", 20)
    assert edits.recipe == Recipe()


steps = st.lists(
    st.one_of(
        st.tuples(st.just("training.epochs"), st.integers(-3, 50)),
        st.tuples(st.just("optimizer.method"), st.sampled_from(["adam", "sgd", "adamw", "rmsprop"])),
        st.tuples(st.just("optimizer.learning_rate"), st.floats(-1, 2000)),
        st.tuples(st.just("tricks.weight_decay.on"), st.booleans()),
        st.tuples(st.just("data.validation"), st.floats(0, 1)),
    ),
    max_size=12,
)


@given(steps)
def test_undoing_everything_leads_back_and_redoing_everything_leads_forth(taken: list[tuple[str, object]]) -> None:
    edits = Edits(Saved("default", Recipe()))
    for path, value in taken:
        edits.set(path, value)  # type: ignore[arg-type]
        edits.seal()
    end = (edits.tables, edits.texts, edits.problems)
    while edits.undo():
        pass
    assert edits.recipe == Recipe()
    while edits.redo():
        pass
    assert (edits.tables, edits.texts, edits.problems) == end
    assert (edits.recipe is None) == bool(edits.problems)


def test_tables_of_another_version_are_repaired() -> None:
    tables = repaired({
        "data": {"kind": "shapes", "count": 77, "sparkle": 1}, "optimizer": {"method": "gone", "learning_rate": 0.2},
        "training": {"epochs": [1]}, "tricks": {"dropout": {"on": True, "rate": 0.4, "gone": 1}, "gone": {}}, "gone": 1,
    })  # fmt: skip
    assert tables is not None
    now = flat(tables)
    assert (now["data.count"], now["optimizer.method"], now["optimizer.learning_rate"]) == (77, "adam", 0.2)
    assert (now["training.epochs"], now["tricks.dropout.on"], now["tricks.dropout.rate"]) == (20, True, 0.4)
    assert not any("gone" in path or "sparkle" in path for path in now)
    assert repaired([1]) is None


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["data", "kind", "tricks", "dropout", "on", "x"]), inner, max_size=3),
    max_leaves=12,
)  # fmt: skip


@given(anything)
@example({"data": {"kind": []}})
@example({"data": {"kind": {}}, "tricks": {"dropout": {"on": [1]}}})
def test_whatever_a_draft_holds_the_form_can_be_made_of_it(found: object) -> None:
    tables = repaired(found)
    if tables is not None:
        edits = Edits(Saved("default", Recipe()), tables)
        assert (edits.recipe is None) == bool(edits.problems)
        assert edits.changes is not None
