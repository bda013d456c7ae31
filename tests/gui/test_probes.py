"""Probes as the window asks them: what comes is said in order, what is not wanted any more is never said."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import psutil
import pytest
from pytestqt.qtbot import QtBot

from tests.gui.conftest import OpenWindow
from workbench.errors import EngineError
from workbench.gui.probes import Inquiry, Probes, Progress
from workbench.launch.probe import Probe
from workbench.paths import Workspace
from workbench.probing.rate_search import RateSearch
from workbench.spec import Recipe
from workbench.spec.recipe import changed

pytestmark = [pytest.mark.window, pytest.mark.usefixtures("fake_engine")]


class Heard:
    """Everything an inquiry said, in order."""

    def __init__(self, inquiry: Inquiry) -> None:
        self.inquiry = inquiry
        self.lines: list[tuple[str, Any]] = []
        inquiry.begun.connect(lambda recipe: self.lines.append(("begun", recipe)))
        inquiry.progressed.connect(lambda progress: self.lines.append(("progressed", progress)))
        inquiry.partly_found.connect(lambda found: self.lines.append(("found", found)))
        inquiry.answered.connect(lambda recipe, answer: self.lines.append(("answered", (recipe, answer))))
        inquiry.failed.connect(lambda sentence: self.lines.append(("failed", sentence)))
        inquiry.cancelled.connect(lambda: self.lines.append(("cancelled", None)))

    def of(self, kind: str) -> list[Any]:
        return [what for name, what in self.lines if name == kind]

    @property
    def kinds(self) -> list[str]:
        return [name for name, _ in self.lines]


@pytest.fixture
def probes(qapp: object, workspace: Workspace) -> Iterator[Probes]:
    made = Probes(workspace)
    yield made
    made.close()


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody answers within this test."""
    monkeypatch.setenv("WORKBENCH_FAKE_STORY", "hung")


def process_of(inquiry: Inquiry) -> int:
    assert inquiry._probe is not None
    return inquiry._probe.process


def test_progress_and_parts_come_before_the_answer_and_the_answer_names_its_recipe(
    qtbot: QtBot, probes: Probes
) -> None:
    heard, recipe = Heard(probes.rate), Recipe()
    probes.rate.ask(recipe)
    assert probes.rate.running
    assert probes.rate.recipe == recipe
    qtbot.waitUntil(lambda: heard.kinds[-1] == "answered", timeout=20_000)
    assert heard.kinds[0] == "begun"
    assert heard.kinds.count("answered") == 1
    assert heard.of("progressed")[0] == Progress(0, 20, "Pretending")
    about, answer = heard.of("answered")[0]
    assert about == recipe
    found = RateSearch.from_tree(answer)
    assert [loss for part in heard.of("found") for loss in part["losses"]] == list(found.losses)
    assert not probes.rate.running
    assert probes.rate.recipe is None
    assert not probes.rate._clock.isActive()


