"""The failures a person can do something about, as a tree; and the card that tells of one, with ways out of it.

    WorkbenchError
    ├── RecipeError        a recipe or preset has problems (all of them at once)
    ├── DataError          the pictures cannot be used as they are
    │   └── DownloadError  a data set could not be fetched
    ├── WorkspaceError     the workspace cannot be read or written
    │   └── DamagedError   its database is damaged, and can be mended
    ├── ResultsError       answers of a run cannot be judged
    ├── ExportError        a figure or table cannot be given as it was asked for
    ├── StrangerError      a file that may come from anywhere is not used
    └── EngineError        an engine could not be started or did not answer

Every message says what came, what is allowed, and what to do. Anything else that is raised is a
defect of ours and is reported as one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class WorkbenchError(Exception):
    """A failure that a person can do something about; its text is shown as it is."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a recipe: where, and a full sentence about it."""

    path: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.path}: {self.sentence}" if self.path else self.sentence


class RecipeError(WorkbenchError):
    """A recipe or preset has problems; all of them are in `problems`."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class DataError(WorkbenchError):
    """The pictures cannot be used as they are."""


class DownloadError(DataError):
    """A data set could not be fetched; the message names the file and where to put it."""


class WorkspaceError(WorkbenchError):
    """The workspace cannot be read or written (read-only, disk full, damaged)."""


class DamagedError(WorkspaceError):
    """The journal's file is damaged; `workbench doctor --mend` keeps it aside and saves what it can."""


class ResultsError(WorkbenchError):
    """A run's answers cannot be judged as they are: no pictures, or probabilities that are no numbers."""


class ExportError(WorkbenchError):
    """A figure or table cannot be given as it was asked for."""


class StrangerError(WorkbenchError):
    """A file that may come from anywhere is not used."""


class EngineError(WorkbenchError):
    """An engine could not be started or did not answer."""


# --- what a person is told when a run fails ------------------------------------------------------------


class WayKind(StrEnum):
    """What is done when a person takes a way out of a trouble."""

    #: a run of its own with changed settings; it grows from the last good epoch that was kept, if there is one
    CHANGE = "change"
    #: the same run is taken up again, from its newest checkpoint
    AGAIN = "again"
    #: the same, with its pictures in another place, which is asked for
    MOVED = "moved"
    #: look into the trash, to make room
    TRASH = "trash"
    #: of a run that hangs: leave it alone; finish the epoch; stop and keep; kill it and take it up again
    WAIT = "wait"
    STOP = "stop"
    STOP_NOW = "stop_now"
    RESTART = "restart"


@dataclass(frozen=True)
class Way:
    """One way out of a trouble, which a person takes with a click."""

    kind: WayKind
    title: str
    note: str = ""
    #: of CHANGE: settings by their path, and what they become
    changes: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True)
class ErrorCard:
    """What a person is told of a trouble: what happened, what was seen, what is safe, what to try."""

    title: str
    what_happened: str
    evidence: tuple[str, ...] = ()
    what_to_try: tuple[str, ...] = ()
    what_is_safe: str = ""
    details: str = ""
    #: what to try that the workbench can do, the best first
    ways: tuple[Way, ...] = ()

    @staticmethod
    def from_tree(tree: Mapping[str, Any]) -> ErrorCard:
        """A card from JSON, written by this version or one that knew no ways."""
        lists = {name: tuple(tree.get(name, ())) for name in ("evidence", "what_to_try")}
        return ErrorCard(**{**tree, **lists, "ways": tuple(_way(each) for each in tree.get("ways", ()))})


def _way(tree: Mapping[str, Any]) -> Way:
    changes = tuple((path, value) for path, value in tree["changes"])
    return Way(WayKind(tree["kind"]), tree["title"], tree["note"], changes)
