"""The journal: what is kept, what is written once, and what is said when the disk does not play along."""

from __future__ import annotations

import errno
import math
import os
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench import events
from workbench.errors import WorkspaceError
from workbench.events import Command, Ending, Live, Phase, State, StepBlock
from workbench.journal import Journal, place
from workbench.journal.schema import MIGRATIONS, backup_path
from workbench.paths import Workspace
from workbench.spec import Recipe

ONE_MIB = 1024 * 1024


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "home")


@pytest.fixture(autouse=True, params=["", "1"], ids=["with a log", "safe mode"])
def _both_modes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the journal promises, it promises in safe mode as well."""
    monkeypatch.setenv(place.SAFE_MODE_VARIABLE, request.param)


def block(first: int = 1, losses: tuple[float, ...] = (1.0, 2.0)) -> StepBlock:
    numbers = np.zeros((len(losses), len(events.COLUMNS)), dtype=np.float32)
    numbers[:, 0] = losses
    return StepBlock(first, numbers, 0.0, 0.5)


def epoch(number: int, loss: float = 0.5) -> events.EpochEnded:
    return events.EpochEnded(number, number * 10, number * 1.5, {"loss": loss, "val_loss": loss + 0.1}, 1000.0, 0, 8)


# --- runs and their states ---------------------------------------------------------------------


def test_a_new_run_is_queued_with_its_recipe_on_disk(workspace: Workspace, journal: Journal) -> None:
    run = journal.create_run(Recipe(), preset="digits-cnn")
    assert (run.state, run.ending, run.name, run.number) == (State.QUEUED, None, "Run 1", 1)
    assert run.recipe == Recipe()
    assert (workspace.run_folder(run.id) / "recipe.toml").read_text() == run.recipe_toml
    assert [type(said.event) for said in journal.events(run.id)] == [events.RunCreated]


def test_runs_are_found_by_id_number_and_newest_name(journal: Journal) -> None:
    first = journal.create_run(Recipe(), "twice")
    second = journal.create_run(Recipe(), "twice")
    assert journal.run(first.id) == first
    assert journal.run("1") == first
    assert journal.run("twice") == second
    assert [run.id for run in journal.runs()] == [second.id, first.id]
    with pytest.raises(WorkspaceError, match=r"no run 'thrice'.*workbench runs"):
        journal.run("thrice")


def test_a_queued_run_is_taken_once(journal: Journal) -> None:
    run = journal.create_run(Recipe())
    assert journal.begin_attempt(run.id) == 1
    assert journal.begin_attempt(run.id) is None
    assert journal.run(run.id).process == os.getpid()


def test_of_many_that_want_a_run_one_gets_it(workspace: Workspace, journal: Journal) -> None:
    run = journal.create_run(Recipe())
    start = threading.Barrier(6)
    taken: list[int | None] = []

    def want() -> None:
        with Journal(workspace) as own:
            start.wait()
            taken.append(own.begin_attempt(run.id))

    threads = [threading.Thread(target=want, name=f"engine {index}") for index in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken, key=str) == [1, None, None, None, None, None]


def test_an_ending_is_written_once(workspace: Workspace, journal: Journal) -> None:
    run = journal.create_run(Recipe())
    attempt = journal.begin_attempt(run.id)
    assert attempt
    with Journal(workspace) as other:
        assert journal.end(run.id, Ending.COMPLETED, "done")
        assert not other.end(run.id, Ending.INTERRUPTED, "gone")
    run = journal.run(run.id)
    assert (run.state, run.ending, run.reason, run.process) == (State.ENDED, Ending.COMPLETED, "done", None)
    assert [said.event for said in journal.events(run.id) if isinstance(said.event, events.AttemptEnded)] == [
        events.AttemptEnded(Ending.COMPLETED, "done", 0)
    ]


def test_a_state_moves_only_from_where_it_is_expected(journal: Journal) -> None:
    run = journal.create_run(Recipe())
    assert not journal.set_state(run.id, State.RUNNING, among=(State.PREPARING,))
    assert journal.set_state(run.id, State.STOPPING, among=(State.QUEUED, State.RUNNING))
    assert journal.run(run.id).state is State.STOPPING


def test_discarded_runs_are_not_listed(journal: Journal) -> None:
    run = journal.create_run(Recipe())
    journal.end(run.id, Ending.DISCARDED, "")
    assert journal.runs() == []
    assert journal.unended() == []


def test_a_discarded_run_leaves_no_numbers_behind(journal: Journal) -> None:
    at_work, over, kept = (journal.create_run(Recipe()) for _ in range(3))
    for run in (at_work, over, kept):
        assert journal.begin_attempt(run.id)
        journal.say(run.id, 1, [block(), epoch(1)])
    journal.end(at_work.id, Ending.DISCARDED, "")
    journal.end(over.id, Ending.COMPLETED, "")
    assert not journal.discard_ended(kept.id)
    assert journal.discard_ended(over.id)
    assert journal.steps(at_work.id) == journal.steps(over.id) == []
    assert journal.events(over.id) == []
    assert isinstance(journal.events(at_work.id)[-1].event, events.AttemptEnded)
    assert len(journal.steps(kept.id)) == 1
    assert journal.create_run(Recipe()).number == kept.number + 1


def test_a_reserved_run_is_taken_by_reservation_only_until_it_was_given_up(journal: Journal) -> None:
    run, lapsed = journal.create_run(Recipe(), reserve_seconds=60), journal.create_run(Recipe())
    assert journal.begin_attempt(lapsed.id, reserved=True) is None
    assert journal.release(run.id)
    assert journal.begin_attempt(run.id, reserved=True) is None
    assert journal.begin_attempt(run.id) == 1
    assert not journal.release(run.id)


# --- what a run says -----------------------------------------------------------------------------


def test_nan_and_infinity_are_kept(journal: Journal) -> None:
    run = journal.create_run(Recipe())
    journal.say(run.id, 1, [block(losses=(math.nan, math.inf, 3.0)), epoch(1, math.nan)])
    (steps,) = journal.steps(run.id)
    assert math.isnan(steps.block.column("loss")[0])
    assert steps.block.column("loss")[1] == math.inf
    assert math.isnan(journal.run(run.id).last["loss"])
    (ended,) = [said.event for said in journal.events(run.id) if isinstance(said.event, events.EpochEnded)]
    assert math.isnan(ended.metrics["loss"])


@given(st.lists(st.floats(width=32), min_size=1, max_size=40), st.integers(1, 10**9))
def test_a_packed_step_block_comes_back_bit_for_bit(losses: list[float], first: int) -> None:
    told = block(first, tuple(losses))
    back = StepBlock.unpacked(first, told.steps, told.packed(), told.begin, told.end)
    assert back.packed() == told.packed()
    assert (back.first_step, back.last_step, back.steps) == (first, first + len(losses) - 1, len(losses))


def test_a_block_written_before_there_were_penalties_is_read_with_none() -> None:
    old = np.arange(12, dtype="<f4").reshape(3, 4)
    back = StepBlock.unpacked(5, 3, old.tobytes(), 0.0, 1.0)
    assert (back.numbers[:, :4] == old).all()
    assert (back.column("penalty") == 0).all()


def test_every_event_comes_back_as_it_was(journal: Journal) -> None:
    card = events.ErrorCard("title", "what", ("seen",), ("try",), "safe", "details")
    told: list[events.Event] = [
        events.AttemptStarted(0, 0, 1),
        events.DataReady(10, 2, 2, ("cat", "dog"), (8, 8, 1), 5, "f", ("left out",)),
        events.ModelReady(100, "jax", "CPU", 2, {"keras": "3.15"}),
        events.EpochStarted(1),
        epoch(1),
        events.BestSoFar(1, "val_loss", 0.6),
        events.CheckpointSaved(1, 10, "best", 99),
        events.RateChanged(1, 10, 0.1, 0.01, "by hand"),
        events.StoppedEarly(1, 1, "enough"),
        events.Warned("slow"),
        events.Failed(card),
        events.AttemptEnded(Ending.FAILED, "title", 1),
    ]
    run = journal.create_run(Recipe())
    journal.say(run.id, 1, told)
    said = journal.events(run.id)
    assert [each.event for each in said[1:]] == told
    assert journal.events(run.id, after=said[-2].id) == said[-1:]


def test_the_row_of_a_run_follows_what_it_says(journal: Journal) -> None:
    run = journal.create_run(Recipe())
    ready = events.ModelReady(1, "tensorflow", "NVIDIA H100", 1)
    journal.say(run.id, 1, [ready, epoch(1, 0.5), events.BestSoFar(1, "val_loss", 0.6), epoch(2, 0.7)])
    row = journal.run(run.id)
    assert (row.epochs, row.best_epoch, row.device, row.seconds) == (2, 1, "NVIDIA H100", 3.0)
    assert (row.best["loss"], row.last["loss"]) == (0.5, 0.7)


def test_live_is_overwritten_and_gone_at_the_end(journal: Journal) -> None:
    run = journal.create_run(Recipe())
    assert journal.live(run.id) is None
    for done in (1, 2):
        journal.say(run.id, 1, [], Live(Phase.TRAINING, done, 10))
    assert journal.live(run.id) == Live(Phase.TRAINING, 2, 10)
    journal.end(run.id, Ending.COMPLETED, "")
    assert journal.live(run.id) is None


def test_a_transaction_that_fails_leaves_nothing(journal: Journal) -> None:
    run = journal.create_run(Recipe())

    def fail() -> None:
        with journal.transaction(durable=True):
            journal._insert(run.id, 1, events.Warned("half"))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert len(journal.events(run.id)) == 1
    journal.say(run.id, 1, [events.Warned("whole")])
    assert len(journal.events(run.id)) == 2


def test_commands_are_taken_in_order(journal: Journal) -> None:
    run = journal.create_run(Recipe())
    journal.ask(run.id, Command.STOP)
    journal.ask(run.id, Command.STOP_NOW)
    first, second = journal.asked(run.id, untaken=True)
    assert (first.command, second.command) == (Command.STOP, Command.STOP_NOW)
    journal.take(first)
    assert journal.asked(run.id, untaken=True) == [second]
    assert len(journal.asked(run.id)) == 2


def test_an_ended_run_is_asked_nothing_and_leaves_nothing_asked(journal: Journal) -> None:
    run = journal.create_run(Recipe())
    assert journal.ask(run.id, Command.STOP)
    journal.end(run.id, Ending.COMPLETED, "")
    assert not journal.ask(run.id, Command.STOP_NOW)
    assert journal.asked(run.id, untaken=True) == []
    assert len(journal.asked(run.id)) == 1


def test_a_discard_asked_before_the_end_counts(journal: Journal) -> None:
    run = journal.create_run(Recipe())
    assert journal.begin_attempt(run.id)
    journal.ask(run.id, Command.DISCARD)
    assert journal.end(run.id, Ending.COMPLETED, "All epochs are done.")
    assert journal.run(run.id).ending is Ending.DISCARDED
    assert journal.runs() == []


def test_a_change_by_another_is_seen_once(workspace: Workspace, journal: Journal) -> None:
    run = journal.create_run(Recipe())
    assert journal.changed()
    assert not journal.changed()
    with Journal(workspace) as other:
        other.say(run.id, 1, [events.Warned("hello")])
        assert journal.changed()
    assert not journal.changed()


# --- the file -----------------------------------------------------------------------------------


def test_two_programs_may_open_a_new_workspace_at_once(workspace: Workspace) -> None:
    program = (
        "import sys; from pathlib import Path; from workbench.journal import Journal; "
        "from workbench.paths import Workspace; from workbench.spec import Recipe\n"
        "print('ready', flush=True); sys.stdin.readline()\n"
        "print(Journal(Workspace(Path(sys.argv[1]))).create_run(Recipe()).number)"
    )
    command = [sys.executable, "-c", program, str(workspace.home)]
    openers = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    for opener in openers:
        assert opener.stdout
        assert opener.stdout.readline() == "ready\n"
    for opener in openers:
        assert opener.stdin
        opener.stdin.write("go\n")
        opener.stdin.flush()
    answers = [opener.communicate() for opener in openers]
    assert sorted(answer.strip() for answer, _ in answers) == ["1", "2", "3"], answers


def test_many_may_open_new_workspaces_at_the_same_moment(tmp_path: Path) -> None:
    refused: list[WorkspaceError] = []

    def open_it(home: Path, start: threading.Barrier) -> None:
        start.wait()
        try:
            Journal(Workspace(home)).close()
        except WorkspaceError as error:
            refused.append(error)

    for index in range(30):
        start = threading.Barrier(4)
        arguments = (tmp_path / str(index), start)
        threads = [threading.Thread(target=open_it, args=arguments, name=f"opener {number}") for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert refused == []


def test_a_workspace_of_the_first_format_is_brought_up_to_date_and_kept_beside_itself(workspace: Workspace) -> None:
    workspace.create()
    old = sqlite3.connect(workspace.database)
    old.executescript(MIGRATIONS[0])
    old.execute(
        "INSERT INTO runs (id, number, name, preset, recipe, created, state, epochs_planned) VALUES ('a', 1, 'Old', '', 'format = 1', 5, 'ended', 3)"
    )
    old.execute("INSERT INTO commands (run, command, asked) VALUES ('a', 'stop', 6)")
    old.execute("PRAGMA user_version = 1")
    old.commit()
    old.close()
    with Journal(workspace) as journal:
        row = journal.run("a")
        assert (row.name, row.parent, row.tags, row.pinned, row.exact, row.trashed) == (
            "Old",
            "",
            (),
            False,
            None,
            None,
        )
        assert [(each.command, each.value) for each in journal.asked("a")] == [(Command.STOP, None)]
    kept = sqlite3.connect(backup_path(workspace.database, 1))
    assert kept.execute("PRAGMA user_version").fetchone() == (1,)
    assert kept.execute("SELECT name FROM runs").fetchall() == [("Old",)]
    kept.close()
    with Journal(workspace):
        pass
    assert [path.name for path in workspace.home.glob("*.backup")] == ["workbench.db.format-1.backup"]


def test_without_a_backup_nothing_is_changed(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace.create()
    old = sqlite3.connect(workspace.database)
    old.executescript(MIGRATIONS[0])
    old.execute("PRAGMA user_version = 1")
    old.commit()
    old.close()

    def no_room(_: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("workbench.journal.schema.sync_folder", no_room)
    with pytest.raises(WorkspaceError, match="is full"):
        Journal(workspace)
    left = sqlite3.connect(workspace.database)
    assert left.execute("PRAGMA user_version").fetchone() == (1,)
    left.close()


def test_a_newer_workspace_is_refused(workspace: Workspace) -> None:
    Journal(workspace).close()
    database = sqlite3.connect(workspace.database)
    database.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    database.close()
    with pytest.raises(WorkspaceError, match="newer version"):
        Journal(workspace)


def test_a_damaged_file_is_named(workspace: Workspace) -> None:
    workspace.create()
    workspace.database.write_bytes(b"this is no database, but it is long enough to look like one" * 100)
    with pytest.raises(WorkspaceError, match="is damaged"):
        Journal(workspace)


def test_a_whole_journal_has_no_damage(journal: Journal) -> None:
    assert journal.damage() == ""


def test_a_workspace_that_is_a_file_says_so(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file")
    with pytest.raises(WorkspaceError, match="file where a folder is needed"):
        Journal(Workspace(tmp_path / "home"))


@pytest.mark.skipif(os.name == "nt", reason="folders are not made read-only by their mode there")
def test_a_read_only_workspace_says_so(workspace: Workspace) -> None:
    workspace.create()
    workspace.home.chmod(0o555)
    program = (
        "import os, sys; from pathlib import Path\n"
        "from workbench.errors import WorkspaceError; from workbench.journal import Journal\n"
        "from workbench.paths import Workspace\n"
        "if os.getuid() == 0: os.setgid(65534); os.setuid(65534)\n"  # root may write everywhere
        "try: Journal(Workspace(Path(sys.argv[1])))\n"
        "except WorkspaceError as error: print(error)\n"
    )
    # Nobody must be able to reach the folder at all: pytest keeps its own for root alone.
    for folder in (workspace.home, *workspace.home.parents):
        if folder.name.startswith(("pytest-of-", "pytest-", "test_")):
            folder.chmod(folder.stat().st_mode | 0o055)
    said = subprocess.run(
        [sys.executable, "-c", program, str(workspace.home)], capture_output=True, text=True, check=False
    )
    workspace.home.chmod(0o755)
    assert "cannot be written to" in said.stdout, said.stderr
    assert "--home" in said.stdout


@pytest.mark.skipif(os.name == "nt", reason="there are no limits on file sizes there")
def test_a_full_disk_says_so_and_keeps_what_was_written(workspace: Workspace) -> None:
    """A limit on file sizes stands in for a disk that is full: SQLite hears of it in the same way."""
    program = (
        "import resource, signal, sys; from pathlib import Path\n"
        "import numpy as np\n"
        "from workbench.errors import WorkspaceError; from workbench.events import COLUMNS, StepBlock\n"
        "from workbench.journal import Journal; from workbench.paths import Workspace; from workbench.spec import Recipe\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "journal = Journal(Workspace(Path(sys.argv[1])))\n"
        "run = journal.create_run(Recipe())\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({ONE_MIB}, {ONE_MIB}))\n"
        "numbers = np.zeros((10000, len(COLUMNS)), np.float32)\n"
        "try:\n"
        "    for index in range(100): journal.say(run.id, 1, [StepBlock(1 + index * 10000, numbers, 0, 1)])\n"
        "except WorkspaceError as error: print(error)\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", program, str(workspace.home)], capture_output=True, text=True, check=False
    )
    assert "is full" in said.stdout, said.stderr
    with Journal(workspace) as journal:
        (run,) = journal.runs()
        kept = journal.steps(run.id)
        assert kept
        assert [each.block.first_step for each in kept] == [1 + index * 10000 for index in range(len(kept))]
