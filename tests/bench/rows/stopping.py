"""Stop now and Discard in every phase of a run: how soon it has ended, what is kept, what is left behind."""

import itertools
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psutil

from tests.bench.row import Row
from workbench.events import Command, Ending, Phase, State
from workbench.journal import Journal
from workbench.launch.start import ensure_keeper
from workbench.paths import Workspace
from workbench.spec.recipe import parse

STOP, DISCARD = 1.0, 0.5
#: Steps of about 0.3 s and a tracing of seconds, and a validation that lasts.
SLOW = {
    "data": {"kind": "shapes", "image_size": 32, "count": 3000, "validation": 0.5},
    "model": {"kind": "resnet", "depth": 20},
    "training": {"batch_size": 128, "epochs": 3},
}
#: Epochs of a tenth of a second, each followed by saving.
QUICK = {"data": {"kind": "digits"}, "training": {"epochs": 2000}}
PHASES = {
    Phase.STARTING: SLOW, Phase.READING: SLOW, Phase.TRACING: SLOW, Phase.TRAINING: SLOW, Phase.VALIDATING: SLOW,
    Phase.SAVING: QUICK,
}  # fmt: skip


def end_in(journal: Journal, phase: Phase, tree: Mapping[str, Any], command: Command) -> tuple[float, str]:
    """Seconds from the command, given in that phase, to the end; and what is wrong with it."""
    run = journal.create_run(parse(tree)).id
    ensure_keeper(journal.workspace)
    patience = time.monotonic() + 120
    while not _reached(journal, run, phase):
        if time.monotonic() > patience or journal.run(run).state is State.ENDED:
            return 0.0, f"{phase} was not met"
        time.sleep(0.001)
    trained = journal.run(run).best_epoch is not None
    began = time.monotonic()
    journal.ask(run, command)
    while journal.run(run).state is not State.ENDED:
        time.sleep(0.002)
    seconds = time.monotonic() - began
    return seconds, _wrong(journal, run, command, trained=trained)


def _reached(journal: Journal, run: str, phase: Phase) -> bool:
    live = journal.live(run)
    if phase is Phase.STARTING:
        return live is None and journal.run(run).state is State.PREPARING
    return live is not None and live.phase is phase


def _wrong(journal: Journal, run: str, command: Command, *, trained: bool) -> str:
    ended = journal.run(run)
    if command is Command.STOP_NOW and ended.ending is not Ending.STOPPED:
        return f"ended {ended.ending}"
    if (
        command is Command.STOP_NOW
        and trained
        and not list(journal.workspace.run_folder(run).glob("checkpoints/*/weights.safetensors"))
    ):
        return "the best weights are gone"
    patience = time.monotonic() + 5
    while left := [each.pid for each in psutil.process_iter(["cmdline"]) if run in (each.info["cmdline"] or [])]:
        if time.monotonic() > patience:
            return f"process {left[0]} is left behind"
        time.sleep(0.05)
    return ""


def measure() -> Row:
    slowest = {Command.STOP_NOW: 0.0, Command.DISCARD: 0.0}
    notes = []
    # The keeper stays two seconds longer and may still write into the folder.
    folder = tempfile.TemporaryDirectory(prefix="workbench-bench-", ignore_cleanup_errors=True)
    with folder as home, Journal(Workspace(Path(home))) as journal:
        for command, (phase, tree) in itertools.product(slowest, PHASES.items()):
            seconds, wrong = end_in(journal, phase, tree, command)
            slowest[command] = max(slowest[command], seconds)
            notes.append(f"{command} while {phase}: {wrong or f'{seconds:.2f} s'}")
    stop, discard = slowest[Command.STOP_NOW], slowest[Command.DISCARD]
    broken = [note for note in notes if not note.endswith(" s") and "was not met" not in note]
    return Row(
        "Stop now to ended with weights kept, in any phase; Discard", f"≤ {STOP} s; ≤ {DISCARD} s; no process left",
        f"{stop:.2f} s; {discard:.2f} s", stop <= STOP and discard <= DISCARD and not broken, note="; ".join(notes),
    )  # fmt: skip
