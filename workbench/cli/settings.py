"""`--set PATH=VALUE`: settings of a recipe changed from the command line, every problem at once."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from typing import Any

from workbench.errors import Problem, RecipeError
from workbench.paths import expanded
from workbench.spec import Recipe, Setting, Value
from workbench.spec.recipe import chooser_of, class_settings, edited, parse, spec_classes

_NOTHING = {"", "none", "null"}


def changed_by(recipe: Recipe, assignments: Iterable[str]) -> Recipe:
    """The recipe with every "path=value" applied; alternatives are chosen before their settings. Raises RecipeError."""
    problems: list[Problem] = []
    changes: dict[str, str] = {}
    for assignment in assignments:
        path, sign, text = assignment.partition("=")
        if sign:
            changes[path.strip()] = text.strip()
        else:
            problems.append(Problem(assignment, "must be PATH=VALUE, such as training.epochs=5."))
    tree: dict[str, Any] = recipe.model_dump()
    # Of a station without a known alternative nothing else can be judged; `parse` says what is wrong with the choice.
    unknown: dict[str, dict[str, Any]] = {}
    for path in sorted(changes, key=lambda path: not _is_chooser(path)):
        station, _, name = path.partition(".")
        if _is_chooser(path) and changes[path].strip("\"'") not in spec_classes(station):
            unknown[station] = {name: changes[path]}
        elif station not in unknown:
            try:
                tree = _with(tree, path, changes[path], given=changes)
            except RecipeError as error:
                problems.extend(error.problems)
    try:
        changed = parse(tree | unknown)
    except RecipeError as error:
        raise RecipeError([*problems, *error.problems]) from None
    if problems:
        raise RecipeError(problems)
    return changed


def with_absolute_paths(recipe: Recipe) -> Recipe:
    """The recipe with its data's path absolute: an engine does not run where the command was given."""
    path = getattr(recipe.data, "path", "")
    if not path:
        return recipe
    tree = edited(recipe.model_dump(), "data.path", str(expanded(path).absolute()))
    return parse(tree)


def _is_chooser(path: str) -> bool:
    station, _, name = path.partition(".")
    return bool(name) and name == chooser_of(station)


def _with(tree: dict[str, Any], path: str, text: str, *, given: Mapping[str, str]) -> dict[str, Any]:
    changed = edited(tree, path, _value(text, _declaration(tree, path)))
    parts = path.split(".")
    if parts[0] == "tricks" and len(parts) == 3 and parts[2] != "on":  # noqa: PLR2004 - tricks.<name>.<setting>
        switch = f"tricks.{parts[1]}"
        if switch not in given and f"{switch}.on" not in given:
            changed = edited(changed, switch, new=True)
    return changed


def _declaration(tree: Mapping[str, Any], path: str) -> Setting | None:
    station, _, name = path.partition(".")
    if station not in tree:
        return None
    chooser = chooser_of(station)
    if station == "tricks":
        word: str | None = name.partition(".")[0]
        if word not in spec_classes("tricks"):
            return None
        path = path if "." in name else f"{path}.on"
    else:
        word = tree[station][chooser] if chooser else None
    return {each.path: each for each in class_settings(station, word)}.get(path)


def _value(text: str, setting: Setting | None) -> Value:
    """A value as TOML writes it, or else the plain text."""
    if setting is not None and setting.optional and text.casefold() in _NOTHING:
        return None
    came = _toml(text)
    if setting is not None and setting.kind in {"text", "folder", "file"}:
        return came if isinstance(came, str) else text
    if setting is not None and setting.kind == "switch" and text.casefold() in {"true", "false"}:
        return text.casefold() == "true"
    return came


def _toml(text: str) -> Value:
    try:
        tree = tomllib.loads(f"value = {text}")
    except tomllib.TOMLDecodeError:
        return _number(text)
    came = tree["value"]
    return came if len(tree) == 1 and isinstance(came, (bool, int, float, str)) else text


def _number(text: str) -> Value:
    """Numbers that people write and TOML does not know: .5, 1., 1E5."""
    try:
        return float(text) if text[:1] in "+-.0123456789" and text else text
    except ValueError:
        return text
