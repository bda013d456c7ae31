"""The keeper with real processes: the fake engine tells the stories."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from workbench.events import AttemptEnded, Command, Ending, Failed, State
from workbench.journal import Journal, Run
from workbench.journal.queue import set_at_once
from workbench.launch import keeper as keeper_module
from workbench.launch.keeper import Keeper, keep
from workbench.launch.notice import end_discarded, end_stopped, notice_deaths
from workbench.paths import Workspace
from workbench.spec import Recipe

Wait = Callable[[str, Callable[[Run], bool]], Run]
Tell = Callable[..., None]
Keeping = Callable[[], threading.Thread]


def ended(run: Run) -> bool:
    return run.state is State.ENDED


def trained(run: Run) -> bool:
    return run.epochs >= 1


def engines_of(workspace: Workspace) -> list[psutil.Process]:
    """Every living process that was started for this workspace."""
    found = []
    for process in psutil.process_iter():
        try:
            if str(workspace.home) in process.cmdline() and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:
            continue
    return found


def test_queued_runs_are_trained_in_order_one_at_a_time(
    *, workspace: Workspace, journal: Journal, recipe: Recipe, story: Tell
) -> None:
    story("completed", 20)
    runs = [journal.create_run(recipe) for _ in range(2)]
    assert keep(workspace, 0.2)
    first, second = (journal.run(run.id) for run in runs)
    assert (first.ending, second.ending) == (Ending.COMPLETED, Ending.COMPLETED)
    assert first.ended is not None
    assert second.started is not None
    assert first.ended <= second.started
    assert first.weights_sha256
    assert not engines_of(workspace)


def test_a_second_keeper_leaves_at_once(
    *, workspace: Workspace, journal: Journal, recipe: Recipe, story: Tell, keeping: Keeping, wait_for: Wait
) -> None:
    story("slow")
    run = journal.create_run(recipe)
    keeping()
    wait_for(run.id, trained)
    assert keep(workspace) is False
    journal.ask(run.id, Command.DISCARD)


def test_a_reserved_run_is_left_to_the_warm_engine(workspace: Workspace, journal: Journal, recipe: Recipe) -> None:
    run = journal.create_run(recipe, reserve_seconds=60)
    keeper = Keeper(journal)
    assert keeper.tick()
    assert not keeper._watched
    assert journal.run(run.id).state is State.QUEUED


def test_nothing_begins_beside_a_run_that_the_warm_engine_is_about_to_take(journal: Journal, recipe: Recipe) -> None:
    run = journal.create_run(recipe, reserve_seconds=60)
    journal.create_run(recipe)
    keeper = Keeper(journal)
    assert keeper.tick()
    assert not keeper._watched
    journal.ask(run.id, Command.DISCARD)
    Keeper(journal).tick()
    assert journal.run(run.id).ending is Ending.DISCARDED


def test_an_engine_that_dies_by_itself_leaves_an_interrupted_run(
    *, workspace: Workspace, journal: Journal, recipe: Recipe, story: Tell
) -> None:
    story("died")
    run = journal.create_run(recipe)
    keep(workspace, 0.2)
    run = journal.run(run.id)
    assert run.ending is Ending.INTERRUPTED
    assert "exit code 11" in run.reason
    assert "the fake engine dies here" in run.reason
    assert run.epochs == 3
    assert run.weights_sha256
    assert isinstance(journal.events(run.id)[-1].event, AttemptEnded)


def test_an_engine_killed_from_outside_is_noticed_and_the_next_run_starts(
    *, workspace: Workspace, journal: Journal, recipe: Recipe, story: Tell, keeping: Keeping, wait_for: Wait
) -> None:
    story("slow", 4)
    first, second = journal.create_run(recipe), journal.create_run(recipe)
    keeping()
    process = wait_for(first.id, trained).process
    assert process
    os.kill(process, signal.SIGKILL)
    first = wait_for(first.id, ended)
    assert first.ending is Ending.INTERRUPTED
    assert "signal 9" in first.reason
    wait_for(second.id, trained)
    journal.ask(second.id, Command.STOP_NOW)
    assert wait_for(second.id, ended).ending is Ending.STOPPED


def test_stop_lets_the_engine_finish_its_epoch(
    *, journal: Journal, recipe: Recipe, story: Tell, keeping: Keeping, wait_for: Wait
) -> None:
    story("slow", 3)
    run = journal.create_run(recipe)
    keeping()
    before = wait_for(run.id, trained)
    journal.ask(run.id, Command.STOP)
    wait_for(run.id, lambda run: run.state in {State.STOPPING, State.ENDED})
    run = wait_for(run.id, ended)
    assert run.ending is Ending.STOPPED
    assert run.epochs == before.epochs + 1


def test_a_hung_engine_is_killed_when_stopped_now_and_its_best_weights_are_described(
    *, workspace: Workspace, journal: Journal, recipe: Recipe, story: Tell, keeping: Keeping, wait_for: Wait
) -> None:
    story("hung")
    run = journal.create_run(recipe)
    keeping()
    # It hangs in the middle of its fourth epoch, and from then on takes no command.
    steps_per_epoch = 40
    wait_for(run.id, lambda run: sum(each.block.steps for each in journal.steps(run.id)) == 3.5 * steps_per_epoch)
    journal.ask(run.id, Command.STOP_NOW)
    run = wait_for(run.id, ended)
    assert run.ending is Ending.STOPPED
    assert "epoch 3 are kept" in run.reason
    assert run.weights_sha256
    assert not engines_of(workspace)


def test_a_stop_before_the_first_epoch_says_that_there_is_nothing_to_keep(
    *, workspace: Workspace, journal: Journal, recipe: Recipe, story: Tell, keeping: Keeping, wait_for: Wait
) -> None:
    story("slow", 0.2)
    run = journal.create_run(recipe)
    keeping()
    wait_for(run.id, lambda run: run.state is State.PREPARING)
    journal.ask(run.id, Command.STOP_NOW)
    run = wait_for(run.id, ended)
    assert (run.ending, run.epochs, run.weights_sha256) == (Ending.STOPPED, 0, None)
    assert run.reason == "Stopped after 0 epochs. No weights were trained yet."


@pytest.mark.parametrize("name", ["hung", "slow"])
def test_discard_kills_the_engine_and_removes_the_folder(
    *, name: str, workspace: Workspace, journal: Journal, recipe: Recipe, story: Tell, keeping: Keeping, wait_for: Wait
) -> None:
    story(name)
    run = journal.create_run(recipe)
    thread = keeping()
    wait_for(run.id, trained)
    journal.ask(run.id, Command.DISCARD)
    assert wait_for(run.id, ended).ending is Ending.DISCARDED
    thread.join(timeout=20)
    assert not workspace.run_folder(run.id).exists()
    assert journal.runs() == []
    assert not engines_of(workspace)


@pytest.mark.parametrize(
    ("command", "ending"),
    [(Command.STOP, Ending.STOPPED), (Command.STOP_NOW, Ending.STOPPED), (Command.DISCARD, Ending.DISCARDED)],
)
def test_a_command_on_a_queued_run_ends_it_at_once(
    *, command: Command, ending: Ending, workspace: Workspace, journal: Journal, recipe: Recipe
) -> None:
    run = journal.create_run(recipe, reserve_seconds=60)
    journal.ask(run.id, command)
    keep(workspace, 0.0)
    Keeper(journal).tick()
    assert journal.run(run.id).ending is ending
    assert workspace.run_folder(run.id).exists() is (ending is Ending.STOPPED)
    assert journal.asked(run.id, untaken=True) == []


def test_an_engine_that_cannot_start_fails_with_the_end_of_its_log(
    *, workspace: Workspace, journal: Journal, recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_ENGINE", "workbench.no_such_engine")
    run = journal.create_run(recipe)
    keep(workspace, 0.2)
    run = journal.run(run.id)
    assert run.ending is Ending.FAILED
    (card,) = [said.event.card for said in journal.events(run.id) if isinstance(said.event, Failed)]
    assert "exit code 1" in card.what_happened
    assert "No module named" in card.details


def test_a_queued_run_whose_recipe_cannot_be_read_fails_with_its_problems(
    *, workspace: Workspace, journal: Journal, recipe: Recipe
) -> None:
    run = journal.create_run(recipe)
    journal.write("UPDATE runs SET recipe = ? WHERE id = ?", "format = 1\n[optimizer]\nlearning_rat = 1\n", run.id)
    keep(workspace, 0.2)
    assert journal.run(run.id).ending is Ending.FAILED
    (card,) = [said.event.card for said in journal.events(run.id) if isinstance(said.event, Failed)]
    assert "learning_rat" in card.evidence[0]


def test_processes_an_engine_left_behind_are_killed(
    *, workspace: Workspace, journal: Journal, recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An engine that starts a helper and dies: the helper, in its group, must not live on."""
    module = tmp_path / "leaving_engine.py"
    module.write_text(
        "import argparse, pathlib, subprocess, sys, os\n"
        "from workbench.journal import Journal\n"
        "from workbench.paths import Workspace\n"
        "from workbench.launch.fake import take\n"
        "p = argparse.ArgumentParser(); p.add_argument('--home'); p.add_argument('--run'); a = p.parse_args()\n"
        "w = Workspace(pathlib.Path(a.home))\n"
        "taken = take(w, Journal(w), a.run)\n"
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)', str(w.home)])\n"
        "os._exit(0)\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("WORKBENCH_ENGINE", "leaving_engine")
    run = journal.create_run(recipe)
    keep(workspace, 0.2)
    assert journal.run(run.id).ending is Ending.INTERRUPTED
    assert not engines_of(workspace)


