"""Augmentation: what is drawn for each picture (host, NumPy) and how it is applied (device, keras.ops).

`Augmenter` is everything a recipe asks for; its parts:
augmenter   puts the parts together (read this first)
moves       crop, flip, rotation, zoom and shift, as one gather
colours     contrast, brightness and noise
erasing     random erasing
mixing      mixup and CutMix
chance      the numbers behind all draws
rectangle   a patch put into a picture
"""

from workbench.engine.augment.augmenter import Augmenter

__all__ = ["Augmenter"]
