"""The descent lab's tab: the landscape at the left, curves and table at the right, under them what plays the steps.

Everything in it shows one race at one step. It decides nothing: whoever fills it hears what was asked.
"""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from workbench.gui.lab.course import NAMES, Course, What
from workbench.gui.lab.landscape import LandscapeView
from workbench.gui.lab.play_bar import PlayBar
from workbench.gui.lab.shown import Shown
from workbench.gui.lab.table import LabTable
from workbench.gui.results.card import Card
from workbench.gui.text import Elided, Text
from workbench.gui.theme import Theme
from workbench.gui.widgets.button import Button
from workbench.gui.widgets.segments import Segments

_NARROW = 760
#: What the landscape says while nothing is under the pointer.
_CONTOURS = "contours of equal loss"


class _TableArea(QScrollArea):
    """Scrolls the table where it has more rows than there is room for."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(220), self._theme.px(80))


class LabPage(QWidget):
    """See the module."""

    #: The start is being dragged (x, y).
    start_moved = Signal(float, float)
    #: What is shown is to be written to a file.
    export_asked = Signal()
    #: The methods that are on are to race on the recipe's network.
    network_asked = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setObjectName("labPage")
        self._shown: Shown | None = None
        self.landscape = LandscapeView(theme)
        self.course = Course(theme)
        self.table = LabTable(theme)
        self.bar = PlayBar(theme)
        self.what = Segments(theme, [(key, name) for key, name in NAMES.items()])
        self.what.setObjectName("labWhat")
        self.what.setAccessibleName("What the curves show")
        self.pointed = Elided(theme, _CONTOURS, "secondary", "text2")
        self.sentence = Text(theme, "", "secondary", "text2", wrap=True)
        self.sentence.setObjectName("labSentence")
        self.export_button = Button(theme, "Export…", "export", "flat", height=26)
        self.export_button.setObjectName("labExportButton")
        self.network_button = Button(theme, "Race on a network…", "play", height=28)
        self.network_button.setObjectName("labNetworkButton")
        self._sign = QLabel()
        self.table_area: QScrollArea
        self._lay_out()
        self.landscape.start_moved.connect(self.start_moved)
        self.landscape.pointed.connect(self._point)
        self.course.step_asked.connect(self.bar.go)
        self.bar.turned.connect(self._turn)
        self.what.chosen.connect(self._choose)
        self.export_button.clicked.connect(self._ask_export)
        self.network_button.clicked.connect(self._ask_network)
        theme.changed.connect(self._dress)
        self._dress()

    def _lay_out(self) -> None:
        theme = self._theme
        left = Card(theme, "Path downhill")
        left.heading.addWidget(self.pointed, 2)
        self.pointed.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        left.column.addWidget(self.landscape, 1)
        upper = Card(theme, "Loss by step")
        upper.heading.addWidget(self.what)
        upper.heading.addWidget(self.export_button)
        upper.column.addWidget(self.course, 1)
        lower = self._table_card()
        right = QVBoxLayout()
        right.setSpacing(12)
        right.addWidget(upper, 3)
        right.addWidget(lower, 2)
        across = QHBoxLayout()
        across.setSpacing(12)
        across.addWidget(left, 10)
        across.addLayout(right, 11)
        for part in (left, upper, lower):
            part.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(12, 12, 12, 12)
        whole.setSpacing(12)
        whole.addWidget(_scrolling(across), 1)
        whole.addWidget(self.bar)

    def _table_card(self) -> Card:
        theme = self._theme
        lower = Card(theme, "Methods")
        lower.heading.addWidget(self.network_button)
        scroll = _TableArea(theme)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inside = QWidget()
        inside.setObjectName("labTableGround")
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.table)
        column.addStretch(1)
        scroll.setWidget(inside)
        scroll.viewport().setAutoFillBackground(False)
        inside.setAutoFillBackground(False)
        lower.column.addWidget(scroll, 1)
        self.table_area = scroll
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        foot.addWidget(self.sentence, 1)
        lower.column.addLayout(foot)
        return lower

    # --- showing ----------------------------------------------------------------------------------------------

    @property
    def shown(self) -> Shown | None:
        """The race in view; None while there was none yet."""
        return self._shown

    def show_race(self, shown: Shown) -> None:
        """A race has come; a play that was at its end shows the new end, one that was at a step stays there."""
        before = self._shown
        self._shown = shown
        self.bar.setEnabled(True)
        at = shown.steps if before is None or self.bar.step == before.steps else min(self.bar.step, shown.steps)
        self.bar.show_steps(shown.steps, at)
        self.landscape.show_race(shown, at)
        self.course.show_race(shown, at)
        self.table.show_race(shown)

    def show_nothing(self) -> None:
        """There is no landscape, so nothing is raced."""
        self._shown = None
        self.bar.pause()
        self.bar.setEnabled(False)
        for part in (self.landscape, self.course, self.table):
            part.show_nothing()

    def say(self, sentence: str) -> None:
        """What is to be known of what is shown."""
        self.sentence.say(sentence)

    def _turn(self, step: int) -> None:
        self.landscape.show_step(step)
        self.course.show_step(step)

    def _point(self, said: str) -> None:
        self.pointed.say(said or _CONTOURS)

    def _choose(self, key: str) -> None:
        what: What = "slopes" if key == "slopes" else "heights"
        self.course.show_what(what)

    def _ask_export(self) -> None:
        self.export_asked.emit()

    def _ask_network(self) -> None:
        self.network_asked.emit()

    # --- Qt's events ------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.bar.set_narrow(self.width() < self._theme.px(_NARROW))

    def _dress(self) -> None:
        self._sign.setPixmap(self._theme.pixmap("info", "info", 14))
        for part, least in ((self.landscape, 220), (self.course, 110), (self.table_area, 80)):
            part.setMinimumHeight(self._theme.px(least))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.colour("window"))
        painter.end()


def _scrolling(layout: QHBoxLayout) -> QScrollArea:
    """What is too high for a low window, or for large text, is scrolled."""
    area = QScrollArea()
    area.setObjectName("labScroll")
    area.setWidgetResizable(True)
    area.setFrameShape(QScrollArea.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    inside = QWidget()
    layout.setContentsMargins(0, 0, 0, 0)
    inside.setLayout(layout)
    area.setWidget(inside)
    area.viewport().setAutoFillBackground(False)
    inside.setAutoFillBackground(False)
    return area
