"""Remembers how the window was arranged, in window.json of the workspace: its size, theme, and each tab's panels.

A file that cannot be read or written only costs the arrangement, so neither is an error.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from workbench.errors import WorkspaceError
from workbench.paths import Workspace, write_atomic

#: No screen is larger; a file that says so is broken.
LARGEST = 100_000


@dataclass
class Panels:
    """Which panels of a tab are open, and how large. None: as large as LOOK says."""

    left: bool = True
    table: bool = True
    right: bool = True
    left_width: int | None = None
    table_height: int | None = None


#: How a tab's panels are before anybody moved them; any other tab opens with all of them.
USUAL: dict[str, dict[str, bool]] = {
    "compare": {"right": False},
    "data": {"right": False, "table": False},
    "model": {"right": False, "table": False},
    "results": {"right": False, "table": False},
    "lab": {"right": False, "table": False},
}


@dataclass
class Arrangement:
    """The window as it was left."""

    width: int = 1440
    height: int = 900
    maximized: bool = False
    theme: Literal["system", "dark", "light"] = "system"
    tabs: dict[str, Panels] = field(default_factory=dict)
    #: what was chosen of the view of curves, as it keeps it
    curves: dict[str, Any] = field(default_factory=dict)

    def panels(self, tab: str) -> Panels:
        return self.tabs.setdefault(tab, Panels(**USUAL.get(tab, {})))


def _file(workspace: Workspace) -> Path:
    return workspace.home / "window.json"


def load(workspace: Workspace) -> Arrangement:
    """The arrangement the window was left in; the usual one when there is none to read."""
    try:
        tree: dict[str, Any] = json.loads(_file(workspace).read_text("utf-8"))
        tabs = {str(name): Panels(**panels) for name, panels in tree.pop("tabs").items()}
        arrangement = Arrangement(**tree, tabs=tabs)
        sizes = (arrangement.width, arrangement.height)
        if (
            not isinstance(arrangement.curves, dict)
            or arrangement.theme not in {"system", "dark", "light"}
            or not all(isinstance(size, int) and 0 < size < LARGEST for size in sizes)
        ):
            return Arrangement()
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return Arrangement()
    return arrangement


def save(workspace: Workspace, arrangement: Arrangement) -> None:
    try:
        write_atomic(_file(workspace), json.dumps(asdict(arrangement), indent=1).encode())
    except WorkspaceError:
        return
