"""Which blocks of a plan are alike, and what differs between them: these become one function with parameters.

A block is a run of layers that the plan gives one block name, whose layers' names begin with it. Two are alike when they
differ in nothing but that name and some numbers. Knows nothing of code.
"""

from __future__ import annotations

import dataclasses
import itertools
from dataclasses import dataclass
from typing import Any, TypeAlias

from workbench.network.layers import Layer

#: Numbers of a layer that may differ between blocks that are alike.
VARYING = ("filters", "units", "stride", "channels", "groups", "survival", "factor")
#: A layer of a block that is read (its place), or what is read from outside (−1 the first such, −2 the next, …).
Read: TypeAlias = int
Form: TypeAlias = tuple[Any, ...]


@dataclass(frozen=True)
class Block:
    """A run of layers of one block."""

    prefix: str
    layers: tuple[Layer, ...]
    #: names of layers outside that are read, in the order in which they are first read
    outside: tuple[str, ...]
    #: places of layers besides the last that are read by others
    kept: tuple[int, ...]
    #: whether every layer's name begins with the prefix
    named: bool

    def suffix(self, place: int) -> str:
        return self.layers[place].name[len(self.prefix) :]

    def reads(self, place: int) -> tuple[Read, ...]:
        """What a layer reads."""
        places = {layer.name: number for number, layer in enumerate(self.layers)}
        return tuple(
            places[name] if name in places else -1 - self.outside.index(name) for name in self.layers[place].inputs
        )

    @property
    def form(self) -> Form:
        """What is the same in all blocks that are alike."""
        return (
            self.kept, len(self.outside),
            *((self.suffix(place), type(layer.kind), self.reads(place), fixed(layer)) for place, layer in enumerate(self.layers)),
        )  # fmt: skip

    @property
    def numbers(self) -> dict[tuple[int, str], float]:
        """What may differ, by place and field."""
        return {
            (place, name): getattr(layer.kind, name)
            for place, layer in enumerate(self.layers)
            for name in VARYING
            if hasattr(layer.kind, name)
        }


def fixed(layer: Layer) -> Form:
    """The settings of a layer that must be the same in blocks that are alike."""
    return tuple(
        (each.name, getattr(layer.kind, each.name)) for each in dataclasses.fields(layer.kind) if each.name not in VARYING
    )  # fmt: skip


def blocks(layers: tuple[Layer, ...]) -> list[Block]:
    """The layers of a plan as runs of one block each."""
    found: list[Block] = []
    for name, run in itertools.groupby(layers, key=lambda layer: layer.block):
        mine = tuple(run)
        names = [layer.name for layer in mine]
        outside = tuple(dict.fromkeys(each for layer in mine for each in layer.inputs if each not in names))
        read_elsewhere = {each for layer in layers if layer.name not in names for each in layer.inputs}
        kept = tuple(place for place, each in enumerate(names[:-1]) if each in read_elsewhere)
        prefix = name.replace(".", "_")
        named = bool(prefix) and all(each.startswith(f"{prefix}_") for each in names)
        found.append(Block(prefix, mine, outside, kept, named))
    return found


def differing(alike: list[Block]) -> dict[tuple[int, str], str]:
    """The numbers that differ between blocks that are alike, with the name of the parameter for each.

    Numbers that always go together share one.
    """
    names: dict[tuple[float, ...], str] = {}
    found: dict[tuple[int, str], str] = {}
    for key in alike[0].numbers:
        values = tuple(block.numbers[key] for block in alike)
        if len(set(values)) == 1:
            continue
        # Maps that are padded to as many channels as convolutions have filters are filters too.
        word = {"channels": "filters", "stride": "strides"}.get(key[1], key[1])
        if values not in names:
            taken = word in names.values()
            names[values] = f"{alike[0].suffix(key[0]).strip('_')}_{word}" if taken else word
        found[key] = names[values]
    return found
