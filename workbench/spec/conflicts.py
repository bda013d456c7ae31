"""Settings that contradict each other although each is right alone, and the sentences about them.

Knows nothing of files or forms: `recipe.parse` asks it about every recipe it reads.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import TYPE_CHECKING, TypeAlias

from workbench.errors import Problem
from workbench.spec.base import number
from workbench.spec.initializer import IMAGENET

if TYPE_CHECKING:
    from workbench.spec.recipe import Recipe

#: Says whether all settings at these paths have values that are right by themselves.
Good: TypeAlias = Callable[..., bool]

#: Tricks for pictures with one class, and why masks are none of their business.
_NOT_WITH_MASKS = {
    "label_smoothing": "is for the class of a picture; turn it off.",
    "resampling": "draws pictures by their class, and with masks only pixels have one; turn it off.",
    "mixup": "Mixup shares one label a picture, and with masks every pixel has its own; turn it off.",
    "cutmix": "CutMix shares one label a picture, and with masks every pixel has its own; turn it off.",
}


def conflicts(recipe: Recipe, bad: Collection[str] = ()) -> list[Problem]:
    """What is wrong between settings that are each right alone; nothing is said of those whose own values are `bad`."""

    def good(*paths: str) -> bool:
        return not any(path in bad or path.partition(".")[0] in bad for path in paths)

    return [problem for part in _PARTS for problem in part(recipe, good)]


def _shares(recipe: Recipe, good: Good) -> Iterator[Problem]:
    """What the parts of the data leave to learn from."""
    share = recipe.data.validation + getattr(recipe.data, "test", 0.0)
    if good("data.kind", "data.validation", "data.test") and share >= 0.95:  # noqa: PLR2004 - something must be left to learn from
        yield Problem(
            "data.validation",
            f"validation and test together take {share:.0%} of the pictures; leave at least 5 % for training.",
        )


def _without_validation(recipe: Recipe, good: Good) -> Iterator[Problem]:
    """What watches validation loss needs validation pictures; a folder may bring its own."""
    data = recipe.data
    if not good("data.kind", "data.validation") or data.validation > 0 or data.kind == "folder":
        return
    if good("tricks.early_stopping.on") and recipe.tricks.early_stopping.on:
        yield Problem(
            "tricks.early_stopping",
            "needs validation pictures; set data.validation above 0 or turn early stopping off.",
        )
    if good("training.keep") and recipe.training.keep == "best":
        yield Problem(
            "training.keep",
            "best is chosen by validation loss; set data.validation above 0 or keep the last epoch.",
        )
    if good("schedule.kind") and recipe.schedule.kind == "plateau":
        yield Problem(
            "schedule.kind",
            "reduce on plateau watches validation loss; set data.validation above 0 or take another schedule.",
        )


def _schedule(recipe: Recipe, good: Good) -> Iterator[Problem]:
    """What a schedule's own numbers allow beside those of the run and the optimizer."""
    schedule, epochs = recipe.schedule, recipe.training.epochs
    if good("schedule.kind", "schedule.warmup", "training.epochs") and 0 < schedule.warmup >= epochs:
        yield Problem(
            "schedule.warmup", f"must be shorter than the run of {epochs} epochs, got {number(schedule.warmup)}."
        )
    rate = recipe.optimizer.learning_rate
    known = good("schedule.kind", "schedule.lowest", "optimizer.method", "optimizer.learning_rate")
    if known and schedule.kind == "plateau" and schedule.lowest >= rate:
        yield Problem(
            "schedule.lowest",
            f"must be less than optimizer.learning_rate, which is {number(rate)}, got {number(schedule.lowest)}; "
            "else the rate could never fall.",
        )


def _optimizer(recipe: Recipe, good: Good) -> Iterator[Problem]:
    """What a method does by itself, or cannot do without."""
    method, optimizer = recipe.optimizer.method, recipe.optimizer
    decays = good("optimizer.method", "tricks.weight_decay.on") and recipe.tricks.weight_decay.on
    if decays and method in {"adamw", "muon", "schedule_free"}:
        yield Problem(
            "tricks.weight_decay",
            f"{optimizer.TITLE} decays weights itself, so they would decay twice; turn the trick off or take Adam.",
        )
    averages = good("optimizer.method", "tricks.ema.on") and recipe.tricks.ema.on
    if averages and method == "schedule_free":
        yield Problem(
            "tricks.ema",
            f"{optimizer.TITLE} is judged by a mean of its own; turn the trick off or take AdamW.",
        )
    momentum = good("optimizer.method", "optimizer.nesterov", "optimizer.momentum")
    if momentum and optimizer.method == "sgd" and optimizer.nesterov and optimizer.momentum == 0:
        yield Problem("optimizer.nesterov", "needs a momentum above 0; raise optimizer.momentum or turn it off.")


