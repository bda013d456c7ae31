"""The results of pictures that each have a class: matrix, classes, calibration, and the pictures behind the numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from workbench.gui import words
from workbench.gui.results import pixmaps
from workbench.gui.results.card import Card
from workbench.gui.results.charts import CurveChart, Line, ReliabilityChart
from workbench.gui.results.class_table import ClassRow, ClassTable
from workbench.gui.results.gallery import Gallery, Shown
from workbench.gui.results.matrix import ConfusionMatrix
from workbench.gui.results.words import file_stem
from workbench.gui.text import Elided
from workbench.gui.theme import Theme
from workbench.gui.widgets.button import Button
from workbench.gui.widgets.segments import Segments

if TYPE_CHECKING:
    import numpy.typing as npt

    from workbench.results.answers import Shares, Whole
    from workbench.results.look import ClassLook

#: So many pictures stand in the gallery; of the rest, the number.
MOST = 24
#: The heading over the pictures keeps so much of its width in a narrow window.
_TITLE = 130
#: Matrix and classes are at least so high; a lower window scrolls.
_HIGH = 300


def scrolled(part: QWidget, name: str, *, across: bool = False) -> QScrollArea:
    """A part that scrolls where it has no room, without a frame."""
    area = QScrollArea()
    area.setObjectName(name)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidgetResizable(True)
    area.setWidget(part)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.viewport().setAutoFillBackground(False)
    part.setAutoFillBackground(False)
    off = Qt.ScrollBarPolicy.ScrollBarAlwaysOff
    (area.setVerticalScrollBarPolicy if across else area.setHorizontalScrollBarPolicy)(off)
    return area


class ClassView(QWidget):
    """See the module."""

    #: What the network looked at is wanted for these pictures (places in the part, a class for each).
    cams_asked = Signal(object, object)
    #: It is not wanted any more: switched off, or other pictures are shown.
    cams_dropped = Signal()
    #: The layers of the network are wanted, with what they make of a picture (its place, a class).
    layers_asked = Signal(int, int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._found: ClassLook | None = None
        self.matrix = ConfusionMatrix(theme)
        self.numbers = Segments(theme, [("count", "Count"), ("share", "Share")])
        self.numbers.setObjectName("matrixNumbers")
        self.numbers.setAccessibleName("Numbers in the matrix")
        self.table = ClassTable(theme)
        self.reliability = ReliabilityChart(theme)
        self.roc = CurveChart(theme, "rocChart", "False positive rate", "True positive rate")
        self.recall = CurveChart(theme, "precisionRecallChart", "Recall", "Precision")
        self.sides = Segments(theme, [("classes", "Classes"), ("calibration", "Calibration"), ("curves", "ROC and PR")])
        self.sides.setObjectName("resultsSides")
        self.sides.setAccessibleName("What is shown beside the matrix")
        self.lists = Segments(theme, [("cell", "Cell"), ("mistakes", "Mistakes"), ("uncertain", "Unsure")])
        self.lists.setObjectName("resultsLists")
        self.lists.setAccessibleName("Which pictures are shown")
        self.cams = Button(theme, "Show what it looked at", "eye")
        self.cams.setObjectName("showCamButton")
        self.cams.setCheckable(True)
        self.layers = Button(theme, "Layers…", "layers")
        self.layers.setObjectName("showLayersButton")
        self.gallery = Gallery(theme)
        self._arrange()
        self._connect()

    def _arrange(self) -> None:
        theme = self._theme
        matrix = self._matrix_card = Card(theme, "Confusion matrix")
        matrix.heading.addWidget(self.numbers)
        area = scrolled(self.matrix, "matrixScroll")
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        matrix.column.addWidget(area, 1)
        side = self._side_card = Card(theme, "By class, weakest first")
        side.heading.addWidget(self.sides)
        self._side_pages = QStackedWidget()
        curves = QWidget()
        both = QHBoxLayout(curves)
        both.setContentsMargins(0, 0, 0, 0)
        both.addWidget(self.roc)
        both.addWidget(self.recall)
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 6, 0)
        column.addWidget(self.table)
        column.addStretch(1)
        for page in (scrolled(holder, "classScroll"), self.reliability, curves):
            self._side_pages.addWidget(page)
        side.column.addWidget(self._side_pages, 1)
        pictures = self._gallery_card = Card(theme)
        self.count = Elided(theme, "", "secondary", "text2")
        pictures.heading.addWidget(self.count, 2)
        for part in (self.lists, self.cams, self.layers):
            pictures.heading.addWidget(part)
        self._gallery_area = scrolled(self.gallery, "galleryScroll", across=True)
        pictures.column.addWidget(self._gallery_area)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(12)
        grid.addWidget(self._matrix_card, 0, 0)
        grid.addWidget(self._side_card, 0, 1)
        grid.addWidget(self._gallery_card, 1, 0, 1, 2)
        grid.setRowStretch(0, 1)
        for place, card in enumerate((self._matrix_card, self._side_card)):
            grid.setColumnStretch(place, 1)
            card.setMinimumHeight(self._theme.px(_HIGH))

    def _connect(self) -> None:
        self.numbers.chosen.connect(self._turn_numbers)
        self.sides.chosen.connect(self._turn_side)
        self.lists.chosen.connect(self._fill_gallery)
        self.matrix.cell_chosen.connect(self._take_cell)
        self.table.class_chosen.connect(self._take_class)
        self.cams.clicked.connect(self._turn_cams)
        self.layers.clicked.connect(self._want_layers)
        self._theme.changed.connect(self._fit_gallery)
        self._fit_gallery()

    def _fit_gallery(self) -> None:
        """The pictures and their words, and a scroll bar under them."""
        self._gallery_area.setFixedHeight(
            self.gallery.sizeHint().height() + self._gallery_area.horizontalScrollBar().sizeHint().height()
        )

    # --- what is shown ---------------------------------------------------------------------------------

    def show_look(self, found: ClassLook) -> None:
        """Show the results of one file of answers; the commonest mistake is chosen."""
        self._found = found
        classes, table = found.about.classes, found.table
        self.matrix.show_matrix(found.matrix, classes)
        order = _weakest(table.f1)
        rows = [
            ClassRow(
                number, classes[number], (float(table.precision[number]), float(table.recall[number]), float(table.f1[number])),
                words.count(int(table.support[number])),
            )
            for number in order
        ]  # fmt: skip
        self.table.show_rows(("Precision", "Recall", "F1"), rows)
        self.reliability.show_calibration(found.calibration)
        self._show_curves(found)
        true, said = self.matrix.worst()
        self.matrix.choose(true, said)
        self._take_cell(true, said)

    def _show_curves(self, found: ClassLook) -> None:
        both = found.roc is not None and found.precision_recall is not None
        self.sides.button("curves").setVisible(both)
        if found.roc is not None and found.precision_recall is not None:
            area, average = words.decimals(found.roc.area, 4), words.decimals(found.precision_recall.average, 4)
            self.roc.show_line(
                Line(
                    f"Area {area}",
                    f"Area under the ROC curve {area}",
                    found.roc.false_positive.tolist(),
                    found.roc.true_positive.tolist(),
                ),
                (0.0, 1.0),
            )
            share = float(found.table.support[1] / found.table.support.sum())
            curve = found.precision_recall
            self.recall.show_line(
                Line(f"AP {average}", f"Average precision {average}", curve.recall.tolist(), curve.precision.tolist()),
                (share, share),
            )
        elif self.sides.key == "curves":
            self.sides.choose("classes")
            self._turn_side("classes")

    def lay_over(self, heat: Mapping[int, npt.NDArray[Any]]) -> None:
        """Maps of what the network looked at, by picture."""
        colour = self._theme.series("validation")
        self.gallery.lay_over({place: pixmaps.heat(shares, colour) for place, shares in heat.items()})
        self.cams.setChecked(bool(heat))

    def _turn_numbers(self, key: str) -> None:
        self.matrix.show_shares(key == "share")

    def _turn_side(self, key: str) -> None:
        titles = {"classes": "By class, weakest first", "calibration": "As right as it is sure?", "curves": ""}
        if key == "curves" and self._found is not None:
            titles["curves"] = f"Looking for {self._found.about.classes[1]}"
        self._side_card.title.say(titles[key])
        self._side_pages.setCurrentIndex(list(titles).index(key))

    # --- which pictures ------------------------------------------------------------------------------------

    def _take_cell(self, true: int, _said: int) -> None:
        self.table.choose(true)
        self.lists.choose("cell")
        self._fill_gallery("cell")

    def _take_class(self, number: int) -> None:
        """A class of the table: its commonest mistake in the matrix."""
        assert self._found is not None
        row = [int(count) for count in self._found.matrix[number]]
        row[number] = 0
        said = row.index(max(row)) if any(row) else number
        self.matrix.choose(number, said)
        self._take_cell(number, said)

    def _rows(self, key: str) -> Whole:
        from workbench.results.confusion import in_cell  # noqa: PLC0415 - NumPy: not before the first paint

        assert self._found is not None
        if key == "cell":
            return in_cell(self._found.answers, *self.matrix.cell)
        return self._found.mistakes if key == "mistakes" else self._found.uncertain

    def _fill_gallery(self, key: str) -> None:
        found = self._found
        if found is None:
            return
        rows = self._rows(key)
        title, metrics = self._gallery_title(key), self._gallery_card.title.fontMetrics()
        self._gallery_card.title.setMinimumWidth(min(metrics.horizontalAdvance(title) + 6, self._theme.px(_TITLE)))
        self._gallery_card.title.say(title)
        shown = f", the first {MOST} are shown" if len(rows) > MOST else ""
        how = {"cell": "most certain first", "mistakes": "most certain first", "uncertain": "smallest lead first"}[key]
        self.count.say(
            f"{words.plural(len(rows), 'picture', 'pictures')}, {how}{shown}" if len(rows) else "No pictures"
        )
        self.gallery.show_pictures([self._shown(int(row)) for row in rows[:MOST]])
        for button in (self.cams, self.layers):
            button.setEnabled(bool(len(rows)))
        self.cams.setChecked(False)
        self.cams_dropped.emit()

    def _gallery_title(self, key: str) -> str:
        assert self._found is not None
        true, said = self.matrix.cell
        names = self._found.about.classes
        cell = f"{names[true]} taken for {names[said]}" if true != said else f"{names[true]} recognised"
        return {"cell": cell, "mistakes": "The surest mistakes", "uncertain": "Where it wavers"}[key]

    def _shown(self, place: int) -> Shown:
        assert self._found is not None
        judged, said = self._found.judged, self._found.answers
        names, true, told = said.classes, int(said.truth[place]), int(said.predicted[place])
        sure = words.percent(float(said.probabilities[place, told]), 0)
        verdict = "right" if true == told else f"is {names[true]}"
        stem = file_stem(str(judged.names[place]), int(judged.rows[place]))
        return Shown(
            place, pixmaps.image(judged.pictures[place]), names[told], sure, verdict,
            f"{stem}: {names[told]} {sure}, {verdict}",
        )  # fmt: skip

    # --- what it looked at -----------------------------------------------------------------------------------

    def _turn_cams(self, on: bool) -> None:  # noqa: FBT001 - the slot of clicked
        if not on:
            self.gallery.lay_over({})
            self.cams_dropped.emit()
            return
        assert self._found is not None
        places = [each.place for each in self.gallery.shown]
        self.cams_asked.emit(places, [int(self._found.answers.predicted[place]) for place in places])

    def _want_layers(self) -> None:
        place = self.gallery.chosen
        if place is not None and self._found is not None:
            self.layers_asked.emit(place, int(self._found.answers.predicted[place]))


def _weakest(values: Shares) -> list[int]:
    from workbench.results.confusion import weakest_first  # noqa: PLC0415 - NumPy: not before the first paint

    return [int(number) for number in weakest_first(values)]
