"""A workspace that is looked over: what is found, what is mended, and that nothing is lost by it."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from workbench.errors import DamagedError, WorkspaceError
from workbench.events import Ending, State
from workbench.journal import Journal
from workbench.journal.alive import hold
from workbench.journal.queue import pause_queue
from workbench.journal.store import ballast_path
from workbench.launch import start
from workbench.launch.care import look, runs
from workbench.launch.care.finding import GRACE_SECONDS, Finding, Kind
from workbench.launch.care.look import look_over, mend_all
from workbench.launch.keeper import Keeper, keep
from workbench.launch.start import keeper_lock
from workbench.paths import Workspace, write_atomic
from workbench.spec import Recipe


def kinds(found: list[Finding]) -> list[Kind]:
    return [each.kind for each in found]


def only(workspace: Workspace) -> Finding:
    (found,) = look_over(workspace)
    return found


def mended(workspace: Workspace) -> list[str]:
    """Mend everything; what was done. Nothing may be left."""
    done, left = mend_all(workspace)
    assert not left
    assert not [each.failed for each in done if each.failed]
    assert look_over(workspace) == []
    return [each.done for each in done]


def age(path: Path) -> None:
    """Let something be old enough not to be in the making."""
    old = time.time() - 2 * GRACE_SECONDS
    for each in (path, *path.rglob("*")):
        os.utime(each, (old, old))


def save(folder: Path, epoch: int, best: int = 0) -> Path:
    """A checkpoint as the engine writes it, with arrays of no meaning; its folder."""
    place = folder / f"{epoch:06d}-{epoch * 10:09d}"
    place.mkdir(parents=True)
    contents = {name: f"{name} of epoch {epoch}".encode() for name in ("weights.safetensors", "state.safetensors")}
    for name, content in contents.items():
        (place / name).write_bytes(content)
    weights, state = (hashlib.sha256(content).hexdigest() for content in contents.values())
    manifest = {
        "format": 2, "file": f"{place.name}/weights.safetensors", "epoch": epoch, "step": epoch * 10, "file_sha256": weights,
        "weights_sha256": f"weights {epoch}", "state_sha256": state,
        "best": f"{best:06d}-{best * 10:09d}" if best else "",
    }  # fmt: skip
    (place / "manifest.json").write_text(json.dumps(manifest))
    if best == epoch:
        (folder / "best.json").write_text(json.dumps(manifest))
    return place


@pytest.fixture
def kept(journal: Journal, workspace: Workspace) -> tuple[str, Path]:
    """A run that ended with checkpoints of epochs 1, 2 (the best) and 3: its id, and where they lie."""
    run = journal.create_run(Recipe(), "kept").id
    folder = workspace.run_folder(run) / "checkpoints"
    assert journal.begin_attempt(run)
    for epoch, best in ((1, 1), (2, 2), (3, 2)):
        save(folder, epoch, best)
    journal.describe_weights(run, "weights 2", "weights 3")
    journal.end(run, Ending.COMPLETED, "All epochs were trained.")
    return run, folder


@pytest.fixture
def stopped_keeper() -> Callable[[], None]:
    """Ends the keepers that a test has started."""

    def stop() -> None:
        for process in start._adopted:
            process.terminate()
            process.wait(timeout=20)
        start.reap()

    return stop


# --- a workspace that is well ---------------------------------------------------------------------


def test_a_new_workspace_is_well(workspace: Workspace) -> None:
    assert look_over(workspace) == []
    assert mend_all(workspace) == ([], [])


def test_what_an_engine_leaves_behind_is_well(
    workspace: Workspace, journal: Journal, recipe: Recipe, story: Callable[..., None]
) -> None:
    for name in ("completed", "died", "failed"):
        story(name, 20)
        journal.create_run(recipe, name)
        assert keep(workspace, 0.2)
    assert look_over(workspace) == []


def test_a_run_at_work_is_left_alone(workspace: Workspace, journal: Journal) -> None:
    run = journal.create_run(Recipe()).id
    folder = workspace.run_folder(run)
    with hold(folder / "alive") as alive, hold(keeper_lock(workspace)) as keeper:
        assert alive
        assert keeper
        assert journal.begin_attempt(run)
        ballast_path(workspace, run).write_bytes(b"x")
        (folder / "checkpoints" / ".000001-000000010.new").mkdir(parents=True)
        age(folder)
        assert look_over(workspace) == []


# --- the database ---------------------------------------------------------------------------------


def test_a_damaged_database_is_made_anew_and_kept(
    workspace: Workspace, kept: tuple[str, Path], journal: Journal
) -> None:
    run, _ = kept
    journal.close()
    workspace.database.write_bytes(b"not a database" * 1000)
    found = only(workspace)
    assert found.kind is Kind.DAMAGED_DATABASE
    assert str(workspace.database) in found.sentence
    (done,) = mended(workspace)
    assert "0 runs from it, and 1 from folders" in done
    (aside,) = workspace.home.glob("workbench.db.damaged-*")
    assert aside.name in done
    assert aside.read_bytes().startswith(b"not a database")
    with Journal(workspace) as new:
        row = new.run(run)
    assert (row.name, row.ending, row.epochs, row.best_epoch) == ("kept", Ending.INTERRUPTED, 3, 2)
    assert (row.weights_sha256, row.last_weights_sha256) == ("weights 2", "weights 3")
    assert "3 checkpoints were found" in row.reason


def test_a_damaged_database_is_left_alone_while_a_run_is_at_work(workspace: Workspace, journal: Journal) -> None:
    run = journal.create_run(Recipe()).id
    journal.close()
    workspace.database.write_bytes(b"not a database" * 1000)
    with hold(workspace.run_folder(run) / "alive"):
        (tried,), left = mend_all(workspace)
        assert not left
        assert "Wait until it has ended" in tried.failed
    with hold(keeper_lock(workspace)):
        (tried,), _ = mend_all(workspace)
        assert "keeper is at work" in tried.failed
    assert workspace.database.read_bytes().startswith(b"not a database")


def test_a_damaged_database_is_left_alone_while_a_window_has_it_open(workspace: Workspace) -> None:
    workspace.database.write_bytes(b"not a database" * 1000)
    program = "import sys; file = open(sys.argv[1], 'rb'); print('open', flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", program, str(workspace.database)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout
        assert other.stdout.readline()
        (tried,), _ = mend_all(workspace)
        other.communicate()
    assert f"in use (process {other.pid}). Close the window" in tried.failed
    assert workspace.database.read_bytes().startswith(b"not a database")


def test_a_keeper_lets_go_of_a_database_that_was_damaged_under_it(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged(_: Keeper) -> bool:
        raise DamagedError("It is damaged.")

    monkeypatch.setattr(Keeper, "tick", damaged)
    with pytest.raises(DamagedError):
        keep(workspace, 0.2)
    with hold(keeper_lock(workspace)) as lock:
        assert lock


def test_a_workspace_that_cannot_be_used_is_said_to_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WorkspaceError, match="file where a folder is needed"):
        look_over(Workspace(tmp_path / "file"))


# --- runs without an owner ------------------------------------------------------------------------


def test_a_run_whose_engine_is_gone_is_ended(
    workspace: Workspace, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.launch.notice.GRACE_SECONDS", 0.0)
    run = journal.create_run(Recipe(), "lost").id
    assert journal.begin_attempt(run)
    found = only(workspace)
    assert (found.kind, found.run) == (Kind.NO_ENGINE, run)
    assert "lost is said to be preparing" in found.sentence
    assert mended(workspace) == ["lost is interrupted."]
    assert journal.run(run).ending is Ending.INTERRUPTED


def test_a_queue_without_a_keeper_goes_on(
    *, workspace: Workspace, journal: Journal, recipe: Recipe, story: Callable[..., None], stopped_keeper: Callable[[], None],
    until: Callable[..., None],
) -> None:  # fmt: skip
    story("completed", 20)
    reserved = journal.create_run(recipe, reserve_seconds=60)
    assert look_over(workspace) == []
    journal.release(reserved.id)
    found = only(workspace)
    assert found.kind is Kind.NO_KEEPER
    assert "1 run in the queue (Run 1)" in found.sentence
    try:
        assert mended(workspace) == ["A keeper was started."]
        until(lambda: journal.run(reserved.id).state is State.ENDED)
    finally:
        stopped_keeper()
    assert journal.run(reserved.id).ending is Ending.COMPLETED


# --- weights --------------------------------------------------------------------------------------


def test_kept_weights_that_are_damaged_are_named_with_what_a_resume_uses(
    workspace: Workspace, kept: tuple[str, Path]
) -> None:
    run, folder = kept
    assert look_over(workspace) == []
    weights = folder / "000002-000000020" / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"?")
    found = only(workspace)
    assert (found.kind, found.run, found.mend) == (Kind.LOST_WEIGHTS, run, None)
    assert "are damaged (checkpoints/000002-000000020/weights.safetensors)" in found.sentence
    assert "epoch 3, step 30 is whole" in found.remedy
    (folder / "000003-000000030" / "state.safetensors").unlink()
    assert "epoch 1, step 10 is whole" in only(workspace).remedy
    (folder / "000001-000000010" / "weights.safetensors").write_bytes(b"")
    assert "begins at its start" in only(workspace).remedy


def test_a_best_that_leads_nowhere_is_named_again_by_the_newest_whole_checkpoint(
    workspace: Workspace, kept: tuple[str, Path]
) -> None:
    _, folder = kept
    good = (folder / "best.json").read_bytes()
    write_atomic(folder / "best.json", good.replace(b"000002-000000020/", b"000009-000000090/"))
    found = only(workspace)
    assert found.kind is Kind.LOST_BEST
    assert "epoch 2" in found.remedy
    assert mended(workspace) == ["The best is epoch 2 now."]
    assert (folder / "best.json").read_bytes() == good


def test_a_best_that_is_gone_with_its_weights_is_removed_and_the_loss_stays_said(
    workspace: Workspace, kept: tuple[str, Path]
) -> None:
    _, folder = kept
    (folder / "000002-000000020" / "weights.safetensors").unlink()
    assert kinds(look_over(workspace)) == [Kind.LOST_BEST, Kind.LOST_WEIGHTS]
    (done,), (left,) = mend_all(workspace)
    assert "was removed" in done.done
    assert not (folder / "best.json").exists()
    assert "are missing" in left.sentence


def test_a_manifest_reads_nothing_outside_its_folder(workspace: Workspace, kept: tuple[str, Path]) -> None:
    _, folder = kept
    tree = json.loads((folder / "best.json").read_text())
    (workspace.home / "outside").write_bytes(b"x")
    tree |= {"file": "../../../outside", "file_sha256": hashlib.sha256(b"x").hexdigest()}
    for path in (folder / "best.json", folder / "000002-000000020" / "manifest.json"):
        path.write_text(json.dumps(tree))
    assert kinds(look_over(workspace)) == [Kind.LOST_BEST, Kind.LOST_WEIGHTS]


# --- files astray ---------------------------------------------------------------------------------


def test_the_folder_of_a_run_that_the_journal_does_not_know_is_taken_in(
    workspace: Workspace, journal: Journal, kept: tuple[str, Path]
) -> None:
    run, folder = kept
    for table in ("runs", "events"):
        journal.write(f"DELETE FROM {table}")
    assert look_over(workspace) == []  # somebody may be making it
    age(folder.parent)
    found = only(workspace)
    assert (found.kind, found.run) == (Kind.STRAY_RUN, run)
    assert mended(workspace) == ["It is run 1, kept."]
    row = journal.run(run)
    assert (row.state, row.ending, row.epochs, row.weights_sha256) == (
        State.ENDED,
        Ending.INTERRUPTED,
        3,
        "weights 2",
    )


def test_a_folder_without_a_recipe_goes_into_the_trash_whole(workspace: Workspace) -> None:
    for number in (1, 2):
        folder = workspace.runs / "20250101-000000-abcdef"
        folder.mkdir()
        (folder / "log.txt").write_text(f"words {number}")
        age(folder)
        assert only(workspace).kind is Kind.STRAY_RUN
        assert mended(workspace)[0].startswith("It lies in ")
    assert (workspace.trash / "20250101-000000-abcdef" / "log.txt").read_text() == "words 1"
    assert (workspace.trash / "20250101-000000-abcdef (2)" / "log.txt").read_text() == "words 2"


def test_what_is_left_of_a_discarded_run_is_removed(workspace: Workspace, journal: Journal) -> None:
    run = journal.create_run(Recipe()).id
    journal.end(run, Ending.DISCARDED, "Discarded, as asked.")
    assert only(workspace).kind is Kind.DISCARDED_RUN
    assert mended(workspace) == ["It was removed."]
    assert not workspace.run_folder(run).exists()


def test_what_killed_programs_half_wrote_is_removed_and_nothing_else(
    workspace: Workspace, kept: tuple[str, Path]
) -> None:
    run, folder = kept
    garbage = [
        folder / ".000004-000000040.new" / "weights.safetensors",
        folder / ".000001-000000010.old" / "manifest.json",
        folder / ".best.json.abcd_123",
        folder.parent / ".recipe.toml.abcd_123",
        ballast_path(workspace, run),
        workspace.home / ".workbench.db.format-1.backup",
        workspace.home / ".rescue.abcd" / "workbench.db",
        workspace.home / ".window.json.abcd_123",
    ]
    preset = workspace.presets / ".mine.toml.abcd_123"
    mine = [
        workspace.presets / "mine.toml", workspace.home / "notes.txt", workspace.home / ".my.settings", folder / "best.json",
        workspace.home / "workbench.db.format-1.backup", folder.parent / "recipe.toml",
    ]  # fmt: skip
    for path in (*garbage, preset, *(each for each in mine if not each.exists())):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x" * 1000)
    assert look_over(workspace) == []  # somebody may be writing them
    age(workspace.home)
    found = only(workspace)
    assert found.kind is Kind.LEFTOVERS
    assert "9 leftovers" in found.sentence
    assert mended(workspace) == [f"8 leftovers removed, 1 moved to {workspace.trash}."]
    assert not [path for path in (*garbage, preset) if path.exists()]
    assert all(path.exists() for path in mine)
    assert (workspace.trash / preset.name).read_bytes() == b"x" * 1000


def test_what_cannot_be_mended_says_why_and_the_rest_is_mended(
    workspace: Workspace, journal: Journal, kept: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = journal.create_run(Recipe()).id
    journal.end(run, Ending.DISCARDED, "")
    _, folder = kept
    (folder / "best.json").write_text("{}")
    monkeypatch.setattr("workbench.launch.notice.shutil.rmtree", lambda *_, **__: None)
    done, left = mend_all(workspace)
    assert not left
    assert {each.finding.kind: bool(each.failed) for each in done} == {Kind.DISCARDED_RUN: True, Kind.LOST_BEST: False}


def test_what_is_found_again_after_it_was_mended_is_said_to_have_failed(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    stubborn = Finding(Kind.LEFTOVERS, "It is wrong.", "It is mended.", lambda: "Done.")
    monkeypatch.setattr(look, "look_over", lambda _: [stubborn])
    (tried,), left = mend_all(workspace)
    assert left == []
    assert (tried.done, tried.failed) == ("", "Done. Yet it is found again.")


def test_a_queue_that_was_paused_lacks_no_keeper(workspace: Workspace, journal: Journal) -> None:
    journal.create_run(Recipe())
    assert [each.kind for each in runs.look(journal)] == [Kind.NO_KEEPER]
    pause_queue(journal, paused=True)
    assert runs.look(journal) == []
