"""`tag`, `note` and `pin`: what people put on a run to find it again."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench.cli import output
from workbench.cli.runs import RunKey, open_journal
from workbench.errors import WorkspaceError
from workbench.journal import labels


def tag_command(
    context: typer.Context,
    run: RunKey,
    tags: Annotated[list[str] | None, typer.Argument(metavar="TAG…", help="Words; without any, its tags.")] = None,
    off: Annotated[bool, typer.Option("--off", help="Take these tags away instead.")] = False,  # noqa: FBT002 - an option of typer
) -> None:
    """Put tags on a run, or say which it has."""
    if off and not tags:
        raise WorkspaceError(f"Say which tags to take away: workbench tag {run} TAG… --off")
    with open_journal(context) as journal:
        found = journal.run(run)
        change = labels.remove_tags if off else labels.add_tags
        now = change(journal, found.id, tags) if tags else found.tags
    output.people().print(f"{found.name} is tagged {', '.join(now)}." if now else f"{found.name} has no tags.")


def note_command(
    context: typer.Context,
    run: RunKey,
    text: Annotated[
        str | None, typer.Argument(help='The note, in place of the one it has; "" takes it away. Without it, the note.')
    ] = None,
) -> None:
    """Write a note on a run, or say the one it has."""
    with open_journal(context) as journal:
        found = journal.run(run)
        if text is not None:
            labels.set_note(journal, found.id, text)
        note = journal.run(found.id).note
    people = output.people()
    if text is None:
        people.print(note or f"{found.name} has no note.")
    else:
        people.print(f"The note on {found.name} is {'written' if note else 'taken away'}.")


def pin_command(
    context: typer.Context,
    run: RunKey,
    off: Annotated[bool, typer.Option("--off", help="Take the pin off.")] = False,  # noqa: FBT002 - an option of typer
) -> None:
    """Keep a run on top of the window's table."""
    with open_journal(context) as journal:
        found = journal.run(run)
        labels.pin(journal, found.id, pinned=not off)
    output.people().print(f"{found.name} is {'no longer ' if off else ''}pinned.")
