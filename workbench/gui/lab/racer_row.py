"""A racer at the left: its line, name and step size, a switch, and under it all its numbers while it is unfolded."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QVBoxLayout, QWidget

from workbench.descent import theory
from workbench.descent.theory import Curvature, Mark
from workbench.gui import words
from workbench.gui.lab import saying as saying_of
from workbench.gui.lab.edits import LabEdits
from workbench.gui.lab.slider_row import SliderRow
from workbench.gui.recipe import saying
from workbench.gui.recipe.rows import RowHead, SettingRow
from workbench.gui.recipe.trick_row import Rail
from workbench.gui.text import Text
from workbench.gui.theme import Theme
from workbench.gui.widgets.button import Button, FlatButton
from workbench.gui.widgets.help import Help
from workbench.gui.widgets.sample import RunSample
from workbench.gui.widgets.switch import Switch
from workbench.spec.base import Spec
from workbench.spec.lab import GradientDescent, HeavyBall, NesterovDescent
from workbench.spec.lab_presets import racer_settings
from workbench.spec.optimizer_base import OptimizerSpec

_SPACING = 4
#: The ends of a step size's slider while nobody knows the landscape's curvature.
_ENDS = (1e-4, 10.0)


class RacerRow(QWidget):
    """See the module."""

    #: The person gave another value (path, value).
    edited = Signal(str, object)
    #: The person wrote something that is no value (path, text).
    unreadable = Signal(str, str)
    #: The person wants its numbers shown, or folded away (its name, whether shown).
    unfolded = Signal(str, bool)
    #: The person wants one of these for it (its name).
    again_asked = Signal(str)
    remove_asked = Signal(str)
    train_asked = Signal(str)
    #: It is to have these numbers (its name, step size, β).
    best_asked = Signal(str, float, float)

    def __init__(self, theme: Theme, name: str, title: str, kind: type[OptimizerSpec], slot: int) -> None:
        super().__init__()
        self._theme, self.name, self.kind = theme, name, kind
        self._unfolded = False
        self._best: tuple[float, float] | None = None
        self.sample = RunSample(theme, slot)
        spec: type[Spec] = kind
        self._help = saying.spec_help(spec)
        self.head = RowHead(theme, title, Help(title, self._help.meaning, self._help.advice), elided=True, parent=self)
        self._value = Text(theme, "", "secondary", "text2")
        self.open = FlatButton(theme, icon="chevron-right", height=24)
        self.open.setObjectName(f"lab.{name}.open")
        self.open.setAccessibleName(f"Numbers of {title}")
        self.switch = Switch(theme, self)
        self.switch.setObjectName(f"lab.{name}")
        self.switch.setAccessibleName(f"Methods, {title}")
        self.switch.setAccessibleDescription(self._help.plain)
        self._rail = Rail(theme, self)
        self.train = FlatButton(theme, "Train with this optimizer", "play", height=26)
        self.train.setObjectName(f"lab.{name}.train")
        self.train.setAccessibleName(f"{title}, train with this optimizer")
        self.train.setToolTip("Puts it into the recipe, with these numbers")
        self.train.clicked.connect(self._ask_train)
        self.rows: list[SettingRow | SliderRow] = []
        for declared in racer_settings(name, kind):
            row: SettingRow | SliderRow
            if declared.name == "learning_rate":
                row = SliderRow(theme, declared, title, _ENDS, small=True, stacked=True)
            else:
                row = SettingRow(theme, declared, title, small=True)
                row.set_control_width(118)
            row.edited.connect(self.edited)
            row.unreadable.connect(self.unreadable)
            self.rows.append(row)
            self._rail.column.addWidget(row)
        self.verdict = Text(theme, "", "secondary", "text2", wrap=True)
        self.verdict.setObjectName(f"lab.{name}.verdict")
        self.verdict.hide()
        self._rail.column.insertWidget(1, self.verdict)
        self.best = Button(theme, "Use the best for this valley")
        self.best.setObjectName(f"lab.{name}.best")
        self.best.hide()
        self._rail.column.insertWidget(2, self.best)
        self.best.clicked.connect(self._ask_best)
        self._lay_out()
        self.switch.value_edited.connect(self._switched)
        self.open.clicked.connect(self._turn_open)
        theme.changed.connect(self._dress)
        self._dress()

    def _lay_out(self) -> None:
        line = QHBoxLayout()
        line.setSpacing(_SPACING)
        for part in (self.sample, self.head, self._value, self.open, self.switch):
            line.addWidget(part, 1 if part is self.head else 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(line)
        column.addWidget(self._rail)
        self._rail.column.addWidget(self.train, 0, Qt.AlignmentFlag.AlignLeft)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def show_state(self, edits: LabEdits, slot: int, title: str, changes: Collection[str]) -> None:
        """What the racer is set to; `changes` are the paths of all settings that differ from the preset."""
        racer = edits.lab.racers[self.name]
        self.sample.set_run(slot, shown=racer.on)
        self.head.label.say(title)
        self.switch.setChecked(racer.on)
        self._value.say(words.number(racer.rule.learning_rate) if racer.on else "off")
        self._value.set_token("text2" if racer.on else "text3")
        self._fit()
        problems = {each.path: each for each in edits.problems}
        own = f"lab.{self.name}"
        self.head.dot.set_changed(
            "another" if any(path.startswith(f"{own}.") or path == own for path in changes) else None
        )
        for row in self.rows:
            row.show_value(*edits.value(row.path))
            problem = problems.get(row.path)
            row.set_problem(saying.sentence(problem) if problem else "")

    def tell_theory(self, rule: OptimizerSpec, found: Curvature | None, *, ground: bool) -> None:
        """What theory says of its step size on a landscape with these curvatures, None where there is no L; nothing without `ground`."""
        if isinstance(rule, GradientDescent):
            self.show_theory(
                theory.marks(found) if found else (),
                saying_of.verdict(rule.learning_rate, found) if ground else "",
                found.largest if found else None,
            )
        elif isinstance(rule, (HeavyBall, NesterovDescent)):
            ball = isinstance(rule, HeavyBall)
            known = found if found and found.everywhere else None
            best = (theory.best_heavy_ball if ball else theory.best_nesterov)(known) if known else None
            self.show_best(best, saying_of.momentum(best, found, ball=ball) if ground else "")

    def show_theory(self, marks: Sequence[Mark], sentence: str, largest: float | None) -> None:
        """Where theory's step sizes are on the slider, and what it says of this one."""
        row = self.rows[0]
        assert isinstance(row, SliderRow)
        if largest:
            # A little beyond 2/L, so that one can slide into what diverges.
            row.set_ends(0.0, float(f"{2.5 / largest:.2g}"), log=False)
        else:
            row.set_ends(*_ENDS, log=True)
        row.set_marks(marks)
        self.verdict.say(sentence)
        self.verdict.setVisible(bool(sentence))

    def show_best(self, best: tuple[float, float] | None, sentence: str) -> None:
        """Of a method with momentum: its best step size and β on this landscape, or why there is none."""
        self.verdict.say(sentence)
        self.verdict.setVisible(bool(sentence))
        self.best.setVisible(best is not None)
        self._best = best

    def _ask_best(self) -> None:
        if self._best is not None:
            self.best_asked.emit(self.name, *self._best)

    def set_unfolded(self, unfolded: bool, *, moving: bool = True) -> None:  # noqa: FBT001 - reads like Qt's own setters
        self._unfolded = unfolded
        self.open.set_icon("chevron-down" if unfolded else "chevron-right", "text2")
        self._rail.set_open(unfolded, moving=moving)

    def _turn_open(self) -> None:
        self.set_unfolded(not self._unfolded)
        self.unfolded.emit(self.name, self._unfolded)

    def _ask_train(self) -> None:
        self.train_asked.emit(self.name)

    def _switched(self, on: object) -> None:
        self.edited.emit(f"lab.{self.name}", bool(on))

    def minimumSizeHint(self) -> QSize:
        # Any width will do: the step size goes first, then the line's sample, then the end of the name.
        return QSize(0, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()
        super().resizeEvent(event)

    def _fit(self) -> None:
        """What there is room for beside the name; the step size stands among the numbers, and the line in the table, as well."""
        name = self.head.label.fontMetrics().horizontalAdvance(self.head.label.accessibleName()) + 4
        # Elided as it may be, a name takes no more room than it needs, so that its help stands beside it.
        self.head.label.setMaximumWidth(name)
        parts = (self.head.help, self.open, self.switch)
        room = self.width() - name - sum(part.sizeHint().width() + _SPACING for part in parts)
        sample, value = (part.sizeHint().width() + _SPACING for part in (self.sample, self._value))
        self.sample.setVisible(sample <= room)
        self._value.setVisible(sample + value <= room)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = self.context_menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(event.globalPos())

    def context_menu(self) -> QMenu:
        menu = QMenu(self)
        menu.addAction("Train with this optimizer").triggered.connect(self._ask_train)
        menu.addAction("Another of it").triggered.connect(lambda: self.again_asked.emit(self.name))
        menu.addAction("Remove").triggered.connect(lambda: self.remove_asked.emit(self.name))
        return menu

    def _dress(self) -> None:
        self.head.setMinimumHeight(self._theme.px(32))
        self.head.label.setAlignment(Qt.AlignmentFlag.AlignVCenter)