def test_asked_again_it_forgets_the_question_before(
    qtbot: QtBot, probes: Probes, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = Heard(probes.xray)
    monkeypatch.setenv("WORKBENCH_FAKE_STORY", "slow")
    probes.xray.ask(Recipe())
    first = process_of(probes.xray)
    qtbot.waitUntil(lambda: "found" in heard.kinds, timeout=20_000)
    monkeypatch.setenv("WORKBENCH_FAKE_STORY", "completed")
    second = changed(Recipe(), "initializer.kind", "zeros")
    probes.xray.ask(second)
    qtbot.waitUntil(lambda: not psutil.pid_exists(first), timeout=20_000)
    qtbot.waitUntil(lambda: heard.kinds[-1] == "answered", timeout=20_000)
    assert [about for about, _ in heard.of("answered")] == [second]
    assert not heard.of("failed")
    assert not heard.of("cancelled")


def test_cancelled_it_says_nothing_more_and_leaves_no_process(qtbot: QtBot, probes: Probes, slow: None) -> None:
    heard = Heard(probes.overfit)
    probes.overfit.ask(Recipe())
    process = process_of(probes.overfit)
    qtbot.waitUntil(lambda: "progressed" in heard.kinds, timeout=20_000)
    probes.overfit.cancel()
    assert heard.kinds[-1] == "cancelled"
    assert not probes.overfit.running
    qtbot.waitUntil(lambda: not psutil.pid_exists(process), timeout=20_000)
    assert heard.kinds[-1] == "cancelled"
    probes.overfit.cancel()
    assert heard.kinds.count("cancelled") == 1


def test_the_window_does_not_wait_for_a_process_that_is_being_killed(
    qtbot: QtBot, probes: Probes, slow: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard, plain, may_kill = Heard(probes.rate), Probe.cancel, threading.Event()

    def wait_and_kill(probe: Probe) -> None:
        assert threading.current_thread() is not threading.main_thread()
        may_kill.wait(20)
        plain(probe)

    monkeypatch.setattr(Probe, "cancel", wait_and_kill)
    probes.rate.ask(Recipe())
    first = process_of(probes.rate)
    qtbot.waitUntil(lambda: "progressed" in heard.kinds, timeout=20_000)
    probes.rate.ask(Recipe())
    second = process_of(probes.rate)
    assert psutil.pid_exists(first), "it is being killed, and the next question is asked all the same"
    may_kill.set()
    probes.close()
    assert not any(psutil.pid_exists(process) for process in (first, second))
    assert not probes.rate._killing


def test_a_run_is_asked_about_with_its_recipe(
    qtbot: QtBot, probes: Probes, monkeypatch: pytest.MonkeyPatch, workspace: Workspace
) -> None:
    asked: list[dict[str, Any]] = []
    plain = Probe.start

    def noted(workspace: Workspace, question: dict[str, Any], backend: str = "tensorflow") -> Probe:
        asked.append(question)
        return plain(workspace, question, backend)

    monkeypatch.setattr(Probe, "start", noted)
    inside, to = Inquiry(workspace, "inside"), workspace.home / "looks.npz"
    heard = Heard(inside)
    inside.ask(Recipe(), run="r1", place="000001-000000001", rows=[0, 1], classes=[0, 1], to=str(to))
    qtbot.waitUntil(lambda: "answered" in heard.kinds, timeout=20_000)
    inside.close()
    assert asked[0]["question"] == "inside"
    assert (asked[0]["run"], asked[0]["rows"]) == ("r1", [0, 1])
    about, answer = heard.of("answered")[0]
    assert about == Recipe()
    assert answer["file"] == str(to)


def test_whoever_hears_a_line_may_have_had_enough(qtbot: QtBot, probes: Probes) -> None:
    heard = Heard(probes.rate)
    probes.rate.partly_found.connect(lambda _: probes.rate.cancel())
    probes.rate.ask(Recipe())
    qtbot.waitUntil(lambda: "cancelled" in heard.kinds, timeout=20_000)
    assert heard.kinds.count("found") == 1
    assert "answered" not in heard.kinds


@pytest.mark.parametrize(("story", "part"), [("failed", "memory"), ("died", "without an answer")])
def test_what_goes_wrong_is_a_sentence(
    qtbot: QtBot, probes: Probes, monkeypatch: pytest.MonkeyPatch, story: str, part: str
) -> None:
    monkeypatch.setenv("WORKBENCH_FAKE_STORY", story)
    heard = Heard(probes.preflight)
    probes.preflight.ask(Recipe())
    qtbot.waitUntil(lambda: "failed" in heard.kinds, timeout=20_000)
    assert part in heard.of("failed")[0]
    assert not probes.preflight.running


def test_a_process_that_cannot_be_started_is_told_of_too(probes: Probes, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> Probe:
        raise EngineError("A probe could not be started: Cannot allocate memory.")

    monkeypatch.setattr(Probe, "start", refuse)
    heard = Heard(probes.rate)
    probes.rate.ask(Recipe())
    assert heard.lines == [("failed", "A probe could not be started: Cannot allocate memory.")]
    assert not probes.rate.running


def test_each_kind_goes_on_by_itself_and_closing_ends_them_all(qtbot: QtBot, probes: Probes, slow: None) -> None:
    both = [probes.xray, probes.rate]
    heard = [Heard(each) for each in both]
    for each in both:
        each.ask(Recipe())
    processes = [process_of(each) for each in both]
    qtbot.waitUntil(lambda: all("progressed" in each.kinds for each in heard), timeout=20_000)
    probes.close()
    assert not any(psutil.pid_exists(process) for process in processes)
    assert not any("cancelled" in each.kinds for each in heard)
    probes.xray.ask(Recipe())
    assert not probes.xray.running


def test_no_process_outlives_the_window(qtbot: QtBot, open_window: OpenWindow, slow: None) -> None:
    window = open_window()
    heard = Heard(window.probes.overfit)
    window.probes.overfit.ask(Recipe())
    process = process_of(window.probes.overfit)
    qtbot.waitUntil(lambda: "progressed" in heard.kinds, timeout=20_000)
    window.close()
    assert not psutil.pid_exists(process)


def test_a_part_of_unknown_length_has_no_share() -> None:
    assert Progress(3, 0, "Downloading").share is None
    assert Progress(1, 4, "").share == 0.25
    assert Progress(9, 4, "").share == 1.0
