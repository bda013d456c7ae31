"""Draws an FCN for masks (Long 2015): a VGG-like encoder, scores, and deconvolutions back to the picture's size.

Five stages of depth × (convolution – normalization – activation) and a maximum pooling; two convolutions as a head; a
score a class there. FCN-32s brings this score to full size at once. FCN-16s doubles it, adds the score of the fourth
stage, and goes on from there; FCN-8s does so once more with the third. All deconvolutions start as bilinear interpolation
and learn, scores of skips start at zero. The paper's first head convolution is 7 × 7 on pictures of 500
pixels; here it is 3 × 3. Dropout, when on, takes whole maps, usually after each convolution of the head.
"""

from __future__ import annotations

from workbench.network.draft import Draft
from workbench.network.layers import LOGITS, PICTURE, Add, Pool
from workbench.network.maps import BilinearUp, CropLike, PadToMultiple, Score
from workbench.spec.model import FcnMasks

_STAGES = 5
#: Filters grow up to this many times the first stage's, as in VGG.
_WIDEST = 8
#: The stages whose scores are added, the deeper first.
_SKIPS = {"32s": (), "16s": (4,), "8s": (4, 3)}


def draw(spec: FcnMasks, draft: Draft) -> None:
    """Append the layers of an FCN for masks."""
    draft.block = "input"
    draft.add("pad", PadToMultiple(2**_STAGES))
    pooled = [_stage(spec, draft, stage) for stage in range(1, _STAGES + 1)]
    _head(spec, draft)
    factor = 2**_STAGES
    for stage in _SKIPS[spec.skips]:
        draft.block = f"skip{stage}"
        coarse = draft.add(f"skip{stage}_up", BilinearUp(2))
        fine = draft.add(f"skip{stage}_score", Score(draft.classes, zero=True), pooled[stage - 1])
        draft.add(f"skip{stage}_add", Add(), coarse, fine)
        factor //= 2
    draft.block = "output"
    full = draft.add("up", BilinearUp(factor))
    draft.add(LOGITS, CropLike(), full, PICTURE)


def title(spec: FcnMasks) -> str:
    return f"FCN-{spec.skips}"


def _stage(spec: FcnMasks, draft: Draft, stage: int) -> str:
    draft.block = f"stage{stage}"
    for number in range(1, spec.depth + 1):
        draft.conv(f"stage{stage}_conv{number}", spec.width * min(2 ** (stage - 1), _WIDEST), 3)
        draft.activate(f"stage{stage}_activation{number}")
    draft.add(f"stage{stage}_pool", Pool("max"))
    draft.drop(f"stage{stage}_dropout", "stages", maps=True)
    return draft.last


def _head(spec: FcnMasks, draft: Draft) -> None:
    draft.block = "head"
    for number, kernel in ((1, 3), (2, 1)) if spec.head else ():
        draft.conv(f"head_conv{number}", spec.head, kernel)
        draft.activate(f"head_activation{number}")
        draft.drop(f"head_dropout{number}", maps=True)
    if not spec.head:
        draft.drop("head_dropout", maps=True)
    draft.add("head_score", Score(draft.classes))
