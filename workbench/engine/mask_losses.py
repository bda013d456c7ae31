"""Losses of networks for masks: one number a picture, so that every mean over pictures is exact however they are cut.

Targets are class numbers (b, h, w), logits (b, h, w, classes). Pixels whose target is `ignore` count nowhere: they
change neither a loss nor a gradient. A picture in which nothing counts has loss 0. All arithmetic is in float32. Pure
keras.ops; knows nothing of data, loops or batches that are weighted.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from keras import ops

from workbench.spec.model import MaskModelSpec

#: Keeps a quotient of sums of probabilities finite; far below one pixel.
_TINY = 1e-6


def per_picture(spec: MaskModelSpec, targets: Any, logits: Any, ignore: int | None) -> Any:
    """The loss of each picture, (b,) float32, by the recipe's choice."""
    return LOSSES[spec.loss](targets, logits, ignore)


def counted(targets: Any, ignore: int | None) -> Any:
    """1 for every pixel that counts, else 0: (b, h, w) float32."""
    targets = ops.cast(targets, "int32")
    return ops.ones_like(targets, dtype="float32") if ignore is None else ops.cast(targets != ignore, "float32")


def cross_entropy(targets: Any, logits: Any, ignore: int | None) -> Any:
    """The mean of −log p over the pixels that count, p the probability of the true class."""
    weights = counted(targets, ignore)
    return _mean(-_true_log(targets, logits, weights), weights)


def focal(targets: Any, logits: Any, ignore: int | None) -> Any:
    """The mean of −(1 − p)² log p (Lin 2017, equation 4, with γ = 2, the best of those they tried, without α): what is nearly right counts little."""
    weights = counted(targets, ignore)
    log = _true_log(targets, logits, weights)
    return _mean(-ops.square(1 - ops.exp(log)) * log, weights)


def dice(targets: Any, logits: Any, ignore: int | None) -> Any:
    """1 − the mean of 2 Σ p·t / (Σ p + Σ t) over the classes that the picture holds; sums over the pixels that count.

    Soft Dice with plain sums below (Drozdzal 2016, equation 1, a class at a time). A class that the picture lacks has no
    overlap to reward; what is given to it is missing from the others.
    """
    weights = counted(targets, ignore)
    truth = _one_hot(targets, logits, weights)
    shares = ops.softmax(ops.cast(logits, "float32"), axis=-1) * weights[..., None]
    true, predicted = ops.sum(truth, axis=(1, 2)), ops.sum(shares, axis=(1, 2))
    overlap = 2 * ops.sum(truth * shares, axis=(1, 2)) / ops.maximum(true + predicted, _TINY)
    held = ops.cast(true > 0, "float32")
    number = ops.sum(held, axis=1)
    return ops.where(number > 0, 1 - ops.sum(overlap * held, axis=1) / ops.maximum(number, 1), 0)


def cross_entropy_dice(targets: Any, logits: Any, ignore: int | None) -> Any:
    """The sum of both."""
    return cross_entropy(targets, logits, ignore) + dice(targets, logits, ignore)


LOSSES: dict[str, Callable[[Any, Any, int | None], Any]] = {
    "cross_entropy": cross_entropy,
    "dice": dice,
    "focal": focal,
    "cross_entropy_dice": cross_entropy_dice,
}


def _one_hot(targets: Any, logits: Any, weights: Any) -> Any:
    """(b, h, w, classes): 1 at the true class; nothing for a pixel that does not count."""
    safe = ops.where(weights > 0, ops.cast(targets, "int32"), 0)
    return ops.one_hot(safe, logits.shape[-1], dtype="float32") * weights[..., None]


def _true_log(targets: Any, logits: Any, weights: Any) -> Any:
    """The log of p, of the true class at every pixel; 0 for one that does not count."""
    logs = ops.log_softmax(ops.cast(logits, "float32"), axis=-1)
    return ops.sum(logs * _one_hot(targets, logits, weights), axis=-1)


def _mean(values: Any, weights: Any) -> Any:
    return ops.sum(values, axis=(1, 2)) / ops.maximum(ops.sum(weights, axis=(1, 2)), 1)
