"""`job` writes a recipe as a folder that trains elsewhere; `import` brings back what came of it.

And what `train --job` does on the other machine before it trains: find the pictures, compare them, go on with what was begun.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from workbench.cli import output
from workbench.cli.presets import AsJson, Assignments, planned
from workbench.cli.settings import changed_by, with_absolute_paths
from workbench.errors import WorkspaceError
from workbench.journal import Journal
from workbench.journal.importing import Report, bring
from workbench.paths import size_words
from workbench.spec import Recipe, presets

ToFolder = Annotated[
    Path, typer.Option("--to", metavar="FOLDER", help="The folder that is made; it must not be there yet.")
]


def job_command(  # noqa: PLR0917 - options of typer
    context: typer.Context,
    to: ToFolder,
    preset: Annotated[
        str, typer.Argument(metavar="[PRESET]", help="A preset's name, or the path of a TOML file.")
    ] = "",
    run: Annotated[str, typer.Option("--run", metavar="RUN", help="The recipe of this run instead.")] = "",
    assignments: Assignments = None,
    name: Annotated[str, typer.Option(help="The name of the run that comes of it.")] = "",
    with_data: Annotated[bool, typer.Option("--with-data", help="Copy your own pictures into it.")] = False,  # noqa: FBT002 - an option of typer
    as_json: AsJson = False,  # noqa: FBT002 - an option of typer
) -> None:
    """Write a recipe as a folder that trains on another machine, without a screen."""
    from workbench.export.job import folder  # noqa: PLC0415 - NumPy and Pillow, for the commands that need them only

    recipe, title = _recipe(context, preset, run)
    recipe = with_absolute_paths(changed_by(recipe, assignments or ()))
    plan = folder.Plan.of(recipe, name or title, context.obj)
    if not plan.elsewhere:
        planned(recipe)
    if plan.own is not None:
        verb = "Copying" if with_data else "Reading, for their fingerprint,"
        output.complain(f"{verb} the pictures in {plan.own.path}: {plan.own.reference().words}.")
    elif plan.elsewhere and not with_data:
        output.complain(
            f"{plan.elsewhere} is not on this machine, so that what is there will not be compared with anything."
        )
    elif with_data and not plan.elsewhere:
        output.complain(f"{recipe.data.TITLE} needs no copying: it is drawn, installed or fetched where it is used.")
    to, job = folder.write(plan, to, _quiet, with_data=with_data)
    if as_json:
        output.give_json({"to": str(to), "name": job.name, "copied": job.data.copied, "files": job.data.files})
        return
    output.people().print(
        f"Wrote the job {job.name} to {to}. There: sh run.sh. Its result comes back with: workbench import {shlex.quote(str(to))}"
    )


def _quiet(_done: int, _total: int) -> None: ...


def _recipe(context: typer.Context, preset: str, run: str) -> tuple[Recipe, str]:
    if bool(preset) == bool(run):
        raise WorkspaceError("Say what to train: either a preset, or a run with --run RUN.")
    if run:
        with Journal(context.obj) as journal:
            found = journal.run(run)
        return found.recipe, found.name
    chosen = presets.find(preset, context.obj)
    return chosen.recipe, chosen.title


# --- and back ---------------------------------------------------------------------------------------------


def import_command(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A job's folder, or a whole other workspace.")],
    as_json: AsJson = False,  # noqa: FBT002 - an option of typer
) -> None:
    """Bring the runs of a job, or of another workspace, into this one."""
    from workbench.export.job.described import pictures_of  # noqa: PLC0415 - as above

    report = bring(context.obj, folder, _tell, pictures=pictures_of(folder))
    if as_json:
        output.give_json(_tree(report))
    else:
        _say(report, output.people().print)
    for refused in report.refused:
        output.complain(refused.why)
    if report.refused:
        raise typer.Exit(REFUSED)


#: Of runs some or all were refused.
REFUSED = 2


def _tell(done: int, total: int, name: str) -> None:
    output.complain(f"{done + 1} of {total}: {name}")


def _say(report: Report, say: Callable[[str], None]) -> None:
    for each in report.imported:
        many = output.count(each.checkpoints, "checkpoint")
        say(f"Imported {output.run_words(each.run)} as run {each.run.number}, with {many} ({size_words(each.size)}).")
        for note in each.notes:
            say(f"  {note}")
    for run in report.already:
        where = "in the trash" if run.trashed is not None else f"as run {run.number}"
        say(f"{run.name} is here already, {where}.")
    if not report.imported and not report.already and not report.refused:
        say("There is no run to import there.")


def _tree(report: Report) -> dict[str, object]:
    return {
        "imported": [
            {"run": each.run.id, "number": each.run.number, "name": each.run.name, "checkpoints": each.checkpoints, "notes": each.notes}
            for each in report.imported
        ],
        "already": [run.id for run in report.already],
        "refused": [{"name": each.name, "why": each.why} for each in report.refused],
    }  # fmt: skip
