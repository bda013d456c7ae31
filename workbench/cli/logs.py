"""`export` of a run for other programs to read its numbers (TensorBoard, JSON, MLflow), and `tensorboard`, which shows runs there."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli import output
from workbench.cli.presets import AsJson
from workbench.cli.train import INTERRUPTED, RUN_FAILED
from workbench.errors import ExportError, WorkspaceError
from workbench.journal import Journal
from workbench.paths import explain_place

if TYPE_CHECKING:
    from workbench.launch.board import Board

#: What is written into a folder.
FOLDERS = ("tensorboard", "mlflow")
KINDS = ("json", *FOLDERS)
#: So many runs are shown when none is named.
NEWEST = 10
WAIT_SECONDS = 0.2


def write(context: typer.Context, key: str, kind: str, to: str, *, as_json: bool) -> None:
    """Write a run for TensorBoard or MLflow, and say where it is."""
    told: dict[str, str] = {}
    with Journal(context.obj) as journal:
        run = journal.run(key)
        if kind == "mlflow":
            from workbench.export.logs import tracking  # noqa: PLC0415 - for this alone

            told["mlflow_run"] = tracking.write(journal, run, to)
        else:
            _write_event_files(journal, run.id, Path(to))
    if as_json:
        output.give_json({"run": run.id, "as": kind, "to": to, **told})
        return
    names = {"tensorboard": "TensorBoard", "mlflow": "MLflow"}
    output.people().print(f"Wrote {run.name} for {names[kind]} to {to}.")


def _write_event_files(journal: Journal, run: str, folder: Path) -> None:
    from workbench.export.logs.event_files import EventFiles  # noqa: PLC0415 - NumPy, for the commands that need it only
    from workbench.export.logs.follower import Follower  # noqa: PLC0415 - as above

    files = EventFiles(folder, explain_place)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise ExportError(f"{folder} holds files already. Choose a new folder, or an empty one.")
    except OSError as error:
        raise WorkspaceError(explain_place(error, folder)) from error
    try:
        Follower(journal, run, files).take_all()
    finally:
        files.close()


def write_json(context: typer.Context, key: str, path: Path, *, steps: bool, as_json: bool) -> None:
    """Write a run as one JSON file, and say where it is."""
    from workbench.curves.run_curves import RunCurves  # noqa: PLC0415 - NumPy, for the commands that need it only
    from workbench.export.logs import json_file  # noqa: PLC0415 - as above

    with Journal(context.obj) as journal:
        run = journal.run(key)
        said = journal.events(run.id)
        curves = None
        if steps:
            curves = RunCurves()
            curves.feed(said, journal.steps(run.id))
    json_file.write(path, run, said, curves)
    if as_json:
        output.give_json({"run": run.id, "as": "json", "to": str(path)})
        return
    output.people().print(f"Wrote {run.name} as JSON to {path}.")


def tensorboard_command(
    context: typer.Context,
    runs: Annotated[
        list[str] | None,
        typer.Argument(metavar="[RUN]…", help=f"Runs by id, number or name; else the {NEWEST} newest."),
    ] = None,
    browser: Annotated[bool, typer.Option(help="Open it in the browser.")] = True,  # noqa: FBT002 - an option of typer
    as_json: AsJson = False,  # noqa: FBT002 - an option of typer
) -> None:
    """Show runs in TensorBoard, on this machine alone, until Ctrl-C."""
    from workbench.launch.board import Board  # noqa: PLC0415 - for this alone

    with Journal(context.obj) as journal:
        found = [journal.run(key) for key in runs] if runs else journal.runs()[:NEWEST]
    if not found:
        raise WorkspaceError("There are no runs yet. `workbench train digits-cnn` makes one.")
    board = Board.start(context.obj, [run.id for run in found])
    try:
        _show(board, browser=browser, as_json=as_json)
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED if not board.address else 0) from None
    finally:
        board.close()
    output.complain(board.problem)
    raise typer.Exit(RUN_FAILED)


def _show(board: Board, *, browser: bool, as_json: bool) -> None:
    """Follow it until it ends."""
    shown, words = False, ""
    while not board.wait(WAIT_SECONDS):
        if board.words != words:
            words = board.words
            output.complain(words)
        if board.address and not shown:
            shown = True
            if as_json:
                output.give_json({"address": board.address})
            else:
                output.people().print(f"TensorBoard shows them at {board.address} until Ctrl-C.")
            if browser:
                webbrowser.open(board.address)
