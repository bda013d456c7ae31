"""Where the chance of training comes from: as code, written before the first part that draws."""

from __future__ import annotations

from workbench.export.script.draft import Draft

_CODE = '''
def digest(*words):
    return hashlib.sha256(repr((SEED, *words)).encode()).digest()


def seed_for(purpose, *parts):
    """A seed for one layer and one purpose, a function of SEED and these words."""
    return int.from_bytes(digest(purpose, *parts)[:4], "little") & 0x7FFF_FFFF


def bits(purpose, *parts):
    return np.random.Philox(key=int.from_bytes(digest(purpose, *parts)[:16], "little"))


def random(purpose, *parts):
    """Random numbers for one purpose: the same in every run, whatever else was drawn."""
    return np.random.Generator(bits(purpose, *parts))
'''
_TEXT = (
    "Every draw of training has a seed of its own, made of SEED and of what it is for. So nothing depends on what was drawn or built "
    "before, and a change in one place disturbs no other."
)


def write(draft: Draft) -> None:
    """Append the functions, once."""
    draft.needs("import hashlib")
    draft.once("randomness", _TEXT, _CODE)
