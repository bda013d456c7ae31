"""Runs for other programs: TensorBoard, JSON, MLflow, each read back by its own reader."""

from __future__ import annotations

import errno
import json
import math
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.event_reading import scalars
from workbench.events import BestSoFar, Ending, EpochEnded, StepBlock
from workbench.journal import Journal, labels
from workbench.journal.taking_up import requeue
from workbench.paths import Workspace
from workbench.spec import Recipe
from workbench.spec import recipe as recipes

Tell = Callable[..., Any]


@pytest.fixture
def trained(workspace: Workspace) -> str:
    """Two epochs of ten steps; the second was done again after a kill, and the third ended in NaN."""
    numbers = np.random.default_rng(5).random((10, 5)).astype(np.float32)
    numbers[:, 4] = 0
    with Journal(workspace) as journal:
        run = journal.create_run(Recipe(), "Old one", "digits-cnn").id
        attempt = journal.begin_attempt(run)
        assert attempt
        first = [StepBlock(1, numbers, 0.0, 1.0), EpochEnded(1, 10, 1.0, {"loss": 0.7, "val_loss": 0.2}, 100.0)]
        lost = [StepBlock(11, numbers, 1.0, 2.0), EpochEnded(2, 20, 2.0, {"loss": 9.0, "val_loss": 9.0}, 100.0)]
        journal.say(run, attempt, [*first, BestSoFar(1, "val_loss", 0.2), *lost])
        journal.end(run, Ending.INTERRUPTED, "Gone.")
        requeue(journal, journal.run(run))
        attempt = journal.begin_attempt(run, 1, 10)
        assert attempt
        broken = numbers.copy()
        broken[3] = math.nan
        metrics = {"loss": math.nan, "val_loss": math.inf, "val_iou/cañón": 0.5, "val_iou/a+b": 0.1, "val_iou/a*b": 0.2}
        journal.say(run, attempt, [StepBlock(11, broken, 1.0, 2.5), EpochEnded(2, 20, 2.5, metrics, 50.0)])
        journal.end(run, Ending.COMPLETED, "All 2 epochs were trained.")
        labels.set_note(journal, run, "a note")
    return run


