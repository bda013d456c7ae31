"""Random numbers as a function of (seed, purpose, parts): the same everywhere, whatever was drawn before.

Knows nothing of pictures.
"""

from __future__ import annotations

import hashlib

import numpy as np


def generator(seed: int, purpose: str, *parts: str | int) -> np.random.Generator:
    """A generator of its own for one purpose, such as the split of one class."""
    # Lengths stand before the texts so that ("a", "bc") and ("ab", "c") are two purposes.
    words = [f"{len(text)}:{text}" for text in (str(seed), purpose, *map(str, parts))]
    digest = hashlib.sha256("".join(words).encode("utf-8", "surrogatepass")).digest()
    return np.random.Generator(np.random.Philox(key=int.from_bytes(digest[:16], "little")))
