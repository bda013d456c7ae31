"""Draws an FCN for classes: the stages of a CNN, a score for every place and class, the mean of the scores.

Nothing in it depends on the size of the picture (Long 2015, applied to whole pictures; Springenberg 2015
and Lin 2014 for the mean in place of dense layers), so the same weights take any size that can be halved
once a stage. Dropout before the output takes whole maps: the mean forgets single places anyway.
"""

from __future__ import annotations

from workbench.network.cnn import draw_stages
from workbench.network.draft import Draft
from workbench.network.layers import LOGITS, Conv, GlobalPool
from workbench.spec.model import Fcn


def draw(spec: Fcn, draft: Draft) -> None:
    """Append the layers of an FCN. Raises RecipeError when the picture cannot be halved so often."""
    draw_stages(spec, draft, every=False)
    draft.block = "head"
    draft.drop("head_dropout", maps=True)
    draft.add("head_score", Conv(draft.classes, 1))
    draft.add(LOGITS, GlobalPool())


def title(spec: Fcn) -> str:
    return f"FCN, {spec.stages} {'stage' if spec.stages == 1 else 'stages'}"
