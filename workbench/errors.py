"""The failures a person can do something about, as a tree.

    WorkbenchError
    ├── RecipeError        a recipe or preset has problems (all of them at once)
    ├── DataError          the pictures cannot be used as they are
    │   └── DownloadError  a data set could not be fetched
    ├── WorkspaceError     the workspace cannot be read or written
    │   └── DamagedError   its database is damaged, and can be mended
    └── EngineError        an engine could not be started or did not answer

Every message says what came, what is allowed, and what to do. Anything else that is raised is a
defect of ours and is reported as one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


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


class EngineError(WorkbenchError):
    """An engine could not be started or did not answer."""
