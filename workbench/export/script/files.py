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
from workbench.journal import Journal, Run, kept


def of_run(run: Run, journal: Journal) -> Script:
    """The script of a run. Raises ExportError where it cannot be written."""
    recipe, weights = run.recipe, _started_from(run, journal)
    ready = next((each.event for each in journal.events(run.id) if isinstance(each.event, DataReady)), None)
    if ready is not None:
        height, width, channels = ready.shape
        return write(recipe, run.name, seen(recipe.data, (height, width, channels)), len(ready.classes), weights)
    described = data.describe(recipe.data)
    if described is None:
        raise ExportError(
            f"{run.name} has not read its pictures yet, so that their classes are not known; export it once it has begun to train."
        )
    return write(recipe, run.name, described[:3], described[3], weights)


def _started_from(run: Run, journal: Journal) -> Path | None:
    """The weights that the earlier run has kept from which this one starts; None when there are none."""
    start = run.recipe.initializer
    if start.start != "run":
        return None

    def called(each: Run) -> tuple[bool, bool, bool]:
        return each.id == start.run, str(each.number) == start.run, each.name == start.run

    # Not the run itself, nor a later one, which may bear the name too; of several the newest.
    earlier = [each for each in journal.runs() if any(called(each)) and each.number < run.number]
    for each in sorted(earlier, key=called, reverse=True):
        folder = kept.checkpoints(journal, each.id)
        last = next(iter(kept.manifests(folder)), None)
        manifest = (kept.best_of(folder) if each.recipe.keeps_best else None) or last
        if manifest is not None:
            return kept.weights_file(folder, manifest)
    return None


def save(kind: str, run: Run, journal: Journal, path: Path) -> None:
    """Write a run as a script or notebook. Raises ExportError or WorkspaceError."""
    script = of_run(run, journal)
    text = notebook.text(script) if kind == "notebook" else script.text()
    write_file(path, [text.encode("utf-8")])
