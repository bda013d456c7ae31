"""The table of commands and what they have in common: the workspace, errors and exit codes."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from typer.main import get_command

import workbench
from workbench.cli import output
from workbench.cli.control import (
    continue_command,
    fork_command,
    pause_command,
    rate_command,
    resume_command,
    save_command,
)
from workbench.cli.doctor import doctor
from workbench.cli.export import export_command
from workbench.cli.job import import_command, job_command
from workbench.cli.labels import note_command, pin_command, tag_command
from workbench.cli.logs import tensorboard_command
from workbench.cli.predict import predict_command
from workbench.cli.presets import check_command, presets_command, train_command
from workbench.cli.probe import probe_command
from workbench.cli.queue import queue_command
from workbench.cli.retry import retry_command
from workbench.cli.runs import runs_command, show_command, stop_command
from workbench.cli.train import BAD_PRESET
from workbench.cli.trash import delete_command, restore_command, trash_command
from workbench.errors import RecipeError, WorkbenchError
from workbench.paths import find_workspace

app = typer.Typer(
    name="workbench",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Train Keras image models. Without a command, the window opens.",
)
app.command("train", help="Train a preset to its end.")(train_command)
app.command("check", help="Say every problem of a preset.")(check_command)
app.command("presets", help="List the presets.")(presets_command)
app.command("runs", help="List the runs, newest first.")(runs_command)
app.command("show", help="Show one run with its epochs.")(show_command)
app.command("stop", help="Stop a run: after its epoch, or now.")(stop_command)
app.command("pause", help="Pause a run.")(pause_command)
app.command("continue", help="Let a paused run go on.")(continue_command)
app.command("save", help="Have a run write a checkpoint now.")(save_command)
app.command("rate", help="Set a run's learning rate while it trains.")(rate_command)
app.command("resume", help="Take up an ended run again, or train it longer.")(resume_command)
app.command("retry", help="Take one of the ways out that a run's trouble offers.")(retry_command)
app.command("fork", help="Train a new run that grows from a kept epoch of another.")(fork_command)
app.command("queue", help="Show the queue, pause it, reorder it, or let several runs train at once.")(queue_command)
app.command("tag", help="Put tags on a run, or say which it has.")(tag_command)
app.command("note", help="Write a note on a run, or say the one it has.")(note_command)
app.command("pin", help="Keep a run on top of the window's table.")(pin_command)
app.command("delete", help="Put a run into the trash.")(delete_command)
app.command("restore", help="Take a run out of the trash.")(restore_command)
app.command("trash", help="List the trash, or empty it.")(trash_command)
app.command("export", help="Write a run as a report, script, figure, numbers, log or model.")(export_command)
app.command("job", help="Write a recipe as a folder that trains on another machine, without a screen.")(job_command)
app.command("import", help="Bring the runs of a job, or of another workspace, into this one.")(import_command)
app.command("tensorboard", help="Show runs in TensorBoard, on this machine alone.")(tensorboard_command)
app.command("predict", help="Say what a run's network sees in pictures.")(predict_command)
app.command("probe", help="Ask about a preset before it is trained: X-ray, learning rate, memory, overfit check.")(
    probe_command
)
app.command("doctor", help="Say what this machine offers; look the workspace over, and mend it.")(doctor)


def _say_version(wanted: bool) -> None:  # noqa: FBT001 - as typer calls it
    if wanted:
        output.people().print(f"Keras Workbench {workbench.__version__}")
        raise typer.Exit


@app.callback()
def common(
    context: typer.Context,
    home: Annotated[
        Path | None, typer.Option(help="The workspace folder; else $WORKBENCH_HOME, else your data folder.")
    ] = None,
    safe_mode: Annotated[  # noqa: ARG001, FBT002 - taken out before a command is looked for; an option of typer
        bool, typer.Option("--safe-mode", help="Use the journal without a log, as a network file system needs it.")
    ] = False,
    version: Annotated[  # noqa: ARG001, FBT002 - handled by its callback; an option of typer
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """What comes before every command."""
    context.obj = find_workspace(home)


def main(arguments: Sequence[str]) -> int:
    """Run a command; its exit code."""
    as_json = "--json" in arguments
    if isinstance(sys.stdout, io.TextIOWrapper):
        # As standard error has it: a name that is no text must not end a command that has done its work.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        get_command(app).main(args=list(arguments), prog_name="workbench")
    except SystemExit as ended:
        # However a command ended by itself: `typer.Exit`, a complaint about arguments, --help.
        return ended.code if isinstance(ended.code, int) else 0
    except WorkbenchError as error:
        return _complain(error, as_json=as_json)
    return 0


def _complain(error: WorkbenchError, *, as_json: bool) -> int:
    problems = error.problems if isinstance(error, RecipeError) else ()
    output.complain(str(error))
    if as_json:
        found = [{"path": each.path, "sentence": each.sentence} for each in problems]
        output.give_json({"error": str(error), "problems": found})
    return BAD_PRESET
