"""The trash: out of sight, back as it was, and gone with its space when it is emptied."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from workbench.errors import WorkspaceError
from workbench.events import COLUMNS, BestSoFar, Ending, EpochEnded, State, StepBlock
from workbench.journal import Journal, labels, taking_up, trash, watched
from workbench.journal.rows import Watched, WatchedKind
from workbench.launch.keeper import Keeper
from workbench.spec import Recipe

WEIGHTS = 50_000
STEPS = 20_000
WATCHED = 1_000


def trained(journal: Journal, name: str = "") -> str:
    """A run with two epochs, two checkpoints and many steps."""
    run = journal.create_run(Recipe(), name).id
    attempt = journal.begin_attempt(run)
    assert attempt
    for epoch, loss in ((1, 0.5), (2, 0.7)):
        block = StepBlock((epoch - 1) * STEPS + 1, np.full((STEPS, len(COLUMNS)), loss, np.float32), 0.0, 1.0)
        seen = Watched(epoch, WatchedKind.SIGNAL, b"s" * WATCHED)
        journal.say(run, attempt, [block, seen, EpochEnded(epoch, epoch * STEPS, 1.0, {"val_loss": loss}, 9.0)])
        if epoch == 1:
            journal.say(run, attempt, [BestSoFar(1, "val_loss", loss)])
        folder = journal.workspace.run_folder(run) / "checkpoints" / f"{epoch}-{epoch * STEPS}"
        folder.mkdir(parents=True)
        (folder / "weights.safetensors").write_bytes(b"w" * WEIGHTS)
    journal.end(run, Ending.STOPPED, "Stopped.")
    return run


def on_disk(journal: Journal) -> int:
    return sum(path.stat().st_size for path in journal.workspace.home.rglob("*") if path.is_file())


def test_a_run_in_the_trash_is_out_of_the_list_and_comes_back_as_it_was(journal: Journal) -> None:
    run = trained(journal, "keep me")
    labels.set_tags(journal, run, ["holiday"])
    before = journal.run(run), journal.events(run), len(journal.steps(run)), trash.contents(journal, journal.run(run))
    trash.put(journal, run)
    assert journal.runs() == []
    assert [each.id for each in trash.runs(journal)] == [run]
    assert journal.run("keep me").trashed
    trash.restore(journal, run)
    assert trash.runs(journal) == []
    assert before == (
        journal.run(run), journal.events(run), len(journal.steps(run)), trash.contents(journal, journal.run(run)),
    )  # fmt: skip
    assert [each.id for each in journal.runs()] == [run]


def test_the_size_of_a_run_is_that_of_its_folder_its_steps_and_what_was_watched(journal: Journal) -> None:
    run = trained(journal)
    found = trash.contents(journal, journal.run(run))
    assert (found.epochs, found.checkpoints) == (2, 2)
    steps = 2 * STEPS * len(COLUMNS) * 4
    recipe = (journal.workspace.run_folder(run) / "recipe.toml").stat().st_size
    assert found.size == 2 * WEIGHTS + 2 * WATCHED + steps + recipe


@pytest.mark.parametrize("state", [State.QUEUED, State.RUNNING, State.PAUSED])
def test_a_run_that_lives_is_not_put_into_the_trash(journal: Journal, state: State) -> None:
    run = journal.create_run(Recipe(), "busy").id
    journal.set_state(run, state, among=tuple(State))
    with pytest.raises(WorkspaceError, match=r"busy (is|waits|still).*Stop it first"):
        trash.put(journal, run)
    assert journal.run(run).trashed is None


def test_emptying_deletes_what_is_in_the_trash_and_nothing_else_and_says_what_the_disk_has_again(
    journal: Journal,
) -> None:
    kept, gone = trained(journal, "kept"), trained(journal, "gone")
    size = trash.contents(journal, journal.run(gone)).size
    before = on_disk(journal)
    trash.put(journal, gone)
    freed = trash.empty(journal)
    assert (freed.runs, freed.left) == (1, "")
    assert freed.size == size
    assert on_disk(journal) <= before - size
    assert not journal.workspace.run_folder(gone).exists()
    assert (journal.events(gone), journal.steps(gone)) == ([], [])
    assert watched.places(journal, gone, WatchedKind.SIGNAL) == {}
    assert list(watched.places(journal, kept, WatchedKind.SIGNAL)) == [1, 2]
    assert journal.run(gone).ending is Ending.DISCARDED
    assert len(journal.steps(kept)) == 2
    assert [each.id for each in journal.runs()] == [kept]
    assert journal.create_run(Recipe()).number == 3, "a number is not given twice"
    with pytest.raises(WorkspaceError, match="gone was deleted for good"):
        trash.restore(journal, gone)
    with pytest.raises(WorkspaceError, match="gone was deleted already"):
        trash.put(journal, gone)


def test_while_a_run_is_at_work_only_the_folders_count_as_freed(journal: Journal) -> None:
    gone = trained(journal)
    trash.put(journal, gone)
    journal.create_run(Recipe())
    freed = trash.empty(journal)
    assert 2 * WEIGHTS <= freed.size < 2 * WEIGHTS + 10_000


def test_a_folder_that_cannot_be_removed_is_told_and_goes_when_the_next_keeper_begins(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = trained(journal)
    trash.put(journal, gone)

    def refuse(path: Path) -> None:
        raise PermissionError(13, "denied", str(path))

    with monkeypatch.context() as patched:
        patched.setattr(trash.shutil, "rmtree", refuse)
        freed = trash.empty(journal)
    assert "cannot be written to" in freed.left
    assert "tried again" in freed.left
    assert trash.runs(journal) == []
    Keeper(journal).clear_discarded()
    assert not journal.workspace.run_folder(gone).exists()


def test_the_keeper_leaves_what_is_in_the_trash_alone(journal: Journal) -> None:
    run = trained(journal)
    trash.put(journal, run)
    Keeper(journal).clear_discarded()
    assert journal.workspace.run_folder(run).exists()


def test_a_run_in_the_trash_is_not_taken_up_again(journal: Journal) -> None:
    run = trained(journal)
    seen = journal.run(run)
    trash.put(journal, run)
    with pytest.raises(WorkspaceError, match=r"in the trash\. Restore it first"):
        taking_up.requeue(journal, journal.run(run))
    with pytest.raises(WorkspaceError, match="somebody else"):
        taking_up.requeue(journal, seen)
    assert journal.run(run).state is State.ENDED


def test_a_name_means_the_run_that_is_in_the_table_before_one_in_the_trash(journal: Journal) -> None:
    first, second = trained(journal, "same"), trained(journal, "same")
    trash.put(journal, second)
    assert journal.run("same").id == first
    trash.put(journal, first)
    assert journal.run("same").id == second


def test_what_a_run_is_ranked_by_is_its_best_epoch_and_never_its_last(journal: Journal) -> None:
    run = journal.run(trained(journal))
    assert (run.best_value, run.last["val_loss"]) == (0.5, 0.7)
    assert journal.create_run(Recipe()).best_value is None
