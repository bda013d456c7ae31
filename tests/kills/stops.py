"""Stops real engines at random moments: how soon the run has ended, what is left behind, and whether the next Start works.

One workspace sees them all, one after the other, so that each run is the next Start of the one before. The moments are drawn
from the phases of runs that nobody touched: some as seconds since Start, some as seconds since a phase was seen to begin, for
no run keeps another's time. What counts is the phase that was met.
"""

from __future__ import annotations

import itertools
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import psutil

from workbench.events import Command, Ending, Phase, State
from workbench.journal import Journal, Run
from workbench.journal.alive import RUN_VARIABLE, held
from workbench.launch.start import ensure_keeper, keeper_lock, reap
from workbench.launch.warm import WarmEngine
from workbench.paths import Workspace
from workbench.spec.recipe import Recipe, changed, parse

#: How soon a run must have ended, in seconds.
BOUNDS = {Command.STOP_NOW: 1.0, Command.DISCARD: 0.5}
#: Before the engine has the run, and while it imports, there is nothing that it could say.
QUEUED, IMPORTING = "queued", "importing"
PHASES = (
    QUEUED, IMPORTING, Phase.READING, Phase.BUILDING, Phase.TRACING, Phase.TRAINING, Phase.VALIDATING, Phase.SAVING,
)  # fmt: skip
#: Every so many starts one goes through a warm engine, and one trains to its end.
WARM_EVERY, WHOLE_EVERY = 8, 10
#: Seconds after Start within which a run in a warm engine is stopped.
WARM_SECONDS = 5.0
#: For so long after the first step the phases are looked at.
TRAINING_SECONDS = 6.0
#: What takes longer hangs.
PATIENCE_SECONDS = 120.0
#: How long processes of a run that has ended may take to go.
LEAVING_SECONDS = 5.0


def recipes() -> tuple[Recipe, Recipe]:
    """One with a long preparation and long steps; one whose epochs are short and followed by much writing."""
    deep = {
        "data": {"kind": "shapes", "image_size": 32, "count": 1500, "validation": 0.5},
        "model": {"kind": "resnet", "depth": 20},
        "training": {"batch_size": 128, "epochs": 200},
    }
    busy = {
        "data": {"kind": "digits", "limit": 600, "validation": 0.5},
        "model": {"kind": "mlp", "depth": 3, "width": 700},
        "training": {"batch_size": 16, "epochs": 2000},
    }
    return parse(deep), parse(busy)


@dataclass(frozen=True)
class Stretch:
    """A phase of a run that nobody touched, in seconds since Start."""

    phase: str
    begin: float
    end: float


@dataclass(frozen=True)
class Moment:
    """When a run is stopped: so many seconds after Start, or after a phase was seen, first looked for after `lead` seconds of training."""

    delay: float
    phase: str = ""
    lead: float | None = None

    def wait(self, journal: Journal, run: str) -> None:
        if self.lead is not None:
            _wait(lambda: busy_with(journal, run) == Phase.TRAINING, 60.0, pause=0.001)
            time.sleep(self.lead)
        if self.phase:
            _wait(lambda: busy_with(journal, run) == self.phase, 30.0, pause=0.001)
        time.sleep(self.delay)  # a random moment: there is nothing to wait for


@dataclass(frozen=True)
class Stopped:
    """What became of one run that was stopped."""

    command: Command
    #: when it was asked, in seconds since Start, and what the run was busy with then
    delay: float
    phase: str
    warm: bool
    #: from the asking to the ending, and from there until no process was left
    seconds: float
    leaving: float
    #: what is not as it should be, a sentence; empty when all is well
    wrong: str = ""
    #: whether the next run began; None when it was stopped before it could
    next_began: bool | None = None

    @property
    def in_time(self) -> bool:
        return self.seconds <= BOUNDS[self.command]

    def __str__(self) -> str:
        where = f"{self.phase}{', warm engine' if self.warm else ''}"
        return f"{self.command:9} {self.delay:6.2f} s  {where:24} ended after {self.seconds:.2f} s  {self.wrong}"


def busy_with(journal: Journal, run: str) -> str:
    """The phase of a run just now."""
    if journal.run(run).state is State.QUEUED:
        return QUEUED
    live = journal.live(run)
    return IMPORTING if live is None or live.phase is Phase.STARTING else live.phase


