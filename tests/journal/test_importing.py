"""Runs of another workspace come into this one whole or not at all, and a stranger's folder is believed nothing."""

from __future__ import annotations

import errno
import io
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.faults import Fault
from workbench.engine import checkpoint
from workbench.errors import ErrorCard, WorkspaceError
from workbench.events import (
    COLUMNS,
    AttemptStarted,
    BestSoFar,
    Command,
    DataReady,
    Ending,
    EpochEnded,
    Failed,
    ModelReady,
    StepBlock,
    Warned,
)
from workbench.journal import (
    Journal,
    compared,
    foreign,
    foreign_files,
    foreign_watched,
    importing,
    labels,
    trash,
    watched,
)
from workbench.journal.alive import hold
from workbench.journal.compared import Pictures
from workbench.journal.foreign_rows import RUN
from workbench.journal.importing import Report, bring
from workbench.journal.schema import MIGRATIONS
from workbench.journal.strange import StoppedError
from workbench.journal.tested import looks_at_test, remember_test
from workbench.journal.watched import Answers, Samples
from workbench.launch.care import files
from workbench.launch.keeper import Keeper
from workbench.paths import HALF, Workspace
from workbench.spec import Recipe
from workbench.spec.recipe import changed

ROOT = Path(__file__).parent.parent.parent
RNG = np.random.default_rng(1)
ONE_ROW = "SELECT id FROM runs"


def quiet(_done: int, _total: int, _name: str) -> None: ...


def trained(journal: Journal, name: str = "", epochs: int = 2, recipe: Recipe | None = None) -> str:
    """An ended run with all that one can have: numbers, what was watched, labels, a log, checkpoints."""
    run = journal.create_run(recipe or changed(Recipe(), "training.epochs", 9), name).id
    attempt = journal.begin_attempt(run)
    assert attempt
    ready = DataReady(20, 4, 4, ("a", "b"), (8, 8, 1), 10, "f" * 64, mean=(1.0,), spread=(2.0,))
    samples = Samples(
        np.arange(4), np.zeros(4, np.int32), 4, np.arange(2), np.zeros((2, 8, 8, 1), np.uint8), None, np.zeros((0, 0, 0), np.uint8)
    )  # fmt: skip
    journal.say(run, attempt, [ready, ModelReady(9, "tensorflow", "CPU", 2, {"keras": "3"}), samples.row()])
    folder = journal.workspace.run_folder(run)
    for epoch in range(1, epochs + 1):
        numbers = RNG.normal(size=(10, len(COLUMNS))).astype(np.float32)
        numbers[3, 0] = np.nan
        answers = Answers(np.ones(4, np.int32), np.ones(4, np.float32), np.zeros(4, np.float32))
        block = StepBlock(epoch * 10 - 9, numbers, float(epoch), epoch + 1.0)
        ended = EpochEnded(epoch, epoch * 10, float(epoch), {"loss": float("nan"), "val_loss": 1 / epoch}, 99.0)
        journal.say(run, attempt, [block, answers.row(epoch), ended, BestSoFar(epoch, "val_loss", 1 / epoch)])
        weights = {"dense/kernel": RNG.normal(size=(3, 2)).astype(np.float32)}
        place = checkpoint.place_name(epoch, epoch * 10)
        made = checkpoint.save(
            folder / "checkpoints", epoch, epoch * 10, weights, {"seed": np.arange(2)}, facts={"a": 1}, best=place
        )
        journal.describe_weights(run, made.weights_sha256, made.weights_sha256)
    (folder / "log.txt").write_text("what the engine printed\n")
    labels.set_tags(journal, run, ("mine",))
    labels.set_note(journal, run, "a note\nof two lines")
    labels.pin(journal, run, pinned=True)
    remember_test(journal, run, 2, 20)
    journal.end(run, Ending.STOPPED, "Stopped.")
    return run


@pytest.fixture(autouse=True)
def _no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: None)


@pytest.fixture(scope="module")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("blank") / "home"
    Journal(Workspace(home)).close()
    return home


