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


def per_picture(spec: MaskModelSpec, targets: Any, logits: Any, ignore: int | None, weights: Any = None) -> Any:
    """The loss of each picture, (b,) float32, by the recipe's choice.

    `weights` (classes,): how much a pixel counts by its class; in Dice, a class among those of the picture.
    """
    return LOSSES[spec.loss](targets, logits, ignore, weights)


def counted(targets: Any, ignore: int | None) -> Any:
    """1 for every pixel that counts, else 0: (b, h, w) float32."""
    targets = ops.cast(targets, "int32")
    return ops.ones_like(targets, dtype="float32") if ignore is None else ops.cast(targets != ignore, "float32")


def cross_entropy(targets: Any, logits: Any, ignore: int | None, weights: Any = None) -> Any:
    """The mean of −log p over the pixels that count, p the probability of the true class."""
    there = counted(targets, ignore)
    truth = _one_hot(targets, logits, there)
    return _mean(-_true_log(truth, logits), truth, there, weights)


def focal(targets: Any, logits: Any, ignore: int | None, weights: Any = None) -> Any:
    """The mean of −(1 − p)² log p (Lin 2017, equation 4, with γ = 2, the best of those they tried, without α): what is nearly right counts little."""
    there = counted(targets, ignore)
    truth = _one_hot(targets, logits, there)
    log = _true_log(truth, logits)
    return _mean(-ops.square(1 - ops.exp(log)) * log, truth, there, weights)


def dice(targets: Any, logits: Any, ignore: int | None, weights: Any = None) -> Any:
    """1 − the mean of 2 Σ p·t / (Σ p + Σ t) over the classes that the picture holds; sums over the pixels that count.

    Soft Dice with plain sums below (Drozdzal 2016, equation 1, a class at a time). A class that the picture lacks has no
    overlap to reward; what is given to it is missing from the others.
    """
    there = counted(targets, ignore)
    truth = _one_hot(targets, logits, there)
    shares = ops.softmax(ops.cast(logits, "float32"), axis=-1) * there[..., None]
    true, predicted = ops.sum(truth, axis=(1, 2)), ops.sum(shares, axis=(1, 2))
    overlap = 2 * ops.sum(truth * shares, axis=(1, 2)) / ops.maximum(true + predicted, _TINY)
    held = ops.cast(true > 0, "float32")
    if weights is not None:
        held = held * ops.convert_to_tensor(weights)
    number = ops.sum(held, axis=1)
    return ops.where(number > 0, 1 - ops.sum(overlap * held, axis=1) / ops.maximum(number, _TINY), 0)


def cross_entropy_dice(targets: Any, logits: Any, ignore: int | None, weights: Any = None) -> Any:
    """The sum of both."""
    return cross_entropy(targets, logits, ignore, weights) + dice(targets, logits, ignore, weights)


LOSSES: dict[str, Callable[[Any, Any, int | None, Any], Any]] = {
    "cross_entropy": cross_entropy,
    "dice": dice,
    "focal": focal,
    "cross_entropy_dice": cross_entropy_dice,
}


def _one_hot(targets: Any, logits: Any, there: Any) -> Any:
    """(b, h, w, classes): 1 at the true class; nothing for a pixel that does not count."""
    safe = ops.where(there > 0, ops.cast(targets, "int32"), 0)
    return ops.one_hot(safe, logits.shape[-1], dtype="float32") * there[..., None]


def _true_log(truth: Any, logits: Any) -> Any:
    """The log of p, of the true class at every pixel; 0 for one that does not count."""
    return ops.sum(ops.log_softmax(ops.cast(logits, "float32"), axis=-1) * truth, axis=-1)


def _mean(values: Any, truth: Any, there: Any, weights: Any) -> Any:
    """Over the pixels that count; weights of classes do not change what is divided by."""
    if weights is not None:
        values = values * ops.sum(truth * ops.convert_to_tensor(weights), axis=-1)
    return ops.sum(values, axis=(1, 2)) / ops.maximum(ops.sum(there, axis=(1, 2)), 1)
