"""Starts the writer of a run's TensorBoard files, where the recipe asks for them. It is known by its name only.

A writer reads the journal, ends by itself, and is waited for by nobody: whatever becomes of it, training goes on.
"""

from __future__ import annotations

from workbench.errors import EngineError, RecipeError
from workbench.journal import Journal, Run
from workbench.launch.start import adopt, environment, python_command, spawn

WRITER = "workbench.export.logs"
#: In the run's folder: what the writer had to say.
LOG = "tensorboard.log"


class EventFiles:
    """One writer for each engine that takes a run."""

    def __init__(self, journal: Journal) -> None:
        self._workspace = journal.workspace
        #: for each run, the process of the engine that it was last looked at for
        self._seen: dict[str, int] = {}

    def write(self, run: Run) -> str:
        """See to it that a run at work is written down, if it is to be; why that cannot be, as a sentence."""
        if run.process is None or self._seen.get(run.id) == run.process:
            return ""
        self._seen[run.id] = run.process
        try:
            if run.recipe.training.tensorboard:
                command = python_command(WRITER, self._workspace, "--run", run.id)
                adopt(spawn(command, self._workspace.run_folder(run.id) / LOG, environment()))
        except (RecipeError, EngineError) as error:
            return f"run {run.id}: no TensorBoard files are written while it trains: {error}"
        return ""
