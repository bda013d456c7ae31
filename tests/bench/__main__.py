"""`make bench`: measures each row of the table in a process of its own, and prints the table.

    python -m tests.bench                every row
    python -m tests.bench paint redraws  some
    python -m tests.bench --row paint    one row here, as JSON (what the above starts)

A row is a module in tests/bench/rows with a docstring and `measure() -> Row`. The table is also written to out/bench.md.
"""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import time
from pathlib import Path

from tests.bench.row import Row, table

#: In the order of the table.
ROWS = (
    "mlp_against_fit", "cnn_against_fit", "cnn_by_hand", "recording", "with_window", "paint", "first_point", "smooth",
    "stopping", "noticing", "redraws", "augmenting", "many_runs", "eyes", "one_curve", "open_run", "spikes", "flood",
    "compare_frames", "compare_toggle", "model_tab", "data_scan", "results", "preflight", "tabs", "lab_drag",
)  # fmt: skip
MINUTES_A_ROW = 15


def measure(name: str) -> Row:
    """A row in a fresh process: none inherits another's memory, threads or warm caches."""
    command = [sys.executable, "-m", "tests.bench", "--row", name]
    variables = dict(os.environ)
    if not (variables.get("DISPLAY") or variables.get("WAYLAND_DISPLAY")):
        variables.setdefault("QT_QPA_PLATFORM", "offscreen")
    try:
        done = subprocess.run(
            command, stdout=subprocess.PIPE, text=True, check=False, timeout=60 * MINUTES_A_ROW, env=variables
        )
    except subprocess.TimeoutExpired:
        return Row(name, "", f"no answer in {MINUTES_A_ROW} minutes", ok=False)
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode or not lines:
        return Row(name, "", f"failed with exit code {done.returncode}; see above", ok=False)
    return Row.from_json(lines[-1])


def main(arguments: list[str]) -> int:
    if arguments[:1] == ["--row"]:
        print(importlib.import_module(f"tests.bench.rows.{arguments[1]}").measure().to_json(), flush=True)
        return 0
    unknown = [name for name in arguments if name not in ROWS]
    if unknown:
        print(f"There is no row {', '.join(unknown)}. Rows: {', '.join(ROWS)}.", file=sys.stderr)
        return 2
    rows = []
    for name in arguments or ROWS:
        began = time.monotonic()
        print(f"{name} …", end=" ", flush=True)
        rows.append(measure(name))
        print(f"{rows[-1].measured} ({time.monotonic() - began:.0f} s)", flush=True)
    text = f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, {sys.platform}\n\n{table(rows)}\n"
    Path("out").mkdir(exist_ok=True)
    Path("out/bench.md").write_text(text, encoding="utf-8")
    print(f"\n{text}")
    return 0 if all(row.ok for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
