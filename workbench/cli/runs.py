"""`runs`, `show` and `stop`: the commands about runs that exist."""

from __future__ import annotations

import dataclasses
import math
import time
from enum import StrEnum
from typing import Annotated, Any

import typer
from rich.table import Column, Table

from workbench.cli import output
from workbench.cli.presets import AsJson
from workbench.cli.train import card_words
from workbench.errors import ErrorCard, WorkspaceError
from workbench.events import Command, Ending, EpochEnded, Failed
from workbench.export.logs import trees
from workbench.journal import Journal, Run, Said, trash
from workbench.journal.alive import held
from workbench.journal.store import log_path
from workbench.launch import hang
from workbench.launch.notice import notice_deaths
from workbench.launch.start import ensure_keeper, keeper_lock
from workbench.paths import size_words

RunKey = Annotated[str, typer.Argument(metavar="RUN", help="A run's id, number or name.")]

NO_TRASH = "The trash is empty."


def open_journal(context: typer.Context) -> Journal:
    """The journal, with the endings of runs whose engine is gone."""
    journal = Journal(context.obj)
    if not held(keeper_lock(context.obj)):
        notice_deaths(journal)
    return journal


class Order(StrEnum):
    """What `runs` can be sorted by."""

    NEWEST = "newest"
    BEST = "best"


def runs_command(
    context: typer.Context,
    sort: Annotated[
        Order, typer.Option(help="best: by the loss of each run's best epoch, lowest first.")
    ] = Order.NEWEST,
    in_trash: Annotated[bool, typer.Option("--trash", help="Those in the trash, with their size.")] = False,  # noqa: FBT002 - an option of typer
    as_json: AsJson = False,  # noqa: FBT002 - an option of typer
) -> None:
    """List the runs, newest first."""
    with open_journal(context) as journal:
        if in_trash:
            list_trash(journal, as_json=as_json)
            return
        found = journal.runs()
    if sort is Order.BEST:
        # Sorting keeps the order of equals: those without a value stay behind, newest first.
        found.sort(key=lambda run: math.inf if run.best_value is None else run.best_value)
    if as_json:
        output.give_json({"runs": [row(run) for run in found]})
        return
    if not found:
        output.people().print("There are no runs yet. `workbench train digits-cnn` makes one.")
        return
    labelled = any(_labels(run) for run in found)
    heads = ("run", "name", "state", "epochs", "best", *(("labels",) if labelled else ()))
    table = Table(*heads, Column("id", no_wrap=True), box=None, header_style="dim")
    for run in found:
        best = output.metrics_words({name: run.best[name] for name in ("val_loss", "val_accuracy") if name in run.best})
        cells = (str(run.number), run.name, state_words(run), str(run.epochs), best)
        table.add_row(*cells, *((_labels(run),) if labelled else ()), run.id)
    output.people().print(table)


def list_trash(journal: Journal, *, as_json: bool) -> None:
    """Every run in the trash with its size, the one put there last first."""
    sizes = [(run, trash.contents(journal, run).size) for run in trash.runs(journal)]
    if as_json:
        rows = [{**row(run), "trashed": run.trashed, "bytes": size} for run, size in sizes]
        output.give_json({"runs": rows})
        return
    people = output.people()
    if not sizes:
        people.print(NO_TRASH)
        return
    table = Table("run", "name", "state", "epochs", "size", Column("id", no_wrap=True), box=None, header_style="dim")
    for run, size in sizes:
        table.add_row(str(run.number), run.name, state_words(run), str(run.epochs), size_words(size), run.id)
    people.print(table)
    people.print("`workbench restore RUN` brings one back; `workbench trash --empty` deletes them for good.")


def row(run: Run) -> dict[str, Any]:
    """A run as `runs --json` gives it."""
    tree = trees.run_tree(run)
    told = {key: tree[key] for key in ("state", "ending", "epochs", "best")}
    return {"run": run.id, "name": run.name, **told, "tags": run.tags, "note": run.note, "pinned": run.pinned}


def _labels(run: Run) -> str:
    return " ".join((*(("pinned",) if run.pinned else ()), *(f"#{tag}" for tag in run.tags)))


def state_words(run: Run) -> str:
    """A run's ending once it has ended, else its state."""
    return run.ending.value.replace("_", " ") if run.ending else run.state.value


def show_command(context: typer.Context, run: RunKey, as_json: AsJson = False) -> None:  # noqa: FBT002 - an option of typer
    """Show one run with its epochs."""
    with open_journal(context) as journal:
        found = journal.run(run)
        said = journal.events(found.id)
        card = _card(said) if found.ending is Ending.FAILED else hang_card(journal, found)
    history = trees.history(said)
    if as_json:
        output.give_json(
            {
                **trees.run_tree(found),
                "name": found.name,
                "preset": found.preset,
                "reason": found.reason,
                **{key: row(found)[key] for key in ("tags", "note", "pinned")},
                "trashed": found.trashed,
                "error": dataclasses.asdict(card) if card else None,
                "device": found.device,
                "recipe": found.recipe_toml,
                "history": [trees.epoch_tree(event) for event in history],
            }
        )
        return
    people = output.people()
    people.print(output.run_words(found))
    people.print(f"id {found.id} · preset {found.preset or '–'} · {found.device or 'no device yet'}")
    if found.trashed is not None:
        people.print(f"In the trash; `workbench restore {found.number}` brings it back.")
    for line in (_labels(found), found.note):
        if line:
            people.print(line)
    if card:
        people.print(card_words(card, found))
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


def hang_card(journal: Journal, run: Run) -> ErrorCard | None:
    """What is seen of a run that seems to hang; None when it does not."""
    live, now = journal.live(run.id), time.time()
    return hang.card(journal, run, live) if live is not None and hang.hangs(run, live, now) else None


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
