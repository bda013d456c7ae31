"""`workbench train`: one run from a preset to its end, followed in the terminal."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from workbench.cli import output
from workbench.cli.bars import RunBars
from workbench.cli.follow import RunFollower
from workbench.errors import ErrorCard, WorkbenchError
from workbench.events import Command, Ending, Failed, State
from workbench.journal import Journal, Run
from workbench.journal.compared import remember
from workbench.journal.store import log_path
from workbench.launch.kill import engine_of, kill_engine
from workbench.launch.notice import end_stopped
from workbench.launch.start import ensure_keeper, reap
from workbench.paths import Workspace
from workbench.spec import Recipe

WELL, BAD_PRESET, RUN_FAILED, INTERRUPTED = 0, 2, 3, 130


class CtrlC:
    """What Ctrl-C asks of a run: first to stop now and keep its weights, then to die."""

    def __init__(self, journal: Journal, run: str) -> None:
        self._journal = journal
        self._run = run
        self._pressed = 0
        self._answered = 0

    @property
    def pressed(self) -> bool:
        return self._pressed > 0

    @contextmanager
    def listening(self) -> Iterator[None]:
        before = signal.signal(signal.SIGINT, self._press)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    def _press(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - as signal handlers are called
        self._pressed += 1

    def answer(self) -> None:
        """Do what was asked since the last call; the journal is not touched inside the signal handler."""
        while self._answered < self._pressed:
            self._answered += 1
            if self._answered == 1:
                output.complain("Stopping now; the best weights so far are kept. Ctrl-C again kills the engine.")
                self._journal.ask(self._run, Command.STOP_NOW)
            else:
                self._kill()

    def _kill(self) -> None:
        # Before it holds the run's lock, or once the keeper has killed it, there is nobody to kill here.
        engine = engine_of(self._journal.workspace, self._run)
        if engine is not None:
            kill_engine(engine)
            end_stopped(self._journal, self._run)


def train(workspace: Workspace, recipe: Recipe, name: str, preset: str, sha256: str = "") -> tuple[Run, int]:
    """Train a recipe to its end; the run and the command's exit code. Raises WorkbenchError before the run exists.

    `sha256` is the fingerprint of its pictures, if they were compared with those of a job.
    """
    with Journal(workspace) as journal:
        return follow(workspace, journal, _create(journal, recipe, name, preset, sha256).id)


def enqueue(workspace: Workspace, recipe: Recipe, name: str, preset: str, sha256: str = "") -> tuple[Run, int]:
    """Put a recipe into the queue and leave it there; the run and the command's exit code."""
    with Journal(workspace) as journal:
        run = _create(journal, recipe, name, preset, sha256)
        ensure_keeper(workspace)
        return run, WELL


def _create(journal: Journal, recipe: Recipe, name: str, preset: str, sha256: str) -> Run:
    run = journal.create_run(recipe, name, preset)
    if sha256:
        remember(journal.workspace.run_folder(run.id), sha256, str(getattr(recipe.data, "path", "")))
    return run


def follow(workspace: Workspace, journal: Journal, key: str, after: int = 0) -> tuple[Run, int]:
    """Have a queued run trained and follow it to its end; the run and the command's exit code.

    What it said up to the event `after` is old.
    """
    run = journal.run(key)
    control = CtrlC(journal, run.id)
    with control.listening():
        try:
            ensure_keeper(workspace)
            with RunBars(output.progress(), run.epochs_planned) as bars:
                bars.say(f"{run.name} ({run.id}) in {workspace.run_folder(run.id)}")
                run = RunFollower(journal, run.id, after).follow(bars.hear, control.answer)
        except WorkbenchError as error:
            output.complain(str(error))
            return journal.run(run.id), RUN_FAILED
    reap()
    tell_ending(journal, run)
    return run, exit_code(run, interrupted=control.pressed)


def exit_code(run: Run, *, interrupted: bool) -> int:
    """0 ended well, 3 failed or went away, 130 stopped by Ctrl-C or discarded."""
    match run.ending:
        case Ending.COMPLETED | Ending.EARLY_STOPPED:
            return WELL
        case Ending.STOPPED:
            return INTERRUPTED if interrupted else WELL
        case Ending.DISCARDED:
            return INTERRUPTED
        case Ending.FAILED | Ending.INTERRUPTED | None:
            return RUN_FAILED


def tell_ending(journal: Journal, run: Run) -> None:
    """Say on standard error how a run ended, and all that is known when it failed."""
    cards = [said.event.card for said in journal.events(run.id) if isinstance(said.event, Failed)]
    if run.ending is Ending.FAILED and cards:
        output.complain(card_words(cards[-1], run))
        output.complain(f"The engine's log: {log_path(journal.workspace, run.id)}")
    elif run.state is State.ENDED and run.reason:
        output.complain(run.reason)


def card_words(card: ErrorCard, run: Run) -> str:
    """A run's error card as text, with the command that takes each of its ways out."""
    lines = [f"{card.title}. {card.what_happened}"]
    lines += [f"  seen: {line}" for line in card.evidence]
    for place, way in enumerate(card.ways, 1):
        lines.append(f"  way {place}: {way.title.rstrip('…')}. {way.note}".rstrip())
    if card.ways:
        lines.append(f"  take one: workbench retry {run.number} WAY")
    lines += [f"  try: {line}" for line in card.what_to_try]
    if card.what_is_safe:
        lines.append(f"  {card.what_is_safe}")
    return "\n".join(lines)
