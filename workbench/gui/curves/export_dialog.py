"""What of the curves is given out, and how: a figure or numbers, its size, a preview; to a file or to the clipboard.

It is handed a Wish of what is on screen and changes nothing of the view. It draws nothing itself: the preview is the
figure that is saved, at fewer dots an inch.
"""

from __future__ import annotations

import itertools
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEventLoop, QMimeData, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QImage, QShowEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from workbench.curves.run_curves import RunCurves
from workbench.errors import ExportError, WorkbenchError
from workbench.export import table
from workbench.export.wish import Wish
from workbench.gui import words
from workbench.gui.curves.export_fields import FIGURES, ROWS, ExportFields
from workbench.gui.curves.export_preview import Preview
from workbench.gui.steering_dialogs import AskDialog
from workbench.gui.theme import Theme
from workbench.gui.widgets.button import Button
from workbench.journal import Run

#: What is drawn waits for so many milliseconds without another change: not each keystroke is drawn.
PAUSE = 300
#: A spreadsheet takes about a million rows, a clipboard fewer.
MOST_COPIED = 100_000
#: Rows of numbers in the preview.
_ROWS_SHOWN = 30
_METER = 39.37


class ExportDialog(AskDialog):
    """Asks what to give out, shows it, and saves or copies it."""

    #: How it went (a sentence for the status bar).
    status = Signal(str)

    def __init__(self, theme: Theme, run: Run, curves: RunCurves, wish: Wish, parent: QWidget) -> None:
        self._name = name_of(run, wish)
        super().__init__(theme, f"Export the curves of {self._name}", "", "Save…", parent)
        self.setObjectName("exportDialog")
        self._run, self._curves, self._wish = run, curves, wish
        self.asked = ExportFields(theme, wish)
        self.asked.lay_out(self)
        self.preview = Preview(theme)
        self.copy = Button(theme, "Copy", icon="copy", height=34)
        self.copy.setAccessibleDescription("Puts the figure as an image, or the table as text, on the clipboard.")
        self._timer = QTimer(self, singleShot=True, interval=PAUSE)
        self._timer.timeout.connect(self.show_preview)
        self._arrange()
        self.asked.changed.connect(self._later)
        self.copy.clicked.connect(self.copy_now)
        self.agreed.connect(self.ask_path)
        self.asked.kind.setFocus()

    def _arrange(self) -> None:
        """The fields at the left, the preview beside them; Copy before Save."""
        theme, column = self._theme, self.layout()
        assert isinstance(column, QVBoxLayout)
        place = column.indexOf(self.fields)
        column.takeAt(place)
        left = QVBoxLayout()
        left.addLayout(self.fields)
        left.addWidget(self.problem)
        left.addStretch(1)
        sides = QHBoxLayout()
        sides.setSpacing(16)
        narrow = QWidget()
        narrow.setFixedWidth(theme.px(330))
        left.setContentsMargins(0, 0, 0, 0)
        narrow.setLayout(left)
        sides.addWidget(narrow)
        sides.addWidget(self.preview, 1)
        column.insertLayout(place, sides, 1)
        last = column.itemAt(column.count() - 1)
        buttons = last.layout() if last is not None else None
        assert isinstance(buttons, QHBoxLayout)
        buttons.insertWidget(buttons.indexOf(self.yes), self.copy)
        chain = [*self.asked.fields, self.preview.table, self.copy, self.yes]
        for before, after in itertools.pairwise(chain):
            self.setTabOrder(before, after)
        self.resize(theme.px(960), theme.px(560))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        # First the window, then what takes a moment.
        self.preview.say("Drawing…")
        self._timer.start(0)

    # --- what is asked for ----------------------------------------------------------------------------

    def wish(self) -> Wish:
        """What is to be given, by the fields."""
        return self.asked.wish(self._wish)

    def _later(self) -> None:
        self.refuse("")
        self._timer.start(PAUSE)

    def show_preview(self) -> None:
        """Draw what would be saved; what stands in the way is said instead, and nothing can be saved."""
        self._timer.stop()
        try:
            wish, kind = self.wish(), self.asked.kind_key
            if kind in FIGURES:
                self._show_figure(wish, kind)
            else:
                self._show_table(wish, kind)
        except WorkbenchError as error:
            self.refuse(str(error))
            self.preview.clear()
        possible = not self.problem.text()
        self.yes.setEnabled(possible)
        self.copy.setEnabled(possible)

    def _show_figure(self, wish: Wish, kind: str) -> None:
        from workbench.export.figure import at_most, figure_bytes  # noqa: PLC0415 - matplotlib costs half a second

        wish.check()
        if kind == "png":
            wish.check_pixels()
        self.refuse("")
        drawn = figure_bytes(self._run, self._curves, ".png", at_most(wish, self.preview.pixels))
        self.preview.show_image(QImage.fromData(drawn), self.asked.size_words(wish, kind))

    def _show_table(self, wish: Wish, kind: str) -> None:
        self.refuse("")
        rows = ROWS[kind]
        pieces = table.pieces(self._run, self._curves, wish, rows, "\t")
        lines = list(itertools.islice((line for piece in pieces for line in piece.splitlines()), _ROWS_SHOWN + 1))
        count = table.count(self._run, self._curves, wish, rows)
        many = words.plural(count, "row", "rows")
        note = f"The first {_ROWS_SHOWN} of {many}" if count > _ROWS_SHOWN else many
        self.preview.show_rows([line.split("\t") for line in lines], note)

    # --- giving it -----------------------------------------------------------------------------------

    def ask_path(self) -> None:
        """Ask for the file; what was chosen is saved there."""
        if self._timer.isActive():
            self.show_preview()  # what was typed last is checked before it is saved
            if not self.yes.isEnabled():
                return
        kind, title = self.asked.kind_key, self.asked.kind.currentText()
        ending = kind if kind in FIGURES else "csv"
        asking = QFileDialog(self, "Export curves", "", f"{title} (*.{ending})")
        asking.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        asking.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        asking.setDefaultSuffix(ending)  # so that overwriting is asked about under the name that is written
        asking.selectFile(f"{file_name(self._name)}.{ending}")
        asking.fileSelected.connect(lambda path: self.save(Path(path)))
        asking.open()

    def save(self, path: Path) -> None:
        """Write the file; the dialog closes when that went well."""
        wish, kind = self.wish(), self.asked.kind_key
        try:
            if kind in FIGURES:
                from workbench.export.figure import save_figure  # noqa: PLC0415 - as above

                save_figure(self._run, self._curves, path, wish)
            else:
                table.write(path, self._run, self._curves, wish, ROWS[kind], self._tell)
        except WorkbenchError as error:
            self.refuse(str(error))
            return
        self.status.emit(f"Wrote the curves of {self._name} to {path}.")
        self.accept()

    def _tell(self, rows: int) -> None:
        """A long table takes some seconds: the window goes on living, but takes no other order meanwhile."""
        self.preview.say(f"Writing row {words.count(rows)}…")
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)

    def copy_now(self) -> None:
        """Put the figure or the table on the clipboard."""
        if self._timer.isActive():
            self.show_preview()
            if not self.copy.isEnabled():
                return
        wish, kind = self.wish(), self.asked.kind_key
        try:
            data = self._image(wish) if kind in FIGURES else self._text(wish, kind)
        except WorkbenchError as error:
            self.refuse(str(error))
            return
        QGuiApplication.clipboard().setMimeData(data)
        said = "Copied the figure." if kind in FIGURES else "Copied the table."
        self.preview.note.say(said)
        self.status.emit(said)

    def _image(self, wish: Wish) -> QMimeData:
        from workbench.export.figure import figure_bytes  # noqa: PLC0415 - as above

        image = QImage.fromData(figure_bytes(self._run, self._curves, ".png", wish))
        image.setDotsPerMeterX(round(wish.dpi * _METER))
        image.setDotsPerMeterY(round(wish.dpi * _METER))
        data = QMimeData()
        data.setImageData(image)
        return data

    def _text(self, wish: Wish, kind: str) -> QMimeData:
        rows = ROWS[kind]
        count = table.count(self._run, self._curves, wish, rows)
        if count > MOST_COPIED:
            raise ExportError(
                f"{words.count(count)} rows are too many for the clipboard, which takes {words.count(MOST_COPIED)} here. "
                "Save them as a file, or zoom in first."
            )
        data = QMimeData()
        data.setText("".join(table.pieces(self._run, self._curves, wish, rows, "\t")))
        data.setData("text/csv", "".join(table.pieces(self._run, self._curves, wish, rows)).encode())
        return data


def name_of(run: Run, wish: Wish) -> str:
    """Whose curves they are: of a run and what is beside it, or of several that are compared."""
    others = wish.others if wish.first is not None else ()
    if len(others) > 1:
        return f"{run.name} and {len(others)} more runs"
    return f"{run.name} and {others[0].name}" if others else run.name


def file_name(name: str) -> str:
    """A run's name as a file may be called on every system."""
    plain = "".join("-" if letter in '/\\:*?"<>|' or not letter.isprintable() else letter for letter in name)
    return plain.strip(" .")[:80] or "curves"
