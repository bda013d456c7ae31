"""What is looked at beside the curves, at the ends of epochs: answers to validation pictures, masks of a few, the signal.

The answers come from the validation pass itself and cost nothing. Masks of a few pictures are one more pass over those; the
signal goes through a copy of the network. None of it changes anything that training depends on.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from keras import ops

from workbench.data.pictures import DataSet, Part
from workbench.engine.augment import Augmenter
from workbench.engine.backends import Answers
from workbench.engine.keeping import Parts
from workbench.engine.recorder import Recorder
from workbench.engine.results.small import factor_for, shrunk
from workbench.engine.seeds import generator
from workbench.engine.signal import Passes, scene_of
from workbench.errors import DataError
from workbench.events import Warned
from workbench.journal import watched
from workbench.probing.xray import Measured, judge
from workbench.spec.recipe import Recipe

#: So many pictures are looked at; of those with masks fewer, as each has its own at every epoch.
FEW, FEW_MASKS = 24, 6
#: The longest side of a picture that is kept to be looked at.
SIDE = 128


class Watching:
    """Of one attempt."""

    def __init__(self, recorder: Recorder, parts: Parts, augmenter: Augmenter) -> None:
        self._recorder, self._parts, self._augmenter = recorder, parts, augmenter
        self._planned = parts.recipe.training.epochs
        self._masks = parts.data.task == "masks"
        self._part = parts.data.validation
        self._chosen = chosen_of(parts.recipe, len(self._part))
        self._few = few_of(parts.recipe, parts.data, self._chosen)
        self._told = False
        self._passes: Passes | None = None
        self._xray = parts.recipe.training.xray

    def epoch(self, epoch: int, answers: Answers | None) -> None:
        """Say what the end of an epoch looks like."""
        if not watched.is_watched(epoch, self._planned):
            return
        if answers is not None:
            if not self._told:
                self._told = True
                self._recorder.mention(self._samples().row())
            if self._masks:
                self._recorder.mention(watched.masks_row(epoch, self._masks_now()))
            else:
                said = answers[self._chosen]
                self._recorder.mention(watched.Answers(said[:, 0].astype(np.int32), said[:, 1], said[:, 2]).row(epoch))
        if self._xray:
            self._signal(epoch)

    def _samples(self) -> watched.Samples:
        part, places = self._part, self._chosen
        pixels = self._augmenter.centre(part.pictures.take(places[self._few]))
        factor = self._factor(pixels)
        rows = places.astype(np.int64) if part.rows is None else part.rows[places]
        if self._masks:
            masks = self._small(self._augmenter.centre(part.labels[places[self._few]]), factor)
            truth = np.zeros(len(places), np.int32)
        else:
            masks, truth = np.zeros((0, 0, 0), np.uint8), part.labels[places].astype(np.int32)
        return watched.Samples(
            rows, truth, len(part), self._few.astype(np.int64), shrunk(np.asarray(pixels), factor),
            self._parts.data.ignore, masks,
        )  # fmt: skip

    @staticmethod
    def _factor(pixels: Any) -> int:
        count, height, width, channels = pixels.shape
        return factor_for(count, (height, width, channels), SIDE)

    @staticmethod
    def _small(masks: Any, factor: int) -> npt.NDArray[np.uint8]:
        """Masks (n, h, w) as `shrunk` makes their pictures: of each block the number in its middle."""
        rows, columns = (side // factor * factor for side in masks.shape[1:])
        small: npt.NDArray[np.uint8] = np.ascontiguousarray(
            masks[:, factor // 2 : rows : factor, factor // 2 : columns : factor]
        ).astype(np.uint8)
        return small

    def _masks_now(self) -> npt.NDArray[np.uint8]:
        """The masks that the weights to be judged by give the few."""
        data, loop = self._parts.data, self._parts.loop
        pixels = self._augmenter.centre(self._part.pictures.take(self._chosen[self._few]))
        prepared = (np.asarray(pixels, np.float32) - data.mean) / data.spread
        with loop.judged():
            loop.settle()
            logits = self._parts.model(ops.convert_to_tensor(prepared), training=False)
        return self._small(ops.convert_to_numpy(ops.argmax(logits, axis=-1)), self._factor(pixels))

    def _signal(self, epoch: int) -> None:
        parts = self._parts
        try:
            self._passes = self._passes or Passes(scene_of(parts.recipe, parts.data))
        except DataError as error:
            self._xray = False
            self._recorder.mention(Warned(f"There is no X-ray. {error}"))
            return
        parts.loop.settle()
        rows = tuple(self._passes.rows(parts.model))
        found = judge(self._passes.pictures, [Measured("epoch", f"Epoch {epoch}", rows)])
        self._recorder.mention(watched.signal_row(epoch, found.tree()))


def chosen_of(recipe: Recipe, count: int) -> npt.NDArray[np.int32]:
    """Places among `count` validation pictures whose answers are kept, ascending: all, or as many as may be, fixed by the seed."""
    if count <= watched.MOST_PICTURES:
        return np.arange(count, dtype=np.int32)
    drawn = generator(recipe.training.seed, "watched").choice(count, watched.MOST_PICTURES, replace=False)
    return np.sort(drawn).astype(np.int32)


def few_of(recipe: Recipe, data: DataSet, chosen: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
    """Places among the chosen of those that are looked at: of each class in turn, fixed by the seed."""
    drawn = generator(recipe.training.seed, "watched few").permutation(len(chosen))
    if data.task == "masks":
        return drawn[:FEW_MASKS]
    labels = _labels(data.validation, chosen)[drawn]
    turn = np.zeros(len(drawn), np.int64)
    for number in np.unique(labels):
        own = np.flatnonzero(labels == number)
        turn[own] = np.arange(len(own))
    # The first of every class, then the second …; within a turn by class.
    return drawn[np.lexsort((labels, turn))][:FEW]


def _labels(part: Part, chosen: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
    return part.labels[chosen].astype(np.int64)
