"""The values of the form, right or wrong, what they differ in from the preset, and the way back; no Qt.

A recipe is always right; a form need not be while a person types. So the form keeps plain tables, as a preset
file has them, and beside them the texts that are no values at all. Values that contradict each other stand
until the person has put them right.

Each alternative of a station (Adam, SGD …) has values of its own where they would mean something else in another one:
choosing Adam again brings back the learning rate that Adam had.
"""

from __future__ import annotations

import copy
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from workbench.errors import Problem, RecipeError
from workbench.spec.base import Setting, Value
from workbench.spec.recipe import STATIONS, Recipe, chooser_of, class_settings, edited, parse, shared, spec_classes

Tables = dict[str, Any]

#: As many steps back as anyone takes.
_DEEPEST = 200


@dataclass(frozen=True)
class Saved:
    """What the form is compared with: a preset's name and recipe."""

    name: str
    recipe: Recipe


@dataclass(frozen=True)
class _Moment:
    tables: Tables
    texts: dict[str, str]
    saved: Saved


@dataclass
class Edits:
    """The state of the form. Every method that changes it says whether anything changed."""

    saved: Saved
    tables: Tables = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._past: list[_Moment] = []
        self._future: list[_Moment] = []
        self._merging = ""
        #: The table of each alternative when it was last left, by its station and word.
        self._left: dict[tuple[str, str], Tables] = {}
        if not self.tables:
            self.tables = self.saved.recipe.model_dump()
        self._check()

    # --- reading --------------------------------------------------------------------------------------

    @property
    def recipe(self) -> Recipe | None:
        """The recipe, or None while something is wrong."""
        return self._recipe

    @property
    def problems(self) -> tuple[Problem, ...]:
        return self._problems

    def value(self, path: str) -> Value:
        # Not by `flat`, which goes through all of them: a form asks a hundred times after each change.
        found: Any = self.tables
        for part in path.split("."):
            found = found[part]
        return typing.cast("Value", found)

    def word(self, station: str) -> str | None:
        """The alternative that is chosen in a station, if it has any."""
        chooser = chooser_of(station)
        return str(self.tables[station][chooser]) if chooser else None

    def settings(self, station: str) -> tuple[Setting, ...]:
        """The settings of a station as it is now; for tricks, of all of them."""
        if station == "tricks":
            return tuple(each for name in spec_classes("tricks") for each in class_settings("tricks", name))
        return class_settings(station, self.word(station))

    def applies(self, declared: Setting) -> bool:
        """Whether a setting means something beside the values that its station has now, or must be put right."""
        when = declared.when
        if when is None or self._is_wrong(declared.path):
            return True
        place = declared.path.rpartition(".")[0]
        others = (each for each in self.settings(place.partition(".")[0]) if each.path.rpartition(".")[0] == place)
        return any(
            when.holds(self.value(other.path)) and self.applies(other) for other in others if other.name in when.names
        )

    def _is_wrong(self, path: str) -> bool:
        """Whether something is said against a value: it must stay in sight then."""
        return path in self.texts or any(problem.path == path for problem in self.problems)

    @property
    def baseline(self) -> dict[str, Value]:
        """The saved values by path, as if the saved preset had the alternatives that are chosen now."""
        tables: Tables = self.saved.recipe.model_dump()
        for station in STATIONS:
            chooser = chooser_of(station)
            if chooser and tables[station][chooser] != self.tables[station][chooser]:
                tables = edited(tables, f"{station}.{chooser}", self.tables[station][chooser])
        return flat(tables)

    @property
    def changes(self) -> dict[str, Value]:
        """The settings that differ from the preset: path → saved value."""
        was, now, saved = self.baseline, flat(self.tables), flat(self.saved.recipe.model_dump())
        found: dict[str, Value] = {}
        for path, value in now.items():
            station, _, name = path.partition(".")
            before = saved[path] if name == chooser_of(station) else was.get(path)
            if before != value or type(before) is not type(value) or path in self.texts:
                found[path] = before
        return found

    def accepts(self, path: str, value: Value) -> bool:
        """Whether a value would be right by itself; arrows skip those that are not."""
        try:
            parse(edited(self.tables, path, value))
        except RecipeError as error:
            return all(problem.path != path for problem in error.problems)
        return True

    # --- changing -------------------------------------------------------------------------------------

    def set(self, path: str, value: Value) -> bool:
        """Another value at a path. Keystrokes in one field are one step back, until `seal`."""
        if path not in self.texts and flat(self.tables)[path] == value and type(self.value(path)) is type(value):
            return False
        self._remember(path)
        self._put(path, value)
        self._forget_strangers()
        self._check()
        return True

    def set_all(self, values: Mapping[str, Value]) -> bool:
        """Other values at several paths as one step back; what they contradict is told, as of typed ones."""
        before = self._now()
        for path, value in values.items():
            self._put(path, value)
        self._forget_strangers()
        if (self.tables, self.texts) == (before.tables, before.texts):
            return False
        self.seal()
        self._past.append(before)
        del self._past[:-_DEEPEST]
        self._future.clear()
        self._check()
        return True

    def set_text(self, path: str, text: str) -> bool:
        """A text that is no value for the setting; the value before it is kept beside it."""
        if self.texts.get(path) == text:
            return False
        self._remember(path)
        self.texts[path] = text
        self._check()
        return True

    def seal(self) -> None:
        """The person is done with a field: the next edit is a step of its own."""
        self._merging = ""

    def reset(self, path: str) -> bool:
        """The saved value again."""
        self.seal()
        station, _, name = path.partition(".")
        is_chooser = name == chooser_of(station)
        before = flat(self.saved.recipe.model_dump())[path] if is_chooser else self.baseline[path]
        return self.set(path, before)

    def replace(self, recipe: Recipe, saved: Saved | None = None) -> bool:
        """All values of another recipe, compared with another preset if one is given."""
        tables = recipe.model_dump()
        saved = saved or self.saved
        if tables == self.tables and not self.texts and saved == self.saved:
            return False
        self.seal()
        self._remember("")
        self.tables, self.texts, self.saved = tables, {}, saved
        self._left.clear()
        self._check()
        return True

    def revert(self) -> bool:
        return self.replace(self.saved.recipe)

    def mark_saved(self, saved: Saved) -> None:
        """The present values have been saved; steps back remain, and compare with what is saved now."""
        self.saved = saved
        self._past = [_Moment(each.tables, each.texts, saved) for each in self._past]
        self._future = [_Moment(each.tables, each.texts, saved) for each in self._future]
        self.seal()

    @property
    def can_undo(self) -> bool:
        return bool(self._past)

    @property
    def can_redo(self) -> bool:
        return bool(self._future)

    def undo(self) -> bool:
        return self._go(self._past, self._future)

    def redo(self) -> bool:
        return self._go(self._future, self._past)

    # --- inside ---------------------------------------------------------------------------------------

    def _put(self, path: str, value: Value) -> None:
        station, _, name = path.partition(".")
        before, self.tables = self.tables, edited(self.tables, path, value)
        if name == chooser_of(station):
            self._bring_back(station, name, before[station])
        self.texts.pop(path, None)

    def _bring_back(self, station: str, chooser: str, before: Tables) -> None:
        """The chosen alternative's own values as they were when it was left, or else as they are saved."""
        old, new = str(before[chooser]), str(self.tables[station][chooser])
        classes = spec_classes(station)
        if old not in classes or new not in classes:
            return
        self._left[station, old] = before
        saved = self.saved.recipe.model_dump()[station]
        then = self._left.get((station, new)) or (saved if saved[chooser] == new else {})
        common = shared(station, old, new)
        self.tables[station] |= {name: value for name, value in then.items() if name not in common}

    def _go(self, whence: list[_Moment], whither: list[_Moment]) -> bool:
        if not whence:
            return False
        whither.append(self._now())
        then = whence.pop()
        self.tables, self.texts, self.saved = copy.deepcopy(then.tables), dict(then.texts), then.saved
        self.seal()
        self._check()
        return True

    def _now(self) -> _Moment:
        return _Moment(copy.deepcopy(self.tables), dict(self.texts), self.saved)

    def _remember(self, merging: str) -> None:
        if not merging or merging != self._merging:
            self._past.append(self._now())
            del self._past[:-_DEEPEST]
        self._merging = merging
        self._future.clear()

    def _forget_strangers(self) -> None:
        """Texts of settings that the chosen alternatives no longer have."""
        known = flat(self.tables)
        self.texts = {path: text for path, text in self.texts.items() if path in known}

    def _check(self) -> None:
        self._recipe: Recipe | None = None
        found = [Problem(path, self._unreadable(path, text)) for path, text in self.texts.items()]
        try:
            recipe = parse(self.tables)
        except RecipeError as error:
            found += [problem for problem in error.problems if problem.path not in self.texts]
        else:
            self._recipe = None if found else recipe
        self._problems = tuple(found)

    def _unreadable(self, path: str, text: str) -> str:
        declared = next((each for each in self.settings(path.split(".", 1)[0]) if each.path == path), None)
        allowed = declared.allowed() if declared else "a value"
        return (
            f"must be {allowed}, got nothing." if not text.strip() else f"must be {allowed}, got “{text.strip()[:40]}”."
        )


