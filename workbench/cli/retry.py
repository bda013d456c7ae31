"""`workbench retry`: the ways out of a run's trouble, and taking one."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from workbench.cli import output
from workbench.cli.presets import AsJson, must_be_installed
from workbench.cli.runs import RunKey, hang_card, open_journal
from workbench.cli.train import follow
from workbench.errors import Way, WayKind, WorkspaceError
from workbench.events import State
from workbench.export.logs.trees import run_tree
from workbench.journal import Journal, Run
from workbench.launch import way_out
from workbench.launch.start import ensure_keeper

#: How long a run that is killed may take to have its ending.
PATIENCE_SECONDS = 30.0


def retry_command(
    context: typer.Context,
    run: RunKey,
    way: Annotated[
        int | None, typer.Argument(metavar="WAY", help="The number of a way; without it they are listed.")
    ] = None,
    data: Annotated[Path | None, typer.Option(metavar="PATH", help="Where the run's pictures are now.")] = None,
    as_json: AsJson = False,  # noqa: FBT002 - an option of typer
) -> None:
    """Take a way out of what made a run fail or hang, and follow the run that comes of it."""
    with open_journal(context) as journal:
        found = journal.run(run)
        hanging = hang_card(journal, found)
        ways = hanging.ways if hanging else way_out.of_run(journal, found)
        if not ways:
            raise WorkspaceError(f"{found.name} offers no way out. `workbench show {found.number}` says how it is.")
        if way is None:
            for place, each in enumerate(ways, 1):
                output.people().print(f"{place}  {each.title.rstrip('…')}. {each.note}")
            return
        if not 1 <= way <= len(ways):
            raise WorkspaceError(f"{found.name} offers {output.count(len(ways), 'way')}; there is no number {way}.")
        begun = _take(context, journal, found, ways[way - 1], data)
        if begun is None:
            return
        ended, code = follow(context.obj, journal, begun.id, journal.last_event(begun.id))
    if as_json:
        output.give_json(run_tree(ended))
    else:
        output.people().print(output.run_words(ended))
    raise typer.Exit(code)


def _take(context: typer.Context, journal: Journal, run: Run, way: Way, data: Path | None) -> Run | None:
    """The run to follow; None when there is nothing to follow."""
    if way.kind is WayKind.TRASH:
        output.people().print("`workbench trash` lists the trash, `workbench trash --empty` empties it.")
        return None
    if way.kind is WayKind.WAIT:
        return None
    if way.kind in way_out.ASKED:
        journal.ask(run.id, way_out.ASKED[way.kind])
        ensure_keeper(context.obj)
        if way.kind is not WayKind.RESTART:
            output.people().print(f"{run.name} was asked to stop.")
            return None
        run = _ended(journal, run)
        way = Way(WayKind.AGAIN, "")
    must_be_installed(run.recipe.training.backend)
    if way.kind is WayKind.MOVED and data is None:
        raise WorkspaceError("Say where the pictures are now, with --data PATH.")
    return way_out.begin(journal, run, way, pictures=str(data.absolute()) if data else "")


def _ended(journal: Journal, run: Run) -> Run:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (now := journal.run(run.id)).state is not State.ENDED:
        if time.monotonic() > deadline:
            raise WorkspaceError(f"{run.name} does not end. `workbench stop --now {run.number}` kills it.")
        time.sleep(0.05)
    return now
