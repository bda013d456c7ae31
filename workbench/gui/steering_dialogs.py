"""What is asked before a run is steered, trained longer or forked. They ask; they change nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from workbench.gui.text import Text
from workbench.gui.theme import Theme
from workbench.gui.widgets.button import Button
from workbench.gui.widgets.number_field import NumberField, NumberKind
from workbench.gui.widgets.picker import Picker
from workbench.journal import Run

if TYPE_CHECKING:
    from workbench.launch.fork import Kept

WIDTH = 420


class AskDialog(QDialog):
    """A few fields under a title, a sentence that explains, and one that says what stands in the way."""

    #: The person agreed. What is asked for may still turn out impossible: `refuse` then says why, and it stays open.
    agreed = Signal()

    def __init__(self, theme: Theme, title: str, text: str, verb: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(theme.px(WIDTH))
        self.fields = QGridLayout()
        self.fields.setHorizontalSpacing(16)
        self.fields.setVerticalSpacing(8)
        self.fields.setColumnStretch(1, 1)
        self.problem = Text(theme, "", "secondary", "err", wrap=True)
        self.problem.hide()
        self.yes = Button(theme, verb, kind="primary", height=34)
        self.yes.setObjectName("agreeButton")
        self.yes.setDefault(True)
        no = Button(theme, "Cancel", height=34)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addWidget(Text(theme, title, "title"))
        if text:
            column.addWidget(Text(theme, text, "body", "text2", wrap=True))
        column.addLayout(self.fields)
        column.addWidget(self.problem)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(no)
        row.addWidget(self.yes)
        column.addLayout(row)
        no.clicked.connect(self.reject)
        self.yes.clicked.connect(self.agreed)

    def add_field(self, label: str, field: QWidget, name: str) -> None:
        line = self.fields.rowCount()
        words = Text(self._theme, label)
        words.setBuddy(field)
        field.setAccessibleName(label)
        field.setObjectName(name)
        self.fields.addWidget(words, line, 0)
        self.fields.addWidget(field, line, 1)

    def refuse(self, sentence: str) -> None:
        """Say what stands in the way."""
        self.problem.say(sentence)
        self.problem.setVisible(bool(sentence))


def _whole(theme: Theme, value: int, lowest: int) -> NumberField:
    field = NumberField(theme, NumberKind(whole=True, unit="epochs", lowest=lowest, highest=100_000))
    field.show_value(value)
    return field


def _rate(theme: Theme, value: float) -> NumberField:
    field = NumberField(theme, NumberKind(log=True, lowest=1e-12, highest=1000.0))
    field.show_value(value)
    return field


class LongerDialog(AskDialog):
    """Until which epoch an ended run is to be trained."""

    def __init__(self, theme: Theme, run: Run, parent: QWidget) -> None:
        text = (
            "It goes on from its last step, on the same curve. A schedule that falls until the last epoch is stretched to the "
            "new one; early stopping waits with full patience again."
        )
        super().__init__(theme, f"Train {run.name} longer", text, "Train longer", parent)
        more = max(1, run.epochs_planned // 2)
        self.epochs = _whole(theme, max(run.epochs_planned, run.epochs) + more, run.epochs + 1)
        self.add_field("Train until epoch", self.epochs, "longerEpochs")


class RateDialog(AskDialog):
    """The learning rate from the next step on."""

    def __init__(self, theme: Theme, run: Run, now: float, parent: QWidget) -> None:
        text = "It holds from the next step on; a schedule goes on from there in proportion. The curve gets a flag."
        super().__init__(theme, f"Change the learning rate of {run.name}", text, "Change", parent)
        self.rate = _rate(theme, now)
        self.add_field("Learning rate", self.rate, "newRate")


@dataclass(frozen=True)
class Wish:
    """What a fork is to be."""

    epoch: int | None
    epochs: int
    rate: float
    #: with the settings of the form instead of the parent's
    from_form: bool


class ForkDialog(AskDialog):
    """From where a fork grows, how long and how it trains."""

    def __init__(
        self, theme: Theme, run: Run, kept: Sequence[Kept], form: str, parent: QWidget, *, epoch: int | None = None
    ) -> None:
        """`epoch`: where it is wanted to grow from; the nearest place that was kept is chosen then."""
        text = f"A new run grows from a kept epoch of {run.name}, with its weights. {run.name} itself stays as it is."
        chosen = nearest(kept, epoch)
        if epoch is not None and chosen.epoch != epoch:
            text = f"Epoch {epoch} was not kept; the nearest that was is chosen. {text}"
        super().__init__(theme, f"Fork {run.name}", text, "Fork and start", parent)
        recipe = run.recipe
        newest = kept[-1]
        self.place = Picker(theme)
        for each in reversed(kept):
            self.place.add("" if each.within else str(each.epoch), kept_words(each))
        self.place.setCurrentIndex(len(kept) - 1 - list(kept).index(chosen))
        self.epochs = _whole(theme, max(recipe.training.epochs, newest.epoch + 10), kept[0].epoch + 1)
        self.rate = _rate(theme, recipe.optimizer.learning_rate)
        self.settings = Picker(theme)
        self.settings.add("run", "As in the run")
        self.settings.add("form", form)
        self.settings.setCurrentIndex(0)
        self.add_field("Grow from", self.place, "forkPlace")
        self.add_field("Train until epoch", self.epochs, "forkEpochs")
        self.add_field("Learning rate", self.rate, "forkRate")
        self.add_field("Other settings", self.settings, "forkSettings")

    def wish(self) -> Wish:
        place = str(self.place.currentData())
        return Wish(
            int(place) if place else None, int(self.epochs.value or 0), float(self.rate.value or 0.0),
            self.settings.currentData() == "form",
        )  # fmt: skip


def nearest(kept: Sequence[Kept], epoch: int | None) -> Kept:
    """The checkpoint at an epoch's end that lies nearest to the wanted one; the newest of all when none is wanted."""
    ends = [each for each in kept if not each.within]
    if epoch is None or not ends:
        return kept[-1]
    return min(ends, key=lambda each: (abs(each.epoch - epoch), each.epoch))


def kept_words(kept: Kept) -> str:
    """A checkpoint in a list."""
    if kept.within:
        return f"Within epoch {kept.epoch + 1}, step {kept.step:,}"
    return f"Epoch {kept.epoch}{', the best' if kept.best else ''}"
