"""Loss scaling for float16: gradients too small for the format are lifted into it and lowered again in float32.

The rule of Micikevicius 2018, as Keras' LossScaleOptimizer has it: a step whose gradient overflows is skipped and
halves the scale; after so many good steps in a row the scale is doubled. Pure keras.ops.
"""

from __future__ import annotations

from typing import Any

from keras import ops

START = 2.0**15
#: Good steps in a row after which the scale is doubled.
CALM = 2000
#: Steps in a row that may overflow before the run ends: 15 lead from START to 1, the least; the rest are for a scale that has grown.
MOST_BAD = 24


def after(good: Any, scale: Any, calm: Any) -> tuple[Any, Any]:
    """Scale and number of calm steps after a step that was `good` or not; scalars: bool, float32, int32."""
    calm = ops.where(good, calm + 1, ops.zeros_like(calm))
    doubled = calm >= CALM
    grown = ops.where(doubled, 2.0 * scale, scale)
    return ops.where(good, grown, ops.maximum(0.5 * scale, 1.0)), ops.where(doubled, ops.zeros_like(calm), calm)
