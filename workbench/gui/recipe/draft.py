"""What the form holds, kept on disk as it is edited, so that it survives a crash.

One small file in the workspace, written whole or not at all. A damaged one is left aside, never an error.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from workbench.gui.recipe.edits import Edits, Saved, Tables, repaired
from workbench.gui.recipe.shelf import Shelf
from workbench.paths import Workspace, write_atomic

FORMAT = 1


@dataclass(frozen=True)
class Draft:
    """The form's values, right or wrong, and which sections are open."""

    preset: str
    tables: Tables
    texts: dict[str, str] = field(default_factory=dict)
    opened: tuple[str, ...] = ()


def draft_path(workspace: Workspace) -> Path:
    return workspace.home / "draft.json"


def write(draft: Draft, workspace: Workspace) -> None:
    """Keep the draft. Raises WorkspaceError when the workspace cannot be written."""
    tree = {
        "format": FORMAT, "preset": draft.preset, "recipe": draft.tables, "texts": draft.texts, "open": list(draft.opened),
    }  # fmt: skip
    write_atomic(draft_path(workspace), json.dumps(tree, indent=1).encode())


def read(workspace: Workspace) -> Draft | None:
    """The draft that was kept, or None when there is none that can be used."""
    try:
        tree = json.loads(draft_path(workspace).read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(tree, dict) or tree.get("format") != FORMAT:
        return None
    tables = repaired(tree.get("recipe"))
    if tables is None:
        return None
    texts, opened = tree.get("texts"), tree.get("open")
    return Draft(
        preset=str(tree.get("preset", "")),
        tables=tables,
        texts={str(path): str(text) for path, text in texts.items()} if isinstance(texts, dict) else {},
        opened=tuple(str(each) for each in opened) if isinstance(opened, list) else (),
    )


def begun(shelf: Shelf, kept: Draft | None) -> Edits:
    """The form as it was left, else the default preset."""
    preset = (shelf.get(kept.preset) if kept else None) or shelf.default()
    saved = Saved(preset.name, preset.recipe)
    return Edits(saved, kept.tables, dict(kept.texts)) if kept else Edits(saved)
