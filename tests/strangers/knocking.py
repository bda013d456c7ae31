"""Takes all specimens to the program's other doors, and prints what was said there, as JSON: one process, so its memory can be measured.

The doors: reading a preset, what a file carries, describing and loading a NumPy file, decoding a picture, and the command line's
`check`. That of weights in the engine is in tests/engine/test_strangers_weights.py.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from tests.strangers.looking_at_all import make_all, snapshot
from tests.strangers.specimens import Trap
from workbench.data.decode import Looks, UnreadableError, decode, upright
from workbench.data.npz import Npz, peek
from workbench.errors import DataError, RecipeError, WorkspaceError
from workbench.spec import carried, presets

#: As much as one is waited for at most; nothing here may take a second on an idle machine.
PATIENCE_S = 20.0


def _nothing(*_: object) -> None:
    """Nobody wants to know how far it is."""


def _npz(path: Path) -> object:
    peek(path)
    pictures = Npz(path, 8, _nothing)
    return sum(1 for _ in pictures.read(_rows(len(pictures.listing.labels))))


def _rows(count: int) -> Any:
    import numpy as np

    return np.arange(count)


def _carried(path: Path) -> object:
    # A channel is waited for: what is dropped or named is looked at before, and told to be one.
    found = carried.read(path) if not path.is_fifo() else None
    return None if found is None else presets.loads(found.recipe)


DOORS: dict[str, Callable[[Path], object]] = {
    "preset": presets.load,
    "carried": _carried,
    "npz": _npz,
    "picture": lambda path: decode(str(path), Looks(8, grey=False, fit="crop")),
    "whole picture": lambda path: upright(str(path), grey=True),
}
SENTENCES = (RecipeError, WorkspaceError, DataError, UnreadableError)


def main(folder: Path) -> dict[str, Any]:
    idle = psutil.Process().memory_info().rss
    made = make_all(folder)
    before = snapshot(folder)
    said = {f"{door}: {name}": _knock(knock, path) for door, knock in DOORS.items() for name, path in made.items()}
    # Making them counts too: there is one mark of high water a process.
    peak = _most_memory()
    changed = sorted(str(key) for key, _ in before.items() ^ snapshot(folder).items())
    return {
        "said": said,
        "changed": changed,
        "executed": Trap(folder / "trap").marker.exists(),
        "more_mb": (peak - idle) / (1 << 20),
    }


def _most_memory() -> int:
    """Bytes that this program had at most. What the system tells of the process began with the size of the one that started it."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) << 10
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most << 10


def _knock(knock: Callable[[Path], object], path: Path) -> list[Any]:
    """How it ended: with a sentence, a value, or something that nobody catches; and how long it took."""
    begun = time.perf_counter()
    try:
        came = "value", type(knock(path)).__name__
    except SENTENCES as error:
        came = "sentence", str(error)
    except Exception as error:  # noqa: BLE001 - which is what is looked for
        came = "fault", repr(error)
    return [*came, time.perf_counter() - begun]


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(Path(sys.argv[1]))))
