"""The X-ray of an epoch of a run beside that of its first, and in words what has changed since; no Qt."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from workbench.events import State
from workbench.gui.model.xray import CHOSEN, Look, Shown, Side, dead_text, line_of, method_of, number, value
from workbench.journal import Run
from workbench.probing.xray import Row, Scheme, XRay
from workbench.spec import said

#: The first epoch is a thin line to compare with.
FIRST = Look("square", 4, hollow=True)
#: From here on a change is worth a word: in share of dead units, and as a factor of signal or gradient.
_DEAD, _FACTOR = 0.01, 2.0
#: Beyond these nothing can be told apart any more; a value that is no finite number counts as the upper one.
_LEAST, _MOST = 1e-7, 1e7


def shown(name: str, xray: XRay, first: XRay) -> Shown:
    """An epoch of the run `name`, with the first that was kept; that may be the same."""
    now, before = xray.schemes[0], first.schemes[0]
    other = before.title != now.title
    lines = (line_of(now, CHOSEN), *([line_of(before, FIRST)] if other else []))
    sentence = f"{name}, {said.within(now.title)}: {now.sentence[:1].lower()}{now.sentence[1:]}"
    method = method_of(f"at the end of {said.within(now.title)}", xray.pictures)
    return Shown(lines, sentence, method, change(before, now) if other else "")


def change(before: Scheme, now: Scheme) -> str:
    """What is different from another epoch, where it is most: dead units, signal, gradient."""
    pairs = _pairs(before.rows, now.rows)
    parts = [*_dead(pairs), *_size(pairs, Side.SIGNAL), *_size(pairs, Side.GRADIENT)]
    since = f"Since {said.within(before.title)}"
    if parts:
        return f"{since}, {'; '.join(parts)}."
    units = ", and about as many units are dead" if any(row.dead is not None for row in now.rows) else ""
    return f"{since} no layer's signal or gradient has doubled or halved{units}."


def _pairs(before: Sequence[Row], now: Sequence[Row]) -> list[tuple[Row, Row]]:
    then = {row.layer: row for row in before}
    return [(then[row.layer], row) for row in now if row.layer in then]


def _dead(pairs: Sequence[tuple[Row, Row]]) -> Iterator[str]:
    shares = [(row.layer, old.dead, row.dead) for old, row in pairs if old.dead is not None and row.dead is not None]
    layer, old, new = max(shares, key=lambda each: abs(each[2] - each[1]), default=("", 0.0, 0.0))
    if abs(new - old) >= _DEAD:
        yield f"dead units in {said.layer(layer)}: {dead_text(old)} → {dead_text(new)}"


def _size(pairs: Sequence[tuple[Row, Row]], side: Side) -> Iterator[str]:
    sizes = [(row.layer, value(old, side), value(row, side)) for old, row in pairs if row.counts]
    if not sizes:
        return
    layer, old, new = max(sizes, key=lambda each: abs(_log(each[2]) - _log(each[1])))
    if abs(_log(new) - _log(old)) >= math.log(_FACTOR):
        yield f"{side} at {said.layer(layer)}: {number(old)} → {number(new)}"


def _log(size: float | None) -> float:
    return math.log(_MOST if size is None else min(max(size, _LEAST), _MOST))


def why_none(run: Run, *, asked: bool, warned: str) -> str:
    """Why a run has no X-ray to show. `asked`: its recipe wants one each epoch; `warned`: what its engine said of that."""
    if not asked:
        return f"{run.name} keeps no X-ray: its recipe has X-ray each epoch off."
    if warned:
        return warned
    if run.state is not State.ENDED:
        return f"{run.name} takes its first X-ray when its first epoch ends."
    return f"{run.name} ended before its first epoch was over, so there is no X-ray."


def why_no_network(run: Run) -> str:
    """Why the network of a run that has read no pictures is not known."""
    if run.state is not State.ENDED:
        return f"The network of {run.name} is drawn as soon as its pictures are read."
    return f"{run.name} ended before it had read its pictures, so its network is not known."


def network_title(title: str, run: str, *, other: bool) -> str:
    """What the heading says of a run's network; `other`: the form's recipe has another one."""
    return " · ".join([title, run, *(["not the recipe's network"] if other else [])])
