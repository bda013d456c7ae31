"""Makes all specimens in a folder; or has each looked at by the real process, and prints what was said and what happened, as JSON.

Two processes of their own: the system keeps one number for the largest memory of any child, and a child's begins with its parent's.
"""

from __future__ import annotations

import hashlib
import json
import os
import resource
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.strangers.specimens import ALL, Specimen, Trap
from workbench.strangers import asking


def main(folder: Path, seconds: float, at_once: int) -> dict[str, Any]:
    trap = Trap(folder / "trap")
    made = {each.name: (each, place_of(each, folder)) for each in ALL}
    idle = _looked(Path(__file__).parent, seconds)
    floor = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    before = snapshot(folder)
    with ThreadPoolExecutor(at_once) as pool:
        looked = list(pool.map(lambda each: _looked(each[1], seconds), made.values()))
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    changed = sorted(str(key) for key, _ in before.items() ^ snapshot(folder).items())
    return {
        "looked": dict(zip(made, looked, strict=True)), "idle": idle, "changed": changed, "executed": trap.marker.exists(),
        "idle_mb": floor / 1024, "peak_mb": peak / 1024,
    }  # fmt: skip


def make_all(folder: Path) -> dict[str, Path]:
    """Every specimen in a folder of its own."""
    trap = Trap(folder / "trap")
    trap.set()
    made = {}
    for each in ALL:
        place_of(each, folder).parent.mkdir()
        made[each.name] = each.make(place_of(each, folder), trap)
    return made


def place_of(each: Specimen, folder: Path) -> Path:
    return folder / f"{ALL.index(each):03d}" / each.name


def _looked(path: Path, seconds: float) -> dict[str, Any]:
    begun = time.perf_counter()
    found = asking.look(path, seconds)
    return {**found.tree(), "seconds": time.perf_counter() - begun}


def snapshot(folder: Path) -> dict[str, str]:
    """Every file with what is in it; what takes long to read, with its size and times."""
    found = {}
    for path in sorted(folder.rglob("*")):
        told = os.lstat(path)
        content = path.read_bytes() if path.is_file() and told.st_size < 1 << 20 else b""
        found[str(path)] = f"{told.st_mode} {told.st_size} {told.st_mtime_ns} {hashlib.sha256(content).hexdigest()}"
    return found


if __name__ == "__main__":
    if len(sys.argv) > 2:
        sys.stdout.write(json.dumps(main(Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]))))
    else:
        make_all(Path(sys.argv[1]))
