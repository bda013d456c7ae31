"""Every write, sync, rename and journal call of an engine fails once, in turn: the run still gets its ending.

The engine's own outermost function, recorder, checkpoints and journal; only the arithmetic is stood in for, by NumPy, so that a
case takes milliseconds.
"""

from __future__ import annotations

import builtins
import errno
import io
import os
import pathlib
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from workbench.errors import WorkspaceError
from workbench.events import (
    COLUMNS,
    BestSoFar,
    CheckpointSaved,
    Ending,
    EpochEnded,
    EpochStarted,
    Failed,
    Phase,
    State,
)
from workbench.journal import Journal, Run
from workbench.paths import Workspace
from workbench.spec import Recipe

pytestmark = pytest.mark.keras

EPOCHS, STEPS = 3, 4
WEIGHTS = {"dense/kernel": np.arange(12, dtype=np.float32)}
STATE = {"optimizer/00000/iteration": np.array(1, np.int64)}

#: What the system says, and a word that the person must then be able to read.
SAYS = {errno.ENOSPC: "is full", errno.EIO: "could not be used", errno.EACCES: "cannot be written to"}
SQLITE_SAYS = {
    "database or disk is full": "is full", "disk I/O error": "is full", "database is locked": "was busy",
    "attempt to write a readonly database": "cannot be written to",
}  # fmt: skip


@dataclass
class Fault:
    """Counts the calls of a kind; one of them fails, once."""

    at: int
    error: Callable[[], Exception]
    calls: int = 0

    def __call__(self) -> None:
        self.calls += 1
        if self.calls == self.at:
            raise self.error()


class FaultyConnection:
    """A connection to SQLite that counts what it is asked to execute."""

    def __init__(self, inner: sqlite3.Connection, fault: Fault) -> None:
        self._inner, self._fault = inner, fault

    def execute(self, statement: str, *values: Any) -> Any:
        # What undoes is not what fails on a full disk; and a pragma of its own is none of the run's writing.
        if not statement.startswith("ROLLBACK"):
            self._fault()
        return self._inner.execute(statement, *values)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


def trains_nothing(_workspace: Workspace, recorder: Any, _recipe: Recipe, _start: Any) -> tuple[Ending, str]:
    """In the place of the training: says, records and keeps as it does."""
    from workbench.engine import checkpoint

    folder, best = recorder.folder / "checkpoints", ""
    for epoch in range(1, EPOCHS + 1):
        recorder.mention(EpochStarted(epoch))
        for part in range(2):
            first = (epoch - 1) * STEPS + part * 2 + 1
            recorder.block(first, np.full((2, len(COLUMNS)), 0.5, np.float32), recorder.clock())
            recorder.progress(Phase.TRAINING, part, 2, epoch=epoch, step=first + 1, force=True)
        recorder.say(
            EpochEnded(epoch, epoch * STEPS, recorder.clock(), {"loss": 1 / epoch, "val_loss": 1 / epoch}, 1.0)
        )
        recorder.say(BestSoFar(epoch, "val_loss", 1 / epoch))
        recorder.commit(Phase.SAVING, epoch=epoch, step=epoch * STEPS, images_per_second=1.0)
        best = checkpoint.place_name(epoch, epoch * STEPS)
        weights = {name: array * epoch for name, array in WEIGHTS.items()}
        saved = checkpoint.save(folder, epoch, epoch * STEPS, weights, STATE, best=best)
        recorder.say(CheckpointSaved(epoch, epoch * STEPS, "best", saved.size))
    recorder.journal.describe_weights(recorder.run, saved.weights_sha256, saved.weights_sha256)
    return Ending.COMPLETED, "All epochs are done."


def run_with(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, arm: Callable[[pytest.MonkeyPatch, Any], None]
) -> Run:
    """One engine's work with a fault in it; the run as a fresh reader finds it."""
    from workbench.engine import train
    from workbench.engine.recorder import Recorder

    with Journal(workspace) as journal:
        run = journal.create_run(Recipe()).id
        attempt = journal.begin_attempt(run)
        assert attempt is not None
    recorder = Recorder(workspace, run, attempt)
    with monkeypatch.context() as patch:
        patch.setattr(train, "_train", trains_nothing)
        arm(patch, recorder)
        try:
            train.run(workspace, recorder, Recipe())
        finally:
            recorder.close()
    with Journal(workspace) as journal:
        assert journal.damage() == ""
        return journal.run(run)


