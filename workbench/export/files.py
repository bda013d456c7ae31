"""How what is given comes to the disk: whole or not at all, with a sentence when it does not."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from workbench.errors import WorkspaceError
from workbench.paths import explain_place, write_pieces


def write(path: Path, pieces: Iterable[bytes]) -> None:
    """Write a file. Raises WorkspaceError with what to do."""
    try:
        write_pieces(path, pieces)
    except OSError as error:
        raise WorkspaceError(explain_place(error, path)) from error
