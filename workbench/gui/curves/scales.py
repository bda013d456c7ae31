"""Ticks, their words, and which range a lane should have. Plain numbers: no Qt, no runs."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.gui import words

Range = tuple[float, float]
Numbers = npt.NDArray[np.floating]

#: The share of the x range that stays free on the right while a run grows.
FREE = 0.25
#: The x range grows in steps of so many epochs.
STRIDE = 10
#: How far past the end of a run that has ended the x range reaches.
FITTED = 1.06
#: Share of the run whose values, at its start, do not decide the linear scale.
FIRST_OUTLIERS = 0.06
QUANTILE = 0.95
#: Where runs are compared, more of the beginning may lie above the range.
CLOSE_QUANTILE = 0.9
#: A learning-rate lane on a linear scale reaches so many times as far as the greatest rate: its name stands above.
RATE_ROOM = 1.6


@dataclass(frozen=True)
class Tick:
    value: float
    text: str


def nice_step(span: float, most: int) -> float:
    """The smallest of 1, 2, 5 × 10ⁿ that cuts a span into at most `most` parts."""
    rough = max(span, 1e-300) / max(1, most)
    power = 10.0 ** math.floor(math.log10(rough))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= rough * (1 - 1e-9))


def linear_ticks(low: float, high: float, most: int) -> list[tuple[float, float]]:
    """Round values in a range, as (value, step)."""
    if not high > low:
        return []
    step = nice_step(high - low, most)
    first = math.ceil(low / step - 1e-9)
    count = math.floor((high - first * step) / step + 1e-9) + 1
    return [((first + i) * step, step) for i in range(max(0, count))]


@functools.lru_cache(maxsize=64)
def value_ticks(low: float, high: float, most: int) -> tuple[Tick, ...]:
    """Ticks of a plain linear axis, all with as many decimals as the step needs."""
    ticks = linear_ticks(low, high, most)
    places = max(0, -math.floor(math.log10(ticks[0][1]) + 1e-9)) if ticks else 0
    return tuple(Tick(value, words.decimals(value, min(places, 9))) for value, _ in ticks)


@functools.lru_cache(maxsize=64)
def percent_ticks(low: float, high: float, most: int) -> tuple[Tick, ...]:
    ticks = linear_ticks(low * 100, high * 100, most)
    places = max(0, -math.floor(math.log10(ticks[0][1]) + 1e-9)) if ticks else 0
    return tuple(Tick(value / 100, words.percent(value / 100, min(places, 6))) for value, _ in ticks)


@functools.lru_cache(maxsize=64)
def log_ticks(low: float, high: float, most: int, *, scientific: bool = False) -> tuple[Tick, ...]:
    """Ticks for a range of decimal logarithms: decades, and 2 and 5 between when there is room."""
    decades = range(math.floor(low), math.ceil(high) + 1)
    inside = math.floor(high) - math.ceil(low) + 1
    thin = max(1, -(-inside // max(1, most)))
    found: list[Tick] = []
    for decade in decades:
        parts = (1, 2, 5) if (inside + 1) * 2 <= most else (1,)
        for part in parts:
            value = decade + math.log10(part)
            if low <= value <= high and decade % thin == 0:
                found.append(Tick(value, f"{part}e{decade}" if scientific else _power(part, decade)))
    return tuple(found)


def _power(part: int, decade: int) -> str:
    if -3 <= decade <= 3:  # noqa: PLR2004 - within a thousand plain numbers read better
        return words.decimals(part * 10.0**decade, max(0, -decade))
    return f"{part}e{decade}"


@functools.lru_cache(maxsize=64)
def time_ticks(low: float, high: float, most: int) -> tuple[Tick, ...]:
    """Ticks of run time at round seconds, minutes or hours, as 0:30, 1:05:00."""
    rough = max(high - low, 1e-9) / max(1, most)
    if rough < 1:
        return tuple(Tick(value, words.decimals(value, 1)) for value, _ in linear_ticks(low, high, most))
    sizes = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400)
    step = next((size for size in sizes if size >= rough), 86400 * math.ceil(rough / 86400))
    first = math.ceil(low / step)
    return tuple(Tick(i * step, words.clock(i * step)) for i in range(first, math.floor(high / step) + 1))


@functools.lru_cache(maxsize=64)
def rate_ticks(low: float, high: float, most: int, *, log: bool) -> tuple[Tick, ...]:
    """Ticks of a learning rate: two at the most, clear of the lane's name at the top. `log`: a range of decimal logarithms."""
    if not log:
        top = high / RATE_ROOM
        return (Tick(top, words.rate(top)), Tick(0.0, "0")) if top > 0 else ()
    span = high - low
    if span >= 1:
        return tuple(tick for tick in log_ticks(low, high, most, scientific=True) if tick.value < high - 0.28 * span)
    return tuple(Tick(value, words.rate(10**value)) for value in (low + 0.2 * span, low + 0.65 * span))


