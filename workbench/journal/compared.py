"""Remembers of a run of a job that its pictures were compared: with which fingerprint, and where they were.

A file in the run's folder, because it is of that run alone: a fork, or a run that was given other pictures later, has not been
compared. Read by who goes on with the run, and by who brings it home, where it is a stranger's file.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from workbench.journal.strange import StrangeError, content, is_folder
from workbench.paths import write_atomic

NAME = "pictures.json"
#: Of a file that has been written for every place where the pictures ever were.
LONGEST = 1 << 20


@dataclass(frozen=True)
class Pictures:
    """The pictures that a job was made with, as far as an import needs to know them."""

    kind: str
    path: str
    sha256: str


def remember(folder: Path, sha256: str, path: str) -> None:
    """Say of the run in a folder that the pictures at `path` have this fingerprint. Raises WorkspaceError."""
    write_atomic(folder / NAME, json.dumps({**_read(folder), path: sha256}).encode())


def fingerprint(folder: Path, path: str) -> str:
    """What was said of the run in a folder and its pictures at `path`; empty when nothing was."""
    return str(_read(folder).get(path, ""))


def _read(folder: Path) -> dict[str, object]:
    try:
        tree = json.loads(content(folder / NAME, LONGEST)) if is_folder(folder) else {}
    except (OSError, StrangeError, ValueError, RecursionError):
        return {}
    return tree if isinstance(tree, dict) else {}
