"""The keeper, each of whose calls of the journal fails once: it says why, tries again, and every run gets its ending.

The keeper is the real one; engines are stood in for within the test's process, so that a case takes milliseconds.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.faults import (
    SAYS,
    SQLITE_SAYS,
    Fault,
    FaultyConnection,
    every_fault,
    faulty_files,
    faulty_sqlite,
    says,
    sqlite_says,
)
from workbench.errors import EngineError, WorkspaceError
from workbench.events import Command, Ending, EpochEnded, State
from workbench.journal import Journal
from workbench.journal.alive import hold
from workbench.launch import keeper as keeper_module
from workbench.launch.keeper import Keeper, keep
from workbench.launch.start import spawn
from workbench.paths import Workspace
from workbench.spec import Recipe

Arm = Callable[[pytest.MonkeyPatch, Fault], None]
#: So many looks are enough for any story here, one of them in vain.
LOOKS = 12


class StandIn:
    """In the place of an engine's process: all that it does it has done when it was started."""

    pid = os.getpid()

    def __init__(self, workspace: Workspace, run: str, story: str) -> None:
        self.code: int | None = 0
        self._lock: Any = None
        with Journal(workspace) as journal:
            match story:
                case "completes" | "dies" | "is to stop now" | "is to be discarded":
                    self._train(journal, run, story)
                case "never begins":
                    self.code = 3
                case _:
                    raise EngineError("python could not be started: No such file or directory.")

    def _train(self, journal: Journal, run: str, story: str) -> None:
        self._lock = hold(journal.workspace.run_folder(run) / "alive")
        attempt = journal.begin_attempt(run)
        if attempt is None:
            return self.kill()
        journal.say(run, attempt, [EpochEnded(1, 10, 1.0, {"loss": 0.5}, 9.0)])
        if story == "completes":
            journal.end(run, Ending.COMPLETED, "All epochs are done.")
            return self.kill(0)
        if story == "dies":
            return self.kill(-9)
        journal.ask(run, Command.STOP_NOW if story == "is to stop now" else Command.DISCARD)
        self.code = None
        return None

    def kill(self, code: int = 0) -> None:
        self.code = code
        if self._lock:
            self._lock.close()

    def poll(self) -> int | None:
        return self.code

    def wait(self) -> int | None:
        return self.code


def ask(command: Command) -> Callable[[Journal, str], None]:
    return lambda journal, run: journal.ask(run, command) and None


def unreadable(journal: Journal, run: str) -> None:
    journal.write("UPDATE runs SET recipe = 'format = 1\n[nonsense]' WHERE id = ?", run)


def died_before(journal: Journal, run: str) -> None:
    """An engine that some other keeper had started."""
    assert journal.begin_attempt(run)


def died_to_be_discarded(journal: Journal, run: str) -> None:
    died_before(journal, run)
    journal.ask(run, Command.DISCARD)


@dataclass(frozen=True)
class Story:
    """What an engine does, what was done before, and how the run ends."""

    engine: str
    ending: Ending
    starts: int = 1
    first: Callable[[Journal, str], None] = lambda *_: None
    reason: str = ""


STORIES = {
    "completes": Story("completes", Ending.COMPLETED),
    "dies": Story("dies", Ending.INTERRUPTED, reason="killed by signal 9, SIGKILL"),
    "never begins": Story("never begins", Ending.FAILED, reason="could not start"),
    "cannot be started": Story("cannot", Ending.FAILED, reason="could not start"),
    "has a recipe nobody can read": Story("", Ending.FAILED, 0, unreadable, "recipe cannot be read"),
    "is to stop before it begins": Story("", Ending.STOPPED, 0, ask(Command.STOP), "Stopped before it began"),
    "is to be discarded before it begins": Story("", Ending.DISCARDED, 0, ask(Command.DISCARD)),
    "is to stop now and hangs": Story("is to stop now", Ending.STOPPED, reason="Stopped after 1 epoch"),
    "is to be discarded and hangs": Story("is to be discarded", Ending.DISCARDED),
    "died under another keeper": Story("", Ending.INTERRUPTED, 0, died_before, "no epoch was over yet"),
    "died and is to be discarded": Story("", Ending.DISCARDED, 0, died_to_be_discarded),
}


@dataclass
class World:
    """What the keeper did to the world around it."""

    started: list[StandIn] = field(default_factory=list)
    starts: int = 0
    told: int = 0
    fault: Fault = field(default_factory=lambda: Fault(0, RuntimeError))


@pytest.fixture
def stood_in(monkeypatch: pytest.MonkeyPatch) -> Callable[[Story], World]:
    """Puts the stand-in into the place of engines, and a counter into that of notices; nobody is killed."""

    def put(story: Story) -> World:
        world = World()

        def start(workspace: Workspace, run: str, _backend: str) -> StandIn:
            world.starts += 1
            world.fault.asleep = True  # what the engine does is another story
            try:
                world.started.append(StandIn(workspace, run, story.engine))
            finally:
                world.fault.asleep = False
            return world.started[-1]

        def kill(_: object) -> bool:
            for each in world.started:
                each.kill(-9)
            return True

        def tell(*_: object) -> None:
            world.told += 1

        monkeypatch.setattr(keeper_module, "start_engine", start)
        monkeypatch.setattr(keeper_module, "kill_engine", kill)
        monkeypatch.setattr(keeper_module, "kill_all", lambda _: True)
        monkeypatch.setattr(keeper_module, "left_behind", lambda *_: [])
        monkeypatch.setattr(keeper_module, "engine_of", lambda *_: None)
        monkeypatch.setattr(keeper_module, "show", tell)
        monkeypatch.setattr(keeper_module, "gpus", list)
        monkeypatch.setattr(keeper_module, "Awake", lambda: None)
        monkeypatch.setattr(keeper_module, "UNTAKEN_SECONDS", -1.0)
        monkeypatch.setattr(keeper_module, "RETRY_SECONDS", 0.0)
        monkeypatch.setattr(keeper_module, "TICK_SECONDS", 0.0)
        return world

    return put


