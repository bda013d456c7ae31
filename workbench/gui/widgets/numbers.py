"""What a number field reads and how its arrows step; no Qt, so that it can be tested by itself."""

from __future__ import annotations

import math
import re

from workbench.gui.words import MINUS, NARROW, NO_BREAK

_NUMBER = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*([^\d\s.].*)?", re.IGNORECASE)
_LADDER = (1.0, 2.0, 5.0)


def read_number(text: str, *, whole: bool = False, unit: str = "") -> int | float | None:
    """The number in a text such as "1e-3", "0,001" or "8 epochs" (of `unit` "epochs"); None when there is none.

    A whole number comes as int, also when it was written 1e3; a broken one (2.5) comes as float, so that the
    check can say what is wrong with it.
    """
    plain = text.strip().replace(MINUS, "-").replace("×10^", "e")
    for gap in (NARROW, NO_BREAK, "\u2009", "'", "_"):
        plain = plain.replace(gap, "")
    plain = re.sub(r"(?<=\d) (?=\d{3}\b)", "", plain)
    if plain.count(",") == 1 and "." not in plain:
        plain = plain.replace(",", ".")
    found = _NUMBER.fullmatch(plain)
    behind = (found.group(2) or "").strip().lower() if found else ""
    # "1e" is the beginning of 1e-3, not one epoch.
    if found is None or behind == "e" or not unit.startswith(behind):
        return None
    value = float(found.group(1))
    if not math.isfinite(value):
        return None
    return int(value) if whole and value.is_integer() else value


def ladder(value: float, steps: int) -> float:
    """`steps` rungs up or down from a value on the ladder … 0.1 0.2 0.5 1 2 5 10 …; 0 and below stay."""
    if value <= 0 or steps == 0:
        return value
    exponent = math.floor(math.log10(value) + 1e-12)
    mantissa = value / 10.0**exponent
    up = steps > 0
    for _ in range(abs(steps)):
        rungs = [rung for rung in _LADDER if (rung > mantissa * (1 + 1e-9) if up else rung < mantissa * (1 - 1e-9))]
        if rungs:
            mantissa = rungs[0] if up else rungs[-1]
        else:
            mantissa, exponent = (1.0, exponent + 1) if up else (5.0, exponent - 1)
    # Written and read again, 5e-4 is 5e-4 and not 0.0005000000000000001.
    return float(f"{mantissa:.0f}e{exponent}")


def stepped(value: float, steps: int, *, whole: bool, log: bool, span: float | None) -> int | float:
    """The value after the arrows: doubling for powers of two, 1–2–5 on a logarithmic scale, else even steps."""
    if log and whole:
        number = int(value)
        if number >= 4 and number & (number - 1) == 0 and abs(steps) == 1:  # noqa: PLR2004 - 1 and 2 are on both ladders
            return number * 2 if steps > 0 else number // 2
        return max(1, round(ladder(max(number, 1), steps)))
    if log:
        return ladder(value, steps) if value > 0 else 1e-4 * (steps > 0)
    if whole:
        return int(value) + steps
    unit = ladder(span / 20, 0) if span is not None else 1.0
    return round(round(value / unit + steps, 6) * unit, 10)
