"""Draws a CNN: stages of convolutions that each halve the picture, then a dense head.

Stage: depth × (convolution – normalization – activation), then pooling. With pooling "stride" the last
convolution of a stage steps by 2 instead. Dropout, when on, usually stands in two places: whole maps
after each stage (neighbouring pixels of a map say the same, so single ones would not be missed), single
units before the output. Never twice in a row: without a hidden dense layer the last stage leaves it to
the output. The FCN has the same stages.
"""

from __future__ import annotations

from workbench.errors import Problem, RecipeError
from workbench.network.draft import Draft
from workbench.network.layers import Flatten, Pool
from workbench.spec.model import Cnn
from workbench.spec.vocabulary import StagesSpec


def draw(spec: Cnn, draft: Draft) -> None:
    """Append the layers of a CNN. Raises RecipeError when the picture cannot be halved so often."""
    hidden = spec.dense_layers if spec.dense else 0
    draw_stages(spec, draft, every=bool(hidden))
    draft.block = "head"
    draft.add("head_flatten", Flatten())
    for number in range(1, hidden + 1):
        last = "" if number == hidden else f"{number}"
        draft.dense(f"head_dense{last}", spec.dense)
        draft.activate(f"head_activation{last}")
        draft.drop(f"head_dropout{last}")
    if not hidden:
        draft.drop("head_dropout")
    draft.logits()


def title(spec: Cnn) -> str:
    return f"CNN, {spec.stages} {'stage' if spec.stages == 1 else 'stages'}"


def draw_stages(spec: StagesSpec, draft: Draft, *, every: bool) -> None:
    """Append the stages; after the last one maps are dropped only if `every`, or if nothing drops units later."""
    _check_stages(spec, draft)
    for stage in range(1, spec.stages + 1):
        _stage(spec, draft, stage)
        if every or stage < spec.stages or not draft.drops("output"):
            draft.drop(f"stage{stage}_dropout", "stages", maps=True)


def _stage(spec: StagesSpec, draft: Draft, stage: int) -> None:
    draft.block = f"stage{stage}"
    filters = round(spec.width * spec.widening ** (stage - 1))
    for number in range(1, spec.depth + 1):
        stride = 2 if spec.pooling == "stride" and number == spec.depth else 1
        draft.conv(f"stage{stage}_conv{number}", filters, spec.kernel, stride)
        draft.activate(f"stage{stage}_activation{number}")
    if spec.pooling != "stride":
        draft.add(f"stage{stage}_pool", Pool(spec.pooling))


def _check_stages(spec: StagesSpec, draft: Draft) -> None:
    height, width, _ = draft.shape
    most = min(height, width).bit_length() - 1
    if spec.stages > most:
        advice = f"take at most {most}, or larger pictures" if most else "take larger pictures, or an MLP"
        raise RecipeError(
            [
                Problem(
                    "model.stages",
                    f"each stage halves the picture, and {height} × {width} pixels cannot be halved "
                    f"{spec.stages} {'time' if spec.stages == 1 else 'times'}; {advice}.",
                )
            ]
        )