def timeline(journal: Journal, recipe: Recipe, seconds: float) -> list[Stretch]:
    """The phases of a run, for so many seconds after its first step."""
    run, stretches = journal.create_run(recipe).id, list[Stretch]()
    begin = time.monotonic()
    ensure_keeper(journal.workspace)
    until = begin + PATIENCE_SECONDS
    while (now := time.monotonic()) < until:
        phase = busy_with(journal, run)
        if phase is Phase.TRAINING:
            until = min(until, now + seconds)
        if stretches and stretches[-1].phase == phase:
            stretches[-1] = replace(stretches[-1], end=now - begin)
        else:
            stretches.append(Stretch(phase, now - begin, now - begin))
        time.sleep(0.002)
    journal.ask(run, Command.DISCARD)
    _wait(lambda: journal.run(run).state is State.ENDED)
    _wait(lambda: not left_behind(run))
    return stretches


def stop(journal: Journal, recipe: Recipe, command: Command, moment: Moment, *, warm: bool = False) -> Stopped:
    """Start a run, stop it at a moment, and look what comes of it."""
    engine = _warmed_up(journal.workspace) if warm else None
    run = journal.create_run(recipe, reserve_seconds=3.0 if warm else 0.0).id
    begin = time.monotonic()
    handed_over = engine is not None and engine.hand_over(run)
    if engine is not None and not handed_over:
        journal.release(run)
    ensure_keeper(journal.workspace)
    moment.wait(journal, run)
    phase, before = busy_with(journal, run), journal.run(run)
    asked = time.monotonic()
    journal.ask(run, command)
    ended = _wait(lambda: journal.run(run).state is State.ENDED, pause=0.002)
    seconds = time.monotonic() - asked
    gone = _wait(lambda: not left_behind(run) and not (handed_over and engine and engine.alive), LEAVING_SECONDS)
    leaving = time.monotonic() - asked - seconds
    if engine is not None:
        engine.close()
    wrong = "it did not end" if not ended else _wrong(journal, command, before, gone=gone)
    return Stopped(command, asked - begin, phase, handed_over, seconds, leaving, wrong)


def _wrong(journal: Journal, command: Command, before: Run, *, gone: bool) -> str:
    run, folder = journal.run(before.id), journal.workspace.run_folder(before.id)
    wanted = Ending.DISCARDED if command is Command.DISCARD else Ending.STOPPED
    if before.state is State.ENDED or run.ending is not wanted:
        return f"it ended {run.ending}: {run.reason}"
    if not gone:
        return f"processes are left behind: {left_behind(run.id)}"
    if command is Command.DISCARD and not _wait(lambda: not folder.exists(), LEAVING_SECONDS):
        return "its folder is left behind"
    weights = list(folder.glob("checkpoints/[0-9]*/weights.safetensors"))
    if command is Command.STOP_NOW and before.best_epoch is not None and not (weights and run.weights_sha256):
        return "the best weights are gone"
    return ""


def whole(journal: Journal, recipe: Recipe) -> str:
    """Train a short run to its end; what is wrong with it."""
    run = journal.create_run(changed(recipe, "training.epochs", 2)).id
    ensure_keeper(journal.workspace)
    _wait(lambda: journal.run(run).state is State.ENDED)
    row = journal.run(run)
    _wait(lambda: not left_behind(run))
    return "" if (row.ending, row.epochs) == (Ending.COMPLETED, 2) else f"a whole run ended {row.ending}: {row.reason}"


def left_behind(run: str) -> list[int]:
    """The processes that work for a run, by their command line or what they inherited."""
    found = []
    for each in psutil.process_iter(["cmdline"]):
        try:
            if run in (each.info["cmdline"] or []) or each.environ().get(RUN_VARIABLE) == run:
                found.append(each.pid)
        except (psutil.Error, OSError):
            continue
    return found


def leave(workspace: Workspace) -> None:
    """Wait until the keeper has gone, and bury it."""
    _wait(lambda: not held(keeper_lock(workspace)))
    _wait(lambda: not reap() and not any(each.status() != psutil.STATUS_ZOMBIE for each in _keepers(workspace)))
    reap()


def _keepers(workspace: Workspace) -> list[psutil.Process]:
    children = psutil.Process().children()
    return [each for each in children if each.is_running() and str(workspace.home) in _words(each)]


def _words(process: psutil.Process) -> list[str]:
    try:
        return list(process.cmdline())
    except psutil.Error:
        return []


def _warmed_up(workspace: Workspace) -> WarmEngine | None:
    engine = WarmEngine.start(workspace)
    if _wait(lambda: engine.ready or not engine.alive) and engine.ready:
        return engine
    engine.close()
    return None


def _wait(met: Callable[[], bool], seconds: float = PATIENCE_SECONDS, pause: float = 0.02) -> bool:
    """Wait for something that another process does; whether it came."""
    deadline = time.monotonic() + seconds
    while not met():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
    return True


