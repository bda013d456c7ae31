"""The program and the model of it side by side: each rule does the same to both, and after each they are compared.

The journal, the keeper, the queue, forks and what notices deaths are real; see standing_in.py for what is not, and
model.py for what is expected.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from tests.launch.model import Model
from tests.launch.run_model import RunModel
from tests.launch.standing_in import Machine
from workbench.errors import WorkspaceError
from workbench.events import AttemptEnded, Command, Ending, Event, State, decode
from workbench.gui.runs import facts
from workbench.journal import Journal, Run, taking_up, trash
from workbench.journal.alive import held
from workbench.journal.queue import in_line, move, pause_queue, set_at_once
from workbench.journal.rows import run_of
from workbench.launch import fork, notice
from workbench.launch.keeper import Keeper
from workbench.paths import Workspace
from workbench.spec import Recipe
from workbench.spec.recipe import changed

MOST_UNENDED, MOST_RUNS = 3, 5
RESERVED_SECONDS = 3.0
#: No sum of these comes near a deadline, so that a moment more or less decides nothing.
PASSING = st.sampled_from([0.35, 1.1, 4.0])
COMMANDS = st.sampled_from([Command.PAUSE, Command.CONTINUE, Command.STOP, Command.STOP_NOW, Command.DISCARD])
ANY = st.integers(0, 4 * MOST_RUNS - 1)
EPOCHS = st.integers(1, 3)
#: For how long all goes on afterwards, so that examples are about trainings and not about a line that waits.
THEN = st.sampled_from([0, 0, 1, 2, 5, 9])


class Runs(RuleBasedStateMachine):
    """The program and the model, side by side."""

    def __init__(self) -> None:
        super().__init__()
        self.after = contextlib.ExitStack()
        folder = self.after.enter_context(tempfile.TemporaryDirectory(prefix="workbench-states-"))
        patch = self.after.enter_context(pytest.MonkeyPatch.context())
        self.workspace = Workspace(Path(folder) / "home").create()
        self.machine = Machine(self.workspace, patch)
        self.after.callback(self.machine.end)
        self.journal = self.after.enter_context(Journal(self.workspace))
        self.model = Model()
        self.keeper: Keeper | None = None
        self.keeping = contextlib.ExitStack()
        self.after.enter_context(self.keeping)
        self.busy = 0
        self.judged: set[tuple[str, int]] = set()

    def teardown(self) -> None:
        self.after.close()

    @property
    def now(self) -> float:
        return self.machine.clock.now

    def pick(self, which: int, *, rather: Callable[[RunModel], bool] = lambda _: False) -> RunModel:
        """A run; three in four times one of those that are met `rather`, if there are any."""
        wanted = [run for run in self.model.runs if rather(run)]
        pool = wanted if wanted and which % 4 else self.model.runs
        return pool[which // 4 % len(pool)]

    def room(self) -> bool:
        unended = [run for run in self.model.runs if run.state is not State.ENDED]
        return len(self.model.runs) < MOST_RUNS and len(unended) < MOST_UNENDED

    def some(self) -> bool:
        return bool(self.model.runs)

    # --- people -----------------------------------------------------------------------------------

    @initialize(epochs=EPOCHS)
    def start_with_a_keeper(self, epochs: int) -> None:
        self.start(epochs)
        self.a_keeper_begins()

    @precondition(room)
    @rule(epochs=EPOCHS, then=THEN)
    def start(self, epochs: int, then: int = 0) -> None:
        run = self.journal.create_run(changed(Recipe(), "training.epochs", epochs))
        self.model.start(run.id, epochs)
        self.go_on_for(then)

    @precondition(lambda self: self.room() and all(run.state is State.ENDED for run in self.model.runs))
    @rule(epochs=EPOCHS)
    def start_in_the_warm_engine(self, epochs: int) -> None:
        """As the window does, when nothing else is at work."""
        recipe = changed(Recipe(), "training.epochs", epochs)
        run = self.journal.create_run(recipe, reserve_seconds=RESERVED_SECONDS)
        self.machine.start(run.id, warm=True)
        self.model.born(self.model.start(run.id, epochs, run.reserved), warm=True)

    @precondition(lambda self: bool(self.model.line) and not any(job.by_hand and job.lives for job in self.model.jobs))
    @rule(which=ANY)
    def start_an_engine_by_hand(self, which: int) -> None:
        """As `python -m workbench.engine` on a command line: nobody but its run's lock knows of it."""
        run = self.model.line[which % len(self.model.line)]
        self.machine.start(run.id, by_hand=True)
        self.model.born(run, by_hand=True)

    @precondition(lambda self: any(run.reserved for run in self.model.line))
    @rule(which=ANY)
    def give_up_the_reservation(self, which: int) -> None:
        run = self.pick(which)
        assert self.journal.release(run.id) is (run.state is State.QUEUED)
        if run.state is State.QUEUED:
            run.reserved = 0.0

    @precondition(some)
    @rule(which=ANY, command=COMMANDS, then=THEN)
    def ask(self, which: int, command: Command, then: int) -> None:
        run = self.pick(which, rather=lambda run: run.state.alive)
        if command in {each.command for each in run.asked}:
            return
        assert self.journal.ask(run.id, command) is self.model.ask(run, command, self.now)
        self.go_on_for(then)

    @precondition(
        lambda self: any(run.state is State.ENDED and run.ending is not Ending.DISCARDED for run in self.model.runs)
    )
    @rule(which=ANY)
    def discard_what_has_ended(self, which: int) -> None:
        run = self.pick(which)
        if run.state is not State.ENDED or run.ending is Ending.DISCARDED:
            with pytest.raises(WorkspaceError):
                trash.destroy(self.journal, run.id)
        else:
            trash.destroy(self.journal, run.id)
            self.model.destroy(run)

    @precondition(some)
    @rule(which=ANY, then=THEN)
    def resume(self, which: int, then: int) -> None:
        self._take_up(self.pick(which, rather=lambda run: not run.why_not(None)), None, then)

    @precondition(some)
    @rule(which=ANY, more=st.integers(0, 2), then=THEN)
    def train_longer(self, which: int, more: int, then: int) -> None:
        run = self.pick(which, rather=lambda run: not run.why_not(run.planned + 1))
        self._take_up(run, max(1, run.epochs + more), then)

    def _take_up(self, run: RunModel, epochs: int | None, then: int) -> None:
        if run.why_not(epochs):
            with pytest.raises(WorkspaceError):
                taking_up.requeue(self.journal, self.journal.run(run.id), epochs)
        else:
            taking_up.requeue(self.journal, self.journal.run(run.id), epochs)
            self.model.requeue(run, epochs)
            self.go_on_for(then)

    @precondition(lambda self: self.room() and any(run.kept for run in self.model.runs))
    @rule(which=ANY, place=st.integers(-1, 4), more=st.integers(1, 2))
    def grow_a_fork(self, which: int, place: int, more: int) -> None:
        """From the newest checkpoint (-1), or the end of an epoch that is kept."""
        parents = [run for run in self.model.runs if run.kept]
        parent = parents[which % len(parents)]
        row = self.journal.run(parent.id)
        places = fork.kept(self.journal, row)
        assert (places[-1].epoch, places[-1].step) == parent.kept
        ends = [each for each in places if not each.within]
        origin = places[-1] if place < 0 or not ends else ends[place % len(ends)]
        recipe = changed(row.recipe, "training.epochs", origin.epoch + more)
        epoch = None if origin is places[-1] else origin.epoch
        if not parent.can_fork:
            with pytest.raises(WorkspaceError, match="never had its pictures read"):
                fork.fork(self.journal, row, recipe, epoch=epoch)
            return
        child = fork.fork(self.journal, row, recipe, epoch=epoch)
        self.model.fork(parent, child.id, origin.epoch + more, (origin.epoch, origin.step))

    # --- the queue ----------------------------------------------------------------------------------

    @precondition(some)
    @rule(which=ANY, to=st.integers(0, 3))
    def move(self, which: int, to: int) -> None:
        run = self.pick(which, rather=lambda run: run.state is State.QUEUED)
        if run.state is State.QUEUED:
            move(self.journal, run.id, to)
            self.model.move(run, to)
        else:
            with pytest.raises(WorkspaceError):
                move(self.journal, run.id, to)

    @rule(paused=st.sampled_from([False] * 4 + [True]), count=st.integers(1, 2))
    def settle_the_queue(self, paused: bool, count: int) -> None:
        """Pause it or let it go on, and how many may train at once."""
        pause_queue(self.journal, paused=paused)
        set_at_once(self.journal, count)
        self.model.paused, self.model.at_once = paused, count

    # --- engines ------------------------------------------------------------------------------------

    def lives(self) -> bool:
        return bool(self.machine.living())

    def go_on_for(self, rounds: int) -> None:
        """Every engine goes on by one moment and the keeper looks, so many times."""
        for _ in range(rounds if self.keeper else 0):
            self.compare()
            for engine in self.machine.living():
                self.go_on(self.machine.engines.index(engine))
            self.the_keeper_looks(1)

    def go_on(self, at: int) -> None:
        self.model.step(self.model.jobs[at], self.now)
        self.machine.engines[at].step()

    @precondition(lives)
    @rule(which=ANY, steps=st.integers(1, 12))
    def an_engine_goes_on(self, which: int, steps: int) -> None:
        living = self.machine.living()
        at = self.machine.engines.index(living[which % len(living)])
        for _ in range(steps):
            self.go_on(at)
            self.compare()

    @precondition(lives)
    @rule(which=ANY, then=THEN)
    def an_engine_is_killed(self, which: int, then: int) -> None:
        living = self.machine.living()
        engine = living[which % len(living)]
        self.model.jobs[self.machine.engines.index(engine)].vanish()
        engine.kill()
        self.go_on_for(then)

    @rule(which=ANY, what=st.sampled_from(["trouble", "enough", "trouble", "enough", "start"]))
    def something_goes_wrong_soon(self, which: int, what: str) -> None:
        """The next engine cannot start, a training fails, or its next epoch is one too many for early stopping."""
        living = self.machine.living()
        if what == "start" or not living:
            self.machine.broken = self.model.broken = True
            return
        engine = living[which % len(living)]
        setattr(engine, what, True)
        setattr(self.model.jobs[self.machine.engines.index(engine)], what, True)

    # --- the keeper, readers, time --------------------------------------------------------------------

    def kept(self) -> bool:
        return self.keeper is not None

    @precondition(lambda self: self.keeper is None)
    @rule()
    def a_keeper_begins(self) -> None:
        self.keeper = Keeper(self.keeping.enter_context(Journal(self.workspace)))
        self.keeper.clear_strays()
        self.keeper.clear_discarded()
        self.model.a_keeper_begins()

    @precondition(kept)
    @rule(ticks=st.integers(1, 3))
    def the_keeper_looks(self, ticks: int) -> None:
        assert self.keeper is not None
        for _ in range(ticks):
            self.model.tick(self.now)
            busy = self.keeper.tick()
            self.compare()
            at_work = any(run.state.alive for run in self.model.runs)
            assert busy or not (at_work or (self.model.line and not self.model.paused)), "it would go"

    @precondition(lambda self: self.kept() and self.lives())
    @rule(rounds=st.integers(10, 40))
    def all_go_on_until_a_run_ends(self, rounds: int) -> None:
        endings = sum(len(run.endings) for run in self.model.runs)
        for _ in range(rounds):
            self.go_on_for(1)
            if sum(len(run.endings) for run in self.model.runs) != endings:
                return

    @precondition(lambda self: self.kept() and self.lives())
    @rule(which=ANY, steps=st.integers(1, 12))
    def an_engine_goes_on_while_the_keeper_looks(self, which: int, steps: int) -> None:
        """What the keeper has read of the runs is old when it acts; soon afterwards that must make no difference."""
        assert self.keeper is not None
        living = self.machine.living()
        at = self.machine.engines.index(living[which % len(living)])
        self.the_keeper_looks(1)  # so that it watches whoever is at work
        job = self.model.jobs[at]
        if job.by_hand or job.stray or not job.lives:
            return  # no keeper can know of one that it did not start, and that begins at this very moment
        journal = self.keeper._journal
        read = journal.unended

        def read_and_wait() -> list[Run]:
            rows = read()
            for _ in range(steps):
                self.go_on(at)
            return rows

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(journal, "unended", read_and_wait)
            self.keeper._stale = True
            self.keeper.tick()
        for _ in range(2):  # until those that linger are gone in both
            self.time_passes(1.1)
            for _ in range(2 * MOST_UNENDED):
                self.model.tick(self.now)
                self.keeper.tick()

    @precondition(kept)
    @rule(another=st.sampled_from([True] * 3 + [False]))
    def the_keeper_is_killed(self, another: bool) -> None:
        self.keeping.close()
        self.keeper = self.model.watched = None
        if another:
            self.a_keeper_begins()

    @precondition(lambda self: self.keeper is None)
    @rule()
    def a_reader_notices_deaths(self) -> None:
        self.model.notice_deaths(self.now)
        notice.notice_deaths(self.journal)

    @rule(seconds=PASSING)
    def time_passes(self, seconds: float) -> None:
        self.machine.clock.now += seconds

    # --- what must hold -------------------------------------------------------------------------------

    @invariant()
    def compare(self) -> None:
        rows = {row.id: row for row in map(run_of, self.journal.query("SELECT * FROM runs"))}
        assert rows.keys() == {run.id for run in self.model.runs}, "no run is lost"
        query = "SELECT run, kind, body FROM events WHERE kind IN ('AttemptStarted', 'AttemptEnded') ORDER BY id"
        said = self.journal.query(query)
        for run in self.model.runs:
            self._compare(run, rows[run.id], [decode(*each[1:]) for each in said if each[0] == run.id])
        listed = {row.id for row in self.journal.runs()}
        assert listed == {run.id for run in self.model.runs if run.ending is not Ending.DISCARDED}
        self._compare_line(list(rows.values()))
        self._compare_engines()

    def _compare(self, run: RunModel, row: Run, said: list[Event]) -> None:
        assert (row.state, row.ending) == (run.state, run.ending)
        assert (row.epochs, row.epochs_planned) == (run.epochs, run.planned)
        endings = [each.ending for each in said if isinstance(each, AttemptEnded)]
        assert endings == run.endings, "each ending is written once, for good"
        assert len(said) - len(endings) == run.attempts
        ended = run.id, len(endings)
        if run.state is State.ENDED and run.ending is not Ending.DISCARDED and ended not in self.judged:
            self.judged.add(ended)  # reading a recipe takes time
            assert facts.broken_off(row) is (not taking_up.why_not(row)), "Resume where it works, else Train longer"

    def _compare_line(self, rows: list[Run]) -> None:
        line = [run.id for run in self.model.line]
        assert [row.id for row in in_line(rows)] == line
        busy = self.model.busy(self.now)
        assert busy <= max(self.model.at_once, self.busy), "more at work, or on their way, than is allowed"
        self.busy = busy
        at_work = any(row.state.alive for row in rows)
        for row in rows:
            if row.state is State.QUEUED:
                first = row.id == line[0] and not at_work and not self.model.paused
                shown = facts.shown_state(row, rows, moves=not self.model.paused)
                assert shown is (State.PREPARING if first else State.QUEUED)

    def _compare_engines(self) -> None:
        assert len(self.machine.engines) == len(self.model.jobs)
        for engine, job in zip(self.machine.engines, self.model.jobs, strict=True):
            assert engine.run == job.run.id
            assert (engine.code is None) is job.lives
            assert not job.at_work or (job.run.worker is job and job.run.state.alive), "it works for nothing"
        for run in self.model.runs:
            working = [job for job in self.model.jobs if job.run is run and job.at_work]
            assert len(working) <= 1, "two engines on one run"
            assert held(notice.alive_path(self.journal, run.id)) is (run.holder is not None)
