"""Writes the ending of runs whose engine is gone. Whoever notices first writes it; the journal takes it once.

The keeper uses it, and so may any reader of the journal while no keeper lives.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import time
from pathlib import Path

from workbench.errors import ErrorCard, RecipeError, Way, WayKind
from workbench.events import AttemptStarted, Command, Ending, Failed, State
from workbench.journal import Asked, Journal, Run
from workbench.journal.alive import held
from workbench.journal.kept import describe_kept
from workbench.journal.store import ballast_path, log_path
from workbench.spec import ways

#: An engine that began so recently is not looked at yet.
GRACE_SECONDS = 1.0
LOG_LINES = 12
LOG_BYTES = 16 * 1024
#: What TensorFlow says at every start, before it reads how much it is to say.
_CHATTER = re.compile(r"I\d{4} |WARNING: All log messages before absl::InitializeLog")


def notice_deaths(journal: Journal) -> list[str]:
    """End every run whose engine is gone; the ids of the runs this call ended."""
    return [run.id for run in journal.unended() if is_dead(journal, run) and end_dead(journal, run.id)]


def alive_path(journal: Journal, run: str) -> Path:
    return journal.workspace.run_folder(run) / "alive"


def is_dead(journal: Journal, run: Run) -> bool:
    """Whether the engine of a run that is at work is gone."""
    if not run.state.alive or held(alive_path(journal, run.id)):
        return False
    begun = [said.time for said in journal.events(run.id) if isinstance(said.event, AttemptStarted)]
    return not begun or time.time() - begun[-1] > GRACE_SECONDS


def asked_now(journal: Journal, run: str) -> list[Asked]:
    """What is asked of the engine at work that cannot wait; what an earlier attempt took is over."""
    asked = [each for each in journal.asked(run) if each.command in {Command.STOP_NOW, Command.DISCARD}]
    if not any(each.taken for each in asked):
        return asked
    begun = max((said.time for said in journal.events(run) if isinstance(said.event, AttemptStarted)), default=0.0)
    return [each for each in asked if each.taken is None or each.taken >= begun]


def end_dead(journal: Journal, run: str, how: str = "", *, starved: bool = False) -> bool:
    """End a run whose engine is known to be gone, as it was asked to or as `interrupted`; whether this call did it.

    `how` says what is known of the death, such as "killed by signal 9"; `starved`, that the system killed for want of
    memory meanwhile.
    """
    _free_space(journal, run)
    asked = {each.command for each in asked_now(journal, run)}
    if Command.DISCARD in asked:
        return end_discarded(journal, run)
    if Command.STOP_NOW in asked:
        return end_stopped(journal, run)
    row = journal.run(run)
    if row.state is State.STOPPING and row.process is None:  # it was to stop before an engine took it
        return end_unbegun(journal, run)
    describe_kept(journal, run)
    kept = row.epochs
    detail = f" ({how})" if how else ""
    safe = f"what it had written up to epoch {kept} is kept" if kept else "no epoch was over yet"
    reason = f"The engine went away{detail}; {safe}."
    lines = last_lines(log_path(journal.workspace, run))
    full = f"{reason}\n\nLast lines of log.txt:\n{lines}" if lines else reason
    if starved:
        return journal.end(run, Ending.INTERRUPTED, full, Failed(_starved(journal, run, safe, lines)))
    return journal.end(run, Ending.INTERRUPTED, full)


def _starved(journal: Journal, run: str, safe: str, lines: str) -> ErrorCard:
    """The card of a run whose engine the system killed for want of memory."""
    again = Way(WayKind.AGAIN, "Take it up again", "Right when another program had taken the memory and is gone.")
    found: tuple[Way, ...] = (again,)
    with contextlib.suppress(RecipeError):
        found = (*ways.smaller(journal.run(run).recipe), again)
    return ErrorCard(
        title="Not enough memory",
        what_happened="The computer ran out of memory, and the system killed the engine, which had taken the most.",
        evidence=("The system counts one more process that it killed for want of memory.",),
        what_to_try=("Close other programs.", "Take a smaller network or smaller pictures."),
        what_is_safe=f"{safe[0].upper()}{safe[1:]}.",
        details=lines,
        ways=found,
    )


def end_unbegun(journal: Journal, run: str) -> bool:
    """End a run as `stopped` that was to stop while it waited for its engine."""
    return journal.end(run, Ending.STOPPED, "Stopped before it began; nothing was trained.")


def end_stopped(journal: Journal, run: str) -> bool:
    """End a run as `stopped` whose engine did not stop by itself and was killed."""
    _free_space(journal, run)
    return journal.end(run, Ending.STOPPED, stopped_words(journal.run(run).epochs, describe_kept(journal, run)))


def stopped_words(epochs: int, kept: int | None) -> str:
    """Why a run ended that was stopped at once, in the engine's own words."""
    done = "1 epoch" if epochs == 1 else f"{epochs} epochs"
    what = "No weights were trained yet." if kept is None else f"The weights of epoch {kept} are kept."
    return f"Stopped after {done}. {what}"


