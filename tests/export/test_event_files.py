"""A run's TensorBoard files, read back by TensorBoard's own reader."""

from __future__ import annotations

import io
import math
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.event_reading import Point, scalars, settings, texts
from workbench.curves.pyramid import MISSING, flags_of
from workbench.curves.run_curves import RunCurves
from workbench.errors import ExportError, WorkspaceError
from workbench.events import Ending, EpochEnded, StepBlock
from workbench.export.logs import __main__ as process
from workbench.export.logs import board, event_files, own_folder
from workbench.export.logs.event_files import EventFiles
from workbench.export.logs.follower import Follower
from workbench.export.logs.own_folder import POSITION, OwnFolder, logs_folder
from workbench.journal import Journal
from workbench.journal.alive import hold
from workbench.journal.rescue import rescue
from workbench.journal.taking_up import requeue
from workbench.paths import Workspace
from workbench.spec import Recipe

SPE = 10


class Tale:
    """Tells a run into a journal, two blocks an epoch; `heard` is called after each word."""

    def __init__(self, journal: Journal, heard: Callable[[], object] = lambda: None, **made: object) -> None:
        self.journal, self.heard = journal, heard
        self.run = journal.create_run(Recipe(), "A run", **made).id
        self.random = np.random.default_rng(3)

    def begin(self, epoch: int = 0, step: int = 0) -> int:
        attempt = self.journal.begin_attempt(self.run, epoch, step)
        assert attempt
        self.heard()
        return attempt

    def block(self, attempt: int, first: int, steps: int = SPE // 2, **columns: float) -> None:
        numbers = self.random.lognormal(0, 3, (steps, 5)).astype(np.float32)
        numbers[:, 1], numbers[:, 4] = 1e-3, 0.0
        for name, value in columns.items():
            numbers[steps // 2, ("loss", "learning_rate", "gradient_norm", "accuracy", "penalty").index(name)] = value
        begin = first * 0.01
        self.journal.say(self.run, attempt, [StepBlock(first, numbers, begin, begin + steps * 0.01)])
        self.heard()

    def epoch(self, attempt: int, epoch: int, first: int | None = None, **columns: float) -> None:
        """The rest of an epoch, with its end."""
        for begin in range((epoch - 1) * SPE + 1 if first is None else first, epoch * SPE, SPE // 2):
            self.block(attempt, begin, **columns)
        loss, score = self.random.random(2)
        metrics = {"loss": loss, "val_loss": loss + 1, "accuracy": score, "val_accuracy": score / 3, "val_iou/cat": 0.1}
        self.journal.say(self.run, attempt, [EpochEnded(epoch, epoch * SPE, epoch * 0.5, metrics, 100.0 / epoch)])
        self.heard()

    def end(self, ending: Ending = Ending.COMPLETED, reason: str = "All were trained.\nlog lines") -> None:
        self.journal.end(self.run, ending, reason)
        self.heard()

    def resume(self, epoch: int, step: int) -> int:
        requeue(self.journal, self.journal.run(self.run), epochs=20)
        return self.begin(epoch, step)


def plain_tale(journal: Journal, heard: Callable[[], object] = lambda: None) -> Tale:
    tale = Tale(journal, heard)
    attempt = tale.begin()
    for epoch in (1, 2, 3):
        tale.epoch(attempt, epoch)
    tale.end()
    return tale


def resumed_tale(journal: Journal, heard: Callable[[], object] = lambda: None) -> Tale:
    """Broken off within epoch 4, taken up after epoch 2; broken off again, taken up within epoch 3; then ended."""
    tale = Tale(journal, heard)
    attempt = tale.begin()
    for epoch in (1, 2, 3):
        tale.epoch(attempt, epoch)
    tale.block(attempt, 31)
    tale.end(Ending.INTERRUPTED, "The engine went away.")
    attempt = tale.resume(2, 20)
    tale.epoch(attempt, 3)
    tale.block(attempt, 31)
    tale.end(Ending.STOPPED, "Stopped.")
    attempt = tale.resume(2, 23)
    tale.block(attempt, 24, 7)
    tale.epoch(attempt, 3, first=30)
    tale.epoch(attempt, 4)
    tale.end()
    return tale


def write(journal: Journal, run: str, folder: Path) -> Path:
    """All of a run, at once."""
    folder.mkdir(parents=True)
    files = EventFiles(folder)
    Follower(journal, run, files).take_all()
    files.close()
    return folder


def as_curves(journal: Journal, run: str) -> RunCurves:
    curves = RunCurves()
    curves.feed(journal.events(run), journal.steps(run))
    return curves


def same_numbers(points: list[Point], values: np.ndarray) -> None:
    """Bit for bit, NaN for NaN."""
    assert [each.value for each in points] == [float(each).hex() for each in values.astype(np.float32)]


@pytest.mark.parametrize("told", [plain_tale, resumed_tale])
def test_the_files_say_what_every_other_reader_of_the_journal_says(journal: Journal, tmp_path: Path, told) -> None:
    run = told(journal).run
    found = scalars(write(journal, run, tmp_path / "files"))
    curves = as_curves(journal, run)
    assert not (flags_of(curves.loss.values) == MISSING).any()
    columns = {
        "loss": curves.loss.values,
        "gradient_norm": curves.gradient_norm.values,
        "accuracy": curves.accuracy.view,
    }
    for name, values in columns.items():
        points = found.pop(f"steps/{name}/step")
        assert [each.step for each in points] == list(range(1, curves.steps + 1))
        same_numbers(points, values)
    assert {each.number for each in found.pop("steps/learning_rate/step")} == {float(np.float32(1e-3))}
    names = {"train/images_per_second/epoch": curves.epochs.images_per_second.view}
    for line, mark in (("train", ""), ("validation", "val_")):
        names |= {f"{line}/{name}/epoch": curves.epochs.metric(mark + name) for name in ("loss", "accuracy")}
    names["validation/iou/cat/epoch"] = curves.epochs.metric("val_iou/cat")
    assert found.keys() == names.keys()
    for name, values in names.items():
        assert [each.step for each in found[name]] == curves.epochs.number.view.tolist()
        same_numbers(found[name], values)


@pytest.mark.parametrize("told", [plain_tale, resumed_tale])
def test_live_and_afterwards_give_the_same_to_the_last_digit(journal: Journal, tmp_path: Path, told) -> None:
    """Times included; live, each word is written before the next is said."""
    folder = tmp_path / "live"
    folder.mkdir()
    files = EventFiles(folder)
    followers: list[Follower] = []

    def heard() -> None:
        if not followers:
            followers.append(Follower(journal, journal.runs()[0].id, files))
        followers[0].poll()

    run = told(journal, heard).run
    assert followers[0].done
    files.close()
    after = write(journal, run, tmp_path / "after")
    assert scalars(folder) == scalars(after)
    live, whole = texts(folder), texts(after)
    assert live["ending"] == whole["ending"]
    assert live["recipe"][-1] == whole["recipe"][-1]


def test_a_resumed_run_has_no_doubled_steps_and_says_how_each_attempt_ended(journal: Journal, tmp_path: Path) -> None:
    folder = write(journal, resumed_tale(journal).run, tmp_path / "files")
    for points in scalars(folder).values():
        steps = [each.step for each in points]
        assert steps == sorted(set(steps))
    assert texts(folder)["ending"] == [
        (1, "**interrupted**, 3 epochs: The engine went away."),
        (2, "**stopped**, 3 epochs: Stopped."),
        (3, "**completed**, 4 epochs: All were trained."),
    ]
    assert [step for step, _ in texts(folder)["recipe"]] == [1, 2, 3]


def test_an_attempt_that_has_said_no_step_has_superseded_those_past_its_start(journal: Journal, tmp_path: Path) -> None:
    tale = plain_tale(journal)
    tale.resume(1, 13)
    found = scalars(write(journal, tale.run, tmp_path / "files"))
    assert found["steps/loss/step"][-1].step == 13
    assert [each.step for each in found["validation/loss/epoch"]] == [1]


def test_what_an_engine_said_before_it_was_killed_counts_up_to_where_the_next_one_began(
    journal: Journal, tmp_path: Path
) -> None:
    """Also when the block is read after the next attempt's start, as of an engine that wrote with its last breath."""
    tale = Tale(journal)
    attempt = tale.begin()
    tale.epoch(attempt, 1)
    tale.end(Ending.INTERRUPTED)
    folder = tmp_path / "live"
    folder.mkdir()
    files = EventFiles(folder)
    follower = Follower(journal, tale.run, files)
    follower.take_all()
    later = tale.resume(1, 13)
    follower.poll()
    tale.block(attempt, 11)
    follower.poll()
    assert follower.position.step == 13
    tale.block(later, 14)
    follower.poll()
    files.close()
    points = scalars(folder)["steps/loss/step"]
    assert [each.step for each in points] == list(range(1, 19))
    blocks = [each.block.column("loss") for each in journal.steps(tale.run)]
    same_numbers(points, np.concatenate([*blocks[:2], blocks[2][:3], blocks[3]]))


def test_what_is_no_number_stays_so(journal: Journal, tmp_path: Path) -> None:
    tale = Tale(journal)
    attempt = tale.begin()
    tale.epoch(attempt, 1, loss=math.nan, gradient_norm=math.inf)
    tale.journal.say(tale.run, attempt, [EpochEnded(2, 20, 1.0, {"loss": math.nan, "val_loss": 1e300}, 1.0)])
    tale.end(Ending.FAILED)
    found = scalars(write(journal, tale.run, tmp_path / "files"))
    curves = as_curves(journal, tale.run)
    same_numbers(found["steps/loss/step"], curves.loss.values)
    assert sum(math.isnan(each.number) for each in found["steps/loss/step"]) == 2
    assert math.isinf(found["steps/gradient_norm/step"][2].number)
    assert math.isnan(found["train/loss/epoch"][1].number)
    assert math.isinf(found["validation/loss/epoch"][1].number)  # past the end of float32


def test_a_rate_is_told_where_it_changes_and_a_penalty_where_there_is_one(journal: Journal, tmp_path: Path) -> None:
    tale = Tale(journal)
    attempt = tale.begin()
    tale.block(attempt, 1)
    tale.block(attempt, 6, learning_rate=0.5, penalty=2.0)
    found = scalars(write(journal, tale.run, tmp_path / "files"))
    assert [each.step for each in found["steps/learning_rate/step"]] == [1, 5, 6, 8, 9, 10]
    assert [(each.step, each.number) for each in found["steps/penalty/step"]] == [
        (6, 0),
        (7, 0),
        (8, 2),
        (9, 0),
        (10, 0),
    ]


def test_a_fork_begins_where_it_grew(journal: Journal, tmp_path: Path) -> None:
    parent = plain_tale(journal)
    tale = Tale(journal, parent=parent.run, parent_epoch=2)
    attempt = tale.begin(2, 20)
    tale.epoch(attempt, 3)
    folder = write(journal, tale.run, tmp_path / "files")
    assert [each.step for each in scalars(folder)["steps/loss/step"]] == list(range(21, 31))
    assert f"It grew from epoch 2 of run {parent.run}." in texts(folder)["recipe"][0][1]


def test_the_clock_is_run_time_since_the_first_engine_took_it(journal: Journal, tmp_path: Path) -> None:
    tale = resumed_tale(journal)
    began = next(each.time for each in journal.events(tale.run) if each.attempt == 1)
    found = scalars(write(journal, tale.run, tmp_path / "files"))
    assert [each.time for each in found["train/loss/epoch"]] == [began + 0.5 * epoch for epoch in (1, 2, 3, 4)]
    assert found["steps/loss/step"][9].time == pytest.approx(began + 0.06 + 0.05)


def test_the_recipe_is_there_to_be_read_and_as_hyperparameters(journal: Journal, tmp_path: Path) -> None:
    tale = plain_tale(journal)
    folder = write(journal, tale.run, tmp_path / "files")
    ((step, words),) = texts(folder)["recipe"]
    assert step == 1
    assert words.startswith(f"Run 1 of Keras Workbench, id {tale.run}.\n\n    format = 1\n")
    row = settings(folder)
    assert row["optimizer.learning_rate"] == 0.001
    assert row["model.kind"] == "cnn"
    assert row["training.tensorboard"] is False


# --- the files in a run's own folder ---------------------------------------------------------------------


@pytest.fixture
def own(journal: Journal) -> Iterator[Callable[[str], OwnFolder]]:
    taken: list[OwnFolder] = []

    def take(run: str) -> OwnFolder:
        writer = OwnFolder.take(journal, run)
        assert writer is not None
        taken.append(writer)
        return writer

    yield take
    for each in taken:
        each.close()


def finish(writer: OwnFolder) -> Path:
    while writer.poll():
        pass
    writer.close()
    return writer.folder


def test_a_resumed_run_goes_on_in_the_same_folder(journal: Journal, tmp_path: Path, own) -> None:
    tale = plain_tale(journal)
    finish(own(tale.run))
    before = (logs_folder(journal.workspace, tale.run) / "steps").glob("*")
    (old,) = [(each, each.read_bytes()) for each in before]
    attempt = tale.resume(2, 23)
    tale.block(attempt, 24, 7)
    tale.end()
    folder = finish(own(tale.run))
    assert old[0].read_bytes() == old[1], "what was written is left alone"
    assert len(list((folder / "steps").glob("*"))) == 2
    assert scalars(folder) == scalars(write(journal, tale.run, tmp_path / "anew"))
    assert [step for step, _ in texts(folder)["ending"]] == [step for step, _ in texts(folder)["recipe"]] == [1, 2]


@pytest.mark.parametrize("torn", [0, 7])
@pytest.mark.parametrize("saved", [True, False])
def test_a_killed_writer_is_followed_by_one_that_doubles_nothing(  # noqa: PLR0917 - fixtures
    journal: Journal, tmp_path: Path, own, monkeypatch, torn: int, saved: bool
) -> None:
    """What a kill leaves: files past the written position, the last record torn. Then the run was resumed as well."""
    tale = Tale(journal)
    attempt = tale.begin()
    tale.epoch(attempt, 1)
    first = own(tale.run)
    first.poll()
    if saved:
        monkeypatch.setattr(own_folder, "SAVE_SECONDS", 0.0)
        tale.epoch(attempt, 2)
        first.poll()
        monkeypatch.undo()
    tale.epoch(attempt, 3)
    tale.block(attempt, 31)
    first.poll()
    left = shutil.copytree(first.folder, tmp_path / "left")
    if not saved:
        (left / POSITION).unlink()
    first.close()
    shutil.rmtree(first.folder)
    shutil.move(left, first.folder)
    for each in first.folder.rglob("events.*"):
        each.write_bytes(each.read_bytes()[: each.stat().st_size - torn])
    tale.end(Ending.INTERRUPTED)
    attempt = tale.resume(2, 25)
    tale.block(attempt, 26)
    tale.end()
    folder = finish(own(tale.run))
    anew = write(journal, tale.run, tmp_path / "anew")
    assert scalars(folder) == scalars(anew)
    assert texts(folder)["ending"] == texts(anew)["ending"]


@pytest.mark.parametrize("content", [b"", b"[]", b'{"event": 1}', b'{"starts": 3}', b"\xff"])
def test_a_position_that_cannot_be_read_means_all_numbers_anew(
    journal: Journal, tmp_path: Path, own, content: bytes
) -> None:
    tale = plain_tale(journal)
    folder = finish(own(tale.run))
    (folder / POSITION).write_bytes(content)
    finish(own(tale.run))
    assert scalars(folder) == scalars(write(journal, tale.run, tmp_path / "anew"))


@pytest.mark.parametrize("longer", [False, True])
def test_a_run_whose_rows_have_other_ids_in_a_mended_journal_loses_none(
    workspace: Workspace, journal: Journal, tmp_path: Path, own, *, longer: bool
) -> None:
    """After a mend ids begin at 1: those of new rows are below the noted ones, or (`longer`) come to lie around them."""
    first = plain_tale(journal)
    tale = plain_tale(journal)
    finish(own(tale.run))
    journal.write("DELETE FROM runs WHERE id = ?", first.run)
    journal.close()
    rescue(workspace)
    with Journal(workspace) as mended:
        tale.journal = mended
        attempt = tale.resume(3, 30)
        for epoch in range(4, 16 if longer else 5):
            tale.epoch(attempt, epoch)
        tale.end()
        writer = OwnFolder.take(mended, tale.run)
        assert writer is not None
        folder = finish(writer)
        assert scalars(folder) == scalars(write(mended, tale.run, tmp_path / "anew"))


def test_nothing_new_writes_no_new_file(journal: Journal, own) -> None:
    tale = plain_tale(journal)
    folder = finish(own(tale.run))
    before = {each: each.stat().st_mtime_ns for each in folder.rglob("*")}
    finish(own(tale.run))
    after = {each: each.stat().st_mtime_ns for each in folder.rglob("*")}
    assert {each.name for each in before.keys() ^ after.keys()} == set()
    assert {each.name for each in after if after[each] != before[each]} <= {"writer.lock"}


def test_there_is_one_writer_at_a_time(journal: Journal, own) -> None:
    tale = plain_tale(journal)
    own(tale.run)
    assert OwnFolder.take(journal, tale.run) is None


class Clock:
    """Time that passes as it is slept."""

    def __init__(self) -> None:
        self.now = 0.0
        self.waited: Callable[[], object] = lambda: None

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.waited()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(process, "time", clock)
    return clock


def test_a_writer_stands_by_as_long_as_the_engine_works(journal: Journal, own, clock: Clock) -> None:
    """TensorBoard, opened on a run in the queue, writes that run; the run starts, and an hour later it is closed."""
    tale = Tale(journal)
    shown = own(tale.run)
    clock.waited = lambda: shown.close() if clock.now > 3600 else None
    with closing(hold(journal.workspace.run_folder(tale.run) / "alive")):
        writer = process.take(journal, tale.run, 600.0)
    assert writer is not None
    writer.close()
    assert clock.now > 3600


def test_a_writer_that_stands_by_goes_when_the_engine_has_gone(journal: Journal, own, clock: Clock) -> None:
    tale = Tale(journal)
    own(tale.run)
    assert process.take(journal, tale.run, 1.0) is None
    assert process.GONE_SECONDS < clock.now < process.GONE_SECONDS + 3


def test_the_folder_of_a_discarded_run_does_not_come_back(journal: Journal, own) -> None:
    tale = Tale(journal)
    attempt = tale.begin()
    tale.block(attempt, 1)
    writer = own(tale.run)
    writer.poll()
    folder = journal.workspace.run_folder(tale.run)
    shutil.rmtree(folder)
    tale.block(attempt, 6)  # into a file that is open, and in no folder any more
    writer.poll()
    tale.epoch(attempt, 1, first=SPE)
    with pytest.raises(WorkspaceError):  # into one that would have to be made
        writer.poll()
    tale.end(Ending.DISCARDED)
    writer.close()
    assert not folder.exists()
    with pytest.raises(WorkspaceError, match="is gone"):
        OwnFolder.take(journal, tale.run)


def test_what_a_full_disk_kept_from_the_files_is_written_by_the_next_writer(
    journal: Journal, tmp_path: Path, own, monkeypatch
) -> None:
    tale = Tale(journal)
    attempt = tale.begin()
    tale.epoch(attempt, 1)
    writer = own(tale.run)
    writer.poll()
    tale.block(attempt, 11)
    writer.poll()  # not yet noted as written
    tale.epoch(attempt, 2, first=16)
    room = [3]

    def full(file: object, event: object) -> None:
        room[0] -= 1
        if not room[0]:
            raise WorkspaceError("The disk is full.")
        real(file, event)

    real = event_files._File._write
    monkeypatch.setattr(event_files._File, "_write", full)
    with pytest.raises(WorkspaceError, match="full"):
        writer.poll()
    monkeypatch.undo()
    writer.close()
    tale.end()
    folder = finish(own(tale.run))
    assert scalars(folder) == scalars(write(journal, tale.run, tmp_path / "anew"))


# --- TensorBoard's folder ------------------------------------------------------------------------------------


@pytest.mark.parametrize("links", [True, False])
def test_tensorboard_is_given_each_run_by_its_name_also_where_nobody_may_make_links(
    journal: Journal, tmp_path: Path, monkeypatch, links: bool
) -> None:
    """As with a stock account of Windows."""

    def refuse(_self: Path, _target: Path, *, target_is_directory: bool) -> None:
        raise OSError(22, f"A required privilege is not held by the client. {target_is_directory}")

    seen: dict[str, object] = {}
    (tmp_path / "scratch").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "scratch"))
    if not links:
        monkeypatch.setattr(Path, "symlink_to", refuse)
    ended, living = resumed_tale(journal), Tale(journal)
    living.epoch(living.begin(), 1)
    unwanted, asker = threading.Event(), io.StringIO()

    def serve(folder: Path) -> str:
        seen.update({each.name: scalars(each) for each in folder.iterdir()})
        unwanted.set()
        return "http://127.0.0.1:1/"

    monkeypatch.setattr(board, "serve", serve)
    board._show(journal, [journal.run(ended.run), journal.run(living.run)], asker, unwanted)
    whole = [scalars(write(journal, tale.run, tmp_path / tale.run)) for tale in (ended, living)]
    assert seen == {"A run": whole[0], "A run (2)": whole[1]}
    assert asker.getvalue().endswith('{"address": "http://127.0.0.1:1/"}\n')
    assert not list((tmp_path / "scratch").iterdir())
    assert logs_folder(journal.workspace, ended.run).exists() == links


def test_what_a_run_that_trains_says_later_is_copied_too(journal: Journal, tmp_path: Path) -> None:
    tale = Tale(journal)
    attempt = tale.begin()
    tale.epoch(attempt, 1)
    copy = board.Copy(journal, tale.run, tmp_path / "copy")
    copy.poll()
    tale.epoch(attempt, 2)
    copy.poll()
    copy.close()
    assert scalars(tmp_path / "copy") == scalars(write(journal, tale.run, tmp_path / "anew"))


def test_a_copy_that_has_no_place_is_said_in_a_sentence(journal: Journal, tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="deep"):
        board.Copy(journal, Tale(journal).run, tmp_path / "nowhere" / "deep")


def test_runs_get_names_that_a_folder_can_have_on_any_system_and_no_two_alike(journal: Journal) -> None:
    told = [
        "a",
        "a (5)",
        "A",
        "a",
        "a",
        "a",
        'x\\y/z:*?"<>|\n\t\x7f',
        "..",
        "con.txt",
        "é" * 200,
        "ends. ",
        "\ud800b",
        "",
        "ends",
    ]
    runs = [
        replace(journal.run(journal.create_run(Recipe()).id), name=name, number=number)
        for number, name in enumerate(told, start=1)
    ]
    found = board.names(runs)
    assert found[:6] == ["a", "a (5)", "A (3)", "a (4)", "a (5, 2)", "a (6)"]
    assert len({name.casefold() for name in found}) == len(told)
    for name in found:
        assert not set('\\/:*?"<>|') & set(name)
        assert name.isprintable()
        assert 0 < len(name.encode()) <= 255
        assert name == name.strip(". ")
    assert found[8] == "9 con.txt"
    assert (found[7], found[12]) == (runs[7].id, runs[12].id)


# --- the library -------------------------------------------------------------------------------------------

WITHOUT = """
import sys
from pathlib import Path
from workbench.export.logs.event_files import EventFiles
files = EventFiles(Path(sys.argv[1]))
files.scalars("steps", 1, 1.0, {"loss/step": 0.5})
files.text(0, 1.0, "recipe", "words")
files.settings(1, 1.0, "key", {"a": 1.0, "b": "x", "c": True})
files.supersede("steps", 1, 2.0)
files.flush(durable=True)
files.close()
print(sorted({"tensorflow", "keras", "grpc"} & set(sys.modules)))
"""


def test_writing_loads_no_tensorflow(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", WITHOUT, tmp_path], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    assert settings(tmp_path) == {"a": 1.0, "b": "x", "c": True}


def test_without_its_package_it_is_said_what_to_install(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "tensorboard.summary.writer.record_writer", None)
    with pytest.raises(ExportError, match="pip install tensorboard"):
        EventFiles(tmp_path)


def test_a_place_that_cannot_be_written_is_said_in_a_sentence(journal: Journal, tmp_path: Path) -> None:
    files = EventFiles(tmp_path / "nowhere" / "deep")
    with pytest.raises(WorkspaceError, match="deep"):
        Follower(journal, plain_tale(journal).run, files).take_all()
    files.close()


@pytest.mark.parametrize(
    ("metric", "line"),
    [
        ("loss", ("train", "loss")),
        ("val_iou/cat", ("validation", "iou/cat")),
        ("remeasured_mean_iou", ("remeasured", "mean_iou")),
    ],
)
def test_a_metric_belongs_to_a_line(metric: str, line: tuple[str, str]) -> None:
    assert event_files.line_of(metric) == line
