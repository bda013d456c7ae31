"""Draws an MLP: the picture as one long vector, then dense layers.

Hidden layer: dense – normalization – activation – dropout. Each hidden layer is a stage, and the last one
also stands before the output. Without hidden layers dropout, when on, switches off pixels, as they are then
the units before the output.
"""

from __future__ import annotations

from workbench.network.draft import Draft
from workbench.network.layers import Flatten
from workbench.spec.model import Mlp


def draw(spec: Mlp, draft: Draft) -> None:
    """Append the layers of an MLP."""
    draft.block = "input"
    draft.add("flatten", Flatten())
    for number in range(1, spec.depth + 1):
        draft.block = f"hidden{number}"
        draft.dense(f"hidden{number}_dense", spec.width)
        draft.activate(f"hidden{number}_activation")
        last = number == spec.depth
        draft.drop(f"hidden{number}_dropout", "output" if last and draft.drops("output") else "stages")
    draft.block = "head"
    if not spec.depth:
        draft.drop("head_dropout", "output" if draft.drops("output") else "stages")
    draft.logits()


def title(spec: Mlp) -> str:
    return f"MLP, {spec.depth} × {spec.width}" if spec.depth else "Logistic regression"
