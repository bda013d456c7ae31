"""An engine one of whose calls fails at a chosen moment: `FAIL_AT=<kind>:<number>:<what the system says>`.

    python -m tests.kills.faulty_engine --home DIR --run ID

It is the real engine; only the call is wrapped. Kinds are `files` and `journal`, and `full`, where SQLite's file may grow
by `number` pages and no more. What was struck is written to `struck.txt` in the workspace.
"""

from __future__ import annotations

import errno
import os
import sqlite3
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.faults import Fault, faulty_files, faulty_sqlite

VARIABLE = "FAIL_AT"
#: What freeing the reserve stands for, in SQLite's pages; the reserve itself is 256 of them.
FREED = 12


def struck_path(home: Path) -> Path:
    return home / "struck.txt"


def noting(home: Path) -> Callable[[], None]:
    """Writes down which call of the workbench is being made; by means that do not fail."""
    make, write, close = os.open, os.write, os.close

    def note() -> None:
        ours = [each for each in traceback.extract_stack() if "/workbench/" in each.filename]
        where = f"{Path(ours[-1].filename).name} {ours[-1].name}" if ours else "?"
        handle = make(struck_path(home), os.O_WRONLY | os.O_CREAT, 0o644)
        write(handle, where.encode())
        close(handle)

    return note


def arm(kind: str, number: int, says: str, home: Path) -> None:
    """Make one call of this process fail."""
    note, patch = noting(home), pytest.MonkeyPatch()

    def strike() -> Exception:
        note()
        if kind == "journal":
            return sqlite3.OperationalError(says)
        return OSError(getattr(errno, says), os.strerror(getattr(errno, says)))

    match kind:
        case "files":
            faulty_files(patch, Fault(number, strike), within=str(home))
        case "journal":
            faulty_sqlite(patch, Fault(number, strike))
        case "full":
            _limit(patch, number, note)
        case _:
            raise ValueError(kind)


def _limit(patch: pytest.MonkeyPatch, pages: int, note: Callable[[], None]) -> None:
    from workbench.engine.recorder import Recorder

    begin, drop = Recorder.take_ballast, Recorder.drop_ballast

    def give(recorder: Recorder, more: int) -> None:
        ((count,),) = recorder.journal.query("PRAGMA page_count")
        recorder.journal.query(f"PRAGMA max_page_count = {count + more}")

    def takes(recorder: Recorder) -> None:
        begin(recorder)
        give(recorder, pages)

    def drops(recorder: Recorder, *_: Any) -> None:
        if recorder._ballast.exists() and sys.exc_info()[0] is not None:
            note()
            give(recorder, FREED)
        drop(recorder)

    patch.setattr(Recorder, "take_ballast", takes)
    patch.setattr(Recorder, "drop_ballast", drops)


def main() -> None:
    kind, number, says = os.environ.pop(VARIABLE, "::").split(":")
    from workbench.engine import process

    if kind:
        arm(kind, int(number), says, Path(sys.argv[sys.argv.index("--home") + 1]))
    process.end()


if __name__ == "__main__":
    main()
