"""Presets: a recipe saved under a name, as a TOML file.

    format = 1
    title = "Digits, small CNN"
    about = "One sentence for the first launch."

    [data]
    kind = "digits"
    …
    [tricks.early_stopping]
    patience = 8

A trick's table turns it on unless it says `on = false`; a missing key means the declared default.
Shipped presets are read-only; the user's own lie in the workspace and win over a shipped one of the
same name.
"""

from __future__ import annotations

import difflib
import itertools
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import tomli_w

from workbench.errors import Problem, RecipeError, WorkspaceError
from workbench.paths import Workspace, explain, shipped_presets, write_atomic
from workbench.plain import LONGEST, is_plain, plain
from workbench.spec.base import Spec
from workbench.spec.recipe import Recipe, chooser_of, parse
from workbench.spec.tricks import Tricks

T = TypeVar("T")

FORMAT = 1
DEFAULT = "digits-cnn"
#: A preset is a page of text; anything much larger is something else.
LARGEST = 256 * 1024
DEEPEST = 4
#: Names in a preset, of tables and settings together; the whole recipe has some two hundred.
MOST_NAMES = 1_000
#: Dots in one line, and in one apart from its texts. A name of many parts takes Python's reader the square of their number, and each
#: setting below it the number again: one name of 250 kB takes minutes, a thousand names of 200 parts take seconds.
MOST_DOTS = 200
MOST_DOTS_OF_NAMES = 40
#: A text or a comment within a line; a text that does not end there goes to the line's end. Seen line by line, one over several lines
#: may hide what follows it, which can be an inline table's names only: those are read fast enough up to MOST_DOTS.
_TEXT = re.compile(r"""\"(?:[^"\\]|\\.)*"?|'[^']*'?|#.*""")
#: Of the numbers that TOML promises to keep. Python knows larger ones, and refuses to write those of thousands of digits.
_WHOLE_BITS = 64
#: Kept of a title and of what it is about.
_LONGEST = {"title": 200, "about": 2_000}
#: Only presets of the descent lab have these.
_LAB_TABLES = frozenset({"landscape", "racers"})


@dataclass(frozen=True)
class Preset:
    """A recipe saved under a name."""

    name: str
    title: str
    recipe: Recipe
    about: str = ""
    path: Path | None = None
    shipped: bool = False

    @property
    def default(self) -> bool:
        return self.name == DEFAULT


def dump(recipe: Recipe, title: str = "", about: str = "") -> str:
    """The TOML text of a recipe: every setting, tricks that are off and untouched left out."""
    tree: dict[str, Any] = {"format": FORMAT}
    if title:
        tree["title"] = title
    if about:
        tree["about"] = about
    for station in Recipe.model_fields:
        part: Spec = getattr(recipe, station)
        if isinstance(part, Tricks):
            tree["tricks"] = {
                name: trick.model_dump(exclude_none=True)
                for name in Tricks.model_fields
                if (trick := getattr(part, name)) != type(trick)()
            }
            continue
        chooser = chooser_of(station)
        table = part.model_dump(exclude_none=True)
        first = {chooser: table.pop(chooser)} if chooser else {}
        tree[station] = first | table
    if not tree["tricks"]:
        del tree["tricks"]
    return tomli_w.dumps(tree)


def encoded(text: str) -> bytes:
    """What a preset's file holds, of its text. Raises RecipeError where a file is named that no text can name."""
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        line = text.count("\n", 0, error.start)
        named = text.splitlines()[line].partition("=")[2].strip().encode(errors="backslashreplace").decode()
        sentence = f"{named} is no text, so no recipe can keep it. Rename that file or folder, then try again."
        raise RecipeError([Problem("", sentence)]) from error


def loads(text: str, name: str = "", path: Path | None = None, *, shipped: bool = False) -> Preset:
    """A preset from TOML text. Raises RecipeError with every problem."""
    tree = read_tables(text)
    if is_lab(tree):
        sentence = "this is a preset of the descent lab, which trains nothing. Drop it on the window, or take a recipe's preset."
        raise RecipeError([Problem("", sentence)])
    problems: list[Problem] = []
    words = take_words(tree, problems)
    try:
        recipe = parse(tree)
    except RecipeError as error:
        raise RecipeError([*problems, *error.problems]) from None
    if problems:
        raise RecipeError(problems)
    return Preset(name, shown_text(words["title"]) or plain(name), recipe, shown_text(words["about"]), path, shipped)


def is_lab(tree: Mapping[str, Any]) -> bool:
    """Whether a file's tables are settings of the descent lab (spec/lab_presets.py), of which a recipe has none."""
    return not _LAB_TABLES.isdisjoint(tree)


