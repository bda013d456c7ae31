"""Presets of the descent lab: its settings saved under a name, as a TOML file.

    format = 1
    title = "Long valley, condition 25"
    about = "One sentence on what is to be seen."

    [landscape]
    kind = "quadratic"
    condition = 25.0
    …
    [racers.gradient_descent]
    method = "gradient_descent"
    learning_rate = 0.072

A racer races unless its table says `on = false`; a missing key means the declared default. Shipped ones are read-only; the
user's own lie in the workspace and win over a shipped one of the same name.
"""

from __future__ import annotations

import difflib
import re
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pydantic
import tomli_w

from workbench.errors import Problem, RecipeError, WorkspaceError
from workbench.paths import Workspace, explain, shipped_presets, write_atomic
from workbench.plain import plain
from workbench.spec.base import Setting, Value, read_setting
from workbench.spec.lab import MOST_RACERS, Lab, Landscape, Racer, Rule
from workbench.spec.optimizer_base import OptimizerSpec
from workbench.spec.presets import (
    FORMAT,
    Unreadable,
    is_lab,
    read_file,
    read_folders,
    read_tables,
    shown_text,
    slug,
    take_words,
)

FOLDER = "lab"
DEFAULT = "long-valley"
_NAME = re.compile(r"[a-z][a-z_0-9]{0,39}")

#: The methods of the lab by their words, in the order of the form.
RULES: dict[str, type[OptimizerSpec]] = {
    member.model_fields["method"].default: member for member in typing.get_args(typing.get_args(Rule)[0])
}


@dataclass(frozen=True)
class LabPreset:
    """The lab's settings saved under a name."""

    name: str
    title: str
    lab: Lab
    about: str = ""
    path: Path | None = None
    shipped: bool = False


def landscape_settings() -> tuple[Setting, ...]:
    """The landscape's settings as declared, in the order of the form."""
    return tuple(read_setting(f"lab.{name}", field) for name, field in Landscape.model_fields.items())


def racer_settings(name: str, kind: type[OptimizerSpec]) -> tuple[Setting, ...]:
    """The settings of a racer's method as declared; what chooses the method is none."""
    fields = kind.model_fields.items()
    return tuple(read_setting(f"lab.{name}.{key}", field) for key, field in fields if key != "method")


def edited(lab: Lab, path: str, value: Value) -> Lab:
    """The lab with one setting changed: `lab.NAME` of the landscape, `lab.RACER` turns one on or off, `lab.RACER.NAME` is a number of it.

    Raises RecipeError.
    """
    tree = dump_tree(lab)
    _, *parts = path.split(".")
    match parts:
        case [name] if name in Landscape.model_fields:
            tree["landscape"][name] = value
        case [racer] if racer in lab.racers:
            tree["racers"][racer]["on"] = value
        case [racer, name] if racer in lab.racers:
            tree["racers"][racer][name] = value
        case _:
            raise RecipeError([Problem(path, "there is no such setting of the lab.")])
    return parse(tree)


def dump_tree(lab: Lab) -> dict[str, Any]:
    """The lab as plain tables."""
    return {
        "landscape": lab.landscape.model_dump(exclude_none=True),
        "racers": {
            name: {"method": racer.rule.model_dump()["method"], "on": racer.on, **racer.rule.model_dump(exclude_none=True)}
            for name, racer in lab.racers.items()
        },
    }  # fmt: skip


def dump(lab: Lab, title: str = "", about: str = "") -> str:
    """The TOML text of the lab's settings."""
    words = {key: text for key, text in (("title", title), ("about", about)) if text}
    return tomli_w.dumps({"format": FORMAT, **words, **dump_tree(lab)})


def loads(text: str, name: str = "", path: Path | None = None, *, shipped: bool = False) -> LabPreset:
    """A preset from TOML text. Raises RecipeError with every problem."""
    tree = read_tables(text)
    problems: list[Problem] = []
    words = take_words(tree, problems)
    try:
        lab = parse(tree)
    except RecipeError as error:
        raise RecipeError([*problems, *error.problems]) from None
    if problems:
        raise RecipeError(problems)
    return LabPreset(name, shown_text(words["title"]) or plain(name), lab, shown_text(words["about"]), path, shipped)


def parse(tree: Mapping[str, Any]) -> Lab:
    """The lab from plain tables. Raises RecipeError with every problem."""
    problems: list[Problem] = []
    known = {"landscape", "racers"}
    problems.extend(
        Problem(key, "there is no such table; the lab has [landscape] and [racers.NAME].")
        for key in tree
        if key not in known
    )
    landscape = tree.get("landscape", {})
    racers = tree.get("racers", {})
    for key, table in (("landscape", landscape), ("racers", racers)):
        if not isinstance(table, Mapping):
            raise RecipeError([*problems, Problem(key, f"must be a table [{key}], got {plain(repr(table), 60)}.")])
    if len(racers) > MOST_RACERS:
        problems.append(Problem("racers", f"must be at most {MOST_RACERS}, got {len(racers)}."))
    found: dict[str, Racer] = {}
    for name, table in list(racers.items())[:MOST_RACERS]:
        racer = _racer(name, table, problems)
        if racer is not None:
            found[name] = racer
    try:
        land = Landscape.model_validate(dict(landscape))
    except pydantic.ValidationError as error:
        declared = {each.path: each for each in landscape_settings()}
        raise RecipeError([*problems, *_sentences(error, "lab", declared)]) from None
    if problems:
        raise RecipeError(problems)
    return Lab(landscape=land, racers=found)


