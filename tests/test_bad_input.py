"""Bad input as a person meets it: a clear sentence, the right exit code, no traceback, and nothing lost.

Each test goes through the command line or through what it calls. What only the window adds (two windows, a killed
engine under its eyes, a workspace that it cannot open) is in tests/gui.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from PIL import Image

from workbench import data
from workbench.__main__ import main
from workbench.data.pictures import DataSet
from workbench.engine import checkpoint, failures
from workbench.engine.recorder import BALLAST_BYTES, Recorder
from workbench.errors import DataError, WorkspaceError
from workbench.events import Ending, StepBlock
from workbench.journal import Journal, Run
from workbench.journal.store import ballast_path
from workbench.launch import start
from workbench.launch.notice import notice_deaths
from workbench.paths import Workspace
from workbench.spec import presets
from workbench.spec.data import Folder
from workbench.spec.recipe import Recipe

LONG = ("--set", "training.epochs=3000", "--set", "tricks.early_stopping.patience=3000")
ALL_AT_ONCE = """
format = 2
title = 7
nonsense = 1
[data]
kind = "digits"
validation = "much"
image_sise = 8
[model]
kind = "cnnn"
[optimizer]
method = "adamw"
learning_rate = 5000
[schedule]
warmup = -1
[training]
epochs = 0
batch_size = 2.5
[tricks.dropuot]
[tricks.weight_decay]
[tricks.dropout]
rate = nan
"""


@dataclass(frozen=True)
class Said:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        (line,) = self.out.splitlines()
        return json.loads(line)


Command = Callable[..., Said]


@pytest.fixture
def keepers() -> Iterator[None]:
    """The keepers that commands started here are ended; they would go by themselves soon after."""
    yield
    for process in start._adopted:
        process.terminate()
        process.wait(timeout=20)
    start.reap()


@pytest.fixture
def command(
    workspace: Workspace, keepers: None, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Command:
    """A command of the workbench, with an engine that only tells a story."""
    for name, value in (("ENGINE", "workbench.launch.fake"), ("FAKE_STORY", "completed"), ("FAKE_SPEED", "20")):
        monkeypatch.setenv(f"WORKBENCH_{name}", value)

    def run(*words: str, home: Path = workspace.home) -> Said:
        code = main(["--home", str(home), *words])
        captured = capsys.readouterr()
        assert "Traceback" not in captured.err
        return Said(code, captured.out, captured.err)

    return run


@contextlib.contextmanager
def training(home: Path, *words: str, **variables: str) -> Iterator[subprocess.Popen[str]]:
    """`workbench train` as a process of its own; with the real engine unless a variable names another."""
    called = [sys.executable, "-m", "workbench", "--home", str(home), "train", "digits-cnn", "--json", *words]
    environment = {**os.environ, **variables}
    with subprocess.Popen(
        called, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        yield process
    until_nobody_keeps(Workspace(home))


def until_nobody_keeps(workspace: Workspace) -> None:
    """Wait until the keeper of a workspace, which is nobody's child any more, has gone."""
    for process in psutil.process_iter(["cmdline"]):
        words = process.info["cmdline"] or []
        if start.KEEPER in words and str(workspace.home) in words:
            process.terminate()
            psutil.wait_procs([process], timeout=20)


def read_until(process: subprocess.Popen[str], beginning: str) -> None:
    assert process.stderr
    for line in process.stderr:
        if line.startswith(beginning):
            return
    pytest.fail(f"{beginning!r} was never said")


def rest_of(process: subprocess.Popen[str]) -> Said:
    out, err = process.communicate(timeout=120)
    assert "Traceback" not in err
    return Said(process.returncode, out, err)


