"""A recipe in a few words: values as their fields show them, and how one recipe differs from another.

All from the declarations, for the form, the table of runs and the comparison alike. Whoever knows the reader's locale
hands its decimal point in; nothing here knows a window.
"""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Mapping

from workbench.spec.base import Setting, Value
from workbench.spec.recipe import Recipe, chooser_of, class_settings, settings, spec_classes, value, values

NARROW = "\u202f"
MINUS = "\u2212"
NO_BREAK = "\u00a0"


def decimals(amount: float, places: int, *, point: str = ".") -> str:
    """A number with a fixed count of decimals, thousands parted, true minus: 1 234.50."""
    if math.isnan(amount):
        return "NaN"
    if math.isinf(amount):
        return "∞" if amount > 0 else f"{MINUS}∞"
    text = f"{abs(amount):,.{places}f}".replace(",", NARROW).replace(".", point)
    return f"{MINUS}{text}" if amount < 0 and text.strip("0.,") else text


def number(amount: float, *, scientific: bool = False, point: str = ".") -> str:
    """A setting's number as short as it can be and still exact: 20, 0.15, 1e-3."""
    if isinstance(amount, int):
        return decimals(amount, 0, point=point)
    if amount == 0 or not math.isfinite(amount):
        return decimals(amount, 0, point=point)
    if scientific and (abs(amount) < 0.01 or abs(amount) >= 1e5):  # noqa: PLR2004 - where zeros are hard to count
        places = next(p for p in range(17) if float(f"{amount:.{p}e}") == amount or p == 16)  # noqa: PLR2004 - all of a double
        # Both of the same rounding: with all its places 1e-6 is 9.9999999999999995e-7.
        mantissa, exponent = f"{amount:.{places}e}".split("e")
        text = f"{mantissa}e{int(exponent)}"
    else:
        text = repr(float(amount)).removesuffix(".0")
    text = text.replace(".", point)
    return text.replace("-", MINUS, 1) if amount < 0 else text


def rate(amount: float, *, point: str = ".") -> str:
    """A learning rate, or another number of any size, in scientific form with one decimal: 2.0e-4."""
    if amount == 0 or not math.isfinite(amount):
        return decimals(amount, 0, point=point)
    mantissa, exponent = f"{amount:.1e}".split("e")
    return f"{mantissa.replace('.', point)}e{int(exponent)}"


def percent(share: float, places: int = 2, *, point: str = ".") -> str:
    """A share as a percentage: 93.64 %."""
    return f"{decimals(share * 100, places, point=point)}{NO_BREAK}%"


def duration(seconds: float, *, point: str = ".") -> str:
    """A stretch of time in text: 4.2 s, 42 s, 6 min 20 s, 1 h 5 min."""
    if seconds < 9.95:  # noqa: PLR2004 - below 10 s one decimal still says something
        return f"{decimals(max(seconds, 0.0), 1, point=point)}{NO_BREAK}s"
    whole = round(seconds)
    hours, minutes, rest = whole // 3600, whole % 3600 // 60, whole % 60
    if hours:
        return f"{decimals(hours, 0)}{NO_BREAK}h {minutes}{NO_BREAK}min"
    return f"{minutes}{NO_BREAK}min {rest}{NO_BREAK}s" if minutes else f"{rest}{NO_BREAK}s"


def layer(name: str) -> str:
    """A layer of a network, or a block, by its name in the plan: "stage1_conv2" is Stage 1 conv 2."""
    text = re.sub(r"([a-z])(\d)", r"\1 \2", re.sub(r"[_.]", " ", name))
    return text[:1].upper() + text[1:]


def within(title: str) -> str:
    """A title inside a sentence: small letters, but for words that are letters and digits of a name (L2, DenseNet)."""
    return " ".join(
        word if any(letter.isupper() or letter.isdigit() for letter in word[1:]) else word.lower()
        for word in title.split(" ")
    )


def unit(amount: float | None, noun: str) -> str:
    """A unit after its number: 8 epochs, 1 epoch."""
    return noun.removesuffix("s") if amount == 1 else noun


