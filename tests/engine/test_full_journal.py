"""SQLite itself says that the disk is full, at whatever a run says: `PRAGMA max_page_count` gives its file no more pages.

The engine's own outermost function, recorder, checkpoints and journal; the arithmetic is stood in for, as in test_faults.py.
"""

from __future__ import annotations

import contextlib
from typing import Any

import numpy as np
import pytest

from tests.engine.test_faults import check
from workbench.errors import WorkspaceError
from workbench.events import (
    COLUMNS,
    AttemptEnded,
    BestSoFar,
    CheckpointSaved,
    Ending,
    EpochEnded,
    EpochStarted,
    Failed,
    Phase,
    State,
)
from workbench.journal import Journal
from workbench.launch.notice import notice_deaths
from workbench.paths import Workspace
from workbench.spec import Recipe

pytestmark = pytest.mark.keras

#: So many pages are left when a run begins to speak: the disk is full at its first word, or at another one.
ROOMS = range(0, 24, 3)
#: What freeing the reserve stands for. The reserve itself is 256 of SQLite's pages.
FREED = 12
STEPS = 200
WEIGHTS = {"dense/kernel": np.arange(12, dtype=np.float32)}


def give_room(journal: Journal, pages: int) -> None:
    """Let the file grow by so many pages and no more, for this connection."""
    ((count,),) = journal.query("PRAGMA page_count")
    journal.query(f"PRAGMA max_page_count = {count + pages}")


def fill(journal: Journal) -> None:
    """Use up what is left in the pages that are there: another program was quicker."""
    insert = "INSERT INTO events (run, attempt, time, kind, body) VALUES ('another', 1, 0, 'Nothing', ?)"
    for size in (3000, 300, 30, 0):
        with contextlib.suppress(WorkspaceError):
            for _ in range(1000):
                journal.write(insert, "x" * size)


class Talker:
    """In the place of the training: says, records and keeps without end, and knows what was taken down."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.events = 0
        self.blocks = 0

    def __call__(self, _workspace: Workspace, recorder: Any, _recipe: Recipe, _start: Any) -> tuple[Ending, str]:
        from workbench.engine import checkpoint

        give_room(recorder.journal, self.room)
        folder = recorder.folder / "checkpoints"
        for epoch in range(1, 1000):
            step = epoch * STEPS
            recorder.mention(EpochStarted(epoch))
            recorder.block(step - STEPS + 1, np.full((STEPS, len(COLUMNS)), 0.5, np.float32), recorder.clock())
            recorder.progress(Phase.TRAINING, 1, 2, epoch=epoch, step=step, force=True)
            self._taken_down(recorder)
            recorder.say(EpochEnded(epoch, step, recorder.clock(), {"loss": 1 / epoch, "val_loss": 1 / epoch}, 1.0))
            recorder.say(BestSoFar(epoch, "val_loss", 1 / epoch))
            self._taken_down(recorder)
            recorder.commit(Phase.SAVING, epoch=epoch, step=step, images_per_second=1.0)
            weights = {name: array * epoch for name, array in WEIGHTS.items()}
            saved = checkpoint.save(folder, epoch, step, weights, {}, best=checkpoint.place_name(epoch, step))
            recorder.say(CheckpointSaved(epoch, step, "best", saved.size))
            self._taken_down(recorder)
        raise AssertionError

    def _taken_down(self, recorder: Any) -> None:
        self.events, self.blocks = len(recorder.journal.events(recorder.run)), len(recorder.journal.steps(recorder.run))


def begin(workspace: Workspace) -> Any:
    """A recorder of a run that has begun."""
    from workbench.engine.recorder import Recorder

    with Journal(workspace) as journal:
        run = journal.create_run(Recipe()).id
        attempt = journal.begin_attempt(run)
    assert attempt is not None
    return Recorder(workspace, run, attempt)


def test_a_run_whose_journal_is_full_gets_its_ending_and_card_into_what_the_reserve_had_held(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workbench.engine import train
    from workbench.engine.recorder import Recorder

    dropped, drop = [], Recorder.drop_ballast

    def frees(recorder: Recorder) -> None:
        if recorder._ballast.exists():
            dropped.append(recorder.run)
            give_room(recorder.journal, FREED)
        drop(recorder)

    monkeypatch.setattr(Recorder, "drop_ballast", frees)
    spoken = []
    for room in ROOMS:
        recorder, talker = begin(workspace), Talker(room)
        monkeypatch.setattr(train, "_train", talker)
        try:
            assert train.run(workspace, recorder, Recipe()) is Ending.FAILED
        finally:
            recorder.close()
        assert dropped[-1] == recorder.run
        with Journal(workspace) as journal:
            assert journal.damage() == ""
            run, said, blocks = journal.run(recorder.run), journal.events(recorder.run), journal.steps(recorder.run)
        check(workspace, run, "The disk that holds")
        check(workspace, run, "is full. Free some space there")
        assert len(said) >= talker.events + 2, "what had been said before is there"
        assert [type(each.event) for each in said[-2:]] == [Failed, AttemptEnded]
        assert len(blocks) >= talker.blocks
        spoken.append(run.epochs)
    assert spoken[0] <= 1, "one was full at its first words"
    assert max(spoken) >= 3


def test_without_any_room_the_engine_ends_and_whoever_notices_later_writes_the_ending(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workbench.engine import checkpoint, train
    from workbench.engine.recorder import Recorder

    monkeypatch.setattr("workbench.launch.notice.GRACE_SECONDS", 0.0)
    monkeypatch.setattr(Recorder, "drop_ballast", lambda recorder: fill(recorder.journal))
    for room in (0, 7, 20):
        recorder, talker = begin(workspace), Talker(room)
        monkeypatch.setattr(train, "_train", talker)
        with pytest.raises(WorkspaceError, match="is full"):
            train.run(workspace, recorder, Recipe())
        recorder.journal.close()
        with Journal(workspace) as journal:
            assert journal.damage() == ""
            assert journal.run(recorder.run).state is State.PREPARING
            said, blocks = journal.events(recorder.run), journal.steps(recorder.run)
            assert (len(said), len(blocks)) >= (talker.events, talker.blocks)
            give_room(journal, 0)
            fill(journal)
            with pytest.raises(WorkspaceError, match="is full"):
                notice_deaths(journal)
            assert journal.run(recorder.run).state is State.PREPARING
            assert journal.events(recorder.run) == said
            give_room(journal, 1000)
            assert notice_deaths(journal) == [recorder.run]
            run = journal.run(recorder.run)
            assert run.ending is Ending.INTERRUPTED
            assert journal.events(recorder.run)[: len(said)] == said
            assert len(journal.steps(recorder.run)) == len(blocks)
        folder = workspace.run_folder(recorder.run) / "checkpoints"
        if run.epochs:
            kept = checkpoint.load(folder, "best")
            assert checkpoint.fingerprint(kept) == run.weights_sha256
