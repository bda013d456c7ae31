"""A station of the recipe as a section of the form: its rows, made from the declarations."""

from __future__ import annotations

import functools
from collections.abc import Iterator

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from workbench.gui.recipe import saying
from workbench.gui.recipe.edits import Edits
from workbench.gui.recipe.rate_curve import RateCurve
from workbench.gui.recipe.rows import SettingRow
from workbench.gui.recipe.trick_row import TrickRow
from workbench.gui.theme import Theme
from workbench.gui.widgets.help import Help
from workbench.gui.widgets.number_field import NumberField
from workbench.gui.widgets.section_card import SectionCard
from workbench.spec.base import Setting
from workbench.spec.recipe import STATION_TITLES, chooser_of, class_settings, spec_classes

#: Shown among the tricks too, though it is a choice of the network: path, the value that is «on», and «off».
MIRRORED = ("model.normalization", "batch", "none")
MIRROR_NAME = "tricks.batch_normalization"


class Section(SectionCard):
    """One station."""

    #: The person gave another value (path, value).
    edited = Signal(str, object)
    #: The person wrote something that is no value (path, text).
    unreadable = Signal(str, str)
    #: The person is done with a field (path).
    finished = Signal(str)
    #: The person wants a saved value back (path).
    reset_asked = Signal(str)

    def __init__(self, theme: Theme, station: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, STATION_TITLES[station], keeps_summary=station == "tricks", parent=parent)
        self._theme = theme
        self.station = station
        self.header.setObjectName(f"{station}Section")
        self.rows: dict[str, SettingRow] = {}
        self.tricks: dict[str, TrickRow] = {}
        self._control_width = 150
        self._column = QVBoxLayout(self.body)
        # A switch needs room for its focus ring, so rows end 4 px before the edge that they share, and switches at it.
        self._column.setContentsMargins(11, 2, 7, 12)
        self._column.setSpacing(0 if station == "tricks" else 8)
        #: What a schedule does is drawn under its settings.
        self._curve = RateCurve(theme, self.body) if station == "schedule" else None
        if self._curve is not None:
            self._column.addWidget(self._curve)
        self._wish_open = False
        self._searching = False
        self.opened.connect(self._opened)

    # --- rows ------------------------------------------------------------------------------------------

    def build(self, edits: Edits) -> None:
        """Make the rows that the station has now; those that are the same stay."""
        if self.station == "tricks":
            if not self.tricks:
                self._build_tricks(edits)
            return
        wanted = [each for each in edits.settings(self.station) if len(each.choices) != 1 and edits.applies(each)]
        if [row.declared for row in self.rows.values()] == wanted:
            return
        chooser = f"{self.station}.{chooser_of(self.station)}"
        old, self.rows = self.rows, {}
        for place, declared in enumerate(wanted):
            row = old.get(declared.path)
            if row is not None and (row.declared == declared or declared.path == chooser):
                del old[declared.path]
                row.declared = declared
            else:
                row = self._row(edits, declared)
            self.rows[declared.path] = row
            self._column.insertWidget(place, row)
        for row in old.values():
            # Not found by its name any more, from this moment on.
            row.editor.setObjectName("")
            self._column.removeWidget(row)
            row.setParent(None)
            row.deleteLater()
        self._help_of_chosen(edits)

    def _help_of_chosen(self, edits: Edits) -> None:
        """The chooser's help tells of what is chosen."""
        word, chooser = edits.word(self.station), chooser_of(self.station)
        if word is not None:
            self.rows[f"{self.station}.{chooser}"].head.help.set_help(
                saying.spec_help(spec_classes(self.station)[word], switch=False)
            )

    def _build_tricks(self, edits: Edits) -> None:
        for name, spec in spec_classes("tricks").items():
            declared = [each for each in class_settings("tricks", name) if each.name != "on" and len(each.choices) != 1]
            rows = [self._row(edits, each, f"Tricks, {spec.TITLE}", small=True) for each in declared]
            self.rows |= {row.path: row for row in rows}
            self._add_trick(
                TrickRow(self._theme, f"tricks.{name}.on", saying.spec_help(spec), rows, object_name=f"tricks.{name}")
            )
        path, on, _ = MIRRORED
        mirrored = next(each for each in class_settings("model") if each.path == path)
        name = next(choice.label for choice in mirrored.choices if choice.value == on)
        help_text = saying.setting_help(mirrored)
        text = Help(name, help_text.meaning, help_text.advice)
        self._add_trick(TrickRow(self._theme, path, text, (), object_name=MIRROR_NAME))

    def _add_trick(self, trick: TrickRow) -> None:
        self.tricks[trick.path] = trick
        self._column.addWidget(trick)
        trick.switched.connect(self._switched)

    def _row(self, edits: Edits, declared: Setting, section: str = "", *, small: bool = False) -> SettingRow:
        row = SettingRow(self._theme, declared, section or self.title, small=small, parent=self.body)
        row.set_control_width(self._control_width - (36 if small else 0))
        if isinstance(row.editor, NumberField):
            row.editor.set_check(functools.partial(edits.accepts, declared.path))
        row.edited.connect(self.edited)
        row.unreadable.connect(self.unreadable)
        row.finished.connect(self.finished)
        row.reset_asked.connect(self.reset_asked)
        return row

    def _switched(self, path: str, on: bool) -> None:  # noqa: FBT001 - the slot of switched
        if path == MIRRORED[0]:
            self.edited.emit(path, MIRRORED[1] if on else MIRRORED[2])
        else:
            self.edited.emit(path, on)

    def set_control_width(self, width: int) -> None:
        self._control_width = width
        for row in self.rows.values():
            row.set_control_width(width - (36 if self.station == "tricks" else 0))

    # --- showing the state --------------------------------------------------------------------------------

    def show_state(self, edits: Edits, changes: dict[str, str]) -> None:
        """Values and dots; `changes` tells the saved value of each changed setting, in words."""
        for path, row in self.rows.items():
            row.show_value(edits.value(path), edits.texts.get(path))
            row.set_changed(changes.get(path))
            if self.station == "tricks":
                row.setVisible(edits.applies(row.declared))
        for path, trick in self.tricks.items():
            value = edits.value(path)
            trick.show_value(on=value == MIRRORED[1] if path == MIRRORED[0] else bool(value))
            trick.set_changed(changes.get(path))
        if self._curve is not None:
            self._curve.follow(edits)

    def show_problems(self, sentences: dict[str, str], remarks: dict[str, str]) -> None:
        """The sentence under each row that has one, by path; `tricks.<name>` means its switch."""
        for path, row in self.rows.items():
            row.set_problem(sentences.get(path, ""), remarks.get(path, ""))
        for path, trick in self.tricks.items():
            if path != MIRRORED[0]:
                name = path.removesuffix(".on")
                trick.problem.say(sentences.get(name, "") or sentences.get(path, ""), remarks.get(name, ""))

    # --- open, closed, found --------------------------------------------------------------------------------

    @property
    def wish_open(self) -> bool:
        """Whether the person had it open, search aside."""
        return self._wish_open

    def set_wish_open(self, is_open: bool) -> None:  # noqa: FBT001 - reads like Qt's setters
        self._wish_open = is_open
        self.set_open(is_open)

    def _opened(self, is_open: bool) -> None:  # noqa: FBT001 - the slot of opened
        if not self._searching:
            self._wish_open = is_open

    def search(self, query: str) -> bool:
        """Show only rows that hold every word of the query; all of them, as before, when it is empty."""
        wanted = query.casefold().split()
        self._searching = bool(wanted)
        all_mine = bool(wanted) and all(word in self.title.casefold() for word in wanted)
        hit = False
        for row in self._searched():
            shown = not wanted or all_mine or all(word in row.words() for word in wanted)
            row.setVisible(shown)
            hit = hit or shown
        self.setVisible(hit)
        self.set_open(hit if wanted else self._wish_open)
        return hit and bool(wanted)

    def _searched(self) -> Iterator[SettingRow | TrickRow]:
        yield from self.tricks.values() if self.station == "tricks" else self.rows.values()
