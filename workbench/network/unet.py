"""Draws a U-Net (Ronneberger 2015): down, up again, and at every size a skip from the one way to the other.

At each size: convolutions × (convolution – normalization – activation). Down by maximum pooling with twice the filters,
up by a deconvolution (or repetition and a convolution) with half of them; the skip's maps are laid beside the result.
Convolutions keep the size (the paper's shrink it), so the answer is as large as the picture. Dropout, when on,
takes whole maps, usually at the bottom, where the paper has it.
"""

from __future__ import annotations

from workbench.network.draft import Draft
from workbench.network.layers import LOGITS, PICTURE, Conv, Pool
from workbench.network.maps import Concat, CropLike, Deconv, PadToMultiple, Repeat, Score
from workbench.spec.model import UNet


def draw(spec: UNet, draft: Draft) -> None:
    """Append the layers of a U-Net."""
    draft.block = "input"
    draft.add("pad", PadToMultiple(2**spec.depth))
    skips: list[str] = []
    for level in range(1, spec.depth + 1):
        draft.block = f"down{level}"
        skips.append(_convolutions(spec, draft, level))
        draft.add(f"down{level}_pool", Pool("max"))
        draft.drop(f"down{level}_dropout", "stages", maps=True)
    draft.block = "bottom"
    _convolutions(spec, draft, spec.depth + 1)
    draft.drop("bottom_dropout", "inside", maps=True)
    for level in range(spec.depth, 0, -1):
        draft.block = f"up{level}"
        larger = _enlarge(spec, draft, level)
        draft.add(f"up{level}_concat", Concat(), skips[level - 1], larger)
        _convolutions(spec, draft, level)
    draft.block = "output"
    draft.drop("output_dropout", maps=True)
    scores = draft.add("score", Score(draft.classes))
    draft.add(LOGITS, CropLike(), scores, PICTURE)


def title(spec: UNet) -> str:
    return f"U-Net, depth {spec.depth}"


def _convolutions(spec: UNet, draft: Draft, level: int) -> str:
    for number in range(1, spec.convolutions + 1):
        draft.conv(f"{draft.block}_conv{number}", spec.width * 2 ** (level - 1), 3)
        draft.activate(f"{draft.block}_activation{number}")
    return draft.last


def _enlarge(spec: UNet, draft: Draft, level: int) -> str:
    filters = spec.width * 2 ** (level - 1)
    if spec.upsampling == "deconvolution":
        return draft.add(f"up{level}_deconv", Deconv(filters))
    draft.add(f"up{level}_repeat", Repeat())
    return draft.add(f"up{level}_conv", Conv(filters, 3))
