"""How smooth the window stays over a whole run: a 16 ms timer inside it."""

from tests.bench.row import Row
from tests.bench.window import watch

P99, LONGEST = 25, 100


def measure() -> Row:
    found = [watch("training") for _ in range(3)]
    p99 = sorted(each["p99_ms"] for each in found)[1]
    longest = max(each["longest_ms"] for each in found)
    return Row(
        "16 ms window timer over a whole run, Curves drawing at 1440×900", f"p99 ≤ {P99} ms, none over {LONGEST} ms",
        f"p99 {p99:.1f} ms, longest {longest:.0f} ms", p99 <= P99 and longest <= LONGEST,
        note=f"3 runs of the default preset, {found[0]['ticks']} ticks in the first; from the engine's warming up to 1 s after the end",
    )  # fmt: skip
