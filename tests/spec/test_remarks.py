"""What is said of right recipes."""

from typing import Any

import pytest

from workbench.spec.recipe import Recipe, parse
from workbench.spec.remarks import remarks


def accumulating(normalization: str = "batch", **settings: Any) -> Recipe:
    tables: dict[str, Any] = {
        "model": {"kind": "cnn", "normalization": normalization},
        "training": {"batch_size": 32},
        "tricks": {"gradient_accumulation": {"on": True, **settings}},
    }
    return parse(tables)


@pytest.mark.parametrize(("settings", "words"), [({}, "one large batch"), ({"whole": True}, "the whole training set")])
def test_batches_with_statistics_of_their_own_are_said_not_to_be_one(settings: dict[str, Any], words: str) -> None:
    (remark,) = remarks(accumulating(**settings))
    assert remark.path == "tricks.gradient_accumulation"
    assert f"not exactly the gradient of {words};" in remark.sentence


def test_a_batch_larger_than_the_data_is_said_to_be_one_step_an_epoch() -> None:
    recipe = parse({"training": {"batch_size": 1259}})
    (remark,) = remarks(recipe, samples=1258)
    assert str(remark).startswith("training.batch_size: 1,259 is more than all training pictures (about 1,258)")
    assert remarks(recipe, samples=1259) == remarks(recipe) == []


def test_nothing_is_said_where_the_sum_is_exact() -> None:
    assert remarks(Recipe()) == []
    assert remarks(accumulating("group")) == []
    assert remarks(accumulating(whole=True), samples=32) == []
    assert len(remarks(accumulating(whole=True), samples=33)) == 1
