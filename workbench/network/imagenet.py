"""The stem that networks for ImageNet share: a 7 × 7 convolution and a 3 × 3 pooling, each by 2.

The edges of zeros are layers of their own, 3 and 1 on every side: Keras' "same" would put 2 before and 3
after, and weights from keras.applications would then look one pixel aside.
"""

from __future__ import annotations

from workbench.network.draft import Draft
from workbench.network.layers import Edge, Pool

#: As keras.applications asks; below it the last stage would see a part of a pixel.
_LEAST = 32


def draw_stem(draft: Draft, filters: int, *, bias: bool) -> None:
    """Append the stem. Raises RecipeError for pictures under 32 pixels."""
    draft.need(_LEAST, "the ImageNet form halves the picture five times")
    draft.block = "stem"
    draft.add("stem_edge", Edge(3))
    draft.conv("stem_conv", filters, 7, 2, same=False, bias=bias)
    draft.activate("stem_activation")
    draft.add("stem_pool_edge", Edge(1))
    draft.add("stem_pool", Pool("max", 3, 2))
