"""Takes pictures from outside into a part of the window: dropped on it, or pasted while it is in view.

Knows what a drop or the clipboard holds; not what is done with it. What it does not take goes on to whoever else takes drops.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QObject, Signal
from PySide6.QtGui import QDropEvent, QGuiApplication, QImage, QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from workbench.gui.job_desk import can_import

#: Of a PNG, which is made quickly and large.
_FAST = 100


class Taker(QObject):
    """See the module."""

    #: These were dropped or pasted (paths of files and folders).
    taken = Signal(object)
    #: There was nothing to paste.
    nothing_pasted = Signal()

    def __init__(self, part: QWidget, possible: Callable[[], bool]) -> None:
        """`possible` says whether anything is taken at the moment."""
        super().__init__(part)
        self._possible = possible
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._pasted = 0
        part.setAcceptDrops(True)
        part.installEventFilter(self)
        key = QShortcut(QKeySequence(QKeySequence.StandardKey.Paste), part)
        key.activated.connect(self.paste)

    def close(self) -> None:
        """Take away the files of what was pasted."""
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def paste(self) -> None:
        """Take what was copied."""
        if self._possible():
            self._take(QGuiApplication.clipboard().mimeData())

    def _take(self, mime: QMimeData) -> None:
        paths = paths_in(mime)
        if not paths and mime.hasImage():
            paths = self._kept(QImage(mime.imageData()))
        if paths:
            self.taken.emit(paths)
        else:
            self.nothing_pasted.emit()

    def _kept(self, image: QImage) -> list[str]:
        """A picture without a file, in one."""
        if image.isNull():
            return []
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="workbench-pasted-", ignore_cleanup_errors=True)
        self._pasted += 1
        path = Path(self._folder.name) / f"Pasted picture {self._pasted}.png"
        return [str(path)] if image.save(str(path), quality=_FAST) else []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QDropEvent) and event.type() in {QEvent.Type.DragEnter, QEvent.Type.Drop}:
            mime = event.mimeData()
            if not self._possible() or not (paths_in(mime) or mime.hasImage()):
                return super().eventFilter(watched, event)
            event.acceptProposedAction()
            if event.type() is QEvent.Type.Drop:
                self._take(mime)
            return True
        return super().eventFilter(watched, event)


def paths_in(mime: QMimeData) -> list[str]:
    """The pictures and folders among the files that are dropped or copied; none where something else is among them."""
    from workbench.data.folder import ENDINGS  # noqa: PLC0415 - NumPy: not before the first paint

    paths = [url.toLocalFile() for url in mime.urls() if url.isLocalFile()]
    fits = all(
        # Runs that come in a folder are for the window.
        Path(each).suffix.lower() in ENDINGS or (Path(each).is_dir() and not can_import(Path(each)))
        for each in paths
    )
    return paths if fits else []
