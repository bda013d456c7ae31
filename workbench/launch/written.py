"""Has a run, or the descent lab, written into a file by a process of its own: drawing holds up every thread of the process that does it.

Measured on two cores: a window whose thread wrote a report stood still for up to 0.47 s.
"""

from __future__ import annotations

import subprocess
import threading
from pathlib import Path

from workbench.errors import EngineError, ExportError
from workbench.journal import Run
from workbench.launch.start import adopt, environment, export_command, lab_export_command
from workbench.paths import Workspace

#: The exit code of a process that has said why (export/__main__.py).
SAID = 2
#: How soon it is noticed that nobody waits any more, in seconds.
_LOOK = 0.1


def write(workspace: Workspace, run: Run, kind: str, to: Path, left: threading.Event) -> bool:
    """Write a run as a report, script or notebook; true once it is there.

    Whoever does not want to wait for that sets `left`: the process goes on by itself, and nothing more is said of it.
    Raises ExportError or EngineError with a sentence.
    """
    return _done(export_command(workspace, "--run", run.id, "--as", kind, "--to", str(to)), run.name, left)


def draw_lab(workspace: Workspace, drawing: Path, to: Path) -> None:
    """Draw what lies in a folder (export/lab/drawing.py) into a file; waits for it. Raises ExportError or EngineError with a sentence."""
    command = lab_export_command(workspace, "--drawing", str(drawing), "--to", str(to))
    _done(command, "The descent lab", threading.Event())


def _done(command: list[str], name: str, left: threading.Event) -> bool:
    """Whether the process has done it; false when somebody has left before that."""
    try:
        process = subprocess.Popen(  # noqa: S603 - our own module, by our own interpreter
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment(),
            start_new_session=True,
        )  # fmt: skip
    except OSError as error:
        raise EngineError(f"{name} was not written: {error.strerror or error}.") from error
    while True:
        try:
            _, said = process.communicate(timeout=_LOOK)
        except subprocess.TimeoutExpired:
            if left.is_set():
                assert process.stderr is not None
                process.stderr.close()
                adopt(process)
                return False
        else:
            break
    words = said.decode(errors="replace").strip()
    if process.returncode == SAID:
        raise ExportError(words)
    if process.returncode:
        last = words.splitlines()[-1] if words else "none"
        raise EngineError(f"{name} was not written. Last words of the process: {last}")
    return True
