"""TensorBoard files while a run trains: the writer that the keeper starts, and TensorBoard itself with what was written."""

from __future__ import annotations

import json
import os
import sys
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from tests.event_reading import scalars, texts
from workbench.events import Command, Ending, State
from workbench.export.logs.event_files import EventFiles
from workbench.export.logs.follower import Follower
from workbench.export.logs.own_folder import LOCK, OwnFolder, logs_folder
from workbench.journal import Journal, Run
from workbench.journal.alive import held, holder
from workbench.journal.taking_up import requeue
from workbench.launch import start
from workbench.launch.board import Board
from workbench.launch.event_files import LOG
from workbench.launch.keeper import keep
from workbench.paths import Workspace
from workbench.spec import Recipe
from workbench.spec.recipe import changed, parse

Tell = Callable[..., None]
Until = Callable[..., None]
#: Writers and boards work at low priority: on a busy machine everything else comes first.
SOON = 120.0


def anew(journal: Journal, run: str, folder: Path) -> Path:
    """The same, written at once from the journal."""
    folder.mkdir()
    files = EventFiles(folder)
    Follower(journal, run, files).take_all()
    files.close()
    return folder


@pytest.fixture(autouse=True)
def _writers_are_seen_out() -> Iterator[None]:
    """The keeper of these tests is a thread, so that its children are this process's own."""
    yield
    for each in start._adopted:
        each.wait(timeout=SOON)
    start.reap()


@pytest.fixture
def switched_on() -> Recipe:
    """So long that it is still training when its writer has begun, however busy the machine is."""
    return changed(changed(Recipe(), "training.tensorboard", True), "training.epochs", 5000)


@pytest.fixture
def at_work(  # noqa: PLR0917 - fixtures
    workspace: Workspace, journal: Journal, switched_on: Recipe, story: Tell, keeping, until: Until
) -> tuple[str, Path]:
    """A run that trains and is written down, and the folder of its files."""
    story("slow", 4)
    run = journal.create_run(switched_on).id
    folder = logs_folder(workspace, run)
    keeping()
    until((folder / "validation").is_dir, SOON)
    return run, folder


def test_a_run_is_written_down_while_it_trains_and_its_writer_ends_by_itself(
    *, workspace: Workspace, journal: Journal, at_work: tuple[str, Path], until: Until, tmp_path: Path
) -> None:
    run, folder = at_work
    assert journal.run(run).state is State.RUNNING, "the files are there before the run is over"
    writer = psutil.Process(holder(folder / LOCK))
    assert writer.nice() >= 10
    journal.ask(run, Command.STOP)
    until(lambda: journal.run(run).state is State.ENDED, SOON)
    until(lambda: not held(folder / LOCK), SOON)
    until(lambda: not writer.is_running() or writer.status() == psutil.STATUS_ZOMBIE, SOON)
    assert scalars(folder) == scalars(anew(journal, run, tmp_path / "anew"))
    assert texts(folder) == texts(tmp_path / "anew")
    assert (workspace.run_folder(run) / LOG).read_bytes() == b""


def test_a_killed_writer_leaves_training_alone_and_the_files_are_completed_afterwards(
    *, workspace: Workspace, journal: Journal, at_work: tuple[str, Path], until: Until, tmp_path: Path
) -> None:
    run, folder = at_work
    killed = psutil.Process(holder(folder / LOCK))
    killed.kill()
    until(lambda: not held(folder / LOCK), SOON)
    done = journal.run(run).epochs
    until(lambda: journal.run(run).epochs > done + 1, SOON)
    journal.ask(run, Command.STOP)
    until(lambda: journal.run(run).state is State.ENDED, SOON)
    assert journal.run(run).ending is Ending.STOPPED
    assert not held(folder / LOCK), "nobody writes it any more"
    writer = OwnFolder.take(journal, run)
    assert writer is not None
    while writer.poll():
        pass
    writer.close()
    assert scalars(folder) == scalars(anew(journal, run, tmp_path / "anew"))
    assert texts(folder)["ending"] == texts(tmp_path / "anew")["ending"]


