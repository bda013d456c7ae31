"""The Model tab: what the recipe's network is called, what it costs, and its layers as a graph beside a table.

It shows a network that it is given, or says in a sentence why there is none. It plans nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from workbench.gui.text import Elided, Text
from workbench.gui.theme import Theme
from workbench.gui.widgets.button import Button
from workbench.gui.widgets.paint import box
from workbench.gui.widgets.segments import Segments

if TYPE_CHECKING:
    from workbench.gui.model.rows import Told
    from workbench.gui.model.view import NetworkView

MARGIN = 12
#: Said while the pictures are not known, and with them neither the network's input nor its output.
UNKNOWN = "The network is drawn as soon as the pictures are known: choose them under Data in the recipe."


class _Card(QWidget):
    """A ground with a border."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        theme.changed.connect(self.update)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box(painter, QRectF(self.rect()), self._theme.colour("card"), self._theme.colour("line"), radius=8)
        painter.end()


class ModelPage(QWidget):
    """What the Model tab shows."""

    #: Something worth a line in the status bar (the sentence).
    status = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("modelPage")
        self.setAccessibleName("Model")
        self._theme = theme
        self.told: Told | None = None
        self.title = Text(theme, "", "title")
        self.title.setObjectName("networkTitle")
        self.totals = Elided(theme, "", "secondary", "text2")
        self.totals.setObjectName("networkTotals")
        self.choice = Segments(theme, [("table", "Table"), ("graph", "Graph only")])
        self.choice.setObjectName("networkChoice")
        self.choice.setAccessibleName("What is shown of the network")
        self.copy = Button(theme, "", "copy", "flat", height=28)
        self.copy.setObjectName("copyNetworkButton")
        self.copy.setAccessibleName("Copy the table")
        self.copy.setToolTip("Copy the table as text, as far as its blocks are open (Ctrl+C)")
        self._view: NetworkView | None = None
        self.sentence = Text(theme, UNKNOWN, "body", "text2", wrap=True)
        self.sentence.setObjectName("networkSentence")
        self._arrange()
        self.choice.chosen.connect(self._choose)
        self.copy.clicked.connect(self._copy)
        self.show_sentence(UNKNOWN)

    def _arrange(self) -> None:
        shown = _Card(self._theme)
        self._column = QVBoxLayout(shown)
        self._column.setContentsMargins(6, 6, 6, 8)
        self._column.setSpacing(6)
        empty = _Card(self._theme)
        inner = QVBoxLayout(empty)
        inner.setContentsMargins(24, 24, 24, 24)
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        inner.addStretch(1)
        inner.addWidget(self.sentence)
        inner.addStretch(1)
        self._pages = QStackedWidget()
        self._pages.addWidget(shown)
        self._pages.addWidget(empty)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        whole.setSpacing(10)
        whole.addLayout(self._heading())
        whole.addWidget(self._pages, 1)

    def _heading(self) -> QHBoxLayout:
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(self.title)
        words.addWidget(self.totals)
        self.title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addLayout(words, 1)
        for part in (self.choice, self.copy):
            row.addWidget(part, 0, Qt.AlignmentFlag.AlignVCenter)
        return row

    # --- what is shown ------------------------------------------------------------------------------------

    @property
    def view(self) -> NetworkView:
        """Graph and table; made when a network is first shown, as the window's first paint needs neither."""
        if self._view is None:
            from workbench.gui.model.legend import Legend  # noqa: PLC0415 - see above
            from workbench.gui.model.view import NetworkView  # noqa: PLC0415 - see above

            self._view = NetworkView(self._theme)
            self._view.copied.connect(self._say_copied)
            self._column.addWidget(self._view, 1)
            self._column.addWidget(Legend(self._theme))
        return self._view

    def show_network(self, told: Told) -> None:
        """Show a network."""
        self.told = told
        self.title.say(told.title)
        self.totals.say(told.totals)
        self.setAccessibleDescription(f"{told.title}. {told.totals}")
        self.view.show_network(told)
        self._turn(shown=True)

    def show_sentence(self, sentence: str) -> None:
        """Say why there is no network."""
        self.told = None
        self.title.say("No network yet")
        self.totals.say("")
        self.sentence.say(sentence)
        self.setAccessibleDescription(sentence)
        self._turn(shown=False)

    def _turn(self, *, shown: bool) -> None:
        for part in (self.choice, self.copy, self.totals):
            part.setVisible(shown)
        self._pages.setCurrentIndex(0 if shown else 1)

    def _choose(self, key: str) -> None:
        self.view.set_alone(key == "graph")

    def _copy(self) -> None:
        self.view.copy_table()

    def _say_copied(self, rows: int) -> None:
        self.status.emit(f"{rows} rows copied as text")
