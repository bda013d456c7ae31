"""Copies the folder of a stranger's run: its log and those checkpoints that are exactly what their manifests say.

    log.txt                                    its last part
    checkpoints/000004-000000180/…             two safetensors files and a manifest, nothing else
    checkpoints/best.json                      the manifest of one of them

Nothing else is taken, and a link never. The recipe is written from the journal. StrangeError says what is odd.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import safetensors

from workbench.journal.foreign_rows import LONGEST_BODY, MOST, MOST_EPOCHS, SHA256, whole
from workbench.journal.kept import STATE, WHOLE_FORMAT, Manifest
from workbench.journal.strange import Pulse, StrangeError, content, copy, is_file, is_folder, opened
from workbench.paths import sync_folder, write_synced

PLACE = re.compile(r"[0-9]{6,7}-[0-9]{9,13}")
WEIGHTS, MANIFEST, BEST, LOG = "weights.safetensors", "manifest.json", "best.json", "log.txt"
#: Of a log that is larger, the last part is taken.
LONGEST_LOG = 16 << 20
AGAIN = "Copy the folder once more; or, to do without that checkpoint, delete its folder there"


@dataclass(frozen=True)
class Copied:
    """What came to the disk."""

    checkpoints: int
    #: bytes
    size: int


def copy_run(source: Path, target: Path, recipe: str, pulse: Pulse) -> Copied:
    """Make a run's folder from a stranger's, all of it on the disk before this returns. Raises StrangeError or OSError."""
    target.mkdir()
    write_synced(target / "recipe.toml", recipe.encode())
    count = size = 0
    if is_folder(source):
        if is_file(source / LOG):
            size += copy(source / LOG, target / LOG, pulse, last=LONGEST_LOG)[0]
        if is_folder(source / "checkpoints"):
            count, more = _checkpoints(source / "checkpoints", target / "checkpoints", pulse)
            size += more
    sync_folder(target)
    return Copied(count, size)


def same_recipe(source: Path, recipe: str) -> bool:
    """Whether the recipe in a stranger's folder is the one in its journal. Raises StrangeError or OSError."""
    path, wanted = source / "recipe.toml", recipe.encode()
    if not is_folder(source) or not is_file(path):
        return True
    with opened(path) as file:
        return file.read(len(wanted) + 1) == wanted


def _checkpoints(source: Path, target: Path, pulse: Pulse) -> tuple[int, int]:
    target.mkdir()
    places = sorted(each.name for each in source.iterdir() if PLACE.fullmatch(each.name))
    size = sum(_checkpoint(source / place, target / place, pulse) for place in places)
    if is_file(source / BEST):
        said = content(source / BEST, LONGEST_BODY)
        place = str(_manifest(said, None)["file"]).partition("/")[0]
        if place not in places:
            raise StrangeError(f"{BEST} leads to {place}, where no checkpoint is")
        write_synced(target / BEST, said)
    sync_folder(target)
    return len(places), size


def _checkpoint(source: Path, target: Path, pulse: Pulse) -> int:
    if not is_folder(source):
        raise StrangeError(f"checkpoints/{source.name} went away meanwhile")
    said = content(source / MANIFEST, LONGEST_BODY)
    manifest = _manifest(said, source.name)
    target.mkdir()
    total = 0
    for name, key in ((WEIGHTS, "file_sha256"), (STATE, "state_sha256")):
        size, digest = copy(source / name, target / name, pulse)
        if digest != manifest[key]:
            raise StrangeError(
                f"checkpoints/{source.name}/{name} is damaged: its bytes are not those that were written. {AGAIN}"
            )
        _header(target / name)
        total += size
    write_synced(target / MANIFEST, said)
    sync_folder(target)
    return total


def _header(path: Path) -> None:
    """Raises StrangeError unless a file's header names arrays that lie within it, one behind the other."""
    try:
        with safetensors.safe_open(path, framework="numpy") as file:
            file.keys()
    except (safetensors.SafetensorError, UnicodeDecodeError) as error:
        raise StrangeError(f"{path.parent.name}/{path.name} is no safetensors file ({error}). {AGAIN}") from error


def _manifest(said: bytes, place: str | None) -> Manifest:
    """A manifest, held to what ours are; of a checkpoint at `place`, if that is known. Raises StrangeError."""
    try:
        tree: Any = json.loads(said)
    except (ValueError, RecursionError) as error:
        raise StrangeError("a checkpoint's manifest is no JSON") from error
    if not isinstance(tree, dict) or tree.get("format") != WHOLE_FORMAT:
        raise StrangeError("a checkpoint's manifest is not one of this version")
    at = place if place is not None else str(tree.get("file", "")).partition("/")[0]
    epoch, step = whole(MOST_EPOCHS)("epoch", tree.get("epoch")), whole(MOST)("step", tree.get("step"))
    if not PLACE.fullmatch(at) or at != f"{epoch:06d}-{step:09d}" or tree.get("file") != f"{at}/{WEIGHTS}":
        raise StrangeError(
            f"a checkpoint's manifest leads to {str(tree.get('file'))[:80]!r}, which is not its own place"
        )
    _hold(tree)
    return tree


def _hold(tree: Mapping[str, Any]) -> None:
    best, hashes = tree.get("best", ""), [tree.get(f"{name}_sha256") for name in ("file", "weights", "state")]
    sound = (
        isinstance(best, str) and (best == "" or PLACE.fullmatch(best))
        and all(isinstance(each, str) and SHA256.fullmatch(each) for each in hashes)
        and isinstance(tree.get("ends_epoch", True), bool) and isinstance(tree.get("facts", {}), dict)
    )  # fmt: skip
    if not sound:
        raise StrangeError("a checkpoint's manifest holds what no manifest of ours does")
