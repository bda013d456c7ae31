"""The theme: colours, fonts, icons and sizes, for every widget that is handed one.

It follows the system between dark and light, or is pinned; `changed` says when everything has to be
painted anew (palette, style sheet and icon tints are done by then; plots and cached pixmaps are not).
It knows no widget.
"""

from __future__ import annotations

import functools
import os
from typing import Literal

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontInfo, QGuiApplication, QIcon, QPalette, QPixmap
from PySide6.QtWidgets import QApplication, QStyleFactory

from workbench.gui import icons, tokens
from workbench.gui.sheet import style_sheet
from workbench.paths import assets

Mode = Literal["system", "dark", "light"]
Role = Literal["display", "dialog", "figure", "title", "body", "strong", "button", "secondary", "caption"]

#: Size in pixels at 100 % and weight of each role of text.
_ROLES: dict[Role, tuple[int, int]] = {
    "display": (26, 600), "dialog": (18, 600), "figure": (20, 600), "title": (15, 600), "body": (13, 400),
    "strong": (13, 600), "button": (13, 500), "secondary": (12, 400), "caption": (11, 400),
}  # fmt: skip
_BODY = 13
#: System text from this size on is a wish for larger text, not the platform's habit.
_LARGE = 15.5
#: What a bare Linux answers when it was asked for the system's font and has none set.
_NO_CHOICE = frozenset({"", "sans", "sans serif", "sans-serif", "helvetica"})
_PREFERRED = ("Inter", "Noto Sans", "Cantarell", "Ubuntu", "Open Sans", "Liberation Sans", "DejaVu Sans")


class Theme(QObject):
    """Colours, fonts, icons and sizes of the window."""

    #: Colours changed: palette and style sheet are already in place, whatever else was painted is not.
    changed = Signal()

    def __init__(self, mode: Mode = "system", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("theme")
        self._mode: Mode = mode
        self._dark = self._wants_dark()
        self._app: QApplication | None = None
        self._icons: dict[tuple[str, str, int], QIcon] = {}
        self._fonts: dict[Role, QFont] = {}
        self._colours: dict[str, QColor] = {}
        self._family, self._scale = _system_text()
        # Taken before the application is dressed: later its palette is ours.
        self._contrast = _contrast_colours(QGuiApplication.palette()) if _high_contrast() else {}
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._system_changed)

    # --- which theme -----------------------------------------------------------------------------

    @property
    def mode(self) -> Mode:
        return self._mode

    @property
    def dark(self) -> bool:
        return self._dark

    @property
    def reduced_motion(self) -> bool:
        """Whether changes are to be instant; also true while the display draws no effects at all."""
        return bool(os.environ.get("WORKBENCH_REDUCED_MOTION")) or not QApplication.isEffectEnabled(
            Qt.UIEffect.UI_AnimateMenu
        )

    def set_mode(self, mode: Mode) -> None:
        """Pin dark or light, or follow the system."""
        self._mode = mode
        self._turn(dark=self._wants_dark())

    def set_text_scale(self, scale: float) -> None:
        """Larger or smaller text: 1.0 is a body of 13 pixels; up to 2.0 nothing is lost."""
        self._scale = min(2.0, max(0.8, scale))
        # A widget that is dressed by a style sheet for the first time forgets fonts it was given in between.
        for widget in QApplication.allWidgets():
            widget.ensurePolished()
        self._renew()

    def apply(self, app: QApplication) -> None:
        """Dress the application; from then on changes follow by themselves."""
        self._app = app
        app.setStyle(QStyleFactory.create("Fusion"))
        self._dress()

    def _wants_dark(self) -> bool:
        if self._mode != "system":
            return self._mode == "dark"
        # Where the system says nothing, dark: the curves are the brightest thing on screen.
        return QGuiApplication.styleHints().colorScheme() is not Qt.ColorScheme.Light

    def _system_changed(self) -> None:
        self._turn(dark=self._wants_dark())

    def _turn(self, *, dark: bool) -> None:
        if dark != self._dark:
            self._dark = dark
            self._renew()

    def _renew(self) -> None:
        self._icons.clear()
        self._fonts.clear()
        self._colours.clear()
        if self._app is not None:
            self._dress()
        self.changed.emit()

    # --- colours ---------------------------------------------------------------------------------

    def hex(self, token: str) -> str:
        """The colour of a token as "#RRGGBB"."""
        return self._table[token]

    @property
    def _table(self) -> dict[str, str]:
        return {**(tokens.DARK if self._dark else tokens.LIGHT), **self._contrast}

    def colour(self, token: str) -> QColor:
        """The colour of a token. Not to be changed: it is shared."""
        if token not in self._colours:
            self._colours[token] = QColor(self.hex(token))
        return self._colours[token]

    def series(self, name: str) -> QColor:
        """A colour for data: training, training_raw, validation, validation_text, run1 … run6."""
        table = tokens.SERIES_DARK if self._dark else tokens.SERIES_LIGHT
        if name == "training_raw":
            share = tokens.RAW_SHARE["dark" if self._dark else "light"]
            return mixed(QColor(table["training"]), self.colour("plot"), share)
        return QColor(table[name])

    # --- text and sizes --------------------------------------------------------------------------

    def font(self, role: Role = "body", weight: int | None = None) -> QFont:
        """The font of a role, with figures of equal width."""
        pixels, own_weight = _ROLES[role]
        if weight is None and role in self._fonts:
            return QFont(self._fonts[role])
        font = QFont(self._family)
        font.setPixelSize(round(pixels * self._scale))
        font.setWeight(QFont.Weight(weight or own_weight))
        font.setFeature(QFont.Tag("tnum"), 1)
        if weight is None:
            self._fonts[role] = QFont(font)
        return font

    def px(self, pixels: float) -> int:
        """A height given for a body of 13 pixels, at the present text size."""
        return round(pixels * self._scale)

    # --- icons -----------------------------------------------------------------------------------

    def pixmap(self, name: str, token: str = "text2", size: int = 16, ratio: float | None = None) -> QPixmap:  # noqa: S107 - the name of a colour
        """An icon in a token's colour, sharp on the sharpest screen there is."""
        app = QGuiApplication.instance()
        sharpest = app.devicePixelRatio() if isinstance(app, QGuiApplication) else 1.0
        return _pixmap(name, self.hex(token), self.px(size), ratio or sharpest)

    def icon(self, name: str, token: str = "text2", size: int = 16) -> QIcon:  # noqa: S107 - the name of a colour
        """An icon in a token's colour, greyed when disabled."""
        key = (name, token, size)
        if key not in self._icons:
            icon = QIcon()
            for ratio in (1.0, 2.0):
                icon.addPixmap(self.pixmap(name, token, size, ratio))
                icon.addPixmap(self.pixmap(name, "text3", size, ratio), QIcon.Mode.Disabled)
            self._icons[key] = icon
        return self._icons[key]

    # --- dressing the application -----------------------------------------------------------------

    def _dress(self) -> None:
        assert self._app is not None
        self._app.setFont(self.font())
        self._app.setPalette(self.palette())
        colours = self._table
        colours["zebra"] = mixed(self.colour("card"), self.colour("panel"), 0.55).name()
        name = "dark" if self._dark else "light"
        self._app.setStyleSheet(style_sheet(colours, name, assets() / "icons", self.px(_BODY)))

    def palette(self) -> QPalette:
        """The palette of the theme."""
        palette = QPalette()
        role = QPalette.ColorRole
        parts = {
            role.Window: "panel", role.WindowText: "text", role.Base: "field", role.AlternateBase: "card",
            role.Text: "text", role.Button: "field", role.ButtonText: "text", role.BrightText: "on_fill",
            role.Highlight: "fill", role.HighlightedText: "on_fill", role.ToolTipBase: "card", role.ToolTipText: "text",
            role.PlaceholderText: "text3", role.Link: "accent", role.LinkVisited: "accent", role.Light: "line2",
            role.Midlight: "line", role.Mid: "line2", role.Dark: "line", role.Shadow: "window", role.Accent: "accent",
        }  # fmt: skip
        for part, token in parts.items():
            palette.setColor(part, self.colour(token))
        for part in (role.WindowText, role.Text, role.ButtonText):
            palette.setColor(QPalette.ColorGroup.Disabled, part, self.colour("text3"))
        return palette


