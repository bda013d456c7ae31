"""What a run's network is to be written as, then how it goes and how well it agrees. It asks; it writes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from workbench.gui.curves.export_dialog import file_name
from workbench.gui.runs.bar import RunBar
from workbench.gui.steering_dialogs import AskDialog, kept_words
from workbench.gui.text import Elided, Text
from workbench.gui.theme import Theme
from workbench.gui.widgets.button import Button
from workbench.gui.widgets.choice_row import ChoiceRow
from workbench.gui.widgets.picker import Picker
from workbench.gui.widgets.switch import Switch
from workbench.journal import Run
from workbench.launch.model_files import BY_NAME, MODEL_FILES

if TYPE_CHECKING:
    from workbench.gui.probes import Progress
    from workbench.launch.fork import Kept

TEXT = (
    "Pictures go in as they are, from 0 to 255, and probabilities come out: scaling, crop and softmax are inside. What is written is "
    "compared with the run's own answers before it is kept. A short script beside it shows how to use it."
)
SMALL = "In 8 bits"
SMALL_NOTE = "LiteRT only; measured on the validation pictures."


class ModelExportDialog(AskDialog):
    """Format, weights and 8 bits; while it is written, a bar; then what came of it."""

    #: It is to be written there (a Path).
    place_chosen = Signal(object)
    #: The person does without what is being written.
    cancel_asked = Signal()
    #: What was written is to be shown where it lies.
    folder_asked = Signal()

    def __init__(self, theme: Theme, run: Run, kept: Sequence[Kept], parent: QWidget) -> None:
        super().__init__(theme, f"Export the model of {run.name}", TEXT, "Export…", parent)
        self.setObjectName("modelExportDialog")
        self._name, self._running = run.name, False
        self._group = QButtonGroup(self)
        self.formats: dict[str, ChoiceRow] = {}
        for each in MODEL_FILES:
            ending = each.suffix or "folder"
            row = ChoiceRow(theme, f"{each.title} · {ending}", each.readers)
            row.setObjectName(f"modelFormat.{each.name}")
            self._group.addButton(row)
            self.formats[each.name] = row
        self.weights = Picker(theme)
        self.weights.add("", "As the run keeps them")
        for one in reversed(kept):
            self.weights.add(one.place, kept_words(one))
        self.weights.setCurrentIndex(0)
        self.small = Switch(theme)
        self.small.setAccessibleDescription(SMALL_NOTE)
        self.bar = RunBar(theme)
        self.bar.setAccessibleName("Export, progress")
        self.progress = Elided(theme, "", "secondary", "text2")
        self.progress.setObjectName("modelExportProgress")
        self.sentence = Text(theme, "", "body", wrap=True, selectable=True)
        self.sentence.setObjectName("modelExportSentence")
        self.folder = Button(theme, "Show its folder", height=34)
        self.folder.setObjectName("modelExportFolderButton")
        self._arrange()
        self._group.buttonToggled.connect(self._show_small)
        self.agreed.connect(self.ask_place)
        self.folder.clicked.connect(self.folder_asked)
        self.formats["keras"].setChecked(True)
        self.formats["keras"].setFocus()
        self._turn(running=False)

    def _arrange(self) -> None:
        column = self.layout()
        assert isinstance(column, QVBoxLayout)
        rows = QVBoxLayout()
        rows.setSpacing(4)
        for row in self.formats.values():
            rows.addWidget(row)
        place = column.indexOf(self.fields)
        column.insertLayout(place, rows)
        self.add_field("Weights", self.weights, "modelWeights")
        self.add_field(SMALL, self.small, "modelSmall")
        beside = QHBoxLayout()
        beside.setSpacing(8)
        beside.addWidget(self.small)
        beside.addWidget(Text(self._theme, SMALL_NOTE, "secondary", "text2"), 1)
        self.fields.removeWidget(self.small)
        self.fields.addLayout(beside, self.fields.rowCount() - 1, 1)
        for part in (self.bar, self.progress, self.sentence):
            column.insertWidget(column.count() - 1, part)
        last = column.itemAt(column.count() - 1)
        buttons = last.layout() if last is not None else None
        assert isinstance(buttons, QHBoxLayout)
        buttons.insertWidget(0, self.folder)
        left = buttons.itemAt(buttons.indexOf(self.yes) - 1)
        button = left.widget() if left is not None else None
        assert isinstance(button, Button)
        self.leave = button
        self.leave.setObjectName("modelExportLeaveButton")
        self.setMinimumWidth(self._theme.px(520))

    # --- what is asked for ------------------------------------------------------------------------------------

    @property
    def kind(self) -> str:
        """The name of the format that is chosen."""
        return next(name for name, row in self.formats.items() if row.isChecked())

    @property
    def which(self) -> str:
        """The place of the weights that are chosen; empty for those that the run keeps."""
        return str(self.weights.currentData())

    @property
    def quantised(self) -> bool:
        return self.kind == "litert" and self.small.isChecked()

    def _show_small(self) -> None:
        self.small.setEnabled(self.formats["litert"].isChecked() and not self._running)

    def ask_place(self) -> None:
        """Ask for the file, or for a SavedModel the folder, to write."""
        chosen = BY_NAME[self.kind]
        names = f"{chosen.title} (*{chosen.suffix})" if chosen.suffix else "A new folder (*)"
        asking = QFileDialog(self, "Export model", "", names)
        asking.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        asking.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        if chosen.suffix:
            asking.setDefaultSuffix(chosen.suffix.removeprefix("."))
        asking.selectFile(f"{file_name(self._name)}{chosen.suffix}")
        asking.fileSelected.connect(lambda path: self.place_chosen.emit(Path(path)))
        asking.open()

    # --- how it goes ------------------------------------------------------------------------------------------

    def show_begun(self) -> None:
        """It is being written."""
        self.refuse("")
        self.sentence.say("")
        self.yes.setText("Export…")
        self.bar.show_share(None)
        self.progress.say("Starting an engine for it")
        self._turn(running=True)
        self.leave.setFocus()

    def show_progress(self, progress: Progress) -> None:
        self.bar.show_share(progress.share)
        self.progress.say(progress.words)

    def show_failure(self, sentence: str) -> None:
        """It was not written; another choice can be made."""
        self._turn(running=False)
        self.refuse(sentence)
        self._fit()
        self.yes.setFocus()

    def show_written(self, sentence: str) -> None:
        """It is there."""
        self._turn(running=False)
        self.sentence.say(sentence)
        self.sentence.show()
        self.folder.show()
        self.leave.setText("Close")
        self.yes.setText("Export another…")
        self.yes.setDefault(False)
        self.leave.setFocus()
        self._fit()

    def _fit(self) -> None:
        """As high as what is shown, so that it stays within a small screen."""
        column = self.layout()
        assert column is not None
        column.activate()
        self.resize(self.width(), column.totalHeightForWidth(self.width()))

    def _turn(self, *, running: bool) -> None:
        self._running = running
        for shown in (self.bar, self.progress):
            shown.setVisible(running)
        asked: tuple[QWidget, ...] = (*self.formats.values(), self.weights, self.yes)
        for each in asked:
            each.setEnabled(not running)
        self._show_small()
        self.sentence.setVisible(False)
        self.folder.setVisible(False)
        self.leave.setText("Cancel")
        self._fit()

    def reject(self) -> None:
        """Cancel what is being written, else close."""
        if self._running:
            self._turn(running=False)
            self.cancel_asked.emit()
        else:
            super().reject()