def test_without_the_switch_nothing_is_written(
    *, workspace: Workspace, journal: Journal, recipe: Recipe, story: Tell
) -> None:
    story("completed", 20)
    run = journal.create_run(recipe).id
    assert keep(workspace, 0.2)
    assert not logs_folder(workspace, run).exists()
    assert not (workspace.run_folder(run) / LOG).exists()


def test_a_writer_that_cannot_start_ends_no_run(
    *, workspace: Workspace, journal: Journal, switched_on: Recipe, story: Tell, monkeypatch, until: Until
) -> None:
    story("completed", 20)
    monkeypatch.setattr("workbench.launch.event_files.WRITER", "workbench.no_such_module")
    run = journal.create_run(changed(switched_on, "training.epochs", 3)).id
    assert keep(workspace, 0.2)
    assert journal.run(run).ending is Ending.COMPLETED
    until(lambda: b"no_such_module" in (workspace.run_folder(run) / LOG).read_bytes(), SOON)


@pytest.mark.proof
def test_real_training_gives_the_same_weights_and_its_files_say_the_same(
    *,
    workspace: Workspace,
    journal: Journal,
    until: Until,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    """In `make test` stand-ins are written down while they train, and real training is not looked at (engine/test_train)."""
    small = parse({"data": {"kind": "digits", "limit": 400}, "training": {"epochs": 3, "threads": 1}})
    off, on = (journal.create_run(changed(small, "training.tensorboard", switch)).id for switch in (False, True))
    assert keep(workspace, 0.2)
    folder = logs_folder(workspace, on)
    until(lambda: "ending" in _texts_of(folder) and not held(folder / LOCK), SOON)
    one, other = journal.run(off), journal.run(on)
    assert one.ending is other.ending is Ending.COMPLETED
    assert one.weights_sha256
    assert (one.weights_sha256, one.last_weights_sha256) == (other.weights_sha256, other.last_weights_sha256)
    assert scalars(folder) == scalars(anew(journal, on, tmp_path / "on"))
    curves = scalars(anew(journal, off, tmp_path / "off"))
    for name, points in scalars(folder).items():
        # Speed is another each time; a rate that stays is told at the ends of blocks, which last a tenth of a second.
        if name not in {"train/images_per_second/epoch", "steps/learning_rate/step"}:
            assert [(each.step, each.value) for each in points] == [(each.step, each.value) for each in curves[name]]
    record_property("must", "the same weights with a writer beside it, and files that say the same")
    record_property("measured", f"weights {one.weights_sha256[:12]} both times; {len(curves)} curves the same")


def _texts_of(folder: Path) -> dict[str, list[tuple[int, str]]]:
    return texts(folder) if list(folder.glob("events.*")) else {}


# --- TensorBoard itself ---------------------------------------------------------------------------------------


@pytest.fixture
def runs(workspace: Workspace, journal: Journal, recipe: Recipe, story: Tell) -> list[Run]:
    """Two that have ended, the first of them after it was taken up again from an earlier place; nothing is written yet."""
    story("died", 20)
    first = journal.create_run(changed(recipe, "training.epochs", 5), "a/b <i>run</i>")
    keep(workspace, 0.2)
    kept = workspace.run_folder(first.id) / "checkpoints"
    newest = max(kept.glob("[0-9]*"))
    for each in newest.iterdir():
        each.unlink()
    newest.rmdir()
    requeue(journal, journal.run(first.id))
    second = journal.create_run(recipe, "a/b <i>run</i>")
    story("completed", 20)
    keep(workspace, 0.2)
    return [journal.run(each.id) for each in (first, second)]


def test_tensorboard_shows_runs_on_this_machine_alone_and_goes_with_its_asker(
    workspace: Workspace, journal: Journal, runs: list[Run], until: Until
) -> None:
    board = Board.start(workspace, [each.id for each in runs])
    try:
        until(lambda: bool(board.address) or board.ended, SOON)
        assert board.address.startswith("http://127.0.0.1:"), board.problem

        def asked(path: str) -> object:
            with urllib.request.urlopen(board.address + path, timeout=60) as answer:
                return json.loads(answer.read())

        until(lambda: len(asked("data/plugin/scalars/tags")) == 6, SOON)
        names = ["a⁄b ‹i›run‹⁄i›", f"a⁄b ‹i›run‹⁄i› ({runs[1].number})"]  # no name is a path
        lines = ["steps", "train", "validation"]
        assert sorted(asked("data/plugin/scalars/tags")) == sorted(f"{n}/{line}" for n in names for line in lines)
        path = "data/plugin/scalars/scalars?" + urllib.parse.urlencode({"run": f"{names[0]}/steps", "tag": "loss/step"})
        steps = sum(each.block.steps for each in journal.steps(runs[0].id))
        points = asked(path)
        assert [step for _, step, _ in points] == list(range(1, 201)), "each step once, as the latest attempt did it"
        assert steps > 200
        child = psutil.Process(board._process.pid)
        everyone = [child, *child.children(recursive=True)]
        listening = {c.laddr.ip for p in everyone for c in p.net_connections() if c.status == psutil.CONN_LISTEN}
        assert "127.0.0.1" in listening
        assert listening <= {"127.0.0.1", "::1"}
        assert b"libtensorflow" not in Path(f"/proc/{child.pid}/maps").read_bytes()
    finally:
        board.close()
    assert board.ended
    assert not board.problem
    until(lambda: not any(each.is_running() and each.status() != psutil.STATUS_ZOMBIE for each in everyone), SOON)


def test_without_its_package_tensorboard_says_what_to_install(
    *, workspace: Workspace, journal: Journal, recipe: Recipe, until: Until, tmp_path: Path, monkeypatch
) -> None:
    run = journal.create_run(recipe)
    (tmp_path / "stand-in" / "tensorboard").mkdir(parents=True)
    (tmp_path / "stand-in" / "tensorboard" / "__init__.py").write_text("raise ImportError('broken')\n")
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path / 'stand-in'}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    board = Board.start(workspace, [run.id])
    until(lambda: board.ended, SOON)
    board.close()
    assert "pip install tensorboard" in board.problem
    assert not board.address


