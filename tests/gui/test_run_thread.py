"""RunThread: starts a run, follows it to its end, and leaves the training alone when it is stopped."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import cast

import pytest
from pytestqt.qtbot import QtBot

from workbench.events import Ending, State
from workbench.gui.run_thread import Followed, Loaded, RunThread
from workbench.journal import Journal, Run
from workbench.launch import start
from workbench.launch.warm import WarmEngine
from workbench.paths import Workspace
from workbench.spec import Recipe
from workbench.spec.recipe import changed

pytestmark = pytest.mark.window


@pytest.fixture
def run(workspace: Workspace) -> Run:
    with Journal(workspace) as journal:
        return journal.create_run(changed(Recipe(), "training.epochs", 4))


def end_keeper() -> None:
    """The keeper goes by itself when nothing is left to do; the test does not wait for that."""
    for process in start._adopted:
        process.terminate()
        process.wait()
    start.reap()


def tell_story(workspace: Workspace, run: str, speed: str = "4") -> None:
    command = [
        sys.executable,
        "-m",
        "workbench.launch.fake",
        "--home",
        str(workspace.home),
        "--run",
        run,
        "--speed",
        speed,
    ]
    subprocess.run(command, check=True, capture_output=True)


class Listener:
    """Collects what a thread says, in order."""

    def __init__(self, thread: RunThread) -> None:
        self.loaded: list[Loaded] = []
        self.followed: list[Followed] = []
        self.order: list[str] = []
        thread.loaded.connect(self.take_loaded)
        thread.followed.connect(self.take_followed)
        thread.run_ended.connect(self.take_ended)

    def take_loaded(self, loaded: Loaded) -> None:
        self.loaded.append(loaded)
        self.order.append("loaded")

    def take_followed(self, followed: Followed) -> None:
        self.followed.append(followed)
        self.order.append("followed")

    def take_ended(self, _run: str) -> None:
        self.order.append("ended")


def test_a_live_run_is_loaded_once_then_followed_to_its_end_and_nothing_is_lost(
    qtbot: QtBot, workspace: Workspace, run: Run
) -> None:
    thread = RunThread(workspace, run.id)
    heard = Listener(thread)
    with qtbot.waitSignal(thread.loaded):
        thread.start()
    with qtbot.waitSignal(thread.finished, timeout=30_000):
        tell_story(workspace, run.id)
    assert heard.order[0] == "loaded"
    assert heard.order[-1] == "ended"
    assert heard.order.count("loaded") == 1
    curves = heard.loaded[0].curves
    for news in heard.followed:
        curves.feed(news.said, news.steps)
    with Journal(workspace) as journal:
        steps = sum(each.block.steps for each in journal.steps(run.id))
        said = len(journal.events(run.id))
    assert curves.steps == steps
    assert len(heard.loaded[0].said) + sum(len(news.said) for news in heard.followed) == said
    thread.wait()


def test_an_ended_run_is_read_whole_and_the_thread_ends(qtbot: QtBot, workspace: Workspace, run: Run) -> None:
    tell_story(workspace, run.id, "50")
    thread = RunThread(workspace, run.id)
    heard = Listener(thread)
    with qtbot.waitSignal(thread.finished, timeout=30_000):
        thread.start()
    assert heard.order == ["loaded", "ended"]
    assert heard.loaded[0].run.state is State.ENDED
    assert heard.loaded[0].curves.steps > 0
    thread.wait()


def test_stopping_the_thread_leaves_the_run_alone(qtbot: QtBot, workspace: Workspace, run: Run) -> None:
    thread = RunThread(workspace, run.id)
    with qtbot.waitSignal(thread.loaded):
        thread.start()
    thread.stop()
    assert not thread.isRunning()
    with Journal(workspace) as journal:
        assert journal.run(run.id).state is not State.ENDED
        assert not journal.asked(run.id)
    end_keeper()


def test_a_dead_engine_is_noticed_though_no_keeper_lives(qtbot: QtBot, workspace: Workspace, run: Run) -> None:
    take_it = "import sys; from pathlib import Path; from workbench.journal import Journal; from workbench.paths import Workspace; "
    take_it += "Journal(Workspace(Path(sys.argv[1]))).begin_attempt(sys.argv[2])"
    subprocess.run([sys.executable, "-W", "ignore", "-c", take_it, str(workspace.home), run.id], check=True)
    thread = RunThread(workspace, run.id)
    heard = Listener(thread)
    with qtbot.waitSignal(thread.finished, timeout=30_000):
        thread.start()
    last = heard.followed[-1].run if heard.followed else heard.loaded[0].run
    assert last.ending is Ending.INTERRUPTED
    thread.wait()
    end_keeper()


class Engine:
    """A warm engine that does not answer in time, and perhaps becomes the run all the same."""

    def __init__(self, workspace: Workspace, *, takes_it: bool) -> None:
        self.process = os.getpid()
        self.late = self.closed = False
        self._workspace, self._takes_it = workspace, takes_it

    def hand_over(self, run: str) -> bool:
        if self._takes_it:
            with Journal(self._workspace) as journal:
                assert journal.begin_attempt(run, reserved=True)
        return False

    def took_late(self) -> None:
        self.late = True

    def close(self) -> None:
        self.closed = True


@pytest.mark.parametrize("takes_it", [True, False])
def test_a_warm_engine_that_takes_a_run_late_is_not_ended_and_one_that_is_ended_cannot_take_it(
    qtbot: QtBot, workspace: Workspace, monkeypatch: pytest.MonkeyPatch, *, takes_it: bool
) -> None:
    monkeypatch.setattr(start, "ensure_keeper", lambda _workspace: None)
    with Journal(workspace) as journal:
        run = journal.create_run(Recipe(), reserve_seconds=60)
        engine = Engine(workspace, takes_it=takes_it)
        thread = RunThread(workspace, run.id, start=True, warm=cast("WarmEngine", engine))
        with qtbot.waitSignal(thread.loaded):
            thread.start()
        thread.stop()
        assert (engine.late, engine.closed) == (takes_it, not takes_it)
        assert journal.run(run.id).state is (State.PREPARING if takes_it else State.QUEUED)
        assert journal.begin_attempt(run.id, reserved=True) is None


def test_a_run_that_does_not_exist_is_said_in_a_sentence(qtbot: QtBot, workspace: Workspace) -> None:
    thread = RunThread(workspace, "nothing")
    with qtbot.waitSignal(thread.failed) as failed:
        thread.start()
    thread.wait()
    assert "no run 'nothing'" in failed.args[1]
