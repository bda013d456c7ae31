"""The commands that list, show, check and stop; and what they have in common."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import workbench
from workbench.__main__ import missing_display, split_home, split_safe_mode
from workbench.events import Command, Ending, EpochEnded, State
from workbench.export.logs.trees import finite, run_tree
from workbench.journal import Journal, place
from workbench.journal.alive import hold
from workbench.launch.start import keeper_lock
from workbench.paths import Workspace
from workbench.spec import Recipe, presets

Tell = Callable[..., Any]


@pytest.fixture
def trained(workspace: Workspace) -> str:
    """A run that ended, with a NaN in its last epoch."""
    with Journal(workspace) as journal:
        run = journal.create_run(Recipe(), "Old one", "digits-cnn")
        attempt = journal.begin_attempt(run.id)
        assert attempt
        for number, loss in ((1, 0.5), (2, float("nan"))):
            journal.say(run.id, attempt, [EpochEnded(number, number * 10, number * 1.0, {"loss": loss}, 100.0)])
        journal.end(run.id, Ending.STOPPED, "Stopped after epoch 2, as asked.")
    return run.id


def test_presets_lists_the_default_first(command: Tell) -> None:
    said = command("presets", "--json")
    assert said.code == 0
    first, *rest = said.json["presets"]
    assert first["name"] == presets.DEFAULT
    assert set(first) == {"name", "title", "path", "shipped", "default"}
    assert first["default"]
    assert not any(each["default"] for each in rest)
    assert "digits-cnn" in command("presets").out


def test_an_unreadable_preset_is_named_and_the_others_are_listed(command: Tell, workspace: Workspace) -> None:
    (workspace.presets / "broken.toml").write_text("format = 1\n[training]\nepochs = 'many'\n")
    said = command("presets", "--json")
    assert said.code == 0
    assert "broken.toml" in said.err
    assert "training.epochs" in said.err


def test_runs_and_show_give_null_for_nan(command: Tell, trained: str) -> None:
    (row,) = command("runs", "--json").json["runs"]
    told = {"run": trained, "name": "Old one", "state": "ended", "ending": "stopped", "epochs": 2, "best": {}}
    assert row == {**told, "tags": [], "note": "", "pinned": False}
    shown = command("show", "Old one", "--json").json
    assert shown["last"] == {"loss": None}
    assert [each["metrics"]["loss"] for each in shown["history"]] == [0.5, None]
    assert "Old one" in command("runs").out
    assert "nan" in command("show", "1").out


def test_show_tells_of_every_metric_and_of_single_classes_in_a_table_of_their_own(
    command: Tell, workspace: Workspace
) -> None:
    measured = {
        "val_loss": 0.5, "val_accuracy": 0.9, "val_mean_iou": 0.55, "val_iou/sky": 0.8, "val_iou/old car": 0.3,
        "remeasured_loss": 0.4,
    }  # fmt: skip
    with Journal(workspace) as journal:
        run = journal.create_run(Recipe(), "masks")
        attempt = journal.begin_attempt(run.id)
        assert attempt
        journal.say(run.id, attempt, [EpochEnded(1, 10, 1.0, measured, 100.0)])
        journal.end(run.id, Ending.COMPLETED, "All 1 epochs are done.")
    assert command("show", "masks", "--json").json["last"] == measured
    first, _, _, head, *_, weak, strong = command("show", "masks").out.splitlines()
    assert head.split() == ["epoch", "val_loss", "val_accuracy", "val_mean_iou", "remeasured_loss", "seconds"]
    assert "val_mean_iou 0.55" in first
    assert "val_iou/" not in first
    assert weak.split() == ["val_iou", "old", "car", "0.3000"]
    assert strong.split() == ["val_iou", "sky", "0.8000"]


def test_a_run_that_is_not_there_gives_2(command: Tell) -> None:
    said = command("show", "17")
    assert said.code == 2
    assert "workbench runs" in said.err


@pytest.mark.parametrize("key", ["9" * 30, "9" * 5000, "\udcff"], ids=["large", "very large", "no text"])
def test_whatever_is_asked_for_as_a_run_is_answered_with_a_sentence(command: Tell, key: str) -> None:
    for words in (("show", key), ("predict", key, "a.png"), ("stop", key), ("export", key, "--as", "csv", "--to", "a")):
        said = command(*words)
        assert (said.code, said.err.startswith("There is no run ")) == (2, True), said.err


def test_a_name_and_a_note_that_are_no_text_are_kept_with_a_mark(command: Tell, workspace: Workspace) -> None:
    assert command("train", "digits-cnn", "--queue", "--name", "a\udcff").code == 0
    assert command("note", "a\udcff", "b\udcff").code == 0
    with Journal(workspace) as journal:
        assert [(run.name, run.note) for run in journal.runs()] == [("a\ufffd", "b\ufffd")]


def test_a_place_whose_name_is_no_text_is_written_to_and_told(
    command: Tell, trained: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed = io.BytesIO()
    # As most systems have it: a strict standard output.
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(printed, "utf-8", errors="strict"))
    path = tmp_path / "a\udcff.csv"
    try:
        path.touch()
    except (OSError, UnicodeError):
        pytest.skip("this file system takes proper text only")
    said = command("export", trained, "--as", "csv", "--to", str(path))
    sys.stdout.flush()
    assert (said.code, path.stat().st_size > 0) == (0, True)
    assert rf"to {tmp_path}/a\udcff.csv." in printed.getvalue().decode()


def test_a_folder_whose_name_is_no_text_makes_no_run_and_is_told(
    command: Tell, workspace: Workspace, tmp_path: Path
) -> None:
    folder = tmp_path / "a\udcff"
    try:
        for name in ("cat", "dog"):
            (folder / name).mkdir(parents=True)
            Image.new("L", (9, 9)).save(folder / name / "1.png")
    except (OSError, UnicodeError):
        pytest.skip("this file system takes proper text only")
    said = command("train", "digits-cnn", "--queue", "--set", "data.kind=folder", "--set", f"data.path={folder}")
    assert said.code == 2
    assert rf'"{tmp_path}/a\udcff" is no text, so no recipe can keep it. Rename that file or folder' in said.err
    with Journal(workspace) as journal:
        assert not journal.runs()
    assert not list(workspace.runs.iterdir())


def test_one_mask_is_told_as_one(command: Tell, trained: str, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = {"files": ["out/a.png", "out/classes.csv"], "left_out": ["b.png: it is no picture."]}
    monkeypatch.setattr("workbench.cli.predict.ask", lambda *_: answer)
    said = command("predict", trained, "a.png")
    assert (said.out, said.err) == ("1 mask and out/classes.csv\n", "Left out: b.png: it is no picture.\n")


def test_there_are_no_runs_yet(command: Tell) -> None:
    assert command("runs", "--json").json == {"runs": []}
    assert "no runs yet" in command("runs").out


def test_check_says_every_problem_one_a_line(command: Tell, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("format = 1\n[optimizer]\nlearning_rate = 5000\n[trainin]\n[training]\nepochs = 0\n")
    said = command("check", str(path))
    assert said.code == 2
    assert [line.split(":")[0] for line in sorted(said.out.splitlines())] == [
        "optimizer.learning_rate", "trainin", "training.epochs",
    ]  # fmt: skip


def test_check_plans_the_network(command: Tell) -> None:
    said = command("check", "digits-cnn")
    assert said.code == 0
    assert "parameters" in said.out
    said = command("check", "digits-cnn", "--set", "model.stages=5")
    assert said.code == 2
    assert said.out.startswith("model.")


def test_check_asks_for_the_folder_of_an_own_data_set(command: Tell, tmp_path: Path) -> None:
    said = command("check", "own-folder")
    assert said.code == 2
    assert said.out.startswith("data.path: ")
    said = command("check", "own-folder", "--set", f"data.path={tmp_path / 'nowhere'}")
    assert said.code == 2
    assert "nowhere" in said.out


def test_stop_ends_a_queued_run(command: Tell, workspace: Workspace) -> None:
    with Journal(workspace) as journal:
        run = journal.create_run(Recipe(), "waiting", reserve_seconds=60)
        assert command("stop", "waiting", "--now").code == 0
        assert [asked.command for asked in journal.asked(run.id)] == [Command.STOP_NOW]
        while journal.run(run.id).state is not State.ENDED:
            pass
        assert journal.run(run.id).ending is Ending.STOPPED


def test_a_run_that_has_ended_cannot_be_stopped(command: Tell, trained: str) -> None:
    said = command("stop", trained)
    assert said.code == 2
    assert "ended already" in said.err


def test_doctor_says_what_there_is(command: Tell, workspace: Workspace) -> None:
    said = command("doctor", "--json")
    tree = said.json
    assert said.code == 0
    assert tree["workspace"] == {"path": str(workspace.home), "problems": [], "findings": []}
    assert tree["cores"] >= 1
    assert "why_not" in tree
    assert "The workspace is well." in command("doctor").out


def test_doctor_says_what_would_be_done_and_does_it_when_asked(command: Tell, workspace: Workspace) -> None:
    with Journal(workspace) as journal:
        run = journal.create_run(Recipe(), "gone").id
        journal.end(run, Ending.DISCARDED, "Discarded, as asked.")
    said = command("doctor")
    assert said.code == 0
    assert "run that was discarded.\n  It is removed, as it was asked for.\n`workbench doctor --mend` does" in said.out
    assert "is well" not in said.out
    (found,) = command("doctor", "--json").json["workspace"]["findings"]
    assert (found["kind"], found["run"], found["mendable"], found["done"]) == ("discarded_run", run, True, "")
    assert workspace.run_folder(run).exists()
    said = command("doctor", "--mend", "--json")
    assert said.code == 0
    (found,) = said.json["workspace"]["findings"]
    assert (found["done"], found["failed"], said.json["workspace"]["problems"]) == ("It was removed.", "", [])
    assert command("doctor", "--mend").out.endswith("The workspace is well.\n")


def test_a_damaged_journal_cannot_be_used_until_doctor_has_mended_it(
    command: Tell, workspace: Workspace, trained: str
) -> None:
    workspace.database.write_bytes(b"no database at all" * 1000)
    said = command("runs")
    assert said.code == 2
    assert "workbench doctor --mend" in said.err
    said = command("doctor", "--json")
    assert said.code == 2
    (problem,) = said.json["workspace"]["problems"]
    assert "damaged" in problem
    said = command("doctor", "--mend")
    assert said.code == 0
    assert "1 from folders" in said.out
    assert command("runs", "--json").json["runs"][0]["run"] == trained


def test_what_could_not_be_mended_is_said_with_why(command: Tell, workspace: Workspace) -> None:
    workspace.database.write_bytes(b"no database at all" * 1000)
    with hold(keeper_lock(workspace)):
        said = command("doctor", "--mend")
        assert said.code == 2
        assert "Not mended: A keeper is at work here." in said.out
        (found,) = command("doctor", "--mend", "--json").json["workspace"]["findings"]
    assert "Wait until all runs have ended" in found["failed"]


def test_doctor_says_why_a_workspace_cannot_be_used(command: Tell, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    said = command("doctor", "--json", "--home", str(tmp_path / "file"))
    assert said.code == 2
    assert "file where a folder is needed" in said.json["workspace"]["problems"][0]


def test_on_a_network_disk_every_command_is_refused_unless_in_safe_mode(
    command: Tell, workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place, "MOUNTS", tmp_path / "mounts")
    place.MOUNTS.write_text(f"server:/x {tmp_path.resolve()} nfs4 rw 0 0\n")
    monkeypatch.setenv(place.SAFE_MODE_VARIABLE, "")  # so that what the command sets ends with the test
    said = command("runs", "--json")
    assert said.code == 2
    assert "--safe-mode" in said.json["error"]
    assert command("runs", "--json", "--safe-mode").json == {"runs": []}
    assert "one machine at a time" in command("doctor").out


@pytest.mark.parametrize("words", [("nope",), ("train",), ("train", "digits-cnn", "--nope"), ("show",)])
def test_bad_arguments_give_2(words: tuple[str, ...], command: Tell) -> None:
    assert command(*words).code == 2


def test_an_unknown_preset_gives_2_and_the_names(command: Tell) -> None:
    said = command("train", "digits-cn", "--json")
    assert said.code == 2
    assert "digits-cnn" in said.json["error"]


def test_version_and_help(command: Tell) -> None:
    assert workbench.__version__ in command("--version").out
    assert "train" in command("--help").out


def test_a_workspace_that_cannot_be_made_gives_2(command: Tell, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    said = command("runs", "--home", str(tmp_path / "file"))
    assert said.code == 2
    assert "file where a folder is needed" in said.err


@pytest.mark.parametrize(
    ("given", "homes", "rest"),
    [
        (["--home", "a", "runs"], ["--home", "a"], ["runs"]),
        (["runs", "--home=a", "--json"], ["--home", "a"], ["runs", "--json"]),
        (["--home"], ["--home"], []),
        (["show", "--", "--home", "a"], [], ["show", "--", "--home", "a"]),
        ([], [], []),
    ],
)
def test_the_home_may_stand_anywhere(given: list[str], homes: list[str], rest: list[str]) -> None:
    assert split_home(given) == (homes, rest)


def test_safe_mode_may_stand_anywhere_and_is_handed_on() -> None:
    assert split_safe_mode(["train", "--safe-mode", "x"]) == (True, ["train", "x"])
    assert split_safe_mode([]) == (False, [])
    assert split_safe_mode(["show", "--", "--safe-mode"]) == (False, ["show", "--", "--safe-mode"])
    program = "import workbench.gui.app as app, os; app.main = lambda home: print(os.environ['WORKBENCH_SAFE_MODE']) or 0; from workbench.__main__ import main; main(['--safe-mode'])"
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "1"


def test_a_missing_display_is_seen_before_qt_is() -> None:
    assert "no display" in missing_display({}, "linux")
    assert missing_display({"DISPLAY": ":0"}, "linux") == ""
    assert missing_display({"WAYLAND_DISPLAY": "wayland-0"}, "linux") == ""
    assert missing_display({"QT_QPA_PLATFORM": "offscreen"}, "linux") == ""
    assert missing_display({}, "darwin") == ""


def test_without_a_display_the_default_preset_is_trained_and_its_curves_are_left(tmp_path: Path) -> None:
    hidden = {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}
    environment = {name: text for name, text in os.environ.items() if name not in hidden}
    environment |= {"WORKBENCH_ENGINE": "workbench.launch.fake", "WORKBENCH_FAKE_SPEED": "20"}
    command = [sys.executable, "-m", "workbench", "--home", str(tmp_path / "home")]
    said = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environment, check=False)
    assert said.returncode == 0, said.stderr
    assert said.stderr.splitlines()[0].startswith("There is no display")
    assert (tmp_path / "workbench-curves.png").read_bytes().startswith(b"\x89PNG")
    assert str(tmp_path / "workbench-curves.png") in said.stdout


def test_opening_the_window_loads_neither_typer_nor_rich() -> None:
    program = (
        "import sys, types, json\n"
        "window = types.ModuleType('workbench.gui.app'); window.main = lambda home: print(json.dumps([str(home), "
        "[name for name in ('typer', 'rich', 'keras', 'tensorflow', 'matplotlib') if name in sys.modules]])) or 0\n"
        "import workbench.gui; sys.modules['workbench.gui.app'] = window; workbench.gui.app = window\n"
        "from workbench.__main__ import main; sys.exit(main(['--home', 'here']))"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert json.loads(said.stdout) == ["here", []]


def test_json_has_no_words_that_json_does_not_know() -> None:
    tree = {"a": float("nan"), "b": [float("inf"), 1.5], "c": {"d": (-float("inf"),)}, "e": True, "f": None}
    assert finite(tree) == {"a": None, "b": [None, 1.5], "c": {"d": [None]}, "e": True, "f": None}


def test_the_tree_of_a_queued_run_has_no_ending(workspace: Workspace) -> None:
    with Journal(workspace) as journal:
        tree = run_tree(journal.create_run(Recipe()))
    assert (tree["state"], tree["ending"], tree["weights_sha256"]) == ("queued", None, None)
