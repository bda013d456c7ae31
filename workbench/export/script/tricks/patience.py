"""The best epoch and, if it is on, early stopping: lines at the end of the loop over epochs."""

from __future__ import annotations

from workbench.export.script.draft import Draft

_BEST = """
if numbers["val_loss"] < best:
    best, best_epoch, kept = numbers["val_loss"], epoch, model.get_weights()
"""
_WATCHED = """
if math.isfinite(judged_by) and judged_by < best - MIN_DELTA:
    best, best_epoch, waited, kept = judged_by, epoch, 0, model.get_weights()
else:
    waited += 1
"""
_STOP = """
if waited >= PATIENCE:
    print(f"No new best for {waited} epochs: stopped. Epoch {best_epoch} was the best.")
    break
"""
_SMOOTHED = """
if math.isfinite(numbers["val_loss"]):
    total, weight = SMOOTHING * total + numbers["val_loss"], SMOOTHING * weight + 1.0
    judged_by = total / weight  # the unbiased exponential mean of validation losses
else:
    total, weight, judged_by = SMOOTHING * total, SMOOTHING * weight, math.nan
"""


def begin(draft: Draft) -> list[str]:
    """Lines before the loop."""
    trick = draft.recipe.tricks.early_stopping
    if not trick.on:
        return ["best, best_epoch, kept = math.inf, 0, None"]
    smoothed = ["total = weight = 0.0"] if trick.smoothing else []
    return ["best, best_epoch, waited, kept = math.inf, 0, 0, None", *smoothed]


def judge(draft: Draft) -> list[str]:
    """Lines after an epoch, while the network has the weights it is judged by."""
    draft.needs("import math")
    trick = draft.recipe.tricks.early_stopping
    if not trick.on:
        return _BEST.strip().split("\n")
    draft.constant("tricks.early_stopping.min_delta")
    lines = ['judged_by = numbers["val_loss"]']
    if trick.smoothing:
        draft.constant("tricks.early_stopping.smoothing")
        lines = _SMOOTHED.strip().split("\n")
    return [*lines, *_WATCHED.strip().split("\n")]


def stop(draft: Draft) -> list[str]:
    """Lines that end the loop."""
    trick = draft.recipe.tricks.early_stopping
    if not trick.on:
        return []
    draft.constant("tricks.early_stopping.patience")
    return _STOP.strip().split("\n")