def mounted(folder: Path, *options: str) -> None:
    done = subprocess.run(["mount", *options, str(folder)], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"a disk of its own cannot be mounted here ({done.stderr.strip()})")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of three megabytes."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root on Linux can mount a small disk")
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted(folder, "-t", "tmpfs", "-o", "size=3m", "tmpfs")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(disk: Path, leave: int = 0) -> Path:
    """Take all space of a disk but `leave` bytes."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"\0" * 4096)
    os.truncate(filler, filler.stat().st_size - leave)
    return filler


# --- presets ----------------------------------------------------------------------------------------


def test_every_mistake_of_a_preset_is_told_at_once(command: Command, workspace: Workspace, tmp_path: Path) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text(ALL_AT_ONCE)
    said = command("check", str(bad))
    assert said.code == 2
    paths = [line.partition(":")[0] for line in said.out.splitlines()]
    assert sorted(paths) == sorted(
        ["format", "title", "nonsense", "data.validation", "data.image_sise", "model.kind", "optimizer.learning_rate",
         "schedule.warmup", "training.epochs", "training.batch_size", "tricks.dropuot", "tricks.dropout.rate", "tricks.weight_decay"]
    )  # fmt: skip
    assert "Did you mean image_size?" in said.out
    assert "training.epochs: must be at least 1 epoch, got 0." in said.out
    assert "at most 1,048,576 pictures, got 2.5." in said.out
    refused = command("train", str(bad), "--json")
    assert refused.code == 2
    assert len(refused.json["problems"]) == 13
    with Journal(workspace) as journal:
        assert journal.runs() == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"format = 1\n[training]\nepochs = 5\nepochs = 6\n", "this is not a TOML file: Cannot overwrite a value (at line 4"),
        (b"\x89PNG\r\n\x1a\n\x00\xff", "is not a text file in UTF-8. Is it a preset file?"),
        (b"", "format: must be 1, got nothing"),
        (b"format = 1\ndata = 3\n[tricks]\ndropout = true\n", "tricks.dropout: must be a table [tricks.dropout], got true."),
        (b"a" * 300_000, "has 300,000 bytes, a preset at most 262,144"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_preset_is_told_so(content: bytes, words: str, command: Command, tmp_path: Path) -> None:
    path = tmp_path / "odd.toml"
    path.write_bytes(content)
    said = command("check", str(path))
    assert said.code == 2
    assert words in said.out


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("digit-cnn",), "there is no preset 'digit-cnn'. Did you mean digits-cnn?"),
        (("own-folder",), "data.path: must be the path of a folder, got nothing"),
        (("own-folder", "--set", "data.path=/no/such"), "data: The folder /no/such is not there. Choose the folder"),
        (("digits-cnn", "--set", "training.batch_size=10000000"), "must be at most 1,048,576 pictures, got 10000000."),
    ],
)
def test_check_says_what_it_wants_instead(words: tuple[str, ...], sentence: str, command: Command) -> None:
    said = command("check", *words)
    assert said.code == 2
    assert sentence in said.out


# --- pictures and arrays ------------------------------------------------------------------------------


def picture(path: Path, seed: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.random.default_rng(seed).integers(0, 256, (12, 12, 3), np.uint8)).save(path)


def huge_picture(path: Path) -> None:
    """A small file whose header promises 3,600 million pixels."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    parts = (chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(b"0")), chunk(b"IEND", b""))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(parts))


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ((), "holds no folders. Put the pictures of each class into a folder of their own"),
        (("cats/1.png", "cats/2.png"), "holds only one class, cats. There must be at least two classes"),
    ],
)
def test_a_folder_without_classes_is_refused_before_a_run_is_made(
    files: tuple[str, ...], sentence: str, command: Command, workspace: Workspace, tmp_path: Path
) -> None:
    (tmp_path / "pictures").mkdir()
    for number, name in enumerate(files):
        picture(tmp_path / "pictures" / name, number)
    said = command("train", "own-folder", "--set", f"data.path={tmp_path / 'pictures'}", "--json")
    assert said.code == 2
    assert sentence in said.json["problems"][0]["sentence"]
    with Journal(workspace) as journal:
        assert journal.runs() == []


def load_folder(path: Path, workspace: Workspace) -> DataSet:
    return data.load(Folder(path=str(path), image_size=8), 1, workspace, lambda *_: None)


def test_one_picture_a_class_says_how_many_are_needed(workspace: Workspace, tmp_path: Path) -> None:
    for number, name in enumerate(("a", "b", "c")):
        picture(tmp_path / "few" / name / "1.png", number)
    with pytest.raises(DataError, match=r"Each class needs at least 3 pictures. Add pictures, or set data.validation"):
        load_folder(tmp_path / "few", workspace)


