"""The columns of the run table: titles, what each is sorted by, and the order of rows; knows no table and no painter."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import Any

from workbench.events import State
from workbench.gui import words
from workbench.gui.runs import facts
from workbench.gui.runs.watch import Row


class Column(IntEnum):
    """The columns, from left to right."""

    SHOW = 0
    RUN = 1
    STATE = 2
    CURVE = 3
    LOSS = 4
    ACCURACY = 5
    EPOCHS = 6
    TIME = 7
    CHIPS = 8
    NOTES = 9


TITLES = (
    "Show", "Run", "State", "Validation loss", "Best val. loss", "Accuracy", "Epochs", "Time",
    "Differs from its preset", "Tags and note",
)  # fmt: skip
NUMBERS = frozenset({Column.LOSS, Column.ACCURACY, Column.EPOCHS, Column.TIME})
#: What a first click on the title brings to the top is the largest: the newest, the most accurate, the longest.
LARGEST_FIRST = frozenset({Column.RUN, Column.ACCURACY, Column.EPOCHS, Column.TIME})


def sort_key(row: Row, column: Column, state: State, slot: int | None = None) -> Any:  # noqa: PLR0911 - one line a column
    """What a row is sorted by; None when it has no value there. Losses and accuracies are the best epoch's, never the last's.

    `slot` is the run's colour where its eye is open.
    """
    run = row.run
    match column:
        case Column.SHOW:
            return slot
        case Column.RUN:
            return run.number
        case Column.STATE:
            return words.state(state, run.ending)
        case Column.CURVE | Column.LOSS:
            return run.best_value
        case Column.ACCURACY:
            return facts.best_accuracy(run)
        case Column.EPOCHS:
            return run.epochs
        case Column.TIME:
            return run.seconds or None
        case Column.CHIPS:
            return ", ".join(row.chips or ()).casefold() or None
        case Column.NOTES:
            return " ".join((*run.tags, run.note)).casefold().strip() or None


def in_order(rows: Sequence[Row], keys: Sequence[Any], *, descending: bool) -> list[Row]:
    """The rows sorted by their keys: pinned ones on top, those without a value last, equals newest first."""
    both = sorted(zip(rows, keys, strict=True), key=lambda each: -each[0].run.number)
    # Sorting keeps the order of equals, also when it is reversed.
    valued = sorted((each for each in both if each[1] is not None), key=lambda each: each[1], reverse=descending)
    found = [row for row, _ in (*valued, *(each for each in both if each[1] is None))]
    return sorted(found, key=lambda row: not row.run.pinned)


def standings(rows: Sequence[Row]) -> dict[str, tuple[int, int]]:
    """(place, of how many) by the best value among the runs on the same pictures; only where there are two or more."""
    groups: dict[str, list[tuple[float, int, str]]] = {}
    for row in rows:
        value = row.run.best_value
        if row.pictures and value is not None:
            groups.setdefault(row.pictures, []).append((value, row.run.number, row.run.id))
    found: dict[str, tuple[int, int]] = {}
    for group in groups.values():
        if len(group) > 1:
            found |= {run: (place, len(group)) for place, (_, _, run) in enumerate(sorted(group), 1)}
    return found
