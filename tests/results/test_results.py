"""What answers come to, held to scikit-learn; and what happens at the edges."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics
from sklearn.calibration import calibration_curve

from workbench.errors import ResultsError
from workbench.results import confusion, overlap, ranking
from workbench.results.answers import Answers, answers
from workbench.results.calibration import calibration
from workbench.results.two_classes import precision_recall, roc

NAMES = ("ant", "bee", "cat", "dog")


def made(seed: int = 1, count: int = 400, classes: int = 4, sharpness: float = 2.0) -> Answers:
    """Answers that are right more often than not."""
    random = np.random.default_rng(seed)
    truth = random.integers(0, classes, count)
    outputs = random.normal(0, 1, (count, classes)) + sharpness * np.eye(classes)[truth]
    shares = np.exp(outputs)
    return answers(NAMES[:classes], truth, shares / shares.sum(axis=1, keepdims=True))


@st.composite
def drawn(draw: st.DrawFn) -> Answers:
    """Answers with classes that nobody is of or says, and with probabilities that are equal."""
    classes, count = draw(st.integers(2, 4)), draw(st.integers(1, 30))
    truth = draw(st.lists(st.integers(0, classes - 1), min_size=count, max_size=count))
    levels = draw(
        st.lists(st.lists(st.integers(1, 3), min_size=classes, max_size=classes), min_size=count, max_size=count)
    )
    outputs = np.array(levels, float)
    return answers(NAMES[:classes], truth, outputs / outputs.sum(axis=1, keepdims=True))


@given(drawn())
def test_matrix_precision_recall_and_f1_are_scikit_learns(found: Answers) -> None:
    every = list(range(len(found.classes)))
    matrix = confusion.confusion(found.truth, found.predicted, len(every))
    np.testing.assert_array_equal(matrix, metrics.confusion_matrix(found.truth, found.predicted, labels=every))
    expected = metrics.precision_recall_fscore_support(found.truth, found.predicted, labels=every, zero_division=np.nan)
    ours = confusion.by_class(matrix)
    for mine, theirs in zip((ours.precision, ours.recall, ours.f1, ours.support), expected, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-12)
    assert confusion.accuracy(found) == pytest.approx(metrics.accuracy_score(found.truth, found.predicted))


def test_the_mean_over_classes_is_scikit_learns_macro_average() -> None:
    found = made()
    table = confusion.by_class(confusion.confusion(found.truth, found.predicted, 4))
    theirs = metrics.f1_score(found.truth, found.predicted, average="macro")
    assert confusion.known_mean(table.f1) == pytest.approx(theirs)


def test_a_class_without_pictures_and_one_that_is_never_said_have_no_number_there() -> None:
    table = confusion.by_class(confusion.confusion(np.array([0, 0, 1]), np.array([0, 2, 0]), 4))
    np.testing.assert_array_equal(table.precision, [0.5, math.nan, 0.0, math.nan])
    np.testing.assert_array_equal(table.recall, [0.5, 0.0, math.nan, math.nan])
    np.testing.assert_array_equal(table.f1, [0.5, 0.0, 0.0, math.nan])
    assert table.support.tolist() == [2, 1, 0, 0]
    assert confusion.known_mean(table.f1) == pytest.approx(0.5 / 3)
    assert math.isnan(confusion.known_mean(np.array([math.nan])))


def test_shares_of_a_matrix_are_of_each_row_and_a_row_without_pictures_has_none() -> None:
    shares = confusion.shares_of(np.array([[3, 1], [0, 0]]))
    np.testing.assert_array_equal(shares, [[0.75, 0.25], [math.nan, math.nan]])


def test_weakest_first_and_without_a_value_last() -> None:
    assert confusion.weakest_first(np.array([0.9, math.nan, 0.2, 0.2])).tolist() == [2, 3, 0, 1]


def test_guessing_is_the_share_of_the_commonest_class() -> None:
    assert confusion.guessing(np.array([[1, 1], [2, 4]])) == (1, 0.75)
    assert confusion.guessing(np.array([[1, 1], [2, 0]])) == (0, 0.5), "the first of two that are equal"


def test_the_margin_of_93_64_per_cent_of_10_000_is_half_a_per_cent() -> None:
    assert round(100 * confusion.margin(0.9364, 10_000), 2) == 0.48


def test_a_cell_has_its_pictures_surest_first() -> None:
    found = answers(("a", "b"), [0, 0, 0, 1], [[0.4, 0.6], [0.1, 0.9], [0.8, 0.2], [0.2, 0.8]])
    assert confusion.in_cell(found, 0, 1).tolist() == [1, 0]
    assert confusion.in_cell(found, 1, 0).tolist() == []


def test_every_picture_is_in_just_one_cell() -> None:
    found = made()
    rows = np.concatenate([confusion.in_cell(found, true, said) for true in range(4) for said in range(4)])
    assert sorted(rows.tolist()) == list(range(400))


def test_reliability_is_scikit_learns_and_the_error_is_its_weighted_gap() -> None:
    found = made(count=2000, sharpness=1.5)
    ours = calibration(found)
    right, sure = calibration_curve(found.right, found.confidence, n_bins=15, strategy="uniform")
    there = ours.counts > 0
    np.testing.assert_allclose(ours.right[there], right)
    np.testing.assert_allclose(ours.confidence[there], sure)
    weights = ours.counts[there] / 2000
    assert ours.error == pytest.approx(float((weights * np.abs(right - sure)).sum()))
    assert ours.counts.sum() == 2000


def test_confidence_at_an_edge_belongs_to_the_bin_below_and_1_to_the_last() -> None:
    found = calibration(answers(("a", "b"), [0, 0, 0], [[0.75, 0.25], [0.5, 0.5], [1.0, 0.0]]), bins=4)
    assert found.counts.tolist() == [0, 1, 1, 1]


def test_who_says_90_per_cent_and_is_right_in_half_is_too_sure_by_40() -> None:
    found = calibration(answers(("a", "b"), [0, 1], [[0.9, 0.1], [0.9, 0.1]]))
    assert found.error == pytest.approx(0.4)
    assert found.surplus == pytest.approx(0.4)


def test_mistakes_come_surest_first_and_equal_ones_in_their_order() -> None:
    found = answers(("a", "b"), [1, 0, 1, 1], [[0.7, 0.3], [0.9, 0.1], [0.8, 0.2], [0.7, 0.3]])
    assert ranking.confident_mistakes(found).tolist() == [2, 0, 3]
    assert ranking.confident_mistakes(found, 1).tolist() == [2]


def test_the_uncertain_are_those_with_the_smallest_lead() -> None:
    found = answers(NAMES, [0, 0, 0], [[0.5, 0.4, 0.1, 0.0], [0.4, 0.2, 0.2, 0.2], [0.45, 0.45, 0.1, 0.0]])
    assert ranking.uncertain(found).tolist() == [2, 0, 1]
    np.testing.assert_allclose(ranking.leads(found), [0.1, 0.2, 0.0])
    assert ranking.runners_up(found).tolist() == [1, 1, 1]


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 6)), min_size=2, max_size=40))
def test_roc_and_its_area_are_scikit_learns_with_ties_too(rows: list[tuple[bool, int]]) -> None:
    truth, scores = (np.array(column) for column in zip(*rows, strict=True))
    if truth.all() or not truth.any():
        with pytest.raises(ResultsError, match="Both classes need pictures"):
            roc(truth, scores)
        return
    ours = roc(truth, scores)
    false, found, thresholds = metrics.roc_curve(truth, scores, drop_intermediate=False)
    np.testing.assert_allclose(ours.false_positive, false)
    np.testing.assert_allclose(ours.true_positive, found)
    np.testing.assert_allclose(ours.thresholds, thresholds)
    assert ours.area == pytest.approx(metrics.roc_auc_score(truth, scores))


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 6)), min_size=1, max_size=40))
def test_precision_and_recall_curves_are_scikit_learns(rows: list[tuple[bool, int]]) -> None:
    truth, scores = (np.array(column) for column in zip(*rows, strict=True))
    if not truth.any():
        with pytest.raises(ResultsError, match="no recall"):
            precision_recall(truth, scores)
        return
    ours = precision_recall(truth, scores)
    precision, recall, thresholds = metrics.precision_recall_curve(truth, scores)
    np.testing.assert_allclose(ours.precision, precision)
    np.testing.assert_allclose(ours.recall, recall)
    np.testing.assert_allclose(ours.thresholds, thresholds)
    assert ours.average == pytest.approx(metrics.average_precision_score(truth, scores))


def test_one_picture_is_enough() -> None:
    found = answers(("a", "b"), [0], [[0.9, 0.1]])
    matrix = confusion.confusion(found.truth, found.predicted, 2)
    assert confusion.accuracy(found) == 1.0
    assert confusion.guessing(matrix) == (0, 1.0)
    assert confusion.margin(1.0, 1) == 0.0
    assert calibration(found).error == pytest.approx(0.1)
    assert ranking.confident_mistakes(found).tolist() == []


def test_equal_probabilities_are_the_first_class_unless_the_network_says_which() -> None:
    assert answers(("a", "b"), [1], [[0.5, 0.5]]).predicted.tolist() == [0]
    assert answers(("a", "b"), [1], [[0.5, 0.5]], [1]).predicted.tolist() == [1]


def test_probabilities_that_are_no_numbers_are_told_in_a_sentence() -> None:
    with pytest.raises(ResultsError, match=r"For 1 picture .* no numbers \(NaN\).* Choose an earlier checkpoint\."):
        answers(("a", "b"), [0, 1], [[0.5, 0.5], [math.nan, math.nan]])
    with pytest.raises(ResultsError, match="For 2 of 3 pictures"):
        answers(("a", "b"), [0, 1, 1], [[0.5, 0.5], [math.nan, 1.0], [math.inf, 0.0]])


def test_no_pictures_and_arrays_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ResultsError, match="no picture to judge by"):
        answers(("a", "b"), [], np.zeros((0, 2)), [])
    with pytest.raises(ResultsError, match="need as many answers"):
        answers(("a", "b"), [0, 1], [[1.0, 0.0]])


def counted(truth: np.ndarray, said: np.ndarray, classes: int) -> np.ndarray:
    """Hits, truth and answers of one picture by class, where 255 counts nowhere."""
    there = truth != 255
    one = np.eye(classes, dtype=np.int64)
    true, told = one[truth[there]], one[said[there]]
    return np.stack([(true * told).sum(axis=0), true.sum(axis=0), told.sum(axis=0)])


def test_overlap_is_scikit_learns_jaccard_over_all_pictures_and_within_each() -> None:
    random = np.random.default_rng(2)
    truth, said = random.integers(0, 3, (2, 5, 8, 8))
    truth[0, 0] = 255
    counts = np.stack([counted(*each, 3) for each in zip(truth, said, strict=True)])
    there = truth.ravel() != 255
    expected = metrics.jaccard_score(truth.ravel()[there], said.ravel()[there], average=None)
    np.testing.assert_allclose(overlap.total_iou(counts), expected)
    for place in range(5):
        inside = truth[place] != 255
        theirs = metrics.jaccard_score(truth[place][inside], said[place][inside], average="macro")
        assert overlap.picture_iou(counts)[place] == pytest.approx(theirs)
    assert overlap.pixel_accuracy(counts) == pytest.approx((truth == said)[truth != 255].mean())


def test_a_class_that_is_in_no_mask_has_no_overlap_and_an_ignored_picture_none_at_all() -> None:
    counts = np.array([[[4, 0, 0], [6, 0, 0], [4, 0, 2]], [[0, 0, 0], [0, 0, 0], [0, 0, 0]]])
    np.testing.assert_allclose(overlap.total_iou(counts), [4 / 6, math.nan, 0.0])
    np.testing.assert_allclose(overlap.picture_iou(counts), [1 / 3, math.nan])
    assert overlap.guessing_pixels(counts) == (0, 1.0)
    assert math.isnan(overlap.pixel_accuracy(counts[1:]))
