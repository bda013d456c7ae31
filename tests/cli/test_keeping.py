"""The commands that keep a workspace in order: tag, note, pin, delete, restore, trash; and the order of `runs`."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest

from workbench.events import BestSoFar, Ending, EpochEnded, State
from workbench.journal import Journal
from workbench.paths import Workspace
from workbench.spec import Recipe

Tell = Callable[..., Any]


def trained(journal: Journal, name: str, *losses: float) -> str:
    """A run with one epoch for each loss; the first is its best."""
    run = journal.create_run(Recipe(), name).id
    attempt = journal.begin_attempt(run)
    assert attempt
    for epoch, loss in enumerate(losses, 1):
        journal.say(run, attempt, [EpochEnded(epoch, epoch * 10, 1.0, {"val_loss": loss}, 100.0)])
        if epoch == 1:
            journal.say(run, attempt, [BestSoFar(1, "val_loss", loss)])
    weights = journal.workspace.run_folder(run) / "checkpoints" / "1-10" / "weights.safetensors"
    weights.parent.mkdir(parents=True)
    weights.write_bytes(b"w" * 4_000_000)
    journal.end(run, Ending.STOPPED, "Stopped.")
    return run


@pytest.fixture
def three(workspace: Workspace) -> tuple[str, ...]:
    """By their last epoch they would stand in another order than by their best."""
    with Journal(workspace) as journal:
        return trained(journal, "good", 0.1, 0.9), trained(journal, "middling", 0.3, 0.31), trained(journal, "none")


def test_runs_are_sorted_by_their_best_epoch_and_those_without_come_last(command: Tell, three: tuple[str, ...]) -> None:
    def names(*words: str) -> list[str]:
        return [each["name"] for each in command("runs", "--json", *words).json["runs"]]

    assert names("--sort", "best") == ["good", "middling", "none"]
    assert names() == ["none", "middling", "good"]
    assert command("runs", "--sort", "worst").code == 2


def test_tags_notes_and_pins_are_put_on_a_run_and_told(command: Tell, three: tuple[str, ...]) -> None:
    assert command("tag", "good", "holiday", "#best").out == "good is tagged holiday, best.\n"
    assert command("tag", "good", "Best", "--off").out == "good is tagged holiday.\n"
    assert command("tag", "good").out == "good is tagged holiday.\n"
    assert command("tag", "none").out == "none has no tags.\n"
    assert command("note", "good", "[b]Rate too high?").out == "The note on good is written.\n"
    assert command("note", "1").out == "[b]Rate too high?\n"
    assert command("pin", "good").out == "good is pinned.\n"
    *_, row = command("runs", "--json").json["runs"]
    assert (row["tags"], row["note"], row["pinned"]) == (["holiday"], "[b]Rate too high?", True)
    assert "pinned #holiday" in command("runs").out
    shown = command("show", "good").out
    assert "pinned #holiday" in shown
    assert "[b]Rate too high?" in shown
    assert command("pin", "good", "--off").out == "good is no longer pinned.\n"
    assert command("note", "good", "").out == "The note on good is taken away.\n"
    assert command("note", "good").out == "good has no note.\n"


def test_a_tag_that_is_not_named_or_too_long_is_refused(command: Tell, three: tuple[str, ...]) -> None:
    said = command("tag", "good", "--off")
    assert (said.code, said.err) == (2, "Say which tags to take away: workbench tag good TAG… --off\n")
    assert "too long" in command("tag", "good", "x" * 60).err


def test_delete_puts_a_run_into_the_trash_says_its_size_and_restore_brings_it_back(
    command: Tell, three: tuple[str, ...]
) -> None:
    said = command("delete", "good")
    assert "good is in the trash: 2 epochs and 1 checkpoint (4.0 MB)." in said.out
    assert "`workbench restore 1` brings it back" in said.out
    assert [each["name"] for each in command("runs", "--json").json["runs"]] == ["none", "middling"]
    (row,) = command("runs", "--trash", "--json").json["runs"]
    assert (row["run"], row["epochs"]) == (three[0], 2)
    assert row["bytes"] > 4_000_000
    assert row["trashed"] > 0
    assert "4.0 MB" in command("runs", "--trash").out
    assert "In the trash; `workbench restore 1`" in command("show", "1").out
    assert command("restore", "1").out == "good is back among the runs.\n"
    assert len(command("runs", "--json").json["runs"]) == 3
    assert command("restore", "1").err == "good is not in the trash.\n"


def test_a_run_that_lives_is_not_deleted(command: Tell, workspace: Workspace) -> None:
    with Journal(workspace) as journal:
        run = journal.create_run(Recipe(), "waiting", reserve_seconds=60).id
        said = command("delete", "waiting")
        assert (said.code, said.out) == (2, "")
        assert said.err == "waiting still waits in the queue. Stop it first; what it has trained by then is kept.\n"
        assert journal.run(run).state is State.QUEUED
        journal.end(run, Ending.STOPPED, "Stopped.")


def test_the_trash_is_emptied_after_a_question_or_with_yes(
    command: Tell, three: tuple[str, ...], workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert command("trash", "--empty").out == "The trash is empty.\n"
    command("delete", "good")
    assert "good" in command("trash").out
    for answer, out in (("n\n", "Nothing was deleted.\n"), ("", "")):
        monkeypatch.setattr("sys.stdin", io.StringIO(answer))
        said = command("trash", "--empty")
        assert said.out == out
        assert "Delete 1 run (4.0 MB) for good?" in said.err
        assert workspace.run_folder(three[0]).exists()
    assert said.code == 2
    assert "nobody answered" in said.err
    assert command("trash", "--empty", "--yes").out == "1 run deleted, 4.0 MB freed.\n"
    assert not workspace.run_folder(three[0]).exists()
    assert command("runs", "--trash", "--json").json == {"runs": []}
    assert command("restore", "1").err == "good was deleted for good.\n"