@pytest.fixture
def workspace(tmp_path: Path, blank: Path) -> Workspace:
    shutil.copytree(blank, tmp_path / "home")
    return Workspace(tmp_path / "home")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A workspace with one run, made once: the disk is waited for often."""
    home = tmp_path_factory.mktemp("made") / "there"
    with Journal(Workspace(home)) as journal:
        return home, trained(journal, "theirs")


@pytest.fixture
def source(tmp_path: Path, made: tuple[Path, str]) -> Workspace:
    """That workspace, to be spoiled."""
    shutil.copytree(made[0], tmp_path / "there")
    return Workspace(tmp_path / "there")


@pytest.fixture
def empty(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "there").create()


@pytest.fixture
def run(source: Workspace, made: tuple[Path, str]) -> str:
    return made[1]


def told(journal: Journal, run: str) -> tuple[Any, ...]:
    """All that a journal knows of a run, without its number."""
    names = ", ".join(RUN)
    said = [
        journal.query(f"SELECT {columns} FROM {table} WHERE run = ? ORDER BY id", run)
        for table, columns in (
            ("events", "attempt, time, kind, body"), ("step_blocks", "attempt, first_step, steps, begin, end, data"),
            ("watched", "attempt, epoch, kind, body"),
        )
    ]  # fmt: skip
    return journal.query(f"SELECT {names} FROM runs WHERE id = ?", run), *said


def content(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def refusal(workspace: Workspace, folder: Path) -> str:
    """Why nothing came in; and nothing is left of the try."""
    try:
        report = bring(workspace, folder, quiet)
    except WorkspaceError as error:
        why = str(error)
    else:
        assert not report.imported
        assert not report.already
        (refused,) = report.refused
        why = refused.why
    with Journal(workspace) as journal:
        assert journal.query(ONE_ROW) == []
        assert all(journal.query(f"SELECT 1 FROM {table}") == [] for table in ("events", "step_blocks", "watched"))
    assert list(workspace.runs.iterdir()) == []
    assert not list(workspace.home.glob(f"{importing.SCRATCH}*"))
    return why


# --- what comes in ------------------------------------------------------------------------------------------


def test_a_run_comes_in_with_all_that_was_said_of_it_and_all_its_files(
    workspace: Workspace, source: Workspace, run: str
) -> None:
    with Journal(workspace) as journal:
        journal.create_run(Recipe())
    report = bring(workspace, source.home, quiet)
    (found,) = report.imported
    assert (found.run.id, found.run.number, found.run.name, found.checkpoints, found.notes) == (run, 2, "theirs", 2, ())
    with Journal(workspace) as here, Journal(source) as there:
        assert told(here, run) == told(there, run)
        assert looks_at_test(here, run) == looks_at_test(there, run)
        assert here.run(run).tags == ("mine",)
    files_there = content(source.run_folder(run))
    assert content(workspace.run_folder(run)) == files_there
    assert {name.rpartition("/")[2] for name in files_there} == {
        "recipe.toml", "log.txt", "best.json", "manifest.json", "weights.safetensors", "state.safetensors",
    }  # fmt: skip
    assert checkpoint.open_whole(
        workspace.run_folder(run) / "checkpoints", checkpoint.manifests(workspace.run_folder(run) / "checkpoints")[0]
    )


def test_a_second_import_adds_nothing_and_says_so(workspace: Workspace, source: Workspace, run: str) -> None:
    bring(workspace, source.home, quiet)
    with Journal(workspace) as journal:
        before = told(journal, run)
    again = bring(workspace, source.home, quiet)
    assert ([each.id for each in again.already], again.imported, again.refused) == ([run], (), ())
    with Journal(workspace) as journal:
        assert told(journal, run) == before
        assert len(journal.query(ONE_ROW)) == 1


@pytest.mark.parametrize("left", [True, False])
def test_what_was_deleted_for_good_here_comes_back_under_its_number(
    workspace: Workspace, source: Workspace, run: str, left: bool
) -> None:
    bring(workspace, source.home, quiet)
    with Journal(workspace) as journal:
        journal.create_run(Recipe())
        trash.destroy(journal, run)
    if left:  # what could not be removed then
        (workspace.run_folder(run) / "checkpoints").mkdir(parents=True)
    (found,) = bring(workspace, source.home, quiet).imported
    assert (found.run.id, found.run.number, found.run.ending) == (run, 1, Ending.STOPPED)
    with Journal(workspace) as here, Journal(source) as there:
        assert told(here, run) == told(there, run)
    assert content(workspace.run_folder(run)) == content(source.run_folder(run))


def test_a_name_that_only_says_its_number_says_the_new_one(workspace: Workspace, empty: Workspace) -> None:
    with Journal(empty) as journal:
        trained(journal)
    with Journal(workspace) as journal:
        journal.create_run(Recipe())
    (found,) = bring(workspace, empty.home, quiet).imported
    assert (found.run.number, found.run.name) == (2, "Run 2")


def test_what_is_discarded_or_in_the_trash_there_stays_there(workspace: Workspace, source: Workspace, run: str) -> None:
    with Journal(source) as journal:
        journal.write("UPDATE runs SET trashed = 1 WHERE id = ?", run)
        journal.discard_ended(trained(journal, "gone"))
    assert bring(workspace, source.home, quiet) == Report()


def test_the_source_is_left_as_it_was_also_with_an_open_log(workspace: Workspace, source: Workspace, run: str) -> None:
    with Journal(source) as journal:
        journal.write("UPDATE runs SET note = 'only in the log' WHERE id = ?", run)
        before = content(source.home)
        assert before["workbench.db-wal"]
        (found,) = bring(workspace, source.home, quiet).imported
        assert content(source.home) == before
    assert found.run.note == "only in the log"


def test_a_folder_that_may_only_be_read_is_enough(workspace: Workspace, source: Workspace, run: str) -> None:
    for path in (source.home, *source.home.rglob("*")):
        path.chmod(0o500 if path.is_dir() else 0o400)
    try:
        (found,) = bring(workspace, source.home, quiet).imported
    finally:
        for path in (source.home, *source.home.rglob("*")):
            path.chmod(0o700)
    assert found.run.id == run


def test_a_journal_of_an_older_format_is_brought_up_in_a_copy(
    workspace: Workspace, source: Workspace, run: str
) -> None:
    database = sqlite3.connect(source.database, isolation_level=None)
    database.execute("DROP TABLE watched")
    database.execute("PRAGMA user_version = 3")
    database.execute("PRAGMA journal_mode = DELETE")
    database.close()
    before = source.database.read_bytes()
    (found,) = bring(workspace, source.home, quiet).imported
    assert found.run.id == run
    assert source.database.read_bytes() == before
    with Journal(workspace) as journal:
        assert len(journal.steps(run)) == 2


def test_of_a_run_whose_pictures_are_elsewhere_it_is_said_what_does_without(
    workspace: Workspace, empty: Workspace
) -> None:
    with Journal(empty) as journal:
        recipe = changed(changed(Recipe(), "data.kind", "folder"), "data.path", "/no such/pictures")
        trained(journal, "own", recipe=recipe)
    (found,) = bring(workspace, empty.home, quiet).imported
    (note,) = found.notes
    assert note.startswith(
        "Its pictures are not here at /no such/pictures. Curves, weights and predict do without them;"
    )


def test_pictures_of_a_job_are_taken_where_the_job_was_made(
    workspace: Workspace, empty: Workspace, tmp_path: Path
) -> None:
    recipe = changed(changed(Recipe(), "data.kind", "folder"), "data.path", "/no such/pictures")
    with Journal(empty) as journal:
        run = trained(journal, "own", recipe=recipe)
        before = told(journal, run)
    compared.remember(empty.run_folder(run), "5" * 64, "/no such/pictures")
    (tmp_path / "mine").mkdir()
    mine = Pictures("folder", str(tmp_path / "mine"), "5" * 64)
    (found,) = bring(workspace, empty.home, quiet, pictures=mine).imported
    assert found.run.recipe == changed(recipe, "data.path", str(tmp_path / "mine"))
    assert "which the job was made with" in found.notes[0]
    assert (workspace.run_folder(run) / "recipe.toml").read_text() == found.run.recipe_toml
    with Journal(workspace) as journal:
        assert told(journal, run)[1:] == before[1:]


@pytest.mark.parametrize(
    "mark", ["", '{"/no such/pictures": "6"}', '{"/elsewhere": "5"}', "[", "[7]", "[" * 100_000, "link"]
)
@pytest.mark.parametrize("kind", ["folder", "mask_folder"])
def test_other_pictures_than_those_of_the_job_are_left_where_they_were(
    workspace: Workspace, empty: Workspace, tmp_path: Path, kind: str, mark: str
) -> None:
    recipe = changed(changed(Recipe(), "data.kind", "folder"), "data.path", "/no such/pictures")
    with Journal(empty) as journal:
        run = trained(journal, "own", epochs=0, recipe=recipe)
    good = '{"/no such/pictures": "5"}'
    (tmp_path / "good").write_text(good)
    place = empty.run_folder(run) / compared.NAME
    if mark == "link":
        place.symlink_to(tmp_path / "good")
    elif mark or kind != "folder":
        place.write_text(good if kind != "folder" else mark)
    (found,) = bring(workspace, empty.home, quiet, pictures=Pictures(kind, str(tmp_path), "5")).imported
    assert found.run.recipe == recipe
    assert found.notes[0].startswith("Its pictures are not here at /no such/pictures.")


@pytest.mark.parametrize("size", [1, 100_000])
def test_a_recipe_file_that_differs_is_not_taken_and_that_is_said(
    workspace: Workspace, source: Workspace, run: str, size: int
) -> None:
    (source.run_folder(run) / "recipe.toml").write_text("format = 1\n[training]\nepochs = 77\n" * size)
    (found,) = bring(workspace, source.home, quiet).imported
    assert found.notes == ("Its recipe.toml was not the journal's; the journal's was taken.",)
    assert (workspace.run_folder(run) / "recipe.toml").read_text() == found.run.recipe_toml


@pytest.mark.parametrize("path", ["~no-such-person/pictures", "/a\0b", "/" + "x" * 5000, "/folder/" * 20])
def test_a_path_of_pictures_may_be_anything(workspace: Workspace, empty: Workspace, path: str) -> None:
    with Journal(empty) as journal:
        trained(journal, "odd", recipe=changed(changed(Recipe(), "data.kind", "folder"), "data.path", path))
    (found,) = bring(workspace, empty.home, quiet, pictures=Pictures("folder", path, "5")).imported
    assert found.notes[0].startswith("Its pictures are not here at ")


# --- killed in the middle -----------------------------------------------------------------------------------


@pytest.mark.parametrize("piece", range(1, 12, 2))
def test_stopped_anywhere_nothing_half_stays_and_a_second_import_mends(
    workspace: Workspace, source: Workspace, run: str, piece: int
) -> None:
    pulse = Fault(piece, StoppedError)
    bring(workspace, source.home, quiet, pulse)
    with Journal(workspace) as journal:
        assert journal.query(ONE_ROW) == []
    assert list(workspace.runs.iterdir()) == []
    (found,) = bring(workspace, source.home, quiet).imported
    assert found.run.id == run


@pytest.mark.parametrize("steps", [1, 50])
def test_a_long_look_at_a_journal_can_be_stopped(
    workspace: Workspace, source: Workspace, run: str, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    monkeypatch.setattr(foreign, "STEPS", steps)
    copied = False
    bring_up = foreign._bring_up

    def begin(*given: Any) -> None:
        nonlocal copied
        copied = True
        bring_up(*given)

    def pulse() -> None:
        if copied:
            raise StoppedError

    monkeypatch.setattr(foreign, "_bring_up", begin)
    monkeypatch.setattr(importing, "_Bringing", None)  # it does not come so far
    assert bring(workspace, source.home, quiet, pulse) == Report()
    with Journal(workspace) as journal:
        assert journal.query(ONE_ROW) == []


def test_a_folder_that_a_killed_import_left_is_replaced_and_never_adopted(
    workspace: Workspace, source: Workspace, run: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As if the power had failed between the rename of the folder and the commit: the rows are not there.
    half = workspace.run_folder(run)
    shutil.copytree(source.run_folder(run), half)
    (half / HALF).touch()
    (half / "rest").write_text("of the killed one")
    scratch = workspace.home / f"{importing.SCRATCH}killed"
    scratch.mkdir()
    monkeypatch.setattr(files, "_is_old", lambda _: True)
    with Journal(workspace) as journal:
        (found,) = files.look(journal)
    assert found.kind == "leftovers"
    assert f"runs/{run}" in found.sentence
    (came,) = bring(workspace, source.home, quiet).imported
    assert came.run.id == run
    assert content(half) == content(source.run_folder(run))
    assert not scratch.exists()


def test_what_comes_back_is_not_removed_while_its_row_still_says_deleted(
    workspace: Workspace, source: Workspace, run: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(workspace, source.home, quiet)
    with Journal(workspace) as journal:
        trash.destroy(journal, run)
    synced = importing.sync_folder
    seen: list[bool] = []

    def look(folder: Path) -> None:
        # In its place, and not yet committed: a keeper that begins now must leave it alone.
        with Journal(workspace) as other:
            Keeper(other).clear_discarded()
            seen.append(files.look(other) == [])
        synced(folder)

    monkeypatch.setattr(importing, "sync_folder", look)
    (found,) = bring(workspace, source.home, quiet).imported
    assert (found.run.id, seen) == (run, [True])
    assert content(workspace.run_folder(run)) == content(source.run_folder(run))


def test_leftovers_of_a_killed_import_are_mended_away(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    half = workspace.run_folder("20260101-000000-abcdef")
    half.mkdir()
    (half / HALF).touch()
    (workspace.home / f"{importing.SCRATCH}x").mkdir()
    monkeypatch.setattr(files, "_is_old", lambda _: True)
    with Journal(workspace) as journal:
        (found,) = files.look(journal)
    assert found.mend
    found.mend()
    assert list(workspace.runs.iterdir()) == []
    assert not list(workspace.home.glob(f"{importing.SCRATCH}*"))


def test_a_folder_that_is_not_of_an_import_is_left_alone(workspace: Workspace, source: Workspace, run: str) -> None:
    place = workspace.run_folder(run)
    place.mkdir()
    (place / "precious").write_text("mine")
    report = bring(workspace, source.home, quiet)
    assert "doctor --mend" in report.refused[0].why
    assert content(place) == {"precious": b"mine"}
    with Journal(workspace) as journal:
        assert journal.query(ONE_ROW) == []


def test_a_journal_that_cannot_be_written_leaves_no_folder(
    workspace: Workspace, source: Workspace, run: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise WorkspaceError("The disk is full.")

    monkeypatch.setattr(importing, "sync_folder", full)
    with pytest.raises(WorkspaceError, match="full"):
        bring(workspace, source.home, quiet)
    assert list(workspace.runs.iterdir()) == []
    with Journal(workspace) as journal:
        assert journal.query(ONE_ROW) == []


@pytest.mark.parametrize("place", [(foreign, "copy"), (foreign_files, "copy"), (foreign_files, "write_synced")])
def test_a_full_disk_of_ours_is_not_the_strangers_fault(
    workspace: Workspace, source: Workspace, run: str, monkeypatch: pytest.MonkeyPatch, place: tuple[Any, str]
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(*place, full)
    with pytest.raises(WorkspaceError, match=f"disk that holds {workspace.home} is full"):
        bring(workspace, source.home, quiet)


def test_a_copy_that_outgrows_the_disk_while_it_is_brought_up_is_not_the_strangers_fault(
    workspace: Workspace, source: Workspace, run: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill(connection: sqlite3.Connection, path: Path) -> None:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages}")
        connection.execute("CREATE TABLE more AS SELECT zeroblob(1000000)")

    monkeypatch.setattr(foreign, "migrate", fill)
    with pytest.raises(WorkspaceError, match=f"disk that holds {workspace.home} is full"):
        bring(workspace, source.home, quiet)


def test_one_import_at_a_time(workspace: Workspace, source: Workspace, run: str) -> None:
    lock = hold(workspace.home / "import.lock")
    assert lock
    with lock, pytest.raises(WorkspaceError, match="Another import"):
        bring(workspace, source.home, quiet)
    assert bring(workspace, source.home, quiet).imported


# --- what stays out -----------------------------------------------------------------------------------------


def test_this_workspace_is_not_imported_into_itself(workspace: Workspace) -> None:
    with Journal(workspace), pytest.raises(WorkspaceError, match="this workspace itself"):
        bring(workspace, workspace.home, quiet)


def test_a_folder_without_a_journal_and_a_job_that_was_not_trained_are_named(
    workspace: Workspace, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    assert "neither job.json nor workbench.db" in refusal(workspace, tmp_path / "empty")
    (tmp_path / "empty" / "job.json").write_text("{}")
    assert "has not been trained yet" in refusal(workspace, tmp_path / "empty")


@pytest.mark.parametrize("state", ["queued", "preparing", "running", "paused"])
def test_a_run_that_is_not_over_is_refused(workspace: Workspace, source: Workspace, run: str, state: str) -> None:
    with Journal(source) as journal:
        journal.write("UPDATE runs SET state = ?, ending = NULL WHERE id = ?", state, run)
    assert f"theirs was not imported: it is {state} there. Import it when it has ended" in refusal(
        workspace, source.home
    )


def test_a_run_whose_engine_still_holds_its_lock_is_refused(workspace: Workspace, source: Workspace, run: str) -> None:
    lock = hold(source.run_folder(run) / "alive")
    assert lock
    with lock:
        assert "an engine is at work on it" in refusal(workspace, source.home)


def test_the_name_of_a_run_that_is_refused_steers_no_terminal(
    workspace: Workspace, source: Workspace, run: str
) -> None:
    with Journal(source) as journal:
        journal.write("UPDATE runs SET name = ?, seconds = 'x' WHERE id = ?", "a\x1b[2J", run)
    assert refusal(workspace, source.home).startswith("a\ufffd[2J was not imported: seconds must be")


def test_one_bad_run_does_not_keep_the_others_out(workspace: Workspace, source: Workspace, run: str) -> None:
    with Journal(source) as journal:
        second = trained(journal, "second")
        journal.ask(journal.create_run(Recipe(), "waits").id, Command.PAUSE)
        journal.write("UPDATE runs SET seconds = 'long' WHERE id = ?", run)
    report = bring(workspace, source.home, quiet)
    assert [each.run.id for each in report.imported] == [second]
    assert [each.name for each in report.refused] == ["theirs", "waits"]


Spoil = Callable[[Workspace, str], None]


def sql(*statements: str) -> Spoil:
    def spoil(source: Workspace, run: str) -> None:
        database = sqlite3.connect(source.database, isolation_level=None)
        for statement in statements:
            database.execute(statement, {"run": run} if ":run" in statement else {})
        database.close()

    return spoil


def said(kind: str, body: str) -> Spoil:
    def spoil(source: Workspace, run: str) -> None:
        with Journal(source) as journal:
            journal.write(
                "INSERT INTO events (run, attempt, time, kind, body) VALUES (?, 1, 1.0, ?, ?)", run, kind, body
            )

    return spoil


def linked(name: str) -> Spoil:
    """A file or folder of the run is a link to one of the same content elsewhere."""

    def spoil(source: Workspace, run: str) -> None:
        path = next(source.home.glob(name.format(run=run)))
        elsewhere = source.home.parent / "elsewhere"
        path.rename(elsewhere)
        path.symlink_to(elsewhere)

    return spoil


def manifest(**changes: Any) -> Spoil:
    def spoil(source: Workspace, run: str) -> None:
        path = source.run_folder(run) / "checkpoints" / "000001-000000010" / "manifest.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))

    return spoil


def best_elsewhere(source: Workspace, run: str) -> None:
    path = source.run_folder(run) / "checkpoints" / "best.json"
    tree = {**json.loads(path.read_text()), "file": "000009-000000090/weights.safetensors", "epoch": 9, "step": 90}
    path.write_text(json.dumps(tree))


def no_database(source: Workspace, _run: str) -> None:
    source.database.write_bytes(b"this is no database at all" * 400)


def cut_database(source: Workspace, _run: str) -> None:
    sql("PRAGMA journal_mode = DELETE")(source, "")
    with source.database.open("rb+") as file:
        file.truncate(source.database.stat().st_size // 2)


def undo_log(source: Workspace, _run: str) -> None:
    (source.home / "workbench.db-journal").write_bytes(b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + b"/etc/passwd" * 99)


def pipe(source: Workspace, run: str) -> None:
    path = source.run_folder(run) / "log.txt"
    path.unlink()
    os.mkfifo(path)


def other_bytes(source: Workspace, run: str) -> None:
    path = source.run_folder(run) / "checkpoints" / "000001-000000010" / "weights.safetensors"
    path.write_bytes(path.read_bytes()[:-1] + b"\x07")


def no_safetensors(source: Workspace, run: str) -> None:
    folder = source.run_folder(run) / "checkpoints" / "000001-000000010"
    (folder / "weights.safetensors").write_bytes(b"\xff" * 64)
    manifest(file_sha256="8667e718294e9e0df1d30600ba3eeb201f764aad2dad72748643e4a285e1d1f7")(source, run)


def archive(source: Workspace, run: str, **arrays: Any) -> None:
    with Journal(source) as journal:
        body = watched._packed(arrays)
        journal.write("INSERT INTO watched (run, attempt, epoch, kind, body) VALUES (?, 1, 3, 'answers', ?)", run, body)


def zip_bomb(source: Workspace, run: str) -> None:
    archive(source, run, given=np.zeros(2 << 20, np.uint16), share=np.zeros(2 << 20), true_share=np.zeros(2 << 20))


def false_shape(source: Workspace, run: str) -> None:
    """An array of four numbers whose header claims a trillion."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as made:
        for name in ("given", "share", "true_share"):
            header = io.BytesIO()
            np.lib.format.write_array_header_1_0(header, {"descr": "<f8", "fortran_order": False, "shape": (1 << 40,)})
            made.writestr(f"{name}.npy", header.getvalue() + bytes(32))
    with Journal(source) as journal:
        journal.write(
            "INSERT INTO watched (run, attempt, epoch, kind, body) VALUES (?, 1, 3, 'answers', ?)",
            run,
            content.getvalue(),
        )


