"""How a setting is declared: once, with everything its readers need.

The form, the preset check, the tooltips, the command line and the docs all read the declaration;
none keeps a copy. A station's spec is frozen and implements nothing.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, TypeAlias

import annotated_types
import pydantic
from pydantic.fields import FieldInfo

Value: TypeAlias = bool | int | float | str | None
Kind = Literal["switch", "whole", "real", "choice", "text", "folder", "file"]


class Spec(pydantic.BaseModel):
    """A frozen group of settings. Unknown keys, wrong types and non-finite numbers are errors."""

    model_config = pydantic.ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False, defer_build=True)

    #: What people call it, in the field's own words.
    TITLE: ClassVar[str] = ""
    #: What it is, in one or two sentences.
    MEANING: ClassVar[str] = ""
    #: When to use it, and when not to.
    USE: ClassVar[str] = ""
    LEAVE: ClassVar[str] = ""


@dataclass(frozen=True)
class Choice:
    """One allowed value of a choice."""

    value: str
    label: str
    meaning: str = ""


@dataclass(frozen=True)
class When:
    """Other settings of the same station (or trick), one of which must have such a value for this one to mean anything."""

    names: tuple[str, ...]
    #: None: any value that turns something on, which is all but false, 0 and nothing.
    values: tuple[Value, ...] | None = None

    def holds(self, value: Value) -> bool:
        """Whether a value of one of the others is such a one."""
        return bool(value) if self.values is None else value in self.values


def beside(name: str, *values: Value) -> When:
    """Only while another setting has one of these values."""
    return When((name,), values)


def beside_used(*names: str) -> When:
    """Only while one of other settings turns something on."""
    return When(names)


@dataclass(frozen=True)
class Setting:
    """The declaration of one setting, as its readers see it."""

    path: str
    label: str
    meaning: str
    kind: Kind
    default: Value
    optional: bool = False
    unit: str = ""
    lowest: float | None = None
    highest: float | None = None
    above: float | None = None
    below: float | None = None
    scale: Literal["linear", "log"] = "linear"
    choices: tuple[Choice, ...] = ()
    #: Help for switches and choices.
    use: str = ""
    leave: str = ""
    #: Help for numbers.
    higher: str = ""
    lower: str = ""
    #: When it means something; None means always.
    when: When | None = None

    @property
    def name(self) -> str:
        return self.path.rsplit(".", 1)[-1]

    def allowed(self) -> str:
        """The allowed values in words, such as "at least 1 and at most 10 epochs"."""
        if self.kind == "choice":
            return "one of " + ", ".join(choice.value for choice in self.choices)
        if self.kind == "switch":
            return "true or false"
        if self.kind in {"text", "folder", "file"}:
            return {"text": "a text", "folder": "the path of a folder", "file": "the path of a file"}[self.kind]
        bounds = [
            f"{word} {number(bound)}"
            for word, bound in (
                ("more than", self.above),
                ("at least", self.lowest),
                ("less than", self.below),
                ("at most", self.highest),
            )
            if bound is not None
        ]
        noun = "a whole number" if self.kind == "whole" else "a number"
        words = f"{noun} of {' and '.join(bounds)}" if bounds else noun
        return with_unit(words, self.unit)


def number(value: float) -> str:
    """A number as people write it: 10, 1,048,576, 0.5, 1e-06."""
    return f"{value:,.0f}" if value.is_integer() and abs(value) < 1e15 else f"{value:g}"  # noqa: PLR2004 - exact up to here


def with_unit(words: str, unit: str) -> str:
    """Words that end in a number, with its unit: "at least 1 epoch", "at most 10 epochs"."""
    return f"{words} {unit.removesuffix('s') if words.endswith(' 1') else unit}".rstrip()


def setting(
    default: Any,
    label: str,
    meaning: str,
    *,
    unit: str = "",
    gt: float | None = None,
    ge: float | None = None,
    lt: float | None = None,
    le: float | None = None,
    scale: Literal["linear", "log"] = "linear",
    choices: Mapping[str, str] | None = None,
    kind: Kind | None = None,
    use: str = "",
    leave: str = "",
    higher: str = "",
    lower: str = "",
    when: When | None = None,
) -> Any:
    """Declare a setting: its default, its name on screen, what it means, its limits, its help, and when it applies."""
    words: dict[str, Any] = {
        "unit": unit, "scale": scale, "choices": dict(choices or {}), "kind": kind,
        "use": use, "leave": leave, "higher": higher, "lower": lower, "when": when,
    }  # fmt: skip
    return pydantic.Field(
        default, title=label, description=meaning, gt=gt, ge=ge, lt=lt, le=le, json_schema_extra={"words": words}
    )


def _plain_type(annotation: Any) -> tuple[Any, bool]:
    """An annotation without `| None`, and whether None is allowed."""
    if isinstance(annotation, types.UnionType) or typing.get_origin(annotation) is typing.Union:
        members = [member for member in typing.get_args(annotation) if member is not types.NoneType]
        return members[0], len(members) < len(typing.get_args(annotation))
    return annotation, False


def _kind(annotation: Any) -> Kind:
    if typing.get_origin(annotation) is Literal:
        return "choice"
    kinds: dict[Any, Kind] = {bool: "switch", int: "whole", float: "real", str: "text"}
    return kinds[annotation]


def read_setting(path: str, field: FieldInfo) -> Setting:
    """The declaration behind a field of a spec class."""
    annotation, optional = _plain_type(field.annotation)
    extra = field.json_schema_extra
    declared = extra.get("words") if isinstance(extra, dict) else None
    words: dict[str, Any] = dict(declared) if isinstance(declared, dict) else {}
    bounds: dict[str, Any] = {"above": None, "lowest": None, "below": None, "highest": None}
    for mark in field.metadata:
        match mark:
            case annotated_types.Gt(gt=bound):
                bounds["above"] = float(typing.cast("float", bound))
            case annotated_types.Ge(ge=bound):
                bounds["lowest"] = float(typing.cast("float", bound))
            case annotated_types.Lt(lt=bound):
                bounds["below"] = float(typing.cast("float", bound))
            case annotated_types.Le(le=bound):
                bounds["highest"] = float(typing.cast("float", bound))
    labels: dict[str, str] = words.pop("choices", {})
    kind = words.pop("kind", None) or _kind(annotation)
    values = typing.get_args(annotation) if kind == "choice" else ()
    return Setting(
        path=path,
        label=field.title or path.rsplit(".", 1)[-1].replace("_", " ").capitalize(),
        meaning=field.description or "",
        kind=kind,
        default=field.default,
        optional=optional,
        choices=tuple(Choice(str(value), labels.get(str(value), str(value))) for value in values),
        **bounds,
        **words,
    )