def take_words(tree: dict[str, Any], problems: list[Problem]) -> dict[str, str]:
    """Take format, title and about out of a preset's tables; the texts, and what is wrong with the three in `problems`."""
    form = tree.pop("format", None)
    # In Python true and 1.0 equal 1, in a file they are something else.
    if type(form) is not int or form != FORMAT:
        came = "nothing" if form is None else plain(repr(form), 60)
        known = f"this version reads format {FORMAT}"
        problems.append(Problem("format", f"must be {FORMAT}, got {came}; {known}. Is this a preset file?"))
    words = {key: tree.pop(key, "") for key in ("title", "about")}
    problems.extend(
        Problem(key, f"must be a text, got {plain(repr(came), 60)}.")
        for key, came in words.items()
        if not isinstance(came, str)
    )
    problems.extend(
        Problem(key, f"must have at most {longest:,} characters, got {len(words[key]):,}.")
        for key, longest in _LONGEST.items()
        if isinstance(words[key], str) and len(words[key]) > longest
    )
    return words


def shown_text(text: str) -> str:
    """A text that is shown and may come from anywhere; one that is fine is left as it is."""
    return text if is_plain(text.replace("\n", "")) else plain(" ".join(text.split()), len(text))


def read_tables(text: str) -> dict[str, Any]:
    """The tables of a TOML file that may come from anywhere. Raises RecipeError for what no preset looks like."""
    if len(text) > LARGEST:
        sentence = f"the file has {len(text):,} characters, a preset at most {LARGEST:,}. Is this a preset file?"
        raise RecipeError([Problem("", sentence)])
    for line in text.split("\n"):
        _check_dots(line)
    try:
        tree = tomllib.loads(text)
    except (
        ValueError,
        RecursionError,
    ) as error:  # TOMLDecodeError is a ValueError, and so is what a number of 5,000 digits raises
        raise RecipeError([Problem("", f"this is not a TOML file: {plain(str(error))}.")]) from None
    if _depth(tree) > DEEPEST:
        raise RecipeError([Problem("", f"tables are nested more than {DEEPEST} deep. Is this a preset file?")])
    parts = list(itertools.islice(_parts(tree), MOST_NAMES + 1))
    if len(parts) > MOST_NAMES:
        raise RecipeError([Problem("", f"it has more than {MOST_NAMES:,} settings. Is this a preset file?")])
    for name, value in parts:
        if not is_plain(name) or len(name) > LONGEST:
            sentence = (
                f"{plain(name, 40)!r} cannot be the name of a setting; names are words without control characters."
            )
            raise RecipeError([Problem("", sentence)])
        if type(value) is int and value.bit_length() > _WHOLE_BITS:
            raise RecipeError([Problem(name, "is a larger whole number than TOML knows.")])
    return tree


def _check_dots(line: str) -> None:
    if line.count(".") > MOST_DOTS:
        raise RecipeError([Problem("", f"a line of it has more than {MOST_DOTS} dots. Is this a preset file?")])
    if line.count(".") > MOST_DOTS_OF_NAMES and _TEXT.sub("", line).count(".") > MOST_DOTS_OF_NAMES:
        sentence = f"a line of it has more than {MOST_DOTS_OF_NAMES} dots outside of texts. Is this a preset file?"
        raise RecipeError([Problem("", sentence)])


def _parts(tree: Any) -> Iterator[tuple[str, Any]]:
    """All tables and settings by their names; what is nested too deep has been refused."""
    inner = tree.items() if isinstance(tree, dict) else (("", each) for each in tree) if isinstance(tree, list) else ()
    for name, value in inner:
        yield name, value
        yield from _parts(value)


def _depth(node: object, limit: int = DEEPEST + 1) -> int:
    if limit == 0 or not isinstance(node, (dict, list)):
        return 0
    children = node.values() if isinstance(node, dict) else node
    return 1 + max((_depth(child, limit - 1) for child in children), default=0)


def load(path: Path, *, shipped: bool = False) -> Preset:
    """A preset from a file. Raises RecipeError (its content) or WorkspaceError (the file)."""
    return loads(read_file(path), path.stem, path, shipped=shipped)