def check(workspace: Workspace, run: Run, words: str) -> None:
    """Whatever failed: the run has ended, says why, and what it said to be kept is there."""
    from workbench.engine import checkpoint

    assert run.state is State.ENDED
    with Journal(workspace) as journal:
        said = [each.event for each in journal.events(run.id)]
    saved = [each for each in said if isinstance(each, CheckpointSaved)]
    folder = workspace.run_folder(run.id) / "checkpoints"
    newest = next(checkpoint.good(folder), None) if folder.is_dir() else None
    if saved:
        assert newest is not None
        assert newest.manifest.epoch >= saved[-1].epoch
        best = checkpoint.load(folder, "best")
        assert float(best["dense/kernel"][1]) >= saved[-1].epoch
    if run.ending is Ending.COMPLETED:
        return
    (failed,) = (each for each in said if isinstance(each, Failed))
    told = " ".join([failed.card.title, failed.card.what_happened, *failed.card.evidence])
    assert words in told, told
    assert "Traceback" not in told
    kept = checkpoint.manifest(folder, "best")
    assert (kept is None) == (newest is None)
    if kept is not None and newest is not None:
        assert kept.epoch == newest.manifest.epoch, "every epoch is the best here"
        assert f"The weights of epoch {kept.epoch} are kept" in failed.card.what_is_safe


def faulty_files(fault: Fault) -> Callable[[pytest.MonkeyPatch, Any], None]:
    """Every opening for writing, sync, rename and making of a folder counts."""

    def arm(patch: pytest.MonkeyPatch, _: Any) -> None:
        def counted(owner: Any, name: str, only: Callable[..., bool] = lambda *_, **__: True) -> None:
            inner = getattr(owner, name)

            def outer(*arguments: Any, **more: Any) -> Any:
                if only(*arguments, **more):
                    fault()
                return inner(*arguments, **more)

            patch.setattr(owner, name, outer)

        def writes(_path: Any, mode: str = "r", *_: Any, **__: Any) -> bool:
            return any(letter in mode for letter in "wax+")

        counted(io, "open", writes)
        counted(builtins, "open", writes)
        counted(os, "fsync")
        counted(pathlib.Path, "replace")
        counted(pathlib.Path, "mkdir")

    return arm


def faulty_journal(fault: Fault) -> Callable[[pytest.MonkeyPatch, Any], None]:
    def arm(patch: pytest.MonkeyPatch, recorder: Any) -> None:
        patch.setattr(recorder.journal, "_db", FaultyConnection(recorder.journal._db, fault))

    return arm


def count(workspace: Workspace, monkeypatch: pytest.MonkeyPatch, faulty: Callable[[Fault], Any]) -> int:
    """How many calls there are when none fails."""
    fault = Fault(0, RuntimeError)
    run = run_with(workspace, monkeypatch, faulty(fault))
    assert run.ending is Ending.COMPLETED
    return fault.calls


@pytest.mark.parametrize("number", SAYS)
def test_any_file_operation_may_fail_once(workspace: Workspace, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    calls = count(workspace, monkeypatch, faulty_files)
    assert calls >= 8 * EPOCHS, "every checkpoint writes, syncs and renames"
    failed = 0
    for at in range(1, calls + 1):
        fault = Fault(at, lambda: OSError(number, os.strerror(number)))
        run = run_with(workspace, monkeypatch, faulty_files(fault))
        check(workspace, run, SAYS[number])
        failed += run.ending is Ending.FAILED
    assert failed >= 6 * EPOCHS


@pytest.mark.parametrize("text", SQLITE_SAYS)
def test_any_call_of_the_journal_may_fail_once(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    calls = count(workspace, monkeypatch, faulty_journal)
    assert calls >= 20 * EPOCHS
    failed = 0
    for at in range(1, calls + 1):
        fault = Fault(at, lambda: sqlite3.OperationalError(text))
        try:
            run = run_with(workspace, monkeypatch, faulty_journal(fault))
        except WorkspaceError as error:  # the very call that would have written the failure's card
            raise AssertionError(f"call {at} of {calls}") from error
        check(workspace, run, SQLITE_SAYS[text])
        failed += run.ending is Ending.FAILED
    assert failed >= 10 * EPOCHS
