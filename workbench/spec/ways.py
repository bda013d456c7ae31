"""Ways out of a trouble that are other settings: what would need less memory, what would step more carefully.

Only ways that make a valid recipe are offered. Pure: a recipe goes in, ways come out.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from workbench.errors import RecipeError, Way, WayKind
from workbench.spec.recipe import Recipe, edited, parse

#: Portions into which a batch is cut when its gradients are added up.
PORTIONS = 4
#: What a learning rate is divided by after the loss has become infinite.
SLOWER = 10.0


def applied(recipe: Recipe, changes: Iterable[tuple[str, Any]]) -> Recipe:
    """The recipe with settings changed together. Raises RecipeError, all problems at once."""
    tree = recipe.model_dump()
    for path, value in changes:
        tree = edited(tree, path, value)
    return parse(tree)


def smaller(recipe: Recipe) -> tuple[Way, ...]:
    """Ways to train with less memory, the surest first."""
    return _valid(recipe, [_half(recipe), _mixed(recipe), _accumulated(recipe)])


def calmer(recipe: Recipe, *, first_epoch: bool) -> tuple[Way, ...]:
    """Ways to train on after a loss or gradient that was no finite number. `first_epoch`: it was in the first one."""
    rate = recipe.optimizer.learning_rate
    slow = _rounded(rate / SLOWER)
    changes = [("optimizer.learning_rate", slow)]
    lowest = getattr(recipe.schedule, "lowest", None)
    if isinstance(lowest, float) and lowest >= slow:
        changes.append(("schedule.lowest", _rounded(slow / SLOWER)))
    ways = [
        Way(
            WayKind.CHANGE, f"Lower the learning rate: {rate:g} → {slow:g}",
            "Steps a tenth as large. If the loss still grows, lower it once more.", tuple(changes),
        )
    ]  # fmt: skip
    if not recipe.tricks.gradient_clipping.on:
        limit = recipe.tricks.gradient_clipping.limit
        ways.append(
            Way(
                WayKind.CHANGE, f"Clip the gradient at a global norm of {limit:g}",
                "Large gradients keep their direction and lose their length; a single step that is not finite is skipped.",
                (("tricks.gradient_clipping", True), ("tricks.gradient_clipping.by", "global_norm")),
            )
        )  # fmt: skip
    if first_epoch and getattr(recipe.schedule, "warmup", None) == 0:
        note = "The learning rate rises from near 0 during the first epoch, where gradients are largest."
        ways.append(Way(WayKind.CHANGE, "Warm up for one epoch", note, (("schedule.warmup", 1.0),)))
    if recipe.training.precision == "float16":
        note = "float16 ends at 65,504; bfloat16 has the range of float32."
        ways.append(Way(WayKind.CHANGE, "Compute in bfloat16", note, (("training.precision", "bfloat16"),)))
    return _valid(recipe, ways)


def _half(recipe: Recipe) -> Way | None:
    batch, rate = recipe.training.batch_size, recipe.optimizer.learning_rate
    half = batch // 2
    if not half:
        return None
    changes: list[tuple[str, Any]] = [("training.batch_size", half)]
    title = f"Halve the batch: {batch:,} → {half:,}"
    if recipe.tricks.gradient_accumulation.on and recipe.tricks.gradient_accumulation.whole:
        return Way(WayKind.CHANGE, title, "Each update still sees the whole training set.", tuple(changes))
    slow = _rounded(rate * half / batch)
    changes.append(("optimizer.learning_rate", slow))
    lowest = getattr(recipe.schedule, "lowest", None)
    if isinstance(lowest, float) and lowest > 0:
        changes.append(("schedule.lowest", _rounded(lowest * half / batch)))
    note = f"The learning rate goes down with it, {rate:g} → {slow:g}. The same number of epochs."
    return Way(WayKind.CHANGE, title, note, tuple(changes))


def _mixed(recipe: Recipe) -> Way | None:
    if recipe.training.precision != "float32":
        return None
    note = "Layer outputs in 16 bits take half the memory. Faster on a GPU from 2020 on, slower on a CPU."
    return Way(WayKind.CHANGE, "Compute in mixed bfloat16", note, (("training.precision", "bfloat16"),))


def _accumulated(recipe: Recipe) -> Way | None:
    batch, trick = recipe.training.batch_size, recipe.tricks.gradient_accumulation
    if batch == 1 or (trick.on and trick.whole):
        return None
    portions = min(PORTIONS, batch)
    portion = -(-batch // portions)
    portions = -(-batch // portion)
    batches = portions * (trick.batches if trick.on else 1)
    if recipe.model.normalization == "batch":
        note = f"Close to one large batch; the batch statistics are of {portion:,} pictures."
    else:
        note = "The same result as one large batch."
    if portion * portions != batch:
        note = f"{note} An update then sees {portion * batches:,} pictures."
    changes = (
        ("training.batch_size", portion), ("tricks.gradient_accumulation", True),
        ("tricks.gradient_accumulation.batches", batches),
    )  # fmt: skip
    return Way(WayKind.CHANGE, f"Add up the gradients of {batches:,} batches of {portion:,}", note, changes)


def _rounded(value: float) -> float:
    """Three digits: what a person would write."""
    return float(f"{value:.3g}")


def _valid(recipe: Recipe, ways: Iterable[Way | None]) -> tuple[Way, ...]:
    return tuple(way for way in ways if way is not None and _fits(recipe, way))


def _fits(recipe: Recipe, way: Way) -> bool:
    try:
        return applied(recipe, way.changes) != recipe
    except RecipeError:
        return False
