"""Has done what is asked of the queue, by button or in its dialog."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from workbench.errors import WorkbenchError
from workbench.events import Command
from workbench.gui.session import Session
from workbench.journal.queue import in_line, move, needs_keeper, pause_queue, set_at_once

if TYPE_CHECKING:
    from workbench.gui.queue_dialog import QueueDialog
    from workbench.gui.window import Window


class QueueDesk(QObject):
    """The queue's side of one window."""

    def __init__(self, window: Window, session: Session) -> None:
        super().__init__(window)
        self._window = window
        self._session = session
        self._dialog: QueueDialog | None = None

    def by_command(self) -> dict[str, Callable[..., object]]:
        """What each row of the table of commands does."""
        return {"queue": self.open, "pause_queue": self.pause}

    def open(self) -> None:
        """Show the queue in a dialog that follows the journal while it is open."""
        from workbench.gui.queue_dialog import QueueDialog  # noqa: PLC0415 - once it is asked for

        dialog = self._dialog = QueueDialog(self._window.theme, self._window)
        dialog.move_asked.connect(self._move)
        dialog.remove_asked.connect(self._remove)
        dialog.pause_asked.connect(self.pause)
        dialog.at_once_asked.connect(self._set_at_once)
        dialog.finished.connect(self._closed)
        self.show()
        dialog.open()

    def _closed(self) -> None:
        self._dialog = None

    def show(self) -> None:
        """Bring what is shown of the queue up to date."""
        line = in_line(self._session.unended)
        self._window.toolbar.show_queue(len(line), paused=self._session.queue.paused)
        self._window.commands["pause_queue"].setChecked(self._session.queue.paused)
        if self._dialog is not None:
            at_work = len(self._session.unended) - len(line)
            self._dialog.show_queue(line, at_work, self._session.queue)

    def pause(self, paused: bool) -> None:  # noqa: FBT001 - as Qt's signals give it
        self._do(lambda: pause_queue(self._session.journal, paused=paused))

    def _move(self, run: str, to: int) -> None:
        self._do(lambda: move(self._session.journal, run, to))

    def _remove(self, run: str) -> None:
        self._do(lambda: self._session.journal.ask(run, Command.DISCARD))

    def _set_at_once(self, count: int) -> None:
        self._do(lambda: set_at_once(self._session.journal, count))

    def _do(self, deed: Callable[[], object]) -> None:
        from workbench.launch.start import ensure_keeper  # noqa: PLC0415 - not before the first paint

        session = self._session
        try:
            deed()
            if needs_keeper(session.journal):
                ensure_keeper(session.workspace)
        except WorkbenchError as error:
            session.failed.emit(str(error))
        session.look()