def flat(tables: Mapping[str, Any]) -> dict[str, Value]:
    """Every value by its path; a trick's switch is its `on`."""
    found: dict[str, Value] = {}
    for station, table in tables.items():
        for name, value in table.items():
            if isinstance(value, Mapping):
                found.update({f"{station}.{name}.{key}": each for key, each in value.items()})
            else:
                found[f"{station}.{name}"] = value
    return found


def repaired(tables: object) -> Tables | None:
    """Tables from a file of ours that may be older or damaged: what is known is kept, the rest has its defaults.

    None when they are no tables at all.
    """
    if not isinstance(tables, Mapping):
        return None
    whole: Tables = Recipe().model_dump()
    for station in STATIONS:
        given = tables.get(station)
        if not isinstance(given, Mapping):
            continue
        chooser = chooser_of(station)
        word = given.get(chooser) if chooser else None
        if isinstance(word, str) and word in spec_classes(station):
            whole = edited(whole, f"{station}.{chooser}", word)
        for name, default in whole[station].items():
            if isinstance(default, dict):
                inner = given.get(name)
                known = (
                    {key: each for key, each in inner.items() if key in default} if isinstance(inner, Mapping) else {}
                )
                default.update({key: each for key, each in known.items() if _plain(each)})
            elif name != chooser and name in given and _plain(given[name]):
                whole[station][name] = given[name]
    return whole


def _plain(value: object) -> bool:
    return value is None or isinstance(value, (bool, int, float, str))
