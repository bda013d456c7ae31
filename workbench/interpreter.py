"""How a process of ours is begun: a module by its name, in our own interpreter, whatever lies in the current folder.

Imports next to nothing: the window needs it before anything is painted. Starts nothing itself.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path


def command(module: str, *arguments: str) -> list[str]:
    """The command that runs a module of ours."""
    # -P: a file keras.py or struct.py in the folder where somebody happens to be must not be taken for the real one.
    return [sys.executable, "-P", "-m", module, *arguments]


def environment() -> dict[str, str]:
    """The environment of this process, in which our package is found from every folder."""
    variables = dict(os.environ)
    root = Path(__file__).parent.parent
    if root.name not in {"site-packages", "dist-packages"}:
        # In a checkout the package may be importable only because of where Python was started.
        variables["PYTHONPATH"] = os.pathsep.join(filter(None, (str(root), os.environ.get("PYTHONPATH"))))
    return variables
