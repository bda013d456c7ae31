"""Reads the X-rays that runs have kept at their epochs' ends, with their networks, in a thread of its own.

Only the newest wish is answered: who scrubs through epochs waits for none that lies behind.
"""

from __future__ import annotations

import queue
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QThread, Signal

from workbench.errors import WorkbenchError, WorkspaceError
from workbench.events import DataReady, Warned
from workbench.journal import Journal, Run
from workbench.journal.of_kind import newest, of_kind
from workbench.paths import Workspace

if TYPE_CHECKING:
    from workbench.gui.model.rows import Told
    from workbench.probing.xray import XRay

#: So many X-rays are remembered: a person scrubs to and fro.
_REMEMBERED = 64


@dataclass(frozen=True)
class Wish:
    """Which X-ray is wanted: of an epoch, or of the newest."""

    run: Run
    epoch: int | None = None


@dataclass(frozen=True)
class Found:
    """What there is of a run."""

    wish: Wish
    #: the run's network; None where it cannot be known yet
    told: Told | None = None
    #: the epochs that have an X-ray, ascending
    epochs: tuple[int, ...] = ()
    #: the one that is shown: what was wished, or the one before it if that is no more
    epoch: int = 0
    now: XRay | None = None
    first: XRay | None = None
    #: what the engine said where it could take none
    warned: str = ""


class SignalReader(QThread):
    """See the module."""

    #: A wish was looked at (a Found).
    found = Signal(object)
    #: A run's X-rays or its recipe cannot be read (the Wish, a sentence).
    failed = Signal(object, str)

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("signalReader")
        self._workspace = workspace
        self._wishes: queue.SimpleQueue[Wish | None] = queue.SimpleQueue()
        #: of a run that was looked at last, and X-rays by their rows in the journal, which never change
        self._told: tuple[str, Told] | None = None
        self._read: dict[int, XRay] = {}

    def look(self, wish: Wish) -> None:
        self._wishes.put(wish)
        if not self.isRunning():
            self.start(QThread.Priority.LowPriority)

    def stop(self) -> None:
        """End the thread and wait for it."""
        self._wishes.put(None)
        self.wait()

    def run(self) -> None:
        try:
            with Journal(self._workspace) as journal:
                while wish := self._newest():
                    try:
                        self.found.emit(self._look(journal, wish))
                    except WorkbenchError as error:
                        self.failed.emit(wish, str(error))
        except WorkbenchError as error:
            while wish := self._newest():
                self.failed.emit(wish, str(error))

    def _newest(self) -> Wish | None:
        """The last of all wishes that wait; None when the thread is to end."""
        wish = self._wishes.get()
        while wish is not None and not self._wishes.empty():
            wish = self._wishes.get()
        return wish

    def _look(self, journal: Journal, wish: Wish) -> Found:
        from workbench.journal import watched  # noqa: PLC0415 - NumPy: not before the first paint
        from workbench.journal.rows import WatchedKind  # noqa: PLC0415 - as above

        run = wish.run
        places = watched.places(journal, run.id, WatchedKind.SIGNAL)
        told, epochs = self._network(journal, run), tuple(places)
        if not places:
            return Found(wish, told, warned=_warned(journal, run))
        wanted = epochs[-1] if wish.epoch is None else wish.epoch
        epoch = max((each for each in epochs if each <= wanted), default=epochs[0])
        now, first = (self._xray(journal, places[each]) for each in (epoch, epochs[0]))
        for each in (now, first):
            _check_layers(each, told, run.name)
        return Found(wish, told, epochs, epoch, now, first)

    def _xray(self, journal: Journal, row: int) -> XRay:
        from workbench.journal import watched  # noqa: PLC0415 - NumPy: not before the first paint

        if row not in self._read:
            if len(self._read) >= _REMEMBERED:
                self._read.pop(next(iter(self._read)))
            self._read[row] = _xray_of(watched.signal_of(watched.body(journal, row)))
        return self._read[row]

    def _network(self, journal: Journal, run: Run) -> Told | None:
        """The network that the run trains, for the pictures that it has read."""
        # What will show it is imported here too, and not in the window's thread.
        from workbench.data.describing import seen  # noqa: PLC0415 - as the comment says
        from workbench.gui.model.rows import Told  # noqa: PLC0415 - as above
        from workbench.network.plan import plan, title  # noqa: PLC0415 - as above

        if self._told is not None and self._told[0] == run.id:
            return self._told[1]
        ready = newest(journal, run.id, DataReady)
        if ready is None:
            return None
        recipe = run.recipe
        planned = plan(recipe, seen(recipe.data, ready.shape), len(ready.classes))
        self._told = run.id, Told.of(title(recipe), planned, recipe, ready.training)
        return self._told[1]


def _xray_of(tree: dict[str, Any]) -> XRay:
    from workbench.probing.xray import XRay  # noqa: PLC0415 - once it is asked for

    try:
        found = XRay.from_tree(tree)
    except (KeyError, TypeError, ValueError) as error:
        raise WorkspaceError(
            "This X-ray cannot be read any more; the run's curves and weights are not touched."
        ) from error
    if not found.schemes:
        raise WorkspaceError("This X-ray is empty; the run's curves and weights are not touched.")
    return found


def _check_layers(xray: XRay, told: Told | None, name: str) -> None:
    """Values stand beside the layers that they were measured at, or nowhere."""
    layers = [layer.name for layer in told.plan.layers] if told is not None else []
    if [row.layer for row in xray.schemes[0].rows] != layers:
        raise WorkspaceError(
            f"The X-rays of {name} are of other layers than its recipe has with this version, so they cannot be drawn beside them."
        )


def _warned(journal: Journal, run: Run) -> str:
    """Why the engine takes no X-ray of a run, if it has said so."""
    said = reversed(of_kind(journal, run.id, Warned))
    return next((each.message for _, each in said if "X-ray" in each.message), "")
