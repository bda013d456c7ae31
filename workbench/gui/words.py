"""Numbers, durations and states as people read them; nothing here draws or knows a widget.

Thousands are parted by a narrow no-break space, which no locale mistakes for a decimal point; the decimal
point is the locale's. A true minus stands before negative numbers.
"""

from __future__ import annotations

import math

from PySide6.QtCore import QLocale

from workbench.events import Ending, State
from workbench.spec import said
from workbench.spec.said import MINUS, NARROW, NO_BREAK, unit, within

__all__ = ["MINUS", "NARROW", "NO_BREAK", "unit", "within"]

_STATES: dict[State, str] = {
    State.QUEUED: "Queued",
    State.PREPARING: "Preparing",
    State.RUNNING: "Running",
    State.PAUSED: "Paused",
    State.STOPPING: "Stopping",
    State.ENDED: "Ended",
}
_ENDINGS: dict[Ending, str] = {
    Ending.COMPLETED: "Finished",
    Ending.EARLY_STOPPED: "Early-stopped",
    Ending.STOPPED: "Stopped",
    Ending.DISCARDED: "Discarded",
    Ending.FAILED: "Failed",
    Ending.INTERRUPTED: "Interrupted",
}


def state(now: State, ending: Ending | None = None) -> str:
    """The word of a run's pill: its state while it lives, its ending once it has ended."""
    return _ENDINGS[ending] if now is State.ENDED and ending is not None else _STATES[now]


def point() -> str:
    """The decimal point of the person's locale."""
    return QLocale().decimalPoint()


def decimals(value: float, places: int) -> str:
    """A number with a fixed count of decimals, thousands parted, true minus: 1 234.50."""
    return said.decimals(value, places, point=point())


def loss(value: float | None) -> str:
    """A loss with four decimals: 0.2147. A dash when there is none."""
    return "–" if value is None else decimals(value, 4)


def signed(value: float, places: int = 4) -> str:
    """A difference with its sign: +0.0046, −0.0012."""
    text = decimals(value, places)
    return text if text.startswith(MINUS) or text == "NaN" else f"+{text}"


def percent(share: float | None, places: int = 2) -> str:
    """A share as a percentage: 93.64 %."""
    return "–" if share is None else said.percent(share, places, point=point())


def rate(value: float) -> str:
    """A learning rate in scientific form with one decimal: 2.0e-4."""
    return said.rate(value, point=point())


def count(value: float) -> str:
    """A whole number with its thousands parted: 6 590."""
    return decimals(round(value) if math.isfinite(value) else value, 0)


def short_count(value: float) -> str:
    """A large number in at most three figures: 272 k, 4.2 M."""
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size * 0.9995:
            return f"{_three_figures(value / size)}{NO_BREAK}{letter}"
    return count(value)


def size(amount: float) -> str:
    """Bytes as people say them: 3.1 GB, 86 kB."""
    for step, letter in ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if amount >= step * 0.9995:
            return f"{_three_figures(amount / step, most=1)}{NO_BREAK}{letter}"
    return f"{count(amount)}{NO_BREAK}bytes"


def _three_figures(value: float, most: int = 1) -> str:
    return decimals(value, most if abs(value) < 9.95 else 0)  # noqa: PLR2004 - below 10 one decimal still says something


def duration(seconds: float) -> str:
    """A stretch of time in text: 4.2 s, 42 s, 6 min 20 s, 1 h 5 min."""
    return said.duration(seconds, point=point())


def rough_duration(seconds: float) -> str:
    """A stretch of time that is only an estimate: 20 s, 6 min, 3 h."""
    if seconds < 55:  # noqa: PLR2004 - rounded to five seconds this is still below a minute
        return f"{max(5, math.ceil(seconds / 5) * 5)}{NO_BREAK}s"
    if seconds < 5400:  # noqa: PLR2004 - an hour and a half reads better in minutes
        return f"{math.ceil(seconds / 60)}{NO_BREAK}min"
    return f"{math.ceil(seconds / 3600)}{NO_BREAK}h"


def clock(seconds: float) -> str:
    """A stretch of time in a table: 6:20, 1:05:09."""
    whole = max(0, round(seconds))
    hours, minutes, rest = whole // 3600, whole % 3600 // 60, whole % 60
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def number(value: float, *, scientific: bool = False) -> str:
    """A setting's number as short as it can be and still exact: 20, 0.15, 1e-3."""
    return said.number(value, scientific=scientific, point=point())


def plural(amount: float, one: str, many: str) -> str:
    """A count with its noun: 1 change, 2 changes."""
    return f"{count(amount)}{NO_BREAK}{one if amount == 1 else many}"