def value_text(declared: Setting, amount: Value, *, point: str = ".") -> str:
    """A value as its field shows it: 8 epochs, 1e-3, on, Batch norm."""
    if amount is None:
        return "not set"
    if isinstance(amount, bool):
        return "on" if amount else "off"
    if declared.kind == "choice":
        return next((choice.label for choice in declared.choices if choice.value == amount), str(amount))
    if isinstance(amount, (int, float)):
        text = number(amount, scientific=declared.scale == "log" and declared.kind == "real", point=point)
        return f"{text} {unit(amount, declared.unit)}" if declared.unit else text
    return amount or "empty"


@functools.lru_cache(maxsize=2048)  # the same few recipes are asked after again and again
def meant(recipe: Recipe) -> Mapping[str, Value]:
    """The settings that mean something in a recipe, by path, in the order of the form: of tricks that are off only their switch."""
    declared = settings(recipe)
    by_place: dict[str, list[Setting]] = {}
    for each in declared:
        by_place.setdefault(each.path.rpartition(".")[0], []).append(each)
    return {each.path: value(recipe, each.path) for each in declared if _means(recipe, each, by_place)}


def _means(recipe: Recipe, declared: Setting, by_place: Mapping[str, list[Setting]]) -> bool:
    place = declared.path.rpartition(".")[0]
    if place.startswith("tricks.") and declared.name != "on" and not value(recipe, place):
        return False
    when = declared.when
    if when is None:
        return True
    return any(
        when.holds(value(recipe, other.path)) and _means(recipe, other, by_place)
        for other in by_place[place]
        if other.name in when.names
    )


def chips(recipe: Recipe, base: Recipe, *, point: str = ".") -> tuple[str, ...]:
    """What a recipe does differently from another, a few words each, in the order of the form."""
    mine, theirs = _every(base), _every(recipe)
    # In the order of the form, which is that of either recipe's settings.
    changed = {path: now for path, now in theirs.items() if path not in mine or mine[path] != now}
    told = meant(recipe)
    return tuple(
        chip(setting_at(recipe, path), now, point=point)
        for path, now in changed.items()
        if path in told and not follows(path, recipe, changed)
    )


@functools.lru_cache(maxsize=2048)
def _every(recipe: Recipe) -> Mapping[str, Value]:
    return values(recipe)


def setting_at(recipe: Recipe, path: str) -> Setting:
    """The declaration of a setting that the recipe has."""
    station, *rest = path.split(".")
    chooser = chooser_of(station)
    word = rest[0] if station == "tricks" else str(value(recipe, f"{station}.{chooser}")) if chooser else None
    return _by_path(station, word)[path]


@functools.cache
def _by_path(station: str, word: str | None) -> Mapping[str, Setting]:
    return {each.path: each for each in class_settings(station, word)}


def follows(path: str, recipe: Recipe, changed: Mapping[str, object]) -> bool:
    """Whether a difference follows from another one: a trick was turned on, another alternative brings its own defaults."""
    station, *rest = path.split(".")
    if station == "tricks":
        chosen, word = f"tricks.{rest[0]}.on", rest[0]
    else:
        chosen = f"{station}.{chooser_of(station)}"
        word = str(value(recipe, chosen)) if chosen in changed and chosen != path else ""
    if chosen == path or chosen not in changed:
        return False
    return value(recipe, path) == _by_path(station, word)[path].default


def chip(declared: Setting, now: Value, *, point: str = ".") -> str:
    """One value that is told beside others: SGD, batch size 64, no dropout."""
    if declared.path.startswith("tricks.") and declared.name == "on":
        title = within(spec_classes("tricks")[declared.path.split(".")[1]].TITLE)
        return title if now else f"no {title}"
    if declared.kind == "choice":
        return next((choice.label for choice in declared.choices if choice.value == now), str(now))
    label = declared.label.lower()
    if declared.kind == "switch":
        return label if now else f"no {label}"
    if now is None:
        return f"no {label}"
    if isinstance(now, (int, float)):
        return f"{label} {number(now, scientific=declared.scale == 'log', point=point)}"
    return f"{label} {now.rsplit('/', 1)[-1]}" if now else f"no {label}"
