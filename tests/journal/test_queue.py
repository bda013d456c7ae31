"""The order in which runs wait."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import WorkspaceError
from workbench.events import Ending
from workbench.journal import Journal
from workbench.journal.queue import (
    MOST_AT_ONCE,
    QueueSettings,
    in_line,
    move,
    needs_keeper,
    pause_queue,
    queue_settings,
    set_at_once,
)
from workbench.paths import Workspace
from workbench.spec import Recipe


def names(journal: Journal) -> list[str]:
    return [run.name for run in in_line(journal.unended())]


def test_runs_wait_in_the_order_in_which_they_came(journal: Journal) -> None:
    for name in "abc":
        journal.create_run(Recipe(), name)
    assert names(journal) == ["a", "b", "c"]


@given(moves=st.lists(st.tuples(st.integers(0, 4), st.integers(-2, 7)), max_size=12))
def test_any_moves_give_the_line_that_a_list_would_have(
    tmp_path_factory: pytest.TempPathFactory, moves: list[tuple[int, int]]
) -> None:
    with Journal(Workspace(tmp_path_factory.mktemp("queue"))) as journal:
        model = [journal.create_run(Recipe(), name).id for name in "abcde"]
        for which, to in moves:
            run = model.pop(which)
            model.insert(max(0, min(to, len(model))), run)
            assert [each.id for each in move(journal, run, to)] == model
        model.append(journal.create_run(Recipe(), "late").id)
        assert [run.id for run in in_line(journal.unended())] == model, "who comes later stands behind"


def test_only_a_run_that_waits_is_moved(journal: Journal) -> None:
    run = journal.create_run(Recipe(), "done")
    journal.end(run.id, Ending.STOPPED, "")
    with pytest.raises(WorkspaceError, match="done does not wait in the queue; only runs that wait can be moved"):
        move(journal, run.id, 0)


def test_how_the_queue_moves_is_kept(journal: Journal, workspace: Workspace) -> None:
    assert queue_settings(journal) == QueueSettings(paused=False, at_once=1)
    pause_queue(journal, paused=True)
    set_at_once(journal, 3)
    with Journal(workspace) as other:
        assert queue_settings(other) == QueueSettings(paused=True, at_once=3)


@pytest.mark.parametrize("count", [0, -1, MOST_AT_ONCE + 1])
def test_no_sensible_number_at_once_is_refused(journal: Journal, count: int) -> None:
    with pytest.raises(WorkspaceError, match=f"From 1 to 16 runs can train at once, got {count}"):
        set_at_once(journal, count)


def test_a_line_that_stands_still_needs_no_keeper(journal: Journal) -> None:
    assert not needs_keeper(journal)
    run = journal.create_run(Recipe())
    assert needs_keeper(journal)
    pause_queue(journal, paused=True)
    assert not needs_keeper(journal)
    journal.begin_attempt(run.id)
    assert needs_keeper(journal), "a run at work is watched, paused or not"
