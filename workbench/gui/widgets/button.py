"""Push buttons in five kinds, painted: primary (one in view), tonal, plain, flat, link. Icons follow the theme."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QEnterEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from workbench.gui.theme import Role, Theme
from workbench.gui.widgets.paint import GAP, RING, box, ring

Kind = Literal["primary", "tonal", "plain", "flat", "link"]

_TEXT: dict[Kind, str] = {"primary": "on_fill", "tonal": "accent", "plain": "text", "flat": "text", "link": "accent"}


class Button(QPushButton):
    """A push button. With an icon and no text it is square; give it an accessible name then."""

    def __init__(
        self, theme: Theme, text: str = "", icon: str = "", kind: Kind = "plain", *, height: int = 28,
        icon_token: str = "", parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(text, parent)
        self._theme = theme
        self._icon_name = icon
        self._icon_token = icon_token
        self._kind: Kind = kind
        self._height = height
        self._role: Role = "button"
        self._icon_shown = self._word_shown = True
        self.setAutoDefault(False)
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._dress)
        self._dress()

    @property
    def kind(self) -> Kind:
        return self._kind

    def set_kind(self, kind: Kind) -> None:
        if kind != self._kind:
            self._kind = kind
            self.updateGeometry()
            self.update()

    def set_icon(self, name: str, token: str = "") -> None:
        """Another icon (none when empty), in a token's colour instead of the text's."""
        if (name, token) != (self._icon_name, self._icon_token):
            self._icon_name, self._icon_token = name, token
            self.updateGeometry()
            self.update()

    def show_icon(self, shown: bool) -> None:  # noqa: FBT001 - reads like Qt's own setters
        """Narrow places leave the icon out."""
        if shown != self._icon_shown:
            self._icon_shown = shown
            self.updateGeometry()
            self.update()

    def show_word(self, shown: bool) -> None:  # noqa: FBT001 - reads like Qt's own setters
        """Narrow places have room for the icon only; the name stays what the text says."""
        if shown != self._word_shown:
            self._word_shown = shown
            self.updateGeometry()
            self.update()

    @property
    def _shown(self) -> str:
        return self.text() if self._word_shown else ""

    def _dress(self) -> None:
        self.setFont(self._theme.font(self._role))
        self.setFixedHeight(self._theme.px(self._height))
        self.updateGeometry()
        self.update()

    def _has_icon(self) -> bool:
        return bool(self._icon_name) and (self._icon_shown or not self._shown)

    def sizeHint(self) -> QSize:
        height = self._theme.px(self._height)
        if not self._shown:
            return QSize(height, height)
        icon = self._theme.px(16) + 6 if self._has_icon() else 0
        arrow = self._theme.px(16) if self.menu() else 0
        sides = 12 if self._kind == "link" else 28
        return QSize(self.fontMetrics().horizontalAdvance(self.text()) + icon + arrow + sides, height)

    def minimumSizeHint(self) -> QSize:
        hint = self.sizeHint()
        return QSize(
            max(self._theme.px(24), hint.width() - 16 if self._shown and self._kind != "link" else 0), hint.height()
        )

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.update()

    def _surface(self) -> tuple[QColor | None, QColor | None]:
        """Fill and edge for the kind and for what the pointer does."""
        theme, hovered = self._theme, self.underMouse() and self.isEnabled()
        if not self.isEnabled():
            return None, None if self._kind in {"flat", "link"} else theme.colour("line")
        if self._kind == "primary":
            fill = theme.colour("fill")
            return (fill.lighter(108) if hovered else fill), None
        if self._kind == "tonal":
            fill = theme.colour("sel")
            return (fill.lighter(115) if hovered and theme.dark else fill), None
        lit = self.isDown() or self.isChecked()
        if self._kind in {"flat", "link"}:
            return (theme.colour("hover"), theme.colour("line2") if lit else None) if hovered or lit else (None, None)
        return theme.colour("hover" if hovered or lit else "field"), theme.colour("line2")

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect())
        fill, edge = self._surface()
        if self.hasFocus():
            ring(painter, rect, self._theme)
            inset = RING + GAP
            rect = rect.adjusted(inset, inset, -inset, -inset)
        box(painter, rect, fill, edge, radius=6 if not self.hasFocus() else 4)
        self._paint_content(painter)
        painter.end()

    def _paint_content(self, painter: QPainter) -> None:
        theme = self._theme
        token = _TEXT[self._kind] if self.isEnabled() else "text3"
        side = theme.px(16)
        metrics = self.fontMetrics()
        arrow = theme.px(16) if self.menu() is not None and self._shown else 0
        icon = side + (6 if self._shown else 0) if self._has_icon() else 0
        room = self.width() - icon - arrow - (4 if self._kind == "link" else 12)
        text = metrics.elidedText(self._shown.replace("&", ""), Qt.TextElideMode.ElideRight, max(room, 0))
        left = (self.width() - icon - arrow - metrics.horizontalAdvance(text)) / 2
        top = (self.height() - side) / 2
        if self._has_icon():
            own = self._icon_token if self._icon_token and self.isEnabled() else token
            painter.drawPixmap(round(left), round(top), theme.pixmap(self._icon_name, own, 16))
        painter.setPen(theme.colour(token))
        painter.setFont(self.font())
        painter.drawText(
            QRectF(left + icon, 0, metrics.horizontalAdvance(text) + 2, self.height()),
            Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text,
        )  # fmt: skip
        if arrow:
            small = theme.pixmap("chevron-down", token if self._kind == "primary" else "text2", 14)
            painter.drawPixmap(self.width() - theme.px(14) - 8, round((self.height() - theme.px(14)) / 2), small)


class PrimaryButton(Button):
    """The one filled button in view."""

    def __init__(
        self, theme: Theme, text: str = "", icon: str = "", *, height: int = 34, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, text, icon, "primary", height=height, parent=parent)


class TonalButton(Button):
    """An offer that is not the main thing."""

    def __init__(
        self, theme: Theme, text: str = "", icon: str = "", *, height: int = 28, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, text, icon, "tonal", height=height, parent=parent)


class FlatButton(Button):
    """A quiet button without a box until the pointer or the focus is on it."""

    def __init__(
        self, theme: Theme, text: str = "", icon: str = "", *, height: int = 28, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, text, icon, "flat", height=height, icon_token="text2", parent=parent)  # noqa: S106 - the name of a colour
