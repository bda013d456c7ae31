"""A run's recipe as a file: what a script or notebook needs to know of the run, and how it comes to the disk."""

from __future__ import annotations

from pathlib import Path

from workbench import data
from workbench.data.describing import seen
from workbench.errors import ExportError
from workbench.events import DataReady
from workbench.export.files import write as write_file
from workbench.export.script import notebook
from workbench.export.script.writing import Script, write
from workbench.journal import Journal, Run


def of_run(run: Run, journal: Journal) -> Script:
    """The script of a run. Raises ExportError where it cannot be written."""
    recipe = run.recipe
    ready = next((each.event for each in journal.events(run.id) if isinstance(each.event, DataReady)), None)
    if ready is not None:
        height, width, channels = ready.shape
        return write(recipe, run.name, seen(recipe.data, (height, width, channels)), len(ready.classes))
    described = data.describe(recipe.data)
    if described is None:
        raise ExportError(
            f"{run.name} has not read its pictures yet, so that their classes are not known; export it once it has begun to train."
        )
    return write(recipe, run.name, described[:3], described[3])


def save(kind: str, run: Run, journal: Journal, path: Path) -> None:
    """Write a run as a script or notebook. Raises ExportError or WorkspaceError."""
    script = of_run(run, journal)
    text = notebook.text(script) if kind == "notebook" else script.text()
    write_file(path, [text.encode("utf-8")])
