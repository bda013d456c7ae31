"""An engine that lives and makes no step is noticed; one that traces, reads or pauses is left alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import psutil
import pytest

from workbench.errors import WayKind
from workbench.events import Command, Ending, Live, Phase, State
from workbench.journal import Journal, Run
from workbench.journal.store import log_path
from workbench.launch import hang
from workbench.launch.kill import engine_of
from workbench.paths import Workspace
from workbench.spec import Recipe

NOW = 1_800_000_000.0


@pytest.fixture
def running(journal: Journal, recipe: Recipe) -> Run:
    run = journal.create_run(recipe)
    journal.begin_attempt(run.id)
    journal.set_state(run.id, State.RUNNING, among=[State.PREPARING])
    return journal.run(run.id)


def live(phase: Phase, ago: float, speed: float = 1000.0) -> Live:
    return Live(phase, 5, 40, "", 2, 45, speed, 9.0, NOW - ago)


@pytest.mark.parametrize("phase", [Phase.TRAINING, Phase.VALIDATING, Phase.REMEASURING, Phase.SAVING])
def test_half_a_minute_without_a_sign_while_steps_are_made_is_a_hang(running: Run, phase: Phase) -> None:
    assert hang.hangs(running, live(phase, 31.0), NOW)
    assert not hang.hangs(running, live(phase, 29.0), NOW)


@pytest.mark.parametrize("phase", [each for each in Phase if each not in hang.STEPPING])
def test_what_may_take_as_long_as_it_takes_is_no_hang(running: Run, phase: Phase) -> None:
    assert not hang.hangs(running, live(phase, 10_000.0), NOW)


def test_a_step_that_is_known_to_be_long_is_waited_for(running: Run) -> None:
    slow = running.recipe.training.batch_size / 20.0  # pictures a second, for steps of 20 s
    assert not hang.hangs(running, live(Phase.TRAINING, 90.0, slow), NOW)
    assert hang.hangs(running, live(Phase.TRAINING, 101.0, slow), NOW)


def test_a_run_that_waits_or_has_ended_does_not_hang(running: Run) -> None:
    for state in (State.QUEUED, State.ENDED):
        assert not hang.hangs(replace(running, state=state), live(Phase.TRAINING, 99.0), NOW)
    assert not hang.hangs(running, None, NOW)


def test_of_a_run_whose_recipe_cannot_be_read_here_nobody_says_that_it_hangs(running: Run) -> None:
    unreadable = replace(running, recipe_toml="format = 1\n[training]\nof_a_later_version = 1\n")
    assert not hang.hangs(unreadable, live(Phase.TRAINING, 99.0), NOW)


def test_the_card_of_a_hang_has_where_it_stands_what_its_process_does_and_four_ways(
    *, workspace: Workspace, journal: Journal, recipe: Recipe, story: Callable[..., None],
    keeping: Callable[[], object], wait_for: Callable[[str, Callable[[Run], bool]], Run], until: Callable[..., None],
) -> None:  # fmt: skip
    story("hung")
    run = journal.create_run(recipe)
    keeping()
    wait_for(run.id, lambda each: each.epochs == 3)
    until(lambda: (found := journal.live(run.id)) is not None and found.epoch == 4)
    now, said = journal.run(run.id), journal.live(run.id)
    assert said is not None

    def stands_still() -> bool:
        hang.ask_for_traces(journal, now)
        return "in _go_wrong" in log_path(workspace, run.id).read_text()

    until(stands_still)
    card = hang.card(journal, now, said)
    assert "has made no step since" in card.what_happened
    assert f"after step {said.step:,} in epoch 4" in card.evidence[0]
    assert card.evidence[1].startswith("Its process")
    assert card.what_is_safe == "What it had learned up to epoch 3 is kept."
    assert "fake.py" in card.details, "where its threads are"
    assert [way.kind for way in card.ways] == [WayKind.WAIT, WayKind.STOP, WayKind.STOP_NOW, WayKind.RESTART]
    engine = engine_of(workspace, run.id)
    assert engine is not None
    engine.suspend()
    until(lambda: engine.status() == psutil.STATUS_STOPPED)
    assert hang.card(journal, now, said).evidence[1].startswith("Its process was stopped from outside")
    journal.ask(run.id, Command.STOP_NOW)
    assert wait_for(run.id, lambda each: each.state is State.ENDED).ending is Ending.STOPPED


def test_nobody_is_told_of_a_hang_that_one_look_sees_and_the_next_does_not(
    monkeypatch: pytest.MonkeyPatch, journal: Journal, running: Run
) -> None:
    looks = iter([True, False, True, True, True, False, True, True])
    monkeypatch.setattr(hang, "hangs", lambda *_: next(looks))
    watch = hang.Watch()
    told = [watch.begins(journal, running, NOW + hang.LOOK_SECONDS * number) for number in range(8)]
    assert told == [False, False, False, True, False, False, False, True]
    assert not watch.begins(journal, running, NOW + hang.LOOK_SECONDS * 7.5), "it does not look as often"


def test_the_keeper_tells_the_desktop_of_a_run_that_hangs_and_leaves_it_alone(
    *, monkeypatch: pytest.MonkeyPatch, journal: Journal, recipe: Recipe, story: Callable[..., None],
    keeping: Callable[[], object], wait_for: Callable[[str, Callable[[Run], bool]], Run], until: Callable[..., None],
) -> None:  # fmt: skip
    told: list[tuple[str, str]] = []
    monkeypatch.setattr("workbench.launch.keeper.show", lambda *words: told.append(words))
    monkeypatch.setattr(hang, "QUIET_SECONDS", 0.5)
    monkeypatch.setattr(hang, "LOOK_SECONDS", 0.05)
    story("hung")
    run = journal.create_run(recipe, "Night")
    keeping()
    until(lambda: bool(told))
    assert told[0][0] == "Night makes no step"
    assert journal.run(run.id).state is State.RUNNING
    journal.ask(run.id, Command.STOP_NOW)
    assert wait_for(run.id, lambda each: each.state is State.ENDED).ending is Ending.STOPPED
    assert len(told) == 1
