"""From the start of the process to the first painted window, and what was loaded by then."""

import statistics

from tests.bench.row import Row
from tests.bench.window import watch

TARGET = 0.8


def measure() -> Row:
    found = [watch("paint") for _ in range(7)]
    seconds = statistics.median(each["painted"] - each["began"] for each in found[1:])
    loaded = sorted({name for each in found for name in each["loaded"]})
    return Row(
        "process start to first painted window", f"≤ {TARGET} s, none of the slow packages loaded",
        f"{seconds:.2f} s, loaded: {', '.join(loaded) or 'none of them'}", seconds <= TARGET and not loaded,
        note="median of 6 starts after one to warm the disk's cache",
    )  # fmt: skip
