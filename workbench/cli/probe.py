"""`probe`: short questions to a throw-away engine about a recipe, before anything is trained."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Column, Table

from workbench.cli import output
from workbench.cli.presets import AsJson, Assignments, PresetName, must_be_installed, planned
from workbench.cli.settings import changed_by, with_absolute_paths
from workbench.cli.train import INTERRUPTED, RUN_FAILED
from workbench.launch.probe import Probe
from workbench.paths import Workspace, size_words
from workbench.probing.overfit import Overfit
from workbench.probing.preflight import Preflight, duration
from workbench.probing.rate_search import RateSearch
from workbench.probing.xray import XRay
from workbench.spec import carried, presets

#: How often the bar is brought up to date, in seconds.
LOOK = 0.2


class Question(StrEnum):
    """What can be asked."""

    XRAY = "xray"
    RATE = "rate"
    PREFLIGHT = "preflight"
    OVERFIT = "overfit"


WHAT = (
    "xray: what becomes of signal and gradient with each initializer; rate: which learning rate; preflight: memory, time and "
    "disk; overfit: whether the network can learn this data."
)
What = Annotated[Question, typer.Argument(metavar="xray|rate|preflight|overfit", help=WHAT)]


def probe_command(
    context: typer.Context, what: What, preset: PresetName, assignments: Assignments = None, as_json: AsJson = False  # noqa: FBT002 - an option of typer
) -> None:  # fmt: skip
    """Ask a question about a preset and say the answer."""
    workspace: Workspace = context.obj
    workspace.create()
    recipe = with_absolute_paths(changed_by(carried.find(preset, workspace).recipe, assignments or ()))
    planned(recipe)
    must_be_installed(recipe.training.backend)
    question = {"question": what.value, "recipe": presets.dump(recipe)}
    probe = Probe.start(workspace, question, recipe.training.backend)
    try:
        follow(probe)
    except KeyboardInterrupt:
        probe.cancel()
        output.complain("Cancelled.")
        raise typer.Exit(INTERRUPTED) from None
    if probe.answer is None:
        output.complain(probe.problem)
        if as_json:
            output.give_json({"error": probe.problem, "problems": []})
        raise typer.Exit(RUN_FAILED)
    if as_json:
        output.give_json({"probe": what.value, **probe.answer})
    else:
        SAY[what](probe.answer)


def follow(probe: Probe) -> None:
    """Show how far it is until it is done."""
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn())
    console = output.progress()
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bars:
        task = bars.add_task("Starting", total=None)
        done = False
        while not done:
            done = probe.wait(LOOK)
            for told in probe.told():
                if "progress" in told:
                    at = told["progress"]
                    bars.update(task, description=at["words"], completed=at["done"], total=at["of"] or None)


def _say_xray(answer: Mapping[str, Any]) -> None:
    found = XRay.from_tree(answer)
    people = output.people()
    rows = Table("layer", Column("signal", justify="right"), Column("gradient", justify="right"), Column("dead", justify="right"),
                 box=None, header_style="dim")  # fmt: skip
    for row in found.schemes[0].rows:
        dead = "" if row.dead is None else f"{100 * row.dead:.0f} %"
        rows.add_row(row.layer, _size(row.signal), _size(row.gradient), dead)
    people.print(rows)
    people.print(f"On {found.pictures} pictures. 1 is the size at the input (signal) and at the loss (gradient).")
    for scheme in found.schemes:
        people.print(f"{scheme.title}: {scheme.verdict.value}. {scheme.sentence}")


def _size(value: float | None) -> str:
    return "no number" if value is None else f"{value:.3g}"


def _say_rate(answer: Mapping[str, Any]) -> None:
    found = RateSearch.from_tree(answer)
    people = output.people()
    if found.proposed is not None:
        people.print(f"Proposed: optimizer.learning_rate={found.proposed:g}")
    people.print(found.sentence)


def _say_preflight(answer: Mapping[str, Any]) -> None:
    found = Preflight.from_tree(answer)
    people = output.people()
    people.print(found.sentence)
    if found.step_seconds is not None and found.first_step_seconds is not None:
        first, step = f"{found.first_step_seconds:.1f} s", f"{1000 * found.step_seconds:.3g} ms"
        people.print(f"On {found.device}: the first step takes {first}, each further one {step}.")
    if found.total_seconds is not None:
        people.print(f"{output.count(found.epochs, 'epoch')}: up to {duration(found.total_seconds)}.")
    if found.checkpoint_bytes is not None and found.disk_bytes is not None:
        people.print(
            f"A checkpoint: {size_words(found.checkpoint_bytes)}; a run keeps {size_words(found.disk_bytes)} of them, "
            f"{size_words(found.disk_free)} are free."
        )
    if found.largest_batch is not None:
        people.print(f"Largest batch that fits: about {output.count(found.largest_batch, 'picture')}.")


def _say_overfit(answer: Mapping[str, Any]) -> None:
    found = Overfit.from_tree(answer)
    people = output.people()
    people.print(found.sentence)
    if found.left_off:
        people.print(f"Left off for this check: {', '.join(found.left_off)}.")


SAY: dict[Question, Callable[[Mapping[str, Any]], None]] = {
    Question.XRAY: _say_xray,
    Question.RATE: _say_rate,
    Question.PREFLIGHT: _say_preflight,
    Question.OVERFIT: _say_overfit,
}
