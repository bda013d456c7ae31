"""The state machine of ARCHITECTURE.md as a plain model, one run and one engine of it; see model.py."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto

from workbench.events import Command, Ending, State


class Stage(Enum):
    """Between which two moments of its life an engine is."""

    BORN = auto()
    #: it has the run's lock, not yet the run
    HOLDING = auto()
    TAKEN = auto()
    #: the next thing is a step of training, or what comes after the last one
    WORKING = auto()
    PAUSED = auto()
    #: an epoch is said to be over, its checkpoint not yet written
    CLOSING = auto()
    #: it knows how it ends and has not yet said so
    OVER = auto()
    #: it has said how it ended and still has the lock
    LEAVING = auto()
    GONE = auto()


@dataclass(eq=False)
class Job:
    """An engine, as far as it matters."""

    run: RunModel
    warm: bool = False
    by_hand: bool = False
    stage: Stage = Stage.BORN
    epoch: int = 0
    step: int = 0
    planned: int = 0
    first: bool = True
    finishing: bool = False
    pausing: bool = False
    trouble: bool = False
    enough: bool = False
    ending: Ending | None = None
    #: its keeper died between the two moments when it took the lock and when it took the run
    stray: bool = False

    @property
    def lives(self) -> bool:
        return self.stage is not Stage.GONE

    @property
    def at_work(self) -> bool:
        return self.lives and self.stage not in {Stage.BORN, Stage.HOLDING, Stage.LEAVING}

    @property
    def of_a_keeper(self) -> bool:
        """Whether it was started with its run's name in its environment."""
        return not (self.warm or self.by_hand)

    def vanish(self) -> None:
        self.stage = Stage.GONE
        if self.run.holder is self:
            self.run.holder = None


@dataclass
class Ask:
    command: Command
    at: float
    taken: bool = False


@dataclass(eq=False)
class RunModel:
    id: str
    number: int
    planned: int
    state: State = State.QUEUED
    ending: Ending | None = None
    #: since the last ending: what was asked before it never counts again
    asked: list[Ask] = field(default_factory=list)
    endings: list[Ending] = field(default_factory=list)
    attempts: int = 0
    began: float = 0.0
    reserved: float = 0.0
    #: epochs that are over and count
    done: set[int] = field(default_factory=set)
    #: the newest checkpoint
    kept: tuple[int, int] | None = None
    #: of a fork: the run and the epoch it grew from
    parent: RunModel | None = None
    origin: int = 0
    #: whether it has said what its pictures are
    pictures: bool = False
    #: where it stands, if it waits
    key: float = 0.0
    #: who took it last, and who has its lock
    worker: Job | None = None
    holder: Job | None = None

    @property
    def epochs(self) -> int:
        return max(self.done, default=0)

    @property
    def can_fork(self) -> bool:
        """Whether it, or what it grew from, knows its pictures."""
        return self.pictures or (self.parent is not None and self.parent.can_fork)

    def untaken(self, *commands: Command) -> bool:
        return any(each.command in commands and not each.taken for each in self.asked)

    def end(self, ending: Ending) -> None:
        """An ending is written once; a discard that nobody has taken yet counts more."""
        if self.state is State.ENDED:
            return
        self.ending = Ending.DISCARDED if self.untaken(Command.DISCARD) else ending
        self.state = State.ENDED
        self.endings.append(self.ending)
        self.asked.clear()
        if self.ending is Ending.DISCARDED:
            self.kept = None

    def end_discarded(self) -> None:
        """The same, when its engine is gone: its folder goes as well, and the lock with it."""
        self.end(Ending.DISCARDED)
        self.kept = self.holder = None

    def end_dead(self) -> None:
        """Its engine is gone: as it was asked to, else interrupted."""
        asked = {each.command for each in self.asked}
        if Command.DISCARD in asked:
            self.end_discarded()
        else:
            self.end(Ending.STOPPED if Command.STOP_NOW in asked else Ending.INTERRUPTED)

    def hear(self, job: Job) -> Command | None:
        """The engine takes what is asked of it; what ends it at once, if anything does."""
        for ask in [each for each in self.asked if not each.taken]:
            ask.taken = True
            if ask.command is Command.DISCARD:
                return ask.command
            if job.ending is not None:
                continue
            if ask.command in {Command.STOP, Command.STOP_NOW} and self.state in {
                State.PREPARING, State.RUNNING, State.PAUSED,
            }:  # fmt: skip
                self.state = State.STOPPING
            match ask.command:
                case Command.STOP_NOW:
                    return ask.command
                case Command.STOP:
                    job.finishing, job.pausing = True, False
                case Command.PAUSE:
                    job.pausing = not job.finishing
                case Command.CONTINUE:
                    job.pausing = False
                case _:
                    pass
        return None

    def why_not(self, epochs: int | None) -> bool:
        """Whether it cannot be taken up again, or trained until then."""
        if self.state is not State.ENDED or self.ending is Ending.DISCARDED:
            return True
        if epochs is not None:
            return epochs <= max(self.epochs, self.origin)
        return self.ending in {Ending.COMPLETED, Ending.EARLY_STOPPED}
