"""The overfit check: the recipe's network on a few of its training pictures, untouched and without tricks.

Optimizer, loss, batch size and starting weights are the recipe's; every trick is off and the rate is constant. After each
epoch the pictures are judged as validation pictures would be. When the recipe's rate does not do, others are tried, so that
the rate can be told from the network.
"""

from __future__ import annotations

import dataclasses
import hashlib
import math
from collections import Counter, defaultdict
from contextlib import closing
from typing import Any

import numpy as np

from workbench import data
from workbench.data.pictures import DataSet, InMemory, Part
from workbench.data.splitting import sample
from workbench.engine.augment import Augmenter
from workbench.engine.feeding import Feed
from workbench.engine.keeping import nothing
from workbench.engine.metrics import Sums, metrics
from workbench.engine.probes.asked import Asked
from workbench.engine.probes.rehearsal import Rehearsal
from workbench.events import COLUMNS
from workbench.probing.overfit import BY_HEART, BY_HEART_MASKS, Attempt, Scene, judge, other_rates
from workbench.spec import said
from workbench.spec.recipe import Recipe, parse, spec_classes
from workbench.spec.schedule import Constant
from workbench.spec.tricks import Tricks

PICTURES, PICTURES_WITH_MASKS = 100, 16
#: Updates of an attempt at most.
STEPS = 600
#: A batch is a quarter of the pictures at most, so that an epoch has some steps; but so many where there are, for batch norm's sake.
FEWEST_STEPS, SMALLEST_BATCH = 4, 8
_LOSS = COLUMNS.index("loss")


def overfit(asked: Asked) -> dict[str, Any]:
    """Answer "overfit"; the options `pictures` and `steps` say on how many, and how long at most. Raises WorkbenchError."""
    whole = data.load(asked.recipe.data, asked.recipe.training.seed, asked.workspace, asked.reading)
    masks = whole.task == "masks"
    few = _few(asked.recipe, whole, int(asked.options.get("pictures", PICTURES_WITH_MASKS if masks else PICTURES)))
    recipe = plain(asked.recipe, len(few.training))
    wanted = BY_HEART_MASKS if masks else BY_HEART
    steps = int(asked.options.get("steps", STEPS))
    rehearsal = Rehearsal(asked, recipe, few)
    parameters = rehearsal.plan.parameters
    attempts = [_attempt(asked, rehearsal, recipe.optimizer.learning_rate, wanted, steps, tell=True)]
    possible, contradicting = contradictions(few)
    for rate in other_rates(attempts[0]):
        if attempts[-1].reached(wanted) or possible < wanted:
            break
        rehearsal = Rehearsal(asked, recipe, few)
        attempts.append(_attempt(asked, rehearsal, rate, wanted, steps, tell=False))
    title = spec_classes("initializer")[recipe.initializer.kind].TITLE
    scene = Scene(
        len(few.training), wanted, possible, contradicting, parameters, title, left_off(asked.recipe), masks
    )  # fmt: skip
    return judge(scene, tuple(attempts)).tree()


def plain(recipe: Recipe, pictures: int) -> Recipe:
    """The recipe without tricks and schedule, in batches for so many pictures."""
    tree = recipe.model_dump()
    tree["tricks"] = {name: table | {"on": False} for name, table in tree["tricks"].items()}
    tree["schedule"] = {"kind": Constant().kind}
    tree["data"]["crop"] = None  # the few pictures are their middles already
    most = max(SMALLEST_BATCH, math.ceil(pictures / FEWEST_STEPS))
    tree["training"] |= {
        "batch_size": min(recipe.training.batch_size, most, pictures),
        "keep": "last",
    }
    if recipe.initializer.freeze == "for_epochs":
        tree["initializer"]["freeze"] = "no"
    return parse(tree)


