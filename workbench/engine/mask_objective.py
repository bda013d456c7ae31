"""What training makes small with masks, and what validation counts: `objective.Objective` for the class of every pixel.

The loss of a batch is the mean over its pictures, so it does not matter how many are judged at once. Pixels that are
ignored count nowhere. Pure keras.ops; knows nothing of gradients or loops.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from keras import ops

from workbench.data.pictures import DataSet
from workbench.engine.mask_losses import counted, per_picture
from workbench.engine.tricks.class_weights import class_weights
from workbench.spec.model import MaskModelSpec
from workbench.spec.recipe import Recipe

Tensor = Any


class MaskObjective:
    """The loss of a recipe on a data set with masks. Targets are whole numbers (b, h, w), logits float32 (b, h, w, classes)."""

    def __init__(self, recipe: Recipe, data: DataSet) -> None:
        assert isinstance(recipe.model, MaskModelSpec)
        self._spec = recipe.model
        self._classes = len(data.classes)
        self._ignore = data.ignore
        weighs = recipe.tricks.class_weights
        self._weights = class_weights(self._counts(data), weighs) if weighs.on else None

    def _counts(self, data: DataSet) -> np.ndarray[Any, np.dtype[np.int64]]:
        """The pixels of each class in the training part."""
        total = np.zeros(256, np.int64)
        for mask in data.training.labels:
            total += np.bincount(mask.ravel(), minlength=256)
        return total[: self._classes]

    def mean(self, targets: Tensor, logits: Tensor, mixed: tuple[Tensor, Tensor] | None = None) -> Tensor:
        """The training loss of a batch: the mean over its pictures, a scalar. Masks are never mixed."""
        assert mixed is None
        return ops.mean(per_picture(self._spec, targets, logits, self._ignore, self._weights))

    def shown(self, targets: Tensor, mixed: tuple[Tensor, Tensor] | None) -> Tensor:
        """What right answers are counted by."""
        assert mixed is None
        return targets

    def accuracy(self, targets: Tensor, logits: Tensor) -> Tensor:
        """The share of pixels that are right, among those that count; a scalar."""
        there = counted(targets, self._ignore)
        predicted = ops.argmax(logits, axis=-1)
        right = ops.cast(predicted == ops.cast(targets, predicted.dtype), "float32")
        return ops.sum(right * there) / ops.maximum(ops.sum(there), 1)

    @property
    def width(self) -> int:
        """How many numbers `sums` gives."""
        return 4 + 3 * self._classes

    def sums(self, targets: Tensor, logits: Tensor, weights: Tensor | None = None) -> Tensor:
        """Sums for validation, as engine/metrics.py reads them: loss and samples over pictures, the rest over pixels.

        `weights` (b,): 1 for pictures that count, 0 for those that only fill the batch up. float32 counts exactly up to
        2²⁴ pixels a batch.
        """
        # As with pictures of one class, weights of classes are for training: runs stay comparable.
        losses = per_picture(self._spec, targets, logits, self._ignore)
        pictures = ops.ones_like(losses) if weights is None else ops.cast(weights, "float32")
        losses = ops.where(pictures > 0, losses, ops.zeros_like(losses))
        there = ops.reshape(counted(targets, self._ignore) * pictures[:, None, None], (-1,))
        truth = ops.where(there > 0, ops.reshape(ops.cast(targets, "int32"), (-1,)), 0)
        predicted = ops.reshape(ops.cast(ops.argmax(logits, axis=-1), "int32"), (-1,))
        right = ops.cast(predicted == truth, "float32") * there
        total = ops.sum(right)
        scalars = ops.stack([ops.sum(losses), ops.sum(pictures), total, total])
        counts = [
            ops.segment_sum(values, ids, num_segments=self._classes)
            for values, ids in ((right, truth), (there, truth), (there, predicted))
        ]
        return ops.concatenate([scalars, *counts])

    #: How many numbers `answers` gives of a picture.
    answer_width = 0

    @staticmethod
    def answers(targets: Tensor, logits: Tensor) -> Tensor:  # noqa: ARG004 - as Objective's
        """Of masks nothing: a class for every pixel of every picture would be gigabytes. (b, 0) float32."""
        return ops.zeros((ops.shape(logits)[0], 0), "float32")
