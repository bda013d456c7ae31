from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.data.source import Share
from workbench.data.splitting import choose, divide, name_some, unevenness
from workbench.errors import DataError

NAMES = ("ant", "bee", "cat", "dog", "eel", "fox")


def labels_of(counts: list[int], seed: int = 0) -> np.ndarray:
    labels = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
    return np.random.default_rng(seed).permutation(labels)


def nothing_given(labels: np.ndarray) -> np.ndarray:
    return np.zeros(len(labels), np.int8)


counts = st.lists(st.integers(3, 60), min_size=2, max_size=6)
share = st.floats(0, 0.45)


@given(counts, share, share, st.integers(0, 2**31))
def test_a_split_is_disjoint_whole_stratified_and_the_same_for_the_same_seed(
    counts: list[int], validation: float, test: float, seed: int
) -> None:
    labels = labels_of(counts)
    classes = NAMES[: len(counts)]
    split = divide(labels, nothing_given(labels), classes, validation=validation, test=test, seed=seed)
    again = divide(labels, nothing_given(labels), classes, validation=validation, test=test, seed=seed)
    together = np.concatenate([split.training, split.validation, split.test])
    assert sorted(together.tolist()) == list(range(len(labels)))
    for rows, repeated in (
        (split.training, again.training),
        (split.validation, again.validation),
        (split.test, again.test),
    ):
        assert np.array_equal(rows, repeated)
    for number, count in enumerate(counts):
        for rows, part in ((split.validation, validation), (split.test, test)):
            found = int((labels[rows] == number).sum())
            assert found == 0 if part == 0 else abs(found - max(1, count * part)) <= 1
        assert (labels[split.training] == number).any()
    assert split.notes == ()


@given(st.lists(st.integers(0, 40), min_size=2, max_size=6).filter(lambda sizes: sum(sizes) > 6), st.integers(6, 100))
def test_a_limit_takes_as_evenly_per_class_as_there_are_pictures(counts: list[int], limit: int) -> None:
    labels = labels_of(counts)
    rows = choose(labels, nothing_given(labels), NAMES[: len(counts)], limit, 1)
    assert len(rows) == min(limit, len(labels))
    assert (np.diff(rows) > 0).all()
    taken = np.bincount(labels[rows], minlength=len(counts))
    for number, count in enumerate(counts):
        # A class that gave less than another had no more to give, or only the remainder lies between them.
        assert taken[number] == count or taken[number] >= taken.max() - 1


def test_another_seed_gives_another_split() -> None:
    labels = labels_of([50, 50])
    splits = [divide(labels, nothing_given(labels), NAMES[:2], validation=0.2, test=0.2, seed=seed) for seed in (1, 2)]
    assert not np.array_equal(splits[0].training, splits[1].training)


def test_a_class_that_is_added_leaves_the_split_of_the_others_as_it_was() -> None:
    few, more = np.repeat([0, 1], 20).astype(np.int32), np.repeat([0, 1, 2], 20).astype(np.int32)
    small = divide(few, nothing_given(few), NAMES[:2], validation=0.25, test=0, seed=3)
    large = divide(more, nothing_given(more), NAMES[:3], validation=0.25, test=0, seed=3)
    assert np.array_equal(small.validation, large.validation[large.validation < 40])


def test_parts_that_the_files_give_stay_and_only_the_missing_one_is_drawn() -> None:
    labels = np.tile(np.arange(2, dtype=np.int32), 50)
    given_parts = np.repeat(np.array([Share.TRAINING, Share.TEST], np.int8), [80, 20])
    split = divide(labels, given_parts, NAMES[:2], validation=0.1, test=0.5, seed=1)
    assert split.test.tolist() == list(range(80, 100))
    assert len(split.validation) == 8
    assert split.validation.max() < 80


def test_a_limit_keeps_the_proportions_of_given_parts() -> None:
    labels = np.tile(np.arange(2, dtype=np.int32), 500)
    given_parts = np.repeat(np.array([Share.TRAINING, Share.TEST], np.int8), [800, 200])
    rows = choose(labels, given_parts, NAMES[:2], 100, 1)
    assert (given_parts[rows] == Share.TEST).sum() == 20


def test_a_limit_below_the_number_of_classes_says_how_many_are_needed() -> None:
    labels = labels_of([9, 9, 9])
    with pytest.raises(DataError, match=r"data\.limit is 2, but there are 3 classes\. Allow at least 3"):
        choose(labels, nothing_given(labels), NAMES[:3], 2, 1)


def test_one_picture_a_class_says_what_is_missing() -> None:
    labels = labels_of([1, 1, 1])
    with pytest.raises(
        DataError, match=r"keep some aside for validation.*at least 3 pictures.*set data\.validation to 0"
    ):
        divide(labels, nothing_given(labels), NAMES[:3], validation=0.15, test=0.15, seed=1)


def test_a_class_that_is_too_small_is_used_for_training_and_named() -> None:
    labels = labels_of([30, 1, 2])
    split = divide(labels, nothing_given(labels), NAMES[:3], validation=0.15, test=0.15, seed=1)
    assert (labels[split.training] == 1).sum() == 1
    assert (labels[split.validation] == 2).sum() == 1
    assert split.notes == (
        "The classes bee, cat have too few pictures to be in every part; training comes first, then validation.",
    )


def test_shares_that_leave_nothing_to_learn_from_are_refused() -> None:
    labels = labels_of([30, 30])
    with pytest.raises(DataError, match=r"data\.validation \(0\.5\) and data\.test \(0\.5\) together keep 100%"):
        divide(labels, nothing_given(labels), NAMES[:2], validation=0.5, test=0.5, seed=1)


def test_many_names_are_cut_to_some_and_a_number() -> None:
    assert name_some([str(number) for number in range(8)]) == "0, 1, 2, 3, 4 and 3 more"


def test_uneven_classes_are_named_with_their_counts_and_what_to_do() -> None:
    (sentence,) = unevenness(labels_of([100, 900]), ("cat", "dog"))
    assert sentence.startswith("The classes are uneven: dog 900, cat 100 for training.")
    assert "balanced accuracy" in sentence
    assert "class weights or resampling" in sentence
    (many,) = unevenness(labels_of([6, 30, 1200, 4, 50, 9]), NAMES)
    assert many.startswith("The classes are uneven: cat 1,200, eel 50, 2 more between, ant 6, dog 4 for training.")


def test_classes_are_even_up_to_one_and_a_half_times() -> None:
    assert unevenness(labels_of([150, 100]), NAMES[:2]) == ()
    assert unevenness(labels_of([151, 100]), NAMES[:2])
    assert unevenness(labels_of([10]), NAMES[:1]) == ()
    assert unevenness(labels_of([10, 8]), NAMES[:3]), "a class without training pictures"
