"""The racers as a table: their numbers, how many steps they needed, and what a step keeps of the error beside what theory says."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.gui import words
from workbench.gui.lab.landscape import figure
from workbench.gui.lab.shown import Line, Shown
from workbench.gui.theme import Theme
from workbench.gui.widgets.sample import paint_sample

_ROW, _HEAD = 27, 24
_SAMPLE = 34
#: What a step keeps of the error by rounding alone.
_ROUNDING = 1e-9
#: The room that a method's name has at least.
_NAME = 96
HEADS = ("Step size", "Momentum", "Steps to 10⁻⁶", "Error kept", "Theory")


@dataclass(frozen=True)
class Row:
    """A racer in words."""

    slot: int
    title: str
    cells: tuple[str, str, str, str, str]


def row(line: Line) -> Row:
    """What the table says of a racer."""
    tree = line.rule.model_dump()
    momentum = tree.get("momentum", tree.get("beta_1"))
    return Row(
        line.slot,
        line.title,
        (
            words.number(line.rule.learning_rate),
            "–" if momentum is None else words.number(momentum),
            _steps(line),
            "–" if line.kept is None else share(line.kept),
            "none" if line.theory is None else share(line.theory),
        ),
    )


def _steps(line: Line) -> str:
    if line.path.gone is not None:
        return "gone"
    return "–" if line.steps_to is None else words.count(line.steps_to)


def share(value: float) -> str:
    """A share of the error in three decimals; what hardly falls or grows with more."""
    if value < _ROUNDING:
        return "0"
    return figure(value) if value > 1.05 or value < 1e-3 else words.decimals(value, 3 if value < 0.9995 else 6)  # noqa: PLR2004 - where three figures no longer tell


class LabTable(QWidget):
    """See the module."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setObjectName("labTable")
        self.setAccessibleName("Methods")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.rows: tuple[Row, ...] = ()
        theme.changed.connect(self._dress)

    def show_race(self, shown: Shown) -> None:
        self._show(tuple(row(line) for line in shown.lines))

    def show_nothing(self) -> None:
        """There is no race to show."""
        self._show(())

    def _show(self, rows: tuple[Row, ...]) -> None:
        if rows == self.rows:
            return
        resized = len(rows) != len(self.rows)
        self.rows = rows
        self.setAccessibleDescription(". ".join(self.sentence(each) for each in rows))
        if resized:
            self.updateGeometry()
        self.update()

    @staticmethod
    def sentence(told: Row) -> str:
        """A row in words."""
        return f"{told.title}: " + ", ".join(
            f"{head.lower()} {cell}" for head, cell in zip(HEADS, told.cells, strict=True)
        )

    def _dress(self) -> None:
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(430), self._theme.px(_HEAD) + max(1, len(self.rows)) * self._theme.px(_ROW))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.px(180), self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme, high = self._theme, self._theme.px(_ROW)
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        left = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.setFont(theme.font("caption"))
        columns = self._columns(painter)
        shown = range(len(HEADS) - len(columns), len(HEADS))
        painter.setPen(theme.colour("text3"))
        painter.drawText(QRectF(_SAMPLE + 10, 0, columns[0][0], theme.px(_HEAD)), left, "Method")
        for at, (begin, width) in zip(shown, columns, strict=True):
            painter.drawText(QRectF(begin, 0, width, theme.px(_HEAD)), right, HEADS[at])
        for place, told in enumerate(self.rows):
            top = theme.px(_HEAD) + place * high
            paint_sample(painter, QRect(0, top, _SAMPLE - 4, high), theme, told.slot)
            painter.setFont(theme.font("secondary", 600))
            painter.setPen(theme.colour("text"))
            room = int(columns[0][0] - _SAMPLE - 14)
            name = painter.fontMetrics().elidedText(told.title, Qt.TextElideMode.ElideRight, room)
            painter.drawText(QRectF(_SAMPLE + 10, top, room + 2, high), left, name)
            for at, (begin, width) in zip(shown, columns, strict=True):
                cell = told.cells[at]
                painter.setFont(theme.font("secondary", 600 if at == 2 else None))  # noqa: PLR2004 - what is looked for first
                painter.setPen(theme.colour("text3" if cell in {"–", "none"} else "text"))
                painter.drawText(QRectF(begin, top, width, high), right, cell)
        painter.end()

    def _columns(self, painter: QPainter) -> list[tuple[float, float]]:
        """Where each column begins and how wide it is, from the right: those that leave the method no room are left out."""
        begins: list[tuple[float, float]] = []
        at = float(self.width()) - 4
        for head in reversed(HEADS):
            width = max(painter.fontMetrics().horizontalAdvance(head) + 14.0, self._theme.px(58))
            if begins and at - width < _SAMPLE + 14 + self._theme.px(_NAME):
                break
            at -= width
            begins.append((at, width))
        return begins[::-1]
