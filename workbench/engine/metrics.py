"""From sums over the samples that were judged to the metrics of an epoch, by Keras' kind of names.

Losses are summed over pictures; hits, truth and predictions over whatever bears a label of its own: a picture, or for
masks a pixel that is not ignored. The sums of batches add up, so nothing is a mean of means; float64 counts exactly
up to 2⁵³. Knows NumPy only: neither which backend made the sums nor who shows the metrics.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Doubles: TypeAlias = npt.NDArray[np.float64]

#: A sample counts as right in the top so many when its class has one of the so many largest outputs.
TOP = 5
_SCALARS = 4
_PER_CLASS = 3


@dataclass(frozen=True)
class Sums:
    """What the validation samples of some batches come to; vectors have one place a class."""

    loss: float
    #: pictures
    samples: float
    #: pictures that are right; for masks nothing is read from these two
    right: float
    right_in_top: float
    #: pictures or pixels of a class that were given that class
    hits: Doubles
    #: pictures or pixels of a class
    true: Doubles
    #: pictures or pixels that were given a class
    predicted: Doubles

    @staticmethod
    def zero(classes: int) -> Sums:
        return Sums.from_vector(np.zeros(_SCALARS + _PER_CLASS * classes))

    @staticmethod
    def from_vector(vector: npt.ArrayLike) -> Sums:
        """From [loss, samples, right, right in the top 5, hits (K), true (K), predicted (K)]."""
        numbers = np.asarray(vector, dtype=np.float64)
        classes, rest = divmod(len(numbers) - _SCALARS, _PER_CLASS)
        assert not rest, f"{len(numbers)} numbers are not 4 and 3 a class"
        hits, true, predicted = numbers[_SCALARS:].reshape(_PER_CLASS, classes)
        loss, samples, right, right_in_top = (float(number) for number in numbers[:_SCALARS])
        return Sums(loss, samples, right, right_in_top, hits, true, predicted)

    def vector(self) -> Doubles:
        scalars = [self.loss, self.samples, self.right, self.right_in_top]
        return np.concatenate([scalars, self.hits, self.true, self.predicted])

    def __add__(self, other: Sums) -> Sums:
        return Sums.from_vector(self.vector() + other.vector())


def metrics(sums: Sums, *, masks: bool = False) -> dict[str, float]:
    """The metrics of an epoch's validation; none without samples.

    For pictures with a class: accuracy, top-5 accuracy where there are more than 5 classes, balanced accuracy and
    F1. For masks: the share of pixels that are right, and mean IoU.
    """
    if not sums.samples:
        return {}
    found = {"val_loss": sums.loss / sums.samples}
    if masks:
        pixels = float(sums.hits.sum() / sums.true.sum()) if sums.true.any() else math.nan
        return found | {"val_accuracy": pixels, "val_mean_iou": _mean(iou_by_class(sums))}
    found["val_accuracy"] = sums.right / sums.samples
    if len(sums.true) > TOP:
        found[f"val_top_{TOP}_accuracy"] = sums.right_in_top / sums.samples
    return found | {"val_balanced_accuracy": _mean(recall_by_class(sums)), "val_f1": _mean(f1_by_class(sums))}


def epoch_metrics(sums: Sums, classes: Sequence[str], *, masks: bool) -> dict[str, float]:
    """All metrics of an epoch's validation; of masks each class's IoU too."""
    return metrics(sums, masks=masks) | (class_metrics(sums, classes) if masks else {})


#: What is said of training pictures that were judged as those for validation are: enough to lay beside validation's.
REMEASURED = ("loss", "accuracy", "mean_iou")


def remeasured_metrics(sums: Sums, *, masks: bool) -> dict[str, float]:
    """The metrics of training pictures that were judged as those for validation are, as `remeasured_…`."""
    found = metrics(sums, masks=masks)
    return {f"remeasured_{name}": found[f"val_{name}"] for name in REMEASURED if f"val_{name}" in found}


def class_metrics(sums: Sums, classes: Sequence[str]) -> dict[str, float]:
    """The IoU of each class of masks as `val_iou/<class>`; a class that is in no mask and in no prediction has none."""
    values = zip(classes, iou_by_class(sums), strict=True)
    return {f"val_iou/{name}": float(value) for name, value in values if not np.isnan(value)}


def recall_by_class(sums: Sums) -> Doubles:
    """The share of each class's samples that were recognised; NaN for a class without samples."""
    return _ratio(sums.hits, sums.true)


def f1_by_class(sums: Sums) -> Doubles:
    """2 TP / (2 TP + FP + FN): the harmonic mean of precision and recall.

    NaN for a class that has neither samples nor predictions, which says nothing about it (scikit-learn's f1_score
    leaves it out too, as long as no `labels` are given); 0 for a class that has only one of them.
    """
    return _ratio(2 * sums.hits, sums.true + sums.predicted)


def iou_by_class(sums: Sums) -> Doubles:
    """TP / (TP + FP + FN), the intersection over the union; NaN for a class that is in neither, as in Keras' MeanIoU."""
    return _ratio(sums.hits, sums.true + sums.predicted - sums.hits)


def _ratio(above: Doubles, below: Doubles) -> Doubles:
    share: Doubles = np.divide(above, below, out=np.full(len(above), np.nan), where=below > 0)
    return share


def _mean(values: Doubles) -> float:
    """Over the classes that have a value; NaN when none has, as when every pixel is ignored."""
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else math.nan