def left_off(recipe: Recipe) -> tuple[str, ...]:
    """The titles of what a recipe has and the check does without."""
    on = [spec_classes("tricks")[name].TITLE for name in Tricks.model_fields if getattr(recipe.tricks, name).on]
    schedule = [] if isinstance(recipe.schedule, Constant) and not recipe.schedule.warmup else ["Schedule"]
    return (*on, *schedule)


def _few(recipe: Recipe, whole: DataSet, count: int) -> DataSet:
    """The data set with so many training pictures, each class in its proportion, and nothing to validate on."""
    labels, classes = whole.training.labels, whole.classes
    if whole.task == "masks":  # no picture has a class: as if all were of one
        labels, classes = np.zeros(len(whole.training), np.int32), ("pictures",)
    rows = sample(labels.astype(np.int32), classes, count, recipe.training.seed, "overfit")
    augmenter = Augmenter.of(recipe, whole)
    pixels = np.asarray(augmenter.centre(whole.training.pictures.take(rows)))
    marks = np.asarray(augmenter.centre(whole.training.labels[rows]))
    none = Part(InMemory(pixels[:0]), marks[:0])
    return dataclasses.replace(
        whole, shape=augmenter.shape, training=Part(InMemory(pixels), marks), validation=none, test=none
    )


def _attempt(asked: Asked, rehearsal: Rehearsal, rate: float, wanted: float, steps: int, *, tell: bool) -> Attempt:
    epochs = max(1, math.ceil(steps / rehearsal.steps))
    rates = np.full(rehearsal.steps, rate, np.float32)
    accuracies: list[float] = []
    losses: list[float] = []
    first = math.nan
    with closing(rehearsal.chunks(rehearsal.steps)) as chunks:
        for epoch in range(epochs):
            asked.progress(epoch, epochs, f"Epoch {epoch + 1} at {said.number(rate, scientific=True)}")
            chunk = next(chunks)
            numbers = rehearsal.train(chunk, rates[: chunk.steps])
            if not epoch:
                first = float(numbers[0, _LOSS])
            found = _judged(rehearsal)
            accuracies.append(found["val_accuracy"])
            losses.append(math.nan if rehearsal.diverged else found["val_loss"])
            if tell:
                asked.partial(accuracies=accuracies[-1:], losses=losses[-1:])
            if accuracies[-1] >= wanted or rehearsal.diverged:
                break
    return Attempt(rate, tuple(accuracies), tuple(losses), first, _guessing(rehearsal.data))


def _judged(rehearsal: Rehearsal) -> dict[str, float]:
    """Loss and accuracy on the few pictures, in inference mode."""
    feed = Feed(rehearsal.data.training, rehearsal.recipe.training.batch_size)
    try:
        everything = np.arange(len(rehearsal.data.training), dtype=np.int32)
        with rehearsal.loop.judged():
            sums = nothing(rehearsal.data)
            for chunk in feed.chunks(everything, None, lambda: len(everything)):
                sums = rehearsal.loop.evaluate(chunk, sums, "training").sums
    finally:
        feed.close()
    return metrics(Sums.from_vector(sums), masks=rehearsal.data.task == "masks")


def _guessing(few: DataSet) -> float:
    """The cross-entropy of somebody who knows only how often each class comes; of masks other losses are in use: infinity."""
    if few.task == "masks":
        return math.inf
    shares = np.bincount(few.training.labels) / len(few.training)
    return float(-sum(share * math.log(share) for share in shares if share))


def contradictions(few: DataSet) -> tuple[float, int]:
    """The share of right answers that is possible, and how many pictures are there again with another class."""
    if few.task == "masks":
        return 1.0, 0  # a pixel's surroundings tell it from others
    answers: dict[bytes, Counter[int]] = defaultdict(Counter)
    for picture, label in zip(few.training.pictures.array(), few.training.labels.tolist(), strict=True):
        answers[hashlib.sha256(picture.tobytes()).digest()][label] += 1
    right = sum(max(each.values()) for each in answers.values())
    torn = sum(sum(each.values()) for each in answers.values() if len(each) > 1)
    return right / len(few.training), torn
