"""A plan as a tree: its layers in the blocks that they belong to, and those in their stages.

The blocks are the planners' own (`Layer.block`: "stem", "stage2.block1", "head"); nothing here knows one by name.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from workbench.network.layers import Layer, Shape
from workbench.network.plan import Plan


@dataclass(frozen=True)
class Block:
    """Layers in a row that belong together."""

    #: "stage2.block1"
    path: str
    parts: tuple[Part, ...]

    @property
    def name(self) -> str:
        """Its name within the block around it."""
        return self.path.rpartition(".")[2]

    @property
    def layers(self) -> Iterator[Layer]:
        """All its layers, in order."""
        for part in self.parts:
            if isinstance(part, Block):
                yield from part.layers
            else:
                yield part

    @property
    def shape(self) -> Shape:
        """The shape of what leaves it."""
        return self.parts[-1].shape


Part: TypeAlias = Block | Layer


def blocks(plan: Plan) -> tuple[Part, ...]:
    """The plan's blocks in order; a block of a single layer is that layer."""
    return _parts(plan.layers, 0)


def _parts(layers: Sequence[Layer], depth: int) -> tuple[Part, ...]:
    found: list[Part] = []
    for path, group in itertools.groupby(layers, key=lambda layer: ".".join(layer.block.split(".")[: depth + 1])):
        inside = tuple(group)
        deeper = path.count(".") == depth and bool(path)
        if not deeper or len(inside) == 1:
            found.extend(inside)
        else:
            found.append(Block(path, _parts(inside, depth + 1)))
    return tuple(found)
