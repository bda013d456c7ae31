"""The pre-flight against real runs: its peak is theirs, its checkpoint is theirs, and what it calls too large is not tried."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.engine.training import recipe, train
from workbench.engine import checkpoint
from workbench.engine.probes import PROBES, memory
from workbench.engine.probes.asked import Asked
from workbench.events import CheckpointSaved
from workbench.journal import Journal
from workbench.launch.probe import Probe
from workbench.paths import Workspace
from workbench.probing.preflight import Fit, Preflight
from workbench.spec import presets
from workbench.spec.recipe import Recipe, parse

pytestmark = pytest.mark.keras

needs_proc = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from /proc")

#: Trains a run as the engine does, and says at its end how much memory the process has had at most.
SPY = """
import sys
from pathlib import Path
from workbench.engine.process import main
assert main() == 0
print([line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:")][0])
"""

#: What it needs is well above what the libraries take.
LARGE = parse(
    {
        "data": {"kind": "shapes", "image_size": 32, "count": 900},
        "model": {"kind": "cnn", "stages": 2, "width": 48, "normalization": "batch"},
        "training": {"batch_size": 256, "epochs": 2},
    }
)


def fly(workspace: Workspace, wanted: Recipe, **options: Any) -> Preflight:
    """In a process of its own: a peak is a process's."""
    probe = Probe.start(workspace, {"question": "preflight", "recipe": presets.dump(wanted), **options})
    deadline = time.monotonic() + 240
    while not probe.wait(1.0):
        assert time.monotonic() < deadline, "it never ended"
    assert probe.answer is not None, probe.problem
    return Preflight.from_tree(probe.answer)


@needs_proc
def test_peak_and_checkpoint_are_those_of_the_run(
    workspace: Workspace, journal: Journal, record_property: Callable[[str, object], None]
) -> None:
    told = fly(workspace, LARGE, largest=False)
    run = journal.create_run(LARGE)
    environment = {name: value for name, value in os.environ.items() if name != "KERAS_BACKEND"}
    command = [sys.executable, "-c", SPY, "--home", str(workspace.home), "--run", run.id]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    peak = 1024 * int(done.stdout.split()[-2])
    assert told.host_bytes is not None
    record_property("measured", f"{told.host_bytes / 1e6:.0f} MB told, {peak / 1e6:.0f} MB in the run")
    assert abs(told.host_bytes - peak) <= 0.15 * peak, (told.host_bytes, peak)
    (size,) = {said.event.size for said in journal.events(run.id) if isinstance(said.event, CheckpointSaved)}
    assert told.checkpoint_bytes is not None
    assert abs(told.checkpoint_bytes - size) <= 0.02 * size
    assert told.disk_bytes == 2 * told.checkpoint_bytes
    assert (told.fit, told.device, told.device_bytes) == (Fit.FITS, "CPU", None)
    assert told.steps_per_epoch == 3
    assert told.largest_batch is None
    assert told.step_seconds is not None
    assert told.first_step_seconds is not None
    assert told.first_step_seconds > told.step_seconds > 0
    assert told.total_seconds is not None
    assert told.total_seconds > told.first_step_seconds + 6 * told.step_seconds
    assert not list(workspace.home.glob("probe-*/"))  # nothing is left of the checkpoint


@needs_proc
@pytest.mark.proof
def test_the_largest_batch_needs_about_what_there_is(
    workspace: Workspace, record_property: Callable[[str, object], None]
) -> None:
    limit = 2 * 10**9
    small = parse(LARGE.model_dump() | {"training": {"batch_size": 32, "epochs": 2}})
    largest = fly(workspace, small, host_limit=limit).largest_batch
    assert largest is not None
    peak = fly(workspace, parse(LARGE.model_dump() | {"training": {"batch_size": largest}}), largest=False).host_bytes
    assert peak is not None
    record_property("must", "65 to 115 % of 2.0 GB")
    record_property("measured", f"a batch of {largest:,} needs {peak / 1e9:.2f} GB")
    assert 0.65 * limit <= peak <= 1.15 * limit


def asked(workspace: Workspace, wanted: Recipe, **options: Any) -> Preflight:
    told: list[dict[str, Any]] = []
    return Preflight.from_tree(PROBES["preflight"](Asked(workspace, wanted, told.append, options)))


def test_what_is_larger_than_the_memory_is_not_even_tried(workspace: Workspace) -> None:
    found = asked(workspace, recipe(model__kind="mlp"), host_limit=1_000_000)
    assert (found.fit, found.host_bytes, found.step_seconds, found.largest_batch) == (Fit.TOO_LARGE, None, None, None)
    assert "Will not fit" in found.sentence


def test_all_pictures_fit_where_there_is_room(workspace: Workspace) -> None:
    wanted = recipe(model__kind="mlp", training__epochs=7, data__limit=200, training__remeasure=50)
    found = asked(workspace, wanted)
    assert found.largest_batch == 140
    assert found.fit is Fit.FITS
    assert found.epochs == 7


@pytest.mark.parametrize("batch", [150, 1_048_576])
def test_a_batch_of_more_than_all_pictures_is_judged_as_one_of_all(workspace: Workspace, batch: int) -> None:
    # So many pictures through so wide a layer would take 30 GB and more.
    wide = {"model__kind": "mlp", "model__depth": 1, "model__width": 4096}
    found = asked(workspace, recipe(**wide, data__limit=200, training__batch_size=batch))
    assert (found.fit, found.steps_per_epoch) == (Fit.FITS, 1)
    # No other batch is offered: this one has all there are.
    assert (found.batch_size, found.largest_batch) == (140, 140)
    assert "a batch of 140 pictures" in found.sentence


@pytest.mark.parametrize(
    ("settings", "kept"),
    [
        ({"training__keep_every": 1}, 4),
        ({"training__keep_every": 1, "training__save_minutes": 1e-6}, 5),  # one lies within the last epoch
        ({"data__validation": 0.0}, 2),  # no epoch is the best
    ],
)
def test_a_run_leaves_as_many_checkpoints_as_was_told(
    workspace: Workspace, settings: dict[str, float], kept: int
) -> None:
    wanted = recipe(training__keep="last", model__kind="mlp", data__limit=200, training__epochs=4, **settings)
    told = asked(workspace, wanted, largest=False)
    assert told.checkpoint_bytes is not None
    assert told.disk_bytes == kept * told.checkpoint_bytes
    run = train(workspace, wanted).run
    assert len(checkpoint.manifests(workspace.run_folder(run.id) / "checkpoints")) == kept


def test_only_a_shortage_of_memory_is_an_outcome() -> None:
    with memory.Trying() as trying:
        raise MemoryError
    assert trying.short
    with pytest.raises(ValueError, match="else"), memory.Trying():
        raise ValueError("something else")
