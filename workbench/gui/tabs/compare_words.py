"""A comparison in sentences: for screen readers, and for whoever wants to copy it. Knows no widget."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.events import State
from workbench.gui import words
from workbench.gui.compared import Compared

NOTHING = "Open the eyes of two runs in the table, or select runs and press C."


def summary(runs: Sequence[Compared]) -> str:
    """The runs in order of their best value; those without one last."""
    if not runs:
        return NOTHING
    ordered = sorted(runs, key=lambda run: (run.run.best_value is None, run.run.best_value or 0.0))
    baseline = next((run.run.name for run in runs if run.baseline), None)
    against = f" Baseline is {baseline}." if baseline is not None else ""
    return f"{words.plural(len(runs), 'run', 'runs')}.{against} {' '.join(_sentence(run) for run in ordered)}"


def _sentence(run: Compared) -> str:
    value, epoch = run.run.best_value, run.run.best_epoch
    label = f", {run.label}" if run.label and run.label != run.run.name else ""
    if value is None:
        return f"{run.run.name}{label}: no best value yet."
    what = "best validation loss" if "val_loss" in run.run.best else "best loss"
    living = ", still running" if run.run.state is not State.ENDED else ""
    return f"{run.run.name}{label}: {what} {words.loss(value)} at epoch {words.count(epoch or 0)}{living}."
