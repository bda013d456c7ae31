"""Starts engines and the keeper as processes of their own, by name. It does not watch them: `keeper` does.

Every process gets a session of its own, so that a closed window or a terminal's Ctrl-C does not reach it
and the whole group can be killed at once. Nothing is forked, and no pipe is left that nobody reads.
"""

from __future__ import annotations

import json
import os
import subprocess
import threading
from pathlib import Path
from typing import Any

from workbench import interpreter
from workbench.errors import EngineError
from workbench.journal.alive import RUN_VARIABLE, held
from workbench.journal.store import log_path
from workbench.paths import Workspace

ENGINE_VARIABLE = "WORKBENCH_ENGINE"
ENGINE = "workbench.engine"
KEEPER = "workbench.launch"
EXPORT = "workbench.export"
LAB_EXPORT = "workbench.export.lab"

#: Every thread that follows a run may start a keeper, and so may the window.
_adopting = threading.Lock()
_adopted: list[subprocess.Popen[bytes]] = []


def engine_command(workspace: Workspace, *arguments: str) -> list[str]:
    """The command of an engine; $WORKBENCH_ENGINE names another module in its place."""
    return python_command(os.environ.get(ENGINE_VARIABLE, ENGINE), workspace, *arguments)


def python_command(module: str, workspace: Workspace, *arguments: str) -> list[str]:
    """The command of a process of ours, by the name of its module."""
    return interpreter.command(module, "--home", str(workspace.home), *arguments)


def export_command(workspace: Workspace, *arguments: str) -> list[str]:
    """The command of a process that writes a run into a file (export/__main__.py)."""
    return python_command(EXPORT, workspace, *arguments)


def lab_export_command(workspace: Workspace, *arguments: str) -> list[str]:
    """The command of a process that draws the descent lab into a file (export/lab/__main__.py)."""
    return python_command(LAB_EXPORT, workspace, *arguments)


def environment(backend: str = "", run: str = "") -> dict[str, str]:
    """The environment of a process of ours."""
    variables = {**interpreter.environment(), "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"}
    if backend:
        variables["KERAS_BACKEND"] = backend
    if run:
        variables[RUN_VARIABLE] = run
    return variables


def spawn(command: list[str], output: Path, variables: dict[str, str]) -> subprocess.Popen[bytes]:
    """Start a process that reads nothing and writes to a file. Raises EngineError."""
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        with output.open("ab") as log:
            return subprocess.Popen(  # noqa: S603 - our own interpreter and module
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=variables,
                start_new_session=True,
            )
    except OSError as error:
        raise EngineError(f"{command[0]} could not be started: {error.strerror or error}.") from error


def spoken_to(workspace: Workspace, what: str, log: Path, backend: str, *arguments: str) -> subprocess.Popen[bytes]:
    """Start an engine that is spoken to in lines, over its stdin and stdout; what else it says goes to a file that begins anew.

    Raises EngineError that says that `what` ("A probe") could not be started.
    """
    return talk(engine_command(workspace, *arguments, "--backend", backend), what, log, environment(backend))


def talk(command: list[str], what: str, log: Path, variables: dict[str, str]) -> subprocess.Popen[bytes]:
    """Start a process with pipes to its stdin and stdout, which somebody must read. Raises EngineError, as `spoken_to`."""
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as file:
            return subprocess.Popen(  # noqa: S603 - our own interpreter and module
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=file,
                env=variables,
                start_new_session=True,
            )
    except OSError as error:
        raise EngineError(f"{what} could not be started: {error.strerror or error}.") from error


def start_engine(workspace: Workspace, run_id: str, backend: str) -> subprocess.Popen[bytes]:
    """Start an engine for a queued run; its output goes to the run's log.txt. Raises EngineError."""
    command = engine_command(workspace, "--run", run_id)
    return spawn(command, log_path(workspace, run_id), environment(backend, run_id))


def ask(workspace: Workspace, question: dict[str, Any]) -> dict[str, Any]:
    """An engine's answer to a question (engine/questions.py), from a process that lives no longer than that.

    Raises EngineError with the engine's sentence when it has no answer.
    """
    done = subprocess.run(  # noqa: S603 - our own interpreter and module
        engine_command(workspace, "--answer"), input=json.dumps(question), capture_output=True, text=True,
        env=environment(), check=False,
    )  # fmt: skip
    lines = done.stdout.splitlines()
    if done.returncode or not lines:
        said = done.stderr.strip().splitlines()
        raise EngineError(f"The engine gave no answer. Its last words: {said[-1] if said else 'none'}")
    reply: dict[str, Any] = json.loads(lines[-1])
    if "problem" in reply:
        raise EngineError(str(reply["problem"]))
    answer: dict[str, Any] = reply["answer"]
    return answer


def keeper_lock(workspace: Workspace) -> Path:
    return workspace.home / "keeper.lock"


def keeper_log(workspace: Workspace) -> Path:
    return workspace.home / "keeper.log"


def ensure_keeper(workspace: Workspace) -> None:
    """Start the workspace's keeper unless it lives. Call it after the run is in the journal. Raises EngineError."""
    reap()
    if not held(keeper_lock(workspace)):
        adopt(spawn(python_command(KEEPER, workspace), keeper_log(workspace), environment()))


def keeper_comes(workspace: Workspace) -> bool:
    """Whether a keeper that was started from here is still on its way to the lock: on a busy machine that takes long."""
    reap()
    command = python_command(KEEPER, workspace)
    return not held(keeper_lock(workspace)) and any(process.args == command for process in _adopted)


def adopt(process: subprocess.Popen[bytes]) -> None:
    """Hold on to a child that outlives its use here until it has ended."""
    reap()
    with _adopting:
        _adopted.append(process)


def reap() -> None:
    """Bury the children that have ended; on POSIX they stay zombies until then."""
    with _adopting:
        _adopted[:] = [process for process in _adopted if process.poll() is None]
