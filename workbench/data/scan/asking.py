"""Starts a scan and reads what it says; for whoever shows it. Blocks, so it belongs into a thread of its own.

Knows the process by its name only.
"""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from workbench import interpreter
from workbench.data.scan.album import Album
from workbench.data.scan.message import Message, receive
from workbench.errors import DataError
from workbench.paths import Workspace

if TYPE_CHECKING:
    from workbench.spec.data import Data

#: How long a scan that was broken off may take to put its notes away.
PATIENCE_S = 5.0
MODULE = "workbench.data.scan"


def open_album(listed: Message) -> Album:
    """The album that a scan fills, or has put into the cache meanwhile. Raises DataError."""
    for word in ("folder", "kept"):
        try:
            album = Album(Path(listed.words[word]))
        except (OSError, ValueError, KeyError):
            continue
        if album.mark == listed.words["mark"]:
            return album
        album.close()
    raise DataError("The small pictures are not there any more; another window made them anew. Look again.")


class Scan:
    """A scan at work."""

    def __init__(self, settings: Data, seed: int, workspace: Workspace, *, fetch: bool = False) -> None:
        """Raises DataError when the process cannot be started."""
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own module, by our own interpreter
                interpreter.command(MODULE), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                env=interpreter.environment(), creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )  # fmt: skip
        except OSError as error:
            raise DataError(f"The pictures cannot be looked through: {error.strerror or error}.") from error
        self._lock = threading.Lock()
        request = {
            "data": settings.model_dump_json(), "kind": settings.kind, "seed": seed, "home": str(workspace.home), "fetch": fetch,
        }  # fmt: skip
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(request).encode("ascii") + b"\n")
            self._process.stdin.flush()
        except OSError as error:
            self.close()
            raise DataError("The program that looks through pictures ended at once. Try again.") from error

    def messages(self) -> Iterator[Message]:
        """All that it says, as it comes; the last one is "ended", or "problem" when the process went away.

        Raises DataError when something else is said.
        """
        assert self._process.stdout is not None
        while (message := receive(self._process.stdout)) is not None:
            yield message
            if message.say == "ended":
                return
        yield Message("problem", {"sentence": "The program that looks through the pictures has ended. Look again."})

    def stop(self) -> None:
        """Break it off; what it has noted so far it keeps. Does not wait; may be called from any thread."""
        with self._lock:
            assert self._process.stdin is not None
            if not self._process.stdin.closed:
                try:
                    self._process.stdin.close()
                except OSError:  # it has ended already
                    return

    def close(self) -> None:
        """Break it off if it still works, and see it out."""
        self.stop()
        try:
            self._process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()
