"""What the shapes and colours of the graph mean, in a line under it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.gui.model.painter import RowPainter
from workbench.gui.model.telling import Role
from workbench.gui.theme import Theme
from workbench.gui.widgets.paint import box

ENTRIES: tuple[tuple[Role, str], ...] = (
    ("conv", "Convolution"), ("up", "Enlarges maps"), ("classify", "Dense or score"), ("quiet", "No kernel"),
)  # fmt: skip
WIDTH = "A block is as wide as its maps are large, a step a halving"
_GAP, _SAMPLE = 16, 18


class Legend(QWidget):
    """Samples with their words; what does not fit is left out from the end."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._painter = RowPainter(theme)
        self.setAccessibleName(". ".join([WIDTH, *(words for _, words in ENTRIES)]))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.updateGeometry)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(200, self._theme.px(18))

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme, px = self._theme, self._theme.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = theme.font("caption")
        painter.setFont(font)
        metrics = QFontMetrics(font)
        left = px(8)
        for role, said in (*ENTRIES, (None, WIDTH)):
            sample = px(_SAMPLE) if role is not None else 0
            width = sample + 6 + metrics.horizontalAdvance(said)
            if left + width > self.width():
                break
            if role is not None:
                height = px(4 if role == "quiet" else 10)
                box(
                    painter,
                    QRectF(left, (self.height() - height) / 2, sample, height),
                    self._painter.colour(role),
                    None,
                    2.5,
                )
            painter.setPen(theme.colour("text3"))
            place = QRectF(left + sample + 6, 0, width, self.height())
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, said)
            left += width + px(_GAP)
        painter.end()
