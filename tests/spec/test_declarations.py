"""Every setting is declared once and completely: name, meaning, limits, help, and a default inside its limits."""

import math

import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import ruled, values
from workbench.errors import RecipeError
from workbench.spec.base import Setting, Spec, number, read_setting, setting
from workbench.spec.recipe import STATION_TITLES, STATIONS, Recipe, chooser_of, class_settings, parse, spec_classes
from workbench.spec.training import Training

ALTERNATIVES = [(station, word) for station in STATIONS for word in (spec_classes(station) or {None: Spec})]
DECLARED = {
    f"{word or station}:{each.path}": (station, word, each)
    for station, word in ALTERNATIVES
    for each in class_settings(station, word)
}
#: Those with a declaration of their own: a chooser is explained by its alternatives, a trick's switch by its trick.
OWN = {
    key: each
    for key, (station, _, each) in DECLARED.items()
    if each.name != chooser_of(station) and not (station == "tricks" and each.name == "on")
}
NUMBERS = {key: each for key, (_, _, each) in DECLARED.items() if each.kind in {"whole", "real"}}


def ids(table):
    return pytest.mark.parametrize("declared", table.values(), ids=table.keys())


@ids(OWN)
def test_a_setting_has_a_name_and_says_what_it_means(declared):
    assert declared.label
    assert declared.label[0].isupper() or not declared.label[0].isascii()
    assert declared.meaning.endswith((".", "…")), declared.meaning
    assert len(declared.meaning) <= 200


@pytest.mark.parametrize(("station", "word", "declared"), [each for each in DECLARED.values() if each[2].when])
def test_a_setting_that_applies_only_beside_another_names_one_of_its_station_and_values_that_it_can_have(
    station, word, declared
):
    others = {each.name: each for each in class_settings(station, word)}
    assert declared.when.names
    for other in (others[name] for name in declared.when.names):
        assert other is not declared
        if declared.when.values is None:
            assert other.kind in {"switch", "whole", "real"}
            assert other.kind == "switch" or other.lowest == 0, "0 turns it off"
        else:
            allowed = {True, False} if other.kind == "switch" else {choice.value for choice in other.choices}
            assert set(declared.when.values) < allowed


@ids({key: each for key, each in OWN.items() if each.kind in {"whole", "real"}})
def test_a_number_says_what_higher_and_lower_do(declared):
    assert declared.higher.endswith(".")
    assert declared.lower.endswith(".")


@ids({key: each for key, each in OWN.items() if each.kind in {"switch", "choice"} and len(each.choices) != 1})
def test_a_switch_or_choice_says_when_to_use_it_and_when_not(declared):
    assert declared.use.endswith(".")
    assert declared.leave.endswith(".")


@ids({key: each for key, (_, _, each) in DECLARED.items() if each.kind == "choice"})
def test_a_choice_has_a_label_for_every_value(declared):
    assert all(choice.label for choice in declared.choices)
    assert len({choice.label for choice in declared.choices}) == len(declared.choices)
    assert declared.default in {choice.value for choice in declared.choices}


@ids(NUMBERS)
def test_a_number_has_limits_on_both_sides_and_a_default_between_them(declared):
    low = declared.lowest if declared.lowest is not None else declared.above
    high = declared.highest if declared.highest is not None else declared.below
    assert low is not None
    assert high is not None
    assert declared.default is None or low <= declared.default <= high
    assert declared.default is not None or declared.optional
    if declared.scale == "log" and low <= 0:
        # A field on a log scale needs a positive default to start from, or one that means "off".
        assert declared.default is not None


@pytest.mark.parametrize(("station", "word"), [(s, w) for s, w in ALTERNATIVES if w is not None])
def test_an_alternative_has_a_title_and_says_what_it_is_and_when_to_use_it(station, word):
    cls = spec_classes(station)[word]
    assert cls.TITLE
    assert cls.MEANING.endswith(".")
    assert cls.USE.endswith(".")
    assert cls.LEAVE == "" or cls.LEAVE.endswith(".")


def test_every_station_has_a_title():
    assert set(STATION_TITLES) == set(STATIONS) == set(Recipe.model_fields)