def test_a_reader_notices_a_death_when_no_keeper_lives(journal: Journal, recipe: Recipe) -> None:
    run = journal.create_run(recipe)
    attempt = journal.begin_attempt(run.id)
    assert attempt == 1
    assert notice_deaths(journal) == []  # it began this very moment
    journal.write("UPDATE events SET time = time - 5 WHERE kind = 'AttemptStarted'")
    assert notice_deaths(journal) == [run.id]
    assert notice_deaths(journal) == []
    run = journal.run(run.id)
    assert run.ending is Ending.INTERRUPTED
    assert "no epoch was over" in run.reason


def test_a_new_keeper_takes_over_an_engine_that_outlived_the_old_one(
    *, workspace: Workspace, journal: Journal, recipe: Recipe, story: Tell, wait_for: Wait
) -> None:
    story("slow", 4)
    run = journal.create_run(recipe)
    old = Keeper(journal)
    old.tick()
    wait_for(run.id, trained)
    new = Keeper(journal)
    new.tick()
    assert journal.run(run.id).state is State.RUNNING
    journal.ask(run.id, Command.DISCARD)
    new.tick()
    assert journal.run(run.id).ending is Ending.DISCARDED
    old._watched[run.id].child.wait()  # type: ignore[union-attr] - the old keeper started it
    assert not engines_of(workspace)


