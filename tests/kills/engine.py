"""An engine that kills itself with SIGKILL at a chosen moment: `KILL_AT=<kind>:<number>` in the environment.

    python -m tests.kills.engine --home DIR --run ID

It is the real engine; only the function at whose so-many-th call it dies is wrapped. Nothing is cleaned up: no handler, no
`finally`, no flush runs after SIGKILL.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any

VARIABLE = "KILL_AT"


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Fuse:
    """Dies at one call of those that are wrapped: odd numbers before it, even ones after it."""

    def __init__(self, number: int) -> None:
        self._left = (number + 1) // 2
        self._before = number % 2 == 1

    def wrap(self, owner: Any, name: str, only: Callable[..., bool] = lambda *_, **__: True) -> None:
        inner = getattr(owner, name)

        def outer(*arguments: Any, **more: Any) -> Any:
            self._left -= only(*arguments, **more)
            now = self._left == 0
            if now and self._before:
                die()
            found = inner(*arguments, **more)
            if now:
                die()
            return found

        setattr(owner, name, outer)


def arm(kind: str, number: int) -> None:
    """Make this process mortal."""
    fuse = Fuse(number)
    match kind:
        case "preparation":
            from workbench.engine.recorder import Recorder

            fuse.wrap(Recorder, "progress", lambda recorder, *_, **__: not recorder._live.step)
        case "steps":
            from workbench.engine.feeding import Pace

            fuse.wrap(Pace, "took")
        case "validation":
            from workbench.engine.recorder import Recorder
            from workbench.events import Phase

            fuse.wrap(Recorder, "progress", lambda _, phase, *__, **___: phase is Phase.VALIDATING)
        case "checkpoint":
            import shutil
            from pathlib import Path

            fuse.wrap(os, "fsync")
            fuse.wrap(Path, "replace")
            fuse.wrap(shutil, "rmtree")
        case "journal":
            from workbench.journal import Journal

            fuse.wrap(Journal, "_insert")
        case "ending":
            from workbench.events import AttemptEnded
            from workbench.journal import Journal

            fuse.wrap(Journal, "describe_weights")
            fuse.wrap(Journal, "_insert", lambda _, __, ___, event: isinstance(event, AttemptEnded))
        case _:
            raise ValueError(kind)


def main() -> None:
    kind, _, number = os.environ.pop(VARIABLE, "").partition(":")
    from workbench.engine import process

    if kind:
        arm(kind, int(number))
    process.end()


if __name__ == "__main__":
    main()
