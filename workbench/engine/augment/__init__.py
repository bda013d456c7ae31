"""Augmentation: what is drawn for each picture (host, NumPy) and how it is applied (device, one gather)."""

from workbench.engine.augment.drawing import COLUMNS, draws
from workbench.engine.augment.moving import apply

__all__ = ["COLUMNS", "apply", "draws"]
