"""Around which weights of which run the loss is to be measured, and along what; then how it goes. It asks; it measures nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from workbench.descent.slices import LEAST_REACH, MOST_PICTURES, MOST_REACH, MOST_SEED, Wanted
from workbench.gui.runs.bar import RunBar
from workbench.gui.steering_dialogs import AskDialog, kept_words
from workbench.gui.text import Elided
from workbench.gui.theme import Theme
from workbench.gui.widgets.number_field import NumberField, NumberKind
from workbench.gui.widgets.picker import Picker
from workbench.journal import Run
from workbench.spec.lab import SLICE_POINTS

if TYPE_CHECKING:
    from workbench.gui.probes import Progress
    from workbench.launch.fork import Kept

TEXT = (
    f"The loss of the run's network is measured at {SLICE_POINTS} × {SLICE_POINTS} places around its weights, on training pictures. "
    "The run itself stays as it is. Along a random direction, 1 moves each filter by its own length; on the way to another "
    "checkpoint, that one lies half way to the right edge."
)


class SliceDialog(AskDialog):
    """Run, checkpoint, directions and how finely; while it is measured, a bar."""

    #: Another run was chosen, whose checkpoints are to be shown (its id).
    run_chosen = Signal(object)
    #: The person does without what is being measured.
    cancel_asked = Signal()

    def __init__(self, theme: Theme, runs: Sequence[Run], parent: QWidget) -> None:
        super().__init__(theme, "Measure a run's loss", TEXT, "Measure", parent)
        self.setObjectName("sliceDialog")
        self._running = False
        start = Wanted("")
        self.run = Picker(theme)
        for each in runs:
            self.run.add(each.id, each.name)
        self.place = Picker(theme)
        self.directions = Picker(theme)
        self.directions.add("random", "Two random directions")
        self.directions.add("between", "To another checkpoint, and random")
        self.directions.setCurrentIndex(0)
        self.other = Picker(theme)
        self.seed = _number(theme, NumberKind(whole=True, lowest=0, highest=MOST_SEED), start.seed)
        self.reach = _number(theme, NumberKind(log=True, lowest=LEAST_REACH, highest=MOST_REACH), start.reach)
        most = NumberKind(whole=True, log=True, unit="pictures", lowest=1, highest=MOST_PICTURES)
        self.pictures = _number(theme, most, start.pictures)
        for label, field, name in (
            ("Run", self.run, "sliceRun"), ("Weights", self.place, "slicePlace"), ("Directions", self.directions, "sliceDirections"),
            ("Towards", self.other, "sliceOther"), ("Seed", self.seed, "sliceSeed"), ("Reach", self.reach, "sliceReach"),
            ("Measured on", self.pictures, "slicePictures"),
        ):  # fmt: skip
            self.add_field(label, field, name)
        self.bar = RunBar(theme)
        self.bar.setAccessibleName("Measuring, progress")
        self.progress = Elided(theme, "", "secondary", "text2")
        column = self.layout()
        assert isinstance(column, QVBoxLayout)
        for part in (self.bar, self.progress):
            column.insertWidget(column.count() - 1, part)
        self.setMinimumWidth(theme.px(480))
        self.run.value_edited.connect(self.run_chosen)
        self.place.value_edited.connect(self._show_others)
        self.directions.value_edited.connect(self._show_others)
        self._turn(running=False)

    # --- what is asked for ------------------------------------------------------------------------------------

    @property
    def run_id(self) -> str:
        """The run that is chosen; empty when there is none."""
        return str(self.run.currentData() or "")

    def wanted(self) -> Wanted:
        """What is to be measured. Raises EngineError when that is not allowed."""
        between = self.directions.currentData() == "between"
        return Wanted.of({
            "place": self.place.currentData(), "directions": self.directions.currentData(),
            "other": self.other.currentData() if between else "", "seed": self.seed.value, "reach": self.reach.value,
            "pictures": self.pictures.value,
        })  # fmt: skip

    def show_kept(self, kept: Sequence[Kept]) -> None:
        """The checkpoints of the chosen run, the newest first."""
        self.place.clear()
        for each in reversed(kept):
            self.place.add(each.place, kept_words(each))
        self.place.setCurrentIndex(0 if kept else -1)
        if len(kept) <= 1:
            self.directions.show_value("random")
        self.refuse("" if kept else "This run has kept no weights. They are kept at the end of each epoch.")
        self._turn(running=False)

    def _show_others(self) -> None:
        """All checkpoints but the one in the middle; the farthest back comes first, as it shows most of the way."""
        before, middle = self.other.currentData(), self.place.currentIndex()
        self.other.clear()
        for line in reversed(range(self.place.count())):
            if line != middle:
                self.other.add(self.place.itemData(line), self.place.itemText(line))
        self.other.setCurrentIndex(max(0, self.other.findData(before)) if self.other.count() else -1)
        self.other.setEnabled(not self._running and self.directions.currentData() == "between")

    # --- how it goes ------------------------------------------------------------------------------------------

    def show_begun(self) -> None:
        """It is being measured."""
        self.refuse("")
        self.bar.show_share(None)
        self.progress.say("Starting an engine for it")
        self._turn(running=True)

    def show_progress(self, progress: Progress) -> None:
        self.bar.show_share(progress.share)
        self.progress.say(progress.sentence)

    def show_failure(self, sentence: str) -> None:
        """It was not measured; something else can be asked for."""
        self._turn(running=False)
        self.refuse(sentence)
        self._fit()

    def _turn(self, *, running: bool) -> None:
        self._running = running
        for part in (self.bar, self.progress):
            part.setVisible(running)
        for field in (self.run, self.place, self.seed, self.reach, self.pictures):
            field.setEnabled(not running)
        self.directions.setEnabled(not running and self.place.count() > 1)
        self.yes.setEnabled(not running and self.place.count() > 0)
        self._show_others()
        self._fit()

    def _fit(self) -> None:
        column = self.layout()
        assert column is not None
        column.activate()
        self.resize(self.width(), column.totalHeightForWidth(self.width()))

    def reject(self) -> None:
        """Cancel what is being measured, else close."""
        if self._running:
            self._turn(running=False)
            self.cancel_asked.emit()
        else:
            super().reject()


def _number(theme: Theme, kind: NumberKind, value: float) -> NumberField:
    field = NumberField(theme, kind)
    field.show_value(value)
    return field
