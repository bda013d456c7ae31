"""What the filter of the run table finds."""

from __future__ import annotations

import dataclasses

import pytest

from workbench.events import Ending, State
from workbench.gui.runs.search import Search
from workbench.gui.runs.watch import Row
from workbench.journal import Journal
from workbench.paths import Workspace
from workbench.spec import Recipe


@pytest.fixture
def row(workspace: Workspace) -> Row:
    with Journal(workspace) as journal:
        run = journal.create_run(Recipe(), "Wide net", "digits-cnn")
    run = dataclasses.replace(
        run, state=State.ENDED, ending=Ending.EARLY_STOPPED, tags=("Holiday", "best"), note="Rate too high?\nTry 3e-4."
    )
    return Row(run, "CNN, Adam", ("batch size 1\u202f024", "dropout"), (0.5,), "digits")


@pytest.mark.parametrize(
    "typed",
    [
        "", "  ", "wide", "WIDE net", "holiday", "#best", "too high?", "3e-4", "digits-cnn", "early-stopped", "early stopped",
        "dropout", "1024", "adam", "net holiday rate early digits dropout", "tag:holiday", "tag:HOLI", "tag:#best",
        "tag:hol tag:best", "wide tag:holiday", "tag:",
    ],
)  # fmt: skip
def test_every_word_is_found_wherever_it_stands(row: Row, typed: str) -> None:
    assert Search.of(typed).finds(row, State.ENDED)


@pytest.mark.parametrize(
    "typed", ["deep", "wide deep", "finished", "tag:wide", "tag:day", "tag:holiday deep", "tag:best tag:worst"]
)
def test_one_word_that_is_not_there_is_enough_to_leave_a_run_out(row: Row, typed: str) -> None:
    assert not Search.of(typed).finds(row, State.ENDED)


def test_a_run_without_tags_is_found_by_no_tag(row: Row) -> None:
    bare = dataclasses.replace(row, run=dataclasses.replace(row.run, tags=()))
    assert not Search.of("tag:").finds(bare, State.ENDED)
