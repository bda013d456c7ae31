"""`export` of a run's network: asks the engine for a file that other programs can use, and says how well it agrees."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workbench.cli import output
from workbench.cli.probe import follow
from workbench.cli.train import INTERRUPTED, RUN_FAILED
from workbench.errors import ExportError
from workbench.journal import Journal
from workbench.launch.model_files import MODEL_FILES, SETTINGS, clear_away, options, said, with_suffix
from workbench.launch.probe import Probe
from workbench.spec import presets

KINDS = tuple(each.name for each in MODEL_FILES)

Which = Annotated[
    str,
    typer.Option("--epoch", metavar="K|best|last", help="Of a model: which weights; else those that the run keeps."),
]
Quantised = Annotated[
    bool, typer.Option("--quantised", help="Of litert: in 8 bits, measured on the run's validation pictures.")
]


def write(
    context: typer.Context, key: str, kind: str, to: Path, *, which: str, quantised: bool, as_json: bool
) -> None:  # fmt: skip
    """Write the model and say where it is. Raises ExportError for options that do not go together."""
    if which not in {"", "best", "last"} and not which.isdecimal():
        raise ExportError(f"--epoch takes a number, best or last, got {which!r}.")
    if quantised and kind != "litert":
        raise ExportError(f"--quantised is of litert; {kind} stays in float32. Leave it out.")
    path = with_suffix(kind, to).absolute()
    with Journal(context.obj) as journal:
        run = journal.run(key)
    asked = options(run.id, kind, path, which=which, quantised=quantised)
    probe = Probe.start(context.obj, {**asked, "question": "export", "recipe": presets.dump(SETTINGS)})
    try:
        follow(probe)
    except KeyboardInterrupt:
        probe.cancel()
        clear_away(path)
        output.complain("Cancelled.")
        raise typer.Exit(INTERRUPTED) from None
    if probe.answer is None:
        clear_away(path)
        output.complain(probe.problem)
        if as_json:
            output.give_json({"error": probe.problem, "problems": []})
        raise typer.Exit(RUN_FAILED)
    if as_json:
        output.give_json({"run": run.id, "as": kind, "to": str(path), **probe.answer})
        return
    output.people().print(said(run.name, probe.answer))
