"""The head of the Data tab: which data set it is, what it counts, the choice of a split, and what can be done with its files."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from workbench.gui import words
from workbench.gui.data.balance import PARTS
from workbench.gui.text import Elided, Text
from workbench.gui.theme import Theme
from workbench.gui.widgets.button import Button
from workbench.gui.widgets.segments import Segments

#: The splits, as they are chosen.
KEYS = ("training", "validation", "test")
LOOK_AGAIN = "Look again"
#: From this width on, at a text size of 100 %, the buttons bear words.
_WORDY = 680


class DataHead(QWidget):
    """Title, counts, splits and buttons; one below the other where it is narrow."""

    #: Another split was chosen (its key).
    split_chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.title = Text(theme, "", "title")
        self.title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.note = Elided(theme, "", "secondary", "text2")
        self.split = self._segments((0, 0, 0))
        self.look_again = Button(theme, LOOK_AGAIN, "revert", height=28)
        self.look_again.setObjectName("lookAgainButton")
        self.folder = Button(theme, "Open folder", "folder", height=28)
        self.folder.setObjectName("openDataFolderButton")
        said = QVBoxLayout()
        said.setSpacing(1)
        said.addWidget(self.title)
        said.addWidget(self.note)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for button in (self.look_again, self.folder):
            button.setAccessibleName(button.text())
            buttons.addWidget(button)
        self._row = row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addLayout(said, 1)
        row.addWidget(self.split, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addLayout(buttons)

    def _segments(self, counts: tuple[int, int, int]) -> Segments:
        made = Segments(
            self._theme,
            [(key, f"{part} {words.count(count)}") for key, part, count in zip(KEYS, PARTS, counts, strict=True)],
        )
        made.setObjectName("splitSegments")
        made.setAccessibleName("Split")
        made.chosen.connect(self.split_chosen)
        return made

    def show_counts(self, counts: tuple[int, int, int]) -> None:
        """The splits have so many pictures; the chosen one stays."""
        before, self.split = self.split, self._segments(counts)
        self.split.choose(before.key)
        self._row.replaceWidget(before, self.split)
        before.hide()
        before.deleteLater()

    def offer(self, *, split: bool, again: bool, folder: bool) -> None:
        """What there is to choose and to press."""
        self.split.setVisible(split)
        self.look_again.setVisible(again)
        self.folder.setVisible(folder)

    def fit(self, width: int, *, narrow: bool) -> None:
        """There are `width` pixels; without room for words the sign of a button has to do."""
        self._row.setDirection(QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight)
        wordy = narrow or width >= self._theme.px(_WORDY)
        for button in (self.look_again, self.folder):
            button.show_word(wordy)
            button.setToolTip("" if wordy else button.text())
