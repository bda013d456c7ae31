"""Everything the Results tab shows of one file of answers, worked out at once so that a window can have it done elsewhere."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from workbench.data.predictions import NO_NUMBERS
from workbench.errors import ResultsError
from workbench.journal.judged import About, Judged
from workbench.results import confusion, overlap, ranking
from workbench.results.answers import Answers, Shares, Whole, answers
from workbench.results.calibration import Calibration, calibration
from workbench.results.confusion import ByClass
from workbench.results.two_classes import PrecisionRecall, Roc, precision_recall, roc

#: For two classes: which of them the curves look for.
_LOOKED_FOR = 1
_TWO = 2


@dataclass(frozen=True)
class ClassLook:
    """Of pictures that each have a class."""

    judged: Judged
    answers: Answers
    matrix: Whole
    table: ByClass
    accuracy: float
    #: half the width of the interval around it
    margin: float
    #: the commonest class and the accuracy of always saying it
    guess: tuple[int, float]
    calibration: Calibration
    #: pictures, the surest mistake first; and all, the least certain first
    mistakes: Whole
    uncertain: Whole
    #: for two classes, where both have pictures
    roc: Roc | None
    precision_recall: PrecisionRecall | None

    @property
    def about(self) -> About:
        return self.judged.about


@dataclass(frozen=True)
class MaskLook:
    """Of pictures with masks."""

    judged: Judged
    #: by class, over all pictures
    iou: Shares
    #: the mean over the classes that have one
    mean_iou: float
    #: mean IoU within each picture, and the pictures, the weakest first; those where all is ignored last
    pictures: Shares
    weakest: Whole
    accuracy: float
    guess: tuple[int, float]

    @property
    def about(self) -> About:
        return self.judged.about

    def picture_iou(self, place: int) -> Shares:
        """The IoU of each class within one picture."""
        return overlap.iou(self.judged.counts[place])


def look(judged: Judged) -> ClassLook | MaskLook:
    """What a file of answers comes to. Raises ResultsError with a sentence when they cannot be judged."""
    return _masks(judged) if judged.about.task == "masks" else _classes(judged)


def _classes(judged: Judged) -> ClassLook:
    said = answers(judged.about.classes, judged.truth, judged.probabilities, judged.predicted)
    count = len(judged.about.classes)
    matrix = confusion.confusion(said.truth, said.predicted, count)
    accuracy = confusion.accuracy(said)
    curves: tuple[Roc | None, PrecisionRecall | None] = (None, None)
    positive = said.truth == _LOOKED_FOR
    if count == _TWO and positive.any() and not positive.all():
        scores = said.probabilities[:, _LOOKED_FOR]
        curves = roc(positive, scores), precision_recall(positive, scores)
    return ClassLook(
        judged, said, matrix, confusion.by_class(matrix), accuracy, confusion.margin(accuracy, len(said.truth)),
        confusion.guessing(matrix), calibration(said), ranking.confident_mistakes(said), ranking.uncertain(said), *curves,
    )  # fmt: skip


def _masks(judged: Judged) -> MaskLook:
    if not len(judged):
        raise ResultsError("There is no picture to judge by. Choose a part of the data that has pictures.")
    if math.isnan(judged.about.metrics.get("val_loss", 0.0)):  # the probabilities of every pixel are not kept
        raise ResultsError(f"For some of {len(judged):,} pictures {NO_NUMBERS}.")
    counts = judged.counts
    iou, pictures = overlap.total_iou(counts), overlap.picture_iou(counts)
    order = np.argsort(np.where(np.isnan(pictures), math.inf, pictures), kind="stable").astype(np.int64)
    return MaskLook(
        judged,
        iou,
        confusion.known_mean(iou),
        pictures,
        order,
        overlap.pixel_accuracy(counts),
        overlap.guessing_pixels(counts),
    )
