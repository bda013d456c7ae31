"""The initialisation X-ray: how large signal and gradient are at each layer before training, and what that means.

Signal: the standard deviation of all numbers a layer gives, over the input's. Gradient: the length of the loss' gradient
by all these numbers, over its length at the loss' end: by the result of the last layer whose weights the initializer draws,
which are the logits unless a fixed enlargement or a global mean follows. With Var = 2 / fan_in both keep their size through
ReLU layers, whatever their width (He 2015, equations 10 and 14, where a gradient's variance is per number: times the numbers
of a layer the width cancels), and max pooling keeps the gradient's. Both are 1 where they begin.

A mean over P places divides the gradient's length by √P: each place gets a P-th. Convolutions before it may gather that
again, for it is the same at all places, so before a global mean a gradient down to 1 / √P has not faded. Where the mean comes
after the layer that lengths are measured from, as an FCN's, it takes nothing of them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from workbench.spec import said

#: What a signal or gradient may come to and still be called healthy.
LOWEST, HIGHEST = 0.1, 10.0
#: Below this nothing is left; also the end of the axis it is drawn on.
LOST = 1e-5
#: From this share of dead units on a layer is as good as gone.
MOSTLY_DEAD = 0.9
#: From here on factors are told as powers of ten.
_POWERS = 1e6


class Verdict(StrEnum):
    """What becomes of signal and gradient with an initializer."""

    HEALTHY = "healthy"
    FADES = "fades"
    EXPLODES = "explodes"
    DIES = "dies"


@dataclass(frozen=True)
class Row:
    """One layer: what it gives in the forward pass, and the loss' gradient by that."""

    layer: str
    activation_mean: float
    activation_std: float
    gradient_mean: float
    gradient_std: float
    #: the spread over the input's; None when it is not finite
    signal: float | None
    #: the gradient's length over its length at the loss' end; None when it is not finite
    gradient: float | None
    #: share of units that give 0 for every picture; None for layers that have no off state
    dead: float | None = None
    #: whether the verdict looks at it: not where weights start at 0 on purpose, nor behind the loss' end
    counts: bool = True
    #: over so many places a global mean between it and the loss' end spreads the gradient; 1 where there is none
    places: int = 1

    @property
    def carried(self) -> float | None:
        """The gradient, with what a global mean may have taken of it put back, though not beyond 1."""
        if self.gradient is None or self.gradient >= 1:
            return self.gradient
        return min(1.0, self.gradient * math.sqrt(self.places))


@dataclass(frozen=True)
class Scheme:
    """The rows of one initializer."""

    #: as in initializer.kind
    kind: str
    title: str
    rows: tuple[Row, ...]
    verdict: Verdict
    #: a full sentence: what becomes of the signal, with numbers
    sentence: str
    #: the same in four words for a card: "Signal shrinks 46 ×"
    short: str


@dataclass(frozen=True)
class XRay:
    """The chosen initializer first, then the alternatives, on the same pictures."""

    pictures: int
    schemes: tuple[Scheme, ...]

    def tree(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_tree(tree: Mapping[str, Any]) -> XRay:
        schemes = [
            Scheme(
                **{
                    **each,
                    "verdict": Verdict(each["verdict"]),
                    "rows": tuple(Row(**row) for row in each["rows"]),
                }
            )
            for each in tree["schemes"]
        ]
        return XRay(tree["pictures"], tuple(schemes))


@dataclass(frozen=True)
class Measured:
    """The rows of one initializer, not yet judged."""

    kind: str
    title: str
    rows: tuple[Row, ...]


def judge(pictures: int, measured: Sequence[Measured]) -> XRay:
    """Give each initializer its verdict; the chosen one comes first.

    Where one fails, its sentence names one that keeps the signal: the chosen one, else the best of the others.
    """
    found = [(each, *_verdict(each.rows)) for each in measured]
    healthy = [each for each, verdict, _, _ in found if verdict is Verdict.HEALTHY]
    best = healthy[0] if healthy and healthy[0] is measured[0] else None
    best = best or min(healthy, key=lambda each: _worst(each.rows), default=None)
    schemes = []
    for each, verdict, sentence, short in found:
        advice = f"; {best.title} keeps it." if best is not None and verdict is not Verdict.HEALTHY else "."
        schemes.append(Scheme(each.kind, each.title, each.rows, verdict, f"{sentence}{advice}", short))
    return XRay(pictures, tuple(schemes))


def _worst(rows: Sequence[Row]) -> float:
    """How far the farthest of signal and gradient is from 1, as a factor's logarithm."""
    values = (value for row in rows if row.counts for value in (row.signal, row.carried) if value)
    return max((abs(math.log(value)) for value in values), default=0.0)


def _verdict(rows: Sequence[Row]) -> tuple[Verdict, str, str]:
    """The verdict of one initializer, its sentence without a full stop, and the sentence in four words."""
    for name in ("signal", "gradient"):
        judged_rows = [(number, row) for number, row in enumerate(rows, 1) if row.counts]
        values = [
            (number, said.layer(row.layer), row.signal if name == "signal" else row.carried)
            for number, row in judged_rows
        ]
        if name == "gradient":
            values.reverse()  # it comes from the loss' end
        judged = _of_values(name, values)
        if judged:
            return judged
    for number, row in enumerate(rows, 1):
        if row.dead is not None and row.dead >= MOSTLY_DEAD:
            layer = said.layer(row.layer)
            words = f"{_percent(row.dead)} of the units of {layer} (layer {number}) give 0 for every picture"
            return Verdict.DIES, words, f"{_percent(row.dead)} dead in {layer}"
    factor = _times(math.exp(_worst(rows)))
    return (
        Verdict.HEALTHY,
        f"Signal and gradient stay within {factor} × through {len(rows)} layers",
        f"Stays within {factor} ×",
    )


def _of_values(name: str, values: Sequence[tuple[int, str, float | None]]) -> tuple[Verdict, str, str] | None:
    """What is wrong with a line of sizes, in the order in which they come about; None if nothing is."""
    whole = name.capitalize()
    way = "by" if name == "signal" else "on its way back, by"
    for number, layer, value in values:
        if value is None:
            words = f"The {name} is no finite number any more {way} layer {number} ({layer})"
            return Verdict.EXPLODES, words, f"{whole} overflows by {layer}"
        if value < LOST:
            words = f"The {name} is lost {way} layer {number} ({layer})"
            return Verdict.DIES, words, f"{whole} lost by {layer}"
    farthest = max(values, key=lambda each: abs(math.log(each[2] or 1.0)))
    number, layer, value = farthest
    assert value is not None
    if value < LOWEST:
        words = f"The {name} shrinks {_times(1 / value)}-fold {way} layer {number} ({layer})"
        return Verdict.FADES, words, f"{whole} shrinks {_times(1 / value)} ×"
    if value > HIGHEST:
        words = f"The {name} grows {_times(value)}-fold {way} layer {number} ({layer})"
        return Verdict.EXPLODES, words, f"{whole} grows {_times(value)} ×"
    return None


def _times(factor: float) -> str:
    """A factor in two digits: 1.4, 46, 4 600, 2.1e8."""
    if factor >= _POWERS:
        return said.rate(factor)
    return said.decimals(float(f"{factor:.2g}"), 0 if factor >= 9.95 else 1)  # noqa: PLR2004 - where two digits need no point


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
