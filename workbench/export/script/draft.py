"""A script while it is being written: its constants, imports and cells, in the order of the recipe.

Every writer of a part appends here; nothing here knows what is being written. A cell is some code with the sentences
that explain it: comments above the code in a script, a cell of text in a notebook.
"""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass, field
from typing import Any

from workbench.errors import ExportError
from workbench.network.plan import Plan
from workbench.spec.base import Spec, Value
from workbench.spec.recipe import Recipe, value
from workbench.spec.said import setting_at

#: Width of a line of code or comment.
WIDTH = 110


@dataclass(frozen=True)
class Constant:
    """A value of the recipe, by the name that the code below calls it."""

    name: str
    code: str
    comment: str
    #: the station it belongs to
    station: str


@dataclass(frozen=True)
class Cell:
    """Some code, and the sentences that explain it."""

    text: str
    code: str


@dataclass
class Section:
    """The cells of one station of the recipe."""

    title: str
    cells: list[Cell] = field(default_factory=list)


@dataclass
class Draft:
    """A script so far. `plan` is the network for pictures of the size that it sees."""

    recipe: Recipe
    plan: Plan
    sections: list[Section] = field(default_factory=list)
    constants: dict[str, Constant] = field(default_factory=dict)
    #: lines such as "import hashlib", and the packages that must be installed for them
    imports: set[str] = field(default_factory=set)
    packages: set[str] = field(default_factory=lambda: {"keras", "numpy"})
    _said: set[str] = field(default_factory=set)

    def section(self, title: str) -> None:
        """What is appended from now on belongs to this part."""
        self.sections.append(Section(title))

    def cell(self, text: str, code: str) -> None:
        """Append code with its explanation. What the network sees is called SEEN; where nothing is cut out, that is IMAGE_SIZE."""
        if self.recipe.data.crop is None:
            code = re.sub(r"\bSEEN\b", "IMAGE_SIZE", code)
        self.sections[-1].cells.append(Cell(" ".join(text.split()), trimmed(code)))

    def once(self, name: str, text: str, code: str) -> None:
        """Append code that several parts need, the first time it is asked for."""
        if name not in self._said:
            self._said.add(name)
            self.cell(text, code)

    def needs(self, line: str, package: str | None = None) -> None:
        """An import, and the package it comes from unless that is Python's own."""
        self.imports.add(line)
        if package:
            self.packages.add(package)

    def constant(self, path: str, name: str | None = None) -> str:
        """The name of a setting's value in the script; it is written into the block of constants."""
        name = name or path.rpartition(".")[2].upper()
        declared = setting_at(self.recipe, path)
        comment = f"In {declared.unit}. {declared.meaning}" if declared.unit else declared.meaning
        return self.fixed(name, value(self.recipe, path), comment, path.partition(".")[0])

    def fixed(self, name: str, what: Any, comment: str, station: str) -> str:
        """A constant that is no setting of its own."""
        made = Constant(name, literal(what), comment, station)
        assert self.constants.setdefault(name, made) == made, f"two constants are called {name}"
        return name


def trimmed(code: str) -> str:
    """Code as it stands in a file: without the indentation of the text it was written in."""
    return textwrap.dedent(code).strip("\n")


def literal(what: Value | tuple[Any, ...]) -> str:
    """A value as Python code; words one after the other, on as many lines as they need."""
    if isinstance(what, tuple):
        return (
            "(\n"
            + textwrap.indent(textwrap.fill("".join(f"{literal(each)}, " for each in what), WIDTH), "    ")
            + "\n)"
        )
    return repr(what) if not isinstance(what, str) else quoted(what)


def quoted(text: str) -> str:
    """A text as Python code in double quotes where that is possible, with nothing that a file cannot hold."""
    plain = "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode("ascii") for sign in text)
    if plain == text and "\\" not in text and '"' not in text:
        return f'"{text}"'
    return ascii(text)


def comment(text: str, indent: int = 0) -> str:
    """Sentences as lines of comment."""
    lines = textwrap.wrap(text, WIDTH - indent - 2, break_long_words=False, break_on_hyphens=False)
    return "\n".join(f"{' ' * indent}# {line}" for line in lines)


def one_line(text: str) -> str:
    """Words of a person, such as a run's name, as one line that ends no comment and no docstring."""
    plain = "".join(sign if sign.isprintable() else " " for sign in text)
    return re.sub(r"\s+", " ", plain).replace("\\", "/").replace('"""', "'''").strip().rstrip('"')


def refuse(path: str, what: str) -> ExportError:
    """The failure of a recipe that asks for something no script can do yet."""
    return ExportError(f"This run cannot be written as a script: {path} {what}")


def spec_text(spec: Spec) -> str:
    """What a choice is and when it is right, in the declaration's own words."""
    return f"{spec.TITLE}: {spec.MEANING}"