def test_odd_names_are_read_and_bad_pictures_left_out_by_name(workspace: Workspace, tmp_path: Path) -> None:
    names = ("white cats", "🐈 gatos", "שלום עליכם")
    base = tmp_path / "my pictures 🐕"
    for name in names:
        for number in range(6):
            picture(base / name / f"{number} ü.png", hash((name, number)) & 0xFFFF)
    (base / "white cats" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nnonsense")
    (base / "white cats" / "empty.jpg").write_bytes(b"")
    (base / "white cats" / "notes.txt").write_bytes(b"hello")
    huge_picture(base / "🐈 gatos" / "huge.png")
    loaded = load_folder(base, workspace)
    assert loaded.classes == tuple(sorted(names))
    assert sum(len(part.labels) for part in (loaded.training, loaded.validation, loaded.test)) == 18
    told = "\n".join(loaded.left_out)
    assert "white cats/broken.png: it is damaged or cut off" in told
    assert "white cats/empty.jpg: it is not a picture that can be read" in told
    assert "🐈 gatos/huge.png: it has more pixels than the 100 million that are read." in told
    assert "1 file is no picture by its ending and was not looked at: notes.txt." in told


def arrays() -> dict[str, Any]:
    random = np.random.default_rng(3)
    return {"x": random.integers(0, 256, (40, 8, 8, 3), np.uint8), "y": np.arange(40) % 4}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"y": np.arange(30) % 4}, "x has 40 pictures and y 30 labels; both must be as many."),
        ({"x": np.zeros(40)}, "x has the shape (40,); it must be (pictures, height, width)"),
        ({"x": np.zeros((40, 8, 8, 6), np.uint8)}, "so 6 channels; 1 (grey) or 3 (colour) are read."),
        ({"x": np.full(40, None)}, "x holds Python objects (dtype object), which are not read because they could run code"),
        ({"y": np.full(40, None)}, "y holds Python objects (dtype object)"),
        ({"y": np.arange(40) % 4 - 1}, "y holds the label -1; labels count from 0."),
        ({"y": np.arange(40) % 4 * 1000}, "there is the label 3,000, but there are only 40 pictures"),
        ({"y": np.arange(40) % 4 + 0.5}, "y holds float64; labels are whole numbers"),
        ({"y": np.zeros(40, int)}, "all pictures have the label 0. There must be at least two classes"),
    ],
)  # fmt: skip
def test_arrays_that_do_not_fit_are_refused_before_a_run_is_made(
    changes: dict[str, Any], sentence: str, command: Command, workspace: Workspace, tmp_path: Path
) -> None:
    np.savez(tmp_path / "set.npz", **{**arrays(), **changes})
    said = command(
        "train", "digits-cnn", "--set", "data.kind=npz", "--set", f"data.path={tmp_path / 'set.npz'}", "--json"
    )
    assert said.code == 2
    assert sentence in said.json["problems"][0]["sentence"]
    with Journal(workspace) as journal:
        assert journal.runs() == []


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_pixels_that_are_no_numbers_are_found_when_they_are_read(
    value: float, workspace: Workspace, tmp_path: Path
) -> None:
    made = arrays()
    made["x"] = made["x"] / 255
    made["x"][7, 0, 0, 0] = value
    np.savez(tmp_path / "set.npz", **made)
    settings = presets.loads(f'format = 1\n[data]\nkind = "npz"\npath = "{tmp_path / "set.npz"}"\n').recipe.data
    with pytest.raises(DataError, match=r"no numbers \(NaN or infinite\), first in picture 7"):
        data.load(settings, 1, workspace, lambda *_: None)


# --- runs that go wrong ---------------------------------------------------------------------------------


@pytest.mark.keras
def test_a_rate_that_is_too_high_ends_with_a_card_and_keeps_the_last_good_weights(
    workspace: Workspace, command: Command
) -> None:
    # A batch larger than the data is one step an epoch with all pictures.
    words = ("optimizer.method=sgd", "optimizer.learning_rate=1000", "training.batch_size=100000", "training.epochs=9")
    with training(
        workspace.home, *(part for word in words for part in ("--set", word)), WORKBENCH_ENGINE=start.ENGINE
    ) as process:
        said = rest_of(process)
    assert said.code == 3
    assert said.json["ending"] == "failed"
    # Which of the two comes first depends on the machine's own rounding.
    title = re.compile(r"The (loss became NaN|gradient became infinite) in epoch \d")
    assert title.search(said.err)
    assert "way 1: Lower the learning rate: 1000 → 100." in said.err
    with Journal(workspace) as journal:
        (run,) = journal.runs()
    kept = checkpoint.load(workspace.run_folder(run.id) / "checkpoints", "last")
    assert all(np.isfinite(array).all() for array in kept.values())
    assert checkpoint.fingerprint(kept) == said.json["last_weights_sha256"]
    shown = command("show", run.id)
    assert len(title.findall(shown.out)) == 1
    assert "way 1: Lower the learning rate" in shown.out
    error = command("show", run.id, "--json").json["error"]
    assert title.match(error["title"])
    assert error["what_to_try"]


