"""What the window asks before it does something, and the few things it shows in a window of their own.

Dialogs ask; they change nothing.
"""

from __future__ import annotations

from typing import Literal, TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QMessageBox,
    QPlainTextEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from workbench import __version__
from workbench.gui import commands, words
from workbench.gui.text import Text
from workbench.gui.theme import Theme
from workbench.gui.widgets.button import Button
from workbench.journal import Run
from workbench.journal.trash import Contents

Leaving = Literal["keep", "stop", "cancel"]
Answer = TypeVar("Answer", bound=str)


def _box(parent: QWidget, title: str, text: str) -> QMessageBox:
    box = QMessageBox(parent)
    box.setWindowTitle(title)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(title)
    box.setInformativeText(text)
    return box


def loss_sentence(loss: Contents, what: str = "deleted") -> str:
    """What goes, named: "41 epochs and 3 checkpoints (10 MB) will be deleted."."""
    parts = [words.plural(loss.epochs, "epoch", "epochs")] if loss.epochs else []
    if loss.checkpoints:
        parts.append(words.plural(loss.checkpoints, "checkpoint", "checkpoints"))
    if not parts:
        return f"It has no finished epoch and no weights; its recipe and log will be {what}."
    return f"{' and '.join(parts)} ({words.size(loss.size)}) will be {what}."


def may_discard(parent: QWidget, run: Run, loss: Contents) -> bool:
    """Ask before an ended run goes to the trash or a live one is discarded; what goes is named."""
    if run.ending is not None:
        return _agreed(
            parent, f"Delete {run.name}?", loss_sentence(loss, "moved to the trash"), "Move to trash", "Keep it"
        )
    return _agreed(parent, f"Discard {run.name}?", loss_sentence(loss), "Discard", "Keep it")


def may_empty_trash(parent: QWidget, runs: int, size: int) -> bool:
    """Ask before the trash is emptied."""
    many = words.plural(runs, "run", "runs")
    text = f"{many} ({words.size(size)}) will be deleted for good, with curves and weights."
    return _agreed(parent, "Empty the trash?", text, "Delete for good", "Keep them" if runs > 1 else "Keep it")


def _agreed(parent: QWidget, title: str, text: str, yes: str, no: str) -> bool:
    box = _box(parent, title, text)
    agreed = box.addButton(yes, QMessageBox.ButtonRole.DestructiveRole)
    keep = box.addButton(no, QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(keep)
    box.exec()
    return box.clickedButton() is agreed


def how_to_leave(parent: QWidget, name: str, logout: str = "") -> Leaving:
    """Ask what becomes of the training when the window closes; `logout` says what logging out does to it, if anything."""
    text = "Training does not need this window. It goes on, and the curves are complete when you open the window again."
    box = _box(parent, f"{name} is still training", f"{text}\n\n{logout}" if logout else text)
    return _which(box, ("keep", "Keep training"), ("stop", "Stop and keep"), "cancel")


def _which(box: QMessageBox, first: tuple[Answer, str], second: tuple[Answer, str], neither: Answer) -> Answer:
    """Ask for one of two, each with what its button says, or neither."""
    one = box.addButton(first[1], QMessageBox.ButtonRole.AcceptRole)
    two = box.addButton(second[1], QMessageBox.ButtonRole.ActionRole)
    box.addButton("Cancel", QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(one)
    box.exec()
    pressed = box.clickedButton()
    if pressed is one:
        return first[0]
    return second[0] if pressed is two else neither


def may_start_from(parent: QWidget, name: str, text: str) -> bool:
    """Ask whether the next run starts from the weights of a file."""
    box = _box(parent, f"Use the weights of {name} as a start?", text)
    agreed = box.addButton("Use them", QMessageBox.ButtonRole.AcceptRole)
    box.addButton("Cancel", QMessageBox.ButtonRole.RejectRole)
    box.exec()
    return box.clickedButton() is agreed


def recipe_or_weights(parent: QWidget, name: str, text: str) -> Literal["recipe", "weights", "cancel"]:
    """Ask what of a file is wanted that holds both."""
    box = _box(parent, f"{name} holds a recipe and weights. Which do you want?", text)
    return _which(box, ("recipe", "Fill the form with its recipe"), ("weights", "Start from its weights"), "cancel")


def tell(parent: QWidget, title: str, text: str) -> None:
    """Say something that needs to be read."""
    box = _box(parent, title, text)
    box.setStandardButtons(QMessageBox.StandardButton.Ok)
    box.exec()


class TextDialog(QDialog):
    """A longer text to read and copy: a log's last lines, a run's summary."""

    def __init__(self, theme: Theme, title: str, text: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(theme.px(640), theme.px(340))
        column = QVBoxLayout(self)
        column.addWidget(Text(theme, title, "title"))
        shown = QPlainTextEdit(text, readOnly=True)
        shown.setAccessibleName(title)
        column.addWidget(shown, 1)
        _add_close(self, theme, column)


class ShortcutSheet(QDialog):
    """Every key, from the same table as the menus."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keyboard shortcuts")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(theme.px(460), theme.px(600))
        inner = QWidget()
        grid = QGridLayout(inner)
        grid.setHorizontalSpacing(24)
        line = 0
        for heading, rows in commands.sheet():
            grid.addWidget(Text(theme, heading, "strong"), line, 0, 1, 2)
            for keys, does in rows:
                line += 1
                grid.addWidget(Text(theme, does, "body", "text2"), line, 0)
                grid.addWidget(Text(theme, keys, "body"), line, 1)
            line += 1
        area = QScrollArea(widgetResizable=True)
        area.setWidget(inner)
        column = QVBoxLayout(self)
        column.addWidget(area, 1)
        _add_close(self, theme, column)


def _add_close(dialog: QDialog, theme: Theme, column: QVBoxLayout) -> None:
    close = Button(theme, "Close", height=34)
    close.clicked.connect(dialog.accept)
    row = QHBoxLayout()
    row.addStretch(1)
    row.addWidget(close)
    column.addLayout(row)


def about(parent: QWidget, home: str) -> None:
    tell(
        parent,
        f"Keras Workbench {__version__}",
        f"Train Keras image models by point and click, and watch them learn.\n\nWorkspace: {home}\nLicence: Apache-2.0",
    )
