"""Folders for what probes write because it is too large to be said: a new one for each question, and no file is left behind.

A question that is dropped may still be writing when the next one is asked, so none gets the folder of another.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path


class AnswerFolders:
    """The folders of one asker."""

    def __init__(self, what: str) -> None:
        """`what` is in the name, for whoever finds the folder."""
        self._what = what
        self._whole: tempfile.TemporaryDirectory[str] | None = None
        #: folders that somebody still reads, and those of them that go when that is done
        self._held: set[Path] = set()
        self._outdated: set[Path] = set()
        #: where the answer to the newest question is written
        self.newest = Path()

    def new(self) -> Path:
        """A folder for the next question; those of questions before it go. Raises OSError."""
        if self._whole is None:
            self._whole = tempfile.TemporaryDirectory(prefix=f"workbench-{self._what}-", ignore_cleanup_errors=True)
        self.tidy()
        self.newest = Path(tempfile.mkdtemp(dir=self._whole.name))
        return self.newest

    def tidy(self) -> None:
        """Take away what is there: it has been read, or is of no use. What is held goes when it is let go."""
        if self._whole is not None:
            for each in Path(self._whole.name).iterdir():
                if each in self._held:
                    self._outdated.add(each)
                else:
                    shutil.rmtree(each, ignore_errors=True)

    def hold(self, folder: Path) -> None:
        """Keep a folder, whatever is asked next, until it is let go."""
        self._held.add(folder)

    def let_go(self, folder: Path) -> None:
        """A folder that was held has been read."""
        self._held.discard(folder)
        if folder in self._outdated:
            self._outdated.discard(folder)
            shutil.rmtree(folder, ignore_errors=True)

    def close(self) -> None:
        """For good."""
        if self._whole is not None:
            self._whole.cleanup()
            self._whole = None
