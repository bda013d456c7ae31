"""Augmentation: what is drawn for each picture (host, NumPy) and how it is applied (device, keras.ops)."""

from workbench.engine.augment.augmenter import Augmenter

__all__ = ["Augmenter"]
