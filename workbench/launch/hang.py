"""Notices an engine that lives and does nothing: no step for long, though it should have made one.

It reads what the engine says of itself. It is never sure: a step may be long. So it ends nothing; it says what it sees.
"""

from __future__ import annotations

import contextlib
import signal
import time

import psutil

from workbench.errors import ErrorCard, RecipeError, Way, WayKind
from workbench.events import Live, Phase
from workbench.journal import Journal, Run
from workbench.journal.store import log_path
from workbench.launch.kill import engine_of
from workbench.launch.notice import last_lines

#: Without a sign of life for so long, an engine that makes steps may hang.
QUIET_SECONDS = 30.0
#: And without one for so many times what its last steps took, each.
STEPS = 5.0
#: So often a run is looked at while nobody does; right after the machine has slept every run seems to hang, once.
LOOK_SECONDS = 5.0
LOOKS = 2
#: Where signs of life come with each chunk of steps; a graph may be traced, or a folder read, for as long as it takes.
STEPPING = frozenset({Phase.TRAINING, Phase.VALIDATING, Phase.REMEASURING, Phase.SAVING})
#: Lines of the log that go with the card.
LOG_LINES = 60

_DOES = {
    psutil.STATUS_STOPPED: "Its process was stopped from outside and does not run.",
    psutil.STATUS_TRACING_STOP: "Its process is held by a debugger.",
    psutil.STATUS_DISK_SLEEP: "Its process waits for a disk.",
    psutil.STATUS_RUNNING: "Its process computes.",
    psutil.STATUS_SLEEPING: "Its process waits for something.",
}


def quiet_seconds(run: Run, live: Live | None, now: float) -> float:
    """How long a run has given no sign of life that it owes; 0 while it owes none. `now`: wall-clock time."""
    if live is None or not run.state.alive or live.phase not in STEPPING:
        return 0.0
    return max(0.0, now - live.heartbeat)


def hangs(run: Run, live: Live | None, now: float) -> bool:
    """Whether a run seems to hang; of one whose recipe cannot be read here, nobody can tell."""
    if live is None:
        return False
    try:
        batch = run.recipe.training.batch_size
    except RecipeError:
        return False
    step = batch / live.images_per_second if live.images_per_second else 0.0
    return quiet_seconds(run, live, now) > max(QUIET_SECONDS, STEPS * step)


class Watch:
    """Looks at one run now and then, for whoever is not there to see it."""

    def __init__(self) -> None:
        self._looked, self._seen = 0.0, 0

    def begins(self, journal: Journal, run: Run, now: float) -> bool:
        """Whether it is time to tell that a run seems to hang: once, until it goes on."""
        if now - self._looked < LOOK_SECONDS:
            return False
        self._looked = now
        self._seen = self._seen + 1 if hangs(run, journal.live(run.id), now) else 0
        return self._seen == LOOKS


def card(journal: Journal, run: Run, live: Live) -> ErrorCard:
    """What is seen of a run that seems to hang, and what can be done."""
    since = time.strftime("%H:%M:%S", time.localtime(live.heartbeat))
    doing = "" if live.phase is Phase.TRAINING else f", while {live.phase.words.lower()}"
    evidence = [f"The last sign of life came after step {live.step:,} in epoch {live.epoch}{doing}."]
    engine = engine_of(journal.workspace, run.id)
    if engine is not None:
        with contextlib.suppress(psutil.Error):
            evidence += [words for words in (_DOES.get(engine.status(), ""),) if words]
    kept = f"after epoch {run.epochs}" if run.epochs else "from its beginning"
    safe = f"What it had learned up to epoch {run.epochs} is kept." if run.epochs else "No epoch was over yet."
    return ErrorCard(
        "No step for long",
        f"The engine of {run.name} lives and has made no step since {since}. It may only be slow: this card goes when it goes on.",
        evidence=tuple(evidence),
        what_is_safe=safe,
        details=last_lines(log_path(journal.workspace, run.id), LOG_LINES),
        ways=(
            Way(WayKind.WAIT, "Wait", "Right when the machine is busy, or a single step takes this long."),
            Way(WayKind.STOP, "Ask it to stop after this epoch", "It hears that with its next step, and not before."),
            Way(
                WayKind.STOP_NOW, "Stop now and keep",
                "If it does not answer, it is killed. What is kept is its newest checkpoint.",
            ),
            Way(WayKind.RESTART, "Kill it and go on", f"A new engine takes the run up, {kept}."),
        ),
    )  # fmt: skip


def ask_for_traces(journal: Journal, run: Run) -> None:
    """Have a run's engine write into its log where each of its threads is; where the system knows such a signal."""
    engine = engine_of(journal.workspace, run.id)
    wanted = getattr(signal, "SIGUSR1", None)
    if engine is not None and wanted is not None:
        with contextlib.suppress(psutil.Error):
            engine.send_signal(wanted)
