"""A recipe in a few words, from the declarations."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import recipes
from workbench.spec import Recipe, said
from workbench.spec.recipe import changed, differences, parse, settings, value


def test_what_means_nothing_in_a_recipe_is_no_setting_of_it() -> None:
    off = said.meant(Recipe())
    assert "tricks.augmentation.on" in off
    assert "tricks.augmentation.shift" not in off, "the trick is off"
    on = said.meant(parse({"tricks": {"augmentation": {"shift": 0, "flip": False}}}))
    assert on["tricks.augmentation.shift"] == 0
    assert "tricks.augmentation.flip_probability" not in on, "there is no flip to be probable"
    assert "initializer.layers" not in on


def test_a_value_that_means_nothing_is_no_chip() -> None:
    base = parse({"tricks": {"augmentation": {"flip": False}}})
    other = changed(base, "tricks.augmentation.flip_probability", 0.25)
    assert differences(base, other)
    assert said.chips(other, base) == ()
    assert said.chips(changed(other, "tricks.augmentation.flip", new=True), base) == (
        "flip left–right",
        "flip: probability 0.25",
    )


def test_the_decimal_point_is_the_readers() -> None:
    other = changed(Recipe(), "optimizer.learning_rate", 0.15)
    assert said.chips(other, Recipe(), point=",") == ("learning rate 0,15",)


def test_what_follows_from_another_difference_is_not_told_but_what_was_chosen_beside_it_is() -> None:
    sgd = changed(Recipe(), "optimizer.method", "sgd")
    assert said.chips(sgd, Recipe()) == ("SGD",)
    rate = changed(sgd, "optimizer.learning_rate", 0.3)
    assert said.chips(rate, Recipe()) == ("SGD", "learning rate 0.3")
    dropout = changed(Recipe(), "tricks.dropout", new=True)
    assert said.chips(dropout, Recipe()) == ("dropout",)
    assert said.chips(changed(dropout, "tricks.dropout.rate", 0.4), Recipe()) == ("dropout", "probability 0.4")


@given(recipe=recipes(), other=recipes())
def test_chips_are_among_the_differences_that_mean_something(recipe: Recipe, other: Recipe) -> None:
    meant = said.meant(recipe)
    found = said.chips(recipe, other)
    assert said.chips(recipe, recipe) == ()
    every = [
        said.chip(said.setting_at(recipe, path), meant[path]) for path in differences(other, recipe) if path in meant
    ]
    assert set(found) <= set(every)
    assert all(value(recipe, path) == now for path, now in meant.items())
    assert {each.path for each in settings(recipe)} >= set(meant)


@given(st.floats(allow_nan=False, allow_infinity=False), st.booleans())
def test_a_number_is_exact(amount: float, scientific: bool) -> None:
    text = said.number(amount, scientific=scientific)
    assert float(text.replace(said.MINUS, "-").replace(said.NARROW, "")) == amount
