"""What `workbench` does where no window can be opened: trains the default preset here and leaves a picture of its curves."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from workbench.cli import output
from workbench.cli.train import train
from workbench.errors import WorkbenchError
from workbench.journal import Journal, Run
from workbench.paths import Workspace, find_workspace
from workbench.spec import presets

PICTURE = "workbench-curves.png"


def train_default(home: Path | None, why: str) -> int:
    """Train the default preset with a progress bar; the exit code."""
    output.complain(why)
    workspace = find_workspace(home)
    try:
        workspace.create()
        preset = presets.find(presets.DEFAULT, workspace)
        run, code = train(workspace, preset.recipe, "", preset.name)
    except WorkbenchError as error:
        output.complain(str(error))
        return 2
    output.people().print(output.run_words(run))
    if run.epochs:
        output.people().print(f"Its curves: {leave_picture(workspace, run)}")
    output.people().print("`workbench --help` lists what else can be done here.")
    return code


def leave_picture(workspace: Workspace, run: Run) -> Path:
    """Draw the run's curves into the current folder, or beside the run where that cannot be written; where it is."""
    from workbench.export.figure import save_curves  # noqa: PLC0415 - matplotlib, for this picture only

    here = Path.cwd()
    folder = here if _can_write(here) else workspace.run_folder(run.id)
    with Journal(workspace) as journal:
        save_curves(journal, run.id, folder / PICTURE)
    return folder / PICTURE


def _can_write(folder: Path) -> bool:
    if not os.access(folder, os.W_OK):
        return False
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False
