"""Whatever the keeper, the command line or the window asks of journal and folders: one call of it fails, each in turn.

Out comes a sentence that names the cause, and never a half-done thing: all is as it was, or all is done. After that the
same is asked once more, and works.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.faults import Fault, FaultyConnection, every_fault, faulty_sqlite
from workbench.errors import WorkbenchError
from workbench.events import COLUMNS, BestSoFar, Command, DataReady, Ending, EpochEnded, StepBlock
from workbench.journal import Journal, labels, queue, taking_up, trash
from workbench.journal.adopting import adopt
from workbench.journal.rescue import rescue
from workbench.journal.schema import MIGRATIONS
from workbench.journal.trash import Freed
from workbench.launch import fork, notice
from workbench.launch.keeper import Keeper
from workbench.paths import Workspace, write_atomic
from workbench.spec import Recipe, presets
from workbench.spec.recipe import changed

RECIPE = changed(Recipe(), "training.epochs", 5)
STEPS = 10
#: Beside the journal: what SQLite keeps there while it is open, and what a migration keeps for good.
BESIDE = (".db-wal", ".db-shm", ".backup")

Arm = Callable[[pytest.MonkeyPatch, Fault], None]


# --- a workspace with a run of every kind, made once ---------------------------------------------------


def trained(journal: Journal, name: str) -> str:
    """A run at work with two epochs and a checkpoint, whose engine is gone."""
    run = journal.create_run(RECIPE, name).id
    attempt = journal.begin_attempt(run)
    assert attempt
    journal.say(run, attempt, [DataReady(100, 10, 10, tuple("0123456789"), (8, 8, 1), STEPS, "fingerprint")])
    for epoch in (1, 2):
        block = StepBlock((epoch - 1) * STEPS + 1, np.ones((STEPS, len(COLUMNS)), np.float32), 0.0, 1.0)
        ended = EpochEnded(epoch, epoch * STEPS, 1.0, {"loss": 0.5, "val_loss": 0.5}, 9.0)
        journal.say(run, attempt, [block, ended, BestSoFar(epoch, "val_loss", 0.5)])
    place = "000002-000000020"
    folder = journal.workspace.run_folder(run) / "checkpoints"
    content = b"weights" * 100
    digest = hashlib.sha256(content).hexdigest()
    for file in ("weights.safetensors", "state.safetensors"):
        write_atomic(folder / place / file, content)
    described = json.dumps({
        "file": f"{place}/weights.safetensors", "epoch": 2, "step": 20, "size": 1400, "file_sha256": digest,
        "weights_sha256": "w2", "state_sha256": digest, "format": 2, "ends_epoch": True, "best": place,
        "facts": {"standing": {"epoch": 2}, "plateau": None, "optimizer": "adam"},
    }).encode()  # fmt: skip
    write_atomic(folder / place / "manifest.json", described)
    write_atomic(folder / "best.json", described)
    return run


@functools.cache
def furnished(folder: Path) -> Path:
    with Journal(Workspace(folder / "home")) as journal:
        for name, ending in (("stopped", Ending.STOPPED), ("put away", Ending.COMPLETED), ("works", None)):
            run = trained(journal, name)
            if ending:
                journal.end(run, ending, "")
        trash.put(journal, journal.run("put away").id)
        for name in ("waits", "waits too", "reserved"):
            journal.create_run(RECIPE, name, reserve_seconds=1e9 if name == "reserved" else 0.0)
        labels.set_tags(journal, journal.run("stopped").id, ["old"])
    return folder / "home"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return furnished(tmp_path_factory.mktemp("template"))


# --- what is asked -------------------------------------------------------------------------------------


def run_named(journal: Journal, name: str) -> str:
    return journal.run(name).id


def on(deed: Callable[..., object], name: str, *arguments: Any, **more: Any) -> Callable[[Journal], object]:
    """A deed on the run of that name."""
    return lambda journal: deed(journal, run_named(journal, name), *arguments, **more)


def old_format(workspace: Workspace) -> None:
    """A journal as the first version wrote it, with a run."""
    workspace.database.unlink()
    with contextlib.closing(sqlite3.connect(workspace.database)) as old:
        old.executescript(MIGRATIONS[0])
        old.execute(
            "INSERT INTO runs (id, number, name, preset, recipe, created, state, epochs_planned) VALUES (?, 1, 'old', '', ?, 0, 'ended', 5)",
            (min(path.name for path in workspace.runs.iterdir()), presets.dump(RECIPE)),
        )
        old.execute("PRAGMA user_version = 1")
        old.commit()


def damaged(workspace: Workspace) -> None:
    workspace.database.write_bytes(b"not a database" * 1000)


def lost(workspace: Workspace) -> None:
    """The journal has forgotten a run whose folder is there."""
    with Journal(workspace) as journal:
        run = run_named(journal, "stopped")
        for table, column in (("runs", "id"), ("events", "run"), ("step_blocks", "run")):
            journal.write(f"DELETE FROM {table} WHERE {column} = ?", run)


def adopt_lost(journal: Journal) -> None:
    there = {run for (run,) in journal.query("SELECT id FROM runs")}
    (folder,) = (path for path in journal.workspace.runs.iterdir() if path.name not in there)
    adopt(journal, folder)


def requeue(journal: Journal, epochs: int | None = None) -> None:
    taking_up.requeue(journal, journal.run("stopped"), epochs)


def fork_it(journal: Journal) -> None:
    fork.fork(journal, journal.run("stopped"), changed(RECIPE, "optimizer.learning_rate", 0.01), name="child")


def save_preset(journal: Journal) -> None:
    presets.save(presets.Preset("mine", "Mine", RECIPE), journal.workspace)


@dataclass(frozen=True)
class Deed:
    do: Callable[[Journal], object] = lambda _: None
    #: what is asked of a workspace that nobody has open, in its place
    closed: Callable[[Workspace], object] | None = None
    #: puts the workspace into the state that it is asked in
    first: Callable[[Workspace], None] = lambda _: None
    #: folders that could not be removed go when the next keeper begins
    sweeps: bool = False
    #: may have been done although it is told to have failed: asking again does no harm
    may_be_done: bool = False
    #: may have written down which weights are on disk, which is so whatever becomes of the ending
    tells_weights: bool = False


DEEDS = {
    "create a run": Deed(lambda journal: journal.create_run(RECIPE, "new")),
    "take a queued run": Deed(on(Journal.begin_attempt, "waits")),
    "take a stopped run": Deed(on(Journal.begin_attempt, "stopped", 2, 20), first=lambda w: _with(w, requeue)),
    "ask": Deed(on(Journal.ask, "waits", Command.STOP)),
    "release": Deed(on(Journal.release, "reserved")),
    "take up again": Deed(requeue),
    "train longer": Deed(functools.partial(requeue, epochs=9)),
    "fork": Deed(fork_it),
    "rename": Deed(on(Journal.rename_run, "stopped", "better")),
    "set tags": Deed(on(labels.set_tags, "stopped", ["a", "b"])),
    "add tags": Deed(on(labels.add_tags, "stopped", ["new"])),
    "remove tags": Deed(on(labels.remove_tags, "stopped", ["old"])),
    "note": Deed(on(labels.set_note, "stopped", "A note.")),
    "pin": Deed(on(labels.pin, "stopped", pinned=True)),
    "put away": Deed(on(trash.put, "stopped")),
    "restore": Deed(on(trash.restore, "put away")),
    "empty the trash": Deed(trash.empty, sweeps=True),
    "delete for good": Deed(on(trash.destroy, "stopped"), sweeps=True),
    "discard an ended run": Deed(on(Journal.discard_ended, "stopped")),
    "move in the queue": Deed(on(queue.move, "waits too", 0)),
    "pause the queue": Deed(lambda journal: queue.pause_queue(journal, paused=True)),
    "several at once": Deed(lambda journal: queue.set_at_once(journal, 3)),
    "end a dead run": Deed(on(notice.end_dead, "works", "killed by signal 9, SIGKILL"), tells_weights=True),
    "end a killed run as stopped": Deed(on(notice.end_stopped, "works"), tells_weights=True),
    "end a discarded run": Deed(on(notice.end_discarded, "works"), sweeps=True),
    "end a run that never began": Deed(on(notice.end_unstarted, "waits", "exit code 3")),
    "take in a lost run": Deed(adopt_lost, first=lost),
    "save a preset": Deed(save_preset, may_be_done=True),
    "open a new workspace": Deed(
        closed=lambda workspace: Journal(workspace).close(), first=lambda workspace: shutil.rmtree(workspace.home)
    ),
    "bring an old journal up to date": Deed(closed=lambda workspace: Journal(workspace).close(), first=old_format),
    "save what is in a damaged journal": Deed(closed=rescue, first=damaged),
}


def _with(workspace: Workspace, deed: Callable[[Journal], object]) -> None:
    with Journal(workspace) as journal:
        deed(journal)


# --- what is there -------------------------------------------------------------------------------------


def state_of(workspace: Workspace) -> dict[str, Any]:
    """All that is in a workspace, but for ids and times; runs are known by their numbers."""
    # First, since whoever reads the journal leaves files beside it.
    paths = [path for path in workspace.home.rglob("*") if path.is_file() or path.parent == workspace.runs]
    files = {path.relative_to(workspace.home).parts: _content(path) for path in paths}
    state: dict[str, Any] = {"damaged": False}
    numbers = {}
    try:
        with contextlib.closing(sqlite3.connect(f"{workspace.database.as_uri()}?mode=ro", uri=True)) as database:
            database.row_factory = sqlite3.Row
            names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            for name in sorted(names, key="runs".__ne__):
                rows = [dict(row) for row in database.execute(f"SELECT * FROM {name} ORDER BY rowid")]
                if name == "runs":
                    numbers = {row["id"]: str(row["number"]) for row in rows}
                state[name] = [_bare(row, numbers) for row in rows]
    except sqlite3.OperationalError:
        assert not workspace.database.exists()
    except sqlite3.DatabaseError:
        state["damaged"] = True
    for parts, content in files.items():
        beside = parts[-1].endswith(BESIDE) and not parts[-1].startswith(".")
        if parts != (workspace.database.name,) and not beside:
            state["/".join(numbers.get(part, _undated(part)) for part in parts)] = content
    return state


def _content(path: Path) -> object:
    """What is in a file, where it is always the same."""
    if path.suffix in {".db", ".json"} or path.is_dir():
        return path.is_file()
    return path.read_bytes()


def without_weights(state: dict[str, Any]) -> dict[str, Any]:
    """A state but for which weights are said to be on disk."""
    bare = [{name: value for name, value in row.items() if "sha256" not in name} for row in state["runs"]]
    return {**state, "runs": bare}


def differing(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    """In which tables and files two states differ."""
    return sorted(key for key in one.keys() | other.keys() if one.get(key) != other.get(key))


def _bare(row: dict[str, Any], numbers: dict[str, str]) -> dict[str, Any]:
    for name in ("time", "created", "started", "ended", "trashed", "taken", "asked", "reserved"):
        if name in row:
            row[name] = bool(row[name])
    return {name: numbers.get(value, value) for name, value in row.items() if name not in {"process", "rowid", "body"}}


def _undated(name: str) -> str:
    return name.partition(".damaged-")[0] + ".damaged" * (".damaged-" in name)


# --- each call in turn ---------------------------------------------------------------------------------


def play(deed: Deed, workspace: Workspace, patch: pytest.MonkeyPatch, arm: Arm, fault: Fault) -> tuple[str, bool]:
    """Do it with a fault; the sentence that the person reads, empty when there is none, and whether it was refused."""
    with contextlib.ExitStack() as stack:
        journal = None if deed.closed else stack.enter_context(Journal(workspace))
        with patch.context() as armed:
            arm(armed, fault)
            try:
                if deed.closed:
                    deed.closed(workspace)
                    return "", False
                assert journal
                if arm is faulty_sqlite:
                    armed.setattr(journal, "_db", FaultyConnection(journal._db, fault))
                done = deed.do(journal)
            except WorkbenchError as error:
                return str(error), True
    return (done.left if isinstance(done, Freed) else ""), False


def again(deed: Deed, workspace: Workspace) -> None:
    if deed.closed:
        deed.closed(workspace)
    else:
        _with(workspace, deed.do)


def _linked(source: str, target: str) -> None:
    """Nothing is ever written into a file of a run that is whole; SQLite writes into its own."""
    (shutil.copyfile if source.endswith(".db") else os.link)(source, target)


@pytest.fixture
def fresh(template: Path, tmp_path: Path) -> Iterator[Callable[[Deed], Workspace]]:
    """Makes the workspace anew in which something is asked."""
    numbers = iter(range(10_000))

    def make(deed: Deed) -> Workspace:
        home = tmp_path / str(next(numbers)) / "home"
        shutil.copytree(template, home, copy_function=_linked)
        workspace = Workspace(home)
        deed.first(workspace)
        return workspace

    yield make
    shutil.rmtree(tmp_path)


@pytest.mark.parametrize(("arm", "error", "words"), every_fault())
@pytest.mark.parametrize("name", DEEDS)
def test_whichever_call_fails_all_is_as_it_was_or_all_is_done_and_the_person_reads_why(
    name: str,
    arm: Arm,
    error: Callable[[], Exception],
    words: str,
    *,
    fresh: Callable[[Deed], Workspace],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    deed = DEEDS[name]
    untouched, counting = fresh(deed), Fault(0, RuntimeError)
    before = state_of(untouched)
    assert play(deed, untouched, monkeypatch, arm, counting) == ("", False)
    after = state_of(untouched)
    if arm is faulty_sqlite:
        assert counting.calls or name == "save a preset"
    for at in range(1, counting.calls + 1):
        workspace = fresh(deed)
        said, refused = play(deed, workspace, monkeypatch, arm, Fault(at, error))
        case = f"call {at} of {counting.calls} to {name}: {said}"
        found = state_of(workspace)
        assert words in said or not said or (words == "was busy" and "is in use" in said), case
        assert "Traceback" not in said, case
        if refused and (found != after or not deed.may_be_done):
            kept = without_weights if deed.tells_weights else dict
            assert differing(kept(found), kept(before)) == [], case
        if refused and found != after:
            again(deed, workspace)
        elif deed.sweeps:
            _with(workspace, lambda journal: Keeper(journal).clear_discarded())
        assert differing(state_of(workspace), after) == [], case
        with Journal(workspace) as journal:
            assert journal.damage() == "", case
