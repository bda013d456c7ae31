"""What training makes small: the loss of a batch as the recipe asks for it, and what validation counts.

Pure keras.ops without a Python branch on values, so it works inside a compiled step of any backend. Knows
nothing of gradients, penalties on weights (see tricks/penalty.py) or loops.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from workbench.data.pictures import DataSet
from workbench.engine.mask_objective import MaskObjective
from workbench.engine.metrics import TOP
from workbench.engine.tricks.class_weights import class_weights
from workbench.spec.recipe import Recipe

Tensor = Any


class Objective:
    """The loss of a recipe on a data set. Targets are whole numbers (b,), logits float32 (b, classes)."""

    def __init__(self, recipe: Recipe, data: DataSet) -> None:
        self._classes = len(data.classes)
        smoothing = recipe.tricks.label_smoothing
        self._smoothing = smoothing.rate if smoothing.on else 0.0
        weighs = recipe.tricks.class_weights
        counts = np.bincount(data.training.labels, minlength=self._classes) if weighs.on else None
        self._weights: Any = None if counts is None else class_weights(counts, weighs)
        kind: dict[str, Any] = {"from_logits": True}
        if self._smoothing:
            # y(1 − ε) + ε/K on one-hot targets (Szegedy 2016), as Keras' own loss has it.
            self._mean = keras.losses.CategoricalCrossentropy(label_smoothing=self._smoothing, **kind)
            self._each = keras.losses.CategoricalCrossentropy(label_smoothing=self._smoothing, reduction="none", **kind)
        else:
            self._mean = keras.losses.SparseCategoricalCrossentropy(**kind)
            self._each = keras.losses.SparseCategoricalCrossentropy(reduction="none", **kind)

    def mean(self, targets: Tensor, logits: Tensor, mixed: tuple[Tensor, Tensor] | None = None) -> Tensor:
        """The training loss of a batch: the mean over its samples, a scalar.

        `mixed` is (partner, share), both (b,): a picture mixed of two counts `share` times the loss on its own
        label and for the rest the loss on its partner's. Weights of classes do not change what is divided by.
        """
        if mixed is None and self._weights is None:
            return self._mean(self._labels(targets), logits)
        losses = self._weighed(targets, logits)
        if mixed is not None:
            partner, share = mixed
            losses = share * losses + (1.0 - share) * self._weighed(ops.take(targets, partner, axis=0), logits)
        return ops.mean(losses)

    def _weighed(self, targets: Tensor, logits: Tensor) -> Tensor:
        losses = self._each(self._labels(targets), logits)
        if self._weights is None:
            return losses
        return losses * ops.take(ops.convert_to_tensor(self._weights), targets, axis=0)

    def _labels(self, targets: Tensor) -> Tensor:
        return ops.one_hot(targets, self._classes, dtype="float32") if self._smoothing else targets

    @staticmethod
    def accuracy(targets: Tensor, logits: Tensor) -> Tensor:
        """The share of samples that are right, a scalar."""
        predicted = ops.argmax(logits, axis=-1)
        return ops.mean(ops.cast(predicted == ops.cast(targets, predicted.dtype), "float32"))

    def shown(self, targets: Tensor, mixed: tuple[Tensor, Tensor] | None) -> Tensor:
        """The label a mixed picture shows most of, to count right answers by."""
        if mixed is None:
            return targets
        partner, share = mixed
        return ops.where(share >= 0.5, targets, ops.take(targets, partner, axis=0))  # noqa: PLR2004 - the greater half

    @property
    def width(self) -> int:
        """How many numbers `sums` gives."""
        return 4 + 3 * self._classes

    def sums(self, targets: Tensor, logits: Tensor, weights: Tensor | None = None) -> Tensor:
        """Sums over samples for validation, as engine/metrics.py reads them: (4 + 3 · classes,) float32.

        `weights` (b,): 1 for samples that count, 0 for those that only fill the batch up.
        """
        losses = self._each(self._labels(targets), logits)
        one = ops.ones_like(losses) if weights is None else weights
        predicted = ops.cast(ops.argmax(logits, axis=-1), targets.dtype)
        right = ops.cast(predicted == targets, "float32") * one
        top = right
        if self._classes > TOP:
            top = ops.cast(ops.in_top_k(targets, logits, TOP), "float32") * one
        losses = ops.where(one > 0, losses, ops.zeros_like(losses))
        scalars = ops.stack([ops.sum(losses), ops.sum(one), ops.sum(right), ops.sum(top)])
        counts = [
            ops.segment_sum(values, ids, num_segments=self._classes)
            for values, ids in ((right, targets), (one, targets), (one, predicted))
        ]
        return ops.concatenate([scalars, *counts])

    #: How many numbers `answers` gives of a sample.
    answer_width = 3

    @staticmethod
    def answers(targets: Tensor, logits: Tensor) -> Tensor:
        """What is said of each sample: (b, 3) float32 with the class it is given, that class's probability and the true one's."""
        shares = ops.softmax(ops.cast(logits, "float32"), axis=-1)
        given = ops.argmax(logits, axis=-1)
        true = ops.take_along_axis(shares, ops.cast(targets, "int32")[:, None], axis=-1)[:, 0]
        return ops.stack([ops.cast(given, "float32"), ops.max(shares, axis=-1), true], axis=-1)


def make_objective(recipe: Recipe, data: DataSet) -> Objective | MaskObjective:
    """The objective for what the data set asks for: the class of a picture, or of every pixel."""
    return MaskObjective(recipe, data) if data.task == "masks" else Objective(recipe, data)
