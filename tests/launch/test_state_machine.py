"""Whatever people, engines, the keeper and the clock do, in whatever order: the journal says what the state machine says.

The rules are in side_by_side.py.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.launch.side_by_side import Runs
from workbench.events import Command, Ending


@contextlib.contextmanager
def runs() -> Iterator[Runs]:
    """Program and model with a run that waits and a keeper, for a story that is told on purpose."""
    both = Runs()
    try:
        both.start_with_a_keeper(epochs=2)
        both.compare()
        yield both
        both.compare()
    finally:
        both.teardown()


@pytest.mark.parametrize("command", [Command.STOP_NOW, Command.DISCARD])
def test_it_is_the_engine_that_does_the_run_that_is_killed_not_only_the_keepers_own(command: Command) -> None:
    with runs() as both:
        both.start_an_engine_by_hand(which=0)
        both.the_keeper_looks(ticks=1)  # it starts another
        both.an_engine_goes_on(which=0, steps=3)
        both.ask(which=0, command=command, then=0)
        both.time_passes(1.1)
        both.the_keeper_looks(ticks=1)
        assert both.machine.living() == []


def test_an_engine_that_takes_its_run_while_the_keeper_looks_has_its_time_to_go_in_the_end() -> None:
    with runs() as both:
        both.the_keeper_looks(ticks=1)
        both.an_engine_goes_on_while_the_keeper_looks(which=0, steps=2)
        both.an_engine_goes_on(which=0, steps=11)
        both.the_keeper_looks(ticks=1)
        assert [both.journal.run(run.id).ending for run in both.model.runs] == [Ending.COMPLETED]
        assert len(both.machine.living()) == 1


def test_a_run_that_is_told_to_train_longer_at_the_last_moment_does() -> None:
    with runs() as both:
        both.the_keeper_is_killed(another=False)
        both.start_an_engine_by_hand(which=0)
        both.an_engine_goes_on(which=0, steps=1)  # it has the lock, and has read the recipe
        both.a_keeper_begins()
        both.ask(which=0, command=Command.STOP, then=0)
        both.the_keeper_looks(ticks=1)
        both.train_longer(which=0, more=1, then=0)
        both.an_engine_goes_on(which=0, steps=12)
        assert both.model.runs[0].endings == [Ending.STOPPED, Ending.COMPLETED]


def test_a_run_that_finishes_its_last_epoch_is_not_paused_any_more() -> None:
    with runs() as both:
        both.the_keeper_looks(ticks=1)
        both.an_engine_goes_on(which=0, steps=3)
        both.ask(which=0, command=Command.STOP, then=0)
        both.an_engine_goes_on(which=0, steps=1)  # it has heard
        both.ask(which=0, command=Command.PAUSE, then=0)
        both.an_engine_goes_on(which=0, steps=6)
        assert both.model.runs[0].endings == [Ending.STOPPED]


@pytest.mark.timeout(900)  # only a failure takes so long: it is made small first
def test_the_journal_says_what_the_state_machine_says_whatever_happens() -> None:
    met: set[Ending] = set()

    class Watched(Runs):
        """Program and model are compared after each rule (`Runs.compare`); this notes which endings came."""

        def teardown(self) -> None:
            met.update(ending for run in self.model.runs for ending in run.endings)
            super().teardown()

    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Watched,
        settings=settings(
            max_examples=150, stateful_step_count=50, derandomize=True, deadline=None, report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
    assert met == set(Ending), "what never came was not compared"
