"""Which weights of a run are on disk: the checkpoints' manifests, and what the journal is told of them.

For runs that did not end by themselves; whoever writes their ending uses it, the engine or those who noticed that it
is gone. Knows nothing of what is inside the weights.
"""

from __future__ import annotations

import json
from typing import Any

from workbench.errors import RecipeError
from workbench.journal.store import Journal


def describe_kept(journal: Journal, run: str) -> int | None:
    """Write the fingerprints of the weights on disk into the journal; the epoch that is kept, None if there is none."""
    best, last = _manifest(journal, run, "best"), _manifest(journal, run, "last")
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


def _manifest(journal: Journal, run: str, name: str) -> dict[str, Any] | None:
    path = journal.workspace.run_folder(run) / "checkpoints" / f"{name}.json"
    try:
        manifest = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return manifest if isinstance(manifest, dict) and str(manifest.get("epoch", "")).isdecimal() else None
