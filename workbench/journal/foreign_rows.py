"""What a stranger's journal says of a run, value by value: taken in only where it is what ours would be.

SQLite lets any column hold anything, and JSON any number. So each value is held to its declaration here: the columns of a run
to the table below, an event to the class it is of, a block of steps and what was watched to their size. StrangeError says what
is odd, as the end of a sentence.
"""

from __future__ import annotations

import json
import math
import re
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any, TypeAlias

from workbench import events
from workbench.errors import RecipeError, WorkspaceError
from workbench.events import COLUMNS, Ending, Event, State
from workbench.journal import labels
from workbench.journal.strange import StrangeError
from workbench.plain import plain, unseen
from workbench.spec import presets

RUN_ID = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9a-f]{6}")
SHA256 = re.compile(r"[0-9a-f]{64}")
LONGEST_NAME, LONGEST_TEXT = 500, 100_000
#: Of an event as JSON: class names by the thousand fit into it.
LONGEST_BODY = 4 << 20
#: More than any recipe allows, and little enough to count with.
MOST_EPOCHS, MOST = 1_000_000, 1 << 40
#: Bytes of a column's number in a block of steps.
_FLOAT = 4
#: What may be no number because a loss may be none; everything else is finite.
_MAY_BE_NAN = frozenset({
    "value", "old", "new", "share", "metrics", "best", "last", "activation_mean", "activation_std", "gradient_mean",
    "gradient_std", "signal", "gradient", "dead",
})  # fmt: skip

Row: TypeAlias = dict[str, Any]
Check: TypeAlias = Callable[[str, Any], Any]


def _fail(name: str, wanted: str, came: object) -> StrangeError:
    try:
        shown = repr(came)
    except ValueError:  # Python writes out no whole number of more than some thousand digits
        shown = "a number of thousands of digits"
    return StrangeError(f"{name} must be {wanted}, got {shown if len(shown) <= 80 else f'{shown[:80]}…'}")  # noqa: PLR2004 - for people


def text(longest: int) -> Check:
    def check(name: str, value: Any) -> str:
        if not isinstance(value, str) or len(value) > longest:
            raise _fail(name, f"a text of at most {longest:,} letters", value)
        return value

    return check


def steady(text: str) -> str:
    """Without the signs that steer a terminal or turn the direction of reading; lines and tabs stay."""
    return "".join("\ufffd" if sign not in "\n\t" and unseen(sign) else sign for sign in text)


def lines(longest: int) -> Check:
    return lambda name, value: steady(text(longest)(name, value))


def one_line(name: str, value: Any) -> str:
    """A name: without signs that steer a terminal."""
    return plain(" ".join(text(LONGEST_NAME)(name, value).split()), LONGEST_NAME)


def whole(most: int) -> Check:
    def check(name: str, value: Any) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most:
            return value
        raise _fail(name, f"a whole number from 0 to {most:,}", value)

    return check


def number(name: str, value: Any) -> float:
    try:
        found = float(value) if type(value) in {int, float} else None
    except OverflowError:  # a whole number of JSON may have any length
        found = None
    if found is None or (not math.isfinite(found) and name not in _MAY_BE_NAN):
        raise _fail(name, "a number" if name in _MAY_BE_NAN else "a finite number", value)
    return found


def shaped(pattern: re.Pattern[str], wanted: str) -> Check:
    def check(name: str, value: Any) -> str:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise _fail(name, wanted, value)
        return value

    return check


def or_nothing(inner: Check) -> Check:
    return lambda name, value: None if value is None else inner(name, value)


def _metrics(name: str, value: Any) -> str:
    found = _json(name, value)
    if not isinstance(found, dict):
        raise _fail(name, "metrics by their names", value)
    return json.dumps({text(LONGEST_NAME)(name, key): number(name, each) for key, each in found.items()})


def _tags(name: str, value: Any) -> str:
    found = _json(name, value)
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise _fail(name, "a list of tags", value)
    return json.dumps(labels.tags_in(" ".join(found)))


def _tested(name: str, value: Any) -> str:
    found = _json(name, value)
    if not isinstance(found, list) or not all(isinstance(each, list) and len(each) == 3 for each in found):  # noqa: PLR2004 - epoch, step, time
        raise _fail(name, "looks at the test pictures", value)
    count = whole(MOST)
    return json.dumps([[count(name, epoch), count(name, step), number(name, when)] for epoch, step, when in found])


def _json(name: str, value: Any) -> Any:
    try:
        return json.loads(text(LONGEST_BODY)(name, value))
    except (ValueError, RecursionError) as error:
        raise _fail(name, "JSON", value) from error


def _recipe(name: str, value: Any) -> str:
    try:
        presets.loads(text(presets.LARGEST)(name, value))
    except RecipeError as error:
        raise StrangeError(f"its recipe cannot be read by this version: {error.problems[0]}") from error
    return str(value)


def _flag(name: str, value: Any) -> int:
    return int(whole(1)(name, value))


ID = shaped(RUN_ID, "an id as ours are, such as 20260101-120000-0a1b2c")
_SHA = or_nothing(shaped(SHA256, "a fingerprint of 64 hexadecimal digits"))
_COUNT, _EPOCH = whole(MOST), whole(MOST_EPOCHS)

