"""How much a class counts in the loss: scikit-learn's balanced weights, and half of the way."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.engine.tricks.class_weights import class_weights
from workbench.spec.tricks import ClassWeights

counts_of_classes = st.lists(st.integers(0, 500), min_size=2, max_size=12).filter(any)
BALANCED, ROOT = ClassWeights(on=True), ClassWeights(on=True, by="root")


@given(counts_of_classes)
def test_balanced_weights_are_those_of_scikit_learn(counts: list[int]) -> None:
    from sklearn.utils.class_weight import compute_class_weight

    labels = np.repeat(np.arange(len(counts)), counts)
    present = np.unique(labels)
    weights = class_weights(np.array(counts), BALANCED)
    assert weights.dtype == np.float32
    assert weights[present] == pytest.approx(compute_class_weight("balanced", classes=present, y=labels), rel=1e-6)
    assert (weights[np.array(counts) == 0] == 1).all()


@given(counts_of_classes)
def test_root_weights_go_as_one_over_the_root_and_average_1_over_the_samples(counts: list[int]) -> None:
    numbers = np.array(counts)
    weights = class_weights(numbers, ROOT).astype(np.float64)
    assert numbers @ weights / numbers.sum() == pytest.approx(1, rel=1e-6)
    shares = (weights * np.sqrt(numbers))[numbers > 0]
    assert shares == pytest.approx(np.full(len(shares), shares[0]), rel=1e-6)


def test_even_classes_weigh_1_and_so_do_all_when_the_trick_is_off() -> None:
    for spec in (BALANCED, ROOT):
        assert class_weights(np.array([7, 7, 7]), spec) == pytest.approx(1)
    assert (class_weights(np.array([900, 100]), ClassWeights()) == 1).all()
    assert class_weights(np.array([900, 100]), BALANCED) == pytest.approx([5 / 9, 5])
    assert class_weights(np.array([900, 100]), ROOT) == pytest.approx([5 / 6, 5 / 2])
