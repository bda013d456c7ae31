"""Opens runs in TensorBoard: starts it, waits until it answers, sends the browser there, and ends it with the window.

The window waits for nothing: what TensorBoard says is looked at by a timer, and its files are written by its own process.
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

LOOK_MS = 100
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
        #: of these, those whose address is awaited, with what they show in words
        self._awaited: dict[frozenset[str], str] = {}
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
        if board is not None and not board.ended:
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
        self._awaited[key] = name
        self._window.status.say(f"TensorBoard starts with {name}.", "compare", "text2")
        self._clock.start()

    def _look(self) -> None:
        for key, name in list(self._awaited.items()):
            board = self._boards[key]
            if board.address:
                del self._awaited[key]
                file_manager.open_address(board.address)
                sentence = f"TensorBoard shows {name} at {board.address} until the window closes."
                self._window.status.say(sentence)
                announce.say(self._window, sentence)
            elif board.ended:
                del self._awaited[key], self._boards[key]
                board.close()
                self._tell(board.problem)
        if not self._awaited:
            self._clock.stop()

    def _tell(self, problem: str) -> None:
        dialogs.tell(self._window, "TensorBoard cannot be opened", problem)