def few_elsewhere(source: Workspace, run: str) -> None:
    body = Samples(
        np.arange(4), np.zeros(4, np.int32), 4, np.array([9]), np.zeros((1, 8, 8, 1), np.uint8), None, np.zeros((0, 0, 0), np.uint8)
    ).row().body  # fmt: skip
    with Journal(source) as journal:
        journal.write("INSERT INTO watched (run, attempt, epoch, kind, body) VALUES (?, 1, 0, 'samples', ?)", run, body)


def code_in_arrays(source: Workspace, run: str) -> None:
    body = watched._packed({"masks": np.array([{"an": "object"}], object)})
    with Journal(source) as journal:
        journal.write("INSERT INTO watched (run, attempt, epoch, kind, body) VALUES (?, 1, 1, 'masks', ?)", run, body)


#: What a value may have at most, so that specimens of more are quick to make.
LITTLE = 2 << 20
ENDED = '"step":30,"seconds":1.0,"metrics":{"loss":1.0},"images_per_second":1.0'
HOSTILE: dict[str, tuple[Spoil, str]] = {
    # where it is put
    "an id that leads outside": (sql("UPDATE runs SET id = '../../x'"), "its id must be an id as ours are"),
    "an id that is an absolute path": (sql("UPDATE runs SET id = '/elsewhere'"), "its id must be an id"),
    "a parent that leads outside": (sql("UPDATE runs SET parent = '../x'"), "parent must be an id"),
    # the database
    "no database": (no_database, "cannot be read as a journal"),
    "half a database": (cut_database, "journal"),
    "a log that names other files": (undo_log, "ended in the middle of a write"),
    "a link in the place of the database": (linked("workbench.db"), "is a link, where a plain file is expected"),
    "a newer format": (sql(f"PRAGMA user_version = {len(MIGRATIONS) + 1}"), "written by a newer version"),
    "another program's database": (sql("PRAGMA user_version = 0"), "no journal of the workbench"),
    "a missing table": (sql("DROP TABLE step_blocks"), "its tables are not those of a journal"),
    "a view named as our table": (
        sql("ALTER TABLE events RENAME TO hidden", "CREATE VIEW events AS SELECT * FROM hidden"),
        "its tables are not those",
    ),
    "a trigger": (
        sql("CREATE TRIGGER steal AFTER INSERT ON runs BEGIN DELETE FROM events; END"), "its tables are not those"
    ),
    "a column that computes": (
        sql("ALTER TABLE live ADD COLUMN bomb GENERATED ALWAYS AS (upper(body))"), "its tables are not"
    ),
    "a giant value": (
        sql(f"UPDATE step_blocks SET data = zeroblob({LITTLE + 1})"), "cannot be read (string or blob too big)"
    ),
    "a giant value in the run's own row": (
        sql(f"UPDATE runs SET device = zeroblob({LITTLE + 1})"), "string or blob too big"
    ),
    # the run's row
    "a word for a number": (sql("UPDATE runs SET epochs = 'many'"), "epochs must be a whole number"),
    "an endless time": (sql("UPDATE runs SET seconds = 9e999"), "seconds must be a finite number"),
    "a state that there is not": (sql("UPDATE runs SET ending = 'exploded'"), "'exploded' is not a valid Ending"),
    "metrics that are none": (sql("UPDATE runs SET best = '[1, 2]'"), "best must be metrics"),
    "metrics without end": (sql("UPDATE runs SET best = '" + "[" * 100_000 + "'"), "best must be JSON"),
    "a fingerprint that is a path": (sql("UPDATE runs SET weights_sha256 = '../../x'"), "weights_sha256 must be a"),
    "a recipe that is none": (sql("UPDATE runs SET recipe = 'no recipe'"), "its recipe cannot be read"),
    "bytes for text": (sql("UPDATE runs SET name = x'ff'"), "must be a text"),
    # what it said
    "an event that there is not": (said("Exploded", "{}"), "does not know (Exploded)"),
    "an epoch that is no number": (said("EpochEnded", '{"epoch":NaN,' + ENDED + "}"), "epoch must be a whole number"),
    "a time that is no number": (
        said("EpochEnded", '{"epoch":3,"step":30,"seconds":NaN,"metrics":{},"images_per_second":1.0}'),
        "seconds must be a finite number",
    ),
    "a list for a table": (
        said("EpochEnded", '{"epoch":3,"step":30,"seconds":1.0,"metrics":[1],"images_per_second":1.0}'), "metrics must be a table"
    ),
    "a metric that is too large for a float": (
        said("EpochEnded", '{"epoch":3,"step":30,"seconds":1.0,"metrics":{"loss":1' + "0" * 400 + '},"images_per_second":1.0}'),
        "metrics must be a number",
    ),
    "a metric of more digits than are read": (
        said("EpochEnded", '{"epoch":3,"step":30,"seconds":1.0,"metrics":{"loss":1' + "0" * 5000 + '},"images_per_second":1.0}'),
        "does not know (EpochEnded)",
    ),
    "a best that is too large for a float": (
        sql("UPDATE runs SET best = '{\"loss\": 1" + "0" * 400 + "}'"), "best must be a number"
    ),
    "text for a number": (
        said("BestSoFar", '{"epoch":3,"metric":"val_loss","value":"low"}'), "value must be a number"
    ),
    "a card that is none": (said("Failed", '{"card":{"title":1,"what_happened":"x"}}'), "title must be a text"),
    "a negative step": (said("AttemptStarted", '{"epoch":0,"step":-1,"process":1}'), "step must be a whole number"),
    "steps that leap far ahead": (sql("UPDATE step_blocks SET first_step = 1 << 39 WHERE id = 2"), "its steps leap from 10"),
    "fewer numbers than steps": (sql("UPDATE step_blocks SET steps = 7"), "are not as many as it says"),
    "an archive that unpacks to gigabytes": (zip_bomb, "would unpack to more than"),
    "an array that claims a trillion numbers": (false_shape, "what was watched"),
    "pictures that are not there": (few_elsewhere, "what was watched"),
    "objects in an array": (code_in_arrays, "what was watched"),
    # the files
    "a link for a checkpoint": (linked("runs/{run}/checkpoints/000001-000000010"), "is a link, where a folder is expected"),
    "a link for weights": (linked("runs/{run}/checkpoints/000001-000000010/weights.safetensors"), "is a link"),
    "a link for all checkpoints": (linked("runs/{run}/checkpoints"), "is a link"),
    "a link for the run's folder": (linked("runs/{run}"), "is a link"),
    "a link for the log": (linked("runs/{run}/log.txt"), "is a link"),
    "a link for all runs": (linked("runs"), "is a link"),
    "a pipe for the log": (pipe, "is a named pipe"),
    "a pointer to weights outside": (manifest(file="../../../secret"), "which is not its own place"),
    "a pointer to other weights": (manifest(file="000002-000000020/weights.safetensors"), "which is not its own place"),
    "a best that leads outside": (manifest(best="../../x"), "holds what no manifest of ours does"),
    "a best that is not there": (best_elsewhere, "where no checkpoint is"),
    "a manifest of another format": (manifest(format=3), "not one of this version"),
    "weights with other bytes": (other_bytes, "is damaged: its bytes are not those"),
    "weights that are no safetensors": (no_safetensors, "is no safetensors file"),
}  # fmt: skip


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_folder_brings_nothing_in_and_is_named(
    workspace: Workspace, source: Workspace, run: str, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(foreign, "LARGEST", LITTLE)
    monkeypatch.setattr(foreign_watched, "LARGEST", LITTLE)
    spoil, words = HOSTILE[what]
    spoil(source, run)
    assert words in refusal(workspace, source.home)


def test_the_path_of_pictures_steers_no_terminal(workspace: Workspace, empty: Workspace, tmp_path: Path) -> None:
    path = "/no such/\x1b[2J\u202e"
    recipe = changed(changed(Recipe(), "data.kind", "folder"), "data.path", path)
    with Journal(empty) as journal:
        trained(journal, "first", epochs=0, recipe=recipe)
        second = trained(journal, "second", epochs=0, recipe=recipe)
    compared.remember(empty.run_folder(second), "5", path)
    report = bring(workspace, empty.home, quiet, pictures=Pictures("folder", str(tmp_path), "5"))
    away, moved = (each.notes[0] for each in report.imported)
    assert away.startswith("Its pictures are not here at /no such/\ufffd[2J\ufffd.")
    assert moved.startswith("It was trained on the pictures in /no such/\ufffd[2J\ufffd; here")


def test_signs_that_steer_a_terminal_do_not_come_in(workspace: Workspace, source: Workspace, run: str) -> None:
    with Journal(source) as journal:
        journal.write(
            "UPDATE runs SET name = ?, reason = ?, note = ?",
            "a\x1b[2Jb\u202ec",
            "over\x1b[2J\nand out",
            "\x07ring\u202e",
        )
        journal.say(
            run, 1, [Warned("careful\x1b]0;owned\x07"), Failed(ErrorCard("t", "w", details="two\nlines\x9b1m"))]
        )
    (found,) = bring(workspace, source.home, quiet).imported
    assert found.run.name == "a\ufffd[2Jb\ufffdc"
    assert (found.run.reason, found.run.note) == ("over\ufffd[2J\nand out", "\ufffdring\ufffd")
    with Journal(workspace) as journal:
        warned, failed = (each.event for each in journal.events(run)[-2:])
    assert warned == Warned("careful\ufffd]0;owned\ufffd")
    assert isinstance(failed, Failed)
    assert failed.card.details == "two\nlines\ufffd1m"


POINTS = ["made", "put", "written"]
KILL = """
import os, signal, sys
from pathlib import Path
from workbench import paths
from workbench.journal import importing
from workbench.paths import Workspace

def die(*_): os.kill(os.getpid(), signal.SIGKILL)

match sys.argv[1]:
    case "made": importing._Bringing._put = die      # the folder is made, nothing else
    case "put": importing.sync_folder = die          # the folder is in its place, the rows are not committed
    case "written":                                  # the rows are committed, the mark is still there
        unlink = Path.unlink
        Path.unlink = lambda path, **more: die() if path.name == paths.HALF else unlink(path, **more)
importing.bring(Workspace(Path(sys.argv[2])), Path(sys.argv[3]), lambda *_: None)
"""


@pytest.mark.parametrize("point", POINTS)
def test_killed_at_any_point_it_is_all_there_or_mended_by_a_second_import(
    workspace: Workspace, source: Workspace, run: str, point: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", KILL, point, str(workspace.home), str(source.home)], check=False, cwd=ROOT
    )
    assert done.returncode == -signal.SIGKILL
    with Journal(workspace) as journal:
        there = [run] if point == "written" else []
        assert [found.id for found in journal.runs()] == there
    report = bring(workspace, source.home, quiet)
    assert [each.run.id for each in report.imported] + [each.id for each in report.already] == [run]
    assert content(workspace.run_folder(run)).keys() == content(source.run_folder(run)).keys()
    with Journal(workspace) as here, Journal(source) as theirs:
        assert told(here, run) == told(theirs, run)
    assert not list(workspace.home.glob(f"{importing.SCRATCH}*"))


def test_what_a_warning_says_is_taken_as_it_is(workspace: Workspace, empty: Workspace) -> None:
    with Journal(empty) as journal:
        run = trained(journal)
        journal.write(
            "INSERT INTO events (run, attempt, time, kind, body) VALUES (?, 2, 1.0, ?, ?)",
            run,
            "AttemptStarted",
            '{"epoch":2,"step":20,"process":7}',
        )
        journal.say(run, 2, [Warned("<b>careful</b>"), StepBlock(21, np.zeros((3, 5), np.float32), 0.0, 1.0)])
    bring(workspace, empty.home, quiet)
    with Journal(workspace) as journal:
        assert [each.event for each in journal.events(run)][-2:] == [AttemptStarted(2, 20, 7), Warned("<b>careful</b>")]
