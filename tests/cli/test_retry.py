"""`workbench retry`: the ways out of a failure, listed and taken."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from workbench.journal import Journal
from workbench.paths import Workspace

Tell = Callable[..., Any]


def test_the_ways_of_a_failed_run_are_told_and_the_first_is_taken(command: Tell, workspace: Workspace) -> None:
    said = command("train", "digits-cnn", "--set", "training.epochs=6", "--name", "mine", story="failed")
    assert said.code == 3
    assert "way 1: Halve the batch" in said.err
    assert "workbench retry 1 WAY" in said.err
    listed = command("retry", "mine").out.splitlines()
    assert [line[0] for line in listed] == ["1", "2", "3"]
    taken = command("retry", "mine", "1", "--json")
    with Journal(workspace) as journal:
        parent, child = journal.run("mine"), journal.run(taken.json["run"])
        assert (child.parent, child.parent_epoch) == (parent.id, 3)
        assert child.recipe.training.batch_size * 2 == parent.recipe.training.batch_size


def test_a_run_without_trouble_is_refused_with_a_sentence(command: Tell) -> None:
    command("train", "digits-cnn", "--set", "training.epochs=2", "--name", "well")
    assert "offers no way out" in command("retry", "well").err


def test_a_way_that_is_not_there_is_refused_with_a_sentence(command: Tell) -> None:
    command("train", "digits-cnn", "--set", "training.epochs=6", "--name", "mine", story="failed")
    assert "there is no number 9" in command("retry", "mine", "9").err
