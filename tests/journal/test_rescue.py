"""A damaged journal: what is saved of it, and from where."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from tests.faults import Fault, faulty_files, says
from workbench.errors import RecipeError, WorkspaceError
from workbench.events import COLUMNS, AttemptEnded, Ending, EpochEnded, RunCreated, State, StepBlock
from workbench.journal import Journal, adopting, place
from workbench.journal.adopting import adopt
from workbench.journal.rescue import _exchange, newest_backup, rescue
from workbench.journal.schema import back_up, backup_path
from workbench.paths import Workspace
from workbench.spec import Recipe
from workbench.spec.recipe import changed

PAGE = 4096


@pytest.fixture(params=["", "1"], ids=["with a log", "safe mode"])
def workspace(tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.setenv(place.SAFE_MODE_VARIABLE, request.param)
    return Workspace(tmp_path / "home")


def train(journal: Journal, name: str, epochs: int = 2) -> str:
    """A run that ended, with its numbers, and a remark of the person's."""
    run = journal.create_run(changed(Recipe(), "training.epochs", 9), name).id
    attempt = journal.begin_attempt(run)
    assert attempt
    numbers = np.ones((300, len(COLUMNS)), np.float32)
    for epoch in range(1, epochs + 1):
        ended = EpochEnded(epoch, epoch * 300, 1.0, {"loss": 0.5}, 1.0)
        journal.say(run, attempt, [StepBlock(epoch * 300 - 299, numbers, 0.0, 1.0), ended])
    journal.write("UPDATE runs SET note = ?, tags = '[\"mine\"]' WHERE id = ?", f"note of {name}", run)
    journal.end(run, Ending.STOPPED, "Stopped.")
    return run


def pages_of(workspace: Workspace, table: str) -> list[int]:
    """The pages on which the rows of a table lie, those with its root left out."""
    database = sqlite3.connect(workspace.database)
    (root,) = database.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    (pages,) = database.execute("PRAGMA page_count").fetchone()
    database.close()
    return [root, pages]


def overwrite(workspace: Workspace, page: int, count: int = 1) -> None:
    with workspace.database.open("rb+") as file:
        file.seek((page - 1) * PAGE)
        file.write(b"\xa5" * PAGE * count)


def test_of_a_file_that_is_no_database_any_more_the_folders_keep_the_runs(workspace: Workspace) -> None:
    with Journal(workspace) as journal:
        first, second = train(journal, "first"), train(journal, "second")
    damaged = b"not a database" * 1000
    workspace.database.write_bytes(damaged)
    saved = rescue(workspace)
    assert (saved.from_file, saved.from_backup, saved.from_folders) == (0, 0, 2)
    assert saved.kept.read_bytes() == damaged
    with Journal(workspace) as journal:
        assert journal.damage() == ""
        assert {run.id: (run.name, run.state, run.ending) for run in journal.runs()} == {
            first: ("first", State.ENDED, Ending.INTERRUPTED),
            second: ("second", State.ENDED, Ending.INTERRUPTED),
        }
        assert journal.run(first).recipe.training.epochs == 9
    assert {each.name.split("-")[0] for each in workspace.home.iterdir()} == {
        "runs", "presets", "workbench.db", "workbench.db.damaged",
    }  # fmt: skip


