"""The event files in a run's own folder: one writer at a time, which goes on where the last one stopped.

`position.json` beside them says how far the journal is written down. It is older than the files when a writer was killed;
what follows it is then written again, into new files that supersede. Without it all is written anew, as when the journal
is not the one it was written of: one that was mended, or a backup. The folder may be deleted at any time: all of it is in
the journal.
"""

from __future__ import annotations

import contextlib
import json
import time
from pathlib import Path
from typing import IO, Self

from workbench.errors import WorkspaceError
from workbench.events import Ending
from workbench.export.logs.event_files import EventFiles
from workbench.export.logs.follower import Follower, Position
from workbench.journal import Journal
from workbench.journal.alive import hold
from workbench.paths import Workspace, write_atomic

POSITION, LOCK = "position.json", "writer.lock"
#: How often it is written down how far the files are: as much may have to be done again after a kill.
SAVE_SECONDS = 10.0


def logs_folder(workspace: Workspace, run: str) -> Path:
    """Where the event files of a run lie."""
    return workspace.run_folder(run) / "tensorboard"


class OwnFolder:
    """The writer of one run's files; made by `take`."""

    def __init__(self, journal: Journal, run: str, lock: IO[bytes]) -> None:
        self.folder = logs_folder(journal.workspace, run)
        self._lock = lock
        self._files = EventFiles(self.folder)
        self.follower = Follower(journal, run, self._files, _read(journal, run, self.folder))
        self._saved = time.monotonic()
        self._unsaved = False
        #: something could not be written: how far the files are is what was last saved
        self._broken = False

    @classmethod
    def take(cls, journal: Journal, run: str) -> Self | None:
        """Become the writer; None when another is. Raises WorkspaceError or ExportError."""
        folder = logs_folder(journal.workspace, run)
        if not folder.parent.is_dir():
            raise WorkspaceError(f"The folder of run {run} is gone; nothing can be written there.")
        lock = hold(folder / LOCK)
        return None if lock is None else cls(journal, run, lock)

    def poll(self) -> bool:
        """Write what is new in the journal; whether there was anything. Raises WorkspaceError."""
        texts = self.follower.texts
        try:
            found = self.follower.poll()
        except WorkspaceError:
            self._broken = True
            raise
        self._unsaved |= found
        # Of texts, which are few, not every reader purges what is said twice.
        if self._unsaved and (time.monotonic() - self._saved >= SAVE_SECONDS or self.follower.texts > texts):
            self._save()
        return found

    def close(self) -> None:
        """Let go of the files, for the next writer."""
        with contextlib.closing(self._lock), contextlib.closing(self._files):
            if self._unsaved and not self._broken:
                self._save()

    def _save(self) -> None:
        seen = self.follower.seen
        discarded = seen is not None and seen.ending is Ending.DISCARDED
        if not discarded and self.folder.is_dir():
            # What it says is written must be so after a power cut as well.
            self._files.flush(durable=True)
            write_atomic(self.folder / POSITION, json.dumps(self.follower.position.tree()).encode())
        self._saved, self._unsaved = time.monotonic(), False


def _read(journal: Journal, run: str, folder: Path) -> Position:
    """How far an earlier writer came; the beginning when that cannot be known."""
    try:
        found = Position.from_tree(json.loads((folder / POSITION).read_bytes()))
        return found if found.fits(journal, run) else Position()
    except (OSError, ValueError, TypeError, KeyError, AttributeError, OverflowError):
        return Position()