def _classes(recipe: Recipe, good: Good) -> Iterator[Problem]:
    """Uneven classes are helped in one way."""
    tricks = recipe.tricks
    known = good("tricks.class_weights.on", "tricks.resampling.on")
    if known and tricks.class_weights.on and tricks.resampling.on:
        yield Problem(
            "tricks.resampling",
            "brings all classes equally often already, so weights would favour the small ones twice; "
            "turn it or tricks.class_weights off.",
        )


def _masks(recipe: Recipe, good: Good) -> list[Problem]:
    """What does not go together with the data's task: the class of a picture, or of every pixel."""
    found: list[Problem] = []
    if not good("data.kind"):
        return found
    data, model = recipe.data, recipe.model
    masks = data.TASK == "masks"
    if good("model.kind") and data.TASK != model.TASK:
        sentence = (
            f"{data.TITLE} asks for the class of every pixel, and {model.TITLE} gives one for the whole picture; "
            "take a U-Net or an FCN for masks."
            if masks
            else f"{model.TITLE} gives a class for every pixel, and {data.TITLE} has no masks; "
            "take a network for classes, such as a CNN, or data with masks."
        )
        found.append(Problem("model.kind", sentence))
    if masks:
        found.extend(
            Problem(f"tricks.{name}", why)
            for name, why in _NOT_WITH_MASKS.items()
            if good(f"tricks.{name}.on") and getattr(recipe.tricks, name).on
        )
    return found


def _pretrained(recipe: Recipe, good: Good) -> list[Problem]:
    """What a recipe lacks to start from trained weights."""
    begin = recipe.initializer
    if not good("initializer.kind", "initializer.start", "initializer.run", "initializer.file"):
        return []
    if begin.start == "run" and not begin.run:
        return [Problem("initializer.run", "is empty; give the number, id or name of the run to start from.")]
    if begin.start == "file" and not begin.file:
        return [Problem("initializer.file", "is empty; choose the .safetensors, .keras or .h5 file to start from.")]
    if begin.start == "imagenet" and good("model.kind", "model.variant", "model.order"):
        return _imagenet(recipe)
    return []


def _imagenet(recipe: Recipe) -> list[Problem]:
    variant = getattr(recipe.model, "variant", None)
    if variant not in IMAGENET:
        title = recipe.model.TITLE
        came = f"{variant}, in the network {title}" if variant else title
        sentence = f"there are ImageNet weights for {', '.join(IMAGENET)}, not for {came}; take one of these, or an earlier run."
        return [Problem("initializer.start", sentence)]
    if getattr(recipe.model, "order", "post") != "post":
        sentence = "ImageNet weights fit the order “after the convolution” only; set model.order to post."
        return [Problem("initializer.start", sentence)]
    return []


def _about_the_network(recipe: Recipe, good: Good) -> list[Problem]:
    """Tricks that this network gives nothing to act on."""
    if not good("model.kind", "tricks.stochastic_depth.on") or recipe.model.RESIDUAL:
        return []
    if not recipe.tricks.stochastic_depth.on:
        return []
    sentence = f"skips residual blocks, and this network ({recipe.model.TITLE}) has none; turn it off or take a ResNet."
    return [Problem("tricks.stochastic_depth", sentence)]


def _crop(recipe: Recipe, good: Good) -> Iterator[Problem]:
    """What can be cut out of a picture."""
    crop, size = recipe.data.crop, recipe.data.image_size
    if good("data.kind", "data.crop", "data.image_size") and crop is not None and crop > size:
        yield Problem(
            "data.crop", f"must be at most data.image_size, {size}, got {crop}; cut out less or enlarge the pictures."
        )


def _erasing(recipe: Recipe, good: Good) -> Iterator[Problem]:
    """From where to where an erased rectangle's area lies."""
    changes = recipe.tricks.augmentation
    low, high = changes.erasing_smallest, changes.erasing_largest
    if good("tricks.augmentation") and changes.on and changes.erasing > 0 and low > high:
        yield Problem(
            "tricks.augmentation.erasing_smallest",
            f"must be at most erasing_largest, {number(high)}, got {number(low)}.",
        )


#: What is asked about every recipe, in the order in which it is said.
_PARTS: tuple[Callable[[Recipe, Good], Iterable[Problem]], ...] = (
    _shares, _without_validation, _masks, _schedule, _optimizer, _classes, _pretrained, _about_the_network, _crop, _erasing,
)  # fmt: skip