@pytest.mark.keras
def test_a_killed_engine_leaves_an_interrupted_run_with_its_weights_and_the_next_one_begins_at_once(
    workspace: Workspace, command: Command
) -> None:
    with training(workspace.home, *LONG, WORKBENCH_ENGINE=start.ENGINE) as process:
        read_until(process, "Epoch 2/")
        with Journal(workspace) as journal:
            (run,) = journal.runs()
        assert run.process
        os.kill(run.process, signal.SIGKILL)
        said = rest_of(process)
    assert said.code == 3
    assert said.json["ending"] == "interrupted"
    assert "The engine went away (killed by signal 9, SIGKILL); what it had written up to epoch" in said.err
    kept = checkpoint.load(workspace.run_folder(run.id) / "checkpoints", "best")
    assert checkpoint.fingerprint(kept) == said.json["weights_sha256"]
    assert not ballast_path(workspace, run.id).exists()
    assert command("train", "digits-cnn", "--set", "training.epochs=1").code == 0


def test_two_commands_on_one_workspace_train_one_after_the_other(workspace: Workspace) -> None:
    fake = {"WORKBENCH_ENGINE": "workbench.launch.fake", "WORKBENCH_FAKE_SPEED": "20"}
    short = ("--set", "training.epochs=3")
    with training(workspace.home, *short, **fake) as one, training(workspace.home, *short, **fake) as other:
        said = [rest_of(one), rest_of(other)]
    assert [each.code for each in said] == [0, 0]
    assert {each.json["ending"] for each in said} == {"completed"}
    with Journal(workspace) as journal:
        later, earlier = journal.runs()
    assert earlier.ended is not None
    assert later.started is not None
    assert earlier.ended <= later.started


# --- full disks -----------------------------------------------------------------------------------------


@pytest.mark.keras
def test_a_disk_that_fills_up_while_training_ends_the_run_with_a_card(disk: Path, command: Command) -> None:
    home = disk / "home"
    with training(home, *LONG, WORKBENCH_ENGINE=start.ENGINE) as process:
        read_until(process, "Epoch 3/")
        fill(disk)
        said = rest_of(process)
    assert said.code == 3
    assert (said.json["ending"], said.json["epochs"] >= 3) == ("failed", True)
    assert "is full. Free some space there, then try again" in said.err
    shown = command("show", "1", home=home)
    assert "The disk is full" in shown.out
    assert "What was written before is kept. The weights of epoch" in shown.out
    with Journal(Workspace(home)) as journal:
        (run,) = journal.runs()
        assert journal.damage() == ""
        assert journal.steps(run.id)
    kept = checkpoint.load(Workspace(home).run_folder(run.id) / "checkpoints", "best")
    assert checkpoint.fingerprint(kept) == run.weights_sha256


@pytest.fixture
def begun(disk: Path) -> Iterator[tuple[Journal, Run, Recorder]]:
    """A run on the small disk that has just begun."""
    workspace = Workspace(disk / "home").create()
    with Journal(workspace) as journal:
        run = journal.create_run(Recipe())
        attempt = journal.begin_attempt(run.id)
        assert attempt is not None
        recorder = Recorder(workspace, run.id, attempt)
        yield journal, run, recorder
        recorder.close()


WEIGHTS = {"dense/kernel": np.arange(1000, dtype=np.float32)}


def write_on(recorder: Recorder) -> None:
    for step in range(1, 1000, 50):
        recorder.block(step, np.zeros((50, 4), np.float32), 0.0)
        recorder.say()


def test_a_full_disk_at_each_write_ends_with_a_card_and_the_earlier_checkpoint_is_whole(
    begun: tuple[Journal, Run, Recorder], disk: Path
) -> None:
    journal, run, recorder = begun
    recorder.take_ballast()
    folder = recorder.folder / "checkpoints"
    saved = checkpoint.save(folder, 1, 40, WEIGHTS, best="000001-000000040")
    fill(disk)
    with pytest.raises(WorkspaceError, match="is full"):
        checkpoint.save(folder, 2, 80, {"dense/kernel": np.ones(1000, np.float32)}, best="000002-000000080")
    assert [path.name for path in folder.iterdir() if path.is_dir()] == [saved.place]
    assert checkpoint.fingerprint(checkpoint.load(folder, "best")) == saved.weights_sha256
    with pytest.raises(WorkspaceError, match="is full") as full:
        write_on(recorder)
    assert failures.end(recorder, full.value) is Ending.FAILED
    ended = journal.run(run.id)
    assert (ended.ending, ended.weights_sha256) == (Ending.FAILED, saved.weights_sha256)
    assert journal.damage() == ""
    assert all(isinstance(each.block, StepBlock) for each in journal.steps(run.id))


