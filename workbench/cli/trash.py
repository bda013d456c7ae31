"""`delete`, `restore` and `trash`: runs that are put away, taken back and deleted for good."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from workbench.cli import output
from workbench.cli.runs import NO_TRASH, RunKey, list_trash, open_journal
from workbench.errors import WorkspaceError
from workbench.journal import Journal, trash
from workbench.paths import size_words


def delete_command(context: typer.Context, run: RunKey) -> None:
    """Put a run into the trash."""
    with open_journal(context) as journal:
        found = journal.run(run)
        held = trash.contents(journal, found)
        trash.put(journal, found.id)
    parts = [output.count(held.epochs, "epoch"), output.count(held.checkpoints, "checkpoint")]
    people = output.people()
    people.print(f"{found.name} is in the trash: {' and '.join(parts)} ({size_words(held.size)}).")
    people.print(
        f"`workbench restore {found.number}` brings it back; `workbench trash --empty` frees the space for good."
    )


def restore_command(context: typer.Context, run: RunKey) -> None:
    """Take a run out of the trash."""
    with open_journal(context) as journal:
        found = journal.run(run)
        trash.restore(journal, found.id)
    output.people().print(f"{found.name} is back among the runs.")


def trash_command(
    context: typer.Context,
    empty: Annotated[bool, typer.Option("--empty", help="Delete for good what is in the trash; asks first.")] = False,  # noqa: FBT002 - an option of typer
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,  # noqa: FBT002 - an option of typer
) -> None:
    """List the trash, or empty it."""
    with open_journal(context) as journal:
        if empty:
            _empty(journal, yes=yes)
        else:
            list_trash(journal, as_json=False)


def _empty(journal: Journal, *, yes: bool) -> None:
    found = trash.runs(journal)
    people = output.people()
    if not found:
        people.print(NO_TRASH)
        return
    size = size_words(sum(trash.contents(journal, run).size for run in found))
    if not yes and not _agreed(f"Delete {output.count(len(found), 'run')} ({size}) for good?"):
        people.print("Nothing was deleted.")
        return
    freed = trash.empty(journal)
    people.print(f"{output.count(freed.runs, 'run')} deleted, {size_words(freed.size)} freed.")
    if freed.left:
        raise WorkspaceError(freed.left)


def _agreed(question: str) -> bool:
    # Not typer's: it writes a part of the question to standard output.
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    answer = sys.stdin.readline()
    if not answer:
        message = "Nothing was deleted, as nobody answered. With --yes the trash is emptied without a question."
        raise WorkspaceError(message)
    return answer.strip().casefold() in {"y", "yes"}
