"""X-rays of a run in the Model tab: the newest epoch until somebody looks back, over the run's own network, and how to have some."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests.gui.conftest import OpenWindow
from workbench.events import DataReady, Ending, EpochEnded, State, Warned
from workbench.gui.model.rows import Column
from workbench.gui.model.xray_source import XRaySource
from workbench.gui.theme import Theme
from workbench.gui.window import Window
from workbench.journal import Journal, watched
from workbench.journal.rows import Watched, WatchedKind
from workbench.launch import fake, fake_watched
from workbench.launch.fake_story import Numbers, Story
from workbench.paths import Workspace
from workbench.probing.xray import Scheme, Verdict, XRay
from workbench.spec import Recipe
from workbench.spec.recipe import changed

pytestmark = pytest.mark.window

LONG = 20_000
EPOCHS = 12


def recipe_of(*, xray: bool = True, stages: int = 2) -> Recipe:
    recipe = changed(changed(Recipe(), "training.epochs", EPOCHS), "training.xray", xray)
    return changed(recipe, "model.stages", stages)


#: An X-ray of a network without layers.
OTHER = json.dumps(XRay(2, (Scheme("epoch", "Epoch 1", (), Verdict.HEALTHY, "", ""),)).tree()).encode()


class Teller:
    """A run at work whose epochs end when the test says so."""

    def __init__(self, workspace: Workspace, recipe: Recipe, name: str) -> None:
        self.journal, self.recipe, self.numbers = Journal(workspace), recipe, Numbers(recipe, Story.COMPLETED)
        self.run = self.journal.create_run(recipe, name).id
        taken = fake.take(workspace, self.journal, self.run)
        assert taken is not None
        self.alive, self.attempt = taken

    def read_pictures(self) -> DataReady:
        ready = self.numbers.data_ready()
        self.journal.say(self.run, self.attempt, [ready])
        self.journal.set_state(self.run, State.RUNNING, among=(State.PREPARING,))
        return ready

    def epochs(self, *numbers: int) -> None:
        for epoch in numbers:
            kept = fake_watched.signal(self.recipe, self.numbers.data_ready(), epoch)
            ended = EpochEnded(epoch, epoch, float(epoch), {"loss": 1.0, "val_loss": 1.0}, 1.0)
            self.journal.say(self.run, self.attempt, [*kept, ended])

    def end(self) -> None:
        self.journal.end(self.run, Ending.COMPLETED, "All.")
        self.alive.close()


BeginRun = Callable[..., Teller]


@pytest.fixture
def begin(open_window: OpenWindow, workspace: Workspace) -> Iterator[BeginRun]:
    """Begins runs; at the end none is at work."""
    begun: list[Teller] = []

    def begin(recipe: Recipe, *epochs: int, name: str = "Run 1", ready: bool = True) -> Teller:
        begun.append(Teller(workspace, recipe, name))
        if ready:
            begun[-1].read_pictures()
        begun[-1].epochs(*epochs)
        return begun[-1]

    yield begin
    for teller in begun:
        teller.end()
        teller.journal.close()


@pytest.fixture
def window(open_window: OpenWindow) -> Window:
    made = open_window()
    made.finish()
    made.probes.xray.ask = lambda *_, **__: None  # type: ignore[method-assign] # only what runs have kept is looked at here
    made.commands["show_model"].trigger()
    return made


def look_at(qtbot: QtBot, window: Window, teller: Teller) -> None:
    """Table and X-ray, of the run."""
    qtbot.waitUntil(lambda: window.session.focus == teller.run, timeout=LONG)
    window.model.choice.button("xray").click()
    qtbot.waitUntil(window.model.source.choice.button("run").isEnabled, timeout=LONG)
    window.model.source.choice.button("run").click()


def shown(window: Window) -> str:
    xray = window.model.view.rows.xray if window.model.told is not None else None
    return "" if xray is None else xray.chosen.scheme.title


def wait_for(qtbot: QtBot, window: Window, title: str) -> None:
    qtbot.waitUntil(lambda: shown(window) == title, timeout=LONG)


def test_the_newest_epoch_is_shown_beside_the_first_with_what_has_changed(
    qtbot: QtBot, window: Window, begin: BeginRun
) -> None:
    teller = begin(recipe_of(), 1, 2, 3)
    look_at(qtbot, window, teller)
    wait_for(qtbot, window, "Epoch 3")
    page = window.model
    assert page.source.scrubber.words.text() == "Epoch 3 of 12"
    assert [card.title.whole for card in page.cards.cards] == ["Epoch 3", "Epoch 1"]
    assert not any(card.use.isVisibleTo(card) or card.in_use.isVisibleTo(card) for card in page.cards.cards)
    assert page.cards.sentence.whole.startswith("Run 1, epoch 3: signal and gradient stay within ")
    assert page.cards.change.whole == "Since epoch 1, dead units in Stage 2 activation 1: 8\xa0% → 17\xa0%."
    assert page.cards.method.whole.startswith("One forward and one backward pass at the end of epoch 3, on 32")
    assert page.accessibleDescription().endswith(page.cards.change.whole)
    node = next(node for node in page.view.rows.tree if node.path == "stage2_activation1")
    assert page.view.rows.text(node, Column.DEAD) == "17\xa0%"
    assert not page.source.each.isVisible()


def test_new_epochs_come_by_themselves_until_somebody_looks_back(qtbot: QtBot, window: Window, begin: BeginRun) -> None:
    teller = begin(recipe_of(), 1, 2, 3)
    look_at(qtbot, window, teller)
    wait_for(qtbot, window, "Epoch 3")
    teller.epochs(4)
    wait_for(qtbot, window, "Epoch 4")
    source = window.model.source
    assert not source.newest.isVisible()
    qtbot.mouseClick(source.scrubber.back, Qt.MouseButton.LeftButton)
    wait_for(qtbot, window, "Epoch 3")
    teller.epochs(5)
    qtbot.waitUntil(lambda: source.scrubber.slider.maximum() == 4, timeout=LONG)
    assert shown(window) == "Epoch 3"
    assert source.newest.isVisible()
    source.scrubber.slider.setFocus()
    qtbot.keyClick(source.scrubber.slider, Qt.Key.Key_End)
    wait_for(qtbot, window, "Epoch 5")
    teller.epochs(6)
    wait_for(qtbot, window, "Epoch 6")
    qtbot.keyClick(source.scrubber.slider, Qt.Key.Key_Home)
    wait_for(qtbot, window, "Epoch 1")
    assert not source.scrubber.back.isEnabled()
    assert [card.title.whole for card in window.model.cards.cards] == ["Epoch 1"]
    assert not window.model.cards.change.isVisible()


def test_the_rows_are_those_of_the_runs_network_and_the_title_says_where_it_is_another(
    qtbot: QtBot, window: Window, begin: BeginRun
) -> None:
    teller = begin(recipe_of(stages=3), 1)
    look_at(qtbot, window, teller)
    wait_for(qtbot, window, "Epoch 1")
    page = window.model
    assert page.title.whole == "CNN, 3 stages · Run 1 · not the recipe's network"
    assert any(node.path == "stage3" for node in page.view.rows.tree)
    window.recipe.set_value("model.stages", 3)
    window.recipe.set_value("tricks.dropout.on", value=False)
    window.recipe.set_value("model.width", recipe_of().model.width)
    assert page.title.whole == "CNN, 3 stages · Run 1"
    window.recipe.set_value("model.stages", 1)
    assert shown(window) == "Epoch 1"
    assert any(node.path == "stage3" for node in page.view.rows.tree)
    page.source.choice.button("recipe").click()
    assert page.title.whole == "CNN, 1 stage"
    assert shown(window) == ""
    assert not any(node.path.startswith("stage3") for node in page.view.rows.tree)
    page.source.choice.button("run").click()
    wait_for(qtbot, window, "Epoch 1")
    page.choice.button("table").click()
    assert page.title.whole == "CNN, 1 stage"
    assert not page.source.isVisible()


def test_a_run_without_xrays_says_so_and_the_next_one_can_have_them(
    qtbot: QtBot, window: Window, begin: BeginRun
) -> None:
    teller = begin(recipe_of(xray=False), 1)
    look_at(qtbot, window, teller)
    source = window.model.source
    qtbot.waitUntil(lambda: source.sentence.whole.startswith("Run 1 keeps no X-ray"), timeout=LONG)
    assert window.model.title.whole.startswith("CNN, 2 stages · Run 1")
    assert source.each.isVisible()
    assert not source.each.isChecked()
    qtbot.mouseClick(source.each, Qt.MouseButton.LeftButton)
    assert window.recipe.recipe is not None
    assert window.recipe.recipe.training.xray
    assert "Undo" in window.status.text
    window.recipe.undo()
    assert not source.each.isChecked()
    window.recipe.set_value("optimizer.learning_rate", -1.0)
    assert not source.each.isEnabled()


def test_before_its_first_epoch_has_ended_a_run_says_when_there_will_be_one(
    qtbot: QtBot, window: Window, begin: BeginRun
) -> None:
    teller = begin(recipe_of(), ready=False)
    look_at(qtbot, window, teller)
    source = window.model.source
    qtbot.waitUntil(lambda: "as soon as its pictures are read" in window.model.sentence.text(), timeout=LONG)
    teller.journal.say(teller.run, teller.attempt, [teller.numbers.data_ready()])  # and is not running yet
    qtbot.waitUntil(
        lambda: source.sentence.whole == "Run 1 takes its first X-ray when its first epoch ends.", timeout=LONG
    )
    teller.epochs(1)
    wait_for(qtbot, window, "Epoch 1")
    assert not source.sentence.isVisible()
    assert window.model.title.whole.startswith("CNN, 2 stages · Run 1")


def test_what_the_engine_says_of_xrays_that_it_cannot_take_is_said_here(
    qtbot: QtBot, window: Window, begin: BeginRun
) -> None:
    teller = begin(recipe_of(xray=True))
    look_at(qtbot, window, teller)
    sentence = "There is no X-ray. The first 32 training pictures are one even colour."
    teller.journal.say(teller.run, teller.attempt, [Warned(sentence)])
    qtbot.waitUntil(lambda: window.model.source.sentence.whole == sentence, timeout=LONG)


def test_nothing_is_read_while_nobody_looks(qtbot: QtBot, window: Window, begin: BeginRun) -> None:
    teller = begin(recipe_of(), 1)
    look_at(qtbot, window, teller)
    wait_for(qtbot, window, "Epoch 1")
    wishes: list[object] = []
    look = window.run_xrays._reader.look
    window.run_xrays._reader.look = lambda wish: (wishes.append(wish), look(wish))[1]  # type: ignore[method-assign]
    for leave, come_back, epoch in (
        (lambda: window.tabs.show_tab("curves"), lambda: window.tabs.show_tab("model"), 2),
        (window.model.choice.button("table").click, window.model.choice.button("xray").click, 3),
        (window.model.source.choice.button("recipe").click, window.model.source.choice.button("run").click, 4),
    ):
        leave()
        wishes.clear()
        with qtbot.waitSignal(window.session.rows_changed, timeout=LONG):
            teller.epochs(epoch)
        assert not wishes
        come_back()
        wait_for(qtbot, window, f"Epoch {epoch}")
        assert len(wishes) == 1


def test_another_run_in_focus_is_shown_in_its_place_and_a_run_just_begun_does_not_end_the_looking(
    qtbot: QtBot, window: Window, begin: BeginRun
) -> None:
    other = begin(recipe_of(stages=3), 1, 2, name="Other")
    look_at(qtbot, window, other)
    wait_for(qtbot, window, "Epoch 2")
    other.end()
    first = begin(recipe_of(), 1, name="One")
    window.session.show_run(first.run)  # the watch may not have seen it yet
    assert window.model.shows_run
    wait_for(qtbot, window, "Epoch 1")
    assert window.model.title.whole.startswith("CNN, 2 stages · One")
    assert window.model.source.choice.button("run").text() == "One"


def test_a_form_with_a_problem_does_not_hide_the_run(qtbot: QtBot, window: Window, begin: BeginRun) -> None:
    teller = begin(recipe_of(), 1)
    qtbot.waitUntil(lambda: window.session.focus == teller.run, timeout=LONG)
    window.recipe.set_value("optimizer.learning_rate", -1.0)
    qtbot.waitUntil(lambda: window.model.told is None, timeout=LONG)
    look_at(qtbot, window, teller)
    wait_for(qtbot, window, "Epoch 1")
    window.model.source.choice.button("recipe").click()
    assert window.model.told is None
    assert window.model.sentence.isVisible()


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"{", "cannot be read any more"),
        (b'{"pictures": 2, "schemes": [{}]}', "This X-ray cannot be read any more"),
        (b'{"pictures": 2, "schemes": []}', "This X-ray is empty"),
        (
            OTHER,
            "The X-rays of Run 1 are of other layers",
        ),
    ],
)
def test_what_cannot_be_read_or_does_not_fit_is_said_and_not_drawn(
    qtbot: QtBot, window: Window, begin: BeginRun, body: bytes, said: str
) -> None:
    teller = begin(recipe_of(xray=False))
    teller.journal.say(teller.run, teller.attempt, [Watched(1, WatchedKind.SIGNAL, body)])
    teller.epochs(1)
    look_at(qtbot, window, teller)
    qtbot.waitUntil(lambda: said in window.model.sentence.text(), timeout=LONG)
    assert window.model.told is None
    assert shown(window) == ""


def test_the_strip_takes_two_rows_where_it_is_too_narrow_for_one(qtbot: QtBot, theme: Theme) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    page.resize(1200, 200)
    source = XRaySource(theme, page)
    source.offer_run("A name that is rather long for a strip")
    source.choose("run")
    source.show_epochs((1, 2, 4), 2, 12, alive=True)
    source.resize(1000, 40)
    page.show()
    assert source.choice.button("run").text() == "A name that is rather l…"
    wide = source.sizeHint().height()
    source.resize(source.choice.sizeHint().width() + 60, 80)
    qtbot.waitUntil(lambda: source.sizeHint().height() > 1.5 * wide)
    assert source.scrubber.slider.mapTo(source, QPoint()).y() >= source.choice.height()
    source.resize(1000, 40)
    qtbot.waitUntil(lambda: source.sizeHint().height() == wide)


def test_what_an_attempt_has_superseded_is_not_shown(qtbot: QtBot, window: Window, begin: BeginRun) -> None:
    teller = begin(recipe_of(), 1, 2, 3)
    look_at(qtbot, window, teller)
    wait_for(qtbot, window, "Epoch 3")
    window.model.source.scrubber.slider.setValue(1)
    wait_for(qtbot, window, "Epoch 2")
    # As an engine that goes on from epoch 1 would say it.
    with contextlib.closing(Journal(window.workspace)) as journal:
        journal.write(
            "UPDATE events SET body = replace(body, '\"epoch\":0', '\"epoch\":1') WHERE kind = 'AttemptStarted'"
        )
        journal.write("UPDATE watched SET attempt = 0 WHERE run = ? AND epoch > 1", teller.run)
        assert list(watched.places(journal, teller.run, WatchedKind.SIGNAL)) == [1]
    teller.epochs(2, 3, 4)
    qtbot.waitUntil(lambda: window.model.source.scrubber.slider.maximum() == 3, timeout=LONG)
    assert shown(window) == "Epoch 2"