def _racer(name: str, table: Any, problems: list[Problem]) -> Racer | None:
    path = f"racers.{plain(name, 40)}"
    if not _NAME.fullmatch(name) or name in Landscape.model_fields:
        problems.append(
            Problem(path, "a racer's name must be small letters, digits and _, and no setting of the landscape.")
        )
        return None
    if not isinstance(table, Mapping):
        problems.append(Problem(path, f"must be a table [{path}], got {plain(repr(table), 60)}."))
        return None
    parts = dict(table)
    on = parts.pop("on", True)
    kind = RULES.get(str(parts.get("method")))
    if not isinstance(on, bool):
        problems.append(Problem(f"{path}.on", f"must be true or false, got {plain(repr(on), 60)}."))
        return None
    if kind is None:
        close = difflib.get_close_matches(str(parts.get("method")), RULES, n=1)
        hint = f" Did you mean {close[0]}?" if close else ""
        came = plain(repr(parts.get("method")), 60)
        problems.append(Problem(f"{path}.method", f"must be one of {', '.join(RULES)}, got {came}.{hint}"))
        return None
    try:
        return Racer.model_validate({"on": on, "rule": kind.model_validate(parts)})
    except pydantic.ValidationError as error:
        declared = {each.path: each for each in racer_settings(name, kind)}
        problems.extend(_sentences(error, f"lab.{name}", declared))
        return None


def _sentences(error: pydantic.ValidationError, prefix: str, declared: Mapping[str, Setting]) -> list[Problem]:
    problems = []
    for detail in error.errors(include_url=False):
        path = ".".join([prefix, *(str(part) for part in detail["loc"])])
        came = plain(repr(detail["input"]), 60)
        known = declared.get(path)
        if known is None:
            names = [each.rsplit(".", 1)[-1] for each in declared]
            close = difflib.get_close_matches(path.rsplit(".", 1)[-1], names, n=1)
            hint = f" Did you mean {close[0]}?" if close else ""
            problems.append(Problem(path, f"there is no such setting here.{hint}"))
        elif detail["type"] == "finite_number":
            problems.append(Problem(path, f"must be a finite number, got {came}."))
        else:
            problems.append(Problem(path, f"must be {known.allowed()}, got {came}."))
    return problems


def shipped_lab() -> Path:
    return shipped_presets() / FOLDER


def own_lab(workspace: Workspace) -> Path:
    """Where the user's own presets of the lab lie."""
    return workspace.presets / FOLDER


def load(path: Path, *, shipped: bool = False) -> LabPreset:
    """A preset from a file. Raises RecipeError (its content) or WorkspaceError (the file)."""
    return loads(read_file(path), path.stem, path, shipped=shipped)


def is_lab_file(path: Path) -> bool:
    """Whether a file is a preset of the lab, good or bad; another preset, and what cannot be read, is none."""
    try:
        return is_lab(read_tables(read_file(path)))
    except (RecipeError, WorkspaceError):
        return False


def available(workspace: Workspace) -> tuple[list[LabPreset], list[Unreadable]]:
    """Every preset of the lab, the default first, then shipped ones, then the user's own; and the unreadable files."""
    found, broken = read_folders(((shipped_lab(), True), (own_lab(workspace), False)), load)
    return sorted(found.values(), key=lambda each: (each.name != DEFAULT, not each.shipped, each.title.lower())), broken


def save(title: str, lab: Lab, workspace: Workspace, about: str = "") -> LabPreset:
    """Write a preset of the user's own, whole or not at all. Raises WorkspaceError; a shipped one is never hidden by it."""
    title = " ".join(title.split())
    if not title:
        raise WorkspaceError("A preset needs a name. Type one.")
    name = slug(title)
    if (shipped_lab() / f"{name}.toml").exists():
        raise WorkspaceError(f"There is a shipped preset called {title}. Choose another name.")
    path = own_lab(workspace) / f"{name}.toml"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WorkspaceError(explain(error, path.parent)) from error
    write_atomic(path, dump(lab, title, about).encode())
    return LabPreset(name, title, lab, about, path)


def delete(preset: LabPreset) -> None:
    """Delete one of the user's own presets. Shipped ones are refused."""
    if preset.shipped or preset.path is None:
        raise WorkspaceError(f"{preset.title} is a shipped preset and stays.")
    try:
        preset.path.unlink(missing_ok=True)
    except OSError as error:
        raise WorkspaceError(explain(error, preset.path)) from error
