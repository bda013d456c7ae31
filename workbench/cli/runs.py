"""`runs`, `show` and `stop`: the commands about runs that exist."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any

import typer
from rich.table import Column, Table

from workbench import events
from workbench.cli import output
from workbench.cli.presets import AsJson
from workbench.cli.train import card_words
from workbench.errors import WorkspaceError
from workbench.events import Command, Ending, EpochEnded, ErrorCard, Failed, plain
from workbench.journal import Journal, Run, Said
from workbench.journal.alive import held
from workbench.journal.store import log_path
from workbench.launch.notice import notice_deaths
from workbench.launch.start import ensure_keeper, keeper_lock

RunKey = Annotated[str, typer.Argument(metavar="RUN", help="A run's id, number or name.")]


def open_journal(context: typer.Context) -> Journal:
    """The journal, with the endings of runs whose engine is gone."""
    journal = Journal(context.obj)
    if not held(keeper_lock(context.obj)):
        notice_deaths(journal)
    return journal


def runs_command(context: typer.Context, as_json: AsJson = False) -> None:  # noqa: FBT002 - an option of typer
    """List the runs, newest first."""
    with open_journal(context) as journal:
        found = journal.runs()
    if as_json:
        output.give_json({"runs": [_row(run) for run in found]})
        return
    if not found:
        output.people().print("There are no runs yet. `workbench train digits-cnn` makes one.")
        return
    table = Table("run", "name", "state", "epochs", "best", Column("id", no_wrap=True), box=None, header_style="dim")
    for run in found:
        best = output.metrics_words({name: run.best[name] for name in ("val_loss", "val_accuracy") if name in run.best})
        table.add_row(str(run.number), run.name, state_words(run), str(run.epochs), best, run.id)
    output.people().print(table)


def _row(run: Run) -> dict[str, Any]:
    tree = output.run_tree(run)
    return {"run": run.id, "name": run.name, **{key: tree[key] for key in ("state", "ending", "epochs", "best")}}


def state_words(run: Run) -> str:
    return run.ending.value.replace("_", " ") if run.ending else run.state.value


def show_command(context: typer.Context, run: RunKey, as_json: AsJson = False) -> None:  # noqa: FBT002 - an option of typer
    """Show one run with its epochs."""
    with open_journal(context) as journal:
        found = journal.run(run)
        said = journal.events(found.id)
    history = _history(said)
    card = _card(said) if found.ending is Ending.FAILED else None
    if as_json:
        output.give_json(
            {
                **output.run_tree(found),
                "name": found.name,
                "preset": found.preset,
                "reason": found.reason,
                "error": dataclasses.asdict(card) if card else None,
                "device": found.device,
                "recipe": found.recipe_toml,
                "history": [_epoch(event) for event in history],
            }
        )
        return
    people = output.people()
    people.print(output.run_words(found))
    people.print(f"id {found.id} · preset {found.preset or '–'} · {found.device or 'no device yet'}")
    if card:
        people.print(card_words(card))
        people.print(f"The engine's log: {log_path(context.obj, found.id)}")
    elif found.reason:
        people.print(found.reason)
    if history:
        people.print(_epoch_table(history, found.best_epoch), crop=False)
    classes = _class_table(found)
    if classes:
        people.print(classes)


def _card(said: list[Said]) -> ErrorCard | None:
    """Why a run failed: the latest attempt's card."""
    cards = [each.event.card for each in said if isinstance(each.event, Failed)]
    return cards[-1] if cards else None


def _history(said: list[Said]) -> list[EpochEnded]:
    """The epochs of a run; where it was taken up again, the latest attempt's."""
    epochs: dict[int, EpochEnded] = {}
    for each in said:
        match each.event:
            case EpochEnded(epoch=epoch):
                epochs[epoch] = each.event
            case events.AttemptStarted(epoch=begun):
                epochs = {epoch: event for epoch, event in epochs.items() if epoch <= begun}
            case _:
                pass
    return [epochs[epoch] for epoch in sorted(epochs)]


def _epoch(event: EpochEnded) -> dict[str, Any]:
    return {
        "epoch": event.epoch,
        "step": event.step,
        "seconds": event.seconds,
        "images_per_second": event.images_per_second,
        "metrics": plain(event.metrics),
    }


def _class_table(run: Run) -> Table | None:
    """What was measured class by class (`val_iou/cat`) at the best epoch, else the last; weakest first."""
    measured = {name: value for name, value in (run.best or run.last).items() if output.CLASS_MARK in name}
    if not measured:
        return None
    table = Table("metric", "class", f"epoch {run.best_epoch or run.epochs}", box=None, header_style="dim")
    for name, value in sorted(measured.items(), key=lambda each: each[1]):
        metric, _, of_class = name.partition(output.CLASS_MARK)
        table.add_row(metric, of_class, f"{value:.4f}")
    return table


def _epoch_table(history: list[EpochEnded], best: int | None) -> Table:
    names = list(dict.fromkeys(name for event in history for name in output.of_the_whole(event.metrics)))
    # A name that is cut says nothing: a narrow terminal breaks the line instead.
    columns = [Column(name, min_width=len(name)) for name in names]
    table = Table("epoch", *columns, Column("seconds", min_width=7), "", box=None, header_style="dim")
    for event in history:
        values = [f"{event.metrics[name]:.4f}" if name in event.metrics else "" for name in names]
        table.add_row(str(event.epoch), *values, f"{event.seconds:.1f}", "best" if event.epoch == best else "")
    return table


def stop_command(
    context: typer.Context,
    run: RunKey,
    now: Annotated[bool, typer.Option("--now", help="Do not finish the epoch; keep the best weights so far.")] = False,  # noqa: FBT002 - an option of typer
) -> None:
    """Stop a run after its epoch, or now."""
    with open_journal(context) as journal:
        found = journal.run(run)
        if not journal.ask(found.id, Command.STOP_NOW if now else Command.STOP):
            state = state_words(journal.run(found.id))
            raise WorkspaceError(f"{found.name} has ended already ({state}); there is nothing to stop.")
        # Without a keeper nobody would enforce the deadline, or end a run that waits in the queue.
        ensure_keeper(context.obj)
    words = "stops now and keeps its best weights" if now else "stops after its epoch"
    output.people().print(f"{found.name} {words}.")
