"""What kept weights say of the validation or the test pictures, written to a file beside the run.

Judged as the run's own validation judged them: the same split, preparation, batches and sums; so the numbers are the run's own,
and a test holds them to be. The test part is touched only when that was asked for in so many words, and the journal remembers it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from workbench.data.pictures import Part
from workbench.engine.feeding import Feed
from workbench.engine.metrics import Sums, epoch_metrics
from workbench.engine.objective import make_objective
from workbench.engine.results.opened import Opened
from workbench.engine.results.small import MASK_SIDE, SIDE, factor_for, shrunk
from workbench.errors import EngineError
from workbench.journal import Journal
from workbench.journal.judged import About, Judged, PartName, counted, path_of, write
from workbench.journal.tested import remember_test
from workbench.paths import Workspace

#: Called after each batch: how many pictures are done.
Done = Callable[[int], object]


def check_part(part: str, *, test_wanted: bool) -> PartName:
    """The part that a request names. Raises EngineError for another word, and for test pictures that were not asked for by themselves."""
    if part not in get_args(PartName):
        raise EngineError(f"Kept weights are judged on {' or '.join(get_args(PartName))}, not on {part!r}.")
    if part == "test" and not test_wanted:
        raise EngineError("The test pictures are touched only when that is asked for expressly (test_wanted).")
    return "test" if part == "test" else "validation"


def judge(workspace: Workspace, opened: Opened, part: PartName, done: Done = lambda _: None) -> Path:
    """Judge the opened weights on a part and write what they said; the file. Raises DataError, WorkspaceError."""
    began = time.perf_counter()
    pictures = opened.part(part)
    if part == "test":
        with Journal(workspace) as journal:  # before anybody can see what came of it
            remember_test(journal, opened.run.id, opened.kept.epoch, opened.kept.step)
    said = Judge(opened).said(pictures, done)
    judged = judged_of(opened, pictures, part, said, time.perf_counter() - began)
    kept = opened.kept
    path = path_of(workspace.run_folder(opened.run.id), kept.epoch, kept.step, part, kept.weights_sha256)
    write(path, judged)
    return path


@dataclass(frozen=True)
class Said:
    """What a network said of pictures, in their order."""

    sums: Sums
    truth: npt.NDArray[Any]
    predicted: npt.NDArray[Any]
    probabilities: npt.NDArray[np.float32]
    pictures: npt.NDArray[np.uint8]


class Judge:
    """The compiled pass over pictures; made once for a network, it can judge several parts."""

    def __init__(self, opened: Opened) -> None:
        self._opened = opened
        self._masks = opened.data.task == "masks"
        self._classes = len(opened.data.classes)
        self._batch = opened.recipe.training.batch_size
        self._objective = make_objective(opened.recipe, opened.data)
        truth = opened.data.training.labels.shape[1:]
        self._program = tf.function(
            self._judge_batch,
            input_signature=[
                tf.TensorSpec((None, *opened.data.shape), tf.uint8),
                tf.TensorSpec((None, *truth), tf.int32),
            ],
            autograph=False,
        )

    def said(self, part: Part, done: Done = lambda _: None) -> Said:
        """What the network says of a part."""
        feed = Feed(part, self._batch)
        sums, found, count = np.zeros(4 + 3 * self._classes), [], 0
        _, *shape = part.pictures.shape
        factor = factor_for(len(part), (shape[0], shape[1], shape[2]), MASK_SIDE if self._masks else SIDE)
        try:
            for chunk in feed.chunks(np.arange(len(part), dtype=np.int32), None, lambda: 1):
                pixels = part.pictures.take(chunk.indices) if chunk.pixels is None else chunk.pixels
                labels = part.labels[chunk.indices] if chunk.labels is None else chunk.labels
                more, *answers = (
                    each.numpy() for each in self._program(tf.constant(pixels), tf.constant(labels, tf.int32))
                )
                sums += more
                found.append((*answers, shrunk(self._opened.centre(pixels), factor)))
                count += chunk.samples
                done(count)
        finally:
            feed.close()
        truth, predicted, probabilities, pictures = (np.concatenate(column) for column in zip(*found, strict=True))
        return Said(Sums.from_vector(sums), truth, predicted, probabilities, pictures)

    def _judge_batch(self, pixels: Any, labels: Any) -> tuple[Any, ...]:
        """Sums, true classes, said classes and probabilities of a batch."""
        pictures, truth = (self._opened.centre(each) for each in (pixels, labels))
        logits = self._opened.model(self._opened.prepared(pictures), training=False)
        sums = tf.cast(self._objective.sums(truth, logits), tf.float64)
        kind = tf.uint8 if self._masks else tf.int32
        # The probabilities of every pixel would be many times the pictures.
        shares = tf.zeros([0, self._classes]) if self._masks else tf.nn.softmax(logits)
        return sums, tf.cast(truth, kind), tf.cast(tf.argmax(logits, axis=-1), kind), shares


def judged_of(opened: Opened, part: Part, name: PartName, said: Said, seconds: float) -> Judged:
    """What is written of what a network said of a part."""
    data, kept, masks = opened.data, opened.kept, opened.data.task == "masks"
    about = About(
        opened.run.id, kept.epoch, kept.step, name, kept.weights_sha256, data.classes, data.task, data.fingerprint,
        opened.ready.fingerprint, data.ignore, round(seconds, 3), time.time(), epoch_metrics(said.sums, data.classes, masks=masks),
    )  # fmt: skip
    rows = np.arange(len(part)) if part.rows is None else part.rows
    names = [data.name_of(int(row)) for row in rows] if data.name_of else [""] * len(rows)
    counts = counted(said.truth, said.predicted, len(data.classes), data.ignore) if masks else None
    nothing = np.zeros((0, 3, len(data.classes)), np.int64)
    return Judged(
        about, said.truth, said.predicted, said.pictures, rows.astype(np.int64), np.array(names, np.str_), said.probabilities,
        nothing if counts is None else counts,
    )  # fmt: skip
