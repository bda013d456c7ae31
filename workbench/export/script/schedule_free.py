"""Schedule-free AdamW as the engine has it: a class of the script, since Keras' own step is not the paper's.

A test holds the code to the engine's class.
"""

from __future__ import annotations

from workbench.export.script.draft import Draft

NAME = "ScheduleFree"

CODE = '''
class ScheduleFree(keras.optimizers.ScheduleFreeAdamW):
    """z ← z − η(g/√v̂ + λy); x ← x + (z − x)/t; y ← (1 − β₁)z + β₁x. The network's own weights are y."""

    def _apply_weight_decay(self, variables):
        """The step below decays."""

    def update_step(self, gradient, variable, learning_rate):
        """One variable's step; all is computed before anything is assigned, since a variable may move under its readers."""
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
    def places(self):
        return list(self._momentums)

    def mean(self, own, place):
        """What x is for a variable, by its y and z: what the network is judged by and kept as."""
        return (own - (1.0 - self.beta_1) * place) / self.beta_1
'''


def write(draft: Draft) -> None:
    """Append the class."""
    draft.needs("from keras import ops")
    text = "The paper's step (Defazio 2024): Keras' own lets weight decay shrink the mean for ever, and reads it from a place that has moved."
    draft.cell(text, CODE)
