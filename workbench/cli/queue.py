"""`queue`: which runs wait, in which order, whether the line moves, and how many train at once."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.table import Table

from workbench.cli import output
from workbench.cli.presets import AsJson
from workbench.cli.runs import open_journal
from workbench.errors import WorkspaceError
from workbench.journal import Journal, Run
from workbench.journal.queue import in_line, move, needs_keeper, pause_queue, queue_settings, set_at_once
from workbench.launch.start import ensure_keeper


def queue_command(  # noqa: PLR0917 - options of typer
    context: typer.Context,
    pause: Annotated[bool, typer.Option("--pause", help="Begin no more runs; those at work go on.")] = False,  # noqa: FBT002 - an option of typer
    go_on: Annotated[bool, typer.Option("--continue", help="Let waiting runs begin again.")] = False,  # noqa: FBT002 - as above
    first: Annotated[str | None, typer.Option("--first", metavar="RUN", help="Put a waiting run at the front.")] = None,
    at_once: Annotated[
        int | None, typer.Option("--at-once", metavar="N", help="Train so many at once on the CPU.")
    ] = None,
    as_json: AsJson = False,  # noqa: FBT002 - an option of typer
) -> None:
    """Show the queue, or change how it moves."""
    with open_journal(context) as journal:
        if pause and go_on:
            raise WorkspaceError("The queue can be paused or go on, not both. Give --pause or --continue.")
        if pause or go_on:
            pause_queue(journal, paused=pause)
        if at_once is not None:
            set_at_once(journal, at_once)
        if first is not None:
            move(journal, journal.run(first).id, 0)
        _show(journal, as_json=as_json)
        if needs_keeper(journal):
            ensure_keeper(context.obj)


def _show(journal: Journal, *, as_json: bool) -> None:
    settings = queue_settings(journal)
    unended = journal.unended()
    line, at_work = in_line(unended), [run for run in unended if run.state.alive]
    if as_json:
        found = {"at_work": [_tree(run) for run in at_work], "waiting": [_tree(run) for run in line]}
        output.give_json({"paused": settings.paused, "at_once": settings.at_once, **found})
        return
    people = output.people()
    how = (
        "paused" if settings.paused else "one run at a time" if settings.at_once == 1 else f"{settings.at_once} at once"
    )
    people.print(f"The queue: {how}; {len(at_work)} at work, {output.count(len(line), 'run')} waiting.")
    if not unended:
        return
    table = Table("", "run", "name", "state", "epochs", box=None, header_style="dim")
    for place, run in enumerate([*at_work, *line]):
        waits = place - len(at_work) + 1
        table.add_row(
            str(waits) if waits > 0 else "", str(run.number), run.name, run.state.value, str(run.epochs_planned)
        )
    people.print(table)


def _tree(run: Run) -> dict[str, Any]:
    return {
        "run": run.id,
        "name": run.name,
        "state": run.state.value,
        "epochs": run.epochs,
        "epochs_planned": run.epochs_planned,
    }
