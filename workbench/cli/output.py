"""What a command prints: one JSON object on standard output, or words for people; progress goes to standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any

from rich.console import Console

from workbench.export.logs.trees import finite
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
