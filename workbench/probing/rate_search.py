"""The learning-rate search: the shape of its answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class RateSearch:
    """A range test: one step at each rate, from small to large, and the rate proposed."""

    rates: tuple[float, ...]
    #: of each step, as it was
    losses: tuple[float, ...]
    #: of each step; as many as `losses`
    smoothed: tuple[float, ...]
    #: None when the curve gives no ground for one
    proposed: float | None
    #: where the smoothed loss was lowest; None when there is no proposal
    lowest: float | None
    #: whether the loss ran away before the largest rate
    diverged: bool
    #: why this rate, or why none
    sentence: str

    def tree(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_tree(tree: Mapping[str, Any]) -> RateSearch:
        lists = {name: tuple(tree[name]) for name in ("rates", "losses", "smoothed")}
        return RateSearch(**{**tree, **lists})
