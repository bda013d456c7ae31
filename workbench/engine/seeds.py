"""Every random draw of a run has a seed of its own: from the run's seed, a purpose, and what it is for.

Seeds come from SHA-256, so they are the same in every process, on every platform, and changing one
purpose disturbs no other. Knows neither Keras nor what the draws are for.
"""

from __future__ import annotations

import hashlib

import numpy as np


def seed_for(seed: int, purpose: str, *parts: str | int) -> int:
    """A 31-bit seed, a function of its arguments only. 31 bits suit every backend."""
    return int.from_bytes(_digest(seed, purpose, parts)[:4], "little") & 0x7FFF_FFFF


def bits(seed: int, purpose: str, *parts: str | int) -> np.random.Philox:
    """A stream of 256-bit blocks that can be entered anywhere (`advance`)."""
    return np.random.Philox(key=int.from_bytes(_digest(seed, purpose, parts)[:16], "little"))


def generator(seed: int, purpose: str, *parts: str | int) -> np.random.Generator:
    """A NumPy generator, a function of its arguments only."""
    return np.random.Generator(bits(seed, purpose, *parts))


def _digest(seed: int, purpose: str, parts: tuple[str | int, ...]) -> bytes:
    # repr keeps 1 and "1" apart, and ("a", "b") apart from ("ab",).
    return hashlib.sha256(repr((seed, purpose, *parts)).encode()).digest()
