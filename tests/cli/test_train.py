"""`train` from the preset to the exit code, and what Ctrl-C does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from workbench.cli import follow
from workbench.events import Ending, State
from workbench.journal import Journal
from workbench.journal.alive import hold
from workbench.launch import start
from workbench.launch.start import keeper_lock
from workbench.paths import Workspace
from workbench.spec import Recipe

KEYS = {
    "run", "state", "ending", "epochs", "best_epoch", "best", "last", "seconds", "images_per_second", "weights_sha256",
    "last_weights_sha256",
}  # fmt: skip
SHORT = ("--set", "training.epochs=3")


def test_json_gives_one_object_with_the_promised_keys(command: Callable[..., Any], workspace: Workspace) -> None:
    said = command("train", "digits-cnn", *SHORT, "--name", "First", "--json")
    assert said.code == 0, said.err
    tree = said.json
    assert set(tree) == KEYS
    assert (tree["state"], tree["ending"], tree["epochs"], tree["best_epoch"]) == ("ended", "completed", 3, 3)
    assert set(tree["best"]) >= {"loss", "accuracy", "val_loss", "val_accuracy"}
    with Journal(workspace) as journal:
        run = journal.run(tree["run"])
    assert (run.name, run.preset, run.weights_sha256) == ("First", "digits-cnn", tree["weights_sha256"])
    assert "Epoch 3/3" in said.err


def test_a_setting_of_a_trick_turns_it_on_and_early_stopping_ends_well(command: Callable[..., Any]) -> None:
    said = command(
        "train", "digits-cnn", "--set", "tricks.early_stopping.patience=2", "--set", "training.epochs=12", "--json",
        story="early_stopped",
    )  # fmt: skip
    assert said.code == 0
    assert said.json["ending"] == "early_stopped"
    assert said.json["best_epoch"] == said.json["epochs"] - 2


@pytest.mark.parametrize(
    ("story", "ending", "words"),
    [
        ("failed", "failed", "ran out of memory"),
        ("nan", "failed", "learning_rate"),
        ("died", "interrupted", "exit code 11"),
    ],
)
def test_a_run_that_does_not_end_well_gives_3_and_says_why(
    story: str, ending: str, words: str, command: Callable[..., Any]
) -> None:
    said = command("train", "digits-cnn", "--set", "training.epochs=5", "--json", story=story)
    assert said.code == 3
    assert said.json["ending"] == ending
    assert said.json["epochs"] == 3
    assert words in said.err


def test_words_for_people_are_on_standard_output(command: Callable[..., Any]) -> None:
    said = command("train", "digits-cnn", *SHORT, "--name", "[bold]Me[/bold]")
    assert said.code == 0
    assert said.out.startswith("[bold]Me[/bold] · completed · 3 epochs · best epoch 3: ")


def test_a_bad_recipe_gives_2_and_makes_no_run(command: Callable[..., Any], workspace: Workspace) -> None:
    said = command("train", "digits-cnn", "--set", "training.epochs=0", "--set", "optimizer.learning_rat=1", "--json")
    assert said.code == 2
    assert [problem["path"] for problem in said.json["problems"]] == ["optimizer.learning_rat", "training.epochs"]
    assert "Did you mean optimizer.learning_rate?" in said.err
    with Journal(workspace) as journal:
        assert journal.runs() == []


def test_a_folder_that_is_not_there_is_found_before_a_run_is_made(command: Callable[..., Any]) -> None:
    said = command("train", "own-folder", "--set", "data.path=/no/such/folder")
    assert said.code == 2
    assert "/no/such/folder" in said.err


def test_an_engine_that_cannot_start_gives_3(command: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_ENGINE", "workbench.no_such_engine")
    said = command("train", "digits-cnn")
    assert said.code == 3
    assert "The engine could not start" in said.err


def test_a_keeper_that_is_slow_to_start_is_waited_for(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    run = journal.create_run(Recipe()).id
    looks = iter(range(2 * follow.KEEPER_TRIES))

    def on_its_way(_: Workspace) -> bool:
        if next(looks, None) is None:
            journal.end(run, Ending.STOPPED, "Stopped.")
        return True

    def second_keeper(_: Workspace) -> None:
        pytest.fail("another keeper was started")

    monkeypatch.setattr(follow, "KEEPER_SECONDS", 0.0)
    monkeypatch.setattr(follow, "keeper_comes", on_its_way)
    monkeypatch.setattr(follow, "ensure_keeper", second_keeper)
    with Journal(journal.workspace) as mine:
        assert follow.RunFollower(mine, run).follow(lambda _: None).ending is Ending.STOPPED


def test_a_keeper_comes_from_its_start_until_it_has_the_lock_or_is_gone(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits = [sys.executable, "-c", "import sys; sys.stdin.read()"]
    monkeypatch.setattr(start, "python_command", lambda *_: waits)
    assert not start.keeper_comes(workspace)
    with subprocess.Popen(waits, stdin=subprocess.PIPE) as process:
        start.adopt(process)
        assert start.keeper_comes(workspace)
        lock = hold(keeper_lock(workspace))
        assert lock
        with lock:
            assert not start.keeper_comes(workspace)
        assert start.keeper_comes(workspace)
    assert not start.keeper_comes(workspace)


@pytest.mark.parametrize(("story", "presses"), [("slow", 1), ("hung", 2)])
def test_ctrl_c_stops_now_and_keeps_and_a_second_one_kills(story: str, presses: int, workspace: Workspace) -> None:
    environment = {
        **os.environ, "WORKBENCH_ENGINE": "workbench.launch.fake", "WORKBENCH_FAKE_STORY": story,
        "WORKBENCH_FAKE_SPEED": "4",
    }  # fmt: skip
    command = [sys.executable, "-m", "workbench", "train", "digits-cnn", "--home", str(workspace.home), "--json"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stderr
        for line in process.stderr:
            if line.startswith("Epoch 3/"):
                break
        process.send_signal(signal.SIGINT)
        for line in process.stderr:
            if presses == 2 and line.startswith("Stopping now"):
                process.send_signal(signal.SIGINT)
        out = process.stdout.read() if process.stdout else ""
    assert process.returncode == 130
    assert '"ending": "stopped"' in out
    with Journal(workspace) as journal:
        (run,) = journal.runs()
    assert (run.state, run.ending) == (State.ENDED, Ending.STOPPED)
    assert run.weights_sha256
    assert keeper_lock(workspace).exists()
