"""The X-rays that the fake engine takes at its epochs' ends: a signal that drifts slowly, and units that die one after the other.

Nothing is measured here; the layers are those of the recipe's own network.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator

from workbench.data.describing import seen
from workbench.errors import RecipeError
from workbench.events import DataReady
from workbench.journal import watched
from workbench.journal.rows import Watched
from workbench.network.layers import Activation, Layer
from workbench.network.plan import plan
from workbench.probing.xray import Measured, Row, judge
from workbench.spec.recipe import Recipe

PICTURES = 32
#: Of a layer in the middle, this share of units is dead before the first epoch and after very many.
_DEAD_FIRST, _DEAD_LAST = 0.02, 0.6


def signal(recipe: Recipe, ready: DataReady, epoch: int) -> Iterator[Watched]:
    """The X-ray of an epoch's end, where the recipe asks for one."""
    if not recipe.training.xray or not watched.is_watched(epoch, recipe.training.epochs):
        return
    layers = _layers(recipe, ready)
    if layers:
        rows = tuple(_row(layer, place, len(layers), epoch) for place, layer in enumerate(layers))
        yield watched.signal_row(epoch, judge(PICTURES, [Measured("epoch", f"Epoch {epoch}", rows)]).tree())


@functools.lru_cache(maxsize=1)
def _layers(recipe: Recipe, ready: DataReady) -> tuple[Layer, ...]:
    """Of the network for the pictures that the fake engine pretends to read; none where it cannot be for those."""
    try:
        return tuple(plan(recipe, seen(recipe.data, ready.shape), len(ready.classes)).layers)
    except RecipeError:
        return ()


def _row(layer: Layer, place: int, layers: int, epoch: int) -> Row:
    depth, age = (place + 1) / layers, 1 - math.exp(-epoch / 10)
    signal = math.exp(0.5 * math.sin(place) + 1.2 * age * depth)
    gradient = math.exp(0.3 * math.cos(place) - 1.5 * age * (1 - depth))
    off = isinstance(layer.kind, Activation) and layer.kind.function in {"relu", "relu6"}
    dead = (_DEAD_FIRST + (_DEAD_LAST - _DEAD_FIRST) * age) * math.sin(math.pi * depth) if off else None
    last = place == layers - 1
    return Row(layer.name, 0.1 * signal, signal, 0.0, 1e-3 * gradient, signal, 1.0 if last else gradient, dead)