def test_the_setting_paths_that_others_rely_on_are_there():
    fixed = [
        "data.kind", "data.image_size", "data.validation", "model.kind", "model.normalization", "initializer.kind",
        "optimizer.method", "optimizer.learning_rate", "schedule.kind", "schedule.warmup", "training.epochs",
        "training.batch_size", "training.seed", "training.keep", "training.backend", "training.device",
        "training.precision", "training.threads",
    ]  # fmt: skip
    for path in fixed:
        station = path.split(".")[0]
        for word in spec_classes(station) or [None]:
            assert path in {each.path for each in class_settings(station, word)}
    assert "data.test" in {each.path for each in class_settings("data", "digits")}
    assert "data.path" in {each.path for each in class_settings("data", "folder")}


def test_specs_are_frozen():
    with pytest.raises(pydantic.ValidationError, match="frozen"):
        Recipe().training.epochs = 3  # type: ignore[misc]  # that is what is tested


def tree_with(station: str, word: str | None, name: str, value: object) -> dict:
    if station == "tricks":
        return {"tricks": {word: {name: value}}}
    chooser = chooser_of(station)
    return {station: {name: value} | ({chooser: word} if chooser else {})}


def problems_of(station: str, word: str | None, name: str, value: object) -> list[str]:
    """The problems of one setting alone; what it does to others is another matter."""
    try:
        parse(tree_with(station, word, name, value))
    except RecipeError as error:
        path = f"tricks.{word}.{name}" if station == "tricks" else f"{station}.{name}"
        return [problem.sentence for problem in error.problems if problem.path == path]
    return []


def outside(declared: Setting):
    """Values just past each limit, and what is no number at all."""
    step = 1 if declared.kind == "whole" else None
    for bound, direction, included in (
        (declared.lowest, -1, True), (declared.above, -1, False), (declared.highest, 1, True), (declared.below, 1, False),
    ):  # fmt: skip
        if bound is None:
            continue
        past = (
            bound
            if not included
            else (bound + direction * step if step else math.nextafter(bound, direction * math.inf))
        )
        yield int(past) if declared.kind == "whole" else past
    if declared.kind == "real":
        yield from (math.nan, math.inf, -math.inf)
    yield from ("7", True, [1])


@pytest.mark.parametrize("key", NUMBERS.keys())
def test_a_number_past_its_limits_is_one_clear_problem(key):
    station, word, declared = DECLARED[key]
    for value in outside(declared):
        found = problems_of(station, word, declared.name, value)
        assert len(found) == 1, (value, found)
        assert "must be" in found[0]
        assert "got " in found[0]
        assert "Input should" not in found[0], "that is pydantic's language, not a person's"


@pytest.mark.parametrize("key", [key for key in DECLARED if DECLARED[key][2].kind != "choice"])
@given(data=st.data())
def test_every_value_inside_the_limits_is_taken(key, data):
    station, word, declared = DECLARED[key]
    value = ruled(declared.path, word, data.draw(values(declared)))
    cls = spec_classes(station)[word] if word else Training
    assert getattr(cls.model_validate({declared.name: value}), declared.name) == value


def test_a_number_is_shown_as_people_write_it():
    assert [number(each) for each in (10.0, 0.5, 1e-6)] == ["10", "0.5", "1e-06"]


def test_allowed_values_are_said_in_words():
    class Some(Spec):
        count: int = setting(3, "Count", "How many.", unit="things", ge=1, lt=10)
        share: float = setting(0.5, "Share", "How much.", gt=0, le=1)
        free: float | None = setting(None, "Free", "Anything.")
        name: str = setting("", "Name", "A name.")
        on: bool = setting(False, "On", "Whether.")
        place: str = setting("", "Place", "Where.", kind="folder")

    words = {name: read_setting(name, field).allowed() for name, field in Some.model_fields.items()}
    assert words == {
        "count": "a whole number of at least 1 and less than 10 things",
        "share": "a number of more than 0 and at most 1",
        "free": "a number",
        "name": "a text",
        "on": "true or false",
        "place": "the path of a folder",
    }
    assert read_setting("free", Some.model_fields["free"]).optional


def test_a_setting_without_a_label_is_named_after_its_field():
    class Some(Spec):
        batch_size: int = 3

    assert read_setting("training.batch_size", Some.model_fields["batch_size"]).label == "Batch size"


def test_an_optional_setting_is_empty_by_default_because_a_file_cannot_say_empty() -> None:
    every = [each for station in STATIONS for word in (*spec_classes(station), None) if not (station == "tricks" and word is None)
             for each in class_settings(station, word)]  # fmt: skip
    optional = [each for each in every if each.optional]
    assert optional
    assert [each.path for each in optional if each.default is not None] == []
