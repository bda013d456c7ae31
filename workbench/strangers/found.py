"""What was found in a stranger's file: what it is, what it can be used for, and a sentence about it; as JSON between processes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from workbench.plain import plain

Shape = tuple[int, ...]
#: Kept of a layer's or array's name; longer ones match nothing of ours anyway.
LONGEST_NAME = 160
#: Kept of the sentence.
LONGEST_SENTENCE = 600


class Use(StrEnum):
    """What can be done with a file."""

    #: it is a recipe in a preset's form
    PRESET = "preset"
    #: it was made from a run and carries that run's recipe
    RECIPE = "recipe"
    #: it is a preset of the descent lab, or a figure of it that carries its settings
    LAB = "lab"
    #: its weights can be a start
    WEIGHTS = "weights"
    #: pictures with labels, in a NumPy file
    DATA_SET = "data_set"
    #: a folder, which may hold pictures
    FOLDER = "folder"
    #: a picture
    PICTURE = "picture"


class Refusal(Exception):  # noqa: N818 - it is no error of anybody's but the file's
    """A file is not used; the text says why and what to do, in whole sentences."""


@dataclass(frozen=True)
class Numbers:
    """One array of a layer: kernel, bias …"""

    name: str
    shape: Shape
    #: as NumPy writes it, little-endian: "<f4"
    dtype: str


@dataclass(frozen=True)
class StrangerLayer:
    """A layer of a stranger's network that has weights; arrays in the order of the file."""

    name: str
    #: Keras' name of its class in small letters ("conv2d"), where the file tells
    kind: str
    arrays: tuple[Numbers, ...]
    #: of a norm: what it adds to a variance before it takes the root, where the file tells
    epsilon: float | None = None


@dataclass(frozen=True)
class Found:
    """What a file is. Without uses it is refused, and the sentence says why and what to do."""

    #: "a Keras model"
    what: str
    sentence: str
    uses: tuple[Use, ...] = ()
    #: with WEIGHTS: in the order in which the network has them, as far as the file tells
    layers: tuple[StrangerLayer, ...] = ()
    #: with RECIPE: as a preset's TOML
    recipe: str = ""
    #: with LAB: as a preset of the lab has them
    lab: str = ""

    def tree(self) -> dict[str, Any]:
        """As plain values for JSON."""
        layers = [
            [
                layer.name,
                layer.kind,
                [[each.name, list(each.shape), each.dtype] for each in layer.arrays],
                layer.epsilon,
            ]
            for layer in self.layers
        ]
        return {
            "what": self.what, "sentence": self.sentence, "uses": list(self.uses), "layers": layers, "recipe": self.recipe,
            "lab": self.lab,
        }  # fmt: skip

    @staticmethod
    def from_tree(tree: Mapping[str, Any]) -> Found:
        """The other way; whoever wrote it may have been overpowered by the file, so everything is looked at. Raises ValueError.

        Texts come out fit to be shown; recipe and lab as they came, since whoever reads it judges it.
        """
        match tree:
            case {
                "what": str(what),
                "sentence": str(sentence),
                "uses": list(uses),
                "layers": list(layers),
                "recipe": str(recipe),
                "lab": str(lab),
            }:
                return Found(
                    plain(what), plain(sentence, LONGEST_SENTENCE), tuple(Use(each) for each in uses),
                    tuple(_layer(each) for each in layers), recipe, lab,
                )  # fmt: skip
            case _:
                raise ValueError("no answer")


def shortened(name: str) -> str:
    """A name of a stranger's, fit to be shown and to be looked for."""
    return plain(name, LONGEST_NAME)


def _layer(tree: object) -> StrangerLayer:
    match tree:
        case [str(name), str(kind), list(arrays), None | float() as epsilon]:
            return StrangerLayer(shortened(name), shortened(kind), tuple(_numbers(each) for each in arrays), epsilon)
        case _:
            raise ValueError("no layer")


def _numbers(tree: object) -> Numbers:
    match tree:
        case [str(name), list(shape), "<f2" | "<f4" | "<f8" as dtype] if all(
            type(axis) is int and axis >= 0 for axis in shape
        ):
            return Numbers(shortened(name), tuple(shape), dtype)
        case _:
            raise ValueError("no array")
