"""Schedule-free AdamW (Defazio 2024), with Keras' variables and a step of its own.

Three places: z takes the steps, x is the mean of all z and what is judged and kept, and the gradient is
taken at y = (1 − β₁)z + β₁x, which is what the model's own variables hold. Two things in Keras 3.15's step
are not the paper's. On TensorFlow it reads x back from y and a z that has already moved. And weight decay
shrinks y alone, so that x loses ηλy/β₁ at every step, however long the mean already is; in the paper the
decay is part of z's step.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


class ScheduleFreeAdamW(keras.optimizers.ScheduleFreeAdamW):  # type: ignore[misc] # Keras is untyped here
    """z ← z − η(g/√v̂ + λy); x ← x + (z − x)/t; y ← (1 − β₁)z + β₁x."""

    def _apply_weight_decay(self, variables: list[Any]) -> None:
        """The step below decays."""

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """One variable's step; all is computed before anything is assigned, since a TensorFlow variable moves under its readers."""
        at = self._get_variable_index(variable)
        place, velocity = self._momentums[at], self._velocities[at]
        kind, own, before = variable.dtype, ops.convert_to_tensor(variable), ops.convert_to_tensor(velocity)
        point = ops.convert_to_tensor(place)
        rate, gradient = ops.cast(learning_rate, kind), ops.cast(gradient, kind)
        step = ops.cast(self.iterations + 1, kind)

        square = before + (ops.square(gradient) - before) * (1.0 - self.beta_2)
        corrected = square / (1.0 - ops.power(ops.cast(self.beta_2, kind), step))
        move = gradient / (ops.sqrt(corrected) + self.epsilon)
        if self.weight_decay and self._use_weight_decay(variable):
            move = move + self.weight_decay * own
        mean = self.mean(own, point)
        moved = point - rate * move
        mean = mean + (moved - mean) / step

        self.assign(velocity, square)
        self.assign(place, moved)
        self.assign(variable, (1.0 - self.beta_1) * moved + self.beta_1 * mean)

    @property
    def places(self) -> list[Any]:
        """What z is for each trainable variable, in their order; after `build`."""
        return list(self._momentums)

    def mean(self, own: Any, place: Any) -> Any:
        """What x is for a variable, by its y and z."""
        return (own - (1.0 - self.beta_1) * place) / self.beta_1