def test_a_board_that_dies_says_its_last_words(workspace: Workspace, until: Until, monkeypatch) -> None:
    monkeypatch.setattr("workbench.launch.board.MODULE", "workbench.no_such_module")
    board = Board.start(workspace, ["x"])
    until(lambda: board.ended, SOON)
    board.close()
    assert board.problem.startswith("TensorBoard went away (exit code 1).")
    assert "no_such_module" in board.problem


def test_each_board_has_its_own_last_words_and_leaves_none_behind(
    workspace: Workspace, until: Until, tmp_path: Path, monkeypatch
) -> None:
    """The first one speaks when the second has begun: both wait for the end of their stdin with a word of their own."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    told = "import sys; sys.stderr.write(sys.argv[1] + '\\n'); sys.stderr.flush(); print('{\"progress\": \"up\"}', flush=True); sys.stdin.read(); sys.exit(7)"
    boards = []
    for word in ("first", "second"):
        command = [sys.executable, "-c", told, f"the {word} one's words"]
        monkeypatch.setattr("workbench.launch.board.python_command", lambda *_words, command=command: command)
        boards.append(Board.start(workspace, ["x"]))
        until(lambda: boards[-1].words == "up", SOON)
    for each in boards:
        each._process.stdin.close()  # not by `leave`: as one that goes by itself
        until(lambda each=each: each.ended, SOON)
        each.close()
    assert [each.problem for each in boards] == [
        f"TensorBoard went away (exit code 7). Its last lines: the {word} one's words" for word in ("first", "second")
    ]
    assert not list(scratch.iterdir())
