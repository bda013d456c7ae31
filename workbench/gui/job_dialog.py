"""What is asked before a recipe is written as a job: whether its pictures go along, and where. It asks; it writes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from workbench.gui import words
from workbench.gui.curves.export_dialog import file_name
from workbench.gui.runs.bar import RunBar
from workbench.gui.steering_dialogs import AskDialog
from workbench.gui.text import Elided, Text
from workbench.gui.theme import Theme
from workbench.gui.widgets.switch import Switch

if TYPE_CHECKING:
    from workbench.export.job.folder import Plan

TEXT = (
    "A folder with the recipe as the form has it. On the other machine, which needs no screen, sh run.sh trains it; copied back, "
    "Import runs… in the File menu brings its curves and weights here."
)
COPY = "Copy the pictures"
LOOKING = "Looking at the pictures"
STAYS = "Nothing to copy: they are fetched or made there."
AWAY = "They are not on this machine, and will not be compared with anything there."


class JobDialog(AskDialog):
    """A switch, the size of what it would copy, and the folder's place."""

    #: It is to be written there (a Path).
    place_chosen = Signal(object)

    def __init__(self, theme: Theme, name: str, parent: QWidget) -> None:
        super().__init__(theme, "Export a job", TEXT, "Export…", parent)
        self.setObjectName("jobDialog")
        self._name = name
        self.copy = Switch(theme)
        self.copy.setEnabled(False)
        self.size_words = Text(theme, LOOKING, "secondary", "text2", wrap=True)
        self.size_words.setObjectName("jobPictures")
        self.add_field(COPY, self.copy, "jobCopy")
        beside = QHBoxLayout()
        beside.setSpacing(8)
        self.fields.removeWidget(self.copy)
        beside.addWidget(self.copy)
        beside.addWidget(self.size_words, 1)
        self.fields.addLayout(beside, self.fields.rowCount() - 1, 1)
        self.bar = RunBar(theme)
        self.bar.setAccessibleName("Export, progress")
        self.progress = Elided(theme, "", "secondary", "text2")
        self.progress.setObjectName("jobProgress")
        column = self.layout()
        assert isinstance(column, QVBoxLayout)
        for part in (self.bar, self.progress):
            column.insertWidget(column.count() - 1, part)
            part.hide()
        self.setMinimumWidth(theme.px(520))
        self.yes.setEnabled(False)
        self.agreed.connect(self.ask_place)

    def show_plan(self, plan: Plan) -> None:
        """It can be written; say how much its pictures are."""
        if plan.own is not None:
            files = words.plural(len(plan.own.files), "file", "files")
            told = f"{files} in {words.plural(len(plan.own.classes), 'class', 'classes')}, {words.size(plan.own.size)}"
        else:
            told = AWAY if plan.elsewhere else STAYS
        self.copy.setEnabled(plan.own is not None)
        self.copy.setAccessibleDescription(told)
        self.size_words.say(told)
        self.yes.setEnabled(True)
        self.yes.setFocus()

    def show_failure(self, sentence: str) -> None:
        """It cannot be, or was not, written."""
        for part in (self.bar, self.progress):
            part.hide()
        self.size_words.say("")
        self.refuse(sentence)

    def ask_place(self) -> None:
        """Ask for the folder to make."""
        self.refuse("")
        asking = QFileDialog(self, "Export a job", "", "A new folder (*)")
        asking.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        asking.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        asking.setLabelText(QFileDialog.DialogLabel.FileName, "Folder:")
        asking.selectFile(f"{file_name(self._name)} job")
        asking.fileSelected.connect(self._take_place)
        asking.open()

    def _take_place(self, path: str) -> None:
        self.place_chosen.emit(Path(path))

    def show_begun(self) -> None:
        """It is being written."""
        for asked in (self.copy, self.yes):
            asked.setEnabled(False)
        self.bar.show_share(None)
        self.bar.show()
        self.progress.say("Writing")
        self.progress.show()

    def show_progress(self, done: int, total: int) -> None:
        self.bar.show_share(done / total if total else None)
        verb = "Copying the pictures" if self.copy.isChecked() else "Reading the pictures for their fingerprint"
        self.progress.say(f"{verb}: {words.size(done)} of {words.size(total)}")
