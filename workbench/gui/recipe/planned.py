"""The planned learning rate of the form, as points to draw and as words; no Qt.

It needs only some of the form's values, so it is known while others are still wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.errors import RecipeError
from workbench.gui import words
from workbench.gui.recipe.edits import Edits
from workbench.gui.recipe.estimate import steps_per_epoch
from workbench.spec.recipe import Recipe, parse
from workbench.spec.schedule import Plateau

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

#: An epoch's steps where the number of pictures is not known before they have been read.
ASSUMED_STEPS = 100
#: So many steps are computed at most; every further one would lie on a pixel that has dozens already.
_MOST_STEPS = 20_000
#: So many pieces the curve has at most: each step a stair, or else stretches from their least to their greatest rate.
_PIECES = 300
#: A rate that falls by factors, and in all further than by this, is drawn on a logarithmic scale.
_LOG_FACTOR = 100.0
#: The values that decide the rates.
_NEEDED = {"optimizer": ("method", "learning_rate"), "training": ("epochs",)}


@dataclass(frozen=True)
class Planned:
    """The rates of a run before it starts. `epochs` and `rates` are the points of a line, from left to right."""

    epochs: npt.NDArray[np.float64]
    rates: npt.NDArray[np.float64]
    length: int
    first: float
    highest: float
    last: float
    log: bool
    #: The rates in a sentence.
    sentence: str


def planned(edits: Edits) -> Planned | None:
    """What the form's schedule plans; None while a value that it needs is wrong."""
    needed = {station: {name: edits.tables[station][name] for name in names} for station, names in _NEEDED.items()}
    paths = {f"{station}.{name}" for station, names in _NEEDED.items() for name in names}
    if any(path in paths or path.startswith("schedule.") for path in edits.texts):
        return None
    try:
        recipe = parse({**needed, "schedule": edits.tables["schedule"]})
    except RecipeError:
        return None
    known = steps_per_epoch(edits.recipe) if edits.recipe is not None else None
    return _planned(recipe, known or ASSUMED_STEPS, known=known is not None)


def _planned(recipe: Recipe, steps: int, *, known: bool) -> Planned:
    # NumPy would delay the window's first paint.
    import numpy as np  # noqa: PLC0415 - see above

    from workbench.rates import rates_at  # noqa: PLC0415 - see above

    length = recipe.training.epochs
    total = length * steps
    warm = recipe.schedule.warmup * steps
    if total <= _MOST_STEPS:
        places = np.arange(1.0, total + 1)
    else:
        # The sharp corners among them: the first step, warm-up's end, the last.
        some = np.linspace(1, total, _MOST_STEPS).round()
        places = np.unique(np.append(some, [max(1.0, np.floor(warm)), np.ceil(warm) + 1]).clip(1, total))
    rates = rates_at(recipe, places, steps).astype(np.float64)
    # Warm-up is left out: nearly every run begins near 0.
    proper = rates[places > warm]
    # What heads for a final share is a shape of the rate itself, and on a logarithmic scale nobody knows it again.
    by_factors = not hasattr(recipe.schedule, "final") and len(proper) > 0 and proper.min() > 0
    log = by_factors and bool(proper.max() > _LOG_FACTOR * proper.min())
    first, highest, last = float(rates[0]), float(rates.max()), float(rates[-1])
    sentence = _sentence(recipe, first, highest, last, known=known)
    epochs, rates = _stairs(places, rates) if len(places) <= _PIECES else _thinned(places, rates)
    return Planned(epochs / steps, rates, length, first, highest, last, log, sentence)


def _stairs(
    places: npt.NDArray[np.float64], rates: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Each step's rate from its beginning to its end."""
    import numpy as np  # noqa: PLC0415 - not needed for the first paint

    return np.column_stack([places - 1, places]).ravel(), np.repeat(rates, 2)


def _thinned(
    places: npt.NDArray[np.float64], rates: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Of each piece of the run its least and its greatest rate, in their order."""
    import numpy as np  # noqa: PLC0415 - not needed for the first paint

    pieces = np.array_split(np.arange(len(places)), _PIECES)
    ends = [sorted((piece[rates[piece].argmin()], piece[rates[piece].argmax()])) for piece in pieces]
    kept = np.unique(np.concatenate([[0], np.ravel(ends), [len(places) - 1]]))
    return places[kept], rates[kept]


def _sentence(recipe: Recipe, first: float, highest: float, last: float, *, known: bool) -> str:
    rate, gap = words.rate, words.NO_BREAK
    # How small the first step of a warm-up is depends on how many there are.
    about = "" if known or recipe.schedule.warmup == 0 else f"about{gap}"
    parts = [f"First{gap}{about}{rate(first)}", f"highest{gap}{rate(highest)}", f"last{gap}{rate(last)}"]
    if first == highest == last:
        parts = [f"{rate(first)} at every step"]
    if isinstance(recipe.schedule, Plateau):
        lowest = f", down to{gap}{rate(recipe.schedule.lowest)}" if recipe.schedule.lowest else ""
        parts = parts[:2] if len(parts) > 1 else [rate(first)]
        parts.append(f"then ×{gap}{words.number(recipe.schedule.factor)} at each plateau{lowest}")
    return ", ".join(parts)
