"""The recipe: every setting of a run. The same recipe is the same run.

Reading goes through `parse`, which finds every problem at once and says each in a sentence; the form
and the command line go through `changed`, which is the same check for one setting.
"""

from __future__ import annotations

import copy
import difflib
import functools
import types
import typing
from collections.abc import Iterator, Mapping
from typing import Any

import pydantic
from pydantic_core import ErrorDetails

from workbench.errors import Problem, RecipeError
from workbench.spec import data, initializer, model, optimizer, schedule
from workbench.spec.adam import Adam
from workbench.spec.base import Choice, Setting, Spec, Value, number, read_setting, with_unit
from workbench.spec.conflicts import conflicts
from workbench.spec.data import Data, Digits
from workbench.spec.initializer import Initializer, KaimingNormal
from workbench.spec.model import Cnn, Model
from workbench.spec.optimizer import Optimizer
from workbench.spec.schedule import Constant, Schedule
from workbench.spec.training import Training
from workbench.spec.tricks import Trick, Tricks


class Recipe(Spec):
    """Every setting of a run, one station a field, in the order of the form."""

    data: Data = pydantic.Field(default_factory=Digits)
    model: Model = pydantic.Field(default_factory=Cnn)
    initializer: Initializer = pydantic.Field(default_factory=KaimingNormal)
    optimizer: Optimizer = pydantic.Field(default_factory=Adam)
    schedule: Schedule = pydantic.Field(default_factory=Constant)
    training: Training = pydantic.Field(default_factory=Training)
    tricks: Tricks = pydantic.Field(default_factory=Tricks)

    @property
    def keeps_best(self) -> bool:
        """Whether the run keeps the weights of its best epoch; else those of its last."""
        return self.training.keep == "best" or self.tricks.early_stopping.on

    def update_size(self, samples: int) -> int:
        """How many training pictures make one update, of `samples` in all; an epoch's last update may have fewer."""
        trick = self.tricks.gradient_accumulation
        if not trick.on:
            return self.training.batch_size
        return max(1, samples) if trick.whole else min(max(1, samples), self.training.batch_size * trick.batches)


def _members(annotation: Any) -> tuple[type[Spec], ...]:
    union = typing.get_args(annotation)[0] if typing.get_origin(annotation) is typing.Annotated else annotation
    assert isinstance(union, types.UnionType) or typing.get_origin(union) is typing.Union
    return typing.get_args(union)


#: Stations with alternatives: the setting that chooses, its label and the classes to choose from (the first is not special).
_CHOOSERS: dict[str, tuple[str, str, tuple[type[Spec], ...]]] = {
    "data": ("kind", "Data set", _members(data.Data)),
    "model": ("kind", "Architecture", _members(model.Model)),
    "initializer": ("kind", "Scheme", _members(initializer.Initializer)),
    "optimizer": ("method", "Method", _members(optimizer.Optimizer)),
    "schedule": ("kind", "Kind", _members(schedule.Schedule)),
}

STATIONS: tuple[str, ...] = tuple(Recipe.model_fields)

STATION_TITLES: dict[str, str] = {
    "data": "Data",
    "model": "Model",
    "initializer": "Initialization",
    "optimizer": "Optimizer",
    "schedule": "Schedule",
    "training": "Training",
    "tricks": "Tricks",
}


def spec_classes(station: str) -> dict[str, type[Spec]]:
    """The alternatives of a station by the word that chooses them; for tricks, the tricks by name."""
    if station == "tricks":
        return {name: trick_class(name) for name in Tricks.model_fields}
    if station not in _CHOOSERS:
        return {}
    chooser, _, members = _CHOOSERS[station]
    return {typing.cast("str", member.model_fields[chooser].default): member for member in members}


def trick_class(name: str) -> type[Trick]:
    return typing.cast("type[Trick]", Tricks.model_fields[name].annotation)


def chooser_of(station: str) -> str | None:
    """The setting that chooses between the alternatives of a station: "kind", "method" or None."""
    return _CHOOSERS[station][0] if station in _CHOOSERS else None


