"""From Start to the first point in the plot, with a warm engine; and how soon something is said."""

import statistics

from tests.bench.row import Row
from tests.bench.window import watch

POINT, PREPARING = 1.5, 0.1


def measure() -> Row:
    found = [watch("training") for _ in range(3)]
    point = statistics.median(each.get("first_point", float("inf")) for each in found)
    preparing = statistics.median(each.get("preparing", float("inf")) for each in found)
    return Row(
        "Start to first point, warm engine", f"≤ {POINT} s, state shown within {PREPARING} s",
        f"{point:.2f} s, state after {preparing:.3f} s", point <= POINT and preparing <= PREPARING,
        note="median of 3 windows, the default preset",
    )  # fmt: skip
