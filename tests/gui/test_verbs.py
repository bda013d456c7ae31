"""Verbs change the world as they say, also when it has changed meanwhile."""

from __future__ import annotations

from workbench.events import Command, Ending
from workbench.gui import verbs
from workbench.journal import Journal
from workbench.paths import Workspace
from workbench.spec import Recipe


def test_discard_takes_a_run_away_that_has_ended_since_it_was_looked_at(workspace: Workspace) -> None:
    with Journal(workspace) as journal:
        at_work, over = journal.create_run(Recipe()), journal.create_run(Recipe())
        journal.end(over.id, Ending.COMPLETED, "All epochs are done.")
        for run in (at_work, over):
            verbs.discard(journal, run.id)
        assert [asked.command for asked in journal.asked(at_work.id, untaken=True)] == [Command.DISCARD]
        assert [run.id for run in journal.runs()] == [at_work.id]
        assert not workspace.run_folder(over.id).exists()
