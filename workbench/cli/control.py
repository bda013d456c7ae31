"""`pause`, `continue`, `save`, `rate`, `resume` and `fork`: what can be asked of a run, and how one goes on."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench.cli import output
from workbench.cli.presets import AsJson, Assignments, must_be_installed
from workbench.cli.runs import RunKey, open_journal, state_words
from workbench.cli.settings import changed_by
from workbench.cli.train import follow
from workbench.errors import WorkspaceError
from workbench.events import Command
from workbench.export.logs.trees import run_tree
from workbench.journal import Journal, taking_up
from workbench.launch.fork import fork
from workbench.launch.start import ensure_keeper


def pause_command(context: typer.Context, run: RunKey) -> None:
    """Pause a run after the steps it is at."""
    _ask(context, run, Command.PAUSE, "pauses; `workbench continue` lets it go on")


def continue_command(context: typer.Context, run: RunKey) -> None:
    """Let a paused run go on."""
    _ask(context, run, Command.CONTINUE, "goes on")


def save_command(context: typer.Context, run: RunKey) -> None:
    """Write a checkpoint now, within the epoch."""
    _ask(context, run, Command.SAVE, "writes a checkpoint")


def rate_command(
    context: typer.Context,
    run: RunKey,
    rate: Annotated[
        float, typer.Argument(metavar="RATE", help="The rate of the next step; a schedule goes on from it.")
    ],
) -> None:
    """Set the learning rate while a run trains."""
    if not 0 < rate <= 1000:  # noqa: PLR2004 - as in the recipe
        raise WorkspaceError(f"The learning rate must be more than 0 and at most 1000, got {rate:g}.")
    _ask(context, run, Command.SET_RATE, f"trains at {rate:g} from its next step on", rate)


def _ask(context: typer.Context, run: str, command: Command, words: str, value: float | None = None) -> None:
    with open_journal(context) as journal:
        found = journal.run(run)
        if not journal.ask(found.id, command, value):
            state = state_words(journal.run(found.id))
            raise WorkspaceError(f"{found.name} has ended already ({state}). `workbench resume` takes it up again.")
        ensure_keeper(context.obj)
    output.people().print(f"{found.name} {words}.")


def resume_command(
    context: typer.Context,
    run: RunKey,
    epochs: Annotated[
        int | None, typer.Option(metavar="N", help="Train longer: until epoch N, on the same curve.")
    ] = None,
    as_json: AsJson = False,  # noqa: FBT002 - an option of typer
) -> None:
    """Take up an ended run again, from its newest checkpoint."""
    with open_journal(context) as journal:
        found = journal.run(run)
        must_be_installed(found.recipe.training.backend)
        after = journal.last_event(found.id)
        queued = taking_up.requeue(journal, found, epochs)
        _follow(context, journal, queued.id, after, as_json=as_json)


def fork_command(  # noqa: PLR0917 - options of typer
    context: typer.Context,
    run: RunKey,
    epoch: Annotated[
        int | None, typer.Option(metavar="K", help="Grow from this epoch; else from the newest checkpoint.")
    ] = None,
    assignments: Assignments = None,
    name: Annotated[str, typer.Option(help="The new run's name.")] = "",
    as_json: AsJson = False,  # noqa: FBT002 - an option of typer
) -> None:
    """Train a new run that grows from a kept epoch of another, with changed settings."""
    with open_journal(context) as journal:
        parent = journal.run(run)
        recipe = changed_by(parent.recipe, assignments or ())
        must_be_installed(recipe.training.backend)
        child = fork(journal, parent, recipe, epoch=epoch, name=name)
        _follow(context, journal, child.id, 0, as_json=as_json)


def _follow(context: typer.Context, journal: Journal, run: str, after: int, *, as_json: bool) -> None:
    ended, code = follow(context.obj, journal, run, after)
    if as_json:
        output.give_json(run_tree(ended))
    else:
        output.people().print(output.run_words(ended))
    raise typer.Exit(code)
