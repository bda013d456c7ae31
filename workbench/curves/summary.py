"""The curves of a run in sentences, for speech, for the clipboard and for those who do not see the plot."""

from __future__ import annotations

import math

import numpy as np

from workbench.curves.gap import Finding, judge
from workbench.curves.run_curves import RunCurves
from workbench.events import Ending, State
from workbench.journal import Run

#: Epochs over which a trend is told, and the change below which a loss counts as flat.
TREND_EPOCHS = 5
FLAT = 0.01

_ENDINGS = {
    Ending.COMPLETED: "finished",
    Ending.EARLY_STOPPED: "early-stopped",
    Ending.STOPPED: "stopped",
    Ending.DISCARDED: "discarded",
    Ending.FAILED: "failed",
    Ending.INTERRUPTED: "interrupted",
}


def summary_text(run: Run, curves: RunCurves) -> str:
    """State and epoch; best; last and its trend; gap to training; what happened."""
    parts = [f"{run.name}, {state_words(run)}, epoch {curves.last_epoch} of {run.epochs_planned}."]
    if not len(curves.epochs):
        parts.append(f"{curves.steps} steps so far." if curves.steps else "No steps yet.")
    parts += _validation(curves)
    if curves.waited and curves.patience and curves.ended is None:
        parts.append(f"No improvement for {curves.waited} of {curves.patience} epochs.")
    losses = curves.epochs.metric("loss")
    if len(losses) and not math.isnan(losses[-1]):
        parts.append(f"Training loss {_number(losses[-1])}.")
    accuracy = curves.epochs.metric("val_accuracy")
    if len(accuracy) and math.isfinite(accuracy[-1]):
        parts.append(f"Validation accuracy {accuracy[-1] * 100:.2f} %.")
    parts += _happened(curves, run.epochs_planned)
    return " ".join(parts)


def state_words(run: Run) -> str:
    """How a run ended, else what it does."""
    return _ENDINGS[run.ending] if run.state is State.ENDED and run.ending else str(run.state)


def _number(value: float) -> str:
    if math.isnan(value):
        return "is not a number (NaN)"
    return f"{value:.4f}" if math.isfinite(value) else "is infinite"


def _validation(curves: RunCurves) -> list[str]:
    parts = []
    best = curves.best
    if best is not None:
        names = {"val_loss": "validation loss", "loss": "training loss"}
        parts.append(f"Best {names.get(best.metric, best.metric)} {_number(best.value)} at epoch {best.epoch}.")
    values = curves.epochs.metric("val_loss")
    if len(values) and not np.isnan(values).all():
        trend = trend_of(values)
        parts.append(f"Last {_number(values[-1])}{', ' + trend if trend else ''}.")
    return parts


def trend_of(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> str:
    """Where the last epochs went: "flat for 3 epochs", "falling", "rising"; empty when too little is known."""
    recent = values[-TREND_EPOCHS - 1 :]
    if len(recent) < 2 or not np.isfinite(recent).all() or recent[-1] == 0:  # noqa: PLR2004 - two make a trend
        return ""
    near = np.abs(recent - recent[-1]) <= FLAT * abs(recent[-1])
    flat = len(near) if near.all() else int(np.argmin(near[::-1]))
    if flat > 2:  # noqa: PLR2004 - two alike are chance
        return f"flat for {flat - 1} epochs"
    slope = np.polyfit(np.arange(len(recent)), recent, 1)[0] * (len(recent) - 1)
    if abs(slope) <= FLAT * abs(float(np.mean(recent))):
        return f"flat over {len(recent) - 1} epochs"
    return f"{'falling' if slope < 0 else 'rising'} over {len(recent) - 1} epochs"


def _happened(curves: RunCurves, planned: int) -> list[str]:
    parts = []
    warnings = sum(flag.kind == "warning" for flag in curves.flags)
    for flag in curves.flags:
        if flag.kind not in {"checkpoint", "warning"}:  # places to go back to are no news, and warnings are long
            what = "Learning rate changed" if flag.kind == "rate" else flag.text
            parts.append(f"{what} at epoch {flag.epoch}.")
    if warnings:
        parts.append("1 warning." if warnings == 1 else f"{warnings} warnings.")
    bad = curves.loss.first_bad()
    if bad is not None:
        what = {1: "not a number (NaN)", 2: "infinite", 4: "minus infinity"}[bad[1]]
        parts.append(f"Training loss is {what} from step {bad[0] + 1}.")
    if curves.stopped_early is not None:
        early = curves.stopped_early
        parts.append(f"Stopped early at epoch {early.epoch}; the weights of epoch {early.best_epoch} are best.")
    elif curves.projected_stop is not None and curves.waited and curves.projected_stop < planned:
        parts.append(f"Stops at epoch {curves.projected_stop} if no better.")
    gap = judge(curves.epochs)
    if gap.finding is not Finding.UNKNOWN:
        parts.append(gap.sentence)
    if curves.ended is not None and curves.reason and curves.stopped_early is None:
        parts.append(curves.reason if curves.reason.endswith(".") else f"{curves.reason}.")
    return parts
