"""An X-ray as the Model tab shows it: which line each initializer has, where values stand on the axis, and all in words; no Qt.

It judges nothing: the verdicts come with the X-ray (probing/xray.py).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from workbench.gui import words
from workbench.network.blocks import Block, Part
from workbench.probing.xray import HIGHEST, LOST, Row, Scheme, Verdict, XRay

#: The decades of the axis.
LOW, HIGH = round(math.log10(LOST)), round(math.log10(HIGHEST))
#: Below this a value is told as a power of ten, from that on too.
_SMALL, _LARGE = 0.01, 1000.0

#: Verdicts as a word, and the tone of its badge.
VERDICTS: Mapping[Verdict, tuple[str, str]] = {
    Verdict.HEALTHY: ("Healthy", "ok"), Verdict.FADES: ("Fades", "warn"), Verdict.EXPLODES: ("Explodes", "err"),
    Verdict.DIES: ("Dies", "err"),
}  # fmt: skip


class Side(StrEnum):
    """The two things that an X-ray measures; a row's fields are called so."""

    SIGNAL = "signal"
    GRADIENT = "gradient"


@dataclass(frozen=True)
class Look:
    """How a line looks: a run's colour (from 0) with a marker; the chosen one's colour is the accent."""

    marker: str
    colour: int | None
    hollow: bool = False


_CHOSEN = Look("circle", None)
#: An initializer keeps its look whichever is chosen.
_LOOKS: Mapping[str, Look] = {
    "xavier_uniform": Look("square", 0), "lecun_normal": Look("triangle", 2), "truncated_normal": Look("diamond", 3),
    "kaiming_normal": Look("cross", 4), "orthogonal": Look("star", 5), "doubling": Look("triangle", 5, hollow=True),
    "zeros": Look("diamond", 4, hollow=True),
}  # fmt: skip
_OTHER = Look("square", 4, hollow=True)


@dataclass(frozen=True)
class Line:
    """One initializer."""

    scheme: Scheme
    chosen: bool
    look: Look
    rows: Mapping[str, Row]


@dataclass(frozen=True)
class Shown:
    """An X-ray with its lines, the chosen initializer first. `stale`: it is of a recipe that is no more."""

    xray: XRay
    lines: tuple[Line, ...]
    stale: bool = False
    #: the initializer of the recipe as it is now
    in_use: str = ""

    @classmethod
    def of(cls, xray: XRay, *, stale: bool = False, in_use: str = "") -> Shown:
        """`in_use`: the recipe's initializer, where it may be another than the one that the X-ray was taken with."""
        lines = [
            Line(scheme, place == 0, _LOOKS.get(scheme.kind, _OTHER) if place else _CHOSEN, {row.layer: row for row in scheme.rows})
            for place, scheme in enumerate(xray.schemes)
        ]  # fmt: skip
        return cls(xray, tuple(lines), stale, in_use or xray.schemes[0].kind)

    @property
    def chosen(self) -> Line:
        return self.lines[0]

    def text(self, part: Part, side: Side) -> str:
        """The chosen initializer's value of a row in the table; empty when the layer was not measured."""
        row = self.chosen.rows.get(last_layer(part))
        return "" if row is None else number(getattr(row, side))

    @property
    def sentence(self) -> str:
        """What becomes of signal and gradient with the chosen initializer."""
        scheme = self.chosen.scheme
        return f"{scheme.title}: {scheme.sentence[:1].lower()}{scheme.sentence[1:]}"

    @property
    def method(self) -> str:
        """How it was taken."""
        pictures = words.plural(self.xray.pictures, "training picture", "training pictures")
        return (
            f"One forward and one backward pass before training, on {pictures}. "
            "1 is the size at the input (forward) and at the loss (backward)."
        )

    def told(self, part: Part, label: str) -> str:
        """A layer's values with every initializer, in full sentences."""
        said = [f"{label}."]
        for line in self.lines:
            row = line.rows.get(last_layer(part))
            if row is not None:
                said.append(f"{line.scheme.title}: {', '.join(_values(row))}.")
        return " ".join(said)


def last_layer(part: Part) -> str:
    """The layer whose values a row shows: of a block its last."""
    if not isinstance(part, Block):
        return part.name
    *_, last = part.layers
    return last.name


def number(value: float | None) -> str:
    """A size in a few signs: 0.54, 12.3, 4.1e-4; None is no finite number."""
    if value is None:
        return "∞"
    if value and not _SMALL <= value < _LARGE:
        return words.rate(value)
    return words.decimals(value, 0 if value == 0 or value >= 100 else 1 if value >= 10 else 2)  # noqa: PLR2004 - three figures


def _values(row: Row) -> Iterator[str]:
    yield f"signal {number(row.signal)}"
    yield f"gradient {number(row.gradient)}"
    yield f"activations {_spread(row.activation_mean, row.activation_std)}"
    yield f"their gradient {_spread(row.gradient_mean, row.gradient_std)}"
    if row.dead is not None:
        yield f"{words.percent(row.dead, 0)} of the units give 0 for every picture"


def _spread(mean: float, spread: float) -> str:
    if not (math.isfinite(mean) and math.isfinite(spread)):
        return "not finite"
    return f"mean {_small(mean)}, spread {_small(spread)}"


def _small(value: float) -> str:
    return f"{words.MINUS if value < 0 else ''}{number(abs(value))}"


def share(value: float | None) -> tuple[float, int]:
    """Where a value stands on the axis, from 0 to 1; −1 or 1 when it lies beyond its lower or upper end, else 0."""
    if value is None or value > HIGHEST:
        return 1.0, 1
    if value < LOST:
        return 0.0, -1
    return (math.log10(value) - LOW) / (HIGH - LOW), 0
