"""The first launch: three ways to begin with what each costs, and what this machine will train on."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from workbench.gui.machine import Machine
from workbench.gui.start_art import Motif, StartArt
from workbench.gui.text import Text
from workbench.gui.theme import Theme
from workbench.gui.widgets.button import Button
from workbench.gui.widgets.paint import box


@dataclass(frozen=True)
class Beginning:
    """One card of the first launch."""

    motif: Motif
    title: str
    about: str
    #: (icon, text) of model, time and download
    costs: tuple[tuple[str, str], ...]
    button: str


BEGINNINGS: tuple[Beginning, ...] = (
    Beginning(
        "digits", "Digits", "A small network learns to tell ten handwritten digits apart.",
        (("layers", "Small CNN, 1 797 pictures"), ("clock", "Under a minute"), ("completed", "Included, no download")), "Start",
    ),
    Beginning(
        "shapes", "Shapes", "A network learns four kinds of shape, drawn by rule in colour.",
        (("layers", "CNN, pictures of any size"), ("clock", "About 2 minutes"), ("completed", "Included, no download")), "Start",
    ),
    Beginning(
        "folder", "Your own pictures", "A folder that holds one folder of pictures for each class.",
        (("layers", "CNN, sized for your pictures"), ("clock", "As long as they need"), ("completed", "Stays on this computer")),
        "Choose a folder…",
    ),
)  # fmt: skip
#: Greatest width of the line about the device.
LINE_WIDTH = 620
CARD_WIDTH = 282
#: Lower than this the cards stand without their pictures.
SHORT = 530


class _Card(QWidget):
    """One way to begin."""

    #: Its button was pressed (the motif).
    chosen = Signal(str)

    def __init__(self, theme: Theme, beginning: Beginning, *, primary: bool) -> None:
        super().__init__()
        self._theme = theme
        self._motif = beginning.motif
        self.setMaximumWidth(theme.px(CARD_WIDTH))
        self.setMinimumWidth(theme.px(190))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.art = StartArt(theme, beginning.motif)
        self.button = Button(
            theme,
            beginning.button,
            "folder" if beginning.motif == "folder" else "play",
            "primary" if primary else "plain",
            height=34,
        )
        self.button.setObjectName(f"start{beginning.motif.capitalize()}Button")
        self.button.setAccessibleName(f"{beginning.title}: {beginning.button}")
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 16)
        column.setSpacing(0)
        column.addWidget(self.art)
        words = QVBoxLayout()
        words.setContentsMargins(16, 14, 16, 0)
        words.setSpacing(7)
        words.addWidget(Text(theme, beginning.title, "title"))
        about = Text(theme, beginning.about, "secondary", "text2", wrap=True)
        about.setMinimumHeight(about.fontMetrics().lineSpacing() * 2)
        about.setAlignment(Qt.AlignmentFlag.AlignTop)
        words.addWidget(about)
        for icon, text in beginning.costs:
            words.addLayout(self._cost(icon, text))
        words.addSpacing(3)
        words.addWidget(self.button)
        column.addLayout(words)
        self.button.clicked.connect(self._choose)
        theme.changed.connect(self.update)

    def _cost(self, icon: str, text: str) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(ThemedIcon(self._theme, icon, "text2", 14))
        row.addWidget(Text(self._theme, text, "secondary", "text2"), 1)
        return row

    def _choose(self) -> None:
        self.chosen.emit(self._motif)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box(painter, self.rect().toRectF(), self._theme.colour("card"), self._theme.colour("line"), radius=8)
        painter.end()


class ThemedIcon(QLabel):
    """An icon that follows the theme."""

    def __init__(self, theme: Theme, name: str, token: str, size: int) -> None:
        super().__init__()
        self._theme, self._name, self._token, self._size = theme, name, token, size
        theme.changed.connect(self._dress)
        self._dress()

    def set_icon(self, name: str, token: str) -> None:
        self._name, self._token = name, token
        self._dress()

    def _dress(self) -> None:
        self.setPixmap(self._theme.pixmap(self._name, self._token, self._size))


class StartPage(QScrollArea):
    """What an empty workspace shows in the middle."""

    #: A way to begin was chosen: "digits", "shapes" or "folder".
    beginning_chosen = Signal(str)
    #: The person wants to open a preset file.
    preset_asked = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setObjectName("startPage")
        self.setAccessibleName("Train your first model")
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.cards = [_Card(theme, each, primary=not place) for place, each in enumerate(BEGINNINGS)]
        self.open = Button(theme, "Open a preset…", "save", height=34)
        self._device_icon = ThemedIcon(theme, "info", "text3", 15)
        self._device = Text(theme, "", "secondary", "text2", wrap=True)
        self._arrange()
        for card in self.cards:
            card.chosen.connect(self.beginning_chosen)
        self.open.clicked.connect(self.preset_asked)

    def _arrange(self) -> None:
        ground = QWidget()
        column = QVBoxLayout(ground)
        column.setContentsMargins(20, 20, 20, 20)
        column.setSpacing(8)
        column.addStretch(1)
        centre = Qt.AlignmentFlag.AlignHCenter
        column.addWidget(Text(self._theme, "Train your first model", "display"), 0, centre)
        column.addWidget(
            Text(self._theme, "Choose a starting point. Every setting can be changed later.", "body", "text2"),
            0,
            centre,
        )
        column.addSpacing(14)
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addStretch(1)
        for card in self.cards:
            row.addWidget(card, 100)
        row.addStretch(1)
        column.addLayout(row)
        column.addSpacing(14)
        column.addWidget(self.open, 0, centre)
        column.addSpacing(6)
        line = QHBoxLayout()
        line.setSpacing(7)
        line.addStretch(1)
        line.addWidget(self._device_icon)
        line.addWidget(self._device)
        line.addStretch(1)
        column.addLayout(line)
        column.addStretch(1)
        self.setWidget(ground)
        self.viewport().setAutoFillBackground(False)
        ground.setAutoFillBackground(False)

    def show_machine(self, machine: Machine) -> None:
        """What training will run on, and why not on the GPU."""
        self._device.say(machine.sentence)
        # A label that wraps takes all the room there is, and its icon would stand far from its words.
        wide = self._device.fontMetrics().horizontalAdvance(machine.sentence) + self._theme.px(4)
        self._device.setFixedWidth(min(wide, self._theme.px(LINE_WIDTH)))
        icon, token = ("warning", "warn") if machine.why_not and machine.gpu else ("ok", "ok")
        self._device_icon.set_icon(icon, token)

    def set_short(self, short: bool) -> None:  # noqa: FBT001 - reads like Qt's own setters
        """In a low window the cards stand without their pictures."""
        for card in self.cards:
            card.art.setVisible(not short)
