"""Which weights of a run are on disk: the checkpoints' manifests, and what the journal is told of them.

For runs that did not end by themselves; whoever writes their ending uses it, the engine or those who noticed that it
is gone; and for those who look a workspace over. Knows nothing of what is inside the weights.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path, PurePosixPath
from typing import Any

from workbench.errors import RecipeError
from workbench.journal.store import Journal

#: What a checkpoint is described by, as the engine wrote it (engine/checkpoint.py).
Manifest = dict[str, Any]
#: Of a checkpoint from which a run can be taken up.
WHOLE_FORMAT = 2
STATE = "state.safetensors"


def describe_kept(journal: Journal, run: str) -> int | None:
    """Write the fingerprints of the weights on disk into the journal; the epoch that is kept, None if there is none."""
    folder = checkpoints(journal, run)
    best, last = best_of(folder), next(iter(manifests(folder)), None)
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


def checkpoints(journal: Journal, run: str) -> Path:
    """The folder of a run's checkpoints."""
    return journal.workspace.run_folder(run) / "checkpoints"


def manifests(folder: Path) -> list[Manifest]:
    """The checkpoints in a folder, the one that has come furthest first; their files are not looked at."""
    found = [read_manifest(path) for path in folder.glob("[0-9]*/manifest.json")]
    whole = [each for each in found if each is not None]
    return sorted(whole, key=lambda each: (int(each.get("step", 0)), int(each["epoch"])), reverse=True)


def best_of(folder: Path) -> Manifest | None:
    """The checkpoint of the best epoch: the newest one knows which that is; best.json is written after it."""
    newest = next(iter(manifests(folder)), None)
    place = str(newest.get("best") or "") if newest else ""
    found = read_manifest(folder / place / "manifest.json") if place.replace("-", "").isdecimal() else None
    return found or pointed(folder)


def pointed(folder: Path) -> Manifest | None:
    """What best.json says."""
    return read_manifest(folder / "best.json")


def read_manifest(path: Path) -> Manifest | None:
    try:
        manifest = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return manifest if isinstance(manifest, dict) and str(manifest.get("epoch", "")).isdecimal() else None


def weights_file(folder: Path, manifest: Manifest) -> Path | None:
    """Where a manifest says that its weights lie; None when that is not within the folder."""
    name = PurePosixPath(str(manifest.get("file", "")))
    return folder / name if name.parts and not name.is_absolute() and ".." not in name.parts else None


def has_weights(folder: Path, manifest: Manifest) -> bool:
    """Whether the weights are on disk as they were written. Reads all of them."""
    path = weights_file(folder, manifest)
    return path is not None and _digest(path) == manifest.get("file_sha256")


def can_resume(folder: Path, manifest: Manifest) -> bool:
    """Whether a run can go on from a checkpoint: weights and state are as they were written. Reads all of them."""
    path = weights_file(folder, manifest)
    state = manifest.get("state_sha256")
    if path is None or not state or manifest.get("format") != WHOLE_FORMAT:
        return False
    return has_weights(folder, manifest) and _digest(path.parent / STATE) == state


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