def _chooser_setting(station: str, default: str) -> Setting:
    chooser, label, _ = _CHOOSERS[station]
    classes = spec_classes(station)
    return Setting(
        path=f"{station}.{chooser}",
        label=label,
        meaning=f"Which one: {', '.join(member.TITLE for member in classes.values())}.",
        kind="choice",
        default=default,
        choices=tuple(Choice(word, member.TITLE, member.MEANING) for word, member in classes.items()),
    )


@functools.cache  # a form asks after every keystroke
def class_settings(station: str, word: str | None = None) -> tuple[Setting, ...]:
    """The settings of one alternative of a station (or of a trick), its chooser first."""
    classes = spec_classes(station)
    if station == "tricks":
        assert word is not None
        return tuple(read_setting(f"tricks.{word}.{name}", field) for name, field in classes[word].model_fields.items())
    if station not in _CHOOSERS:
        return tuple(read_setting(f"{station}.{name}", field) for name, field in Training.model_fields.items())
    chooser = _CHOOSERS[station][0]
    word = word or typing.cast("str", getattr(getattr(Recipe(), station), chooser))
    fields = classes[word].model_fields
    rest = (read_setting(f"{station}.{name}", field) for name, field in fields.items() if name != chooser)
    return (_chooser_setting(station, word), *rest)


def settings(recipe: Recipe) -> tuple[Setting, ...]:
    """Every setting that the recipe has now, in the order of the form; a trick's first is its `on`."""
    found: list[Setting] = []
    for station in STATIONS:
        if station == "tricks":
            for name in Tricks.model_fields:
                found.extend(class_settings("tricks", name))
        else:
            chooser = chooser_of(station)
            found.extend(class_settings(station, getattr(getattr(recipe, station), chooser) if chooser else None))
    return tuple(found)


def value(recipe: Recipe, path: str) -> Value:
    """The value at a path such as "optimizer.learning_rate"; "tricks.dropout" is its switch."""
    here: Any = recipe
    for part in path.split("."):
        here = getattr(here, part)
    return here.on if isinstance(here, Trick) else here


def values(recipe: Recipe) -> dict[str, Value]:
    """Every setting's value by its path, in the order of the form."""
    return {each.path: value(recipe, each.path) for each in settings(recipe)}


def differences(one: Recipe, other: Recipe) -> dict[str, tuple[Value, Value]]:
    """The settings that differ: path → (value in one, value in other); None where one lacks it."""
    mine, theirs = values(one), values(other)
    return {
        path: (mine.get(path), theirs.get(path))
        for path in mine | theirs
        if path not in mine or path not in theirs or mine[path] != theirs[path]
    }


def changed(recipe: Recipe, path: str, new: Value) -> Recipe:
    """The recipe with one setting changed. Raises RecipeError, all problems at once.

    Choosing another alternative of a station keeps what means the same in both (see `shared`); everything
    else takes the new alternative's defaults. Setting a trick's parameter leaves its switch alone.
    """
    return parse(edited(recipe.model_dump(), path, new))


def edited(tree: Mapping[str, Any], path: str, new: Value) -> dict[str, Any]:
    """Full tables, as `model_dump` gives them, with one setting changed as by `changed`, but unchecked.

    A form needs this while its values contradict each other. Raises RecipeError when there is no such setting.
    """
    result = copy.deepcopy(dict(tree))
    station, _, name = path.partition(".")
    if station not in STATIONS or not name:
        raise RecipeError([unknown_path(Recipe(), path)])
    if name == chooser_of(station):
        result[station] = _switched(result[station], station, name, new)
        return result
    *parents, leaf = name.split(".")
    target: Any = result[station]
    for part in parents:
        target = target.get(part) if isinstance(target, dict) else None
    if not isinstance(target, dict) or leaf not in target:
        raise RecipeError([_unknown_here(path, result)])
    if isinstance(target[leaf], dict):
        target, leaf = target[leaf], "on"
    target[leaf] = new
    return result


