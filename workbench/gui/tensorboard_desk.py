"""Opens runs in TensorBoard: starts it, waits until it answers, sends the browser there, and ends it with the window.

The window waits for nothing: what TensorBoard says is looked at by a timer, and its files are written by its own process.
One that dies later is told of in the status bar: no question pops up over other work.
The same runs asked for again are shown by the one that is there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from workbench.errors import EngineError
from workbench.gui import announce, dialogs, file_manager, words
from workbench.gui.session import Session

if TYPE_CHECKING:
    from workbench.gui.window import Window
    from workbench.launch.board import Board
    from workbench.paths import Workspace

#: How often one that starts is looked at, and how often those that are there.
LOOK_MS, WATCH_MS = 100, 1000
#: Starts TensorBoard with runs by their ids. Raises EngineError.
Starter = Callable[["Workspace", Sequence[str]], "Board"]


def start_board(workspace: Workspace, runs: Sequence[str]) -> Board:
    """Start the real one."""
    from workbench.launch.board import Board  # noqa: PLC0415 - not before the first paint

    return Board.start(workspace, runs)


class TensorBoardDesk(QObject):
    """The TensorBoards of one window."""

    def __init__(self, window: Window, session: Session) -> None:
        super().__init__(window)
        self._window, self._session = window, session
        self.start: Starter = start_board
        #: those that were started, by the runs they show
        self._boards: dict[frozenset[str], Board] = {}
        #: what each of these shows, in words
        self._names: dict[frozenset[str], str] = {}
        #: of these, those whose address is awaited
        self._awaited: set[frozenset[str]] = set()
        self._clock = QTimer(self, interval=LOOK_MS)
        self._clock.setObjectName("tensorboardClock")
        self._clock.timeout.connect(self._look)
        window.table.tensorboard_asked.connect(self.open_runs)

    def by_command(self) -> dict[str, Callable[..., object]]:
        """What each row of the table of commands does."""
        return {"open_tensorboard": self.open}

    def close(self) -> None:
        """End all of them."""
        self._clock.stop()
        for board in self._boards.values():
            board.leave()  # all at once, then see each out
        for board in self._boards.values():
            board.close()
        self._boards.clear()
        self._names.clear()
        self._awaited.clear()

    def open(self) -> None:
        """Show the selected runs, or the one in focus."""
        selected = [row.run.id for row in self._window.table.view.selected()]
        focus = self._session.focus
        if focus is not None:
            self.open_runs(selected if focus in selected else [focus])

    def open_runs(self, runs: Sequence[str]) -> None:
        """Show these runs; at once if a TensorBoard has them."""
        key = frozenset(runs)
        board = self._boards.get(key)
        if board is not None and board.ended:
            self._part(key)  # another takes its place: nothing to tell
        elif board is not None:
            if board.address:
                file_manager.open_address(board.address)
            return
        found = [run for run in map(self._session.run, runs) if run is not None]
        if not found:
            return
        try:
            self._boards[key] = self.start(self._session.workspace, [run.id for run in found])
        except EngineError as error:
            self._tell(str(error))
            return
        name = found[0].name if len(found) == 1 else f"{words.count(len(found))} runs"
        self._names[key] = name
        self._awaited.add(key)
        self._window.status.say(f"TensorBoard starts with {name}.", "compare", "text2")
        self._clock.start(LOOK_MS)

    def _look(self) -> None:
        for key, board in list(self._boards.items()):
            name, awaited = self._names[key], key in self._awaited
            if board.ended:
                self._part(key)
                if awaited:
                    self._tell(board.problem)
                else:
                    self._say(f"TensorBoard with {name} is gone. {board.problem}", "error", "err")
            elif awaited and board.address:
                self._awaited.remove(key)
                file_manager.open_address(board.address)
                self._say(f"TensorBoard shows {name} at {board.address} until the window closes.")
        if not self._boards:
            self._clock.stop()
        elif not self._awaited:
            self._clock.setInterval(WATCH_MS)

    def _part(self, key: frozenset[str]) -> None:
        """See one out that has ended: its pipes stay open until then."""
        self._boards.pop(key).close()
        del self._names[key]
        self._awaited.discard(key)

    def _say(self, sentence: str, *look: str) -> None:
        self._window.status.say(sentence, *look)
        announce.say(self._window, sentence)

    def _tell(self, problem: str) -> None:
        dialogs.tell(self._window, "TensorBoard cannot be opened", problem)
