"""The recipe that a script or notebook bears, put in and read back.

In a script it is a marked block of comments at the end; in a notebook it is in the metadata. Reading looks for nothing else and
runs nothing.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from workbench.errors import ExportError, WorkspaceError
from workbench.paths import explain
from workbench.spec import presets
from workbench.spec.presets import LARGEST, Preset

BEGIN = "# --- recipe of Keras Workbench: which reads it back from here ---"
END = "# --- end of the recipe ---"
#: In a notebook's metadata.
KEY = "keras_workbench"
#: A notebook with its pictures, and a script, are smaller.
_LARGEST_FILE = 32 << 20


def block(toml: str) -> str:
    """The lines at the end of a script."""
    lines = [f"# {line}".rstrip() for line in toml.strip("\n").split("\n")]
    return "\n".join([BEGIN, *lines, END])


def metadata(toml: str) -> dict[str, Any]:
    """What a notebook's metadata holds."""
    return {KEY: {"recipe": toml}}


def read(path: Path) -> Preset:
    """The recipe in a script or notebook of ours. Raises ExportError when it bears none, RecipeError when that is wrong."""
    try:
        size = path.stat().st_size
        if size > _LARGEST_FILE:
            raise ExportError(f"{path.name} has {size:,} bytes; scripts and notebooks have at most {_LARGEST_FILE:,}.")
        text = path.read_bytes().decode("utf-8")
    except OSError as error:
        raise WorkspaceError(explain(error, path)) from error
    except UnicodeDecodeError:
        raise ExportError(f"{path.name} is no text in UTF-8, so it is no script or notebook.") from None
    toml = _of_notebook(text, path.name) if path.suffix.lower() == ".ipynb" else _of_script(text, path.name)
    if len(toml) > LARGEST:
        raise ExportError(f"The recipe in {path.name} has {len(toml):,} characters; at most {LARGEST:,} are allowed.")
    return presets.loads(toml, path.stem, path)


def _of_script(text: str, name: str) -> str:
    # Not splitlines, which also parts at signs that may stand within a path.
    lines = [line.rstrip("\r") for line in text.split("\n")]
    try:
        begin = len(lines) - 1 - lines[::-1].index(BEGIN)
        end = lines.index(END, begin)
    except ValueError:
        raise ExportError(
            f"{name} bears no recipe of Keras Workbench: its block of comments at the end is missing."
        ) from None
    return "\n".join(line.removeprefix("#").removeprefix(" ") for line in lines[begin + 1 : end])


def _of_notebook(text: str, name: str) -> str:
    try:
        tree = json.loads(text)
    except (ValueError, RecursionError):
        raise ExportError(f"{name} is no notebook: it cannot be read as JSON.") from None
    borne = tree.get("metadata", {}) if isinstance(tree, dict) else {}
    borne = borne.get(KEY, {}) if isinstance(borne, dict) else {}
    recipe = borne.get("recipe") if isinstance(borne, dict) else None
    if not isinstance(recipe, str):
        raise ExportError(f"{name} bears no recipe of Keras Workbench in its metadata.")
    return recipe
