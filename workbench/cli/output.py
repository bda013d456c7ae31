"""What a command prints: one JSON object on standard output, or words for people; progress goes to standard error."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping
from typing import Any

from rich.console import Console

from workbench.journal import Run


def people() -> Console:
    """Standard output, for words and tables; text from files is never read as markup."""
    return Console(highlight=False, markup=False, emoji=False, soft_wrap=True)


def progress() -> Console:
    """Standard error, for progress and complaints."""
    return Console(stderr=True, highlight=False, markup=False, emoji=False, soft_wrap=True)


def complain(text: str) -> None:
    """A sentence on standard error, as it is."""
    sys.stderr.write(f"{text}\n")


def give_json(tree: Mapping[str, Any]) -> None:
    """The one JSON object of a command, on one line."""
    sys.stdout.write(json.dumps(finite(tree), allow_nan=False) + "\n")
    sys.stdout.flush()


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


def plain(metrics: Mapping[str, float]) -> dict[str, float | None]:
    """Metrics for JSON that others read: a non-finite number is None."""
    return {name: value if math.isfinite(value) else None for name, value in metrics.items()}


def run_tree(run: Run) -> dict[str, Any]:
    """A run as `train --json` gives it."""
    return {
        "run": run.id,
        "state": run.state.value,
        "ending": run.ending.value if run.ending else None,
        "epochs": run.epochs,
        "best_epoch": run.best_epoch,
        "best": plain(run.best),
        "last": plain(run.last),
        "seconds": run.seconds,
        "images_per_second": run.images_per_second,
        "weights_sha256": run.weights_sha256,
        "last_weights_sha256": run.last_weights_sha256,
    }


#: Parts a metric from the class it is of: "val_iou/cat".
CLASS_MARK = "/"


def of_the_whole(metrics: Mapping[str, float]) -> dict[str, float]:
    """The metrics that are not of a single class."""
    return {name: value for name, value in metrics.items() if CLASS_MARK not in name}


def metrics_words(metrics: Mapping[str, float]) -> str:
    """Metrics in one line, such as "loss 0.123 · val_loss 0.234"; those of single classes are left to `show`."""
    return " · ".join(f"{name} {value:.4g}" for name, value in of_the_whole(metrics).items())


def count(number: int, one: str) -> str:
    """A number with its noun: "1 epoch", "1,797 pictures"."""
    return f"{number:,} {one}" if number == 1 else f"{number:,} {one}s"


def run_words(run: Run) -> str:
    """A run in one line."""
    parts = [
        run.name,
        run.ending.value.replace("_", " ") if run.ending else run.state.value,
        count(run.epochs, "epoch"),
    ]
    if run.best_epoch:
        # Of a run that only its folder knew there are no metrics.
        parts.append(f"best epoch {run.best_epoch}" + (f": {metrics_words(run.best)}" if run.best else ""))
    elif run.last:
        parts.append(metrics_words(run.last))
    if run.seconds:
        parts.append(f"{run.seconds:.1f} s")
    return " · ".join(parts)
