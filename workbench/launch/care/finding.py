"""What can be wrong with a workspace, as something that can be told and, mostly, mended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from workbench.errors import WorkspaceError
from workbench.paths import Workspace, explain

#: What is younger may be in the making.
GRACE_SECONDS = 60.0


class Kind(StrEnum):
    """What is wrong, for programs."""

    DAMAGED_DATABASE = "damaged_database"
    NO_ENGINE = "no_engine"
    NO_KEEPER = "no_keeper"
    LOST_WEIGHTS = "lost_weights"
    LOST_BEST = "lost_best"
    STRAY_RUN = "stray_run"
    DISCARDED_RUN = "discarded_run"
    LEFTOVERS = "leftovers"


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, and what would be done about it."""

    kind: Kind
    #: what is wrong, and what that means
    sentence: str
    #: what mending does; where only a person can do something, what that is
    remedy: str
    #: mends it, says what was done; looks again first. Raises WorkbenchError. None where only a person can.
    mend: Callable[[], str] | None = None
    #: the id of the run that it is about
    run: str = ""


@dataclass(frozen=True)
class Mended:
    """What became of a finding: what was done, or why it could not be."""

    finding: Finding
    done: str = ""
    failed: str = ""


def move_to_trash(workspace: Workspace, path: Path) -> Path:
    """Move a file or folder into the workspace's trash; where it is now. Raises WorkspaceError."""
    target, number = workspace.trash / path.name, 1
    try:
        workspace.trash.mkdir(exist_ok=True)
        while target.exists():
            number += 1
            target = workspace.trash / f"{path.name} ({number})"
        path.replace(target)
    except OSError as error:
        raise WorkspaceError(explain(error, path)) from error
    return target


def some(names: list[str], most: int = 3) -> str:
    """Some names for a sentence: "a, b, c and 4 more"."""
    shown = ", ".join(names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown


def counted(number: int, one: str) -> str:
    """A number with its noun, such as "3 runs"."""
    return f"{number} {one}" if number == 1 else f"{number} {one}s"
