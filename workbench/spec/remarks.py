"""What is right and yet may not be what a person expects; said beside the setting, and it stops nobody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from workbench.errors import Problem

if TYPE_CHECKING:
    from workbench.spec.recipe import Recipe


def remarks(recipe: Recipe, samples: int | None = None) -> list[Problem]:
    """What to know of a right recipe: where, and a sentence. `samples` is the number of training pictures, once known."""
    return [*_batch_of_everything(recipe, samples), *_parts_of_an_update(recipe, samples)]


def _batch_of_everything(recipe: Recipe, samples: int | None) -> Iterator[Problem]:
    size = recipe.training.batch_size
    if samples is not None and size > samples:
        yield Problem(
            "training.batch_size",
            f"{size:,} is more than all training pictures (about {samples:,}), so each epoch is one step with all of them.",
        )


def _parts_of_an_update(recipe: Recipe, samples: int | None) -> Iterator[Problem]:
    """Where samples meet in the forward pass, several small batches are not one large one."""
    spec = recipe.tricks.gradient_accumulation
    in_one = samples is not None and recipe.update_size(samples) <= recipe.training.batch_size
    if not spec.on or in_one or recipe.model.normalization != "batch":
        return
    whole = "the whole training set" if spec.whole else "one large batch"
    yield Problem(
        "tricks.gradient_accumulation",
        f"with batch norm each batch has its own statistics, so the sum is not exactly the gradient of {whole}; "
        "for that choose another model.normalization.",
    )
