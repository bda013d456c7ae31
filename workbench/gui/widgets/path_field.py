"""A field for a folder or a file: type it, drop it, or browse for it."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from PySide6.QtCore import Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QWidget

from workbench.gui.theme import Theme
from workbench.gui.widgets.button import Button

Wanted = Literal["folder", "file"]
#: What settings ask for: pictures in NumPy's form, or weights.
_FILES = "Pictures and weights (*.npz *.safetensors *.keras *.h5);;All files (*)"


class PathField(QWidget):
    """The path of a folder or a file."""

    #: The person gave another path (as text).
    value_edited = Signal(object)

    def __init__(self, theme: Theme, wanted: Wanted, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._wanted: Wanted = wanted
        self._line = QLineEdit(self)
        self._line.setPlaceholderText("Drop or browse")
        self._line.textEdited.connect(self._typed)
        self._browse = Button(theme, icon="folder" if wanted == "folder" else "file", parent=self)
        self._browse.setToolTip("Choose a folder…" if wanted == "folder" else "Choose a file…")
        self._browse.clicked.connect(self.browse)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self._line, 1)
        row.addWidget(self._browse)
        self.setFocusProxy(self._line)
        self.setAcceptDrops(True)
        self._line.setAcceptDrops(False)  # a dropped file would arrive as a URL in the text

    @property
    def line(self) -> QLineEdit:
        return self._line

    @property
    def value(self) -> str:
        return self._line.text()

    def _typed(self, text: str) -> None:
        self.value_edited.emit(text)

    def show_value(self, path: object) -> None:
        """Show a path without saying so."""
        text = str(path or "")
        if self._line.text() != text:
            self._line.setText(text)
        self._line.setToolTip(text)

    def setAccessibleName(self, name: str) -> None:
        super().setAccessibleName(name)
        self._line.setAccessibleName(name)
        self._browse.setAccessibleName(f"{name}, browse")

    def setAccessibleDescription(self, description: str) -> None:
        super().setAccessibleDescription(description)
        self._line.setAccessibleDescription(description)

    def browse(self) -> None:
        """Ask for the path with the system's dialog."""
        start = self._line.text() or str(Path.home())
        if self._wanted == "folder":
            chosen = QFileDialog.getExistingDirectory(self, "Folder of pictures", start)
        else:
            chosen, _ = QFileDialog.getOpenFileName(self, "A file", start, _FILES)
        if chosen:
            self._take(chosen)

    def _take(self, path: str) -> None:
        self.show_value(path)
        self.value_edited.emit(path)

    def _dropped(self, event: QDropEvent) -> str:
        for url in event.mimeData().urls():
            path = Path(url.toLocalFile())
            if url.isLocalFile() and (
                path.is_dir() if self._wanted == "folder" else path.is_file() and path.suffix.lower() != ".toml"
            ):
                return str(path)
        return ""

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self._dropped(event):
            event.acceptProposedAction()
        else:
            event.ignore()

    def dropEvent(self, event: QDropEvent) -> None:
        path = self._dropped(event)
        if path:
            event.acceptProposedAction()
            self._take(path)
