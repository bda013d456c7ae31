"""Forks before their engine has said anything."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from workbench.errors import WorkspaceError
from workbench.events import Ending, State
from workbench.journal import Journal, Run, taking_up, trash
from workbench.launch.fork import fork
from workbench.launch.keeper import keep
from workbench.spec import Recipe
from workbench.spec.recipe import changed


@pytest.fixture
def parent(journal: Journal, recipe: Recipe, story: Callable[[str, float], None]) -> Run:
    """A run of six epochs."""
    story("completed", 20.0)
    run = journal.create_run(recipe)
    keep(journal.workspace, 0.0)
    return journal.run(run.id)


def test_a_fork_that_waits_can_be_forked_as_well(journal: Journal, parent: Run) -> None:
    longer = changed(parent.recipe, "training.epochs", 9)
    child = fork(journal, parent, longer)
    grandchild = fork(journal, child, longer)
    assert (grandchild.state, grandchild.parent, grandchild.parent_epoch) == (State.QUEUED, child.id, 6)


def test_a_fork_that_waits_knows_no_pictures_once_its_parent_is_gone(journal: Journal, parent: Run) -> None:
    longer = changed(parent.recipe, "training.epochs", 9)
    child = fork(journal, parent, longer)
    trash.destroy(journal, parent.id)
    with pytest.raises(WorkspaceError, match="never had its pictures read"):
        fork(journal, child, longer)


def test_a_fork_is_not_trained_until_an_epoch_before_it_grew(journal: Journal, parent: Run) -> None:
    child = fork(journal, parent, changed(parent.recipe, "training.epochs", 9))
    journal.end(child.id, Ending.STOPPED, "Stopped before it began; nothing was trained.")
    with pytest.raises(WorkspaceError, match="has 6 epochs already"):
        taking_up.requeue(journal, journal.run(child.id), 6)
    assert taking_up.requeue(journal, journal.run(child.id), 7).epochs_planned == 7