def shared(station: str, one: str, other: str) -> frozenset[str]:
    """The settings that two alternatives of a station both have, with the same label and default: they mean the same in both.

    Where the defaults differ, a value belongs to its alternative: Adam's learning rate says nothing about SGD's.
    """
    chooser, classes = chooser_of(station), spec_classes(station)
    mine, theirs = classes[one].model_fields, classes[other].model_fields
    return frozenset(
        name
        for name, field in mine.items()
        if name != chooser
        and name in theirs
        and (theirs[name].title, theirs[name].get_default()) == (field.title, field.get_default())
    )


def _switched(table: Mapping[str, Any], station: str, chooser: str, word: Value) -> dict[str, Any]:
    """A station's table after another alternative was chosen, complete unless there is no such alternative."""
    classes = spec_classes(station)
    wanted = classes.get(str(word))
    if wanted is None or str(table[chooser]) not in classes:
        return {chooser: word}
    kept = {name: table[name] for name in shared(station, str(table[chooser]), str(word))}
    defaults = {name: field.get_default() for name, field in wanted.model_fields.items()}
    return defaults | kept | {chooser: word}


def _unknown_here(path: str, tree: Mapping[str, Any]) -> Problem:
    """As `unknown_path`, for tables that may not make a recipe."""
    known: list[str] = []
    for station in STATIONS:
        if station == "tricks":
            known += [f"tricks.{name}" for name in Tricks.model_fields]
            known += [each.path for name in Tricks.model_fields for each in class_settings("tricks", name)]
        else:
            chooser = chooser_of(station)
            known += [each.path for each in class_settings(station, tree[station].get(chooser) if chooser else None)]
    return Problem(path, f"there is no such setting.{_did_you_mean(path, known)}")


def unknown_path(recipe: Recipe, path: str) -> Problem:
    known = [each.path for each in settings(recipe)] + [f"tricks.{name}" for name in Tricks.model_fields]
    return Problem(path, f"there is no such setting.{_did_you_mean(path, known)}")


def _did_you_mean(word: str, known: typing.Iterable[str]) -> str:
    options = sorted(known)
    close = difflib.get_close_matches(word, options, n=1, cutoff=0.6)
    if close:
        return f" Did you mean {close[0]}?"
    return f" Known here: {', '.join(options)}." if len(options) <= 12 else ""  # noqa: PLR2004 - as many as read well


# --- reading: every problem at once ------------------------------------------------------------


def parse(tree: Mapping[str, Any]) -> Recipe:
    """A recipe from tables as a TOML file gives them. Raises RecipeError with every problem."""
    problems: list[Problem] = []
    filled = _filled(tree, problems)
    try:
        recipe = Recipe.model_validate(filled)
    except pydantic.ValidationError as error:
        problems.extend(_sentences(error, filled))
        problems.extend(_conflicts_of_the_rest(filled, problems))
        raise RecipeError(problems) from None
    problems.extend(conflicts(recipe, {problem.path for problem in problems}))
    if problems:
        raise RecipeError(problems)
    return recipe


def _conflicts_of_the_rest(tree: Mapping[str, Any], problems: typing.Sequence[Problem]) -> list[Problem]:
    """What contradicts each other among the settings that are right alone."""
    bad = {problem.path for problem in problems}
    rest = copy.deepcopy(dict(tree))
    for path in bad:
        *parents, leaf = path.split(".")
        target: Any = rest
        for part in parents:
            target = target.get(part) if isinstance(target, dict) else None
        if isinstance(target, dict):
            target.pop(leaf, None)
    try:
        return conflicts(Recipe.model_validate(rest), bad)
    except pydantic.ValidationError:
        return []  # what is left cannot be read without the bad ones either


