"""What happens to a gradient between the backward pass and the optimizer, in the order of the tricks.

Penalties join first, so that the norm that is recorded is that of everything being made small; then come noise and
clipping. Pure keras.ops; the same for every backend.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from keras import ops

from workbench.engine.tricks import loss_scale
from workbench.engine.tricks.clipping import clip, global_norm
from workbench.engine.tricks.noise import noisy
from workbench.engine.tricks.penalty import Penalty
from workbench.spec.recipe import Recipe

Tensor = Any
#: Steps in a row that are not finite which end a run when clipping is on.
BAD_STEPS = 10


def most_bad(recipe: Recipe) -> int:
    """So many steps in a row that are not finite end a run; fewer are skipped, counted and told."""
    if recipe.training.precision == "float16":
        return loss_scale.MOST_BAD  # a scale that is too large shows itself in such steps
    return BAD_STEPS if recipe.tricks.gradient_clipping.on else 1


class Update:
    """The gradient's way to the optimizer. `record=False` leaves out the norm, unless a scaled loss needs it."""

    def __init__(self, recipe: Recipe, variables: list[Any], *, record: bool) -> None:
        self._recipe = recipe
        self._clipping = recipe.tricks.gradient_clipping
        self._noise = recipe.tricks.gradient_noise
        self._penalty = Penalty(recipe.tricks, variables)
        # Whether a scaled loss has overflowed is seen by the norm.
        self._record = record or recipe.training.precision == "float16"

    @property
    def most_bad(self) -> int:
        """So many steps in a row that are not finite end the run."""
        return most_bad(self._recipe)

    @property
    def scales(self) -> bool:
        """Whether the loss is scaled, see tricks/loss_scale.py."""
        return self._recipe.training.precision == "float16"

    def penalty(self, weights: list[Tensor]) -> Tensor:
        """What the penalties add to the loss at these weights, a scalar."""
        return self._penalty.value(weights) if self._penalty.on else ops.zeros(())

    def penalized(self, gradients: list[Tensor], weights: list[Tensor]) -> list[Tensor]:
        """The gradients with those of the penalties."""
        return self._penalty.gradients(gradients, weights) if self._penalty.on else gradients

    def norm(self, gradients: list[Tensor]) -> Tensor:
        """The length of the whole gradient, a scalar; 0 when it is not recorded."""
        return global_norm(gradients) if self._record else ops.zeros(())

    def changed(
        self, gradients: list[Tensor], norm: Tensor, update: Tensor, normal: Callable[[Tensor, int], Tensor]
    ) -> list[Tensor]:
        """The gradients that the optimizer gets. `update` counts updates from 0; for `normal` see tricks/noise.py."""
        if self._noise.on:
            gradients = noisy(gradients, self._noise, update, normal)
        if self._clipping.on:
            # Noise has changed the norm; without it the recorded one will do.
            gradients = clip(gradients, self._clipping, norm if self._record and not self._noise.on else None)
        return gradients
