"""The commands that steer a run, take it up again, and let another grow from it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from workbench.events import Command, Continued, Ending, EpochEnded, Paused, RunCreated, State
from workbench.journal import Journal
from workbench.paths import Workspace
from workbench.spec import Recipe
from workbench.spec.recipe import changed

Tell = Callable[..., Any]


def train(command: Tell, *more: str, story: str = "completed", epochs: int = 6) -> Any:
    said = command("train", "digits-cnn", "--set", f"training.epochs={epochs}", "--name", "mine", *more, story=story)
    assert said.code in {0, 3}, said.err
    return said


def wait_for(journal: Journal, run: str, state: State) -> None:
    while journal.run(run).state is not state:
        assert journal.run(run).state is not State.ENDED, journal.run(run).reason


def test_a_run_is_paused_and_goes_on_from_the_command_line(
    command: Tell, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workbench.launch.start import ensure_keeper

    monkeypatch.setenv("WORKBENCH_FAKE_STORY", "slow")
    monkeypatch.setenv("WORKBENCH_FAKE_SPEED", "1")
    with Journal(workspace) as journal:
        run = journal.create_run(changed(Recipe(), "training.epochs", 60), "mine").id
        ensure_keeper(workspace)
        wait_for(journal, run, State.RUNNING)
        assert "mine pauses" in command("pause", "mine", story="slow").out
        wait_for(journal, run, State.PAUSED)
        assert "mine goes on." in command("continue", "mine", story="slow").out
        wait_for(journal, run, State.RUNNING)
        command("rate", "mine", "0.01", story="slow")
        command("save", "mine", story="slow")
        command("stop", "mine", "--now", story="slow")
        while journal.run(run).state is not State.ENDED:
            pass
        kinds = [type(each.event) for each in journal.events(run)]
        assert kinds.index(Paused) < kinds.index(Continued)
        asked = [(each.command, each.value) for each in journal.asked(run)]
    assert asked[:4] == [
        (Command.PAUSE, None), (Command.CONTINUE, None), (Command.SET_RATE, 0.01), (Command.SAVE, None),
    ]  # fmt: skip


@pytest.mark.parametrize("words", [("pause",), ("continue",), ("save",), ("rate", "0.1")])
def test_nothing_is_asked_of_a_run_that_has_ended(command: Tell, words: tuple[str, ...]) -> None:
    train(command)
    name, *rest = words
    said = command(name, "mine", *rest)
    assert said.code == 2
    assert "mine has ended already (completed). `workbench resume` takes it up again." in said.err


@pytest.mark.parametrize("rate", ["0", "-1", "nan", "1e9"])
def test_a_rate_that_is_none_is_refused(command: Tell, rate: str) -> None:
    said = command("rate", "--", "mine", rate)
    assert said.code == 2
    assert "must be more than 0 and at most 1000" in said.err


def test_a_run_whose_engine_died_is_resumed_to_its_end(command: Tell, workspace: Workspace) -> None:
    assert train(command, story="died").code == 3
    said = command("resume", "mine", "--json")
    assert said.code == 0
    assert (said.json["ending"], said.json["epochs"]) == ("completed", 6)
    assert "Resumed exactly after epoch 3" in said.err
    with Journal(workspace) as journal:
        epochs = [
            each.event.epoch for each in journal.events(journal.run("mine").id) if isinstance(each.event, EpochEnded)
        ]
    assert epochs == [1, 2, 3, 4, 5, 6]


def test_a_run_that_is_done_is_trained_longer_by_a_number_of_epochs(command: Tell) -> None:
    train(command)
    said = command("resume", "mine")
    assert said.code == 2
    assert "All 6 epochs of mine are done. To train longer, say until which epoch." in said.err
    said = command("resume", "mine", "--epochs", "8", "--json")
    assert (said.json["ending"], said.json["epochs"]) == ("completed", 8)
    assert "epoch 6" not in said.out


def test_a_fork_grows_from_a_kept_epoch_with_changed_settings(command: Tell, workspace: Workspace) -> None:
    train(command, "--set", "training.keep_every=2")
    said = command(
        "fork", "mine", "--epoch", "6", "--set", "training.epochs=9", "--set", "optimizer.learning_rate=0.01", "--json"
    )
    assert said.code == 0, said.err
    with Journal(workspace) as journal:
        parent, child = journal.run("mine"), journal.run(said.json["run"])
        created = [each.event for each in journal.events(child.id) if isinstance(each.event, RunCreated)]
        epochs = [each.event.epoch for each in journal.events(child.id) if isinstance(each.event, EpochEnded)]
    assert (child.parent, child.parent_epoch, child.name) == (parent.id, 6, "mine, from epoch 6")
    assert created == [RunCreated("mine, from epoch 6", parent.id, 6)]
    assert child.recipe.optimizer.learning_rate == 0.01
    assert epochs == [7, 8, 9]
    assert parent.ending is Ending.COMPLETED


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--epoch", "9", "--set", "training.epochs=12"), "mine has not kept epoch 9; kept: "),
        (("--set", "training.epochs=6"), "training.epochs: must be more than the 6 that are done"),
        (("--set", "training.epochs=9", "--set", "data.image_size=16"), "data.image_size: stays as it was in a fork"),
        (("--set", "training.epochs=9", "--set", "training.seed=4"), "another seed would mix pictures it has learned"),
        (("--set", "training.epochs=9", "--set", "model.width=48"), "must stay a network that the weights fit"),
    ],
)
def test_a_fork_that_cannot_be_is_refused_with_a_reason(command: Tell, words: tuple[str, ...], sentence: str) -> None:
    train(command)
    said = command("fork", "mine", *words)
    assert said.code == 2
    assert sentence in said.err
    assert [each["name"] for each in command("runs", "--json").json["runs"]] == ["mine"]


def test_a_run_without_a_checkpoint_has_nothing_to_grow_from(command: Tell, workspace: Workspace) -> None:
    with Journal(workspace) as journal:
        run = journal.create_run(Recipe(), "mine")
        journal.end(run.id, Ending.STOPPED, "")
    said = command("fork", "mine")
    assert said.code == 2
    assert "mine has kept no checkpoint to grow from" in said.err


# --- the queue ------------------------------------------------------------------------------------------


def test_runs_are_queued_reordered_paused_and_let_go(command: Tell, workspace: Workspace) -> None:
    assert command("queue", "--pause", "--at-once", "2", "--json").json == {
        "paused": True, "at_once": 2, "at_work": [], "waiting": [],
    }  # fmt: skip
    for name in ("a", "b", "c"):
        said = command("train", "digits-cnn", "--set", "training.epochs=3", "--name", name, "--queue", "--json")
        assert (said.code, said.json["state"]) == (0, "queued")
    tree = command("queue", "--first", "c", "--json").json
    assert [each["name"] for each in tree["waiting"]] == ["c", "a", "b"]
    assert "paused; 0 at work, 3 runs waiting" in command("queue").out
    command("queue", "--continue")
    with Journal(workspace) as journal:
        while journal.unended():
            pass
        assert {run.ending for run in journal.runs()} == {Ending.COMPLETED}


def test_a_queue_cannot_be_paused_and_go_on(command: Tell) -> None:
    said = command("queue", "--pause", "--continue")
    assert said.code == 2
    assert "paused or go on, not both" in said.err
