"""Ways out of a trouble: each makes a valid recipe, and changes what it says."""

from __future__ import annotations

from typing import Any

import hypothesis
import pytest

from tests.strategies import recipes
from workbench.errors import Way
from workbench.spec import Recipe, ways
from workbench.spec.recipe import parse
from workbench.spec.recipe import value as value_at


def of(**tables: Any) -> Recipe:
    return parse(tables)


def titles(found: tuple[Way, ...]) -> list[str]:
    return [way.title for way in found]


def test_memory_is_saved_by_half_the_batch_by_half_the_bits_or_by_adding_gradients_up() -> None:
    recipe = of(
        training={"batch_size": 1024}, model={"kind": "cnn", "normalization": "batch"}, optimizer={"method": "adam"}
    )
    half, mixed, added = ways.smaller(recipe)
    assert half.title == "Halve the batch: 1,024 → 512"
    assert dict(half.changes) == {"training.batch_size": 512, "optimizer.learning_rate": 0.0005}
    assert "0.001 → 0.0005" in half.note
    assert dict(mixed.changes) == {"training.precision": "bfloat16"}
    assert added.title == "Add up the gradients of 4 batches of 256"
    assert "batch statistics are of 256 pictures" in added.note
    changed = ways.applied(recipe, added.changes)
    assert changed.update_size(60_000) == recipe.update_size(60_000) == 1024
    assert changed.tricks.gradient_accumulation.on


def test_adding_gradients_up_is_called_the_same_result_only_without_batch_norm() -> None:
    recipe = of(training={"batch_size": 64}, model={"kind": "cnn", "normalization": "group"})
    *_, added = ways.smaller(recipe)
    assert added.note == "The same result as one large batch."
    *_, uneven = ways.smaller(of(training={"batch_size": 33}))
    assert "An update then sees 36 pictures" in uneven.note


def test_gradients_that_are_added_up_already_are_added_up_from_more_and_smaller_batches() -> None:
    tricks = {"gradient_accumulation": {"batches": 3}}
    recipe = of(training={"batch_size": 64}, tricks=tricks)
    *_, added = ways.smaller(recipe)
    assert ways.applied(recipe, added.changes).update_size(10_000) == recipe.update_size(10_000)
    whole = of(training={"batch_size": 64}, tricks={"gradient_accumulation": {"whole": True}})
    assert titles(ways.smaller(whole)) == ["Halve the batch: 64 → 32", "Compute in mixed bfloat16"]
    assert dict(ways.smaller(whole)[0].changes) == {"training.batch_size": 32}


def test_a_batch_of_one_cannot_be_made_smaller() -> None:
    assert titles(ways.smaller(of(training={"batch_size": 1, "precision": "bfloat16"}))) == []


def test_after_a_divergence_the_rate_falls_to_a_tenth_or_gradients_are_clipped() -> None:
    recipe = of(optimizer={"method": "sgd", "learning_rate": 5.0})
    slow, clipped = ways.calmer(recipe, first_epoch=False)
    assert slow.title == "Lower the learning rate: 5 → 0.5"
    assert ways.applied(recipe, slow.changes).optimizer.learning_rate == 0.5
    assert ways.applied(recipe, clipped.changes).tricks.gradient_clipping.on
    assert "Warm up for one epoch" in titles(ways.calmer(recipe, first_epoch=True))
    rough = of(optimizer={"method": "sgd", "learning_rate": 5.0}, tricks={"gradient_clipping": {"limit": 1.0}})
    assert len(ways.calmer(rough, first_epoch=False)) == 1


def test_a_schedule_with_a_lowest_rate_stays_below_the_lowered_one() -> None:
    recipe = of(optimizer={"method": "sgd", "learning_rate": 0.1}, schedule={"kind": "plateau", "lowest": 0.05})
    slow = ways.calmer(recipe, first_epoch=False)[0]
    lowered = ways.applied(recipe, slow.changes)
    assert value_at(lowered, "schedule.lowest") < lowered.optimizer.learning_rate


def test_float16_offers_the_range_of_bfloat16() -> None:
    recipe = of(training={"precision": "float16"})
    assert "Compute in bfloat16" in titles(ways.calmer(recipe, first_epoch=False))


@hypothesis.given(recipe=recipes())
def test_every_way_out_of_every_recipe_is_a_valid_other_recipe(recipe: Recipe) -> None:
    for way in (*ways.smaller(recipe), *ways.calmer(recipe, first_epoch=True)):
        changed = ways.applied(recipe, way.changes)
        assert changed != recipe
        assert way.note
        for path, value in way.changes:
            assert value_at(changed, path) == value


@pytest.mark.parametrize("samples", [100, 60_000])
def test_half_the_batch_makes_half_the_update(samples: int) -> None:
    recipe = of(training={"batch_size": 64})
    half = ways.applied(recipe, ways.smaller(recipe)[0].changes)
    assert half.update_size(samples) * 2 == recipe.update_size(samples)
