"""The curves as numbers: CSV with one row an epoch or one row a step, of every run that is shown.

As RFC 4180 says: commas, CRLF, quotes where they are needed; UTF-8. Numbers are as exact as they were written down: the
shortest digits that give the same float32 (what the engine told of each step) or float64 again. What is no number is
NaN, inf or -inf; what was not measured is NaN as well. Shares (accuracy, IoU …) are from 0 to 1. `loss_smoothed` is the
line on screen; the other columns bear the names of the journal.

Text that begins with = + - @ (or a tab) gets an apostrophe before it: a spreadsheet would take it for a formula, and a
run's name may come from anywhere.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from workbench.curves.growing import Array
from workbench.curves.pyramid import MISSING, flags_of
from workbench.curves.run_curves import RunCurves
from workbench.export import files
from workbench.export.wish import Range, Wish
from workbench.journal import Run

Rows = Literal["epochs", "steps"]
STEP_HEADS = (
    "run", "step", "epoch", "seconds", "loss", "loss_smoothed", "accuracy", "learning_rate", "gradient_norm", "penalty",
)  # fmt: skip
EPOCH_HEADS = ("run", "epoch", "step", "seconds", "images_per_second")
_FIRST = ("loss", "val_loss", "accuracy", "val_accuracy")
#: Rows that are made at a time: a moment's work.
_AT_ONCE = 5_000
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Named:
    """The curves of one run under a name that no other in the table has."""

    name: str
    curves: RunCurves


def write(  # noqa: PLR0917 - what, of what, and where
    path: Path, run: Run, curves: RunCurves, wish: Wish, rows: Rows, tell: Callable[[int], None] = lambda _rows: None
) -> None:
    """Write the table to a file, piece by piece; `tell` hears about how many rows are done.

    Raises WorkspaceError with what to do.
    """

    def written() -> Iterator[bytes]:
        for number, piece in enumerate(pieces(run, curves, wish, rows)):
            tell(number * _AT_ONCE)
            yield piece.encode()

    files.write(path, written())


def pieces(run: Run, curves: RunCurves, wish: Wish, rows: Rows, comma: str = ",") -> Iterator[str]:
    """The table as text in pieces; with a tab for a comma it can be pasted into a spreadsheet."""
    shown = _named(run, curves, wish)
    made = _step_rows(shown, wish) if rows == "steps" else _epoch_rows(shown, wish)
    for part in made:
        text = io.StringIO(newline="")
        csv.writer(text, delimiter=comma, lineterminator="\r\n").writerows(part)
        yield text.getvalue()


def count(run: Run, curves: RunCurves, wish: Wish, rows: Rows) -> int:
    """How many rows the table has, without its head."""
    shown = _named(run, curves, wish)
    if rows == "epochs":
        return sum(len(_epochs(each.curves, wish)) for each in shown)
    return sum(stop - first for first, stop in (_steps(each.curves, wish) for each in shown))


def plain(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _named(run: Run, curves: RunCurves, wish: Wish) -> list[Named]:
    """The runs that are shown; a name that comes twice gets its count behind it."""
    found: list[Named] = []
    for name, each in ((run.name, curves), *((other.name, other.curves) for other in wish.others)):
        own, times = name, 1
        while any(own == before.name for before in found):
            times += 1
            own = f"{name} ({times})"
        found.append(Named(own, each))
    return found


# --- steps -----------------------------------------------------------------------------------------------


def _step_rows(shown: Sequence[Named], wish: Wish) -> Iterator[Iterable[Sequence[str]]]:
    yield [STEP_HEADS]
    for each in shown:
        first, stop = _steps(each.curves, wish)
        for begin in range(first, stop, _AT_ONCE):
            yield _part(each, np.arange(begin, min(begin + _AT_ONCE, stop)))


def _steps(curves: RunCurves, wish: Wish) -> tuple[int, int]:
    """Index of the first step to be written and of the one behind the last: those of the visible range that are its own."""
    known = curves.grown_at  # a fork has no steps before
    if wish.x is None:
        return known, curves.steps
    first, stop = (curves.axes.place_of_x(wish.axis, edge) for edge in wish.x)
    # A step that lies just on the left edge is shown.
    if first and float(curves.axes.x_of_places(wish.axis, np.array([first - 1.0]))[0]) >= wish.x[0]:
        first -= 1
    return max(known, first), max(known, stop)


def _part(named: Named, places: npt.NDArray[np.int64]) -> Iterator[tuple[str, ...]]:
    curves = named.curves
    places = places[places < curves.steps]  # a run that lives may be taken back between two pieces
    places = places[flags_of(curves.loss.values[places]) != MISSING]
    penalty = curves.penalty.values[places] if curves.penalized else np.zeros(len(places), np.float32)
    columns = (
        (places + 1).astype(np.str_), epoch_of(curves, places).astype(np.str_), _digits(curves.times.at(places)),
        _digits(curves.loss.values[places]), _digits(curves.smooth_loss.at(places)), _digits(curves.accuracy.view[places]),
        _digits(curves.learning_rate.values[places]), _digits(curves.gradient_norm.values[places]), _digits(penalty),
    )  # fmt: skip
    name = [plain(named.name)] * len(places)
    return zip(name, *(column.tolist() for column in columns), strict=True)


def epoch_of(curves: RunCurves, places: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The epoch that each step belongs to: by the ends that were told, and past the last by the steps of an epoch."""
    ends, numbers = curves.epochs.step.view, curves.epochs.number.view
    size = curves.axes.steps_per_epoch or max(1, curves.steps)
    last_end, last = (int(ends[-1]), int(numbers[-1])) if len(ends) else (0, 0)
    row = np.searchsorted(ends, places + 1)
    past = last + 1 + (places - last_end) // size
    if not len(ends):
        return past
    # A fork's first epoch may have begun before its first step.
    return np.where(row < len(ends), numbers[np.minimum(row, len(ends) - 1)], past)


# --- epochs ----------------------------------------------------------------------------------------------


def _epoch_rows(shown: Sequence[Named], wish: Wish) -> Iterator[Iterable[Sequence[str]]]:
    names = _ordered({name for each in shown for name in each.curves.epochs.names})
    yield [(*EPOCH_HEADS, *map(plain, names))]
    for each in shown:
        epochs, rows = each.curves.epochs, _epochs(each.curves, wish)
        columns: list[Array] = [epochs.number.view[rows].astype(np.str_), epochs.step.view[rows].astype(np.str_)]
        measured = [epochs.seconds.view, epochs.images_per_second.view, *(epochs.metric(name) for name in names)]
        columns += [_digits(values[rows]) for values in measured]
        name = [plain(each.name)] * len(rows)
        yield zip(name, *(column.tolist() for column in columns), strict=True)


def _ordered(names: set[str]) -> list[str]:
    """Those of every run first, then by name; the same in every file."""
    return [*(name for name in _FIRST if name in names), *sorted(names - set(_FIRST))]


def _epochs(curves: RunCurves, wish: Wish) -> npt.NDArray[np.intp]:
    """Rows of the epochs whose ends are in the visible range."""
    ends, (low, high) = curves.axes.x_of_epochs(wish.axis), _span(wish)
    return np.flatnonzero((ends >= low) & (ends <= high))


def _span(wish: Wish) -> Range:
    return wish.x if wish.x is not None else (-np.inf, np.inf)


def _digits(values: Array) -> Array:
    """Numbers as text: the shortest that gives the same number of its size again."""
    text: Array = values.astype(np.str_)
    if np.isnan(values).any():
        text = np.where(np.isnan(values), "NaN", text)
    return text
