"""Which pictures are used, and which part each belongs to: seeded, and the same shares of every class.

Works on labels alone; knows nothing of pixels or files. Each class is drawn by a generator of its own, so
a class that is added changes nothing for the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from workbench.data.pictures import Labels, Rows
from workbench.data.randomness import generator
from workbench.data.source import Share, Shares
from workbench.errors import DataError

#: From here on the largest class over the smallest is worth a sentence.
UNEVEN = 1.5
#: The names of this many classes are given in a sentence; of the rest, the number.
NAMED = 5


@dataclass(frozen=True)
class Split:
    """Row numbers of the three parts, each ascending."""

    training: Rows
    validation: Rows
    test: Rows
    notes: tuple[str, ...] = ()


def check_shares(validation: float, test: float) -> None:
    """Raises DataError when nothing would be left to learn from."""
    if validation + test >= 1:
        raise DataError(
            f"data.validation ({validation:g}) and data.test ({test:g}) together keep {validation + test:.0%} of the "
            "pictures aside; less than 100% is allowed. Make one of them smaller."
        )


def choose(labels: Labels, given: Shares, classes: Sequence[str], limit: int | None, seed: int) -> Rows:
    """The rows to use, ascending: all, or `limit` of them, as evenly per class as there are pictures.

    Within a class the parts that the files themselves give keep their proportions.
    """
    if limit is None or limit >= len(labels):
        return np.arange(len(labels), dtype=np.int64)
    if limit < len(classes):
        raise DataError(
            f"data.limit is {limit}, but there are {len(classes)} classes. Allow at least {len(classes)}, one picture a class."
        )
    by_class = [np.flatnonzero(labels == number) for number in range(len(classes))]
    chosen: list[Rows] = []
    for name, rows, quota in zip(classes, by_class, _evenly(limit, [len(rows) for rows in by_class]), strict=True):
        random = generator(seed, "limit", name)
        groups = [rows[given[rows] == share] for share in Share]
        for group, count in zip(groups, _in_proportion(quota, [len(group) for group in groups]), strict=True):
            chosen.append(random.permutation(group)[:count])
    return np.sort(np.concatenate(chosen)).astype(np.int64)


def sample(labels: Labels, classes: Sequence[str], count: int, seed: int, purpose: str) -> Rows:
    """`count` rows for some purpose, ascending, each class in its proportion; all where there are no more."""
    if count >= len(labels):
        return np.arange(len(labels), dtype=np.int64)
    by_class = [np.flatnonzero(labels == number) for number in range(len(classes))]
    quotas = _in_proportion(count, [len(rows) for rows in by_class])
    drawn = [
        generator(seed, purpose, name).permutation(rows)[:quota]
        for name, rows, quota in zip(classes, by_class, quotas, strict=True)
    ]
    return np.sort(np.concatenate(drawn)).astype(np.int64)


def _evenly(total: int, available: Sequence[int]) -> list[int]:
    """`total` handed out in equal counts; what a small class cannot give, the others do."""
    counts = [0] * len(available)
    left = total
    # From the smallest class up: each takes its equal share of what is left, or all it has.
    order = sorted(range(len(available)), key=lambda number: available[number])
    for done, number in enumerate(order):
        counts[number] = min(available[number], left // (len(order) - done))
        left -= counts[number]
    return counts


def _in_proportion(total: int, available: Sequence[int]) -> list[int]:
    """`total` handed out in proportion (largest remainders); whatever there is gives at least one where possible."""
    everything = sum(available)
    if not everything:
        return [0] * len(available)
    exact = [total * count / everything for count in available]
    counts = [int(value) for value in exact]
    by_remainder = sorted(range(len(exact)), key=lambda number: counts[number] - exact[number])
    for number in by_remainder[: total - sum(counts)]:
        counts[number] += 1
    for number, count in enumerate(available):
        largest = max(range(len(counts)), key=counts.__getitem__)
        if count and not counts[number] and counts[largest] > 1:
            counts[number], counts[largest] = 1, counts[largest] - 1
    return counts


def divide(
    labels: Labels, given: Shares, classes: Sequence[str], *, validation: float, test: float, seed: int
) -> Split:
    """The rows of the three parts.

    A part that the files give is taken as it is; the shares of the others are taken from what the files call
    training, class by class. A class gives each part at least one picture when it has enough.
    """
    has_validation, has_test = bool((given == Share.VALIDATION).any()), bool((given == Share.TEST).any())
    parts = given.copy()
    shares = (0.0 if has_validation else validation, 0.0 if has_test else test)
    check_shares(*shares)
    small: list[str] = []
    for number, name in enumerate(classes):
        rows = np.flatnonzero((labels == number) & (given == Share.TRAINING))
        for_validation, for_test = _counts(len(rows), *shares)
        drawn = generator(seed, "split", name).permutation(rows)
        parts[drawn[:for_test]] = Share.TEST
        parts[drawn[for_test : for_test + for_validation]] = Share.VALIDATION
        if (shares[0] and not for_validation) or (shares[1] and not for_test):
            small.append(name)
    learn, judge, final = (np.flatnonzero(parts == share).astype(np.int64) for share in Share)
    split = Split(learn, judge, final, _notes(small))
    _check_parts(split, shares, classes)
    return split


def _counts(available: int, validation: float, test: float) -> tuple[int, int]:
    """How many of a class go to (validation, test); training keeps at least one, and validation comes before test."""
    wanted = [max(1, round(available * share)) if share else 0 for share in (validation, test)]
    while sum(wanted) > max(0, available - 1):
        # The larger one gives way; at equal size the test part, which nothing waits for during training.
        wanted[0 if wanted[0] > wanted[1] else 1] -= 1
    return wanted[0], wanted[1]


def _check_parts(split: Split, shares: tuple[float, float], classes: Sequence[str]) -> None:
    if not len(split.training):
        raise DataError("There is no picture to learn from. Add pictures, at least three in each class.")
    for word, share, rows in (("validation", shares[0], split.validation), ("test", shares[1], split.test)):
        if share and not len(rows):
            needed = 1 + sum(share > 0 for share in shares)
            raise DataError(
                f"No class has enough pictures to keep some aside for {word}: there are {len(split.training)} pictures "
                f"to learn from in {len(classes)} classes. Each class needs at least {needed} pictures. Add pictures, "
                f"or set data.{word} to 0."
            )


def _notes(small: Sequence[str]) -> tuple[str, ...]:
    if not small:
        return ()
    one = len(small) == 1
    who = f"The class {name_some(small)} has" if one else f"The classes {name_some(small)} have"
    return (f"{who} too few pictures to be in every part; training comes first, then validation.",)


def unevenness(labels: Labels, classes: Sequence[str]) -> tuple[str, ...]:
    """A sentence when the largest class of the training part has more than `UNEVEN` times the smallest."""
    counts = np.bincount(labels, minlength=len(classes)).tolist()
    if len(counts) < 2 or max(counts) <= UNEVEN * min(counts):  # noqa: PLR2004 - one class has nothing to differ from
        return ()
    order = sorted(range(len(counts)), key=lambda number: -counts[number])
    shown = [f"{classes[number]} {counts[number]:,}" for number in order]
    if len(shown) > NAMED:
        half = NAMED // 2
        shown = [*shown[:half], f"{len(shown) - 2 * half:,} more between", *shown[-half:]]
    sentence = (
        f"The classes are uneven: {', '.join(shown)} for training. Accuracy then says little about the small ones: judge "
        "by balanced accuracy, and turn on class weights or resampling, or add pictures."
    )
    return (sentence,)


def name_some(names: Sequence[str]) -> str:
    """Names for a sentence: a, b, c and 7 more."""
    text = ", ".join(names[:NAMED])
    return f"{text} and {len(names) - NAMED:,} more" if len(names) > NAMED else text