def test_a_folder_that_takes_no_event_file_is_told_and_another_workspace_is_no_way_out(
    command: Tell, trained: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = Path.open

    def refusing(path: Path, *mode: Any, **how: Any) -> Any:
        if path.is_relative_to(tmp_path / "closed"):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return opened(path, *mode, **how)

    monkeypatch.setattr(Path, "open", refusing)
    said = command("export", "1", "--as", "tensorboard", "--to", str(tmp_path / "closed"))
    assert said.code == 2
    assert said.err.startswith(f"{tmp_path / 'closed'}")
    assert said.err.endswith(" cannot be written (Permission denied). Choose another folder.\n")


def test_event_files_are_written_into_a_new_folder_only(command: Tell, trained: str, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "board"
    said = command("export", "1", "--as", "tensorboard", "--to", str(folder))
    assert (said.code, said.out) == (0, f"Wrote Old one for TensorBoard to {folder}.\n")
    found = scalars(folder)
    assert [each.step for each in found["steps/loss/step"]] == list(range(1, 21))
    assert found["train/loss/epoch"][0].number == float(np.float32(0.7))
    again = command("export", "1", "--as", "tensorboard", "--to", str(folder))
    assert again.code == 2
    assert "Choose a new folder, or an empty one." in again.err


def test_json_has_the_documented_keys_and_null_for_what_is_no_number(
    command: Tell, trained: str, tmp_path: Path
) -> None:
    said = command("export", "1", "--as", "json", "--to", str(tmp_path / "a"), "--json")
    assert said.json == {"run": trained, "as": "json", "to": str(tmp_path / "a.json")}
    tree = json.loads((tmp_path / "a.json").read_text("utf-8"), parse_constant=pytest.fail)
    assert "steps" not in tree
    assert tree["format"] == 1
    shown = command("show", "1", "--json").json
    assert {key: shown[key] for key in tree.keys() & shown.keys()} == {
        key: tree[key] for key in tree.keys() & shown.keys()
    }
    assert shown.keys() - tree.keys() == {"pinned", "trashed", "error"}
    assert tree["recipe"].startswith("format = 1")
    assert tree["settings"] == recipes.values(Recipe())
    assert [each["step"] for each in tree["history"]] == [10, 20]
    assert tree["history"][1]["metrics"] == {
        "loss": None,
        "val_loss": None,
        "val_iou/cañón": 0.5,
        "val_iou/a+b": 0.1,
        "val_iou/a*b": 0.2,
    }
    assert (tree["ending"], tree["note"], tree["best_epoch"]) == ("completed", "a note", 1)


def test_json_with_steps_gives_each_float32_again(
    command: Tell, workspace: Workspace, trained: str, tmp_path: Path
) -> None:
    path = tmp_path / "a.json"
    assert command("export", "1", "--as", "json", "--to", str(path), "--steps").code == 0
    steps = json.loads(path.read_text("utf-8"), parse_constant=pytest.fail)["steps"]
    with Journal(workspace) as journal:
        first, _, second = (each.block for each in journal.steps(trained))
    assert steps["step"] == list(range(1, 21))
    assert steps["epoch"] == [1] * 10 + [2] * 10
    assert steps["seconds"] == pytest.approx([*np.linspace(0.1, 1, 10), *np.linspace(1.15, 2.5, 10)])
    for name in ("loss", "accuracy", "learning_rate", "gradient_norm"):
        told = np.concatenate([first.column(name), second.column(name)])
        given = np.array([math.nan if each is None else each for each in steps[name]], np.float32)
        assert given.tobytes() == np.where(np.isnan(told), np.float32(math.nan), told).tobytes(), name
    assert steps["loss"][13] is None
    assert len(str(steps["loss"][0])) <= 11, "the shortest digits"


# --- MLflow: its client is a process's own business, so that what it sets and warns of stays there ---------------

READ = """
import json, os, sys, warnings
warnings.simplefilter("ignore")
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
os.environ["MLFLOW_LOGGING_LEVEL"] = "WARNING"
from mlflow.tracking import MlflowClient
client = MlflowClient(sys.argv[1], registry_uri=sys.argv[1])
(experiment,) = [each for each in client.search_experiments() if each.name == "Keras Workbench"]
found = []
for run in client.search_runs([experiment.experiment_id]):
    history = {
        name: [(each.step, str(each.value), each.timestamp) for each in client.get_metric_history(run.info.run_id, name)]
        for name in run.data.metrics
    }
    found.append({
        "params": run.data.params, "tags": run.data.tags, "metrics": history, "status": run.info.status,
        "name": run.info.run_name, "started": run.info.start_time, "ended": run.info.end_time, "id": run.info.run_id,
        "recipe": client.download_artifacts(run.info.run_id, "recipe.toml", sys.argv[2]),
    })
print(json.dumps(found))
"""


WATCHED = """
import runpy, socket, sys
def refuse(*words):
    sys.stderr.write(f"SPOKE TO {words}")
    raise OSError("no network in this test")
socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = refuse
sys.argv = ["workbench", *sys.argv[1:]]
runpy.run_module("workbench", run_name="__main__")
"""
#: With one of these MLflow knows that it is tested, and tells nobody anyway.
TELLING = ("PYTEST_CURRENT_TEST", "PYTEST_VERSION", "CI")


def as_process(*words: str) -> subprocess.CompletedProcess[str]:
    variables = {name: value for name, value in os.environ.items() if name not in TELLING}
    return subprocess.run(
        [sys.executable, *words], capture_output=True, text=True, check=False, env=variables, timeout=240
    )


def test_mlflow_reads_what_was_written_for_it_and_nobody_else_was_told(
    workspace: Workspace, trained: str, tmp_path: Path
) -> None:
    folder = tmp_path / "a store"
    words = ("--home", str(workspace.home), "export", "1", "--as", "mlflow", "--to", str(folder), "--json")
    done = as_process("-c", WATCHED, *words)
    assert (done.returncode, done.stderr) == (0, "")
    answer = json.loads(done.stdout)
    (run,) = json.loads(as_process("-c", READ, f"sqlite:///{folder}/mlflow.db", str(tmp_path)).stdout)
    assert answer == {"run": trained, "as": "mlflow", "to": str(folder), "mlflow_run": run["id"]}
    assert (run["name"], run["status"]) == ("Old one", "FINISHED")
    settings = {path: "" if value is None else str(value) for path, value in recipes.values(Recipe()).items()}
    assert run["params"] == settings
    with Journal(workspace) as journal:
        row = journal.run(trained)
    assert row.started is not None
    times = [round((row.started + seconds) * 1000) for seconds in (1.0, 2.5)]
    assert run["metrics"]["loss"] == [[1, "0.7", times[0]], [2, "nan", times[1]]]
    assert run["metrics"]["val_loss"][0] == [1, "0.2", times[0]]
    assert float(run["metrics"]["val_loss"][1][1]) > 1e308, "of infinity MLflow makes the largest number"
    classes = {name: value for name, ((_, value, _), *_) in run["metrics"].items() if "/" in name}
    assert classes == {"val_iou/cañón": "0.5", "val_iou/a_b": "0.2", "val_iou/a_b_": "0.1"}
    assert run["metrics"]["images_per_second"] == [[1, "100.0", times[0]], [2, "50.0", times[1]]]
    assert run["tags"]["workbench.run"] == trained
    assert run["tags"]["mlflow.note.content"] == "a note"
    assert run["tags"]["workbench.ending"] == "completed"
    assert Path(run["recipe"]).read_text("utf-8") == row.recipe_toml
    assert len(list((folder / "artifacts").rglob("recipe.toml"))) == 1


BROKEN = """
import json, os, runpy, sys
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
os.environ["MLFLOW_LOGGING_LEVEL"] = "WARNING"
from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient
whole = MlflowClient.log_batch
def log_batch(client, run_id, metrics=(), params=(), tags=()):
    if metrics:
        raise MlflowException("The disk is full.")
    return whole(client, run_id, metrics, params, tags)
MlflowClient.log_batch = log_batch
sys.argv = ["workbench", *sys.argv[1:]]
try:
    runpy.run_module("workbench", run_name="__main__")
except SystemExit as end:
    code = end.code
client = MlflowClient(f"sqlite:///{sys.argv[-1]}/mlflow.db", registry_uri=f"sqlite:///{sys.argv[-1]}/mlflow.db")
(run,) = client.search_runs([each.experiment_id for each in client.search_experiments()])
print(json.dumps({"code": code, "status": run.info.status, "parameters": len(run.data.params), "ended": run.info.end_time}))
"""


def test_a_run_that_mlflow_took_only_half_of_is_failed_there(
    workspace: Workspace, trained: str, tmp_path: Path
) -> None:
    folder = tmp_path / "store"
    words = ("--home", str(workspace.home), "export", "1", "--as", "mlflow", "--to", str(folder))
    done = as_process("-W", "ignore", "-c", BROKEN, *words)
    found = json.loads(done.stdout)
    assert (found["code"], found["status"]) == (2, "FAILED")
    assert found["parameters"] > 0
    assert found["ended"]
    assert done.stderr == f"MLflow could not write to {folder}: The disk is full.\n"


def test_a_folder_with_another_programs_file_of_that_name_is_refused_in_a_sentence(
    workspace: Workspace, trained: str, tmp_path: Path
) -> None:
    (tmp_path / "mlflow.db").write_text("not a database at all")
    words = ("--home", str(workspace.home), "export", "1", "--as", "mlflow", "--to", str(tmp_path))
    done = as_process("-m", "workbench", *words)
    assert done.returncode == 2
    assert done.stderr.startswith(f"MLflow could not write to {tmp_path}: ")
    assert "file is not a database" in done.stderr
    assert "Traceback" not in done.stderr
    assert (tmp_path / "mlflow.db").read_text() == "not a database at all"


def test_without_mlflow_it_is_said_what_to_install(command: Tell, trained: str, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "mlflow", None)
    said = command("export", "1", "--as", "mlflow", "--to", str(tmp_path / "store"))
    assert said.code == 2
    assert 'pip install "keras-workbench[mlflow]"' in said.err


# --- TensorBoard, by a stand-in -------------------------------------------------------------------------------


class StandIn:
    """Has the face of launch.board.Board; it answers at the second look, and `then` happens at the third."""

    def __init__(self, then: Callable[[], bool]) -> None:
        self.address = self.words = ""
        self.problem = "It went away."
        self.looks = 0
        self.closed = False
        self.then = then

    def wait(self, _seconds: float) -> bool:
        self.looks += 1
        self.words = "Writing"
        if self.looks > 1:
            self.address = "http://127.0.0.1:4711/"
        return self.then() if self.looks > 2 else False

    def close(self) -> None:
        self.closed = True


def interrupted() -> bool:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("then", "words", "code", "visits"), [(interrupted, (), 0, 1), (lambda: True, ("--no-browser",), 3, 0)]
)
def test_tensorboard_is_shown_until_ctrl_c_or_its_end(  # noqa: PLR0917 - fixtures
    command: Tell, trained: str, monkeypatch, then, words, code, visits
) -> None:
    board, asked, visited = StandIn(then), [], []
    monkeypatch.setattr("workbench.launch.board.Board.start", lambda _workspace, runs: asked.append(runs) or board)
    monkeypatch.setattr("webbrowser.open", visited.append)
    said = command("tensorboard", "Old one", *words)
    assert (said.code, len(visited), asked, board.closed) == (code, visits, [[trained]], True)
    assert said.out == "TensorBoard shows them at http://127.0.0.1:4711/ until Ctrl-C.\n"
    assert said.err == ("Writing\n" if code == 0 else "Writing\nIt went away.\n")


def test_tensorboard_shows_the_newest_runs_when_none_is_named(
    command: Tell, workspace: Workspace, trained: str, monkeypatch
) -> None:
    with Journal(workspace) as journal:
        newer = journal.create_run(Recipe(), "newer").id
    asked: list[list[str]] = []
    board = StandIn(interrupted)
    monkeypatch.setattr("workbench.launch.board.Board.start", lambda _workspace, runs: asked.append(runs) or board)
    assert command("tensorboard", "--no-browser", "--json").json == {"address": "http://127.0.0.1:4711/"}
    assert asked == [[newer, trained]]
    assert command("tensorboard", "nobody").code == 2


def test_tensorboard_without_runs_says_what_makes_one(command: Tell) -> None:
    said = command("tensorboard")
    assert said.code == 2
    assert "workbench train digits-cnn" in said.err
