"""The engine's process: `python -m workbench.engine --home DIR (--run ID | --warm | --answer | --probe | --lab)`.

`--run` trains one queued run and ends: 0 it ended well, 3 it failed. `--warm` waits with Keras imported
until a run is handed over. `--answer` answers one question from standard input. `--probe` does a short task that is
no run. `--lab` races the methods of the descent lab. Keras is imported only after the backend is known: it reads KERAS_BACKEND once.
"""

from __future__ import annotations

import argparse
import contextlib
import faulthandler
import json
import os
import signal
import sys
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, NoReturn

from workbench.errors import EngineError, WorkbenchError
from workbench.events import Ending
from workbench.journal import Journal, alive
from workbench.journal.store import log_path
from workbench.paths import Workspace, find_workspace
from workbench.spec.recipe import Recipe

if TYPE_CHECKING:
    from workbench.engine.checkpoint import Checkpoint

OK, FAILED = 0, 3


def main() -> int:
    """Do what the arguments say; returns the exit code."""
    arguments = _arguments()
    workspace = find_workspace(arguments.home)
    if arguments.answer:
        return _answer(workspace)
    if arguments.probe:
        _choose_backend(arguments.backend)
        from workbench.engine import throwaway  # noqa: PLC0415 - NumPy and more, only for a probe

        return OK if throwaway.serve(workspace) else FAILED
    if arguments.lab:
        _choose_backend("tensorflow")
        # It is for two numbers, and leaves every GPU to the runs.
        os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
        from workbench.engine.lab import serve  # noqa: PLC0415 - imports Keras

        serve.serve()
        return OK
    offer = None
    if arguments.warm:
        _choose_backend(arguments.backend)
        from workbench.engine import warm  # noqa: PLC0415 - imports Keras

        offer = warm.wait(workspace, arguments.backend)
        if offer is None:
            return OK
    run = offer.run if offer else arguments.run
    taken = _take(workspace, run, warm=offer is not None)
    if offer:
        offer.reply(taken=taken is not None)
    if taken is None:
        return OK
    lock, taken_run = taken
    # What a warm engine starts from now on is known by it, should the engine die; a cold one was started with it.
    os.environ[alive.RUN_VARIABLE] = run
    if offer:
        _log_to(workspace, run)
    try:
        return _train(workspace, taken_run)
    finally:
        lock.close()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m workbench.engine", description="Trains one run.")
    parser.add_argument("--home", required=True)
    parser.add_argument("--backend", default="tensorflow")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--run", metavar="ID")
    what.add_argument("--warm", action="store_true")
    what.add_argument("--answer", action="store_true")
    what.add_argument("--probe", action="store_true")
    what.add_argument("--lab", action="store_true")
    return parser.parse_args()


def _choose_backend(backend: str) -> None:
    os.environ["KERAS_BACKEND"] = backend
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")


@dataclass(frozen=True)
class _Taken:
    """A run that is this process's now, and from where it goes on."""

    id: str
    attempt: int
    recipe: Recipe
    start: Checkpoint | None
    #: open, so that nothing can go wrong any more before there is somebody who writes the ending
    journal: Journal


def _take(workspace: Workspace, run: str, *, warm: bool) -> tuple[IO[bytes], _Taken] | None:
    """Take a queued run: hold its lock, begin the attempt; None if another has it or this engine does not fit it."""
    lock = alive.hold(workspace.run_folder(run) / "alive")
    if lock is None:
        return None
    with contextlib.ExitStack() as unless_taken:
        unless_taken.callback(lock.close)
        journal = unless_taken.enter_context(Journal(workspace))
        recipe = journal.run(run).recipe
        start = _start_of(workspace, run)
        epoch, step = (start.manifest.epoch, start.manifest.step) if start else (0, 0)
        fits = not warm or _fits(recipe)
        attempt = journal.begin_attempt(run, epoch, step, reserved=warm) if fits else None
        if attempt is None:
            return None
        unless_taken.pop_all()
        # Until now it could be stopped, and asked to train longer.
        recipe = journal.run(run).recipe
    return lock, _Taken(run, attempt, recipe, start, journal)


def _start_of(workspace: Workspace, run: str) -> Checkpoint | None:
    if not (workspace.run_folder(run) / "checkpoints").is_dir():
        return None
    from workbench.engine import checkpoint  # noqa: PLC0415 - NumPy and more, only for a run that is taken up again

    return next(checkpoint.good(workspace.run_folder(run) / "checkpoints"), None)


def _fits(recipe: Recipe) -> bool:
    from workbench.engine import backends  # noqa: PLC0415 - a warm engine has it already

    return os.environ["KERAS_BACKEND"] == recipe.training.backend and backends.fits(recipe.training)


def _log_to(workspace: Workspace, run: str) -> None:
    # On a full disk it goes on writing where it wrote: what ends the run is told by its card.
    with contextlib.suppress(OSError), log_path(workspace, run).open("ab") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)


def _train(workspace: Workspace, taken: _Taken) -> int:
    recipe = taken.recipe
    faulthandler.enable()
    if hasattr(faulthandler, "register"):  # Windows has no such signals
        # Whoever sees this engine hang can have it write down where each of its threads is.
        faulthandler.register(signal.SIGUSR1, all_threads=True)
    if "keras" not in sys.modules:
        _choose_backend(recipe.training.backend)
    from workbench.engine import backends, failures  # noqa: PLC0415 - NumPy and more, only for a run
    from workbench.engine.recorder import Recorder  # noqa: PLC0415 - as above

    recorder = Recorder(workspace, taken.id, taken.attempt, taken.journal)
    # Who logs out or switches off loses no step: systems ask like this, and wait a while before they kill.
    signal.signal(signal.SIGTERM, lambda *_: setattr(recorder, "leaving", True))
    try:
        backends.require(recipe.training.backend)
        from workbench.engine import train  # noqa: PLC0415 - imports Keras, which is safe only now

        return FAILED if train.run(workspace, recorder, recipe, taken.start) is Ending.FAILED else OK
    except EngineError as error:
        failures.end(recorder, error)
        return FAILED
    finally:
        recorder.close()


def _answer(workspace: Workspace) -> int:
    _choose_backend("tensorflow")
    from workbench.engine import questions  # noqa: PLC0415 - imports Keras

    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    out.write(json.dumps(questions.answer(workspace, json.loads(sys.stdin.read()))) + "\n")
    out.flush()
    return OK


def end() -> NoReturn:
    """Run `main` and leave."""
    try:
        code = main()
    except WorkbenchError as error:
        sys.stderr.write(f"{error}\n")
        code = FAILED
    sys.stdout.flush()
    sys.stderr.flush()
    # Everything is written and closed. Tearing down TensorFlow's threads in good order can take seconds, with the
    # device's memory still held.
    os._exit(code)
