"""The Results tab: what the kept weights of a run say of its validation pictures or, when that is asked for, of its test pictures.

It is filled by a presenter and decides nothing. What shows results is made when there first are some.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from workbench.gui.results.card import Card, Tile
from workbench.gui.results.words import TileWords
from workbench.gui.runs.bar import RunBar
from workbench.gui.text import Elided, Text
from workbench.gui.theme import Theme
from workbench.gui.widgets.button import Button, TonalButton
from workbench.gui.widgets.picker import Picker
from workbench.gui.widgets.segments import Segments

if TYPE_CHECKING:
    from workbench.gui.results.class_view import ClassView
    from workbench.gui.results.mask_view import MaskView
    from workbench.gui.results.through_view import ThroughView
    from workbench.gui.results.try_view import TryView
    from workbench.results.look import ClassLook, MaskLook
    from workbench.results.through import Through

MARGIN = 12
_TILES = 5
#: From this width on there is room for all words of the heading.
_WIDE = 900
#: What the button says that leads to pictures from outside, and back.
TRY, LEAVE = "Try a picture…", "Back to results"
#: Width of the list of checkpoints, and of the words in the middle of an empty tab.
_PICKER, _WORDS = 160, 480


@dataclass(frozen=True)
class Notice:
    """What stands in the middle while there are no results: why, and what can be done."""

    title: str
    sentence: str
    #: what the button says; none when it is empty
    button: str = ""
    #: whether something is at work: a bar is shown, and a button to cancel it
    busy: bool = False


class ResultsPage(QWidget):
    """What the Results tab shows."""

    #: Another checkpoint was chosen (its place).
    place_chosen = Signal(object)
    #: Another part of the data was chosen ("validation" or "test").
    part_chosen = Signal(str)
    #: The button of the notice was pressed.
    notice_pressed = Signal()
    #: What is at work is not wanted any more.
    cancel_asked = Signal()
    #: The results are to be worked out again.
    again_asked = Signal()
    #: Pictures from outside are to be tried, or the results are wanted back.
    try_pressed = Signal()
    #: See ClassView.
    cams_asked = Signal(object, object)
    cams_dropped = Signal()
    layers_asked = Signal(int, int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setObjectName("resultsPage")
        self.setAccessibleName("Results")
        self.title = Elided(theme, "Results", "title")
        self.title.setObjectName("resultsTitle")
        self.note = Elided(theme, "", "secondary", "text2")
        self.places = Picker(theme)
        self.places.setObjectName("checkpointPicker")
        self.places.setAccessibleName("Kept weights")
        self.part = Segments(theme, [("validation", "Validation"), ("test", "Test"), ("epochs", "Each epoch")])
        self.part.setObjectName("resultsPart")
        self.part.setAccessibleName("Judged on")
        self.again = Button(theme, "", "revert", "flat")
        self.again.setObjectName("judgeAgainButton")
        self.again.setAccessibleName("Judge again")
        self.again.setToolTip("Judge again, for example after pictures have changed")
        self.try_it = Button(theme, TRY, "image")
        self.try_it.setObjectName("tryPictureButton")
        self.try_it.setAccessibleName(TRY)
        self.tiles = [Tile(theme, f"resultsTile{number + 1}") for number in range(_TILES)]
        self.classes: ClassView | None = None
        self.masks: MaskView | None = None
        self.through: ThroughView | None = None
        self._areas: dict[str, QWidget] = {}
        self._epochs = False
        self._middle = QStackedWidget()
        self._make_notice()
        self._arrange()
        self.places.value_edited.connect(self.place_chosen)
        self.part.chosen.connect(self.part_chosen)
        self.again.clicked.connect(self.again_asked)
        self.try_it.clicked.connect(self.try_pressed)
        self.show_can_try(can=False)
        self.show_notice(Notice("Nothing to judge yet", "Results of a run's kept weights will be here."))

    # --- making -------------------------------------------------------------------------------------

    def _make_notice(self) -> None:
        theme = self._theme
        self.notice_title = Text(theme, "", "title")
        self.notice = Text(theme, "", "body", "text2", wrap=True)
        self.bar = RunBar(theme)
        self.bar.setObjectName("resultsProgress")
        self.bar.setAccessibleName("Progress of judging")
        self.do = TonalButton(theme, "", height=34)
        self.do.setObjectName("judgeButton")
        self.cancel = Button(theme, "Cancel", height=34)
        self.cancel.setObjectName("cancelJudgingButton")
        self.do.clicked.connect(self.notice_pressed)
        self.cancel.clicked.connect(self.cancel_asked)
        card = Card(theme)
        card.title.hide()
        for words in (self.notice_title, self.notice):
            words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        theme.changed.connect(self._fit_notice)
        card.column.addStretch(1)
        for part in (self.notice_title, self.notice, self.bar, self.do, self.cancel):
            card.column.addWidget(part, 0, Qt.AlignmentFlag.AlignHCenter)
        card.column.addStretch(2)
        self._middle.addWidget(card)

    def _arrange(self) -> None:
        theme = self._theme
        self._words = QStackedWidget()
        self._words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.try_title, self.try_note = Elided(theme, "", "title"), Elided(theme, "", "secondary", "text2")
        for lines in ((self.title, self.note), (self.try_title, self.try_note)):
            words = QVBoxLayout(holder := QWidget())
            words.setContentsMargins(0, 0, 0, 0)
            words.setSpacing(1)
            for line in lines:
                words.addWidget(line)
            self._words.addWidget(holder)
        # What is judged, and again: of no meaning while pictures from outside are tried.
        self._judged = QWidget()
        judged = QHBoxLayout(self._judged)
        judged.setContentsMargins(0, 0, 0, 0)
        judged.setSpacing(8)
        judged.addWidget(self.part)
        judged.addWidget(self.again)
        self.places.setFixedWidth(self._theme.px(_PICKER))
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self._words, 1)
        for part in (self.places, self._judged, self.try_it):
            top.addWidget(part, 0, Qt.AlignmentFlag.AlignVCenter)
        self._tiles = QWidget()
        row = QHBoxLayout(self._tiles)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(MARGIN)
        for tile in self.tiles:
            tile.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            row.addWidget(tile, 1)
        results = QVBoxLayout(holder := QWidget())
        results.setContentsMargins(0, 0, 0, 0)
        results.setSpacing(10)
        results.addWidget(self._tiles)
        results.addWidget(self._middle, 1)
        self._modes = QStackedWidget()
        self._modes.addWidget(holder)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        whole.setSpacing(10)
        whole.addLayout(top)
        whole.addWidget(self._modes, 1)

    # --- pictures from outside ---------------------------------------------------------------------------

    @property
    def trying(self) -> bool:
        """Whether pictures from outside stand in place of the results."""
        return self._modes.currentIndex() > 0

    def show_can_try(self, *, can: bool) -> None:
        """Whether there are weights to try pictures with."""
        self.try_it.setEnabled(can or self.trying)
        why = "Pictures of your own, by these weights" if can else "Needs a run that has kept weights"
        self.try_it.setToolTip(f"{TRY} {why}")

    def show_trying(self, view: TryView | None) -> None:
        """Show pictures from outside in place of the results; None: the results again."""
        if view is not None and self._modes.indexOf(view) < 0:
            self._modes.addWidget(view)
        self._modes.setCurrentIndex(0 if view is None else self._modes.indexOf(view))
        self._words.setCurrentIndex(0 if view is None else 1)
        self._judged.setVisible(view is None)
        self._show_picker()
        self.try_it.setAccessibleName(TRY if view is None else LEAVE)
        self.try_it.set_icon("image" if view is None else "chevron-left")
        self._fit_try()

    def _fit_try(self) -> None:
        """Beside what is judged there is room for its words in a wide window only; its tooltip has them too."""
        words = LEAVE if self.trying else TRY if self.width() >= self._theme.px(_WIDE) else ""
        if words != self.try_it.text():
            self.try_it.setText(words)
            self.try_it.updateGeometry()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_try()

    def show_try_heading(self, title: str, note: str) -> None:
        self.try_title.say(title)
        self.try_note.say(note)

    # --- what is shown ---------------------------------------------------------------------------------

    def show_heading(self, title: str, note: str) -> None:
        self.title.say(title)
        self.note.say(note)
        self.note.setVisible(bool(note))

    def show_places(self, places: Sequence[tuple[str, str]], chosen: str, *, epochs: bool = False) -> None:
        """The checkpoints to choose from: place and label; with `epochs` there is nothing to choose, as all are shown."""
        self.places.clear()
        for place, label in places:
            self.places.add(place, label)
        self.places.show_value(chosen)
        self._epochs = epochs
        self.part.setVisible(bool(places))
        self._show_picker()

    def _show_picker(self) -> None:
        """Pictures from outside are tried by some weights, also where all epochs stand beside each other."""
        self.places.setVisible(bool(self.places.count()) and (self.trying or not self._epochs))

    def show_notice(self, notice: Notice) -> None:
        """Words in place of results."""
        self.notice_title.say(notice.title)
        self.notice.say(notice.sentence)
        self.do.setText(notice.button)
        self.do.setAccessibleName(notice.button)
        self.do.setVisible(bool(notice.button))
        self.bar.setVisible(notice.busy)
        self.cancel.setVisible(notice.busy)
        self.again.hide()
        self._tiles.hide()
        self._fit_notice()
        self._middle.setCurrentIndex(0)
        self.setAccessibleDescription(f"{notice.title}. {notice.sentence}")

    def _fit_notice(self) -> None:
        """Labels that wrap get no more than two lines from a layout that centres them."""
        width = self._theme.px(_WORDS)
        for text in (self.notice_title, self.notice):
            text.setFixedWidth(width)
            text.setMinimumHeight(text.heightForWidth(width) if text.wordWrap() else 0)
        self.bar.setFixedWidth(width * 2 // 3)

    def show_progress(self, share: float | None, words: str) -> None:
        """How far the judging is; None when nobody knows."""
        self.notice.say(words)
        self._fit_notice()
        self.bar.show_share(share)

    def prepare(self, *, masks: bool) -> None:
        """Make what will show results of a kind, before there are some: it takes a moment of its own."""
        if masks and self.masks is None:
            from workbench.gui.results.mask_view import MaskView  # noqa: PLC0415 - made when it is first needed

            self.masks = MaskView(self._theme)
            self._add("masks", self.masks)
        elif not masks and self.classes is None:
            from workbench.gui.results.class_view import ClassView  # noqa: PLC0415 - made when it is first needed

            self.classes = ClassView(self._theme)
            self.classes.cams_asked.connect(self.cams_asked)
            self.classes.cams_dropped.connect(self.cams_dropped)
            self.classes.layers_asked.connect(self.layers_asked)
            self._add("classes", self.classes)

    def _add(self, name: str, view: QWidget) -> None:
        from workbench.gui.results.class_view import scrolled  # noqa: PLC0415 - made when it is first needed

        # With text twice as large nothing is lost: what has no room scrolls, also across.
        self._areas[name] = area = scrolled(view, f"{name}Scroll")
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self._middle.addWidget(self._areas[name])

    def show_classes(self, found: ClassLook, tiles: Sequence[TileWords]) -> None:
        self.prepare(masks=False)
        assert self.classes is not None
        self._fill_tiles(tiles)
        self.classes.show_look(found)
        self._turn("classes")

    def show_masks(self, found: MaskLook, tiles: Sequence[TileWords]) -> None:
        self.prepare(masks=True)
        assert self.masks is not None
        self._fill_tiles(tiles)
        self.masks.show_look(found)
        self._turn("masks")

    def show_through(self, found: Through, best: int | None) -> None:
        """A run through its epochs, in place of results."""
        if self.through is None:
            from workbench.gui.results.through_view import ThroughView  # noqa: PLC0415 - made when it is first needed

            self.through = ThroughView(self._theme)
            self._add("through", self.through)
        self.through.show_through(found, best)
        self.setAccessibleDescription(self.through.scrubber.words.text())
        self._turn("through")
        self._tiles.hide()
        self.again.hide()

    def _fill_tiles(self, tiles: Sequence[TileWords]) -> None:
        for tile, figure in zip(self.tiles, tiles, strict=True):
            tile.show_figure(*figure)
        self.setAccessibleDescription(". ".join(f"{label} {figure} {note}".strip() for label, figure, note in tiles))

    def _turn(self, view: str) -> None:
        self._tiles.show()
        self.again.show()
        self._middle.setCurrentWidget(self._areas[view])
