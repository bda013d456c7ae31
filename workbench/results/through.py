"""A run's answers through its epochs: what the journal has kept of each, and what that comes to at one of them.

The same pictures at every epoch, so that epochs compare picture by picture. Reads the journal; knows neither networks nor windows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from workbench.errors import ResultsError
from workbench.events import DataReady
from workbench.journal import Journal, watched
from workbench.journal.judged import counted
from workbench.journal.of_kind import newest
from workbench.journal.rows import WatchedKind
from workbench.journal.watched import Answers, Samples
from workbench.results import overlap
from workbench.results.answers import Shares, Whole
from workbench.results.confusion import confusion

Masks: TypeAlias = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Turned:
    """What became of the pictures between two epochs that were watched one after the other."""

    #: the earlier of the two
    since: int
    #: wrong there and right here, and the other way round
    righted: int
    lost: int


@dataclass(frozen=True)
class Through:
    """Every epoch that was kept of one run."""

    run: str
    classes: tuple[str, ...]
    samples: Samples
    #: ascending
    epochs: tuple[int, ...]
    #: what was said at each; of masks there are none
    answers: tuple[Answers, ...] = ()
    #: of masks, what was said of the few at each: (k, h, w)
    masks: tuple[Masks, ...] = ()
    #: ids of the journal's rows that this was read from, by epoch
    rows: dict[int, int] = field(default_factory=dict)

    @property
    def with_masks(self) -> bool:
        return bool(self.masks)

    @property
    def partial(self) -> bool:
        """Whether only some of the validation pictures are watched."""
        return len(self.samples.rows) < self.samples.of

    def matrix(self, at: int) -> Whole:
        """The confusion matrix of the `at`-th kept epoch, (classes, classes)."""
        truth, given = self.samples.truth.astype(np.int64), self.answers[at].given.astype(np.int64)
        return confusion(truth, given, len(self.classes))

    def accuracy(self, at: int) -> float:
        """The share of watched pictures that are right at the `at`-th kept epoch."""
        return float((self.answers[at].given == self.samples.truth).mean())

    def turned(self, at: int) -> Turned | None:
        """Against the kept epoch before; None at the first."""
        if not at:
            return None
        before, now = (self.answers[place].given == self.samples.truth for place in (at - 1, at))
        return Turned(self.epochs[at - 1], int((now & ~before).sum()), int((before & ~now).sum()))

    def few_right(self, at: int) -> int:
        """How many of the few are right at the `at`-th kept epoch."""
        few = self.samples.few
        return int((self.answers[at].given[few] == self.samples.truth[few]).sum())

    def course(self, number: int) -> Shares:
        """Of one of the few at each kept epoch: the true class's probability, or of masks the mean IoU. NaN where unknown."""
        if not self.with_masks:
            place = int(self.samples.few[number])
            return np.array([each.true_share[place] for each in self.answers], np.float64)
        return np.array([self.overlap(at, number) for at in range(len(self.epochs))], np.float64)

    def overlap(self, at: int, number: int) -> float:
        """Of masks, the mean IoU of one of the few at the `at`-th kept epoch; NaN where every pixel is ignored."""
        truth, said = self.samples.masks[number : number + 1], self.masks[at][number : number + 1]
        counts = counted(truth, said, len(self.classes), self.samples.ignore)
        return float(overlap.picture_iou(counts)[0])


def read(journal: Journal, run: str, before: Through | None = None) -> Through | None:
    """What was kept of a run's epochs; None when nothing was. What `before` has already is not read again.

    Raises WorkspaceError when it is damaged, ResultsError when it does not fit together.
    """
    told = watched.places(journal, run, WatchedKind.SAMPLES)
    if not told:
        return None
    samples = Samples.read(watched.body(journal, told[0]))
    before = before if before is not None and before.run == run else None
    classes = before.classes if before is not None else _classes(journal, run)
    masks = len(samples.masks) > 0
    rows = watched.places(journal, run, WatchedKind.MASKS if masks else WatchedKind.ANSWERS)
    found: dict[int, Answers | Masks] = _known(before, rows) if before is not None else {}
    found |= {epoch: _read(journal, row, masks=masks) for epoch, row in rows.items() if epoch not in found}
    # The pictures of an earlier attempt may have been others.
    fitting: dict[int, Answers | Masks] = {
        epoch: found[epoch] for epoch in sorted(found) if _fits(found[epoch], samples, len(classes))
    }
    if not fitting:
        return None
    said = tuple(fitting.values())
    return Through(
        run, classes, samples, tuple(fitting),
        tuple(each for each in said if isinstance(each, Answers)),
        tuple(each for each in said if not isinstance(each, Answers)),
        {epoch: rows[epoch] for epoch in fitting},
    )  # fmt: skip


def _classes(journal: Journal, run: str) -> tuple[str, ...]:
    ready = newest(journal, run, DataReady)
    if ready is None:
        raise ResultsError("The journal does not say which classes this run's pictures have.")
    return ready.classes


def _known(before: Through, rows: dict[int, int]) -> dict[int, Answers | Masks]:
    said: tuple[Answers | Masks, ...] = before.masks or before.answers
    kept = dict(zip(before.epochs, said, strict=True))
    return {epoch: each for epoch, each in kept.items() if before.rows.get(epoch) == rows.get(epoch)}


def _read(journal: Journal, row: int, *, masks: bool) -> Answers | Masks:
    body = watched.body(journal, row)
    return watched.masks_of(body) if masks else Answers.read(body)


def _fits(said: Answers | Masks, samples: Samples, classes: int) -> bool:
    if isinstance(said, Answers):
        return len(said.given) == len(samples.truth) and bool((said.given < classes).all())
    return said.shape == samples.masks.shape and bool((said < classes).all())