def test_a_disk_without_room_for_the_reserve_ends_the_run_before_it_trains(
    begun: tuple[Journal, Run, Recorder], disk: Path
) -> None:
    journal, run, recorder = begun
    fill(disk, leave=BALLAST_BYTES // 2)
    with pytest.raises(WorkspaceError, match="is full") as full:
        recorder.take_ballast()
    failures.end(recorder, full.value)
    assert journal.run(run.id).ending is Ending.FAILED


def test_the_ending_of_an_engine_that_died_on_a_full_disk_is_written_into_its_reserve(
    begun: tuple[Journal, Run, Recorder], disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal, run, recorder = begun
    recorder.take_ballast()
    fill(disk)
    monkeypatch.setattr("workbench.launch.notice.GRACE_SECONDS", 0.0)
    assert notice_deaths(journal) == [run.id]
    assert journal.run(run.id).ending is Ending.INTERRUPTED


def test_a_full_disk_refuses_a_run_and_leaves_nothing_half_made(disk: Path, command: Command) -> None:
    home = disk / "home"
    assert command("runs", home=home).code == 0
    filler = fill(disk)
    said = command("train", "digits-cnn", "--json", home=home)
    assert said.code == 2
    assert "is full. Free some space there, then try again" in said.json["error"]
    filler.unlink()
    assert list((home / "runs").iterdir()) == []
    assert "There are no runs yet" in command("runs", home=home).out


def test_a_full_disk_leaves_a_saved_preset_and_the_journal_as_they_were(disk: Path) -> None:
    workspace = Workspace(disk / "home").create()
    preset = presets.save(presets.Preset("mine", "Mine", Recipe()), workspace)
    assert preset.path
    before = preset.path.read_bytes()
    with Journal(workspace) as journal:
        fill(disk)
        with pytest.raises(WorkspaceError, match=r"is full\. Free some space there"):
            presets.save(presets.Preset("mine", "Mine, longer" * 500, Recipe()), workspace)
        with pytest.raises(WorkspaceError, match=r"is full\. Free some space there"):
            journal.create_run(Recipe())
        assert journal.runs() == []
    assert preset.path.read_bytes() == before
    assert [path.name for path in workspace.presets.iterdir()] == ["mine.toml"]
    assert list(workspace.runs.iterdir()) == []


# --- workspaces that cannot be used -------------------------------------------------------------------


def test_a_read_only_workspace_is_told_by_each_command_that_needs_it(disk: Path, command: Command) -> None:
    home = disk / "home"
    with Journal(Workspace(home)) as journal:
        journal.end(journal.create_run(Recipe()).id, Ending.COMPLETED, "Done.")
    before = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
    mounted(disk, "-o", "remount,ro")
    for words in (("train", "digits-cnn"), ("runs",), ("show", "1"), ("stop", "1")):
        said = command(*words, home=home)
        assert said.code == 2
        assert f"{home} cannot be written to. Allow writing there, or choose another workspace with --home" in said.err
    assert command("check", "digits-cnn", home=home).code == 0
    assert "cannot be written to" in command("doctor", home=home).out
    assert {path: path.read_bytes() for path in home.rglob("*") if path.is_file()} == before


def test_a_file_in_the_place_of_the_workspace_and_a_damaged_journal_are_told(command: Command, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    said = command("train", "digits-cnn", home=tmp_path / "file")
    assert (said.code, "is a file where a folder is needed" in said.err) == (2, True)
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / "workbench.db").write_text("not a database, and somebody's only copy")
    said = command("runs", home=tmp_path / "damaged")
    assert (said.code, "is damaged" in said.err) == (2, True)
    assert (tmp_path / "damaged" / "workbench.db").read_text() == "not a database, and somebody's only copy"


def test_whoever_waits_for_a_run_whose_ending_cannot_be_written_is_told_why(disk: Path) -> None:
    home = disk / "home"
    slow = {"WORKBENCH_ENGINE": "workbench.launch.fake", "WORKBENCH_FAKE_STORY": "slow", "WORKBENCH_FAKE_SPEED": "4"}
    with training(home, "--set", "training.epochs=300", **slow) as process:
        read_until(process, "Epoch 2/")
        filler = fill(disk)
        said = rest_of(process)
        assert said.code == 3
        assert "is full. Free some space there, then try again; what was written before is safe." in said.err
        filler.unlink()
    with Journal(Workspace(home)) as journal:
        notice_deaths(journal)
        (run,) = journal.runs()
    assert (run.ending, run.epochs >= 2) == (Ending.INTERRUPTED, True)
