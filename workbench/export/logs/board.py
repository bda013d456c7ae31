"""TensorBoard's process: `python -m workbench.export.logs.board --home DIR --run ID …`; see launch/board.py, which starts it.

It writes what is missing of the runs' files, then becomes TensorBoard with exactly these runs, by their names. It goes on
writing those that still train and that nobody else writes. It ends when its stdin does. TensorFlow is not loaded for it.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import re
import shutil
import sys
import tempfile
import threading
import types
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, TypeAlias

from workbench import priority

if TYPE_CHECKING:
    from workbench.export.logs.own_folder import OwnFolder
    from workbench.journal import Journal, Run

    Writer: TypeAlias = "OwnFolder | Copy"

POLL_SECONDS = 1.0
#: Points of a curve that TensorBoard draws; its own 1,000 are few for single steps.
SAMPLES = "scalars=10000"
#: As long as file systems allow, with room for a number.
LONGEST_NAME = 200
#: What is no part of a file's name on one system or another, and what looks like it.
_LOOK_ALIKES = str.maketrans('/\\:*?"<>|', "⁄∖∶∗？″‹›∣")
#: What Windows takes for a device, whatever ending it has.
_DEVICE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def main() -> int:
    # First of all: the window must not feel it.
    priority.lower()
    from workbench.errors import WorkbenchError  # noqa: PLC0415 - after the line above
    from workbench.journal import Journal  # noqa: PLC0415 - as above
    from workbench.paths import Workspace  # noqa: PLC0415 - as above

    parser = argparse.ArgumentParser(prog="workbench.export.logs.board", description="Shows runs in TensorBoard.")
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--run", action="append", required=True)
    chosen = parser.parse_args()
    asker = _own_descriptor()
    unwanted = threading.Event()
    threading.Thread(target=_wait_for_end, args=(unwanted,), name="end of stdin", daemon=True).start()
    try:
        with Journal(Workspace(chosen.home.absolute())) as journal:
            _show(journal, [journal.run(key) for key in chosen.run], asker, unwanted)
    except WorkbenchError as error:
        _tell(asker, "problem", str(error))
        return 2
    return 0


def _wait_for_end(unwanted: threading.Event) -> None:
    """Whoever asked holds the other end; it is closed at the latest when that process goes."""
    while sys.stdin.buffer.read(1):
        pass
    unwanted.set()


def _own_descriptor() -> IO[str]:
    """Stdout for the protocol alone: what TensorBoard and its server print goes to the log, and keeps no pipe open."""
    own = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)
    return own


def _tell(asker: IO[str], key: str, words: str) -> None:
    asker.write(json.dumps({key: words}) + "\n")


def _show(journal: Journal, runs: Sequence[Run], asker: IO[str], unwanted: threading.Event) -> None:
    writers: list[Writer] = []
    folder = Path(tempfile.mkdtemp(prefix="workbench-tensorboard-"))
    try:
        for run, name in zip(runs, names(runs), strict=True):
            _tell(asker, "progress", f"Writing what TensorBoard reads of {run.name}")
            _write(place(journal, run, folder / name), writers, unwanted)
        if not unwanted.is_set():
            _tell(asker, "address", serve(folder))
        while not unwanted.wait(POLL_SECONDS):
            for each in writers:
                while each.poll() and not unwanted.is_set():
                    pass
            for each in [each for each in writers if each.follower.done]:
                writers.remove(each)
                each.close()
    finally:
        for each in writers:
            each.close()
        shutil.rmtree(folder, ignore_errors=True)  # of links, and of files that were written for it alone


def _write(writer: Writer | None, writers: list[Writer], unwanted: threading.Event) -> None:
    """Write all that there is of a run; if it lives, its writer joins the others."""
    if writer is None:
        return  # somebody writes it as it trains
    writers.append(writer)
    while not unwanted.is_set() and writer.poll():
        pass
    if writer.follower.done:
        writers.remove(writer)
        writer.close()


def place(journal: Journal, run: Run, at: Path) -> Writer | None:
    """Have the files of a run at a place; who is to write them, or None when somebody does. Raises WorkspaceError or ExportError."""
    from workbench.export.logs.own_folder import OwnFolder, logs_folder  # noqa: PLC0415 - see main

    try:
        at.symlink_to(logs_folder(journal.workspace, run.id), target_is_directory=True)
    except (OSError, NotImplementedError):
        # On Windows not every account may make links. Whatever else keeps it from that is met again, and then told.
        return Copy(journal, run.id, at)
    return OwnFolder.take(journal, run.id)


class Copy:
    """The writer of a run's files once more, for this process alone. It has the face of OwnFolder."""

    def __init__(self, journal: Journal, run: str, folder: Path) -> None:
        from workbench.errors import WorkspaceError  # noqa: PLC0415 - see main
        from workbench.export.logs.event_files import EventFiles  # noqa: PLC0415 - as above
        from workbench.export.logs.follower import Follower  # noqa: PLC0415 - as above
        from workbench.paths import explain  # noqa: PLC0415 - as above

        try:
            folder.mkdir()
        except OSError as error:
            raise WorkspaceError(explain(error, folder)) from error
        self._files = EventFiles(folder)
        self.follower = Follower(journal, run, self._files)

    def poll(self) -> bool:
        """Write what is new in the journal; whether there was anything. Raises WorkspaceError."""
        return self.follower.poll()

    def close(self) -> None:
        """Let go of the files."""
        self._files.close()