def look_on(keeper: Keeper) -> list[str]:
    """Let it look until there is nothing left to keep; what it said when it could not."""
    said = []
    for _ in range(LOOKS):
        try:
            if not keeper.tick():
                return said
        except WorkspaceError as error:
            said.append(str(error))
    raise AssertionError("it has never done with that run")


def check(story: Story, workspace: Workspace, run: str, world: World) -> None:
    with Journal(workspace) as journal:
        found = journal.run(run)
        assert journal.damage() == ""
        assert (found.state, found.ending) == (State.ENDED, story.ending), found.reason
        assert story.reason in found.reason
        if story.ending is Ending.DISCARDED:
            Keeper(journal).clear_discarded()
            assert not workspace.run_folder(run).exists()
    assert world.starts == story.starts or not world.started, "no engine is started twice, and none forgotten"
    assert all(each.poll() is not None for each in world.started)


@pytest.mark.parametrize(("arm", "error", "words"), every_fault())
@pytest.mark.parametrize("name", STORIES)
def test_a_call_that_fails_is_told_and_the_run_gets_the_ending_it_would_have_had(
    name: str,
    arm: Arm,
    error: Callable[[], Exception],
    words: str,
    *,
    tmp_path: Path,
    stood_in: Callable[[Story], World],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    story = STORIES[name]

    def play(fault: Fault, home: Path) -> tuple[list[str], int]:
        world = stood_in(story)
        world.fault = fault
        with Journal(Workspace(home)) as journal:
            run = journal.create_run(Recipe()).id
            story.first(journal, run)
            with monkeypatch.context() as armed:
                if arm is faulty_files:
                    arm(armed, fault)
                else:
                    armed.setattr(journal, "_db", FaultyConnection(journal._db, fault))
                said = look_on(Keeper(journal))
        check(story, Workspace(home), run, world)
        return said, world.told

    counting = Fault(0, RuntimeError)
    said, told = play(counting, tmp_path / "untouched")
    assert said == []
    for at in range(1, counting.calls + 1):
        home = tmp_path / str(at)
        said, told_now = play(Fault(at, error), home)
        assert len(said) <= 1
        assert all(words in each for each in said)
        assert told_now == told, "a notice comes once"
        shutil.rmtree(home)


@pytest.mark.parametrize("text", SQLITE_SAYS)
def test_only_a_keeper_that_cannot_open_the_journal_gives_up_and_none_leaves_a_queued_run_behind(
    text: str, *, tmp_path: Path, stood_in: Callable[[Story], World], monkeypatch: pytest.MonkeyPatch
) -> None:
    story = Story("completes", Ending.COMPLETED, starts=2)
    close = Keeper.close

    def play(fault: Fault, home: Path) -> int:
        """How many keepers it took."""
        world, workspace = stood_in(story), Workspace(home)
        world.fault = fault
        with Journal(workspace) as journal:
            runs = [journal.create_run(Recipe()).id]

        def one_more(keeper: Keeper) -> None:
            # Queued after the keeper has looked for the last time, and before it lets its lock go.
            if len(runs) == 1:
                fault.asleep = True
                with Journal(workspace) as journal:
                    runs.append(journal.create_run(Recipe()).id)
                fault.asleep = False
            close(keeper)

        keepers = 0
        with monkeypatch.context() as armed:
            armed.setattr(Keeper, "close", one_more)
            faulty_sqlite(armed, fault)
            while keepers < 2:
                keepers += 1
                with contextlib.suppress(WorkspaceError):
                    assert keep(workspace, 0.0)
                    break
        for run in runs:
            check(story, workspace, run, world)
        return keepers

    opening, counting = Fault(0, RuntimeError), Fault(0, RuntimeError)
    assert play(counting, tmp_path / "untouched") == 1
    with monkeypatch.context() as armed:
        faulty_sqlite(armed, opening)
        Journal(Workspace(tmp_path / "untouched")).close()
    for at in range(1, counting.calls + 1):
        keepers = play(Fault(at, sqlite_says(text)), tmp_path / str(at))
        assert keepers == 1 or at <= opening.calls, f"call {at} of {counting.calls}"


@pytest.mark.parametrize("number", SAYS)
def test_a_process_whose_log_cannot_be_written_is_not_started_and_the_sentence_says_why(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for at, place in enumerate(("new folder", "."), 1):
        with monkeypatch.context() as armed:
            faulty_files(armed, Fault(at, says(number)))
            with pytest.raises(EngineError, match=os.strerror(number)):
                spawn([sys.executable, "-c", ""], tmp_path / place / "log.txt", {})