def end_discarded(journal: Journal, run: str) -> bool:
    """End a run as `discarded` and remove its folder; its engine must be gone.

    A run that ended by itself a moment before it was discarded goes as well: that was asked for.
    """
    _free_space(journal, run)
    ended = journal.end(run, Ending.DISCARDED, "Discarded, as asked.") or journal.discard_ended(run)
    remove_folder(journal, run)
    return ended


def _free_space(journal: Journal, run: str) -> None:
    """What a dead engine had reserved or half written: on a full disk there is room for the ending again."""
    with contextlib.suppress(OSError):
        ballast_path(journal.workspace, run).unlink(missing_ok=True)
    for path in alive_path(journal, run).parent.glob("checkpoints/.*"):
        shutil.rmtree(path, ignore_errors=True)
        with contextlib.suppress(OSError):  # a file, not a folder
            path.unlink(missing_ok=True)


def remove_folder(journal: Journal, run: str) -> None:
    """Remove what a discarded run left; what cannot be removed now is tried again when the next keeper begins."""
    shutil.rmtree(journal.workspace.run_folder(run), ignore_errors=True)


def end_unstarted(journal: Journal, run: str, how: str) -> bool:
    """End a queued run as `failed` whose engine never took it up."""
    lines = last_lines(log_path(journal.workspace, run))
    card = ErrorCard(
        title="The engine could not start",
        what_happened=f"The process that trains ended before it took up the run ({how}).",
        evidence=tuple(line for line in lines.splitlines()[-1:] if line.strip()),
        what_to_try=(
            "Run `workbench doctor`: it says which backends are installed and work.",
            "Reinstall with `pip install --force-reinstall keras-workbench` if a package is missing or broken.",
        ),
        what_is_safe="Nothing was trained; the recipe is kept.",
        details=lines,
    )
    return journal.end(run, Ending.FAILED, card.title, Failed(card))


def end_unreadable(journal: Journal, run: str, error: RecipeError) -> bool:
    """End a queued run as `failed` whose recipe cannot be read."""
    card = ErrorCard(
        title="The recipe cannot be read",
        what_happened="The run's recipe has settings that this version does not know or does not allow.",
        evidence=tuple(str(problem) for problem in error.problems),
        what_to_try=("Correct the settings named here in a preset, and start again.",),
        what_is_safe="Nothing was trained; the recipe file is as it was.",
    )
    return journal.end(run, Ending.FAILED, card.title, Failed(card))


def last_lines(path: Path, count: int = LOG_LINES) -> str:
    """The last lines of a log, as text that can be shown."""
    try:
        with path.open("rb") as file:
            file.seek(0, 2)
            file.seek(max(0, file.tell() - LOG_BYTES))
            text = file.read().decode("utf-8", errors="replace")
    except OSError:
        return ""
    lines = [line for line in text.replace("\0", "").rstrip().splitlines() if not _CHATTER.match(line)]
    return "\n".join(lines[-count:])
