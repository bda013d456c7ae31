"""Judges the weights at an epoch's end: by the validation part and, if the recipe asks for it, by some of the training pictures.

Both go through the one same pass: in inference mode, by the weights that the run is judged by, pictures prepared as for
validation. So the losses compare, as the mean of an epoch's steps does not: that is taken with dropout and augmentation,
by weights that were still on their way. A pass changes nothing that training depends on. Knows neither what the numbers
decide nor how they are said.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from workbench.data.pictures import DataSet
from workbench.data.splitting import sample
from workbench.engine import keeping
from workbench.engine.backends import Answers, PartName
from workbench.engine.feeding import Feed, Indices, Pace
from workbench.engine.keeping import Parts
from workbench.engine.metrics import Sums, epoch_metrics, remeasured_metrics
from workbench.engine.recorder import Recorder
from workbench.engine.standing import Standing
from workbench.engine.steering import Steering
from workbench.events import Phase
from workbench.spec.recipe import Recipe


@dataclass(frozen=True)
class Found:
    """What the end of an epoch came to."""

    metrics: dict[str, float]
    #: of the validation pictures in their order; None where there are none
    answers: Answers | None


@dataclass(frozen=True)
class _Pass:
    """Some pictures that are judged at each epoch's end."""

    part: PartName
    phase: Phase
    feed: Feed
    order: Indices
    metrics: Callable[[Sums], dict[str, float]]


class Judging:
    """Of one attempt."""

    def __init__(self, recorder: Recorder, parts: Parts, steering: Steering) -> None:
        self._recorder, self._parts, self._steering = recorder, parts, steering
        data, batch = parts.data, parts.recipe.training.batch_size
        masks = data.task == "masks"
        everything = np.arange(len(data.validation), dtype=np.int32)
        self._passes = [
            _Pass(
                "validation", Phase.VALIDATING, Feed(data.validation, batch), everything,
                lambda sums: epoch_metrics(sums, data.classes, masks=masks),
            ),
            _Pass(
                "training", Phase.REMEASURING, Feed(data.training, batch), remeasured(parts.recipe, data),
                lambda sums: remeasured_metrics(sums, masks=masks),
            ),
        ]  # fmt: skip
        self._traced: set[PartName] = set()

    def close(self) -> None:
        for each in self._passes:
            each.feed.close()

    def anew(self) -> None:
        """The loop was made anew and traces again."""
        self._traced.clear()

    def epoch(self, epoch: int, standing: Standing, attend: Callable[[], None]) -> Found:
        """The metrics of an epoch and its answers; `attend` does what people ask for in between."""
        metrics: dict[str, float] = {}
        said: dict[PartName, Answers] = {}
        for each in self._passes:
            if len(each.order):
                sums, said[each.part] = self._judge(each, epoch, standing, attend)
                metrics |= each.metrics(sums)
        return Found(metrics, said.get("validation"))

    def _judge(self, what: _Pass, epoch: int, standing: Standing, attend: Callable[[], None]) -> tuple[Sums, Answers]:
        if what.part not in self._traced:
            self._recorder.progress(Phase.TRACING, 0, None, epoch=epoch, step=standing.step, force=True)
            self._traced.add(what.part)
        sums, done, pace, samples = keeping.nothing(self._parts.data), 0, Pace(), len(what.order)
        answers: list[Answers] = []
        with contextlib.ExitStack() as judged:
            judged.enter_context(self._parts.loop.judged())
            for chunk in what.feed.chunks(what.order, None, pace):
                begin = self._recorder.clock()
                sums, more = self._parts.loop.evaluate(chunk, sums, what.part)
                answers.append(more)
                done += chunk.samples
                pace.took(chunk.steps, self._recorder.clock() - begin)
                self._recorder.progress(
                    what.phase, done, samples, epoch=epoch, step=standing.step, images_per_second=standing.speed
                )
                if self._steering.wanted:
                    judged.close()  # what is kept are the weights that learn as well
                    attend()
                    judged.enter_context(self._parts.loop.judged())
        return Sums.from_vector(sums), np.concatenate(answers)


def remeasured(recipe: Recipe, data: DataSet) -> Indices:
    """The training pictures that are judged as if they were for validation: fixed by seed and split, each class in its proportion."""
    labels, classes = data.training.labels.astype(np.int32), data.classes
    if data.task == "masks":  # no picture has a class: as if all were of one
        labels, classes = np.zeros(len(labels), np.int32), ("pictures",)
    return sample(labels, classes, recipe.training.remeasure, recipe.training.seed, "remeasure").astype(np.int32)
