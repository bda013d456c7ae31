"""Which weights of a run are on disk: the checkpoints' manifests, and what the journal is told of them.

For runs that did not end by themselves; whoever writes their ending uses it, the engine or those who noticed that it
is gone. Knows nothing of what is inside the weights.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from workbench.errors import RecipeError
from workbench.journal.store import Journal


def describe_kept(journal: Journal, run: str) -> int | None:
    """Write the fingerprints of the weights on disk into the journal; the epoch that is kept, None if there is none."""
    folder = journal.workspace.run_folder(run) / "checkpoints"
    best, last = _manifest(folder / "best.json"), _newest(folder)
    kept = (best or last) if _keeps_best(journal, run) else (last or best)
    if kept is None or journal.run(run).ending is not None:
        return None
    newest = last or kept
    journal.describe_weights(run, kept.get("weights_sha256"), newest.get("weights_sha256"))
    return int(kept["epoch"])


def _keeps_best(journal: Journal, run: str) -> bool:
    try:
        return journal.run(run).recipe.keeps_best
    except RecipeError:
        return True


def _newest(folder: Path) -> dict[str, Any] | None:
    """The manifest that has come furthest; their places are named by epoch and step."""
    found = [_manifest(path) for path in folder.glob("[0-9]*/manifest.json")]
    whole = [each for each in found if each is not None]
    return max(whole, key=lambda each: (int(each.get("step", 0)), int(each["epoch"])), default=None)


def _manifest(path: Path) -> dict[str, Any] | None:
    try:
        manifest = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return manifest if isinstance(manifest, dict) and str(manifest.get("epoch", "")).isdecimal() else None
