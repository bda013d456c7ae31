"""Has a run written as a report, a script or a notebook: asks where, has it done elsewhere, and says where it is."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QFileDialog

from workbench.errors import ExportError, WorkbenchError
from workbench.export import whole
from workbench.gui import announce
from workbench.gui.errand import Errands
from workbench.gui.session import Session
from workbench.journal import Run

if TYPE_CHECKING:
    from workbench.gui.window import Window


class RunExportDesk(QObject):
    """The reports, scripts and notebooks of one window."""

    def __init__(self, window: Window, session: Session) -> None:
        super().__init__(window)
        self._window, self._session = window, session
        self._errands = Errands(self)
        self._left = threading.Event()

    def by_command(self) -> dict[str, Callable[..., object]]:
        """What each row of the table of commands does."""
        return {
            "export_report": self.export_report, "export_script": self.export_script, "export_notebook": self.export_notebook,
        }  # fmt: skip

    def close(self) -> None:
        """What is being written is written all the same, without the window."""
        self._left.set()
        self._errands.close()

    def export_report(self) -> None:
        self.export_of("report", self._session.focus or "")

    def export_script(self) -> None:
        self.export_of("script", self._session.focus or "")

    def export_notebook(self) -> None:
        self.export_of("notebook", self._session.focus or "")

    def export_of(self, name: str, key: str) -> None:
        """Ask for the file; what was chosen is written there."""
        from workbench.gui.curves.export_dialog import file_name  # noqa: PLC0415 - not before the first paint

        kind, run = whole.named(name), self._session.run(key)
        if run is None:
            return
        asking = QFileDialog(self._window, f"Export {kind.name}", "", f"{kind.title} (*.{kind.ending})")
        asking.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        asking.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        asking.setDefaultSuffix(kind.ending)  # so that overwriting is asked about under the name that is written
        asking.selectFile(f"{file_name(run.name)}.{kind.ending}")
        asking.fileSelected.connect(lambda path: self.write(kind.name, key, Path(path)))
        asking.open()

    def write(self, name: str, key: str, path: Path) -> None:
        """Have it written there."""
        run = self._session.run(key)
        if run is None:
            return
        try:
            to = whole.with_ending(name, whole.named(name).ending, path)
        except ExportError as error:
            self._tell_failed(error)
            return
        self._window.status.say(f"Writing {to}…", "preparing", "info")
        self._errands.send(partial(self._written, run, name, to), self._tell, self._tell_failed)

    def _written(self, run: Run, kind: str, to: Path) -> str:
        """Have it written and wait for it, in another thread than the window's; a sentence that says where it is."""
        from workbench.launch import written  # noqa: PLC0415 - not before the first paint

        written.write(self._session.workspace, run, kind, to, self._left)
        return f"Wrote {run.name} as a {kind} to {to}."

    def _tell(self, sentence: object) -> None:
        self._window.status.say(str(sentence))
        announce.say(self._window, str(sentence))

    def _tell_failed(self, error: WorkbenchError) -> None:
        self._window.status.say(str(error), "error", "err")
        announce.say(self._window, str(error))