def read_file(path: Path) -> str:
    """The text of a preset file. Raises RecipeError where it cannot be one, or WorkspaceError (the file)."""
    try:
        if path.is_dir():
            raise RecipeError([Problem("", f"{path} is a folder; a preset is a .toml file.")])
        if path.exists() and not path.is_file():
            raise RecipeError(
                [Problem("", f"{path} is a device or a channel of the system; a preset is a .toml file.")]
            )
        if path.stat().st_size > LARGEST:
            sentence = (
                f"{path.name} has {path.stat().st_size:,} bytes, a preset at most {LARGEST:,}. Is it a preset file?"
            )
            raise RecipeError([Problem("", sentence)])
        return path.read_bytes().decode("utf-8")
    except (FileNotFoundError, NotADirectoryError):
        raise WorkspaceError(f"There is no file {path}.") from None
    except OSError as error:
        raise WorkspaceError(
            f"{path} cannot be read ({error.strerror or error}). Allow reading it, or take another file."
        ) from error
    except UnicodeDecodeError:  # before ValueError, whose kind it is
        raise RecipeError([Problem("", f"{path.name} is not a text file in UTF-8. Is it a preset file?")]) from None
    except ValueError:
        raise WorkspaceError(f"{str(path)!r} cannot be the name of a file.") from None


def slug(title: str) -> str:
    """A file name for a title: "My CNN, wide" → "my-cnn-wide"."""
    return re.sub(r"[^\w]+", "-", title.strip().lower()).strip("-_")[:80] or "preset"


@dataclass(frozen=True)
class Unreadable:
    """A preset file that could not be read, and why; it is listed, never hidden."""

    path: Path
    problems: tuple[Problem, ...]


def available(workspace: Workspace) -> tuple[list[Preset], list[Unreadable]]:
    """Every preset, the default first, then shipped ones, then the user's own; and the unreadable files."""
    found, broken = read_folders(((shipped_presets(), True), (workspace.presets, False)), load)
    presets = sorted(found.values(), key=lambda each: (not each.default, not each.shipped, each.title.lower()))
    return presets, broken


def read_folders(folders: Iterable[tuple[Path, bool]], load: Callable[..., T]) -> tuple[dict[str, T], list[Unreadable]]:
    """What every preset file in some folders (and whether they are shipped ones) holds, by its name, later folders winning; and the unreadable."""
    found: dict[str, T] = {}
    broken: list[Unreadable] = []
    for folder, shipped in folders:
        for path in sorted(folder.glob("*.toml")):
            try:
                found[path.stem] = load(path, shipped=shipped)
            except RecipeError as error:
                broken.append(Unreadable(path, error.problems))
            except WorkspaceError as error:
                broken.append(Unreadable(path, (Problem("", str(error)),)))
    return found, broken


def find(name: str, workspace: Workspace) -> Preset:
    """A preset by its name, its title or a TOML file's path. Raises RecipeError when there is none."""
    if name.endswith(".toml") or "/" in name or "\\" in name:
        return load(Path(name).expanduser())
    for folder, shipped in ((workspace.presets, False), (shipped_presets(), True)):
        for path in folder.glob("*.toml"):
            # Compared, not opened: the name may be anything, also too long for a file.
            if path.stem == name:
                return load(path, shipped=shipped)
    presets, _ = available(workspace)
    for preset in presets:
        if preset.title.casefold() == name.casefold():
            return preset
    names = [each.name for each in presets]
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    hint = f"Did you mean {close[0]}?" if close else f"Known: {', '.join(names)}; or give the path of a .toml file."
    raise RecipeError([Problem("", f"there is no preset {name!r}. {hint}")])


def save(preset: Preset, workspace: Workspace) -> Preset:
    """Write a preset of the user's own, whole or not at all; returns it with its path."""
    path = workspace.presets / f"{preset.name}.toml"
    write_atomic(path, encoded(dump(preset.recipe, preset.title, preset.about)))
    return Preset(preset.name, preset.title, preset.recipe, preset.about, path)


def rename(preset: Preset, title: str, workspace: Workspace) -> Preset:
    """Give one of the user's own presets another title (and file)."""
    _own(preset)
    path = workspace.presets / f"{slug(title)}.toml"
    if path != preset.path and path.exists():
        raise WorkspaceError(f"There is already a preset {path.stem}. Choose another name; nothing was changed.")
    moved = save(Preset(slug(title), title, preset.recipe, preset.about), workspace)
    if preset.path is not None and preset.path != moved.path:
        delete(preset)
    return moved


def delete(preset: Preset) -> None:
    """Delete one of the user's own presets. Shipped ones are refused."""
    path = _own(preset)
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise WorkspaceError(explain(error, path)) from error


def _own(preset: Preset) -> Path:
    """Where one of the user's own presets lies. Shipped ones are refused."""
    if preset.shipped or preset.path is None:
        raise WorkspaceError(f"{preset.title} is a shipped preset and stays. Save a copy under another name instead.")
    return preset.path
