"""The style sheet: only what a palette cannot say. Everything that matters most is painted by widgets/.

It never gives QLabel a colour: that would override the palette of every single label.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

_SHEET = """
QToolTip { background: @card; color: @text; border: 1px solid @line2; padding: 4px 6px; }
QMenu { background: @card; border: 1px solid @line2; border-radius: 8px; padding: 5px; }
QMenu::item { padding: 6px 28px 6px 10px; border-radius: 6px; color: @text; }
QMenu::item:selected { background: @sel; }
QMenu::item:disabled { color: @text3; }
QMenu::separator { height: 1px; background: @line; margin: 5px 2px; }
QMenu::icon { padding-left: 8px; }
QMenuBar { background: @panel; color: @text2; border: none; padding: 2px 8px; }
QMenuBar::item { padding: 4px 9px; border-radius: 6px; background: transparent; }
QMenuBar::item:selected { background: @hover; color: @text; }

QLineEdit, QAbstractSpinBox, QComboBox, QPlainTextEdit {
    background: @field; color: @text; border: 1px solid @line2; border-bottom: 1px solid @ctl;
    border-radius: 6px; padding: 0 8px; selection-background-color: @fill; selection-color: @on_fill; }
QLineEdit, QAbstractSpinBox, QComboBox { min-height: {control}px; }
QPlainTextEdit { padding: 6px 8px; }
QLineEdit:focus, QAbstractSpinBox:focus, QComboBox:focus, QPlainTextEdit:focus {
    border: 2px solid @accent; padding: 0 7px; }
QLineEdit[bad="true"], QAbstractSpinBox[bad="true"], QComboBox[bad="true"] { border: 1px solid @err; }
QLineEdit[bad="true"]:focus, QAbstractSpinBox[bad="true"]:focus { border: 2px solid @err; }
QLineEdit:disabled, QAbstractSpinBox:disabled, QComboBox:disabled { background: @panel; color: @text3; border-color: @line; }
QAbstractSpinBox > QLineEdit { border: none; background: transparent; padding: 0; min-height: 0; }
QAbstractSpinBox { padding-right: 2px; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button { subcontrol-origin: border; width: 24px; border: none; background: transparent; }
QAbstractSpinBox::up-button { subcontrol-position: top right; margin-top: 2px; }
QAbstractSpinBox::down-button { subcontrol-position: bottom right; margin-bottom: 2px; }
QAbstractSpinBox::up-arrow { image: url({icons}/up-{name}.svg); width: {arrow}px; height: {arrow}px; }
QAbstractSpinBox::down-arrow { image: url({icons}/down-{name}.svg); width: {arrow}px; height: {arrow}px; }
QComboBox::drop-down { subcontrol-origin: border; subcontrol-position: center right; width: 24px; border: none; }
QComboBox::down-arrow { image: url({icons}/down-{name}.svg); width: {glyph}px; height: {glyph}px; }
QComboBox QAbstractItemView { background: @card; color: @text; border: 1px solid @line2; border-radius: 6px; padding: 4px;
    selection-background-color: @sel; selection-color: @text; outline: none; }
QComboBox QAbstractItemView::item { min-height: {control}px; padding: 0 6px; }

.QPushButton { background: @field; color: @text; border: 1px solid @line2; border-radius: 6px; padding: 0 14px;
    min-height: {control}px; font-weight: 500; }
.QPushButton:hover { background: @hover; }
.QPushButton:pressed { background: @sel; }
.QPushButton:default, .QPushButton[kind="primary"] { background: @fill; color: @on_fill; border-color: @fill; }
.QPushButton[kind="tonal"] { background: @sel; color: @accent; border-color: @sel; }
.QPushButton[kind="flat"] { background: transparent; border-color: transparent; }
.QPushButton:focus { border: 2px solid @accent; }
.QPushButton:default:focus { border: 2px solid @text; }
.QPushButton:disabled { background: transparent; color: @text3; border-color: @line; }
QToolButton { background: transparent; color: @text; border: 1px solid transparent; border-radius: 6px; padding: 3px; }
QToolButton:hover { background: @hover; }
QToolButton:checked { background: @hover; border-color: @line2; }
QToolButton:focus { border: 2px solid @accent; }
QToolButton:disabled { color: @text3; }
QCheckBox:disabled, QRadioButton:disabled { color: @text3; }

QTabBar { qproperty-drawBase: 0; }
QTabBar::tab { background: transparent; color: @text2; padding: 10px 15px; border: none; border-bottom: 2px solid transparent; font-weight: 500; }
QTabBar::tab:hover { color: @text; }
QTabBar::tab:selected { color: @text; border-bottom: 2px solid @accent; }
QTabBar::tab:disabled { color: @text3; }
QTabBar::tab:focus { border: 2px solid @accent; border-radius: 6px; }
QTabWidget::pane { border: none; border-top: 1px solid @line; }

QHeaderView { background: @panel; border: none; }
QHeaderView::section { background: @panel; color: @text2; border: none; border-top: 1px solid @line; border-bottom: 1px solid @line;
    padding: 0 8px; font-size: {caption}px; }
QTableView, QTreeView, QListView { background: @panel; alternate-background-color: @zebra; color: @text; border: none; outline: none;
    gridline-color: @line; selection-background-color: @sel; selection-color: @text; }
QTreeView::item { padding: {line}px 8px; }
QScrollArea { background: transparent; border: none; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: @line2; border-radius: 3px; margin: 2px; }
QScrollBar::handle:hover { background: @ctl; }
QScrollBar::handle:vertical { min-height: 28px; }
QScrollBar::handle:horizontal { min-width: 28px; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QProgressBar { background: @line; border: none; border-radius: 3px; min-height: 6px; max-height: 6px; }
QProgressBar::chunk { background: @accent; border-radius: 3px; }
QSplitter::handle { background: @line; }
QStatusBar { background: @panel; color: @text2; border-top: 1px solid @line; }
QStatusBar::item { border: none; }
"""


def style_sheet(colours: Mapping[str, str], name: str, icons: Path, body: int) -> str:
    """The style sheet for one theme; `body` is the body font's size in pixels, which all heights follow."""
    scale = body / 13
    text = _SHEET
    # Longest names first: @line must not eat the beginning of @line2.
    for token in sorted(colours, key=len, reverse=True):
        text = text.replace(f"@{token}", colours[token])
    numbers = {
        "icons": icons.as_posix(), "name": name, "control": round(26 * scale), "arrow": round(10 * scale),
        "glyph": round(14 * scale), "line": round(6 * scale), "caption": round(11 * scale),
    }  # fmt: skip
    for key, value in numbers.items():
        text = text.replace(f"{{{key}}}", str(value))
    return text
