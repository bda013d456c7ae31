"""Which layers of a stranger's network fit one of ours: by name where names are alike, else in order by kind and exact shapes.

A layer fits whole or not at all. Layers of one kind are matched among themselves: of some files only the order within a kind
is known. Of all ways to match them in order the one with most layers is taken.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workbench.network.layers import BatchNorm, Conv, Dense, GroupNorm, Kind, LayerNorm, Shape
from workbench.network.maps import BilinearUp, Deconv, Score
from workbench.network.plan import Plan
from workbench.network.weights import arrays
from workbench.strangers.found import StrangerLayer

#: Keras' names of the classes that our layers are built of.
_CLASSES: Mapping[type[Kind], str] = {
    Conv: "conv2d", Score: "conv2d", Dense: "dense", Deconv: "conv2d_transpose", BilinearUp: "bilinear_up_layer",
    BatchNorm: "batch_normalization", LayerNorm: "layer_normalization", GroupNorm: "group_normalization",
}  # fmt: skip


@dataclass(frozen=True)
class _Wanted:
    """A layer of ours: its class, and its arrays in Keras' order."""

    name: str
    kind: str
    arrays: tuple[tuple[str, Shape], ...]


def match(plan: Plan, layers: Sequence[StrangerLayer]) -> dict[str, StrangerLayer]:
    """Our layers' names with the layers of the stranger's that fit them."""
    wanted = [_Wanted(layer.name, _CLASSES[type(layer.kind)], tuple(shapes.items())) for layer, shapes in arrays(plan)]
    by_name = {layer.name: layer for layer in layers}
    found = {
        each.name: by_name[each.name] for each in wanted if each.name in by_name and _fits(each, by_name[each.name])
    }
    taken = set(found)
    left = [layer for layer in layers if layer.name not in taken]
    for kind in dict.fromkeys(_CLASSES.values()):
        mine = [each for each in wanted if each.kind == kind and each.name not in found]
        theirs = [layer for layer in left if any(_fits(each, layer) for each in _distinct(mine))]
        found |= _in_order(mine, theirs)
    return found


def leaves(wanted: Mapping[str, Shape], layer: StrangerLayer) -> dict[str, str]:
    """Our names of a layer's arrays with the stranger's: files number them, or call them as Keras does."""
    theirs = [each.name for each in layer.arrays]
    return dict(zip(wanted, theirs if all(each.isdigit() for each in theirs) else wanted, strict=True))


def all_by_name(plan: Plan, layers: Sequence[StrangerLayer]) -> bool:
    """Whether each layer that fits does so by our names, its own and its arrays', and needs nothing made up for (epsilon)."""
    ours = {layer.name: shapes for layer, shapes in arrays(plan)}
    return all(
        layer.name == name and layer.epsilon is None and all(a == b for a, b in leaves(ours[name], layer).items())
        for name, layer in match(plan, layers).items()
    )


def _fits(wanted: _Wanted, layer: StrangerLayer) -> bool:
    if layer.kind not in {"", wanted.kind} or len(layer.arrays) != len(wanted.arrays):
        return False
    shapes = [shape for _, shape in wanted.arrays]
    if all(each.name.isdigit() for each in layer.arrays):
        return [each.shape for each in layer.arrays] == shapes
    return {each.name: each.shape for each in layer.arrays} == dict(wanted.arrays)


def _distinct(wanted: Sequence[_Wanted]) -> list[_Wanted]:
    """One for each set of shapes: a network has few."""
    return list({each.arrays: each for each in wanted}.values())


def _in_order(mine: Sequence[_Wanted], theirs: Sequence[StrangerLayer]) -> dict[str, StrangerLayer]:
    """The longest match that keeps both orders."""
    # longest[i][j]: as many as can be matched from mine[i] and theirs[j] on
    longest = [[0] * (len(theirs) + 1) for _ in range(len(mine) + 1)]
    fits = [[_fits(each, layer) for layer in theirs] for each in mine]
    for i in reversed(range(len(mine))):
        for j in reversed(range(len(theirs))):
            longest[i][j] = longest[i + 1][j + 1] + 1 if fits[i][j] else max(longest[i + 1][j], longest[i][j + 1])
    found: dict[str, StrangerLayer] = {}
    i = j = 0
    while i < len(mine) and j < len(theirs):
        if fits[i][j]:
            found[mine[i].name] = theirs[j]
            i, j = i + 1, j + 1
        elif longest[i + 1][j] >= longest[i][j + 1]:
            i += 1
        else:
            j += 1
    return found
