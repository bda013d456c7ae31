"""What a network costs: the numbers to learn, the multiply-adds of a picture, the memory of a batch, the size on disk.

Plain arithmetic on a plan; measured is nothing here. People often say FLOPs and mean either one or two a multiply-add; here
a multiply-add is one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from workbench.network.plan import Plan
from workbench.spec.training import Training

FLOAT, HALF = 4, 2


@dataclass(frozen=True)
class Costs:
    """Totals of a network, and what each layer's result takes. Memory and sizes are in bytes."""

    parameters: int
    trainable: int
    #: forward, for one picture
    multiply_adds: int
    #: all parameters on disk: they are float32, whatever the results are
    weights: int
    #: what a batch leaves behind for the backward pass: its pictures and all results
    activations: int
    #: of a batch, by the layer's name; 0 where the result is only another view of what it reads
    results: Mapping[str, int]


def costs(plan: Plan, training: Training, samples: int | None = None) -> Costs:
    """What a network costs at the batch size and precision of a recipe; `samples` are its training pictures, where known."""
    batch = training.batch_of(samples)
    narrow = FLOAT if training.precision == "float32" else HALF
    # As it is built: softmax and loss stand on float32, and so does the last layer that learns, with what follows it.
    whole = max(place for place, layer in enumerate(plan.layers) if layer.trainable_parameters)
    results = {
        layer.name: layer.activation_numbers * batch * (narrow if place < whole else FLOAT)
        for place, layer in enumerate(plan.layers)
    }
    parameters = plan.parameters
    return Costs(
        parameters=parameters,
        trainable=plan.trainable_parameters,
        multiply_adds=plan.multiply_adds,
        weights=parameters * FLOAT,
        activations=math.prod(plan.shape) * batch * FLOAT + sum(results.values()),
        results=results,
    )
