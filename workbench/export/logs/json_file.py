"""One JSON file with all of a run, for programs. Its keys, those of `show --json` and a few more:

    format        1; grows when a key changes its meaning
    run, number, name, preset, parent, parent_epoch, tags, note, device        who it is; `parent` is an id, or ""
    state, ending, reason, epochs, best_epoch, best, last, seconds, images_per_second, weights_sha256, last_weights_sha256
    recipe        the recipe as TOML: a preset file that gives the same run
    settings      the same as {path: value}; null where this version cannot read the recipe
    history       [{"epoch", "step", "seconds", "images_per_second", "metrics": {name: value}}], one an epoch
    steps         only if asked for: {"step": [...], "epoch", "seconds", "loss", "accuracy", "learning_rate", "gradient_norm", "penalty"}

Of what was superseded the latest attempt is given; of a fork, what is its own. Epochs and steps count from 1, seconds are run
time, shares are from 0 to 1. A non-finite number is null. Numbers are as exact as the journal's: the shortest digits that
give the same float32 (steps) or float64 (epochs) again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from workbench.curves.pyramid import MISSING, flags_of
from workbench.curves.run_curves import RunCurves
from workbench.errors import RecipeError
from workbench.export import files
from workbench.export.logs.trees import epoch_tree, finite, history, run_tree
from workbench.export.table import epoch_of
from workbench.journal import Run, Said
from workbench.spec import recipe as recipes


def write(path: Path, run: Run, said: Sequence[Said], curves: RunCurves | None = None) -> None:
    """Write the file, with each step's numbers if `curves` are given. Raises WorkspaceError with what to do."""
    files.write(path, (piece.encode() for piece in _pieces(run, said, curves)))


def _pieces(run: Run, said: Sequence[Said], curves: RunCurves | None) -> Iterator[str]:
    whole = json.dumps(finite(tree(run, said)), allow_nan=False, indent=1)
    if curves is None:
        yield f"{whole}\n"
        return
    yield whole.removesuffix("\n}")
    mark = ',\n "steps": {'
    for name, values in _columns(curves):
        yield f"{mark}\n  {json.dumps(name)}: {json.dumps(finite(values), allow_nan=False)}"
        mark = ","
    yield "\n }\n}\n"


def tree(run: Run, said: Sequence[Said]) -> dict[str, Any]:
    """All but the steps."""
    try:
        settings = recipes.values(run.recipe)
    except RecipeError:
        settings = None
    names = ("number", "name", "preset", "parent", "parent_epoch", "tags", "note", "device", "reason")
    return {
        "format": 1,
        **run_tree(run),
        **{name: getattr(run, name) for name in names},
        "recipe": run.recipe_toml,
        "settings": settings,
        "history": [epoch_tree(event) for event in history(said)],
    }


def _columns(curves: RunCurves) -> Iterator[tuple[str, list[Any]]]:
    """Each column of steps; one at a time, since there may be millions."""
    places = np.arange(curves.grown_at, curves.steps)
    places = places[flags_of(curves.loss.values[places]) != MISSING]
    yield "step", (places + 1).tolist()
    yield "epoch", epoch_of(curves, places).tolist()
    yield "seconds", curves.times.at(places).tolist()
    for name, values in (
        ("loss", curves.loss.values),
        ("accuracy", curves.accuracy.view),
        ("learning_rate", curves.learning_rate.values),
        ("gradient_norm", curves.gradient_norm.values),
        ("penalty", curves.penalty.values if curves.penalized else np.zeros(curves.steps, np.float32)),
    ):
        yield name, [float(digits) for digits in values[places].astype(np.str_)]