#: What is taken over of a run's row, and what each column must be. Its number is given anew; who waits or works is of there.
RUN: Mapping[str, Check] = {
    "id": ID, "name": one_line, "preset": one_line, "recipe": _recipe, "created": number,
    "state": lambda name, value: State(text(20)(name, value)).value,
    "ending": or_nothing(lambda name, value: Ending(text(20)(name, value)).value),
    "reason": lines(LONGEST_TEXT), "started": or_nothing(number), "ended": or_nothing(number),
    "epochs_planned": _EPOCH, "epochs": _EPOCH, "seconds": number, "images_per_second": number,
    "best_epoch": or_nothing(_EPOCH), "best": _metrics, "last": _metrics,
    "weights_sha256": _SHA, "last_weights_sha256": _SHA, "device": one_line,
    "parent": lambda name, value: value if value == "" else ID(name, value), "parent_epoch": _EPOCH,
    "exact": or_nothing(_flag), "tags": _tags, "note": lines(labels.LONGEST_NOTE), "pinned": _flag, "tested": _tested,
}  # fmt: skip


def run_row(values: Mapping[str, Any]) -> Row:
    """A run's row, checked. Raises StrangeError."""
    try:
        return {name: check(name, values[name]) for name, check in RUN.items()}
    except ValueError as error:  # a word that is neither a state nor an ending
        raise StrangeError(str(error)) from error
    except WorkspaceError as error:  # its tags
        raise StrangeError(str(error).rstrip(".")) from error


# --- what it said ----------------------------------------------------------------------------------------


def event(kind: Any, body: Any) -> Event:
    """An event, held to its class. Raises StrangeError."""
    try:
        tree = _all_steady(json.loads(text(LONGEST_BODY)("body", body)))
        found = events.decode(text(100)("kind", kind), json.dumps(tree))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise StrangeError(f"it says something that this version does not know ({str(kind)[:40]})") from error
    hold(type(found).__name__, found, type(found))
    return found


def _all_steady(tree: Any) -> Any:
    match tree:
        case str():
            return steady(tree)
        case list():
            return [_all_steady(each) for each in tree]
        case dict():
            return {steady(key): _all_steady(each) for key, each in tree.items()}
        case _:
            return tree


def hold(name: str, value: Any, hint: Any) -> None:
    """Raises StrangeError unless a value is what its declaration says."""
    match typing.get_origin(hint) or hint:
        case typing.Union | types.UnionType:
            _hold_one_of(name, value, typing.get_args(hint))
        case builtin if builtin is tuple:
            _hold_all(name, value, typing.get_args(hint))
        case builtin if builtin is dict:
            if not isinstance(value, dict):
                raise _fail(name, "a table", value)
            for key, each in value.items():
                text(LONGEST_NAME)(name, key)
                hold(name, each, typing.get_args(hint)[1])
        case cls if cls is Any:
            _hold_one_of(name, value, (str, bool, int, float, type(None)))
        case cls if isinstance(cls, type) and is_dataclass(cls):
            if not isinstance(value, cls):
                raise _fail(name, cls.__name__, value)
            hints = typing.get_type_hints(cls)
            for each in fields(cls):
                hold(each.name, getattr(value, each.name), hints[each.name])
        case cls:
            _hold_plain(name, value, cls)


def _hold_plain(name: str, value: Any, cls: Any) -> None:
    if cls is int:
        whole(MOST)(name, value)
    elif cls is float:
        number(name, value)
    elif cls is str:
        text(LONGEST_TEXT)(name, value)
    elif not isinstance(value, cls) or (isinstance(cls, type) and not issubclass(cls, bool | Enum | types.NoneType)):
        raise _fail(name, cls.__name__, value)


def _hold_one_of(name: str, value: Any, hints: tuple[Any, ...]) -> None:
    for hint in hints:
        try:
            hold(name, value, hint)
        except StrangeError:
            continue
        return
    raise _fail(name, "of the kind that it is of", value)


def _hold_all(name: str, value: Any, hints: tuple[Any, ...]) -> None:
    if not isinstance(value, tuple | list):
        raise _fail(name, "a list", value)
    inner = [hints[0]] * len(value) if hints[-1] is ... else list(hints)
    if len(inner) != len(value):
        raise _fail(name, f"{len(inner)} values", value)
    for each, hint in zip(value, inner, strict=True):
        hold(name, each, hint)


class Line:
    """The step blocks of a run one after the other: each goes on where one before it ended, or where its attempt began.

    A block that lies far behind the others would make every reader fill the gap with nothing.
    """

    def __init__(self, starts: Mapping[int, int]) -> None:
        #: after so many steps each attempt began
        self._starts = starts
        self._last = 0

    def block(self, row: Row) -> None:
        """The next one. Raises StrangeError."""
        first, steps = _COUNT("first_step", row["first_step"]), whole(1 << 24)("steps", row["steps"])
        for name in ("begin", "end"):
            number(name, row[name])
        known = (size * _FLOAT * steps for size in range(1, len(COLUMNS) + 1))
        if not isinstance(row["data"], bytes) or steps < 1 or len(row["data"]) not in known:
            raise StrangeError(f"the numbers of its steps from {first} on are not as many as it says")
        reached = max(self._last, self._starts.get(_COUNT("attempt", row["attempt"]), 0))
        if not 1 <= first <= reached + 1:
            raise StrangeError(f"its steps leap from {reached:,} to {first:,}")
        self._last = max(self._last, first + steps - 1)
