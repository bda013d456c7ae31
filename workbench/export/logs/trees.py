"""A run as plain values for JSON that others read: the names of `train --json` and `show --json`. Non-finite numbers are null."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from workbench import events
from workbench.events import EpochEnded
from workbench.journal import Run, Said


def finite(tree: Any) -> Any:  # a JSON value
    """The same with non-finite numbers as null."""
    match tree:
        case float():
            return tree if math.isfinite(tree) else None
        case Mapping():
            return {key: finite(value) for key, value in tree.items()}
        case list() | tuple():
            return [finite(value) for value in tree]
        case _:
            return tree


def run_tree(run: Run) -> dict[str, Any]:
    """A run as `train --json` gives it."""
    return {
        "run": run.id,
        "state": run.state.value,
        "ending": run.ending.value if run.ending else None,
        "epochs": run.epochs,
        "best_epoch": run.best_epoch,
        "best": finite(run.best),
        "last": finite(run.last),
        "seconds": run.seconds,
        "images_per_second": run.images_per_second,
        "weights_sha256": run.weights_sha256,
        "last_weights_sha256": run.last_weights_sha256,
    }


def history(said: Sequence[Said]) -> list[EpochEnded]:
    """The epochs of a run; where it was taken up again, the latest attempt's."""
    epochs: dict[int, EpochEnded] = {}
    for each in said:
        match each.event:
            case EpochEnded(epoch=epoch):
                epochs[epoch] = each.event
            case events.AttemptStarted(epoch=begun):
                epochs = {epoch: event for epoch, event in epochs.items() if epoch <= begun}
            case _:
                pass
    return [epochs[epoch] for epoch in sorted(epochs)]


def epoch_tree(event: EpochEnded) -> dict[str, Any]:
    """An epoch's end."""
    return {
        "epoch": event.epoch,
        "step": event.step,
        "seconds": event.seconds,
        "images_per_second": event.images_per_second,
        "metrics": finite(event.metrics),
    }