# --- a hundred of them ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Stops:
    """What came of all of them."""

    stopped: tuple[Stopped, ...]
    #: of each run between them that trained to its end: what was wrong
    whole: tuple[str, ...]

    @property
    def good(self) -> bool:
        bad = [each for each in self.stopped if each.wrong or not each.in_time or each.next_began is False]
        return not bad and not any(self.whole)


def stop_many(home: Path, count: int, seed: int) -> Stops:
    """`count` stops, each phase and both commands in turn."""
    stopped: list[Stopped] = []
    wholes: list[str] = []
    workspace = Workspace(home).create()
    with Journal(workspace) as journal:
        lines = [(recipe, timeline(journal, recipe, TRAINING_SECONDS)) for recipe in recipes()]
        aims = itertools.islice(itertools.cycle(itertools.product(PHASES, BOUNDS)), count)
        for number, (phase, command) in enumerate(aims):
            draw = random.Random(seed * 100_000 + number)
            if number % WHOLE_EVERY == WHOLE_EVERY - 1:
                wholes.append(whole(journal, recipes()[1]))
                _tell_next(stopped, began=not wholes[-1])
            warm = number % WARM_EVERY == WARM_EVERY - 1
            recipe, moment = _moment(lines, phase, draw, by_clock=number // (len(PHASES) * len(BOUNDS)) % 3 == 0)
            moment = Moment(draw.uniform(0, WARM_SECONDS)) if warm else moment
            found = stop(journal, recipe, command, moment, warm=warm)
            _tell_next(stopped, began=None if found.phase == QUEUED else not found.wrong)
            stopped.append(found)
            sys.stdout.write(f"{number + 1:4}  {found}\n")
            sys.stdout.flush()
        wholes.append(whole(journal, recipes()[1]))
        _tell_next(stopped, began=not wholes[-1])
    leave(workspace)
    return Stops(tuple(stopped), tuple(wholes))


def _moment(
    lines: Sequence[tuple[Recipe, list[Stretch]]], phase: str, draw: random.Random, *, by_clock: bool
) -> tuple[Recipe, Moment]:
    """A recipe that has the phase, and a moment within one of its stretches; long ones are met more often."""
    chosen = [(recipe, each) for recipe, line in lines for each in line if each.phase == phase]
    if not chosen:  # too short to be seen
        recipe, line = draw.choice(list(lines))
        return recipe, Moment(draw.uniform(0, line[-1].end))
    recipe, stretch = draw.choices(chosen, [each.end - each.begin + 0.001 for _, each in chosen])[0]
    if by_clock:
        return recipe, Moment(draw.uniform(stretch.begin, stretch.end))
    trains = phase in {Phase.TRAINING, Phase.VALIDATING, Phase.SAVING}
    lead = draw.uniform(0, TRAINING_SECONDS) if trains else None
    return recipe, Moment(draw.uniform(0, stretch.end - stretch.begin), phase, lead)


def _tell_next(stopped: list[Stopped], *, began: bool | None) -> None:
    """The run after the last one that was stopped has begun, or has not; the first that can be told counts."""
    if stopped and stopped[-1].next_began is None:
        stopped[-1] = replace(stopped[-1], next_began=began)


def table(stops: Stops) -> str:
    """For the README."""
    head = "| at a random moment | how many | longest | within the bound | processes left | next starts that worked |"
    lines = [head, "|---|---|---|---|---|---|"]
    for command, bound in BOUNDS.items():
        mine = [each for each in stops.stopped if each.command is command]
        if mine:
            told = [each for each in mine if each.next_began is not None]
            lines.append(
                f"| {command.replace('_', ' ')} | {len(mine)} | {max(each.seconds for each in mine):.2f} s "
                f"| {sum(each.in_time for each in mine)} of {len(mine)} within {bound} s "
                f"| {sum('left behind' in each.wrong for each in mine)} "
                f"| {sum(bool(each.next_began) for each in told)} of {len(told)} |"
            )
    met = Counter(each.phase for each in stops.stopped)
    phases = ", ".join(f"{phase} {met[phase]}" for phase in PHASES if met[phase])
    warm = sum(each.warm for each in stops.stopped)
    leaving = max((each.leaving for each in stops.stopped), default=0.0)
    failed = sum(map(bool, stops.whole))
    lines += [
        "",
        f"Met while: {phases}; {warm} of them in a warm engine. The last process was gone {leaving:.1f} s after an ending at most.",
        f"{len(stops.whole)} runs between them trained to their end, {failed} of which failed.",
    ]
    wrong = [f"* {each}" for each in stops.stopped if each.wrong or not each.in_time]
    return "\n".join([*lines, *wrong, *(f"* {each}" for each in stops.whole if each)])
