"""What an open window with live curves costs the training, and how much of a core it takes for itself."""

import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench.row import Row
from tests.bench.timing import median_interval
from tests.bench.window import watch
from workbench.journal import Journal
from workbench.paths import Workspace
from workbench.spec.recipe import Recipe, parse

TARGET, SHARE = 0.85, 0.08
#: A pair takes some eight seconds, in which a machine's speed may change by a third.
PAIRS = 11


def alone(recipe: Recipe) -> float:
    """Pictures a second of the same run without any window."""
    with tempfile.TemporaryDirectory(prefix="workbench-bench-") as home, Journal(Workspace(Path(home))) as journal:
        run = journal.create_run(recipe).id
        command = [sys.executable, "-m", "workbench.engine", "--home", home, "--run", run]
        subprocess.run(command, check=True, stdout=sys.stderr, timeout=300)
        return journal.run(run).images_per_second


def measure() -> Row:
    # Long enough that drawing matters, with the real preparation of real pictures.
    tree = {
        "data": {"kind": "shapes", "image_size": 28, "count": 4000},
        "model": {"kind": "cnn", "stages": 2, "width": 16, "dense": 64},
        "training": {"batch_size": 64, "epochs": 25},
    }
    recipe = parse(tree)
    ratios, shares, speeds = [], [], []
    for _ in range(PAIRS):
        seen = watch("training", recipe)
        ratios.append(seen["images_per_second"] / alone(recipe))
        shares.append(seen["window_share"])
        speeds.append(seen["images_per_second"])
    low, high = median_interval(ratios)
    ratio, share = statistics.median(ratios), statistics.median(shares)
    return Row(
        "training with the Curves tab open and live against no window", f"≥ {TARGET}×, window ≤ {SHARE:.0%} of a core",
        f"{statistics.median(speeds):,.0f} pictures/s, window {share:.1%} of a core", ratio >= TARGET and share <= SHARE,
        ratio=ratio,
        note=f"median of {PAIRS} pairs, 95 % interval {low:.2f} to {high:.2f}; all from {min(ratios):.2f} to {max(ratios):.2f}",
    )  # fmt: skip
