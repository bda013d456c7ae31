"""The session's side of comparing: which runs are shown, what was read of them, what each is called there."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from workbench.events import COLUMNS, BestSoFar, Ending, EpochEnded, Event, State, StepBlock
from workbench.gui import story_reader
from workbench.gui.run_thread import Loaded
from workbench.gui.session import Session
from workbench.gui.story_reader import StoryReader
from workbench.gui.window import Window
from workbench.journal import Journal, labels, trash
from workbench.journal.shown import BASELINE_SLOT
from workbench.paths import Workspace
from workbench.spec import Recipe
from workbench.spec.recipe import changed

pytestmark = pytest.mark.window
OpenWindow = Callable[[], Window]
LONG = 30_000
SGD = changed(Recipe(), "optimizer.method", "sgd")


def told(best: float, epochs: int = 3, steps: int = 4) -> list[Event | StepBlock]:
    said: list[Event | StepBlock] = []
    for epoch in range(1, epochs + 1):
        loss = best + 0.1 * (epochs - epoch)
        said.append(
            StepBlock((epoch - 1) * steps + 1, np.full((steps, len(COLUMNS)), loss, np.float32), epoch - 1.0, epoch)
        )
        said.append(EpochEnded(epoch, epoch * steps, float(epoch), {"loss": loss, "val_loss": loss}, 100.0))
        said.append(BestSoFar(epoch, "val_loss", loss))
    return said


def make(journal: Journal, recipe: Recipe, best: float = 0.5, *, end: bool = True) -> str:
    run = journal.create_run(recipe).id
    attempt = journal.begin_attempt(run) or 0
    journal.say(run, attempt, told(best))
    if end:
        journal.end(run, Ending.COMPLETED, "As planned.")
    return run


@pytest.fixture
def runs(workspace: Workspace) -> list[str]:
    """Three seeds of one recipe, and two others."""
    with Journal(workspace) as journal:
        found = [
            make(journal, changed(Recipe(), "training.seed", seed), best)
            for seed, best in ((1, 0.50), (2, 0.54), (3, 0.52))
        ]
        return [*found, make(journal, SGD, 0.53), make(journal, changed(SGD, "optimizer.learning_rate", 0.3), 0.1)]


@pytest.fixture
def session(qtbot: QtBot, workspace: Workspace, runs: list[str]) -> Iterator[Session]:
    session = Session(workspace)
    session.open()
    qtbot.waitUntil(lambda: session.rows is not None, timeout=LONG)
    yield session
    session.close()


def read(session: Session) -> bool:
    return all(each.curves is not None for each in session.compared)


def test_shown_runs_are_read_and_named_by_what_differs(qtbot: QtBot, session: Session, runs: list[str]) -> None:
    assert session.compared == ()
    session.show_in_plots([runs[0], runs[3], runs[4]], shown=True)
    assert [each.run.id for each in session.compared] == [runs[4], runs[3], runs[0]], "at once, newest first"
    qtbot.waitUntil(lambda: read(session), timeout=LONG)
    assert [(each.slot, each.label) for each in session.compared] == [
        (2, "SGD, learning rate 0.3"),
        (1, "SGD"),
        (0, "Adam"),
    ]
    best = session.compared[0].curves
    assert best is not None
    assert best.steps == 12
    assert best.best is not None
    assert best.best.value == pytest.approx(0.1)


def test_each_run_that_is_read_is_told(qtbot: QtBot, session: Session, runs: list[str]) -> None:
    with qtbot.waitSignal(session.compared_changed):
        session.show_in_plots([runs[1]], shown=True)
    with qtbot.waitSignal(session.compared_changed, check_params_cb=lambda *_: read(session)):
        pass
    with qtbot.waitSignal(session.compared_changed):
        session.followers.story_grew.emit(runs[1], ("an epoch",))
    with qtbot.assertNotEmitted(session.compared_changed):
        session.followers.story_grew.emit(runs[1], ())
        session.followers.story_grew.emit(runs[2], ("an epoch of a hidden run",))
    with qtbot.waitSignal(session.shown_changed) as turned:
        session.show_in_plots([runs[1]], shown=False)
    assert turned.args[0].runs == frozenset()
    assert session.compared == ()


def test_a_run_that_is_hidden_again_is_forgotten_but_the_one_in_focus_is_not(
    qtbot: QtBot, session: Session, runs: list[str]
) -> None:
    focus = session.focus
    assert focus is not None
    session.compare([focus, runs[0]])
    qtbot.waitUntil(lambda: read(session), timeout=LONG)
    session.compare([])
    assert session.followers.story(runs[0]) is None
    assert session.story is not None, "the run in focus is drawn, whatever its eye says"


def test_another_focus_leaves_what_is_shown(qtbot: QtBot, session: Session, runs: list[str]) -> None:
    session.compare(runs[:2])
    qtbot.waitUntil(lambda: read(session), timeout=LONG)
    before = session.compared
    session.show_run(runs[3])
    assert session.compared == before
    assert all(session.followers.story(run) is not None for run in runs[:2])


def test_the_baseline_changes_labels_chips_and_what_is_grey(qtbot: QtBot, session: Session, runs: list[str]) -> None:
    session.set_baseline(runs[0])
    (only,) = session.compared
    assert (only.baseline, only.slot, only.label) == (True, BASELINE_SLOT, "Run 1")
    session.show_in_plots([runs[4]], shown=True)
    assert session.compared[0].label == "SGD, learning rate 0.3"

    def rows() -> dict[str, tuple[object, ...]]:
        return {row.run.id: (row.against, row.chips, row.greyed) for row in session.rows or ()}

    qtbot.waitUntil(lambda: rows()[runs[0]][0] == "Run 1", timeout=LONG)
    assert rows() == {
        runs[0]: ("Run 1", (), False),
        runs[1]: ("Run 1", ("seed 2",), True),
        runs[2]: ("Run 1", ("seed 3",), True),
        runs[3]: ("Run 1", ("SGD",), True),
        runs[4]: ("Run 1", ("SGD", "learning rate 0.3"), False),
    }
    session.set_baseline("")
    assert not any(each.baseline for each in session.compared)
    qtbot.waitUntil(lambda: not rows()[runs[0]][0], timeout=LONG)


def test_all_seeds_of_a_recipe_are_shown_at_once(session: Session, runs: list[str]) -> None:
    session.show_seeds(runs[1])
    assert session.shown.runs == frozenset(runs[:3])
    assert [session.shown.slots[run] for run in runs[:3]] == [0, 1, 2]


def test_what_another_window_shows_is_seen(
    qtbot: QtBot, session: Session, workspace: Workspace, runs: list[str]
) -> None:
    other = Session(workspace)
    other.open()
    qtbot.waitUntil(lambda: other.rows is not None, timeout=LONG)
    other.show_in_plots([runs[2]], shown=True)
    qtbot.waitUntil(lambda: [each.run.id for each in session.compared] == [runs[2]], timeout=LONG)
    other.set_baseline(runs[2])
    qtbot.waitUntil(lambda: session.compared[0].baseline, timeout=LONG)
    other.close()


def test_a_run_in_the_trash_falls_out_and_comes_back(qtbot: QtBot, session: Session, runs: list[str]) -> None:
    session.compare(runs[:2])
    session.change(lambda journal: trash.put(journal, runs[0]))
    qtbot.waitUntil(lambda: [each.run.id for each in session.compared] == [runs[1]], timeout=LONG)
    session.change(lambda journal: trash.restore(journal, runs[0]))
    qtbot.waitUntil(lambda: len(session.compared) == 2 and read(session), timeout=LONG)


def test_pinned_runs_come_first_and_a_new_name_is_told(qtbot: QtBot, session: Session, runs: list[str]) -> None:
    session.compare([runs[0], runs[1]])
    assert [each.label for each in session.compared] == ["Run 2", "Run 1"]
    session.change(lambda journal: labels.pin(journal, runs[0], pinned=True))
    session.rename(runs[0], "first try")
    qtbot.waitUntil(lambda: [each.label for each in session.compared] == ["first try", "Run 2"], timeout=LONG)


def test_a_shown_run_that_lives_is_followed(
    qtbot: QtBot, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_FAKE_STORY", "slow")
    monkeypatch.setenv("WORKBENCH_FAKE_SPEED", "4")
    session = open_window().session
    run = session.start(Recipe(), "")
    assert run is not None
    qtbot.waitUntil(lambda: session.run(run.id) is not None, timeout=LONG)
    session.compare([run.id])
    qtbot.waitUntil(lambda: read(session) and session.compared[0].run.epochs > 0, timeout=LONG)
    curves = session.compared[0].curves
    assert curves is not None
    epoch = curves.last_epoch
    with qtbot.waitSignal(session.compared_changed, check_params_cb=lambda *_: curves.last_epoch > epoch, timeout=LONG):
        pass
    assert session.compared[0].curves is curves, "it grows in place"
    assert session.compared[0].run.state is not State.ENDED


def test_runs_are_read_one_after_another_and_none_that_is_no_longer_wanted(
    qtbot: QtBot, workspace: Workspace, runs: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = StoryReader(workspace)
    came: list[str] = []
    at_once: list[int] = []
    real = story_reader.read_whole

    def watched(journal: Journal, run: str) -> tuple[Loaded, int, int]:
        at_once.append(len(at_once) - len(came))
        if len(at_once) == 1:
            reader.want([runs[3], "nobody"])  # the other eyes were closed meanwhile
        return real(journal, run)

    monkeypatch.setattr(story_reader, "read_whole", watched)
    reader.loaded.connect(lambda loaded: came.append(loaded.run.id))
    with qtbot.waitSignal(reader.failed, timeout=LONG) as failed:
        reader.want(runs[:3])
    reader.stop()
    qtbot.waitUntil(lambda: len(came) == 2, timeout=LONG)
    assert came == [runs[0], runs[3]]
    assert failed.args[0] == "nobody"
    assert "There is no run" in failed.args[1]
    assert not reader.isRunning()


def test_what_the_table_asks_is_done_and_the_menu_shows_it(
    qtbot: QtBot, workspace: Workspace, runs: list[str], open_window: OpenWindow
) -> None:
    window = open_window()
    qtbot.waitUntil(lambda: window.session.focus is not None)
    focus = window.session.focus
    window.commands["eye"].trigger()
    assert window.session.shown.runs == {focus}
    assert window.table.model.is_shown(focus or "")
    assert window.commands["eye"].isChecked()
    assert not window.commands["baseline"].isChecked()
    window.commands["baseline"].trigger()
    assert window.session.shown.baseline == focus
    assert window.commands["baseline"].isChecked()
    with qtbot.waitSignal(window.table.compare_asked):
        window.commands["compare"].trigger()
    window.table.only_asked.emit(runs[:2])
    assert window.session.shown.runs == set(runs[:2])
    window.commands["baseline"].trigger()
    assert window.session.shown.baseline == ""
    window.table.seeds_asked.emit(runs[0])
    assert window.session.shown.runs == set(runs[:3])
    window.table.show_asked.emit([runs[0]], False)
    assert window.session.shown.runs == set(runs[1:3])
