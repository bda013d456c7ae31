"""An epoch that draws its classes equally often."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from workbench.engine.feeding import training_order
from workbench.engine.tricks.resampling import balanced_order, epoch_order
from workbench.spec.recipe import parse

labels_of_classes = st.lists(st.integers(0, 7), min_size=1, max_size=120).map(lambda each: np.array(each, np.int32))
UNEVEN = np.repeat(np.array([4, 1, 2], np.int32), [600, 30, 7])


@given(labels_of_classes, st.integers(0, 2**31 - 1), st.integers(1, 50))
def test_classes_come_equally_often_and_within_a_class_its_samples(labels: np.ndarray, seed: int, epoch: int) -> None:
    order = balanced_order(seed, epoch, labels)
    assert order.dtype == np.int32
    assert len(order) == len(labels)
    times = np.bincount(order, minlength=len(labels))
    of_class = [times[labels == number] for number in np.unique(labels)]
    per_class = [each.sum() for each in of_class]
    assert max(per_class) - min(per_class) <= 1
    assert all(each.max() - each.min() <= 1 for each in of_class)


def test_an_order_is_fixed_by_seed_and_epoch_and_differs_between_them() -> None:
    order = balanced_order(1, 1, UNEVEN)
    assert (balanced_order(1, 1, UNEVEN) == order).all()
    for other in (balanced_order(1, 2, UNEVEN), balanced_order(2, 1, UNEVEN)):
        assert (other != order).mean() > 0.9


def test_a_large_class_takes_turns_and_the_classes_are_mixed() -> None:
    orders = [balanced_order(1, epoch, UNEVEN) for epoch in range(1, 31)]
    assert np.isin(np.flatnonzero(UNEVEN == 4), np.concatenate(orders)).all()
    half = UNEVEN[orders[0]][: len(UNEVEN) // 2]
    assert np.bincount(half)[[4, 1, 2]].min() > len(half) / 5


def test_the_class_that_gets_one_more_is_another_now_and_then() -> None:
    labels = np.array([0, 0, 1, 1, 2, 2, 2], np.int32)
    lucky = {int(np.bincount(labels[balanced_order(1, epoch, labels)]).argmax()) for epoch in range(1, 31)}
    assert lucky == {0, 1, 2}


def test_without_resampling_the_order_is_the_plain_one() -> None:
    off, on = parse({"training": {"seed": 3}}), parse({"training": {"seed": 3}, "tricks": {"resampling": {}}})
    assert (epoch_order(off, 2, UNEVEN) == training_order(3, 2, len(UNEVEN))).all()
    assert (epoch_order(on, 2, UNEVEN) == balanced_order(3, 2, UNEVEN)).all()
    assert len(epoch_order(on, 1, np.empty(0, np.int32))) == 0
