"""`export`: a run as a report, script or notebook, its curves as a figure or as numbers, its network as a model for other programs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from workbench.cli import logs, model_files, output
from workbench.cli.presets import AsJson
from workbench.cli.runs import RunKey
from workbench.errors import ExportError
from workbench.export import whole
from workbench.export.switches import SWITCHES
from workbench.journal import Journal
from workbench.journal.rows import forks_of

PICTURES = ("png", "svg", "pdf")
#: What a run is written as, as a whole, with the ending of the file.
WHOLE = {each.name: each.ending for each in whole.KINDS}
KINDS = (*WHOLE, *PICTURES, "csv", *logs.KINDS, *model_files.KINDS)

Kind = Annotated[str, typer.Option("--as", metavar="KIND", help=f"One of {', '.join(KINDS)}.")]
To = Annotated[
    str,
    typer.Option(
        "--to",
        metavar="PATH",
        help="The file that is written; for savedmodel, tensorboard and mlflow the folder; mlflow also takes an address.",
    ),
]
Steps = Annotated[
    bool, typer.Option("--steps", help="Of csv: a row for each step instead of each epoch; of json: the steps as well.")
]
Width = Annotated[float | None, typer.Option("--width", metavar="CM", help="Of a figure, in centimetres; else 16.")]
Height = Annotated[float | None, typer.Option("--height", metavar="CM", help="Of a figure, in centimetres; else 11.")]

Flags = Annotated[bool, typer.Option("--flags", help=f"Of a figure: {SWITCHES['flags'].help}")]


def export_command(  # noqa: PLR0917 - options of typer
    context: typer.Context, run: RunKey, kind: Kind, to: To, steps: Steps = False,  # noqa: FBT002 - an option of typer
    width: Width = None, height: Height = None, flags: Flags = False, as_json: AsJson = False,  # noqa: FBT002 - an option of typer
    epoch: model_files.Which = "", quantised: model_files.Quantised = False,  # noqa: FBT002 - an option of typer
) -> None:  # fmt: skip
    """Write a run as a report, script or notebook, its curves as a figure (png, svg, pdf) or as numbers (csv), or its network for other programs."""
    if kind in model_files.KINDS:
        if steps or flags or width is not None or height is not None:
            raise ExportError(
                f"--steps, --width, --height and --flags are of curves; a model ({kind}) has none. Leave them out."
            )
        model_files.write(context, run, kind, Path(to), which=epoch, quantised=quantised, as_json=as_json)
        return
    if epoch or quantised:
        raise ExportError(f"--epoch and --quantised are of models; {kind} has neither. Leave them out.")
    _check(kind, steps=steps, sized=width is not None or height is not None, flags=flags)
    if kind in logs.FOLDERS:
        logs.write(context, run, kind, to, as_json=as_json)
        return
    path = whole.with_ending(kind, WHOLE.get(kind, kind), Path(to))
    if kind == "json":
        logs.write_json(context, run, path, steps=steps, as_json=as_json)
        return
    if kind in WHOLE:
        _write_whole(context, run, kind, path, as_json=as_json)
        return
    from workbench.curves.run_curves import RunCurves  # noqa: PLC0415 - NumPy, for the commands that need it only

    with Journal(context.obj) as journal:
        found = journal.run(run)
        curves = RunCurves()
        curves.feed(journal.events(found.id), journal.steps(found.id))
        forks = forks_of(found, journal.runs()) if flags else ()
    from workbench.export.wish import Wish  # noqa: PLC0415 - as above

    if kind == "csv":
        from workbench.export import table  # noqa: PLC0415 - as above

        table.write(path, found, curves, Wish(), "steps" if steps else "epochs")
    else:
        from workbench.export.figure import save_figure  # noqa: PLC0415 - matplotlib, for figures only

        wish = Wish()
        wish = replace(
            wish,
            width_cm=wish.width_cm if width is None else width,
            height_cm=wish.height_cm if height is None else height,
            flags=flags,
            forks=forks,
        )
        save_figure(found, curves, path, wish)
    if as_json:
        output.give_json({"run": found.id, "as": kind, "to": str(path)})
        return
    output.people().print(f"Wrote the curves of {found.name} to {path}.")


def _write_whole(context: typer.Context, key: str, kind: str, path: Path, *, as_json: bool) -> None:
    with Journal(context.obj) as journal:
        run = journal.run(key)
        whole.save(kind, run, journal, path)
    if as_json:
        output.give_json({"run": run.id, "as": kind, "to": str(path)})
        return
    output.people().print(f"Wrote {run.name} as a {kind} to {path}.")


def _check(kind: str, *, steps: bool, sized: bool, flags: bool) -> None:
    """Raises ExportError when the options do not go together."""
    if kind not in KINDS:
        raise ExportError(f"A run can be exported as {', '.join(KINDS[:-1])} or {KINDS[-1]}, got {kind!r}.")
    if steps and kind not in {"csv", "json"}:
        raise ExportError(
            f"--steps asks for rows of numbers, which {_a(kind)} has not. Use --as csv or json, or leave --steps out."
        )
    if sized and kind not in PICTURES:
        raise ExportError(f"--width and --height are of figures; {_a(kind)} has no size. Leave them out.")
    if flags and kind not in PICTURES:
        raise ExportError(f"--flags is of figures; {_a(kind)} has no flags. Leave it out.")


def _a(kind: str) -> str:
    return kind if kind in logs.KINDS else f"a {kind}"
