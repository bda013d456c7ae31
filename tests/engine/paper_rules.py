"""The update rules of the papers in NumPy and double precision, written from the papers and not from the code they judge.

A rule takes one tensor's place, the gradient there, its memory (empty at first) and the step's number from 1, and gives the
next place. Where Keras departs from the paper the rule takes which of the two is meant; the paper's is the default.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[np.float64]
Memory: TypeAlias = dict[str, Any]
Rule: TypeAlias = Callable[[Array, Array, Memory, int], Array]


def mean_square(values: Array) -> float:
    return float(np.mean(np.square(values)))


def averaged(memory: Memory, name: str, share: float, new: Array) -> Array:
    """A running mean that starts at 0."""
    memory[name] = share * memory.get(name, 0.0) + (1 - share) * new
    return np.asarray(memory[name])


def heavy_ball(rate: float, beta: float = 0.0) -> Rule:
    """x₊ = x − η∇f(x) + β(x − x₋), Polyak 1964; gradient descent with β = 0."""

    def rule(place: Array, gradient: Array, memory: Memory, _: int) -> Array:
        before, memory["before"] = memory.get("before", place), place
        return place - rate * gradient + beta * (place - before)

    return rule


def nesterov(rate: float, beta: float) -> Rule:
    """x₊ = x − η∇f(x + β(x − x₋)) + β(x − x₋), Nesterov 1983, told by y = x + β(x − x₋), where the gradient is taken."""

    def rule(ahead: Array, gradient: Array, memory: Memory, _: int) -> Array:
        now = memory.get("now", ahead)
        memory["now"] = ahead - rate * gradient
        return memory["now"] + beta * (memory["now"] - now)

    return rule


def decayed(rule: Rule, share: float) -> Rule:
    """θ ← (1 − ηλ)θ − step, the step taken at the old θ: Loshchilov & Hutter 2019, decay apart from the gradient."""

    def both(place: Array, gradient: Array, memory: Memory, step: int) -> Array:
        return rule(place, gradient, memory, step) - share * place

    return both


def adam(
    rate: float, beta_1: float, beta_2: float, epsilon: float, *, hat: bool = False, amsgrad: bool = False, corrected: bool = True
) -> Rule:  # fmt: skip
    """Kingma & Ba 2015, algorithm 1; `hat`: the order of section 2, ε beside the root before its correction.

    `amsgrad`: Reddi 2018, algorithm 2, which has no corrections (`corrected=False`) and no ε.
    """

    def rule(place: Array, gradient: Array, memory: Memory, step: int) -> Array:
        mean = averaged(memory, "mean", beta_1, gradient)
        square = averaged(memory, "square", beta_2, gradient**2)
        if amsgrad:
            memory["largest"] = square = np.maximum(memory.get("largest", 0.0), square)
        first, second = (1 - beta_1**step, 1 - beta_2**step) if corrected else (1.0, 1.0)
        if hat:
            return place - rate * np.sqrt(second) / first * mean / (np.sqrt(square) + epsilon)
        return place - rate * (mean / first) / (np.sqrt(square / second) + epsilon)

    return rule


def adamw(alpha: float, decay: float, beta_1: float, beta_2: float, epsilon: float) -> Rule:
    """Loshchilov & Hutter 2019, algorithm 2 with the multiplier of a constant schedule, 1: α is in the step and not in the decay."""
    return decayed(adam(alpha, beta_1, beta_2, epsilon), decay)


def schedule_free(
    rate: float | list[float], beta_1: float, beta_2: float, epsilon: float, decay: float = 0.0, *, keras: bool = False
) -> Rule:
    """Defazio 2024, algorithm 1, told by y: z takes Adam's steps, x is the mean of z weighed by γ², y lies between.

    Keras weighs every z alike, which is the same as long as the rate is. `rate`: one, or one a step.
    """

    def rule(place: Array, gradient: Array, memory: Memory, step: int) -> Array:
        now = rate if isinstance(rate, float) else rate[step - 1]
        square = averaged(memory, "square", beta_2, gradient**2)
        divided = gradient / (np.sqrt(square / (1 - beta_2**step)) + epsilon)
        memory["z"] = memory.get("z", place) - now * (divided + decay * place)
        weight = 1.0 if keras else now**2
        memory["weights"] = memory.get("weights", 0.0) + weight
        share = weight / memory["weights"]
        memory["x"] = (1 - share) * memory.get("x", place) + share * memory["z"]
        return np.asarray((1 - beta_1) * memory["z"] + beta_1 * memory["x"])

    return rule


def adamax(rate: float, beta_1: float, beta_2: float, epsilon: float = 0.0) -> Rule:
    """Kingma & Ba 2015, algorithm 2; it has no ε, Keras adds one to the largest gradient."""

    def rule(place: Array, gradient: Array, memory: Memory, step: int) -> Array:
        mean = averaged(memory, "mean", beta_1, gradient)
        memory["largest"] = np.maximum(beta_2 * memory.get("largest", 0.0), np.abs(gradient))
        return place - rate / (1 - beta_1**step) * mean / (memory["largest"] + epsilon)

    return rule


def nadam(rate: float, beta_1: float, beta_2: float, epsilon: float, *, keras: bool = False) -> Rule:
    """Dozat 2016, algorithm 2, with μ_t = β₁(1 − ½·0.96^(t/250)).

    Keras: 0.96^t, so that μ is full after some 50 steps, and β₁ instead of μ_t in the running mean.
    """

    def momentum(step: int) -> float:
        return beta_1 * (1 - 0.5 * 0.96 ** (step if keras else step / 250))

    def rule(place: Array, gradient: Array, memory: Memory, step: int) -> Array:
        now, ahead = momentum(step), momentum(step + 1)
        memory["product"] = memory.get("product", 1.0) * now
        mean = averaged(memory, "mean", beta_1 if keras else now, gradient)
        square = averaged(memory, "square", beta_2, gradient**2)
        direction = ahead * mean / (1 - memory["product"] * ahead) + (1 - now) * gradient / (1 - memory["product"])
        return place - rate * direction / (np.sqrt(square / (1 - beta_2**step)) + epsilon)

    return rule


def rmsprop(rate: float, rho: float, epsilon: float = 0.0, momentum: float = 0.0, *, centered: bool = False) -> Rule:
    """Tieleman & Hinton 2012 has neither ε nor momentum; with both, and centred, it is Graves 2013, equations 38 to 41."""

    def rule(place: Array, gradient: Array, memory: Memory, _: int) -> Array:
        square = averaged(memory, "square", rho, gradient**2)
        if centered:
            square = square - averaged(memory, "mean", rho, gradient) ** 2
        memory["speed"] = momentum * memory.get("speed", 0.0) - rate * gradient / np.sqrt(square + epsilon)
        return np.asarray(place + memory["speed"])

    return rule


def adagrad(rate: float, epsilon: float, *, start: float = 0.0, under_the_root: bool = False) -> Rule:
    """Duchi 2011, figure 1, with diagonal matrices; Keras starts the sum at 0.1 and adds ε under the root."""

    def rule(place: Array, gradient: Array, memory: Memory, _: int) -> Array:
        memory["sum"] = memory.get("sum", start) + gradient**2
        root = np.sqrt(memory["sum"] + epsilon) if under_the_root else np.sqrt(memory["sum"]) + epsilon
        return np.asarray(place - rate * gradient / root)

    return rule


def adadelta(rho: float, epsilon: float, rate: float = 1.0) -> Rule:
    """Zeiler 2012, algorithm 1, which has no rate."""

    def rule(place: Array, gradient: Array, memory: Memory, _: int) -> Array:
        squares = averaged(memory, "squares", rho, gradient**2)
        step = -np.sqrt(memory.get("steps", 0.0) + epsilon) / np.sqrt(squares + epsilon) * gradient
        averaged(memory, "steps", rho, step**2)
        return np.asarray(place + rate * step)

    return rule


def lion(rate: float, beta_1: float, beta_2: float) -> Rule:
    """Chen 2023, algorithm 2."""

    def rule(place: Array, gradient: Array, memory: Memory, _: int) -> Array:
        direction = np.sign(beta_1 * memory.get("mean", 0.0) + (1 - beta_1) * gradient)
        averaged(memory, "mean", beta_2, gradient)
        return place - rate * direction

    return rule


def lamb(rate: float, beta_1: float, beta_2: float, epsilon: float, decay: float = 0.0) -> Rule:
    """You 2020, algorithm 2, with φ(z) = z; its decay is part of the step whose length is chosen."""

    def rule(place: Array, gradient: Array, memory: Memory, step: int) -> Array:
        mean = averaged(memory, "mean", beta_1, gradient) / (1 - beta_1**step)
        square = averaged(memory, "square", beta_2, gradient**2) / (1 - beta_2**step)
        update = mean / (np.sqrt(square) + epsilon) + decay * place
        lengths = np.linalg.norm(place), np.linalg.norm(update)
        return place - rate * (lengths[0] / lengths[1] if all(lengths) else 1.0) * update

    return rule


def ftrl(
    rate: float, *, start: float = 0.0, l1: float = 0.0, l2: float = 0.0, beta: float = 0.0, shrinkage: float = 0.0, power: float = -0.5
) -> Rule:  # fmt: skip
    """McMahan 2013, algorithm 1, where the sum starts at 0 and the power is −½; shrinkage is Keras' own.

    The paper's first place is what its sums say, 0 here; Keras starts from the weights.
    """

    def rule(place: Array, gradient: Array, memory: Memory, _: int) -> Array:
        total = memory.get("sum", np.full_like(place, start))
        memory["sum"] = total + gradient**2
        sigma = (memory["sum"] ** -power - total**-power) / rate
        linear = memory["linear"] = memory.get("linear", 0.0) + gradient + 2 * shrinkage * place - sigma * place
        strength = (beta + memory["sum"] ** -power) / rate + l2
        return np.where(np.abs(linear) <= l1, 0.0, -(linear - np.sign(linear) * l1) / strength)

    return rule


def adafactor(rate: float, decay: float, epsilon_1: float, epsilon_2: float, clip: float) -> Rule:
    """Shazeer & Stern 2018: algorithm 4 for matrices, 5 for vectors, with the steps and β₂ of algorithm 6."""

    def rule(place: Array, gradient: Array, memory: Memory, step: int) -> Array:
        beta = 1 - step**decay
        square = gradient**2 + epsilon_1
        if place.ndim > 1:
            # more than two sides: each of the last two's matrices alone, as Keras has it
            rows = averaged(memory, "rows", beta, square.sum(-1))
            columns = averaged(memory, "columns", beta, square.sum(-2))
            size = rows[..., :, None] * columns[..., None, :] / rows.sum(-1)[..., None, None]
        else:
            size = averaged(memory, "square", beta, square)
        update = gradient / np.sqrt(size)
        update = update / max(1.0, np.sqrt(mean_square(update)) / clip)
        return place - max(epsilon_2, np.sqrt(mean_square(place))) * min(rate, step**-0.5) * update

    return rule


JORDAN = (3.4445, -4.7750, 2.0315)


def newton_schulz(matrix: Array, rounds: int = 5, numbers: tuple[float, float, float] = JORDAN) -> Array:
    """Jordan 2024: the odd polynomial aσ + bσ³ + cσ⁵ on each singular value of the matrix at length 1, `rounds` times."""
    left, values, right = np.linalg.svd(matrix / (np.linalg.norm(matrix) + 1e-7), full_matrices=False)
    for _ in range(rounds):
        values = sum(number * values**power for number, power in zip(numbers, (1, 3, 5), strict=True))
    return np.asarray((left * values) @ right)


def muon(
    rate: float, momentum: float, *, nesterov: bool = False, rounds: int = 5, numbers: tuple[float, float, float] = JORDAN,
    rms_rate: float | None = 0.2,
) -> Rule:  # fmt: skip
    """Liu 2025, algorithm 1, without its decay; Jordan 2024 has Nesterov's look ahead and no factor for the size."""

    def rule(place: Array, gradient: Array, memory: Memory, _: int) -> Array:
        memory["sum"] = momentum * memory.get("sum", 0.0) + gradient
        wanted = gradient + momentum * memory["sum"] if nesterov else memory["sum"]
        factor = 1.0 if rms_rate is None else rms_rate * np.sqrt(max(place.shape))
        return np.asarray(place - rate * factor * newton_schulz(wanted, rounds, numbers))

    return rule
