"""Draws a ResNet in its CIFAR form (He 2015, section 4.2): 6n + 2 layers with weights.

A 3 × 3 convolution, three stages of n blocks, the mean of each map, the output. A block is two 3 × 3
convolutions whose result is added to what came in; the first block of the second and third stage
halves the picture and doubles the filters, where the shortcut is A (zeros) or B (1 × 1 convolution).
The activation follows the sum. Dropout, when on, stands before the output only: inside the blocks it
would disturb the batch norms.
"""

from __future__ import annotations

from workbench.network.draft import Draft
from workbench.network.layers import Add, GlobalPool, PadShortcut
from workbench.spec.model import ResNet

_STAGES = 3


def draw(spec: ResNet, draft: Draft) -> None:
    """Append the layers of a ResNet."""
    draft.block = "stem"
    draft.conv("stem_conv", spec.width, 3)
    draft.activate("stem_activation")
    for stage in range(1, _STAGES + 1):
        for block in range(1, (spec.depth - 2) // 6 + 1):
            _block(spec, draft, stage, block)
    draft.block = "head"
    draft.add("head_pool", GlobalPool())
    draft.drop("head_dropout")
    draft.logits()


def title(spec: ResNet) -> str:
    return f"ResNet-{spec.depth}"


def _block(spec: ResNet, draft: Draft, stage: int, block: int) -> None:
    draft.block = f"stage{stage}.block{block}"
    name = f"stage{stage}_block{block}"
    filters = spec.width * 2 ** (stage - 1)
    grows = stage > 1 and block == 1
    came = draft.last
    draft.conv(f"{name}_conv1", filters, 3, stride=2 if grows else 1)
    draft.activate(f"{name}_activation1")
    branch = draft.conv(f"{name}_conv2", filters, 3)
    shortcut = _shortcut(spec, draft, f"{name}_shortcut", came, filters) if grows else came
    draft.add(f"{name}_add", Add(), branch, shortcut)
    draft.activate(f"{name}_activation2")


def _shortcut(spec: ResNet, draft: Draft, name: str, came: str, filters: int) -> str:
    if spec.shortcut == "A":
        return draft.add(name, PadShortcut(filters, 2), came)
    draft.last = came
    return draft.conv(name, filters, 1, stride=2)
