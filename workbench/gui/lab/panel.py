"""The lab's settings at the left, in the recipe's place while the tab is in view: landscape, methods, presets."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QFrame, QMenu, QScrollArea, QVBoxLayout, QWidget

from workbench.descent.theory import Curvature
from workbench.errors import WorkbenchError, WorkspaceError
from workbench.gui.lab.edits import LabEdits
from workbench.gui.lab.header import LabHeader
from workbench.gui.lab.racer_row import RacerRow
from workbench.gui.lab.shown import measured_of, surface_of, title
from workbench.gui.lab.slider_row import SliderRow
from workbench.gui.recipe import saying
from workbench.gui.recipe.asking import AskDialog
from workbench.gui.recipe.rows import SettingRow
from workbench.gui.theme import Theme
from workbench.gui.widgets.button import Button
from workbench.gui.widgets.section_card import SectionCard
from workbench.paths import Workspace
from workbench.spec import lab_presets
from workbench.spec.base import Setting, Value
from workbench.spec.lab import MOST_RACERS, GradientDescent, Lab
from workbench.spec.lab_presets import RULES, landscape_settings

_NARROW = 300
#: What a drag of the start changes.
_START = ("lab.start_x", "lab.start_y")
_FRAME_MS = 33
#: Free space at the right of the sections, with and without a scroll bar in it.
_MARGIN, _BESIDE_BAR = 12, 2
#: The sliders' ends where the declared limits are wider than one slides.
_ENDS: dict[str, tuple[float, float]] = {
    "condition": (1, 1000), "tilt": (-90, 90), "weight_decay": (0, 1), "noise": (0, 5), "batch_size": (1, 64), "steps": (10, 5000),
}  # fmt: skip


class LabPanel(QWidget):
    """See the module."""

    #: The lab is another one (the lab, and whether it is another preset).
    lab_changed = Signal(Lab, bool)
    #: A racer's method is to be the recipe's optimizer (its name).
    train_asked = Signal(str)
    #: A run's loss around its weights is to be measured.
    slice_asked = Signal()
    #: Something worth a line in the status bar.
    status = Signal(str)

    def __init__(self, theme: Theme, workspace: Workspace) -> None:
        super().__init__()
        self.setObjectName("labPanel")
        self.setAccessibleName("Descent lab")
        self._theme, self._workspace = theme, workspace
        self._presets, _ = lab_presets.available(workspace)
        first = self._presets[0] if self._presets else lab_presets.LabPreset("", "Defaults", Lab(), shipped=True)
        self.edits = LabEdits(first)
        self._curvature: Curvature | None = None
        #: whether there is a landscape that theory can say something of
        self._ground = True
        self._soon = QTimer(self, singleShot=True, interval=_FRAME_MS)
        self._soon.setObjectName("labFormClock")
        self._soon.timeout.connect(self._show_start)
        self.header = LabHeader(theme)
        self.header.show_presets(self._presets, first.name)
        self._landscape = SectionCard(theme, "Landscape")
        self._methods = SectionCard(theme, "Methods")
        self._methods.header.setObjectName("labMethodsSection")
        self._landscape.header.setObjectName("labLandscapeSection")
        self._rows: dict[str, SettingRow | SliderRow] = {}
        self.racers: dict[str, RacerRow] = {}
        self._add = Button(theme, "Add a method", "add")
        self._add.setObjectName("labAddButton")
        self.measure = Button(theme, "Measure a run's loss…", "search")
        self.measure.setObjectName("labSliceButton")
        self._lay_out()
        self._connect()
        self.show_state()

    def _lay_out(self) -> None:
        self._land_column = QVBoxLayout(self._landscape.body)
        self._method_column = QVBoxLayout(self._methods.body)
        for column in (self._land_column, self._method_column):
            column.setContentsMargins(11, 2, 7, 12)
            column.setSpacing(6)
        for declared in landscape_settings():
            row = self._row(declared)
            self._rows[declared.path] = row
            self._land_column.addWidget(row)
        self._land_column.addWidget(self.measure)
        self._method_column.addWidget(self._add)
        inside = QWidget()
        column = self._column = QVBoxLayout(inside)
        column.setContentsMargins(_MARGIN, 2, _MARGIN, _MARGIN)
        column.setSpacing(6)
        column.addWidget(self._landscape)
        column.addWidget(self._methods)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(inside)
        scroll.verticalScrollBar().rangeChanged.connect(self._make_room)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.header)
        whole.addWidget(scroll, 1)
        for section in (self._landscape, self._methods):
            section.set_open(True, moving=False)

    def _row(self, declared: Setting) -> SettingRow | SliderRow:
        ends = _ENDS.get(declared.name)
        row: SettingRow | SliderRow
        row = (
            SettingRow(self._theme, declared, "Landscape")
            if ends is None
            else SliderRow(self._theme, declared, "Landscape", ends)
        )
        row.edited.connect(self._edited)
        row.unreadable.connect(self._unreadable)
        return row

    def _connect(self) -> None:
        self.header.preset_picked.connect(self.pick)
        self.header.list_opening.connect(self._look_again)
        self.header.save_asked.connect(self.save)
        self.header.save_as_asked.connect(self.ask_save_as)
        self.header.revert_asked.connect(self.revert)
        self._add.clicked.connect(self._open_methods)
        self.measure.clicked.connect(self.slice_asked)
        help_key = QShortcut(QKeySequence(QKeySequence.StandardKey.HelpContents), self)
        help_key.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        help_key.activated.connect(self.show_help)

    @property
    def lab(self) -> Lab:
        return self.edits.lab

    # --- verbs --------------------------------------------------------------------------------------------

    def pick(self, name: str) -> None:
        """Take a preset; undo brings back what was there."""
        preset = next((each for each in self._presets if each.name == name), None)
        if preset is None:
            self.status.emit(f"There is no preset {name} of the lab any more.")
            return
        self.edits.load(preset)
        self._changed(anew=True)

    def save(self) -> None:
        """Save over the person's own preset; a shipped one is kept, so that asks for a name."""
        if self.edits.preset.shipped:
            self.ask_save_as()
        else:
            self.save_as(self.edits.preset.title)

    def ask_save_as(self) -> None:
        dialog = AskDialog(self._theme, "Save the lab as", "", "Save", name=self.edits.preset.title, parent=self)
        dialog.answered.connect(self.save_as)
        dialog.open()

    def save_as(self, name: str) -> None:
        """Save under a title."""
        if self.edits.problems:
            self.status.emit(f"Not saved. {saying.sentence(self.edits.problems[0])}")
            return
        try:
            saved = lab_presets.save(name, self.lab, self._workspace)
        except WorkbenchError as error:
            self.status.emit(str(error))
            return
        self.edits.preset = saved
        self._look_again()
        self.show_state()
        self.status.emit(f"Saved {saved.title}")

    def revert(self) -> None:
        """The saved settings again."""
        self.edits.load(self.edits.preset)
        self._changed()

    def undo(self) -> None:
        if self.edits.undo():
            self._changed()

    def redo(self) -> None:
        if self.edits.redo():
            self._changed()

    def set_value(self, path: str, value: Value) -> None:
        """Change a setting from outside the form, as if typed."""
        self._edited(path, value)

    def set_start(self, x: float, y: float) -> None:
        """Move the start, as it is dragged; the form follows once a frame. All of a drag is one change, see `settle_start`."""
        lab = self.lab
        land = lab.landscape.model_copy(update={"start_x": float(f"{x:.5g}"), "start_y": float(f"{y:.5g}")})
        if self.edits.move(lab.model_copy(update={"landscape": land})):
            if not self._soon.isActive():
                self._soon.start()
            self._tell()

    def settle_start(self) -> None:
        """The start was let go of."""
        self.edits.seal()

    def set_lab(self, lab: Lab) -> None:
        """Fill the form with other settings as a whole; undo brings back what was there."""
        self.edits.fill(lab)
        self._changed(anew=True)

    def show_help(self) -> None:
        """Help for the setting that has the focus."""
        widget: QWidget | None = self.focusWidget()
        while widget is not None and widget is not self:
            head = getattr(widget, "head", None)
            if head is not None:
                head.help.open()
                return
            widget = widget.parentWidget()

    def add_racer(self, method: str) -> None:
        """Another racer of a method."""
        name = self.edits.add(method)
        self._changed()
        self.racers[name].set_unfolded(True)

    # --- edits --------------------------------------------------------------------------------------------

    def _edited(self, path: str, value: Value) -> None:
        another = path in {"lab.kind", "lab.slice_file"}
        if self.edits.set(path, value):
            if another:
                self._usual_start()
            self._changed(anew=another)
        else:
            self.show_state()

    def _usual_start(self) -> None:
        """Another landscape begins where it is interesting."""
        lab = self.lab
        try:
            surface = surface_of(lab, measured_of(lab))
        except WorkspaceError:
            return  # whoever shows the landscape says what is wrong with its file
        if surface is None:
            return
        x, y = surface.usual_start
        self.edits.lab = lab.model_copy(
            update={"landscape": lab.landscape.model_copy(update={"start_x": x, "start_y": y})}
        )

    def _unreadable(self, path: str, text: str) -> None:
        self.edits.set_text(path, text)
        self.show_state()

    def _changed(self, *, anew: bool = False) -> None:
        self.show_state()
        self._tell(anew=anew)

    def _tell(self, *, anew: bool = False) -> None:
        self.lab_changed.emit(self.lab, anew)

    def _look_again(self) -> None:
        self._presets, broken = lab_presets.available(self._workspace)
        self.header.show_presets(self._presets, self.edits.preset.name)
        if broken:
            problem = broken[0].problems[0]
            self.status.emit(f"{broken[0].path.name} is no preset of the lab: {problem.path} {problem.sentence}")

    def _open_methods(self) -> None:
        menu = QMenu(self)
        for method, kind in RULES.items():
            menu.addAction(kind.TITLE).triggered.connect(lambda _=False, method=method: self.add_racer(method))
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self._add.mapToGlobal(self._add.rect().bottomLeft()))

    # --- showing ------------------------------------------------------------------------------------------

    def show_state(self) -> None:
        """Values, dots, problems and theory of the lab as it stands."""
        edits, changes = self.edits, self.edits.changes
        now = edits.now
        self._show_rows(self._rows, changes)
        for row in self._rows.values():
            when = row.declared.when
            row.setVisible(when is None or any(when.holds(now[f"lab.{name}"]) for name in when.names))
        self.measure.setVisible(edits.lab.landscape.kind == "slice")
        self._landscape.set_summary(dict(_kinds())[edits.lab.landscape.kind])
        self._show_racers(changes)
        self.header.picker.show_value(edits.preset.name)
        self.header.show_state(len(changes), own=not edits.preset.shipped)

    def _show_start(self) -> None:
        """The form while the start is dragged, which changes nothing else in it."""
        changes = self.edits.changes
        self._show_rows(_START, changes)
        self.header.show_state(len(changes), own=not self.edits.preset.shipped)

    def _show_rows(self, paths: Iterable[str], changes: Mapping[str, Value]) -> None:
        """Value, dot and problem of some of the landscape's settings."""
        problems = {each.path: each for each in self.edits.problems}
        for path in paths:
            row = self._rows[path]
            row.show_value(*self.edits.value(path))
            row.set_changed(saying.value_text(row.declared, changes[path]) if path in changes else None)
            problem = problems.get(path)
            row.set_problem(saying.sentence(problem) if problem else "")

    def _show_racers(self, changes: Collection[str]) -> None:
        lab = self.edits.lab
        for name in [
            name
            for name, row in self.racers.items()
            if name not in lab.racers or type(lab.racers[name].rule) is not row.kind
        ]:
            row = self.racers.pop(name)
            self._method_column.removeWidget(row)
            row.setParent(None)
            row.deleteLater()
        for place, (name, racer) in enumerate(lab.racers.items()):
            if name not in self.racers:
                made = RacerRow(self._theme, name, title(lab, name), type(racer.rule), place)
                made.edited.connect(self._edited)
                made.unreadable.connect(self._unreadable)
                made.again_asked.connect(lambda name: self.add_racer(self.lab.racers[name].rule.model_dump()["method"]))
                made.remove_asked.connect(self._remove)
                made.train_asked.connect(self.train_asked)
                made.best_asked.connect(self._take_best)
                made.set_unfolded(
                    isinstance(racer.rule, GradientDescent) and racer.on and name == "gradient_descent", moving=False
                )
                self.racers[name] = made
            row = self.racers[name]
            if self._method_column.indexOf(row) != place:
                self._method_column.insertWidget(place, row)
            row.show_state(self.edits, place, title(lab, name), changes)
        self._add.setEnabled(len(lab.racers) < MOST_RACERS)
        on = sum(racer.on for racer in lab.racers.values())
        self._methods.set_summary(f"{on} of {len(lab.racers)} on")
        self._show_theory()

    def _remove(self, name: str) -> None:
        self.edits.remove(name)
        self._changed()

    def show_theory(self, found: Curvature | None) -> None:
        """What theory says of the step sizes on this landscape; None where it has no L."""
        self._curvature, self._ground = found, True
        self._show_theory()

    def show_no_theory(self) -> None:
        """There is no landscape yet, so nothing is said of it."""
        self._curvature, self._ground = None, False
        self._show_theory()

    def _show_theory(self) -> None:
        for name, row in self.racers.items():
            row.tell_theory(self.edits.lab.racers[name].rule, self._curvature, ground=self._ground)

    def _take_best(self, name: str, step: float, momentum: float) -> None:
        """A method with momentum gets the best numbers of this valley, as one change."""
        racer = self.lab.racers[name]
        rule = racer.rule.model_copy(
            update={"learning_rate": float(f"{step:.6g}"), "momentum": float(f"{momentum:.6g}")}
        )
        racers = {**self.lab.racers, name: racer.model_copy(update={"rule": rule})}
        if self.edits.replace(self.lab.model_copy(update={"racers": racers})):
            self._changed()

    def _make_room(self, _low: int, high: int) -> None:
        """The scroll bar stands in the margin, so that the sections keep their right edge."""
        self._column.setContentsMargins(_MARGIN, 2, _BESIDE_BAR if high > 0 else _MARGIN, _MARGIN)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.header.set_narrow(self.width() < self._theme.px(_NARROW))


def _kinds() -> list[tuple[str, str]]:
    kind = next(each for each in landscape_settings() if each.name == "kind")
    return [(choice.value, choice.label) for choice in kind.choices]
