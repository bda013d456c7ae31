"""A run through its epochs: the confusion matrix at each, and a few pictures that are always the same, with what was said of them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QStackedWidget, QVBoxLayout, QWidget

from workbench.gui import words
from workbench.gui.results import pixmaps
from workbench.gui.results.card import Card
from workbench.gui.results.class_view import scrolled
from workbench.gui.results.course_chart import CourseChart
from workbench.gui.results.gallery import Gallery, Shown
from workbench.gui.results.matrix import ConfusionMatrix
from workbench.gui.results.overlay import Overlay, mask_image
from workbench.gui.text import Elided
from workbench.gui.theme import Theme
from workbench.gui.widgets.scrubber import Scrubber
from workbench.gui.widgets.segments import Segments

if TYPE_CHECKING:
    from PySide6.QtGui import QImage

    from workbench.results.through import Through

#: The cards at the top are at least so high; a lower window scrolls.
_HIGH = 260
#: How strongly masks cover the pictures of the strip, of 255.
_COVER = 150


class ThroughView(QWidget):
    """See the module."""

    #: Another epoch is shown (the epoch).
    epoch_shown = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._found: Through | None = None
        self._pictures: list[QImage] = []
        self.scrubber = Scrubber(theme, "epochScrubber")
        self.matrix = ConfusionMatrix(theme)
        self.matrix.setObjectName("epochMatrix")
        self.numbers = Segments(theme, [("count", "Count"), ("share", "Share")])
        self.numbers.setObjectName("epochMatrixNumbers")
        self.numbers.setAccessibleName("Numbers in the matrix")
        self.overlay = Overlay(theme)
        self.overlay.setObjectName("epochOverlay")
        self.course = CourseChart(theme)
        self.gallery = Gallery(theme)
        self.gallery.setObjectName("epochGallery")
        self.gallery.setAccessibleName("Pictures that are the same at every epoch")
        self.note = Elided(theme, "", "secondary", "text2")
        self._arrange()
        self._connect()

    def _arrange(self) -> None:
        theme = self._theme
        top = Card(theme)
        top.title.hide()
        top.column.addWidget(self.scrubber)
        self._left = Card(theme)
        self._left.heading.addWidget(self.numbers)
        area = scrolled(self.matrix, "epochMatrixScroll")
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self._sides = QStackedWidget()
        self._sides.addWidget(area)
        self._sides.addWidget(self.overlay)
        self._left.column.addWidget(self._sides, 1)
        self._right = Card(theme)
        self._right.column.addWidget(self.course, 1)
        self._below = Card(theme, "The same pictures at every epoch")
        self._below.heading.addWidget(self.note, 2)
        self._strip = scrolled(self.gallery, "epochGalleryScroll", across=True)
        self._below.column.addWidget(self._strip)
        grid = QGridLayout()
        grid.setSpacing(12)
        grid.addWidget(self._left, 0, 0)
        grid.addWidget(self._right, 0, 1)
        grid.addWidget(self._below, 1, 0, 1, 2)
        grid.setRowStretch(0, 1)
        for place, card in enumerate((self._left, self._right)):
            grid.setColumnStretch(place, 1)
            card.setMinimumHeight(theme.px(_HIGH))
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(12)
        whole.addWidget(top)
        whole.addLayout(grid, 1)

    def _connect(self) -> None:
        self.scrubber.turned.connect(self._show_epoch)
        self.gallery.picture_chosen.connect(self._show_course)
        self.numbers.chosen.connect(self._turn_numbers)
        self._theme.changed.connect(self._dress)
        self._dress()

    def _dress(self) -> None:
        """The pictures and their words, and a scroll bar under them; masks are in the theme's colours."""
        bar = self._strip.horizontalScrollBar().sizeHint().height()
        self._strip.setFixedHeight(self.gallery.sizeHint().height() + bar)
        if self._found is not None:
            self._show_epoch(self.scrubber.at)

    # --- what is shown ---------------------------------------------------------------------------------

    def show_through(self, found: Through, best: int | None) -> None:
        """Show a run's epochs, or more of them."""
        anew = self._found is None or self._found.run != found.run
        self._found = found
        if anew or len(self._pictures) != len(found.samples.pictures):
            self._pictures = [pixmaps.image(each) for each in found.samples.pictures]
        self._sides.setCurrentIndex(int(found.with_masks))
        self.numbers.setVisible(not found.with_masks)
        at = self.scrubber.follow_epochs(found.epochs, best, anew=anew)
        self._show_course(0 if anew else self.gallery.chosen or 0)
        self._show_epoch(at, anew=anew)

    def _show_epoch(self, at: int, *, anew: bool = False) -> None:
        found = self._found
        if found is None:
            return
        epoch = found.epochs[at]
        shown = [self._shown(found, at, number) for number in range(len(self._pictures))]
        if anew:
            self.gallery.show_pictures(shown)
        else:
            self.gallery.say(shown)
        if found.with_masks:
            self._left.title.say(f"Masks at epoch {epoch}")
            self.gallery.lay_over({number: self._cover(found, at, number) for number in range(len(self._pictures))})
            self._show_overlay(at, self.gallery.chosen or 0)
            self.note.say("Predicted masks laid over; the share is the mean overlap (IoU)")
        else:
            self._left.title.say(f"Confusion matrix at epoch {epoch}")
            self.matrix.show_matrix(found.matrix(at), found.classes)
            self.note.say(self._sentence(found, at))
        self.course.show_epoch(at)
        self.epoch_shown.emit(epoch)

    @staticmethod
    def _sentence(found: Through, at: int) -> str:
        few = f"{found.few_right(at)} of {len(found.samples.few)} right"
        turned = found.turned(at)
        if turned is None:
            return few
        of = words.plural(len(found.samples.truth), "picture", "pictures")
        return (
            f"{few} · of all {of}, {words.count(turned.righted)} became right since epoch {turned.since} "
            f"and {words.count(turned.lost)} wrong"
        )

    def _shown(self, found: Through, at: int, number: int) -> Shown:
        row = int(found.samples.rows[found.samples.few[number]])
        if found.with_masks:
            overlap = found.overlap(at, number)
            share = "–" if math.isnan(overlap) else words.percent(overlap, 0)
            return Shown(number, self._pictures[number], "IoU", share, f"Row {row}", f"Row {row}: overlap {share}")
        place = int(found.samples.few[number])
        given, true = int(found.answers[at].given[place]), int(found.samples.truth[place])
        share = words.percent(float(found.answers[at].share[place]), 0)
        verdict = "right" if given == true else f"is {found.classes[true]}"
        name = found.classes[given]
        return Shown(number, self._pictures[number], name, share, verdict, f"Row {row}: {name} {share}, {verdict}")

    def _cover(self, found: Through, at: int, number: int) -> QImage:
        mask = found.masks[at][number]
        return pixmaps.veil(mask_image(mask, self._theme, None), mask != 0, _COVER)

    def _show_overlay(self, at: int, number: int) -> None:
        found = self._found
        assert found is not None
        truth, said = found.samples.masks[number], found.masks[at][number]
        words_of = self._shown(found, at, number).sentence
        self.overlay.show_masks(self._pictures[number], truth, said, found.samples.ignore, words_of)

    def _show_course(self, number: int) -> None:
        found = self._found
        if found is None:
            return
        row = int(found.samples.rows[found.samples.few[number]])
        shares = found.course(number).tolist()
        if found.with_masks:
            self._right.title.say(f"Row {row} through training")
            self.course.show_course(found.epochs, shares, None, "Mean overlap (IoU)")
            self._show_overlay(self.scrubber.at, number)
        else:
            true = found.classes[int(found.samples.truth[found.samples.few[number]])]
            self._right.title.say(f"Row {row} through training: how sure of {true}")
            self.course.show_course(found.epochs, shares, 1 / len(found.classes), f"Probability of {true}")
        self.course.show_epoch(self.scrubber.at)

    def _turn_numbers(self, key: str) -> None:
        self.matrix.show_shares(key == "share")