def test_a_new_keeper_kills_what_the_old_one_started_unless_it_is_at_work(
    *, journal: Journal, recipe: Recipe, story: Tell, wait_for: Wait, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "importing_engine.py").write_text("import time\ntime.sleep(60)\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    story("slow", 4)
    at_work, importing = journal.create_run(recipe), journal.create_run(recipe)
    monkeypatch.setattr(keeper_module, "gpus", lambda: ())
    set_at_once(journal, 2)
    old = Keeper(journal)
    old.tick()
    wait_for(at_work.id, trained)
    monkeypatch.setenv("WORKBENCH_ENGINE", "importing_engine")
    old.tick()
    children = {run: each.child for run, each in old._watched.items()}
    assert children.keys() == {at_work.id, importing.id}
    new = Keeper(journal)
    new.clear_strays()
    assert children[importing.id].wait() == -signal.SIGKILL  # type: ignore[union-attr] - the old keeper started it
    assert journal.run(importing.id).state is State.QUEUED
    assert children[at_work.id].poll() is None  # type: ignore[union-attr] - as above
    journal.ask(at_work.id, Command.DISCARD)
    new.tick()
    assert children[at_work.id].wait() == -signal.SIGKILL  # type: ignore[union-attr] - as above


def test_a_run_that_ended_a_moment_before_it_was_discarded_goes_whole(
    workspace: Workspace, journal: Journal, recipe: Recipe
) -> None:
    run = journal.create_run(recipe)
    journal.end(run.id, Ending.COMPLETED, "")
    assert end_discarded(journal, run.id)
    assert journal.runs() == []
    assert not workspace.run_folder(run.id).exists()


def test_weights_an_engine_was_writing_when_it_was_killed_are_removed(journal: Journal, recipe: Recipe) -> None:
    run = journal.create_run(recipe)
    whole = journal.workspace.run_folder(run.id) / "checkpoints" / "000001-000000040" / "weights.safetensors"
    half = whole.parent.with_name(".000002-000000080.new") / "weights.safetensors"
    whole.parent.mkdir(parents=True)
    half.parent.mkdir()
    whole.write_bytes(b"whole")
    half.write_bytes(b"ha")
    assert end_stopped(journal, run.id)
    assert whole.exists()
    assert not half.parent.exists()


def test_a_keeper_clears_what_a_discarded_run_left(workspace: Workspace, journal: Journal, recipe: Recipe) -> None:
    run = journal.create_run(recipe)
    other = workspace.runs / "holiday"
    other.mkdir()
    journal.end(run.id, Ending.DISCARDED, "")
    assert workspace.run_folder(run.id).exists()
    keep(workspace, 0.0)
    assert not workspace.run_folder(run.id).exists()
    assert other.exists()


def test_a_keeper_goes_when_its_workspace_is_removed(
    *, workspace: Workspace, journal: Journal, recipe: Recipe, keeping: Keeping
) -> None:
    journal.create_run(recipe, reserve_seconds=600)
    thread = keeping()
    for file in workspace.home.glob("workbench.db*"):
        file.unlink()
    thread.join(timeout=20)
    assert not thread.is_alive()


def test_the_deadlines_are_shorter_than_promised() -> None:
    assert keeper_module.UNTAKEN_SECONDS + keeper_module.TICK_SECONDS < 1.0
    assert keeper_module.TAKEN_SECONDS + keeper_module.TICK_SECONDS < 1.0
