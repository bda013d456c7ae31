"""`train`, `check` and `presets`: the commands that begin with a preset."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Column, Table

from workbench import data
from workbench.cli import job_run, output
from workbench.cli.settings import changed_by, with_absolute_paths
from workbench.cli.train import BAD_PRESET, enqueue, train
from workbench.errors import DataError, Problem, RecipeError
from workbench.export.logs.trees import run_tree
from workbench.launch.machine import backends
from workbench.network.plan import plan, summary
from workbench.paths import Workspace
from workbench.spec import Recipe, carried, presets
from workbench.spec.recipe import changed

PresetName = Annotated[
    str,
    typer.Argument(
        metavar="PRESET",
        help="A preset's name, or the path of a TOML file; or of a figure, report, script or model that carries a recipe.",
    ),
]
Assignments = Annotated[
    list[str] | None, typer.Option("--set", metavar="PATH=VALUE", help="Change a setting, such as training.epochs=5.")
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]


def train_command(  # noqa: PLR0917 - options of typer
    context: typer.Context,
    preset: PresetName,
    assignments: Assignments = None,
    name: Annotated[str, typer.Option(help="The run's name.")] = "",
    queue: Annotated[bool, typer.Option("--queue", help="Only put it into the queue.")] = False,  # noqa: FBT002 - an option of typer
    pictures: Annotated[
        Path | None,
        typer.Option("--data", metavar="PATH", help="Where your own pictures are; as data.path, for any name."),
    ] = None,
    job: job_run.OfJob = False,  # noqa: FBT002 - an option of typer
    other_data: job_run.OtherData = False,  # noqa: FBT002 - an option of typer
    as_json: AsJson = False,  # noqa: FBT002 - an option of typer
) -> None:
    """Train a preset to its end."""
    workspace: Workspace = context.obj
    workspace.create()
    found = carried.find(preset, workspace)
    folder = job_run.folder_of(found) if job else None
    recipe = changed_by(job_run.placed(found.recipe, folder) if folder else found.recipe, assignments or ())
    if pictures is not None:
        recipe = changed(recipe, "data.path", str(pictures.absolute()))
    recipe, sha256 = with_absolute_paths(recipe), ""
    if folder is not None:
        sha256 = job_run.compare(recipe, folder, workspace, other=other_data)
        name = name or found.title
    planned(recipe)
    must_be_installed(recipe.training.backend)
    begun = job_run.go_on(workspace, recipe, folder, sha256, queue=queue) if folder is not None else None
    run, code = begun or (enqueue if queue else train)(workspace, recipe, name, "" if folder else found.name, sha256)
    if as_json:
        output.give_json(run_tree(run))
    else:
        output.people().print(output.run_words(run))
    raise typer.Exit(code)


def check_command(context: typer.Context, preset: PresetName, assignments: Assignments = None) -> None:
    """Say every problem of a preset, one a line."""
    workspace: Workspace = context.obj
    try:
        found = carried.find(preset, workspace)
        recipe = with_absolute_paths(changed_by(found.recipe, assignments or ()))
        words = planned(recipe)
    except RecipeError as error:
        for problem in error.problems:
            output.people().print(str(problem))
        raise typer.Exit(BAD_PRESET) from None
    output.people().print(f"{found.title} is fine{': ' if words else '.'}{words}")


def planned(recipe: Recipe) -> str:
    """The network in words, as far as it can be known without reading pictures. Raises RecipeError."""
    if getattr(recipe.data, "path", None) == "":
        what = "a file" if recipe.data.kind == "npz" else "a folder"
        raise RecipeError(
            [Problem("data.path", f"must be the path of {what}, got nothing; give it with --set data.path=PATH.")]
        )
    try:
        shape = data.describe(recipe.data)
    except DataError as error:
        raise RecipeError([Problem("data", str(error))]) from error
    if shape is None:
        return ""
    height, width, channels, classes = shape
    return summary(recipe, plan(recipe, (height, width, channels), classes))


def must_be_installed(backend: str) -> None:
    """Raises RecipeError when this machine lacks the backend."""
    there = backends()
    if backend not in there:
        known = ", ".join(there) or "none"
        sentence = f"{backend} is not installed here. Installed: {known}; or install it with pip install {backend}."
        raise RecipeError([Problem("training.backend", sentence)])


def presets_command(context: typer.Context, as_json: AsJson = False) -> None:  # noqa: FBT002 - an option of typer
    """List the presets, the default first."""
    found, broken = presets.available(context.obj)
    for unreadable in broken:
        output.complain(f"{unreadable.path} cannot be read:")
        for problem in unreadable.problems:
            output.complain(f"  {problem}")
    if as_json:
        rows = [
            {
                "name": each.name,
                "title": each.title,
                "path": str(each.path),
                "shipped": each.shipped,
                "default": each.default,
            }
            for each in found
        ]
        output.give_json({"presets": rows})
        return
    table = Table(Column("name", no_wrap=True), "title", "", "about", box=None, header_style="dim")
    for each in found:
        mark = "default" if each.default else "shipped" if each.shipped else "yours"
        table.add_row(each.name, each.title, mark, each.about)
    output.people().print(table)
