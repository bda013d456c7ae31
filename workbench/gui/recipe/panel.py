"""The recipe form: builds its parts, wires them to the edits, and says what became of the recipe.

It knows presets and the spec, never runs. Values are the business of `edits`, presets that of `desk`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from workbench.errors import Problem, WorkspaceError
from workbench.gui.recipe import draft, saying
from workbench.gui.recipe.desk import PresetDesk, dropped_preset
from workbench.gui.recipe.draft import Draft
from workbench.gui.recipe.edits import Saved
from workbench.gui.recipe.estimate import Estimate, estimate, training_pictures
from workbench.gui.recipe.findings import Findings
from workbench.gui.recipe.footer import Footer
from workbench.gui.recipe.header import Header
from workbench.gui.recipe.problems_card import ProblemsCard
from workbench.gui.recipe.section import Section
from workbench.gui.recipe.shelf import Shelf
from workbench.gui.theme import Theme
from workbench.gui.widgets.number_field import NumberField
from workbench.paths import Workspace
from workbench.spec.base import Value
from workbench.spec.recipe import STATIONS, Recipe
from workbench.spec.remarks import remarks

_NARROW = 300
_CONTROL, _NARROW_CONTROL = 150, 118
_ESTIMATE_MS = 300
_DRAFT_MS = 250
#: A sentence that appears with each key would shout at people who have not finished typing.
_TYPING_MS = 500
_FIRST_OPEN = ("tricks",)
#: Free space at the right of the sections, with and without a scroll bar in it.
_MARGIN, _BESIDE_BAR = 12, 2


class RecipePanel(QWidget):
    """The form of a recipe, with its presets."""

    #: A setting was changed and the recipe is valid (the new recipe).
    recipe_changed = Signal(Recipe)
    #: The problems of the form are others now (a tuple of Problem; empty when the recipe is valid).
    problems_changed = Signal(object)
    #: A preset was chosen, saved or imported (its name).
    preset_chosen = Signal(str)
    #: A preset of the descent lab was given, which is no recipe (its path).
    lab_given = Signal(object)
    #: Something worth a line in the status bar (the sentence).
    status = Signal(str)

    def __init__(self, theme: Theme, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("recipePanel")
        self.setAccessibleName("Recipe")
        self.setAcceptDrops(True)
        self._theme, self._workspace = theme, workspace
        shelf, kept = Shelf(workspace), draft.read(workspace)
        self._edits = draft.begun(shelf, kept)
        self._estimate = Estimate()
        self._told: tuple[Problem, ...] = ()
        self._draft_refused = False
        self._header = Header(theme, self)
        self._card = ProblemsCard(theme, self)
        self._sections = {station: Section(theme, station, self) for station in STATIONS}
        self._findings = Findings(self._sections)
        self.footer = Footer(theme, self)
        self._desk = PresetDesk(theme, shelf, self._edits, header=self._header, card=self._card, parent=self)
        self._estimate_timer = self._timer("recipeEstimateTimer", _ESTIMATE_MS, self._estimate_now)
        self._draft_timer = self._timer("recipeDraftTimer", _DRAFT_MS, self.flush)
        self._typing_timer = self._timer("recipeTypingTimer", _TYPING_MS, self._show_problems)
        self._lay_out()
        for station, section in self._sections.items():
            section.build(self._edits)
            section.set_wish_open(station in (kept.opened if kept else _FIRST_OPEN))
        self._connect()
        self._show()
        self._show_problems()

    def _timer(self, name: str, milliseconds: int, slot: Any) -> QTimer:
        timer = QTimer(self)
        timer.setObjectName(name)
        timer.setSingleShot(True)
        timer.setInterval(milliseconds)
        timer.timeout.connect(slot)
        return timer

    def _lay_out(self) -> None:
        inside = QWidget(self)
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(_MARGIN, 2, _MARGIN, _MARGIN)
        self._column.setSpacing(6)
        self._column.addWidget(self._card)
        for section in self._sections.values():
            self._column.addWidget(section)
        self._column.addStretch(1)
        self._scroll = QScrollArea(self)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setWidget(inside)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self._header)
        whole.addWidget(self._scroll, 1)
        whole.addWidget(self.footer)

    def _connect(self) -> None:
        # from the rows
        for section in self._sections.values():
            section.edited.connect(self._edited)
            section.unreadable.connect(self._unreadable)
            section.finished.connect(self._finished)
            section.reset_asked.connect(self.reset)
            section.opened.connect(self._keep_soon)
        # from the header and its presets
        self._header.find_field.textChanged.connect(self._find)
        self._desk.changed.connect(self._changed)
        self._desk.preset_chosen.connect(self.preset_chosen)
        self._desk.status.connect(self.status)
        self._desk.lab_given.connect(self.lab_given)
        self._desk.refused.connect(self._refused)
        # from the scroll bar
        self._scroll.verticalScrollBar().rangeChanged.connect(self._make_room)
        # keys
        help_key = QShortcut(QKeySequence(QKeySequence.StandardKey.HelpContents), self)
        help_key.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        help_key.activated.connect(self.show_help)

    # --- what the window asks ------------------------------------------------------------------------------

    @property
    def recipe(self) -> Recipe | None:
        """The recipe of the form, or None while something is wrong."""
        return None if self.problems else self._edits.recipe

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong, also by what the data and the network say."""
        return self._edits.problems or self._estimate.problems

    def explain_problems(self, problems: tuple[Problem, ...] = ()) -> str:
        """What is wrong, by the form or as given, in a sentence with the setting's name on screen; empty when nothing is."""
        return self._findings.explain(problems or self.problems)

    @property
    def preset_name(self) -> str:
        return self._edits.saved.name

    @property
    def changes(self) -> int:
        """How many settings differ from the preset."""
        return len(self._edits.changes)

    @property
    def can_undo(self) -> bool:
        return self._edits.can_undo

    @property
    def can_redo(self) -> bool:
        return self._edits.can_redo

    def set_running(self, running: bool) -> None:  # noqa: FBT001 - reads like Qt's setters
        """While a run lives, the form is for the next one."""
        self._header.title.say("Recipe for the next run" if running else "Recipe")

    def set_value(self, path: str, value: Value) -> None:
        """Change one setting from outside the form, as if typed."""
        self._edits.seal()
        self._edited(path, value)

    def set_values(self, values: Mapping[str, Value]) -> None:
        """Change several settings from outside the form, as one step back."""
        if self._edits.set_all(values):
            self._changed()

    def set_recipe(self, recipe: Recipe, preset_name: str = "") -> None:
        """Fill the form with a recipe; it is compared with the named preset, else with the present one."""
        preset = self._desk.preset(preset_name)
        if self._edits.replace(recipe, Saved(preset.name, preset.recipe) if preset else None):
            self._changed()

    def undo(self) -> None:
        if self._edits.undo():
            self._changed()

    def redo(self) -> None:
        if self._edits.redo():
            self._changed()

    def reset(self, path: str) -> None:
        """The saved value of one setting again."""
        if self._edits.reset(path):
            self._changed()

    def load_preset(self, name: str) -> None:
        """Fill the form with a preset. Undo brings back what was there."""
        self._desk.pick(name)

    def import_file(self, path: str | Path) -> None:
        """Take a preset file over; if it is bad, say everything that is wrong and leave the form as it is."""
        self._desk.import_file(Path(path))
        self._scroll.verticalScrollBar().setValue(0)

    def choose_file(self) -> None:
        """Ask for a preset file and import it."""
        self._desk.choose_file()

    def save(self) -> None:
        """Save over the person's own preset; asks for a name where the preset is a shipped one."""
        self._desk.save()

    def save_as(self, title: str = "") -> None:
        """Save under a title; asks for one when none is given."""
        if title:
            self._desk.save_as(title)
        else:
            self._desk.ask_save_as()

    def ask_save_as(self) -> None:
        """Ask for a title and save under it."""
        self._desk.ask_save_as()

    def revert(self) -> None:
        """The saved values again. Undo brings the edits back."""
        self._desk.revert()

    def focus_find(self) -> None:
        self._header.find_field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._header.find_field.selectAll()

    def focus_problem(self) -> None:
        """Show the first setting that is wrong and put the focus there."""
        for problem in self.problems:
            control = self.findChild(QWidget, problem.path.removesuffix(".on"))
            if control is not None:
                self._header.find_field.clear()
                self._sections[problem.path.split(".", 1)[0]].set_wish_open(True)
                control.setFocus(Qt.FocusReason.OtherFocusReason)
                self._scroll.ensureWidgetVisible(control)
                return

    def show_help(self) -> None:
        """Help for the setting that has the focus."""
        widget: QWidget | None = self.focusWidget()
        while widget is not None and widget is not self:
            head = getattr(widget, "head", None)
            if head is not None:
                head.help.open()
                return
            widget = widget.parentWidget()

    # --- edits -----------------------------------------------------------------------------------------------

    def _edited(self, path: str, value: Value) -> None:
        if self._edits.set(path, value):
            self._changed()

    def _unreadable(self, path: str, text: str) -> None:
        if self._edits.set_text(path, text):
            self._changed()

    def _finished(self, _path: str) -> None:
        self._edits.seal()
        if self._typing_timer.isActive():
            self._typing_timer.stop()
            self._show_problems()

    def _refused(self) -> None:
        self._show_problems()
        self.status.emit(f"Not saved. {self.explain_problems()}")
        self.focus_problem()

    def _changed(self) -> None:
        """After any edit: show it, keep it, and say so."""
        # What was said of the last recipe's data and network may be wrong of this one.
        self._estimate = Estimate(self._estimate.parameters, self._estimate.summary)
        for section in self._sections.values():
            section.build(self._edits)
        self._show()
        if isinstance(self.focusWidget(), NumberField) and self._edits.problems:
            self._typing_timer.start()
        else:
            self._typing_timer.stop()
            self._show_problems()
        self._estimate_timer.start()
        self._keep_soon()
        self._tell()

    def _tell(self) -> None:
        if self.problems != self._told:
            self._told = self.problems
            self.problems_changed.emit(self.problems)
        recipe = self.recipe
        if recipe is not None:
            self.recipe_changed.emit(recipe)

    def _show(self) -> None:
        """Values, dots and summaries."""
        changes = self._edits.changes
        declared = {each.path: each for station in STATIONS for each in self._edits.settings(station)}
        spoken = {path: saying.value_text(declared[path], saved) for path, saved in changes.items()}
        for station, section in self._sections.items():
            section.show_state(self._edits, spoken)
            section.set_summary(self._summary(station))
        self._header.show_state(len(changes), own=self._desk.own is not None)
        self._header.picker.show_value(self._edits.saved.name)
        self._mark()

    def _summary(self, station: str) -> str:
        if station == "model" and self._estimate.summary:
            return self._estimate.summary
        return saying.summary(self._edits, station)

    def _show_problems(self) -> None:
        recipe = self.recipe
        self._findings.show(self.problems, remarks(recipe, training_pictures(recipe)) if recipe else ())
        self._mark()

    def _mark(self) -> None:
        self._findings.mark({path.split(".", 1)[0] for path in self._edits.changes}, self.problems)

    def _find(self, query: str) -> None:
        for section in self._sections.values():
            section.search(query)

    # --- estimate and draft ----------------------------------------------------------------------------------

    def _estimate_now(self) -> None:
        recipe = self._edits.recipe
        if recipe is None:
            # The last network that could be planned may be another kind than the one chosen now.
            self._estimate = Estimate()
            self.footer.show_estimate(Estimate(problems=self._edits.problems))
            self._sections["model"].set_summary(self._summary("model"))
            return
        before = self._estimate.problems
        self._estimate = estimate(recipe)
        self.footer.show_estimate(self._estimate)
        self._sections["model"].set_summary(self._summary("model"))
        if self._estimate.problems != before:
            self._show_problems()
            self._tell()

    def _keep_soon(self) -> None:
        if not self._draft_timer.isActive():
            self._draft_timer.start()

    def flush(self) -> None:
        """Keep the draft now; the window does so when it closes."""
        self._draft_timer.stop()
        opened = tuple(station for station, section in self._sections.items() if section.wish_open)
        kept = Draft(self._edits.saved.name, self._edits.tables, self._edits.texts, opened)
        try:
            draft.write(kept, self._workspace)
        except WorkspaceError as error:
            # Once is enough: each edit would say it again.
            if not self._draft_refused:
                self.status.emit(f"Unsaved edits would not survive a crash. {error}")
            self._draft_refused = True
        else:
            self._draft_refused = False

    # --- events ------------------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._estimate_timer.start()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < self._theme.px(_NARROW)
        self._header.set_narrow(narrow)
        for section in self._sections.values():
            section.set_control_width(_NARROW_CONTROL if narrow else _CONTROL)

    def _make_room(self, _low: int, high: int) -> None:
        """The scroll bar stands in the margin, so that the sections keep their right edge."""
        self._column.setContentsMargins(_MARGIN, 2, _BESIDE_BAR if high > 0 else _MARGIN, _MARGIN)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_preset(event) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        path = dropped_preset(event)
        if path is not None:
            event.acceptProposedAction()
            self.import_file(path)
