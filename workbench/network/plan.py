"""The plan of a network: which layers, in which order, of which shape, with how many parameters.

The engine builds the model from it; the model tab, estimates and exports read it. Planners are found
by the type of the model's spec. Nothing here knows Keras; a test holds the plan to Keras' own counts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from workbench.network import cnn, densenet, fcn, fcn_masks, mlp, resnet, unet
from workbench.network.draft import Draft
from workbench.network.layers import Flatten, Layer, Shape
from workbench.spec.densenet import DenseNet, ImageNetDenseNet
from workbench.spec.model import Cnn, Fcn, FcnMasks, Mlp, UNet
from workbench.spec.recipe import Recipe
from workbench.spec.resnet import ImageNetResNet, ResNet, WideResNet
from workbench.spec.vocabulary import ModelSpec


@dataclass(frozen=True)
class Planner:
    """How one architecture is drawn and called; both take its spec, whose type is the key below."""

    draw: Callable[[Any, Draft], None]
    title: Callable[[Any], str]


PLANNERS: dict[type[ModelSpec], Planner] = {
    Cnn: Planner(cnn.draw, cnn.title),
    Mlp: Planner(mlp.draw, mlp.title),
    Fcn: Planner(fcn.draw, fcn.title),
    ResNet: Planner(resnet.draw, resnet.title),
    FcnMasks: Planner(fcn_masks.draw, fcn_masks.title),
    UNet: Planner(unet.draw, unet.title),
    WideResNet: Planner(resnet.draw_wide, resnet.title_wide),
    ImageNetResNet: Planner(resnet.draw_imagenet, resnet.title_imagenet),
    DenseNet: Planner(densenet.draw, densenet.title),
    ImageNetDenseNet: Planner(densenet.draw_imagenet, densenet.title_imagenet),
}


@dataclass(frozen=True)
class Plan:
    """A network as a plain list of layers, each after the ones it reads."""

    #: height, width, channels of a picture
    shape: tuple[int, int, int]
    classes: int
    layers: tuple[Layer, ...]

    @property
    def parameters(self) -> int:
        """All numbers of the model, as Keras counts them: moving averages too."""
        return sum(layer.parameters for layer in self.layers)

    @property
    def trainable_parameters(self) -> int:
        """The numbers that the optimizer changes."""
        return sum(layer.trainable_parameters for layer in self.layers)

    @property
    def multiply_adds(self) -> int:
        """Multiplications with addition for one picture forward, in convolutions and dense layers."""
        return sum(layer.multiply_adds for layer in self.layers)

    @property
    def any_size(self) -> bool:
        """Whether the same weights take pictures of other sizes: nothing lays a map out as one vector."""
        return not any(isinstance(layer.kind, Flatten) for layer in self.layers)

    @property
    def activation_numbers(self) -> int:
        """Numbers a picture leaves behind for the backward pass: the picture and each layer's result, views left out."""
        height, width, channels = self.shape
        return height * width * channels + sum(layer.activation_numbers for layer in self.layers)


def plan(recipe: Recipe, shape: Shape, classes: int) -> Plan:
    """The network of a recipe for pictures of `shape` (height, width, channels).

    Raises RecipeError with the setting's path when the network does not fit the pictures.
    """
    height, width, channels = shape
    draft = Draft(recipe, (height, width, channels), classes)
    PLANNERS[type(recipe.model)].draw(recipe.model, draft)
    return Plan((height, width, channels), classes, tuple(draft.layers))


def title(recipe: Recipe) -> str:
    """What a recipe's network is called: "ResNet-20"."""
    return PLANNERS[type(recipe.model)].title(recipe.model)


def summary(recipe: Recipe, plan: Plan) -> str:
    """One line about a network: "ResNet-20 · 271 k parameters"."""
    return f"{title(recipe)} · {_counted(plan.parameters)} parameters"


def _counted(count: int) -> str:
    """A count in three digits: 650, 2.41 k, 271 k, 1.73 M."""
    for size, letter in ((10**9, "G"), (10**6, "M"), (10**3, "k")):
        # 999 950 is 1 M to three digits, so the next letter begins a little below its size.
        if count >= 0.9995 * size:
            share = count / size
            digits = 2 if share < 9.995 else 1 if share < 99.95 else 0  # noqa: PLR2004 - where three digits turn over
            return f"{share:.{digits}f} {letter}"
    return str(count)
