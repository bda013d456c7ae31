"""Keeps one warm engine behind the window and hands it to the next run it fits.

It is started after the first paint, and again when a run has ended or has settled; it ends when the window goes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from workbench.errors import EngineError
from workbench.paths import Workspace
from workbench.spec import Recipe

if TYPE_CHECKING:
    from workbench.launch.warm import WarmEngine

#: After the window has something to show, a moment of quiet before an engine begins to import.
DELAY_MS = 400


class WarmSeat(QObject):
    """A place for one warm engine."""

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._engine: WarmEngine | None = None
        self._given: list[WarmEngine] = []
        self._backend = "tensorflow"
        self._timer = QTimer(self, singleShot=True, interval=DELAY_MS)
        self._timer.setObjectName("warmClock")
        self._timer.timeout.connect(self._start)

    def start_soon(self, backend: str = "tensorflow") -> None:
        """Start an engine in a moment, unless one is there."""
        self._bury()
        if self._engine is not None and not self._engine.alive:
            self._engine.close()
            self._engine = None
        if self._engine is None and not self._timer.isActive():
            self._backend = backend
            self._timer.start()

    def _bury(self) -> None:
        """See out those whose runs have ended: on POSIX they stay zombies until somebody looks."""
        for engine in [each for each in self._given if not each.alive]:
            engine.close()
            self._given.remove(engine)

    def take_for(self, recipe: Recipe) -> WarmEngine | None:
        """The engine, if it is ready and can become a run of this recipe; it is the caller's from then on."""
        engine = self._engine
        if engine is None or not engine.ready or not engine.alive or not self._fits(recipe):
            return None
        self._engine = None
        self._given.append(engine)
        return engine

    def give_back(self, engine: WarmEngine) -> None:
        """Have an engine again that was taken for a run that could not be made."""
        self._given.remove(engine)
        self._engine = engine

    def _fits(self, recipe: Recipe) -> bool:
        # Threads, precision and determinism are set once in a process, before its first arithmetic.
        training = recipe.training
        usual = training.threads is None and not training.deterministic and training.precision == "float32"
        return usual and training.backend == self._backend

    def _start(self) -> None:
        from workbench.launch.warm import WarmEngine  # noqa: PLC0415 - not before the first paint

        try:
            self._engine = WarmEngine.start(self._workspace, self._backend)
        except EngineError:
            self._engine = None  # a convenience only: runs start without it, and say why if they cannot

    def close(self) -> None:
        """End the idle engine; one that has become a run goes on."""
        self._timer.stop()
        for engine in (*self._given, self._engine):
            if engine is not None:
                engine.close()
        self._given.clear()
        self._engine = None
