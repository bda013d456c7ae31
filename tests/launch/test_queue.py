"""The keeper and the queue: order, pause, several at once, going on when one fails; telling people, staying awake."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from pathlib import Path

import pytest

from workbench.events import Ending, State
from workbench.journal import Journal, Run
from workbench.journal.queue import move, pause_queue, set_at_once
from workbench.launch import awake, notify
from workbench.launch.keeper import Keeper
from workbench.launch.machine import Gpu
from workbench.spec import Recipe
from workbench.spec.recipe import changed


@pytest.fixture
def engines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_ENGINE", "workbench.launch.fake")
    monkeypatch.setenv("WORKBENCH_FAKE_SPEED", "20")
    monkeypatch.setenv("WORKBENCH_FAKE_STORY", "completed")


@pytest.fixture(autouse=True)
def _no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.launch.keeper.gpus", lambda: ())


def short(name: str = "", **more: object) -> Recipe:
    recipe = changed(Recipe(), "training.epochs", 3)
    for path, value in more.items():
        recipe = changed(recipe, path.replace("__", "."), value)  # type: ignore[arg-type]
    return recipe


def run_all(journal: Journal) -> tuple[list[str], int]:
    """Keep until nothing is left to do; the names in the order in which they began, and how many worked at once at most."""
    keeper, most = Keeper(journal), 0
    while keeper.tick():
        at_work = [run for run in journal.unended() if run.state.alive]
        most = max(most, len(at_work))
    keeper.close()
    begun = sorted((run for run in journal.runs() if run.started), key=lambda run: run.started or 0.0)
    return [run.name for run in begun], most


@pytest.mark.usefixtures("engines")
def test_runs_begin_in_the_order_of_the_line_one_at_a_time(journal: Journal) -> None:
    for name in "abc":
        journal.create_run(short(), name)
    move(journal, journal.run("c").id, 0)
    assert run_all(journal) == (["c", "a", "b"], 1)


@pytest.mark.usefixtures("engines")
def test_a_run_that_fails_does_not_hold_up_the_next(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_FAKE_STORY", "failed")
    for name in "ab":
        journal.create_run(short(), name)
    assert run_all(journal)[0] == ["a", "b"]
    assert {run.ending for run in journal.runs()} == {Ending.FAILED}


@pytest.mark.usefixtures("engines")
def test_a_paused_queue_begins_nothing_and_lets_what_trains_go_on(journal: Journal) -> None:
    journal.create_run(short(), "a")
    keeper = Keeper(journal)
    while journal.run("a").state is State.QUEUED:
        keeper.tick()
    pause_queue(journal, paused=True)
    journal.create_run(short(), "b")
    while keeper.tick():
        pass
    keeper.close()
    assert (journal.run("a").ending, journal.run("b").state) == (Ending.COMPLETED, State.QUEUED)
    pause_queue(journal, paused=False)
    assert run_all(journal)[0] == ["a", "b"]


@pytest.mark.usefixtures("engines")
def test_several_train_at_once_on_the_cpu_where_that_is_allowed(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_FAKE_STORY", "slow")
    set_at_once(journal, 2)
    for name in "abc":
        journal.create_run(short(), name)
    names, most = run_all(journal)
    assert (sorted(names), most) == (["a", "b", "c"], 2)


@pytest.mark.usefixtures("engines")
def test_on_a_gpu_one_trains_at_a_time(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.launch.keeper.gpus", lambda: (Gpu("NVIDIA H100", 80_000, "1"),))
    set_at_once(journal, 2)
    for name in "ab":
        journal.create_run(short(), name)
    assert run_all(journal) == (["a", "b"], 1)


# --- telling people ---------------------------------------------------------------------------------------


@pytest.fixture
def ended(journal: Journal) -> Run:
    run = journal.create_run(Recipe(), "Night")
    journal.begin_attempt(run.id)
    journal.end(run.id, Ending.COMPLETED, "All 20 epochs are done.\nmore")
    return dataclasses.replace(journal.run(run.id), started=1000.0, ended=1100.0)


@pytest.mark.parametrize(
    ("ending", "lasted", "told"),
    [
        (Ending.COMPLETED, 100.0, True),
        (Ending.COMPLETED, 3.0, False),
        (Ending.EARLY_STOPPED, 100.0, True),
        (Ending.FAILED, 3.0, True),
        (Ending.INTERRUPTED, 3.0, True),
        (Ending.STOPPED, 100.0, False),
        (Ending.DISCARDED, 100.0, False),
    ],
)
def test_people_are_told_of_long_runs_and_of_failures(ended: Run, ending: Ending, lasted: float, told: bool) -> None:
    run = dataclasses.replace(ended, ending=ending, ended=1000.0 + lasted)
    assert notify.worth_telling(run) is told


def test_a_notification_says_who_how_and_what_waits(ended: Run) -> None:
    assert notify.words(ended, 0) == ("Night has finished", "All 20 epochs are done.")
    assert notify.words(ended, 2)[1] == "All 20 epochs are done. 2 more runs wait."


def tool(folder: Path, name: str) -> Path:
    """A program of that name that writes its arguments and reads its input to the end."""
    heard = folder / f"{name}.txt"
    program = folder / name
    program.write_text(
        f'#!/bin/sh\nprintf "%s\\n" "$@" > "{heard}.half"\nmv "{heard}.half" "{heard}"\ncat > /dev/null\n'
    )
    program.chmod(0o755)
    return heard


@pytest.mark.skipif(sys.platform == "win32", reason="shell scripts stand in for the tools")
def test_a_run_name_is_an_argument_and_never_an_option_or_a_command(
    ended: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = tool(tmp_path, "notify-send")
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("DISPLAY", ":0")
    shown = notify.show(*notify.words(dataclasses.replace(ended, name="--icon=x; $(touch y)"), 0))
    assert shown is not None
    shown.wait()
    assert heard.read_text().splitlines()[1:3] == ["--", "--icon=x; $(touch y) has finished"]


def test_where_there_is_no_desktop_nobody_is_told() -> None:
    assert notify.command_for("linux", "a", "b", {}) is None
    assert notify.command_for("win32", "a", "b", {"DISPLAY": ":0"}) is None


# --- awake ------------------------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="shell scripts stand in for the tools")
def test_the_machine_is_kept_awake_as_long_as_something_trains(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = tool(tmp_path, "systemd-inhibit")
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    kept = awake.Awake()
    kept.keep(needed=False)
    assert kept._child is None
    kept.keep(needed=True)
    kept.keep(needed=True)
    child = kept._child
    assert child is not None
    while not heard.exists():
        assert child.poll() is None
    assert "--what=idle:sleep" in heard.read_text()
    kept.keep(needed=False)
    assert child.poll() is not None


@pytest.mark.skipif(sys.platform == "win32", reason="shell scripts stand in for the tools")
def test_a_keeper_that_is_killed_lets_the_machine_sleep(tmp_path: Path) -> None:
    heard = tool(tmp_path, "systemd-inhibit")
    script = (
        "import sys; sys.platform = 'linux'\n"
        "from workbench.launch.awake import Awake\n"
        "kept = Awake(); kept.keep(needed=True); print(kept._child.pid, flush=True); input()\n"
    )
    variables = {**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    keeper = subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=variables, text=True
    )
    assert keeper.stdout is not None
    assert keeper.stdin is not None
    child = int(keeper.stdout.readline())
    while not heard.exists():
        assert keeper.poll() is None
    keeper.kill()
    keeper.wait()
    keeper.stdout.close()
    keeper.stdin.close()
    import psutil

    while psutil.pid_exists(child) and psutil.Process(child).status() != psutil.STATUS_ZOMBIE:
        pass


def test_without_a_tool_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    kept = awake.Awake()
    kept.keep(needed=True)
    assert kept._child is None
    kept.keep(needed=False)
