"""Class weights: how much a sample counts in the loss, by its class, so that small classes are heard.

A function of the training part's counts alone; multiplying the loss is the objective's. The weights average 1 over
the training samples, so that the loss and with it the learning rate keep their size.
"""

from __future__ import annotations

from typing import Any, assert_never

import numpy as np
import numpy.typing as npt

from workbench.data.pictures import Floats
from workbench.spec.tricks import ClassWeights


def class_weights(counts: npt.NDArray[np.integer[Any]], spec: ClassWeights) -> Floats:
    """The weight of each class, float32 (K,), from its number of training samples (K,); all 1 when the trick is off.

    balanced: n / (K nₖ), as scikit-learn's `compute_class_weight("balanced")`; root: c / √nₖ with the c that makes the
    average 1, half of the way on a log scale. A class without training samples takes no part in the average and
    weighs 1.
    """
    weights = np.ones(len(counts), dtype=np.float64)
    present = counts > 0
    if not spec.on or not present.any():
        return weights.astype(np.float32)
    here = counts[present].astype(np.float64)
    match spec.by:
        case "balanced":
            raw = 1 / here
        case "root":
            raw = 1 / np.sqrt(here)
        case _:
            assert_never(spec.by)
    weights[present] = raw * (here.sum() / (here @ raw))
    return weights.astype(np.float32)
