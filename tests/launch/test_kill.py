"""Nobody is killed who is not provably an engine: numbers of processes are used again."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psutil
import pytest

from workbench.events import Command, Ending, State
from workbench.journal import Journal, Run
from workbench.journal.alive import hold
from workbench.launch import start
from workbench.launch.keeper import Keeper
from workbench.launch.kill import engine_of, kill_engine, left_behind
from workbench.launch.warm import WarmEngine
from workbench.paths import Workspace
from workbench.spec import Recipe

Wait = Callable[[str, Callable[[Run], bool]], Run]


@contextmanager
def stranger(*words: str, program: str = "print(1, flush=True); input()") -> Iterator[subprocess.Popen[bytes]]:
    """A process in a group of its own that has nothing to do with a run."""
    with subprocess.Popen(
        [sys.executable, "-c", program, *words],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True,
    ) as process:  # fmt: skip
        assert process.stdout
        process.stdout.readline()
        yield process
        process.communicate(b"\n")


def said_to_be_at_work(journal: Journal, run: str, process: int) -> None:
    """What the journal says of a run whose engine died and whose number somebody else has by now."""
    assert journal.begin_attempt(run)
    journal.write("UPDATE runs SET process = ? WHERE id = ?", process, run)


@pytest.mark.parametrize("command", [None, Command.STOP_NOW, Command.DISCARD])
def test_a_stranger_who_got_a_dead_engines_number_is_left_alone(
    journal: Journal, recipe: Recipe, command: Command | None
) -> None:
    run = journal.create_run(recipe)
    with stranger() as other:
        said_to_be_at_work(journal, run.id, other.pid)
        if command:
            journal.ask(run.id, command)
        keeper = Keeper(journal)
        keeper.tick()
        keeper.tick()
        assert journal.run(run.id).state is State.ENDED
        assert other.poll() is None


def test_a_process_of_a_strangers_program_is_left_alone_even_if_it_holds_the_lock(
    journal: Journal, recipe: Recipe, capsys: pytest.CaptureFixture[str]
) -> None:
    run = journal.create_run(recipe)
    program = (
        "import sys; from pathlib import Path; from workbench.journal.alive import hold\n"
        "lock = hold(Path(sys.argv[1])); print('held', flush=True); input()"
    )
    with stranger(str(journal.workspace.run_folder(run.id) / "alive"), program=program) as other:
        said_to_be_at_work(journal, run.id, other.pid)
        journal.ask(run.id, Command.DISCARD)
        keeper = Keeper(journal)
        keeper.tick()
        keeper.tick()
        assert other.poll() is None
        assert journal.run(run.id).state is not State.ENDED
        assert journal.workspace.run_folder(run.id).exists()
        assert capsys.readouterr().out.count("is left alone") == 1
    keeper.tick()
    assert journal.run(run.id).ending is Ending.DISCARDED


def test_nobody_kills_himself(journal: Journal, recipe: Recipe) -> None:
    run = journal.create_run(recipe)
    lock = hold(journal.workspace.run_folder(run.id) / "alive")
    assert lock
    with lock:
        assert engine_of(journal.workspace, run.id) is None
        assert not kill_engine(psutil.Process())


def test_the_engine_of_a_run_is_known_although_somebody_else_started_it(
    *, workspace: Workspace, journal: Journal, recipe: Recipe, story: Callable[..., None], wait_for: Wait
) -> None:
    story("hung")
    run = journal.create_run(recipe)
    child = start.start_engine(workspace, run.id, "tensorflow")
    wait_for(run.id, lambda run: run.epochs >= 1)
    engine = engine_of(workspace, run.id)
    assert engine
    assert engine.pid == child.pid
    assert kill_engine(engine)
    child.wait()
    assert engine_of(workspace, run.id) is None


def test_a_hung_run_in_a_warm_engine_is_killed_by_a_keeper_that_did_not_see_it_begin(
    *, journal: Journal, recipe: Recipe, story: Callable[..., None], until: Callable[..., None], wait_for: Wait
) -> None:
    story("hung")
    engine = WarmEngine.start(journal.workspace)
    until(lambda: engine.ready)
    run = journal.create_run(recipe, reserve_seconds=60)
    assert engine.hand_over(run.id)
    wait_for(run.id, lambda run: run.epochs >= 3)
    journal.ask(run.id, Command.DISCARD)
    Keeper(journal).tick()
    assert journal.run(run.id).ending is Ending.DISCARDED
    assert not journal.workspace.run_folder(run.id).exists()
    until(lambda: not engine.alive)
    engine.close()
    start.reap()


def test_only_those_of_a_dead_engines_group_who_bear_its_runs_name_are_its_own() -> None:
    with stranger() as other:
        assert left_behind(other.pid, "a-run") == []


class SlowToLookAt:
    """A child that another thread looks at for so long that a second one is adopted meanwhile."""

    def __init__(self) -> None:
        self.looked_at, self.adopted = threading.Event(), threading.Event()

    def poll(self) -> int | None:
        if not self.looked_at.is_set():
            self.looked_at.set()
            self.adopted.wait(0.2)
        return 0


def test_a_child_adopted_while_another_thread_buries_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    slow = SlowToLookAt()
    monkeypatch.setattr(start, "_adopted", [slow])
    with stranger() as child:
        burying = threading.Thread(target=start.reap, name="buries")
        burying.start()
        slow.looked_at.wait()
        start.adopt(child)
        slow.adopted.set()
        burying.join()
        assert start._adopted == [child]
