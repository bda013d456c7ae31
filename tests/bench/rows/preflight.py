"""What the pre-flight tells before a run, against that run: its peak of memory, and in the note its whole time.

Each side is a process of its own, the pre-flight first: a CNN, a ResNet with batch norm, and a U-Net on masks, with whatever a run
does at its epochs' ends. Both are on the CPU; a GPU's peak is its backend's own count.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.row import Row
from workbench.journal import Journal
from workbench.launch.probe import Probe
from workbench.paths import Workspace
from workbench.probing.preflight import Preflight
from workbench.spec import presets
from workbench.spec.recipe import Recipe, parse

TARGET = 0.15
RECIPES = {
    "CNN": {
        "data": {"kind": "shapes", "image_size": 32, "count": 1500},
        "model": {"kind": "cnn", "stages": 2, "width": 48, "normalization": "batch"},
        "training": {"batch_size": 256, "epochs": 3},
    },
    "ResNet-20": {
        "data": {"kind": "shapes", "image_size": 32, "count": 1000},
        "model": {"kind": "resnet", "depth": 20},
        "training": {"batch_size": 128, "epochs": 3},
    },
    "U-Net": {
        "data": {"kind": "shape_masks", "image_size": 64, "count": 300},
        "model": {"kind": "unet"},
        "training": {"batch_size": 16, "epochs": 2},
    },
}
#: Trains a run as the engine does, and says at its end how much memory the process has had at most.
SPY = """
import sys
from pathlib import Path
from workbench.engine.process import main
assert main() == 0
print([line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:")][0])
"""


def fly(workspace: Workspace, recipe: Recipe) -> Preflight:
    """What is told, in a process of its own."""
    probe = Probe.start(workspace, {"question": "preflight", "recipe": presets.dump(recipe), "largest": False})
    while not probe.wait(1.0):
        probe.told()
    assert probe.answer is not None, probe.problem
    return Preflight.from_tree(probe.answer)


def trained(workspace: Workspace, recipe: Recipe) -> tuple[int, float]:
    """The peak in bytes of a whole run, and its seconds."""
    with Journal(workspace) as journal:
        run = journal.create_run(recipe)
        command = [sys.executable, "-c", SPY, "--home", str(workspace.home), "--run", run.id]
        variables = {name: value for name, value in os.environ.items() if name != "KERAS_BACKEND"}
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=variables)
        return 1024 * int(done.stdout.split()[-2]), journal.run(run.id).seconds


def measure() -> Row:
    told, notes, worst, began = [], [], 0.0, time.monotonic()
    for name, tree in RECIPES.items():
        with tempfile.TemporaryDirectory() as folder:
            workspace, recipe = Workspace(Path(folder)).create(), parse(tree)
            before = fly(workspace, recipe)
            peak, seconds = trained(workspace, recipe)
        assert before.host_bytes is not None
        assert before.total_seconds is not None
        off = before.host_bytes / peak - 1
        worst = max(worst, abs(off))
        told.append(f"{name} {100 * off:+.1f} %")
        notes.append(f"{name} {before.total_seconds:.1f} s told, {seconds:.1f} s taken")
    return Row(
        "peak of memory told by the pre-flight against the run's own, three networks", f"within {100 * TARGET:.0f} %",
        ", ".join(told), worst <= TARGET, note=f"whole time: {'; '.join(notes)}. All in {time.monotonic() - began:.0f} s",
    )  # fmt: skip
