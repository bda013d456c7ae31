"""The recipe in a script and in a notebook.

.py        a marked block of comments at the end
.ipynb     in the metadata: "keras_workbench": {"recipe": …}
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from workbench.spec.carried.block import LARGEST_ESCAPED, RECIPE, whole

BEGIN = "# --- recipe of Keras Workbench: which reads it back from here ---"
END = "# --- end of the recipe ---"
#: In a notebook's metadata.
KEY = "keras_workbench"
_KEY = re.compile(rf'"{KEY}"\s{{0,99}}:\s{{0,99}}(?={{)'.encode())


def block(toml: str) -> str:
    """The lines at the end of a script."""
    lines = [f"# {line}".rstrip() for line in toml.strip("\n").split("\n")]
    return "\n".join([BEGIN, *lines, END])


def metadata(toml: str) -> dict[str, Any]:
    """What a notebook's metadata holds."""
    return {KEY: {"recipe": toml}}


def from_script(path: Path) -> dict[str, str]:
    content = whole(path)
    begin = content.rfind(BEGIN.encode())
    if begin < 0:
        return {}
    # Not splitlines, which also parts at signs that may stand within a path.
    lines = content[begin : begin + LARGEST_ESCAPED].decode(errors="replace").split("\n")
    lines = [line.rstrip("\r") for line in lines]
    if END not in lines:
        return {}
    return {RECIPE: "\n".join(line.removeprefix("#").removeprefix(" ") for line in lines[1 : lines.index(END)])}


def from_notebook(path: Path) -> dict[str, str]:
    """Reads the one value and no other: within a cell's text the key would have its quotes escaped."""
    content = whole(path)
    found = _KEY.search(content)
    if found is None:
        return {}
    text = content[found.end() : found.end() + LARGEST_ESCAPED].decode(errors="replace")
    borne, _ = json.JSONDecoder().raw_decode(text)
    recipe = borne.get("recipe")
    return {RECIPE: recipe} if isinstance(recipe, str) else {}
