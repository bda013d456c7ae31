"""The Model tab: what a network is called, what it costs, its layers as a graph beside a table, and an X-ray of it.

The network is that of the recipe; beside the X-rays of a run it is the run's. It shows a network and an X-ray that it is given, or says in a sentence why there is none. It plans and measures nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from workbench.gui.text import Elided, Text
from workbench.gui.theme import Theme
from workbench.gui.widgets.button import Button
from workbench.gui.widgets.paint import box
from workbench.gui.widgets.segments import Segments

if TYPE_CHECKING:
    from workbench.gui.model.legend import Legend
    from workbench.gui.model.rows import Told
    from workbench.gui.model.view import NetworkView
    from workbench.gui.model.xray import Shown
    from workbench.gui.model.xray_cards import XRayCards
    from workbench.gui.model.xray_source import XRaySource

MARGIN = 12
#: Below these heights, at 100 %, what stands around an X-ray makes room for it, and its cards go.
LOW, LOWEST = 600, 240
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
    #: An X-ray is to be taken, or the one that is being taken is not wanted any more.
    xray_asked = Signal()
    #: Something else is to be shown: other parts, or the recipe in place of a run.
    turned = Signal()
    #: Of a run this epoch is to be shown (its number; None for the newest).
    epoch_wanted = Signal(object)
    #: The recipe is to ask for an X-ray each epoch, or not (bool).
    each_epoch_wanted = Signal(object)
    #: This initializer is to be the recipe's (its kind).
    initializer_wanted = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("modelPage")
        self.setAccessibleName("Model")
        self._theme = theme
        self.told: Told | None = None
        self.title = Elided(theme, "", "title")
        self.title.setObjectName("networkTitle")
        self.totals = Elided(theme, "", "secondary", "text2")
        self.totals.setObjectName("networkTotals")
        self.choice = Segments(theme, [("xray", "Table and X-ray"), ("table", "Table"), ("graph", "Graph only")])
        self.choice.choose("table")
        self.choice.setObjectName("networkChoice")
        self.choice.setAccessibleName("What is shown of the network")
        self.copy = Button(theme, "", "copy", "flat", height=28)
        self.copy.setObjectName("copyNetworkButton")
        self.copy.setAccessibleName("Copy the table")
        self.copy.setToolTip("Copy the table as text, as far as its blocks are open (Ctrl+C)")
        self.xray = Button(theme, "Take X-ray", "pulse", height=28)
        self.xray.setObjectName("xrayButton")
        self._view: NetworkView | None = None
        self._legend: Legend
        self._cards: XRayCards | None = None
        self._source: XRaySource | None = None
        #: the run that X-rays can be looked at of, and what the form says of X-rays each epoch
        self._run: str | None = None
        self._each_epoch: bool | None = None
        self._below = ""
        self.sentence = Text(theme, UNKNOWN, "body", "text2", wrap=True)
        self.sentence.setObjectName("networkSentence")
        self._arrange()
        self.choice.chosen.connect(self._choose)
        self.copy.clicked.connect(self._copy)
        self.xray.clicked.connect(self.xray_asked)
        self.show_taking(taking=False)
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
        self._whole = whole = QVBoxLayout(self)
        whole.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        whole.setSpacing(8)
        whole.addLayout(self._heading())
        whole.addWidget(self._pages, 1)

    def _heading(self) -> QHBoxLayout:
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(self.title)
        words.addWidget(self.totals)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addLayout(words, 1)
        for part in (self.xray, self.choice, self.copy):
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
            self._legend = Legend(self._theme)
            self._column.addWidget(self._view, 1)
            self._column.addWidget(self._legend)
        return self._view

    def show_network(self, told: Told, *, title: str = "") -> None:
        """Show a network, under another title than its own if one is given."""
        self.told = told
        self.title.say(title or told.title)
        self.totals.say(told.totals)
        self.view.show_network(told)
        self._turn(shown=True)
        self._describe()

    def show_sentence(self, sentence: str, *, title: str = "No network yet") -> None:
        """Say why there is no network."""
        self.told = None
        self.title.say(title)
        self.totals.say("")
        self.sentence.say(sentence)
        self.setAccessibleDescription(sentence)
        self._turn(shown=False)

    def _turn(self, *, shown: bool) -> None:
        for part in (self.xray, self.copy, self.totals):
            part.setVisible(shown)
        self._show_choice()
        self._pages.setCurrentIndex(0 if shown else 1)
        self._show_cards()

    def _show_choice(self) -> None:
        """What is shown is a choice where there is a network, of the recipe or perhaps of a run."""
        self.choice.setVisible(self.told is not None or self._run is not None)

    def _describe(self) -> None:
        if self.told is not None:
            change = self._cards.change.whole if self._cards is not None else ""
            below = "".join(f" {sentence}" for sentence in (self._below, change) if sentence)
            self.setAccessibleDescription(f"{self.title.whole}. {self.told.totals}{below}")

    # --- what the X-ray is of --------------------------------------------------------------------------------

    @property
    def source(self) -> XRaySource:
        """What stands above the X-ray; made with the first one."""
        if self._source is None:
            from workbench.gui.model.xray_source import XRaySource  # noqa: PLC0415 - not before it is asked for

            self._source = source = XRaySource(self._theme)
            source.offer_run(self._run)
            source.show_each_epoch(self._each_epoch)
            source.chosen.connect(self._show_source)
            source.epoch_wanted.connect(self.epoch_wanted)
            source.each_epoch_wanted.connect(self.each_epoch_wanted)
            self._whole.insertWidget(1, source)
        return self._source

    @property
    def shows_run(self) -> bool:
        """Whether X-rays of a run are to be shown, and its network, in place of the recipe's."""
        return self.shows_xray and self._source is not None and self._source.is_run

    def offer_run(self, name: str | None) -> None:
        """The run whose X-rays can be chosen; None when there is none."""
        self._run = name
        self._show_choice()
        if self._source is not None:
            self._source.offer_run(name)
            if name is None:
                self.turn_to_recipe()

    def turn_to_recipe(self) -> None:
        """Show the recipe's network again."""
        if self._source is not None and self._source.is_run:
            self._source.choose("recipe")
            self._show_source()

    def show_each_epoch(self, on: bool | None) -> None:  # noqa: FBT001 - reads like Qt's own setters
        """Whether the form's recipe asks for an X-ray each epoch; None while it has a problem."""
        self._each_epoch = on
        if self._source is not None:
            self._source.show_each_epoch(on)

    def show_epochs(self, epochs: Sequence[int], epoch: int, planned: int, *, alive: bool) -> None:
        """The epochs of a run that have an X-ray, and which one is shown."""
        self.source.show_epochs(epochs, epoch, planned, alive=alive)

    def show_no_epoch(self, sentence: str) -> None:
        """There is no X-ray of a run: why."""
        self.source.show_sentence(sentence)
        if self._view is not None:
            self.show_xray(None)
            self.say_below("")

    def _show_source(self) -> None:
        if not self.shows_run:
            self.source.show_sentence("")
        self.turned.emit()

    # --- the X-ray -----------------------------------------------------------------------------------------

    @property
    def cards(self) -> XRayCards:
        """What stands under the X-ray; made with the first one."""
        if self._cards is None:
            from workbench.gui.model.xray_cards import XRayCards  # noqa: PLC0415 - not before it is asked for

            self._cards = XRayCards(self._theme)
            self._cards.use_asked.connect(self.initializer_wanted)
            self._cards.set_low(self._low)
            self._whole.addWidget(self._cards)
        return self._cards

    @property
    def shows_xray(self) -> bool:
        return self.choice.key == "xray"

    def turn_to_xray(self) -> None:
        """As if table and X-ray of the recipe had been chosen, without saying so."""
        self.choice.choose("xray")
        self._show_parts()
        self.turn_to_recipe()

    def show_xray(self, shown: Shown | None) -> None:
        """Show an X-ray over the rows and its verdicts under them, or none."""
        self.view.show_xray(shown)
        self.cards.show_xray(shown)
        if shown is not None and not shown.partial:
            self.say_below(shown.sentence, "text3" if shown.stale else "text")
        self._show_cards()

    def say_below(self, sentence: str, token: str = "text") -> None:  # noqa: S107 - the name of a colour
        """The line under the network: what the X-ray says, how far it is, or what stands in its way."""
        self._below = sentence
        self.cards.say(sentence, token)
        self._describe()

    def show_taking(self, *, taking: bool) -> None:
        """While one is being taken the button calls it off."""
        self.xray.setText("Cancel X-ray" if taking else "Take X-ray")
        self.xray.set_icon("close" if taking else "pulse")
        self.xray.setToolTip(
            "Do without it"
            if taking
            else "Send pictures through the network before training, with this initializer and others: how large are signal "
            "and gradient at each layer?"
        )

    @property
    def _low(self) -> bool:
        return self.height() < self._theme.px(LOW)

    def _show_cards(self) -> None:
        if self._cards is not None:
            self._cards.setVisible(self.told is not None and self.shows_xray)
            self._cards.set_low(self._low, lowest=self.height() < self._theme.px(LOWEST))
            self._legend.setHidden(self.shows_xray and self._low)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_cards()

    def _show_parts(self) -> None:
        from workbench.gui.model.columns import Parts  # noqa: PLC0415 - comes with the view

        self.view.show_parts(Parts(self.choice.key))
        if self.shows_xray or self._source is not None:
            self.source.setVisible(self.shows_xray)
        self._show_cards()

    def _choose(self, _key: str) -> None:
        self._show_parts()
        self.turned.emit()

    def _copy(self) -> None:
        self.view.copy_table()

    def _say_copied(self, rows: int) -> None:
        self.status.emit(f"{rows} rows copied as text")
