"""The engine as a process: cold, warm, and on every backend that is installed."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from tests.engine.training import recipe
from workbench.engine import checkpoint
from workbench.events import DataReady, Ending, Failed, ModelReady, Phase, State
from workbench.journal import Journal, Run
from workbench.launch.warm import WarmEngine
from workbench.paths import Workspace
from workbench.spec import presets
from workbench.spec.recipe import Recipe, changed

pytestmark = pytest.mark.keras


def run_cold(workspace: Workspace, run: Run, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **variables}
    environment.pop("KERAS_BACKEND", None)
    command = [sys.executable, "-m", "workbench.engine", "--home", str(workspace.home), "--run", run.id]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def wait(condition: Callable[[], object]) -> None:
    """Wait for a condition that another process brings about."""
    pause, deadline = threading.Event(), time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline, "it never came"
        pause.wait(0.02)


def default_preset(**settings: object) -> Recipe:
    made = presets.load(presets.shipped_presets() / f"{presets.DEFAULT}.toml").recipe
    for name, value in settings.items():
        made = changed(made, name.replace("__", "."), value)  # type: ignore[arg-type] # a test's own values
    return made


@pytest.mark.parametrize("backend", ["tensorflow", "jax", "torch"])
def test_the_default_preset_learns_the_digits_on_each_backend(
    workspace: Workspace, journal: Journal, backend: str
) -> None:
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed here, so its loop was not trained in this test run")
    run = journal.create_run(default_preset(training__backend=backend))
    done = run_cold(workspace, run)
    assert done.returncode == 0, done.stderr
    ended = journal.run(run.id)
    assert ended.ending in {Ending.COMPLETED, Ending.EARLY_STOPPED}
    assert ended.best["val_accuracy"] >= 0.97
    (ready,) = [said.event for said in journal.events(run.id) if isinstance(said.event, ModelReady)]
    assert ready.backend == backend
    assert ready.device == ended.device == "CPU"


@pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="jax is not installed here")
def test_tensorflow_is_absent_when_the_backend_is_another(workspace: Workspace, journal: Journal) -> None:
    run = journal.create_run(recipe(training__backend="jax", training__epochs=1))
    spy = (
        "import sys\n"
        "from workbench.engine.process import main\n"
        "assert main() == 0\n"
        "print(sorted(name for name in sys.modules if name in {'tensorflow', 'torch', 'jax'}))\n"
    )
    command = [sys.executable, "-c", spy, "--home", str(workspace.home), "--run", run.id]
    environment = {name: value for name, value in os.environ.items() if name != "KERAS_BACKEND"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "['jax']"


def test_a_warm_engine_that_answered_questions_trains_the_same_weights_as_a_cold_one(
    workspace: Workspace, journal: Journal
) -> None:
    wanted = recipe(training__epochs=2, tricks__dropout=True, tricks__augmentation=True, model__normalization="batch")
    cold = journal.create_run(wanted)
    assert run_cold(workspace, cold).returncode == 0

    warm = WarmEngine.start(workspace)
    try:
        wait(lambda: warm.ready)
        toml = presets.dump(wanted)
        answers = []
        for question in (toml, presets.dump(recipe(model__kind="resnet")), toml):
            warm.ask("describe", question)
            wait(lambda: answers.extend(now := warm.replies()) or now)
        assert [reply["answer"]["parameters"] > 1000 for reply in answers] == [True, True, True]
        run = journal.create_run(wanted, reserve_seconds=5)
        assert warm.hand_over(run.id)
        # What it has to say ends here, so that a window that closes has nothing to wait for.
        wait(lambda: not warm._reader.is_alive())
        assert warm.alive
        wait(lambda: journal.run(run.id).state is State.ENDED)
        wait(lambda: not warm.alive)
    finally:
        warm.close()
    assert journal.run(run.id).weights_sha256 == journal.run(cold.id).weights_sha256 is not None


def test_an_idle_warm_engine_ends_when_its_window_goes(workspace: Workspace) -> None:
    warm = WarmEngine.start(workspace)
    wait(lambda: warm.ready)
    second = WarmEngine.start(workspace)
    wait(lambda: not second.alive)
    assert second.refused == "another window has it"
    warm.close()
    second.close()
    assert not warm.alive


def test_a_backend_that_is_missing_is_a_card_with_the_line_that_installs_it(
    workspace: Workspace, journal: Journal
) -> None:
    if importlib.util.find_spec("torch") is not None:
        pytest.skip("torch is installed here, so nothing is missing")
    run = journal.create_run(recipe(training__backend="torch"))
    assert run_cold(workspace, run).returncode == 3
    (failed,) = [said.event for said in journal.events(run.id) if isinstance(said.event, Failed)]
    assert failed.card.title == "The engine could not start"
    assert "keras-workbench[torch]" in failed.card.what_happened


def test_a_gpu_that_is_asked_for_and_not_there_is_a_card(workspace: Workspace, journal: Journal) -> None:
    run = journal.create_run(recipe(training__device="gpu"))
    assert run_cold(workspace, run, CUDA_VISIBLE_DEVICES="-1").returncode == 3
    (failed,) = [said.event for said in journal.events(run.id) if isinstance(said.event, Failed)]
    assert "asks for a GPU" in failed.card.what_happened


def test_a_run_is_trained_once_even_if_two_engines_are_started(workspace: Workspace, journal: Journal) -> None:
    run = journal.create_run(recipe(training__epochs=1))
    environment = {name: value for name, value in os.environ.items() if name != "KERAS_BACKEND"}
    command = [sys.executable, "-m", "workbench.engine", "--home", str(workspace.home), "--run", run.id]
    both = [subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) for _ in range(2)]
    assert [process.wait() for process in both] == [0, 0]
    assert sum(isinstance(said.event, DataReady) for said in journal.events(run.id)) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="Windows ends processes without asking")
def test_an_engine_that_the_system_asks_to_end_keeps_every_step_it_has_done(
    workspace: Workspace, journal: Journal
) -> None:
    endless = recipe(model__kind="mlp", model__width=8, training__epochs=1, training__batch_size=1)
    run = journal.create_run(endless)
    command = [sys.executable, "-m", "workbench.engine", "--home", str(workspace.home), "--run", run.id]
    engine = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    wait(lambda: (live := journal.live(run.id)) is not None and live.phase is Phase.TRAINING)
    engine.send_signal(signal.SIGTERM)
    assert engine.wait(60) == 0
    ended = journal.run(run.id)
    block = journal.steps(run.id)[-1].block
    kept = next(checkpoint.good(workspace.run_folder(run.id) / "checkpoints"))
    assert ended.ending is Ending.INTERRUPTED
    assert f"exactly after step {kept.manifest.step:,}" in ended.reason
    assert kept.manifest.step == block.first_step + len(block.numbers) - 1


def test_the_engine_runs_at_low_priority(workspace: Workspace) -> None:
    warm = WarmEngine.start(workspace)
    try:
        wait(lambda: warm.ready)
        assert psutil.Process(warm.process).nice() >= 10
        group = Path(f"/proc/{warm.process}/autogroup")
        assert not group.exists() or group.read_text().split()[-1] == "7"
    finally:
        warm.close()


GROUP = Path("/proc/self/autogroup")


@pytest.mark.skipif(not GROUP.exists(), reason="only Linux shares the processor between sessions")
@pytest.mark.parametrize(
    ("how", "leads", "wanted"), [("", True, "10"), ("priority.TRAINING", True, "7"), ("priority.TRAINING", False, "0")]
)
def test_low_priority_counts_against_other_sessions_and_lowers_nobody_elses(how: str, leads: bool, wanted: str) -> None:
    lower = f"from workbench import priority; priority.lower({how}); print(open({str(GROUP)!r}).read())"
    lead = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {lower!r}], check=True)"
    done = subprocess.run(
        [sys.executable, "-c", lower if leads else lead],
        capture_output=True,
        text=True,
        check=True,
        start_new_session=True,
    )
    assert done.stdout.split()[-1] == wanted
