"""An X-ray as the Model tab shows it: which line each scheme has, where values stand on the axis, and all in words; no Qt.

A scheme is an initializer, before training, or an epoch of a run (epoch_xray.py says what is particular about those).

It judges nothing: the verdicts come with the X-ray (probing/xray.py).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from workbench.gui import words
from workbench.network.blocks import Block, Part
from workbench.network.layers import Layer
from workbench.network.maps import Score
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


CHOSEN = Look("circle", None)
#: An initializer keeps its look whichever is chosen.
_LOOKS: Mapping[str, Look] = {
    "xavier_uniform": Look("square", 0), "lecun_normal": Look("triangle", 2), "truncated_normal": Look("diamond", 3),
    "kaiming_normal": Look("cross", 4), "orthogonal": Look("star", 5), "doubling": Look("triangle", 5, hollow=True),
    "zeros": Look("diamond", 4, hollow=True),
}  # fmt: skip
_OTHER = Look("square", 4, hollow=True)
#: So many initializers are compared as a rule.
USUAL = len(_LOOKS)


@dataclass(frozen=True)
class Line:
    """One scheme."""

    scheme: Scheme
    chosen: bool
    look: Look
    rows: Mapping[str, Row]


@dataclass(frozen=True)
class Shown:
    """An X-ray with its lines, the one it is about first: that one is the chosen one."""

    lines: tuple[Line, ...]
    #: what becomes of signal and gradient, about the chosen one
    sentence: str
    #: how it was taken
    method: str
    #: what is different from another time; empty when there is none
    change: str = ""
    #: it is of a recipe that is no more
    stale: bool = False
    #: the initializer of the recipe as it is now; None where it is about a run and there is nothing to choose
    in_use: str | None = None
    #: more lines are about to come
    partial: bool = False

    @classmethod
    def of(cls, xray: XRay, *, stale: bool = False, in_use: str = "", partial: bool = False) -> Shown:
        """Before training. `in_use`: the recipe's initializer, where it may be another than the one of the X-ray."""
        looks = [CHOSEN, *(_LOOKS.get(scheme.kind, _OTHER) for scheme in xray.schemes[1:])]
        lines = tuple(line_of(scheme, look) for scheme, look in zip(xray.schemes, looks, strict=True))
        chosen, *_ = xray.schemes
        sentence = f"{chosen.title}: {chosen.sentence[:1].lower()}{chosen.sentence[1:]}"
        method = method_of("before training", xray.pictures)
        return cls(lines, sentence, method, stale=stale, in_use=in_use or chosen.kind, partial=partial)

    @property
    def chosen(self) -> Line:
        return self.lines[0]

    def text(self, part: Part, side: Side) -> str:
        """The chosen one's value of a row in the table; empty when the layer was not measured."""
        row = self.chosen.rows.get(last_layer(part))
        return "" if row is None else number(value(row, side))

    def dead(self, part: Part) -> float | None:
        """The share of dead units of a row, of a block the largest in it; None where no layer has an off state."""
        return _dead(self.chosen, part)

    def told(self, part: Part, label: str) -> str:
        """A layer's values with every scheme, in full sentences."""
        said = [f"{label}."]
        for line in self.lines:
            row = line.rows.get(last_layer(part))
            if row is not None:
                said.append(f"{line.scheme.title}: {', '.join(_values(row))}.")
            dead = _dead(line, part)
            if dead is not None and (row is None or row.dead != dead):
                said.append(f"Where most in it are dead, {dead_text(dead)} of the units.")
        own = self.chosen.rows.get(last_layer(part))
        if own is not None and not own.counts:
            said.append(f"The verdict leaves it out: {_why_not(last_of(part))}.")
        return " ".join(said)


def line_of(scheme: Scheme, look: Look) -> Line:
    """The one with the look of the chosen one is the chosen one."""
    return Line(scheme, look is CHOSEN, look, {row.layer: row for row in scheme.rows})


def method_of(when: str, pictures: int) -> str:
    """How an X-ray was taken; 0 pictures where it is not known yet how many there are."""
    on = f", on {words.plural(pictures, 'training picture', 'training pictures')}" if pictures else ""
    return (
        f"One forward and one backward pass {when}{on}. "
        "1 is the size at the input (forward) and at the loss (backward)."
    )


def last_of(part: Part) -> Layer:
    """The layer whose values a row shows: of a block its last."""
    if not isinstance(part, Block):
        return part
    *_, last = part.layers
    return last


def last_layer(part: Part) -> str:
    return last_of(part).name


def value(row: Row, side: Side) -> float | None:
    """What is drawn and judged of a row."""
    return row.signal if side is Side.SIGNAL else row.carried


def _dead(line: Line, part: Part) -> float | None:
    layers = part.layers if isinstance(part, Block) else (part,)
    rows = (line.rows.get(layer.name) for layer in layers)
    return max((row.dead for row in rows if row is not None and row.dead is not None), default=None)


def _why_not(layer: Layer) -> str:
    if isinstance(layer.kind, Score) and layer.kind.zero:
        return "its weights start at 0 on purpose"
    return "no layer whose weights the initializer draws comes after it"


def dead_text(share: float) -> str:
    """A share of dead units: some are never told as none."""
    return f"<{words.NO_BREAK}1{words.NO_BREAK}%" if 0 < share < 0.005 else words.percent(share, 0)  # noqa: PLR2004 - what rounds to 0


def number(value: float | None) -> str:
    """A size in a few signs: 0.54, 12.3, 4.1e-4; None is no finite number."""
    if value is None:
        return "∞"
    if value and not _SMALL <= value < _LARGE:
        return words.rate(value)
    return words.decimals(value, 0 if value == 0 or value >= 100 else 1 if value >= 10 else 2)  # noqa: PLR2004 - three figures


def _values(row: Row) -> Iterator[str]:
    yield f"signal {number(row.signal)}"
    yield f"gradient {number(row.carried)}{_before(row)}"
    yield f"activations {_spread(row.activation_mean, row.activation_std)}"
    yield f"their gradient {_spread(row.gradient_mean, row.gradient_std)}"
    if row.dead is not None:
        yield f"{dead_text(row.dead)} of the units give 0 for every picture"


def _before(row: Row) -> str:
    """The gradient as it was measured, where another is shown."""
    if row.carried == row.gradient:
        return ""
    return f" ({number(row.gradient)} before what a mean over {words.count(row.places)} places takes is put back)"


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