def test_what_can_still_be_read_of_a_damaged_file_is_kept_with_its_numbers(workspace: Workspace) -> None:
    with Journal(workspace) as journal:
        runs = [train(journal, f"run {number}", 5) for number in range(6)]
        blocks = {run: len(journal.steps(run)) for run in runs}
    # A page in the middle of the numbers: those before and after it can be read.
    _, pages = pages_of(workspace, "step_blocks")
    overwrite(workspace, pages // 2, 2)
    with Journal(workspace) as journal:
        assert journal.damage()
    saved = rescue(workspace)
    assert (saved.from_file, saved.from_backup, saved.from_folders) == (6, 0, 0)
    with Journal(workspace) as journal:
        assert journal.damage() == ""
        assert [journal.run(run).note for run in runs] == [f"note of run {number}" for number in range(6)]
        assert journal.run(runs[0]).tags == ("mine",)
        left = {run: len(journal.steps(run)) for run in runs}
        assert left[runs[0]] == blocks[runs[0]]
        assert left[runs[5]] == blocks[runs[5]]
        assert sum(blocks.values()) > sum(left.values()) > 0
        assert journal.create_run(Recipe()).number == 7


def test_runs_that_only_the_backup_knows_come_from_it(workspace: Workspace) -> None:
    with Journal(workspace) as journal:
        old = train(journal, "old")
        back_up(workspace.database, backup_path(workspace.database, 1))
        new = train(journal, "new")
    workspace.database.write_bytes(b"not a database" * 1000)
    assert newest_backup(workspace) == backup_path(workspace.database, 1)
    saved = rescue(workspace)
    assert (saved.from_file, saved.from_backup, saved.from_folders) == (0, 1, 1)
    with Journal(workspace) as journal:
        assert (journal.run(old).ending, journal.run(old).note) == (Ending.STOPPED, "note of old")
        assert len(journal.steps(old)) == 2
        assert (journal.run(new).ending, journal.run(new).number) == (Ending.INTERRUPTED, 2)
    assert newest_backup(workspace) is not None


def test_a_row_that_makes_no_sense_is_left_to_the_folder(workspace: Workspace) -> None:
    with Journal(workspace) as journal:
        good, bad = train(journal, "good"), train(journal, "bad")
        journal.write("UPDATE runs SET state = 'no state' WHERE id = ?", bad)
        journal.write("UPDATE events SET kind = 'Nonsense' WHERE run = ? AND kind = 'EpochEnded'", good)
    saved = rescue(workspace)
    assert (saved.from_file, saved.from_folders) == (1, 1)
    with Journal(workspace) as journal:
        assert journal.run(bad).ending is Ending.INTERRUPTED
        assert [type(each.event) for each in journal.events(good)][-1] is AttemptEnded
        assert len(journal.steps(good)) == 2


def test_a_journal_in_use_is_not_exchanged(workspace: Workspace) -> None:
    if place.safe_mode():
        pytest.skip("without a log nobody holds a lock between two writes")
    with Journal(workspace) as journal:
        run = train(journal, "mine")
        with pytest.raises(WorkspaceError, match=r"in use\. Close the window"):
            rescue(workspace)
        assert journal.run(run).name == "mine"
    assert not list(workspace.home.glob("*damaged*"))


def test_on_a_full_disk_the_damaged_journal_stays_where_it_is(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Journal(workspace) as journal:
        train(journal, "mine")
    workspace.database.write_bytes(b"not a database" * 1000)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(adopting.kept, "manifests", full)
    with pytest.raises(WorkspaceError, match="is full"):
        rescue(workspace)
    assert workspace.database.read_bytes().startswith(b"not a database")
    assert {each.name for each in workspace.home.iterdir()} == {"workbench.db", "runs", "presets"}


def test_an_adopted_run_has_its_recipe_and_is_adopted_once(workspace: Workspace) -> None:
    with Journal(workspace) as journal:
        folder = workspace.run_folder("20250102-030405-abcdef")
        folder.mkdir()
        with pytest.raises(WorkspaceError):
            adopt(journal, folder)
        (folder / "recipe.toml").write_text("format = 7")
        with pytest.raises(RecipeError):
            adopt(journal, folder)
        (folder / "recipe.toml").write_text('format = 1\n[training]\nepochs = 4\nkeep = "last"\n')
        run = adopt(journal, folder)
        assert (run.number, run.name, run.state, run.ending) == (1, "Run 1", State.ENDED, Ending.INTERRUPTED)
        assert (run.epochs, run.epochs_planned, run.weights_sha256) == (0, 4, None)
        assert adopt(journal, folder) == run
        said = [each.event for each in journal.events(run.id)]
        assert [type(event) for event in said] == [RunCreated, AttemptEnded]


def test_what_lies_beside_a_damaged_database_goes_with_it_and_is_never_taken_for_the_new_ones(
    workspace: Workspace,
) -> None:
    workspace.create()
    new = workspace.home / "new"
    new.write_bytes(b"new")
    for end in ("", "-wal", "-journal", "-shm"):
        workspace.database.with_name(f"workbench.db{end}").write_bytes(f"old{end}".encode())
    kept = _exchange(workspace, new)
    assert workspace.database.read_bytes() == b"new"
    assert {path.name.removeprefix(kept.name): path.read_bytes() for path in workspace.home.glob("*damaged*")} == {
        "": b"old", "-wal": b"old-wal", "-journal": b"old-journal",
    }  # fmt: skip
    assert {path.name for path in workspace.home.glob("workbench.db*")} - {"workbench.db"} == {
        kept.name + end for end in ("", "-wal", "-journal")
    }


def test_an_exchange_that_fails_leaves_the_damaged_journal_and_its_logs_where_they_were(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace.create()
    new = workspace.home / "new"

    def lay_out() -> dict[str, bytes]:
        new.write_bytes(b"new")
        for end in ("", "-wal", "-journal"):
            workspace.database.with_name(f"workbench.db{end}").write_bytes(f"old{end}".encode())
        return {path.name: path.read_bytes() for path in workspace.home.iterdir() if path.is_file()}

    def exchange(fault: Fault) -> bool:
        with monkeypatch.context() as armed:
            faulty_files(armed, fault)
            try:
                _exchange(workspace, new)
            except OSError:
                return False
        return True

    before = lay_out()
    counting = Fault(0, RuntimeError)
    assert exchange(counting)
    failed = 0
    for at in range(1, counting.calls + 1):
        for path in workspace.home.glob("*damaged*"):
            path.unlink()
        lay_out()
        done = exchange(Fault(at, says(errno.EIO)))
        failed += not done
        found = {path.name: path.read_bytes() for path in workspace.home.iterdir() if path.is_file()}
        assert found == before or (done and found["workbench.db"] == b"new" and len(found) == 4), at
    assert failed >= 3
