"""The Data tab: the pictures of the recipe by part and class, how even the classes are, and what is odd about them.

It shows what a scan has said and says what is asked for; it starts nothing and decides nothing. Of a data set it knows
what DataShown tells.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)  # fmt: skip

from workbench.gui import words
from workbench.gui.data import evenness
from workbench.gui.data.balance import BalanceBars, PartLegend
from workbench.gui.data.card import Card, scrolled
from workbench.gui.data.checks import Checks
from workbench.gui.data.chips import ALL, ClassChips
from workbench.gui.data.fed_strip import FedStrip
from workbench.gui.data.gallery import Caption, Gallery
from workbench.gui.data.head import KEYS, DataHead
from workbench.gui.data.mask_legend import MaskLegend
from workbench.gui.tabs.verdict_card import VerdictCard
from workbench.gui.text import Elided, Text
from workbench.gui.theme import Theme
from workbench.gui.widgets.button import Button, TonalButton
from workbench.gui.widgets.segments import Segments
from workbench.gui.widgets.switch import Switch

if TYPE_CHECKING:
    from workbench.data.pictures import Rows
    from workbench.gui.data.shown import DataShown, FindingShown

MARGIN = 12
_SIDE = 330
#: Below this width, at a text size of 100 %, things stand one below the other; the bars have at least such a height.
_NARROW, _BARS = 430, 80
#: Qt's QWIDGETSIZE_MAX
_ANY = (1 << 24) - 1
#: What stands below the pictures of a finding, where it is not their file.
_CAPTIONS: dict[str, Caption] = {"across": "part", "near_across": "part", "two_classes": "class"}


class DataPage(QWidget):
    """What the Data tab shows."""

    #: A picture's file is to be opened, shown in the file manager, or its path copied (the path).
    open_asked = Signal(str)
    reveal_asked = Signal(str)
    copy_asked = Signal(str)
    #: The data set's folder is to be opened (its path).
    folder_asked = Signal(str)
    #: The data set is to be fetched.
    fetch_asked = Signal()
    #: The pictures are to be looked through again.
    again_asked = Signal()
    #: Other pictures are shown, or none are.
    shown_changed = Signal()
    #: All was looked through, and it is shown.
    found_shown = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("dataPage")
        self.setAccessibleName("Data")
        self._theme = theme
        self.shown: DataShown | None = None
        self._found: Rows | None = None
        self._listed: list[FindingShown] = []
        self._sifted_by: Caption = "file"
        #: the folder and title of the data set that split and class were chosen of
        self._chosen_of = "", ""
        self._shuffled = 0
        self._balanced = self._may_change = False
        self._head = head = DataHead(theme)
        self.title, self.note, self.look_again, self.folder = head.title, head.note, head.look_again, head.folder
        self.progress = QProgressBar()
        self.progress.setObjectName("scanProgress")
        self.progress.setAccessibleName("Pictures looked at")
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(4)
        self.gallery = Gallery(theme)
        self.chips = ClassChips(theme)
        self.mask_legend = MaskLegend(theme)
        self.counted = Text(theme, "", "secondary", "text2")
        self.masks_label = Text(theme, "Masks", "secondary", "text2")
        self.masks = Switch(theme)
        self.masks.setObjectName("showMasksSwitch")
        self.masks.setAccessibleName("Show masks over the pictures")
        self.masks.setChecked(True)
        self.shuffle = Button(theme, "Shuffle", "shuffle", height=26)
        self.shuffle.setObjectName("shuffleGalleryButton")
        self.back = Button(theme, "Back to all", "close", height=26)
        self.back.setObjectName("leaveFindingButton")
        self.bars = BalanceBars(theme)
        self.imbalance = VerdictCard(theme)
        self.fed = FedStrip(theme)
        self.checks = Checks(theme)
        self._nothing_icon = QLabel()
        self.nothing = Text(theme, "", "body", "text2", wrap=True)
        self.offer = TonalButton(theme, "", "download", height=34)
        self.offer.setObjectName("dataOfferButton")
        self._fetching = False
        self._arrange()
        self._connect()
        self.show_nothing("")

    @property
    def split(self) -> Segments:
        """The choice of a split."""
        return self._head.split

    def _arrange(self) -> None:
        pictures = Card(self._theme)
        head = QHBoxLayout()
        head.setSpacing(8)
        self.heading = Elided(self._theme, "Pictures", "strong")
        head.addWidget(self.heading, 1)
        for part in (self.counted, self.masks_label, self.masks, self.back, self.shuffle):
            head.addWidget(part, 0, Qt.AlignmentFlag.AlignVCenter)
        pictures.column.addLayout(head)
        pictures.column.addWidget(self.chips)
        pictures.column.addWidget(self.mask_legend)
        pictures.column.addWidget(self.gallery, 1)
        self.side = Card(self._theme)
        self.bars_title = Text(self._theme, "Class balance", "strong")
        self.side.column.addWidget(self.bars_title)
        self.side.column.addWidget(PartLegend(self._theme))
        self.side.column.addWidget(self.bars, 1)
        self.side.column.addWidget(self.imbalance)
        self._both = both = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        both.setSpacing(MARGIN)
        both.addWidget(pictures, 1)
        both.addWidget(self.side)
        full = QWidget()
        self.column = QVBoxLayout(full)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(MARGIN)
        self.column.addLayout(both, 1)
        self.column.addWidget(self.fed)
        self.column.addWidget(self.checks)
        empty = Card(self._theme)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        empty.column.addStretch(1)
        empty.column.addWidget(self.nothing)
        empty.column.addWidget(self.offer, 0, Qt.AlignmentFlag.AlignHCenter)
        empty.column.addStretch(1)
        self._pages = QStackedWidget()
        # Filling in what is listed and bringing it into view each take their own turn of the event loop: a window stays smooth.
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(lambda: self._pages.setCurrentIndex(0))
        self._pages.addWidget(full)
        self._pages.addWidget(empty)
        ground = QWidget()
        whole = QVBoxLayout(ground)
        whole.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        whole.setSpacing(10)
        whole.addWidget(self._head)
        whole.addWidget(self.progress)
        whole.addWidget(self._pages, 1)
        # With large text in a small window there is no room for all of it at once.
        around = QVBoxLayout(self)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(scrolled(ground, "dataScroll"))

    def _connect(self) -> None:
        self._head.split_chosen.connect(self._turn)
        self.chips.chosen.connect(self._refill)
        self.masks.toggled.connect(self._refill)
        self.masks.toggled.connect(self.fed.show_masks)
        self.shuffle.clicked.connect(self._shuffle)
        self.back.clicked.connect(self._leave_finding)
        self.checks.show_asked.connect(self.show_finding)
        self.folder.clicked.connect(self._ask_for_folder)
        self.offer.clicked.connect(self._take_offer)
        self.look_again.clicked.connect(self.again_asked)
        self.gallery.scrolled.connect(self._count)
        for asked, said in (
            (self.gallery.open_asked, self.open_asked),
            (self.gallery.reveal_asked, self.reveal_asked),
            (self.gallery.copy_asked, self.copy_asked),
        ):
            asked.connect(
                lambda place, said=said: said.emit(self.shown.path(place)) if self.shown is not None else None
            )
        self._theme.changed.connect(self._fit_side)
        self._fit_side()

    def _fit_side(self) -> None:
        """Side by side where there is room, with the larger half for the gallery; else one below the other."""
        narrow = self.width() < self._theme.px(_NARROW)
        way = QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight
        self._both.setDirection(way)
        self._head.fit(self.width(), narrow=narrow)
        self.bars.setMinimumHeight(self._theme.px(_BARS))
        if narrow:
            self.side.setMinimumWidth(0)
            self.side.setMaximumWidth(_ANY)
        else:
            self.side.setFixedWidth(min(self._theme.px(_SIDE), max(220, round(0.36 * self.width()))))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_side()

    # --- what is shown ------------------------------------------------------------------------------------

    def show_nothing(self, sentence: str, offer: str = "", *, fetch: bool = False) -> None:
        """There are no pictures to see: why, and what can be done about it."""
        self.shown, self._found = None, None
        self.gallery.show_pictures(None, None, caption="class", masks=False)
        self.nothing.say(sentence)
        self._fetching = fetch
        self.offer.setText(offer)
        self.offer.set_icon("download" if fetch else "revert")
        self.offer.setVisible(bool(offer))
        self.progress.setRange(0, 0 if not sentence else 1)
        self.progress.setVisible(not sentence)
        self.note.say("")
        self._head.offer(split=False, again=False, folder=False)
        self._soon.stop()
        self._pages.setCurrentIndex(1)
        self.shown_changed.emit()

    def show_title(self, title: str, *, may_change: bool) -> None:
        """Which data set this is about; `may_change`: whether its files can become others."""
        self.title.say(title)
        self._may_change = may_change

    def show_reading(self, sentence: str, done: int, total: int) -> None:
        """The data set is being listed, read or fetched."""
        if self.shown is None:
            self.nothing.say(sentence)
            self.offer.hide()
        self.progress.setVisible(True)
        self.progress.setRange(0, total)
        self.progress.setValue(done)

    def show_data(self, shown: DataShown) -> None:
        """The pictures are listed."""
        # Looked through again, it keeps the chosen split and class as far as there still are any.
        about = shown.base, shown.title
        same, self._chosen_of = about == self._chosen_of, about
        part = self.split.key if same and shown.in_part(KEYS.index(self.split.key)) else KEYS[0]
        self.shown, self._found = shown, None
        self.title.say(shown.title)
        self._head.offer(split=True, again=self._may_change, folder=shown.files)
        self.chips.show_classes(() if shown.masked else shown.classes, keep=same)
        self.chips.setVisible(not shown.masked)
        for each in (self.masks, self.masks_label, self.mask_legend):
            each.setVisible(shown.masked)
        self.mask_legend.show_classes(shown.classes if shown.masked else (), ignores=shown.ignores)
        self.bars_title.say("Share of the pixels" if shown.masked else "Class balance")
        self.checks.show_findings((), "Looking through the pictures…")
        self.fed.show_fed(None)
        self.fed.show_waiting("Shown once all pictures were looked through")
        self.imbalance.show_verdict(None)
        self._show_counts()
        self.split.choose(part)
        self._refill()
        self._soon.start()
        self.shown_changed.emit()

    def show_progress(self, done: int, total: int) -> None:
        """More small pictures can be seen."""
        self.progress.setVisible(done < total)
        self.progress.setRange(0, total)
        self.progress.setValue(done)
        if done < total:
            self.checks.waiting.say(f"Looking through the pictures: {words.count(done)} of {words.count(total)}")
        self.gallery.refresh()

    def show_divided(self) -> None:
        """The parts of the data set that is shown have become known, or are others."""
        self._show_counts()
        if self._found is None:
            self._refill()

    def show_found(self, *, balanced: bool) -> None:
        """All was looked through; `balanced`: whether the recipe makes rare classes weigh more."""
        assert self.shown is not None
        self._balanced = balanced
        self.progress.hide()
        self._show_counts()
        shown = [each for each in self.shown.findings if each.kind != "imbalance"]
        self.checks.show_findings(shown)
        self._listed = shown
        self.found_shown.emit()

    def show_balanced(self, *, balanced: bool) -> None:
        """Whether the recipe makes rare classes weigh more is another: what is advised beside the bars follows."""
        if balanced == self._balanced:
            return
        self._balanced = balanced
        if self.shown is not None:
            self.imbalance.show_verdict(evenness.verdict(self.shown, balanced=balanced))

    def _show_counts(self) -> None:
        shown = self.shown
        assert shown is not None
        self._head.show_counts((shown.in_part(0), shown.in_part(1), shown.in_part(2)))
        said = [
            words.plural(len(shown), "picture", "pictures"),
            words.plural(len(shown.classes), "class", "classes"),
            shown.sizes(),
            shown.values(),
        ]
        self.note.say(", ".join(each for each in said if each))
        self.bars.show_classes(evenness.counts(shown), share=shown.masked)
        self.imbalance.show_verdict(evenness.verdict(shown, balanced=self._balanced))

    def show_finding(self, number: int) -> None:
        """Show only the pictures of a finding."""
        finding = self._listed[number]
        self._found = finding.places
        # Of copies in several splits or classes it matters which; of others, which file it is.
        self._sifted_by = _CAPTIONS.get(finding.kind, "file")
        self.heading.say(finding.sentence)
        self._refill()
        self.gallery.setFocus(Qt.FocusReason.OtherFocusReason)

    def _leave_finding(self) -> None:
        self._found = None
        self._refill()

    def _turn(self, _key: str) -> None:
        self._found = None
        self._refill()

    def _shuffle(self) -> None:
        self._shuffled += 1
        self._refill()

    def _refill(self) -> None:
        """The gallery shows what is chosen."""
        shown = self.shown
        if shown is None:
            return
        sifted = self._found is not None
        for part in (self.chips, self.shuffle):
            part.setVisible(not sifted and not (part is self.chips and shown.masked))
        self.back.setVisible(sifted)
        label = self.chips.label
        places = self._found
        if places is None:
            self.heading.say("Pictures")
            places = shown.order(KEYS.index(self.split.key), None if label == ALL else label, self._shuffled)
        caption = self._sifted_by if sifted else "class" if label == ALL else "file"
        self.gallery.show_pictures(shown, places, caption=caption, masks=self.masks.isChecked())

    def _count(self, in_view: int) -> None:
        total = self.gallery.count
        self.counted.say(f"{words.count(in_view)} of {words.count(total)}" if total else "None here")

    def _ask_for_folder(self) -> None:
        if self.shown is not None:
            self.folder_asked.emit(self.shown.base)

    def _take_offer(self) -> None:
        (self.fetch_asked if self._fetching else self.again_asked).emit()
