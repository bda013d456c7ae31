"""The overfit check: the shape of its answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Overfit:
    """A network trained on a few untouched pictures until it knows them by heart, or clearly will not."""

    pictures: int
    #: accuracy that counts as learned by heart
    wanted: float
    #: of each epoch, on the pictures themselves, without dropout
    accuracies: tuple[float, ...]
    losses: tuple[float, ...]
    reached: bool
    #: what was seen, and when it was not reached what stands in the way and what to try
    sentence: str
    #: tricks that were on in the recipe and off here
    left_off: tuple[str, ...] = ()

    def tree(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_tree(tree: Mapping[str, Any]) -> Overfit:
        lists = {name: tuple(tree[name]) for name in ("accuracies", "losses", "left_off")}
        return Overfit(**{**tree, **lists})
