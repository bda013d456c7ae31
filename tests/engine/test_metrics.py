"""The metrics of an epoch, held to scikit-learn's and, for masks, to NumPy's counting."""

from __future__ import annotations

import dataclasses
import math
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.engine.metrics import Sums, class_metrics, f1_by_class, iou_by_class, metrics, recall_by_class


def drawn(seed: int, classes: int, samples: int) -> tuple[np.ndarray, np.ndarray]:
    """Truth and outputs (samples, classes); about a third of the classes is missing in truth, another in the outputs."""
    random = np.random.default_rng(seed)
    here = random.permutation(classes)[: max(1, classes - classes // 3)]
    truth = random.choice(here, samples)
    logits = random.normal(size=(samples, classes))
    logits[np.arange(samples), truth] += random.uniform(0, 2)
    silent = random.permutation(classes)[: classes // 3]
    logits[:, silent] -= 20
    return truth, logits


def summed(truth: np.ndarray, logits: np.ndarray) -> Sums:
    classes = logits.shape[1]
    predicted = logits.argmax(1)
    largest = np.argsort(-logits, axis=1)[:, :5]
    shifted = logits - logits.max(1, keepdims=True)
    losses = np.log(np.exp(shifted).sum(1)) - shifted[np.arange(len(truth)), truth]
    counts = [
        np.bincount(each, minlength=classes) for each in (truth[predicted == truth], truth, predicted)
    ]  # hits, true, predicted
    right = [losses.sum(), len(truth), (predicted == truth).sum(), (largest == truth[:, None]).any(1).sum()]
    return Sums.from_vector(np.concatenate([right, *counts]))


@given(seed=st.integers(0, 10_000), classes=st.integers(2, 12), samples=st.integers(1, 60))
def test_the_metrics_of_pictures_are_those_of_scikit_learn_also_with_classes_that_are_missing(
    seed: int, classes: int, samples: int
) -> None:
    from sklearn import metrics as reference

    truth, logits = drawn(seed, classes, samples)
    predicted = logits.argmax(1)
    found = metrics(summed(truth, logits))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that classes are missing is what is tested
        balanced = reference.balanced_accuracy_score(truth, predicted)
        losses = reference.log_loss(truth, np.exp(logits) / np.exp(logits).sum(1)[:, None], labels=range(classes))
    assert found["val_loss"] == pytest.approx(losses, rel=1e-9)
    assert found["val_accuracy"] == pytest.approx(reference.accuracy_score(truth, predicted))
    assert found["val_balanced_accuracy"] == pytest.approx(balanced)
    assert found["val_f1"] == pytest.approx(reference.f1_score(truth, predicted, average="macro"))
    assert ("val_top_5_accuracy" in found) == (classes > 5)
    if classes > 5:
        top = reference.top_k_accuracy_score(truth, logits, k=5, labels=range(classes))
        assert found["val_top_5_accuracy"] == pytest.approx(top)


@given(seed=st.integers(0, 10_000), classes=st.integers(2, 9), samples=st.integers(1, 200))
def test_the_metrics_of_masks_are_the_overlaps_of_pixels(seed: int, classes: int, samples: int) -> None:
    truth, logits = drawn(seed, classes, samples)
    predicted = logits.argmax(1)
    pictures = 3  # the loss is a number a picture, the rest is counted in pixels
    sums = dataclasses.replace(summed(truth, logits), loss=1.2, samples=pictures, right=math.nan)
    overlaps = {}
    for number in range(classes):
        is_there, is_said = truth == number, predicted == number
        if (is_there | is_said).any():
            overlaps[f"val_iou/c{number}"] = (is_there & is_said).sum() / (is_there | is_said).sum()
    found = metrics(sums, masks=True)
    assert found["val_loss"] == pytest.approx(0.4)
    assert found["val_accuracy"] == pytest.approx((truth == predicted).mean())
    assert found["val_mean_iou"] == pytest.approx(np.mean(list(overlaps.values())))
    assert class_metrics(sums, [f"c{number}" for number in range(classes)]) == pytest.approx(overlaps)
    assert set(found) == {"val_loss", "val_accuracy", "val_mean_iou"}


def test_sums_of_batches_add_up_to_the_sums_of_all() -> None:
    truth, logits = drawn(3, 7, 100)
    whole = summed(truth, logits)
    parts = sum((summed(truth[i : i + 30], logits[i : i + 30]) for i in range(0, 100, 30)), Sums.zero(7))
    assert parts.vector() == pytest.approx(whole.vector(), rel=1e-12)
    assert metrics(parts) == pytest.approx(metrics(whole), rel=1e-12)


def test_a_class_of_truth_alone_counts_as_0_and_a_class_of_neither_not_at_all() -> None:
    # Class 0: 3 of 4 right, one taken for 1. Class 1: its only one right. Class 2: taken for 0. Class 3: nowhere.
    sums = Sums.from_vector([1.0, 6, 4, 6, *[3, 1, 0, 0], *[4, 1, 1, 0], *[4, 2, 0, 0]])
    assert recall_by_class(sums) == pytest.approx([0.75, 1, 0, math.nan], nan_ok=True)
    assert f1_by_class(sums) == pytest.approx([0.75, 2 / 3, 0, math.nan], nan_ok=True)
    assert iou_by_class(sums) == pytest.approx([0.6, 0.5, 0, math.nan], nan_ok=True)
    assert metrics(sums)["val_balanced_accuracy"] == pytest.approx(1.75 / 3)


def test_a_loss_that_is_not_a_number_stays_one_and_no_samples_give_no_metrics() -> None:
    assert math.isnan(metrics(Sums.from_vector([math.nan, 2, 1, 2, 1, 0, 2, 0, 1, 1]))["val_loss"])
    assert metrics(Sums.zero(4)) == {}
    ignored = metrics(Sums.from_vector([0.0, 2, 0, 0, *([0] * 6)]), masks=True)
    assert ignored["val_loss"] == 0
    assert math.isnan(ignored["val_accuracy"])
    assert math.isnan(ignored["val_mean_iou"])


def test_a_vector_of_another_length_is_refused() -> None:
    with pytest.raises(AssertionError, match="12 numbers"):
        Sums.from_vector(np.zeros(12))
