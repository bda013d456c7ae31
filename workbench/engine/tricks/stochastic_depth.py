"""Stochastic depth as a Keras layer: a residual branch that is sometimes left out while training (Huang 2016).

Draws from a seed of its own and counts its draws, as Keras' dropout does. Knows nothing of the network
around it; which block survives how often is the plan's.
"""

from __future__ import annotations

from typing import Any

import keras


@keras.saving.register_keras_serializable("workbench")
class StochasticDepthLayer(keras.layers.Layer):  # type: ignore[misc] # Keras comes without types
    """(b, h, w, c) → the same in inference; in training b · branch / p with b = 1 with probability p, else 0.

    The paper leaves the branch as it is in training and multiplies it by p in inference; dividing in training
    keeps the same expectation and leaves inference alone. `each` says whether b is drawn for each picture or,
    as in the paper, once for the batch.
    """

    def __init__(self, survival: float, each: str, seed: int, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.survival = survival
        self.each = each
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, branch: Any, training: bool = False) -> Any:  # noqa: FBT001, FBT002 - Keras' own signature
        if not training:
            return branch
        count = keras.ops.shape(branch)[0] if self.each == "picture" else 1
        shape = (count, *[1] * (len(branch.shape) - 1))
        return keras.random.dropout(branch, 1 - self.survival, noise_shape=shape, seed=self.seed_generator)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "survival": self.survival, "each": self.each, "seed": self.seed}
