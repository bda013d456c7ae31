"""A line of any length, seen at any width: minima and maxima of 8, 64, 512 … values, kept as it grows.

A view of a million steps costs as much as one of a thousand. Values that are no numbers take no part in minima and
maxima, but are never swallowed: every bucket remembers whether it holds a NaN or an infinity.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.curves.growing import Array, Growing

FACTOR = 8
#: Flags of a bucket, and of a single value.
NAN, ABOVE, BELOW = 1, 2, 4
#: Not known: a fork has no steps before the place where it grew. Nothing is drawn there, and nothing is wrong.
MISSING = 8
_WRONG = np.uint8(NAN | ABOVE | BELOW)
_MISSING_BITS = np.uint32(0x7FC0_0A11)
#: The value that stands for it: a NaN that no computation makes.
UNKNOWN = _MISSING_BITS.view(np.float32)
#: Points of the drawn line a pixel column may get; a bucket gives two.
POINTS_A_COLUMN = 8


@dataclass(frozen=True)
class Seen:
    """A stretch as a zigzag line: `places` are (fractional) indices, `values` NaN where there is a gap.

    `marks` and `flags` say where something was no number: index of the bucket's first value, and what.
    """

    places: npt.NDArray[np.float64]
    values: npt.NDArray[np.float32]
    marks: npt.NDArray[np.int64]
    flags: npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Reach:
    """A stretch as buckets of `size` values: where their middles lie, the least and the greatest of each.

    NaN where there is a gap. `flags` say where something was no number; None: nowhere.
    """

    places: npt.NDArray[np.float64]
    low: npt.NDArray[np.float32]
    high: npt.NDArray[np.float32]
    flags: npt.NDArray[np.uint8] | None
    size: int


class _Level:
    """Minima, maxima and flags of one size of bucket."""

    def __init__(self) -> None:
        self.low = Growing(np.float32)
        self.high = Growing(np.float32)
        #: kept from the first flag on: most lines never have any
        self._flags = Growing(np.uint8, room=1)

    def replace(self, first: int, low: Array, high: Array, flags: Array | None) -> None:
        """From the bucket `first` on; no `flags`: all of these are numbers."""
        for column, values in ((self.low, low), (self.high, high)):
            column.truncate(first)
            column.append(values)
        if flags is None and not len(self._flags):
            return
        before = len(self._flags)
        self._flags.truncate(first)
        if before < first:
            self._flags.append(np.zeros(first - before, np.uint8))
        self._flags.append(np.zeros(len(low), np.uint8) if flags is None else flags)

    def flags(self, window: slice) -> Array | None:
        """The flags of some buckets; None when all of them are numbers."""
        return self._flags.view[window] if len(self._flags) else None


def flags_of(values: Array) -> npt.NDArray[np.uint8]:
    """For each value: 0 for a number, else NAN, ABOVE (+∞), BELOW (−∞) or MISSING."""
    flags = np.zeros(len(values), np.uint8)
    if not np.isfinite(values).all():
        flags[np.isnan(values)] = NAN
        flags[np.ascontiguousarray(values, np.float32).view(np.uint32) == _MISSING_BITS] = MISSING
        flags[values == np.inf] = ABOVE
        flags[values == -np.inf] = BELOW
    return flags


class Pyramid:
    """The values of a growing line, with their minima and maxima at every scale."""

    def __init__(self) -> None:
        self._values = Growing(np.float32)
        self._levels: list[_Level] = []
        #: from which value on the levels are to be made anew; they are when somebody looks, since many lines nobody looks at
        self._stale: int | None = None

    def __len__(self) -> int:
        return len(self._values)

    @property
    def values(self) -> npt.NDArray[np.float32]:
        return self._values.view

    def append(self, values: npt.ArrayLike) -> None:
        self._stale = len(self._values) if self._stale is None else self._stale
        self._values.append(values)

    def truncate(self, count: int) -> None:
        """Forget everything past the first `count` values."""
        if count < len(self._values):
            self._values.truncate(count)
            self._stale = count if self._stale is None else min(self._stale, count)

    def settle(self) -> None:
        """Bring all levels up to date: whoever reads a long line does it, and not who paints it."""
        if self._stale is not None:
            self._rebuild(self._stale)
            self._stale = None

    def _rebuild(self, first: int) -> None:
        """Make the levels anew from the value at index `first` on."""
        count, level = len(self._values), 0
        while count > FACTOR:
            if level == len(self._levels):
                self._levels.append(_Level())
                first = 0  # a new level must take in everything below it
            first //= FACTOR
            self._levels[level].replace(first, *_gathered(*self._below(level, first * FACTOR)))
            count = -(-count // FACTOR)
            level += 1
        del self._levels[level:]

    def _below(self, level: int, begin: int) -> tuple[Array, Array, Array | None]:
        """Minima, maxima and flags of what the buckets of a level are made of, from index `begin` on."""
        if level:
            under = self._levels[level - 1]
            return under.low.view[begin:], under.high.view[begin:], under.flags(slice(begin, None))
        values = self._values.view[begin:]
        if np.isfinite(values).all():
            return values, values, None
        flags = flags_of(values)
        return np.where(flags == 0, values, np.inf), np.where(flags == 0, values, -np.inf), flags

    def see(self, first: int, stop: int, columns: float) -> Seen:
        """The values with indices first … stop − 1, for a width of so many pixel columns."""
        buckets = self.reach(first, stop, columns)
        flags, size = buckets.flags, buckets.size
        bad = np.flatnonzero(flags & _WRONG) if flags is not None else np.empty(0, np.int64)
        wrong = flags[bad] & _WRONG if flags is not None else np.empty(0, np.uint8)
        if size == 1:
            return Seen(buckets.places, buckets.low, bad + max(0, first), wrong)
        values = np.empty(2 * len(buckets.low), np.float32)
        values[0::2], values[1::2] = buckets.low, buckets.high
        return Seen(np.repeat(buckets.places, 2), values, (bad + max(0, first) // size) * size, wrong)

    def reach(self, first: int, stop: int, columns: float) -> Reach:
        """The least and the greatest of the values with indices first … stop − 1, bucket by bucket: see `see`."""
        self.settle()
        first, stop = max(0, first), min(stop, len(self._values))
        a_column = max(0, stop - first) / max(columns, 1.0)
        if a_column <= POINTS_A_COLUMN or not self._levels:
            return self._every(first, stop)
        level, size = 0, FACTOR
        while 2 * a_column / size > POINTS_A_COLUMN and level + 1 < len(self._levels):
            level, size = level + 1, size * FACTOR
        here = self._levels[level]
        window = slice(first // size, -(-stop // size))
        low, high, flags = here.low.view[window], here.high.view[window], here.flags(window)
        middles = np.arange(window.start, window.start + len(low), dtype=np.float64) * size + (size - 1) / 2
        middles[-1:] = np.minimum(middles[-1:], len(self._values) - 1)
        if flags is not None:
            # A bucket without a number has no least and no greatest.
            low, high = (np.where(np.isfinite(part), part, np.float32(np.nan)) for part in (low, high))
        return Reach(middles, low, high, flags, size)

    def _every(self, first: int, stop: int) -> Reach:
        values = self._values.view[first:stop]
        places = np.arange(first, first + len(values), dtype=np.float64)
        flags = flags_of(values)
        if not flags.any():
            return Reach(places, values, values, None, 1)
        values = np.where(flags == 0, values, np.float32(np.nan))
        return Reach(places, values, values, flags, 1)

    def span(self, first: int = 0) -> tuple[float, float] | None:
        """The least and the greatest number from index `first` on (rounded down to a bucket); None without any."""
        self.settle()
        size = FACTOR ** len(self._levels)
        if self._levels:
            # The second level from the top has at most 64 buckets: few enough to read at each frame.
            level = max(0, len(self._levels) - 2)
            size = FACTOR ** (level + 1)
            low = self._levels[level].low.view[first // size :]
            high = self._levels[level].high.view[first // size :]
        else:
            low = high = self._values.view[first:][flags_of(self._values.view[first:]) == 0]
        if not len(low) or not np.isfinite(low.min()):
            return None
        return float(low.min()), float(high.max())

    def first_bad(self) -> tuple[int, int] | None:
        """Index and flag of the first value that is no number; found from the top down. None when all are numbers."""
        self.settle()
        begin, end = 0, len(self._values)
        for level in range(len(self._levels) - 1, -1, -1):
            size = FACTOR ** (level + 1)
            flags = self._levels[level].flags(slice(begin // size, -(-end // size)))
            found = np.flatnonzero(flags & _WRONG) if flags is not None else np.empty(0, np.int64)
            if not len(found):
                return None
            begin = (begin // size + int(found[0])) * size
            end = min(begin + size, len(self._values))
        flags = flags_of(self._values.view[begin:end]) & _WRONG
        found = np.flatnonzero(flags)
        return (begin + int(found[0]), int(flags[found[0]])) if len(found) else None


def _gathered(low: Array, high: Array, flags: Array | None) -> tuple[Array, Array, Array | None]:
    """Eight buckets as one; the last may be of fewer."""
    gathered = None if flags is None else _eighth(flags, np.bitwise_or)
    return _eighth(low, np.minimum), _eighth(high, np.maximum), gathered


def _eighth(values: Array, how: np.ufunc) -> Array:
    """Eight neighbours as one by halving three times, which is many times as fast as `reduceat`; the last may be of fewer."""
    whole = values[: len(values) // FACTOR * FACTOR]
    for _ in range(3):
        whole = how(whole[0::2], whole[1::2])
    rest = values[len(whole) * FACTOR :]
    return np.append(whole, how.reduce(rest)) if len(rest) else whole
