"""The state machine of ARCHITECTURE.md as a plain model: what each run must be after each thing that can happen.

It knows no database, no file and no process. `Model` has one method for each thing that people, engines, the keeper and
readers do; test_state_machine.py does the same to the program and compares.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.launch.run_model import Ask, Job, RunModel, Stage
from workbench.events import Command, Ending, State

CHUNKS = 2
UNTAKEN_SECONDS, TAKEN_SECONDS, LINGER_SECONDS, GRACE_SECONDS = 0.6, 0.8, 1.0, 1.0
ENDS = (Command.STOP, Command.STOP_NOW, Command.DISCARD)


@dataclass
class Watch:
    """What a keeper knows of an engine: whether it is its child, and since when its run has ended."""

    child: Job | None
    attempts: int = 0
    ended: float | None = None


class Model:
    def __init__(self) -> None:
        self.runs: list[RunModel] = []
        self.jobs: list[Job] = []
        self.paused, self.at_once, self.broken = False, 1, False
        #: of the keeper that lives; None while none does
        self.watched: dict[str, Watch] | None = None

    # --- what people do ---------------------------------------------------------------------------

    def start(self, run: str, planned: int, reserved: float = 0.0) -> RunModel:
        made = RunModel(run, len(self.runs) + 1, planned, reserved=reserved)
        made.key = float(made.number)
        self.runs.append(made)
        return made

    def fork(self, parent: RunModel, run: str, planned: int, kept: tuple[int, int]) -> None:
        made = self.start(run, planned)
        made.parent, made.kept, made.origin = parent, kept, kept[0]

    def ask(self, run: RunModel, command: Command, now: float) -> bool:
        if run.state is State.ENDED:
            return False
        run.asked.append(Ask(command, now))
        return True

    def destroy(self, run: RunModel) -> None:
        """Discard a run that has ended: nothing of what it said is left."""
        run.ending, run.endings, run.attempts = Ending.DISCARDED, [], 0
        run.kept = run.holder = None
        run.pictures = False

    def requeue(self, run: RunModel, epochs: int | None) -> None:
        run.state, run.ending, run.reserved = State.QUEUED, None, 0.0
        run.planned = epochs or run.planned

    @property
    def line(self) -> list[RunModel]:
        return sorted((run for run in self.runs if run.state is State.QUEUED), key=lambda run: run.key)

    def move(self, run: RunModel, to: int) -> None:
        line = self.line
        keys = [each.key for each in line]
        line.remove(run)
        line.insert(to, run)
        for each, key in zip(line, keys, strict=True):
            each.key = key

    # --- what engines do --------------------------------------------------------------------------

    def born(self, run: RunModel, **how: bool) -> Job:
        self.jobs.append(Job(run, **how))
        return self.jobs[-1]

    def step(self, job: Job, now: float) -> None:
        run = job.run
        match job.stage:
            case Stage.BORN if run.holder is None:
                run.holder, job.stage = job, Stage.HOLDING
            case Stage.HOLDING if run.state is State.QUEUED and (not job.warm or run.reserved >= now):
                self._take(job, now)
            case Stage.TAKEN:
                match run.hear(job):
                    case None:
                        run.pictures, job.stage = True, Stage.WORKING
                    case command:
                        self._over(job, Ending.DISCARDED if command is Command.DISCARD else Ending.STOPPED)
            case Stage.WORKING:
                self._work(job)
            case Stage.PAUSED:
                if self._heard(job) and not job.pausing:
                    run.state = State.RUNNING if run.state is State.PAUSED else run.state
                    job.stage = Stage.WORKING
            case Stage.CLOSING:
                self._close(job)
            case Stage.OVER:
                assert job.ending is not None
                run.end(job.ending)
                job.stage = Stage.LEAVING
            case _:
                job.vanish()

    def _take(self, job: Job, now: float) -> None:
        run = job.run
        run.state, run.worker, run.began = State.PREPARING, job, now
        run.attempts += 1
        job.epoch, job.step = run.kept or (0, 0)
        job.planned, job.stage = run.planned, Stage.TAKEN
        run.done = {epoch for epoch in run.done if epoch <= job.epoch}

    def _work(self, job: Job) -> None:
        run = job.run
        if job.epoch >= job.planned:
            self._finish(job, Ending.COMPLETED)
        elif job.step == (job.epoch + 1) * CHUNKS:
            run.done.add(job.epoch + 1)
            job.stage = Stage.CLOSING
        elif job.trouble:
            run.end(Ending.FAILED)
            job.stage = Stage.LEAVING
        else:
            job.step += 1
            if job.first and run.state is State.PREPARING:
                run.state = State.RUNNING
            job.first = False
            if self._heard(job) and job.pausing:
                run.kept = job.epoch, job.step
                run.state, job.stage = State.PAUSED, Stage.PAUSED

    def _close(self, job: Job) -> None:
        job.epoch += 1
        job.run.kept, job.stage = (job.epoch, job.step), Stage.WORKING
        if job.enough:
            self._finish(job, Ending.EARLY_STOPPED)
        elif job.finishing and job.epoch < job.planned:
            self._finish(job, Ending.STOPPED)

    def _heard(self, job: Job) -> bool:
        """Whether it goes on after it has listened."""
        match job.run.hear(job):
            case Command.DISCARD:
                self._over(job, Ending.DISCARDED)
            case Command.STOP_NOW:
                self._finish(job, Ending.STOPPED)
            case _:
                return True
        return False

    def _finish(self, job: Job, ending: Ending) -> None:
        job.ending = ending
        self._over(job, Ending.DISCARDED if job.run.hear(job) else ending)

    def _over(self, job: Job, ending: Ending) -> None:
        job.ending, job.stage = ending, Stage.OVER

    def busy(self, now: float) -> int:
        """How many runs are at work, or about to be taken by an engine on its way; a hand may start what it likes."""
        count = 0
        for run in self.runs:
            mine = [job for job in self.jobs if job.run is run and not (job.by_hand or job.stray)]
            coming = [job for job in mine if job.stage in {Stage.BORN, Stage.HOLDING}]
            coming = [job for job in coming if not job.warm or run.reserved >= now]
            count += bool(coming) if run.state is State.QUEUED else run.state.alive and run.worker in mine
        return count

    # --- what the keeper and readers do -------------------------------------------------------------

    def a_keeper_begins(self) -> None:
        """Engines of an earlier one that have no run yet are of no use to anybody."""
        self.watched = {}
        for job in self.jobs:
            if job.run.holder is not job and job.of_a_keeper:
                job.vanish()
            job.stray |= job.stage is Stage.HOLDING

    def notice_deaths(self, now: float) -> None:
        """As whoever reads while no keeper lives."""
        for run in self.runs:
            if run.state.alive and run.holder is None and now - run.began > GRACE_SECONDS:
                run.end_dead()

    def tick(self, now: float) -> None:
        watched = self.watched
        assert watched is not None
        unended = [run for run in self.runs if run.state is not State.ENDED]
        wrote = [self._keep(run, watched, now) for run in unended]
        seen = {run.id for run in unended}
        for run in [each for each in self.runs if each.id in watched and each.id not in seen]:
            self._see_out(run, watched, now)
        if not any(wrote):
            self._start_next(watched, now)

    def _keep(self, run: RunModel, watched: dict[str, Watch], now: float) -> bool:
        """What a keeper does for a run that has not ended; whether it wrote something."""
        if run.state is State.QUEUED:
            return self._keep_queued(run, watched, now)
        watch = watched.setdefault(run.id, Watch(None))
        child = watch.child
        if child is not run.worker and not (child and child.lives):
            watch.child = child = None
        if not (child.lives if child else run.holder):
            self._kill(run, watch)
            run.end_dead()
            return True
        for ask in run.asked:
            late = now - ask.at > (TAKEN_SECONDS if ask.taken else UNTAKEN_SECONDS)
            if ask.command is Command.DISCARD or (ask.command is Command.STOP_NOW and late):
                self._kill(run, watch)
                if ask.command is Command.DISCARD:
                    run.end_discarded()
                run.end(Ending.STOPPED)
                return True
        return False

    def _keep_queued(self, run: RunModel, watched: dict[str, Watch], now: float) -> bool:
        watch = watched.get(run.id)
        if run.untaken(*ENDS):
            if watch:
                self._kill(run, watch)
            if run.untaken(Command.DISCARD):
                run.end_discarded()
            run.end(Ending.STOPPED)
            return True
        if watch and run.attempts > watch.attempts:
            self._see_out(run, watched, now)
        elif watch and not (watch.child and watch.child.lives) and run.holder is None:
            run.end(Ending.FAILED)
            return True
        return False

    def _kill(self, run: RunModel, watch: Watch) -> None:
        # One whose lock went with its run's folder is known by its group and by what it bears.
        bears = run.worker if run.worker and watch.child is None and run.worker.of_a_keeper else None
        for job in (watch.child, run.holder, bears):
            if job and job.lives:
                job.vanish()

    def _see_out(self, run: RunModel, watched: dict[str, Watch], now: float) -> None:
        watch = watched[run.id]
        watch.ended = watch.ended or now
        gone = not watch.child.lives if watch.child else run.holder is None
        if gone or run.ending is Ending.DISCARDED or now - watch.ended >= LINGER_SECONDS:
            self._kill(run, watch)
            del watched[run.id]

    def _start_next(self, watched: dict[str, Watch], now: float) -> None:
        ready = [run for run in self.line if run.reserved <= now and run.id not in watched]
        offered = [run for run in self.line if run.reserved > now]
        busy = [run for run in self.runs if run.id in watched or run.state.alive or run in offered]
        if self.paused or not ready or len(busy) >= self.at_once:
            return
        run = ready[0]
        if run.holder:
            return
        if self.broken:
            self.broken = False
            run.end(Ending.FAILED)
        else:
            watched[run.id] = Watch(self.born(run), run.attempts)
