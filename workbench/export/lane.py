"""One lane of a figure: its axes, the stretch it shows, and how points of epochs are drawn. It knows no metric."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from workbench.export import looks
from workbench.export.legend import Legend
from workbench.export.series import Doubles, Stretch, thinned
from workbench.export.wish import POINTS_PER_CM, Wish


@dataclass
class Lane:
    """Where something is drawn, and what of."""

    axes: Any
    wish: Wish
    stretch: Stretch
    legend: Legend
    #: heights of other runs, for the range
    beside: list[Doubles] = field(default_factory=list)

    def points(self, x: Doubles, y: Doubles, words: str, **look: Any) -> None:
        """Values of epochs as a line with markers, as many as have room; nothing when there are none."""
        if len(x):
            every = thinned(len(x), self.wish.width_cm * POINTS_PER_CM / looks.MARKER_ROOM)
            (line,) = self.axes.plot(x, y, markevery=every, zorder=5, **look)
            self.legend.add(words, line)


def hollow(colour: str, marker: str) -> dict[str, Any]:
    """A line with hollow markers."""
    return {
        "color": colour, "marker": marker, "markersize": looks.MARKER, "markerfacecolor": "white", "markeredgewidth": 0.9,
    }  # fmt: skip