@functools.lru_cache(maxsize=64)
def whole_ticks(low: float, high: float, most: int) -> tuple[Tick, ...]:
    """Ticks at whole numbers (epochs, steps)."""
    step = max(1, nice_step(high - low, most))
    first = math.ceil(low / step)
    return tuple(Tick(i * step, words.count(i * step)) for i in range(first, math.floor(high / step) + 1) if i)


# --- which range --------------------------------------------------------------------------------------


def grown(now: float, stride: float) -> float:
    """The right end of the x range of a living run: a quarter free, in whole strides."""
    return stride * max(1, math.ceil(now / (1 - FREE) / stride - 1e-9))


def fitted(now: float, stride: float) -> float:
    """The right end for a run that has ended: a little room for labels, in whole steps of a tenth of a stride."""
    small = stride / 10
    return max(small, small * math.ceil(now * FITTED / small - 1e-9))


def zoomed(now: Range, factor: float, share: float, stride: float) -> Range | None:
    """A range of x so many times as wide, of which the place at `share` stays; None when it would be absurdly small or large."""
    low, high = now
    span = (high - low) * factor
    if span < stride / 1e4 or span > max(stride * 1000, high):
        return None
    begin = max(0.0, low + share * (high - low) - share * span)
    return begin, begin + span


def panned(now: Range, share: float) -> Range:
    """A range of x moved to the right by a share of its width; it never begins before 0."""
    low, high = now
    by = max(-low, share * (high - low))
    return low + by, high + by


def linear_range(highs: Numbers, lows: Numbers, points: Numbers) -> Range:
    """A range for losses that the first outliers do not stretch: raw maxima and minima in order, and epochs' values."""
    late = [part[int(len(part) * FIRST_OUTLIERS) :] for part in (highs, points)]
    late = [part[np.isfinite(part)] for part in late]
    tops = [_quantile(part, QUANTILE) for part in late if len(part)]
    floors = [float(part.min()) for part in (lows[np.isfinite(lows)], late[1]) if len(part)]
    if not tops or not floors:
        return 0.0, 1.0
    top, bottom = max(tops), min(floors)
    last = late[1][-1] if len(late[1]) else top
    top = max(top, min(float(last), 3 * top))
    if 0 <= bottom < 0.5 * top or top <= bottom:
        bottom = min(0.0, bottom)
        return bottom, top * 1.06 if top > bottom else bottom + 1.0
    room = 0.06 * (top - bottom)
    return bottom - room, top + room


def whole_range(values: Numbers) -> Range:
    """A linear range that shows all these values, from 0 where that is near."""
    if not len(values):
        return 0.0, 1.0
    low, high = float(values.min()), float(values.max())
    low = min(0.0, low) if 0 <= low < 0.5 * high else low
    room = 0.06 * (high - low) or max(abs(high), 1.0) * 0.06
    return (low if low == 0 else low - room), high + room


def close_range(values: Numbers) -> Range:
    """A range in which late values can be told apart: the first outliers reach out of it, and it need not begin at 0."""
    good = values[np.isfinite(values)]
    late = good[int(len(good) * FIRST_OUTLIERS) :]
    low, high = float(good.min()), _quantile(late, CLOSE_QUANTILE)
    high = max(high, min(float(good[-1]), low + 3 * (high - low)))
    room = 0.06 * (high - low) or 0.06 * abs(high) or 1.0
    return max(low - room, min(low, 0.0)), high + room


def _quantile(values: Numbers, share: float) -> float:
    """As np.quantile, which takes ten times as long for the few numbers of a frame."""
    ordered = np.sort(values)
    place = share * (len(ordered) - 1)
    below = int(place)
    step = ordered[min(below + 1, len(ordered) - 1)] - ordered[below]
    return float(ordered[below] + step * (place - below))


def log_range(highs: Numbers, lows: Numbers, points: Numbers) -> Range:
    """A range of decimal logarithms that shows every positive value."""
    everything = np.concatenate([highs, lows, points]).astype(np.float64)
    everything = np.log10(everything[np.isfinite(everything) & (everything > 0)])
    if not len(everything):
        return -3.0, 0.0
    low, high = float(everything.min()), float(everything.max())
    room = max(0.05 * (high - low), 0.05)
    return low - room, high + room


def share_range(values: Numbers) -> Range:
    """A range for shares (accuracy): the first outliers at the low end do not stretch it; never past 100 %."""
    late = values[int(len(values) * FIRST_OUTLIERS) :]
    late = np.clip(late[np.isfinite(late)], 0.0, 1.0)
    if not len(late):
        return 0.0, 1.0
    low, high = _quantile(late, 0.06), float(late.max())
    room = max(0.12 * (high - low), 0.01)
    return max(0.0, low - room), min(1.0, high + room) if high < 1 else 1.0


def settled(now: Range, wanted: Range, kept: float = 0.7) -> Range:
    """The range to show: the present one until what is wanted leaves it, or fills less than `kept` of it."""
    room = 0.02 * (now[1] - now[0])
    inside = wanted[0] >= now[0] - room and wanted[1] <= now[1] + room
    fills = (wanted[1] - wanted[0]) >= kept * (now[1] - now[0])
    return now if inside and fills else wanted