def _filled(tree: Mapping[str, Any], problems: list[Problem]) -> dict[str, Any]:
    """The tables with the choosers' defaults filled in and tricks turned on by being there."""
    filled: dict[str, Any] = {}
    default = Recipe()
    for station, table in tree.items():
        if station not in STATIONS:
            problems.append(Problem(station, f"there is no such table.{_did_you_mean(station, STATIONS)}"))
            continue
        if not isinstance(table, Mapping):
            problems.append(Problem(station, f"must be a table [{station}], got {_shown(table)}."))
            continue
        chooser = chooser_of(station)
        filled[station] = dict(table)
        if chooser:
            filled[station].setdefault(chooser, getattr(getattr(default, station), chooser))
            word = filled[station][chooser]
            if not isinstance(word, str) or word not in spec_classes(station):
                # Nothing else of the table can be judged while it is open what it describes.
                words = ", ".join(spec_classes(station))
                hint = _did_you_mean(str(word), spec_classes(station)) if isinstance(word, str) else ""
                hint = hint if "Did you mean" in hint else ""
                problems.append(Problem(f"{station}.{chooser}", f"must be one of {words}, got {_shown(word)}.{hint}"))
                del filled[station]
        elif station == "tricks":
            filled[station] = _tricks_on(table, problems)
    return filled


def _tricks_on(table: Mapping[str, Any], problems: list[Problem]) -> dict[str, Any]:
    ready: dict[str, Any] = {}
    for name, parameters in table.items():
        if name not in Tricks.model_fields:
            known = _did_you_mean(name, Tricks.model_fields)
            problems.append(Problem(f"tricks.{name}", f"there is no such trick.{known}"))
        elif not isinstance(parameters, Mapping):
            problems.append(Problem(f"tricks.{name}", f"must be a table [tricks.{name}], got {_shown(parameters)}."))
        else:
            ready[name] = {"on": True, **parameters}
    return ready


def _shown(came: object) -> str:
    """A value as the file wrote it, cut when long."""
    text = str(came).lower() if isinstance(came, bool) else repr(came)
    return text if len(text) <= 60 else text[:57] + "…"  # noqa: PLR2004 - one line of a message


def _sentences(error: pydantic.ValidationError, tree: Mapping[str, Any]) -> Iterator[Problem]:
    for detail in error.errors(include_url=False):
        parts = [str(part) for part in detail["loc"]]
        # In a union pydantic names the chosen alternative as a step of its own.
        if parts and parts[0] in _CHOOSERS and len(parts) > 1 and parts[1] in spec_classes(parts[0]):
            del parts[1]
        yield _sentence(parts, detail, tree)


def _sentence(parts: list[str], detail: ErrorDetails, tree: Mapping[str, Any]) -> Problem:
    path = ".".join(parts)
    station = parts[0]
    chooser = chooser_of(station)
    word = tree[station].get(chooser) if chooser else (parts[1] if station == "tricks" else None)
    declared = {each.path: each for each in class_settings(station, word)}
    came = detail["input"]
    match detail["type"]:
        case "extra_forbidden":
            names = [known.rsplit(".", 1)[-1] for known in declared]
            return Problem(path, f"there is no such setting here.{_did_you_mean(parts[-1], names)}")
        case "value_error":
            return Problem(path, str(detail["msg"]).removeprefix("Value error, "))
        case "finite_number":
            return Problem(path, f"must be a finite number, got {_shown(came)}.")
    declaration = declared.get(path)
    if declaration is None:
        return Problem(path, f"{detail['msg']}, got {_shown(came)}.")
    hint = ""
    if declaration.kind == "choice" and isinstance(came, str):
        hint = _did_you_mean(came, [choice.value for choice in declaration.choices])
        hint = hint if "Did you mean" in hint else ""
    return Problem(path, f"must be {_demand(detail, declaration)}, got {_shown(came)}.{hint}")


def _demand(detail: ErrorDetails, declaration: Setting) -> str:
    context = detail.get("ctx", {})
    words = {
        "greater_than": ("more than", "gt"),
        "greater_than_equal": ("at least", "ge"),
        "less_than": ("less than", "lt"),
        "less_than_equal": ("at most", "le"),
    }
    if detail["type"] in words:
        phrase, key = words[detail["type"]]
        return with_unit(f"{phrase} {number(float(context[key]))}", declaration.unit)
    return declaration.allowed()
