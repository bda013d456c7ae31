"""Asks which of the lab's methods are to race on the recipe's network, and at which learning rates. It asks; it starts nothing."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from workbench.gui import words
from workbench.gui.lab.shown import title
from workbench.gui.steering_dialogs import AskDialog
from workbench.gui.text import Text
from workbench.gui.theme import Theme
from workbench.gui.widgets.number_field import NumberField, NumberKind
from workbench.gui.widgets.sample import RunSample
from workbench.gui.widgets.segments import Segments
from workbench.gui.widgets.switch import Switch
from workbench.spec import Recipe
from workbench.spec.entrants import Entrant, Numbers, entrants, told
from workbench.spec.lab import Lab, Newton

WIDTH = 620
_FIELD = 110
#: Rows in sight; of more the rest is scrolled to.
_ROWS = 9
_TEXT = (
    "Each method that is on trains the network of the recipe, as a run of its own. Equal for all of them is everything else in the "
    "form: data, seed, and with it the first weights and every batch, schedule and tricks."
)
_RATES = (
    "Usual numbers are those that are declared for networks. The lab's may suit its landscape only: a rate for a bowl of two "
    "variables is none for a network."
)


class _Entry:
    """The widgets of one method."""

    def __init__(self, theme: Theme, racer: Entrant, name: str, slot: int, *, on: bool) -> None:
        self.racer, self.title, self.readable = racer, name, True
        self.sample = RunSample(theme, slot)
        self.label = Text(theme, name)
        self.note = Text(theme, "", "secondary", "text2", wrap=True)
        self.switch = Switch(theme)
        self.switch.setChecked(on)
        self.switch.setObjectName(f"race.{racer.name}")
        self.switch.setAccessibleName(f"{name} races")
        self.rate = NumberField(theme, NumberKind(log=True, lowest=1e-12, highest=1000.0))
        self.rate.setObjectName(f"race.{racer.name}.rate")
        self.rate.setAccessibleName(f"{name}, learning rate")
        self.rate.setFixedWidth(theme.px(_FIELD))

    def show(self, racer: Entrant, note: str) -> None:
        """Other numbers for it."""
        self.racer, self.readable = racer, True
        self.note.say(note)
        self.switch.setAccessibleDescription(note)
        self.rate.show_value(racer.rate)

    def show_on(self) -> None:
        on = self.switch.isChecked()
        self.rate.setEnabled(on)
        self.label.set_token("text" if on else "text3")

    def entered(self) -> Entrant:
        """With the rate that is written there; what is no number becomes NaN, which no recipe takes."""
        value = self.rate.value if self.readable else None
        return self.racer.at(math.nan if value is None else float(value))


class NetworkDialog(AskDialog):
    """See the module."""

    def __init__(self, theme: Theme, lab: Lab, recipe: Recipe, *, busy: bool, at_once: int, parent: QWidget) -> None:
        """`busy`: other runs are at work or wait, so that these are added to the queue; `at_once`: how many it trains at a time."""
        super().__init__(theme, "Race on a network", _TEXT, "Start", parent)
        self.setObjectName("networkDialog")
        self._lab, self.recipe, self._busy = lab, recipe, busy
        self.numbers = Segments(theme, [("usual", "Usual numbers"), ("lab", "The lab's numbers")])
        self.numbers.setObjectName("raceNumbers")
        self.numbers.setAccessibleName("Numbers of the methods")
        self.entries = [
            _Entry(theme, racer, title(lab, racer.name), list(lab.racers).index(racer.name), on=lab.racers[racer.name].on)
            for racer in entrants(lab, "usual")
        ]  # fmt: skip
        self._arrange(_remarks(lab, at_once))
        self.numbers.chosen.connect(self._choose)
        for entry in self.entries:
            entry.switch.toggled.connect(functools.partial(self._switch, entry))
            entry.rate.value_edited.connect(functools.partial(self._read, entry))
            entry.rate.unreadable.connect(functools.partial(self._misread, entry))
        self._choose("usual")

    def _arrange(self, remarks: Sequence[str]) -> None:
        theme, column = self._theme, self.layout()
        assert isinstance(column, QVBoxLayout)
        place = column.indexOf(self.fields)
        facts = Text(theme, _facts(self.recipe), "body", wrap=True)
        facts.setObjectName("raceFacts")
        choice = QHBoxLayout()
        choice.setSpacing(12)
        choice.addWidget(Text(theme, _RATES, "secondary", "text2", wrap=True), 1)
        choice.addWidget(self.numbers, 0, Qt.AlignmentFlag.AlignTop)
        column.insertWidget(place, facts)
        column.insertLayout(place + 1, choice)
        column.insertWidget(place + 2, self._list(), 1)
        for offset, remark in enumerate(remarks):
            column.insertWidget(place + 3 + offset, Text(theme, remark, "secondary", "text2", wrap=True))
        self.setMinimumWidth(theme.px(WIDTH))

    def _list(self) -> QScrollArea:
        inside = QWidget()
        grid = QGridLayout(inside)
        grid.setContentsMargins(0, 0, 4, 0)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(3, 1)
        for line, entry in enumerate(self.entries):
            for place, part in enumerate((entry.switch, entry.sample, entry.label, entry.note, entry.rate)):
                grid.addWidget(part, line, place, Qt.AlignmentFlag.AlignVCenter)
            grid.setRowMinimumHeight(line, self._theme.px(28))
        grid.setRowStretch(len(self.entries), 1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(inside)
        scroll.setMinimumHeight(self._theme.px(34) * min(_ROWS, max(1, len(self.entries))))
        return scroll

    # --- what is chosen -----------------------------------------------------------------------------------

    @property
    def chosen(self) -> list[tuple[str, Entrant]]:
        """Those that are to race: what each is called in the lab, and what it becomes."""
        return [(entry.title, entry.entered()) for entry in self.entries if entry.switch.isChecked()]

    def _choose(self, key: str) -> None:
        numbers: Numbers = "lab" if key == "lab" else "usual"
        found = {racer.name: racer for racer in entrants(self._lab, numbers)}
        for entry in self.entries:
            racer = found[entry.racer.name]
            entry.show(racer, told(racer, self.recipe, point=words.point()))
        self._show()

    def _switch(self, _entry: _Entry, _on: bool) -> None:  # noqa: FBT001 - the slot of toggled
        self._show()

    def _read(self, entry: _Entry, _value: object) -> None:
        entry.readable = True
        self._show()

    def _misread(self, entry: _Entry, _text: str) -> None:
        entry.readable = False
        self._show()

    def _show(self) -> None:
        """What is pressed says what will happen; what was said of the choice before may be wrong of this one."""
        self.refuse("")
        for entry in self.entries:
            entry.show_on()
        count = sum(entry.switch.isChecked() for entry in self.entries)
        runs = words.plural(count, "run", "runs")
        self.yes.setText(f"Add {runs} to the queue" if self._busy else f"Start {runs}")
        self.yes.setEnabled(count > 0)


def _facts(recipe: Recipe) -> str:
    """What all of them train, in a line."""
    training = recipe.training
    parts = (
        recipe.data.TITLE, recipe.model.TITLE, words.plural(training.epochs, "epoch", "epochs"),
        f"batches of {words.count(training.batch_size)}", f"seed {training.seed}", f"schedule {words.within(recipe.schedule.TITLE)}",
    )  # fmt: skip
    return " · ".join(parts)


def _remarks(lab: Lab, at_once: int) -> list[str]:
    """What else is to be known before one agrees."""
    found = []
    if any(isinstance(racer.rule, Newton) for racer in lab.racers.values()):
        found.append("Newton is left out: it needs the Hessian of all weights, and no network is trained with it.")
    if at_once > 1:
        found.append(
            f"The queue trains {at_once} runs at a time here. They share the machine, so compare them by step rather than by second."
        )
    return found
