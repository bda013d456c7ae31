"""Every write, sync, rename and journal call of an engine fails once, in turn: the run still gets its ending.

The engine's own outermost function, recorder, checkpoints and journal; only the arithmetic is stood in for, by NumPy, so that a
case takes milliseconds.
"""

from __future__ import annotations

import os
import sqlite3
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.faults import SAYS, SQLITE_SAYS, Fault, FaultyConnection, faulty_files, says, sqlite_says
from workbench.errors import DataError, WorkspaceError
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
from workbench.journal.store import ballast_path
from workbench.paths import Workspace
from workbench.spec import Recipe

pytestmark = pytest.mark.keras

EPOCHS, STEPS = 3, 4
WEIGHTS = {"dense/kernel": np.arange(12, dtype=np.float32)}
STATE = {"optimizer/00000/iteration": np.array(1, np.int64)}
Trains = Callable[..., tuple[Ending, str]]
Arm = Callable[[pytest.MonkeyPatch, Any, Fault], None]


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
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, arm: Arm, fault: Fault, trains: Trains = trains_nothing
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
        patch.setattr(train, "_train", trains)
        arm(patch, recorder, fault)
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


def files(patch: pytest.MonkeyPatch, _: Any, fault: Fault) -> None:
    faulty_files(patch, fault)


def journal_calls(patch: pytest.MonkeyPatch, recorder: Any, fault: Fault) -> None:
    patch.setattr(recorder.journal, "_db", FaultyConnection(recorder.journal._db, fault))


def count(workspace: Workspace, monkeypatch: pytest.MonkeyPatch, arm: Arm) -> int:
    """How many calls there are when none fails."""
    fault = Fault(0, RuntimeError)
    run = run_with(workspace, monkeypatch, arm, fault)
    assert run.ending is Ending.COMPLETED
    return fault.calls


@pytest.mark.parametrize("number", SAYS)
def test_any_file_operation_may_fail_once(workspace: Workspace, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    calls = count(workspace, monkeypatch, files)
    assert calls >= 12 * EPOCHS, "every checkpoint opens, writes, syncs and renames"
    failed = 0
    for at in range(1, calls + 1):
        run = run_with(workspace, monkeypatch, files, Fault(at, says(number)))
        check(workspace, run, SAYS[number])
        failed += run.ending is Ending.FAILED
    assert failed >= 10 * EPOCHS


@pytest.mark.parametrize("text", SQLITE_SAYS)
def test_any_call_of_the_journal_may_fail_once(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    calls = count(workspace, monkeypatch, journal_calls)
    assert calls >= 20 * EPOCHS
    failed = 0
    for at in range(1, calls + 1):
        try:
            run = run_with(workspace, monkeypatch, journal_calls, Fault(at, sqlite_says(text)))
        except WorkspaceError as error:  # the very call that would have written the failure's card
            raise AssertionError(f"call {at} of {calls}") from error
        check(workspace, run, SQLITE_SAYS[text])
        failed += run.ending is Ending.FAILED
    assert failed >= 10 * EPOCHS


@pytest.mark.parametrize("text", SQLITE_SAYS)
def test_any_call_that_writes_a_failures_card_may_fail_once(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    begun: list[int] = []

    def trains_fails_and_counts(*arguments: Any) -> tuple[Ending, str]:
        trains_nothing(*arguments)
        begun.append(fault.calls)
        raise DataError("The pictures are gone.")

    fault = Fault(0, RuntimeError)
    run_with(workspace, monkeypatch, journal_calls, fault, trains_fails_and_counts)
    calls = fault.calls
    assert calls - begun[0] >= 10, "the card, the fingerprints and the ending"
    for at in range(begun[0] + 1, calls + 1):
        fault = Fault(at, sqlite_says(text))
        run = run_with(workspace, monkeypatch, journal_calls, fault, trains_fails_and_counts)
        check(workspace, run, "The pictures are gone.")
        assert run.weights_sha256, at


def test_the_reserve_is_real_whatever_the_disk_does_to_files(workspace: Workspace) -> None:
    from workbench.engine.recorder import BALLAST_BYTES, Recorder

    with Journal(workspace) as journal:
        run = journal.create_run(Recipe()).id
    recorder = Recorder(workspace, run, 1)
    try:
        recorder.take_ballast()
        content = ballast_path(workspace, run).read_bytes()
        assert len(content) == BALLAST_BYTES == 1024 * 1024
        assert len(zlib.compress(content)) >= BALLAST_BYTES, "a disk that compresses gives as much"
        if os.name == "posix":
            assert ballast_path(workspace, run).stat().st_blocks * 512 >= BALLAST_BYTES, "no hole in a file"
    finally:
        recorder.close()
    assert not ballast_path(workspace, run).exists()


def test_the_reserve_is_freed_before_the_first_try_to_write_the_ending_and_stays_free_if_none_succeeds(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workbench.engine import failures
    from workbench.engine.recorder import Recorder

    with Journal(workspace) as journal:
        run = journal.create_run(Recipe()).id
        assert journal.begin_attempt(run)
    recorder = Recorder(workspace, run, 1)
    recorder.take_ballast()
    reserved: list[bool] = []

    def full() -> Exception:
        reserved.append(ballast_path(workspace, run).exists())
        return sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patch:
        journal_calls(patch, recorder, Fault(1, full, lasting=True))
        with pytest.raises(WorkspaceError, match="is full"):
            failures.end(recorder, DataError("The pictures are gone."))
    recorder.close()
    assert reserved
    assert not any(reserved)
    with Journal(workspace) as journal:
        assert journal.run(run).state is State.PREPARING, "whoever notices the death writes the ending"
