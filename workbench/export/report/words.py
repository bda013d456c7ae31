"""Numbers and names as a report has them."""

from __future__ import annotations

import math
from datetime import UTC, datetime

from workbench.export.looks import is_share, metric_words
from workbench.spec.said import decimals, number

_PARTS = {"val_": "Validation", "remeasured_": "Re-measured"}
#: Parts a metric from the class it is of: "val_iou/cat".
CLASS_MARK = "/"
NOTHING = "–"


def heading(metric: str) -> str:
    """A metric of an epoch by the words of a figure's axes: "Validation accuracy, %"."""
    for begin, words in _PARTS.items():
        if metric.startswith(begin):
            return f"{words} {metric_words(metric.removeprefix(begin))}"
    return (
        f"Training {metric_words(metric)}"
        if is_share(metric) or metric == "loss"
        else metric_words(metric).capitalize()
    )


def figure(metric: str, value: float | None) -> str:
    """A value of a metric: shares in per cent, which the heading says."""
    if value is None or math.isnan(value):
        return NOTHING if value is None else "NaN"
    if is_share(metric):
        return decimals(100 * value, 2)
    return decimals(value, 4) if abs(value) >= 1e-3 or value == 0 else number(float(f"{value:.3g}"), scientific=True)  # noqa: PLR2004 - below that four decimals say little


def share(value: float) -> str:
    """A share in per cent within a table."""
    return NOTHING if math.isnan(value) else decimals(100 * value, 1)


def count(value: float) -> str:
    return decimals(round(value), 0)


def plural(amount: int, noun: str) -> str:
    """A count with its noun: 1 epoch, 2 epochs."""
    return f"{count(amount)} {noun if amount == 1 else f'{noun}s'}"


def moment(seconds: float) -> str:
    """A time since 1970, the same wherever the report is made."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")
