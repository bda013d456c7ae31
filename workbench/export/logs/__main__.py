"""The writer's process: `python -m workbench.export.logs --home DIR --run ID`. The keeper starts it, by this name.

It writes the event files of a run while that trains, and ends by itself when the run has ended and all is written, or when
the run waits in the queue again. While somebody else writes them (the writer of an attempt before, or TensorBoard's process,
which may be closed at any time) it stands by. Nothing waits for it: if it is killed, training goes on, and the files can be
completed later.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from workbench import priority

if TYPE_CHECKING:
    from workbench.export.logs.own_folder import OwnFolder
    from workbench.journal import Journal

#: How often the journal is looked at; TensorBoard itself looks every five seconds.
POLL_SECONDS = 1.0
#: A run that has no engine any more gets its ending from the keeper at once, or from nobody.
GONE_SECONDS = 10.0


def main() -> int:
    # First of all, so that neither training nor the window feels even the imports.
    priority.lower()
    from workbench.errors import WorkbenchError  # noqa: PLC0415 - after the line above
    from workbench.journal import Journal  # noqa: PLC0415 - as above
    from workbench.paths import Workspace  # noqa: PLC0415 - as above

    parser = argparse.ArgumentParser(prog="workbench.export.logs", description="Writes a run's TensorBoard files.")
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--run", required=True)
    parser.add_argument("--every", type=float, default=POLL_SECONDS, help="seconds between two looks")
    chosen = parser.parse_args()
    try:
        with Journal(Workspace(chosen.home.absolute())) as journal:
            writer = take(journal, chosen.run, chosen.every)
            if writer is not None:
                write(journal, writer, chosen.every)
    except WorkbenchError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def take(journal: Journal, run: str, every: float) -> OwnFolder | None:
    """Become the writer once nobody else is; None when the run's engine has gone before that."""
    from workbench.export.logs.own_folder import OwnFolder  # noqa: PLC0415 - see main
    from workbench.journal.alive import held  # noqa: PLC0415 - as above

    working = time.monotonic()
    while (writer := OwnFolder.take(journal, run)) is None:
        if held(journal.workspace.run_folder(run) / "alive"):
            working = time.monotonic()
        elif time.monotonic() - working > GONE_SECONDS:
            return None
        time.sleep(every)
    return writer


def write(journal: Journal, writer: OwnFolder, every: float) -> None:
    """Write until there is nothing to wait for any more."""
    from workbench.events import State  # noqa: PLC0415 - see main
    from workbench.journal.alive import held  # noqa: PLC0415 - as above

    working = time.monotonic()
    try:
        while True:
            if writer.poll():
                continue
            run = writer.follower.seen
            if run is None or writer.follower.done or run.state is State.QUEUED:
                return
            if held(journal.workspace.run_folder(run.id) / "alive"):
                working = time.monotonic()
            elif time.monotonic() - working > GONE_SECONDS:
                return
            time.sleep(every)
    finally:
        writer.close()


if __name__ == "__main__":
    sys.exit(main())
