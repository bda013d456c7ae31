"""Has a run written into a file by a process of its own: drawing holds up every thread of the process that does it.

Measured on two cores: a window whose thread wrote a report stood still for up to 0.47 s.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from workbench.errors import EngineError, ExportError
from workbench.journal import Run
from workbench.launch.start import environment, export_command
from workbench.paths import Workspace

#: The exit code of a process that has said why (export/__main__.py).
SAID = 2


def write(workspace: Workspace, run: Run, kind: str, to: Path) -> None:
    """Write a run as a report, script or notebook; returns when it is there. Raises ExportError or EngineError with a sentence."""
    command = export_command(workspace, "--run", run.id, "--as", kind, "--to", str(to))
    try:
        done = subprocess.run(  # noqa: S603 - our own module, by our own interpreter
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, encoding="utf-8", errors="replace",
            env=environment(), start_new_session=True, check=False,
        )  # fmt: skip
    except OSError as error:
        raise EngineError(f"{run.name} was not written: {error.strerror or error}.") from error
    if done.returncode == SAID:
        raise ExportError(done.stderr.strip())
    if done.returncode:
        words = done.stderr.strip().splitlines()
        raise EngineError(f"{run.name} was not written. Last words of the process: {words[-1] if words else 'none'}")
