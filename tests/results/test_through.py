"""A run's answers through its epochs: what they come to at each, what is read again, and what is left out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, jaccard_score

from workbench.errors import ResultsError
from workbench.events import DataReady
from workbench.journal import Journal, watched
from workbench.paths import Workspace
from workbench.results import through
from workbench.results.through import Through
from workbench.spec.recipe import Recipe

NAMES = ("cat", "dog", "owl")
TRUTH = np.array([0, 1, 2, 0, 1, 2, 2], np.int32)
GIVEN = {1: [0, 0, 0, 0, 0, 0, 0], 2: [0, 1, 2, 1, 1, 0, 2], 3: [0, 1, 1, 0, 1, 2, 2]}
FEW = np.array([1, 3, 5], np.int64)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    with Journal(Workspace(tmp_path).create()) as opened:
        yield opened


def samples(truth: np.ndarray = TRUTH, masks: np.ndarray | None = None, ignore: int | None = None) -> watched.Samples:
    return watched.Samples(
        np.arange(len(truth), dtype=np.int64) + 100, truth, 50, FEW, np.zeros((3, 4, 4, 1), np.uint8), ignore,
        np.zeros((0, 0, 0), np.uint8) if masks is None else masks,
    )  # fmt: skip


def answers(given: list[int], share: float = 0.75, true_share: float = 0.25) -> watched.Answers:
    many = len(given)
    return watched.Answers(
        np.array(given, np.int32), np.full(many, share, np.float32), np.full(many, true_share, np.float32)
    )


def begun(journal: Journal, *epochs: int) -> str:
    run = journal.create_run(Recipe()).id
    attempt = journal.begin_attempt(run)
    assert attempt == 1
    ready = DataReady(10, 7, 0, NAMES, (4, 4, 1), 1, "f")
    journal.say(run, 1, [ready, samples().row(), *(answers(GIVEN[epoch]).row(epoch) for epoch in epochs)])
    return run


def read(journal: Journal, run: str, before: Through | None = None) -> Through:
    found = through.read(journal, run, before)
    assert found is not None
    return found


def test_the_matrix_of_each_epoch_is_scikit_learns(journal: Journal) -> None:
    found = read(journal, begun(journal, 1, 2, 3))
    assert found.epochs == (1, 2, 3)
    assert found.classes == NAMES
    assert found.partial
    for at, epoch in enumerate(found.epochs):
        assert np.array_equal(found.matrix(at), confusion_matrix(TRUTH, GIVEN[epoch], labels=range(3)))
        assert found.accuracy(at) == np.mean(np.array(GIVEN[epoch]) == TRUTH)


def test_what_became_right_and_wrong_since_the_epoch_before_is_counted_by_picture(journal: Journal) -> None:
    found = read(journal, begun(journal, 1, 2, 3))
    assert found.turned(0) is None
    assert found.turned(1) == through.Turned(1, righted=4, lost=1)
    assert found.turned(2) == through.Turned(2, righted=2, lost=1)
    assert [found.few_right(at) for at in range(3)] == [1, 1, 3]
    assert found.course(0).tolist() == [0.25] * 3


def test_what_was_read_before_is_not_read_again(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    run = begun(journal, 1, 2)
    before = read(journal, run)
    bodies: list[int] = []
    plain = watched.body
    monkeypatch.setattr(watched, "body", lambda journal, row: bodies.append(row) or plain(journal, row))
    journal.say(run, 1, [answers(GIVEN[3]).row(3)])
    found = read(journal, run, before)
    assert found.epochs == (1, 2, 3)
    assert found.answers[:2] == before.answers
    assert len(bodies) == 2, "the pictures and the one new epoch"


def test_an_epoch_that_a_later_attempt_did_again_is_read_anew(journal: Journal) -> None:
    run = begun(journal, 1, 2, 3)
    before = read(journal, run)
    journal.write("UPDATE runs SET state = 'queued' WHERE id = ?", run)
    assert journal.begin_attempt(run, 1) == 2
    assert read(journal, run, before).epochs == (1,)
    journal.say(run, 2, [samples().row(), answers(GIVEN[3]).row(2)])
    found = read(journal, run, before)
    assert found.epochs == (1, 2)
    assert found.answers[1].given.tolist() == GIVEN[3]


def test_epochs_of_other_pictures_are_left_out(journal: Journal) -> None:
    run = begun(journal, 1, 2)
    journal.say(run, 1, [answers([0, 1]).row(3), answers([9] * 7).row(4)])
    assert read(journal, run).epochs == (1, 2)


def test_a_run_of_which_nothing_was_kept_has_nothing(journal: Journal) -> None:
    assert through.read(journal, journal.create_run(Recipe()).id) is None


def test_pictures_without_classes_are_refused_with_a_sentence(journal: Journal) -> None:
    run = journal.create_run(Recipe()).id
    journal.say(run, 1, [samples().row(), answers(GIVEN[1]).row(1)])
    with pytest.raises(ResultsError, match="does not say which classes"):
        through.read(journal, run)


def test_the_overlap_of_masks_is_scikit_learns_and_ignored_pixels_count_nowhere(journal: Journal) -> None:
    random = np.random.default_rng(3)
    truth, said = (random.integers(0, 3, (3, 6, 6)).astype(np.uint8) for _ in range(2))
    run = journal.create_run(Recipe()).id
    truth[0, :2] = 255
    ready = DataReady(10, 7, 0, NAMES, (6, 6, 1), 1, "f")
    journal.say(
        run,
        1,
        [ready, samples(masks=truth, ignore=255).row(), watched.masks_row(1, said), watched.masks_row(2, truth % 3)],
    )
    found = read(journal, run)
    assert found.with_masks
    for number in range(3):
        there = truth[number] != 255
        expected = jaccard_score(truth[number][there], said[number][there], average="macro")
        assert found.overlap(0, number) == pytest.approx(expected)
        assert found.course(number).tolist() == [found.overlap(0, number), 1.0]