def mixed(one: QColor, other: QColor, share: float) -> QColor:
    """`share` of one colour and the rest of the other, opaque."""
    parts = zip((one.red(), one.green(), one.blue()), (other.red(), other.green(), other.blue()), strict=True)
    return QColor(*(round(a * share + b * (1 - share)) for a, b in parts))


@functools.lru_cache(maxsize=512)
def _pixmap(name: str, colour: str, size: int, ratio: float) -> QPixmap:
    return icons.draw(name, colour, size, ratio)


def _high_contrast() -> bool:
    """Whether the system asks for high contrast; Qt tells since 6.10."""
    hints = QGuiApplication.styleHints()
    if not hasattr(hints, "accessibility"):
        return False
    return hints.accessibility().contrastPreference() is Qt.ContrastPreference.HighContrast


def _contrast_colours(system: QPalette) -> dict[str, str]:
    """The system's own colours in place of ours, where it has a high-contrast theme; curves keep theirs."""
    role = QPalette.ColorRole
    ground, ink = system.color(role.Window).name(), system.color(role.WindowText).name()
    chosen, on_chosen = system.color(role.Highlight).name(), system.color(role.HighlightedText).name()
    grounds = dict.fromkeys(("window", "panel", "card", "field", "hover", "plot", "sel"), ground)
    tints = {f"{tone}_tint": ground for tone in ("ok", "warn", "err", "info", "violet", "muted")}
    inks = dict.fromkeys(("text", "text2", "text3", "line", "line2", "ctl"), ink)
    return {**grounds, **tints, **inks, "accent": ink, "fill": chosen, "on_fill": on_chosen}


def _system_text() -> tuple[str, float]:
    """The system's font family and how much larger than usual its text is."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    family = font.family()
    if family.lower() in _NO_CHOICE:
        known = set(QFontDatabase.families())
        family = next((name for name in _PREFERRED if name in known), family)
    pixels = QFontInfo(font).pixelSize()
    return family, pixels / _BODY if pixels >= _LARGE else 1.0
