"""A way out of a trouble leads to a run: a fork, a new one, or the same one taken up again."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path

import pytest

from workbench.errors import Way, WayKind, WorkspaceError
from workbench.events import Ending, Failed, State
from workbench.journal import Journal, Run
from workbench.launch import way_out
from workbench.launch.fork import kept
from workbench.launch.keeper import keep
from workbench.paths import Workspace
from workbench.spec import Recipe
from workbench.spec.recipe import changed

HALF = Way(WayKind.CHANGE, "Halve the batch", "", (("training.batch_size", 16), ("optimizer.learning_rate", 5e-4)))
AGAIN = Way(WayKind.AGAIN, "Take it up again")
MOVED = Way(WayKind.MOVED, "Choose…")


@pytest.fixture
def failed(workspace: Workspace, journal: Journal, recipe: Recipe, story: Callable[..., None]) -> Run:
    """A run of which three epochs are kept, and whose card offers ways."""
    story("failed", 20)
    run = journal.create_run(recipe)
    assert keep(workspace, 0.1)
    assert journal.run(run.id).ending is Ending.FAILED
    return journal.run(run.id)


def test_the_latest_failure_s_ways_are_offered(journal: Journal, failed: Run, recipe: Recipe) -> None:
    assert [way.kind for way in way_out.of_run(journal, failed)] == [WayKind.CHANGE] * 3
    assert way_out.of_run(journal, journal.create_run(recipe)) == ()


def test_changed_settings_grow_from_the_last_whole_epoch_as_a_run_of_their_own(journal: Journal, failed: Run) -> None:
    assert way_out.origin(journal, failed) == 3
    child = way_out.begin(journal, failed, HALF)
    assert (child.parent, child.parent_epoch, child.state) == (failed.id, 3, State.QUEUED)
    assert child.recipe.training.batch_size == 16
    assert journal.run(failed.id).recipe == failed.recipe


def set_loss(journal: Journal, run: Run, epoch: int, loss: float) -> None:
    """Make what a run said of an epoch's loss another number."""
    for number, body in journal.query("SELECT id, body FROM events WHERE run = ? AND kind = 'EpochEnded'", run.id):
        said = json.loads(body)
        if said["epoch"] == epoch:
            said["metrics"]["loss"] = loss
            journal.write("UPDATE events SET body = ? WHERE id = ?", json.dumps(said), number)


@pytest.mark.parametrize("bad", [1e13, math.inf, math.nan])
def test_changed_settings_grow_from_no_epoch_that_was_worse_than_untrained(
    journal: Journal, failed: Run, bad: float
) -> None:
    epochs = sorted({each.epoch for each in kept(journal, failed)})
    assert epochs[-1] == 3
    set_loss(journal, failed, 3, bad)
    assert way_out.origin(journal, failed) == epochs[-2]
    for epoch in epochs:
        set_loss(journal, failed, epoch, bad)
    assert way_out.origin(journal, failed) == 0
    assert way_out.begin(journal, failed, HALF).parent == ""


def test_changed_settings_begin_afresh_where_no_epoch_was_kept(journal: Journal, recipe: Recipe) -> None:
    run = journal.create_run(recipe, "mine", "digits-cnn")
    journal.begin_attempt(run.id)
    journal.end(run.id, Ending.FAILED, "No memory.")
    child = way_out.begin(journal, journal.run(run.id), HALF)
    assert (child.parent, child.preset, child.recipe.training.batch_size) == ("", "digits-cnn", 16)


def test_the_same_run_is_taken_up_again(journal: Journal, failed: Run) -> None:
    assert way_out.begin(journal, failed, AGAIN).id == failed.id
    assert journal.run(failed.id).state is State.QUEUED


def test_pictures_that_moved_are_looked_for_where_they_are_said_to_be(journal: Journal, tmp_path: Path) -> None:
    recipe = changed(changed(Recipe(), "data.kind", "folder"), "data.path", str(tmp_path / "old"))
    run = journal.create_run(recipe)
    journal.begin_attempt(run.id)
    journal.end(run.id, Ending.FAILED, "Gone.", Failed(way_out_card()))
    with pytest.raises(WorkspaceError, match="Say where the pictures are"):
        way_out.begin(journal, journal.run(run.id), MOVED)
    again = way_out.begin(journal, journal.run(run.id), MOVED, pictures=str(tmp_path / "new"))
    assert (again.id, again.state) == (run.id, State.QUEUED)
    assert again.recipe == changed(recipe, "data.path", str(tmp_path / "new"))
    written = (journal.workspace.run_folder(run.id) / "recipe.toml").read_text()
    assert str(tmp_path / "new") in written


def way_out_card() -> object:
    from workbench.errors import ErrorCard

    return ErrorCard("The pictures are not there any more", "Gone.", ways=(AGAIN, MOVED))
