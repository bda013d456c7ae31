"""The results of masks: the weakest pictures, one of them with its masks laid over, and the overlap of each class."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from workbench.gui import words
from workbench.gui.results import pixmaps
from workbench.gui.results.card import Card
from workbench.gui.results.class_table import ClassRow, ClassTable
from workbench.gui.results.class_view import scrolled
from workbench.gui.results.overlay import MISSED, OUTLINES, Overlay, mask_image
from workbench.gui.results.picture_list import Listed, PictureList
from workbench.gui.results.words import file_stem
from workbench.gui.text import Elided, Text
from workbench.gui.theme import Theme
from workbench.gui.widgets.segments import Segments
from workbench.gui.widgets.slider import Slider
from workbench.gui.widgets.switch import Switch

if TYPE_CHECKING:
    from workbench.results.look import MaskLook

#: So many of the weakest pictures are listed; of the rest, the number.
MOST = 100
_LAYERS = (
    ("predicted", "Predicted outlines"), ("true", "True outlines"), ("missed", "Missed pixels"), ("extra", "Extra pixels"),
)  # fmt: skip
_SMALL = 74


class _Sample(QWidget):
    """How a layer looks."""

    def __init__(self, theme: Theme, layer: str) -> None:
        super().__init__()
        self._theme, self._layer = theme, layer
        self.setFixedSize(theme.px(22), theme.px(14))
        theme.changed.connect(self.update)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        rect = self.rect().adjusted(1, 1, -2, -2)
        if self._layer in {"missed", "extra"}:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.series(MISSED) if self._layer == "missed" else Qt.BrushStyle.NoBrush)
            if self._layer == "extra":
                painter.setBrush(Qt.BrushStyle.BDiagPattern)
                painter.setPen(self._theme.colour("text2"))
            painter.drawRect(rect)
        else:
            dashed = self._layer == "true"
            colour = self._theme.colour("text") if dashed else self._theme.series(OUTLINES[0])
            painter.setPen(QPen(colour, 2, Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine))
            painter.drawRoundedRect(rect, 4, 4)
        painter.end()


class MaskView(QWidget):
    """See the module."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._found: MaskLook | None = None
        self.list = PictureList(theme, "weakestList", "Pictures, weakest first")
        self.overlay = Overlay(theme)
        self.name = Elided(theme, "", "strong")
        self.switches = {layer: Switch(theme) for layer, _ in _LAYERS}
        self.strength = Slider(theme)
        self.strength.setObjectName("overlayStrength")
        self.strength.setAccessibleName("Strength of the layers, per cent")
        self.strength.setRange(10, 100)
        self.strength.setValue(90)
        self.of = Segments(theme, [("picture", "This picture"), ("all", "All pictures")])
        self.of.setObjectName("overlapOf")
        self.of.setAccessibleName("Overlap of")
        self.table = ClassTable(theme, of="Pixels")
        self.table.setAccessibleName("Overlap by class, weakest first")
        self.small = {name: QLabel() for name in ("Picture", "Truth", "Prediction")}
        self._arrange()
        self._connect()

    def _arrange(self) -> None:
        theme = self._theme
        left = Card(theme, "Weakest first")
        left.column.addWidget(scrolled(self.list, "weakestScroll"), 1)
        left.setFixedWidth(theme.px(190))
        middle = Card(theme)
        middle.heading.replaceWidget(middle.title, self.name)
        middle.title.deleteLater()
        middle.column.addWidget(self.overlay, 1)
        right = QVBoxLayout()
        right.setSpacing(12)
        for card in (self._layer_card(), self._overlap_card(), self._small_card()):
            right.addWidget(card)
        right.addStretch(1)
        side = QWidget()
        side.setLayout(right)
        right.setContentsMargins(0, 0, 0, 0)
        area = scrolled(side, "maskSideScroll")
        area.setFixedWidth(theme.px(300))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(left)
        row.addWidget(middle, 1)
        row.addWidget(area)

    def _layer_card(self) -> Card:
        card = Card(self._theme, "Show")
        for layer, label in _LAYERS:
            row = QHBoxLayout()
            row.setSpacing(10)
            switch = self.switches[layer]
            switch.setObjectName(f"{layer}Layer")
            switch.setAccessibleName(label)
            switch.setChecked(True)
            row.addWidget(_Sample(self._theme, layer))
            row.addWidget(Text(self._theme, label), 1)
            row.addWidget(switch)
            card.column.addLayout(row)
        row = QHBoxLayout()
        row.addWidget(Text(self._theme, "Strength"))
        row.addWidget(self.strength, 1)
        card.column.addLayout(row)
        return card

    def _overlap_card(self) -> Card:
        card = Card(self._theme, "Overlap")
        card.heading.addWidget(self.of)
        card.column.addWidget(self.table)
        return card

    def _small_card(self) -> Card:
        card = Card(self._theme)
        card.title.hide()
        row = QHBoxLayout()
        row.setSpacing(8)
        for name, label in self.small.items():
            column = QVBoxLayout()
            side = self._theme.px(_SMALL)
            label.setFixedSize(side, side)
            label.setScaledContents(True)
            label.setAccessibleName(name)
            column.addWidget(label)
            column.addWidget(Text(self._theme, name, "caption", "text2"))
            row.addLayout(column)
        row.addStretch(1)
        card.column.addLayout(row)
        return card

    def _connect(self) -> None:
        self.list.picture_chosen.connect(self._show_picture)
        self.strength.valueChanged.connect(self._turn_strength)
        self.of.chosen.connect(self._fill_table)
        self._theme.changed.connect(self._show_chosen)
        for switch in self.switches.values():
            switch.toggled.connect(self._turn_layers)

    def show_look(self, found: MaskLook) -> None:
        """Show the results of one file of answers; the weakest picture is chosen."""
        self._found = found
        self.list.show_pictures([self._listed(int(place)) for place in found.weakest[:MOST]])
        self._show_chosen()

    def _listed(self, place: int) -> Listed:
        assert self._found is not None
        judged, value = self._found.judged, float(self._found.pictures[place])
        name = file_stem(str(judged.names[place]), int(judged.rows[place]))
        return Listed(
            place, pixmaps.image(judged.pictures[place]), name, "–" if math.isnan(value) else words.percent(value, 1)
        )

    def _show_chosen(self) -> None:
        place = self.list.chosen
        if place is not None:
            self._show_picture(place)

    def _show_picture(self, place: int) -> None:
        assert self._found is not None
        judged, ignore = self._found.judged, self._found.about.ignore
        picture, each = pixmaps.image(judged.pictures[place]), self._listed(place)
        self.name.say(each.name)
        truth, said = judged.truth[place], judged.predicted[place]
        self.overlay.show_masks(picture, truth, said, ignore, f"{each.name}, overlap {each.told}")
        shown = {
            "Picture": picture,
            "Truth": mask_image(truth, self._theme, ignore),
            "Prediction": mask_image(said, self._theme, ignore),
        }
        for name, image in shown.items():
            self.small[name].setPixmap(QPixmap.fromImage(image))
        self._fill_table()

    def _fill_table(self) -> None:
        from workbench.results.confusion import weakest_first  # noqa: PLC0415 - NumPy: not before the first paint

        found, place = self._found, self.list.chosen
        if found is None or place is None:
            return
        of_all = self.of.key == "all"
        iou = found.iou if of_all else found.picture_iou(place)
        true = found.judged.counts[:, 1].sum(axis=0) if of_all else found.judged.counts[place, 1]
        rows = [
            ClassRow(
                int(number), found.about.classes[number], (float(iou[number]),), words.short_count(int(true[number]))
            )
            for number in weakest_first(iou)
        ]
        self.table.show_rows(("IoU",), rows)

    def _turn_layers(self) -> None:
        for layer, switch in self.switches.items():
            self.overlay.show_layer(layer, switch.isChecked())

    def _turn_strength(self, value: int) -> None:
        self.overlay.set_strength(value / 100)