def names(runs: Sequence[Run]) -> list[str]:
    """For each run a name that TensorBoard shows: its own, as near as a folder may have it on any system, and no two alike."""
    found: dict[str, str] = {}
    for run in runs:
        own = "".join(" " if unicodedata.category(each) in {"Cc", "Cs"} else each for each in run.name)
        own = own.translate(_LOOK_ALIKES).lstrip(". ")
        own = own.encode()[:LONGEST_NAME].decode(errors="ignore").rstrip(". ") or run.id
        if _DEVICE.fullmatch(own):
            own = f"{run.number} {own}"
        tries = itertools.chain(
            (own, f"{own} ({run.number})"), (f"{own} ({run.number}, {n})" for n in itertools.count(2))
        )
        name = next(each for each in tries if _alike(each) not in found)
        found[_alike(name)] = name
    return list(found.values())


def _alike(name: str) -> str:
    """The same for names that are one to a file system that does not tell A from a, or forms of é."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def serve(folder: Path) -> str:
    """Be TensorBoard from now on, by threads of this process; its address, at which it answers. Raises ExportError."""
    from workbench.errors import ExportError  # noqa: PLC0415 - see main
    from workbench.export.logs.event_files import MISSING  # noqa: PLC0415 - as above

    try:
        from tensorboard import default, program  # noqa: PLC0415 - two seconds: not before the files are written
    except ImportError as error:
        raise ExportError(MISSING) from error
    # With a module of this name there (builds of it without TensorFlow have one) its parts do without, which some of them
    # would otherwise load when they are first asked for something: seconds in which it neither answers nor ends.
    sys.modules["tensorboard.compat.notf"] = types.ModuleType("tensorboard.compat.notf")
    board = program.TensorBoard(default.get_plugins())
    board.configure(
        argv=[
            None,
            *("--logdir", str(folder), "--host", "127.0.0.1", "--port", "0"),
            *("--samples_per_plugin", SAMPLES, "--window_title", "Keras Workbench"),
        ]
    )
    try:
        return str(board.launch())
    except program.TensorBoardServerException as error:
        raise ExportError(f"TensorBoard could not start: {error}") from error


if __name__ == "__main__":
    code = main()
    # TensorBoard's threads have nothing to finish; waiting for them would only keep the window open.
    os._exit(code)
