"""The optional lanes under loss and metric: made when they are first chosen, in their order, as high as there is room."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QVBoxLayout, QWidget

from workbench.gui.curves.choices import Strip
from workbench.gui.curves.gap_lane import GapLane
from workbench.gui.curves.named_lane import NamedLane
from workbench.gui.curves.shown import Shown
from workbench.gui.curves.strips import NormLane, PenaltyLane, RateLane, SpeedLane

#: Heights at 100 %, roomy and at least.
HEIGHT, LEAST = 74, 44

_LANES: dict[Strip, Callable[[Shown], NamedLane]] = {
    Strip.GAP: GapLane, Strip.RATE: RateLane, Strip.NORM: NormLane, Strip.SPEED: SpeedLane, Strip.PENALTY: PenaltyLane,
}  # fmt: skip


class StripLanes:
    """Which strips there are, and which of them are chosen."""

    def __init__(self, shown: Shown, column: QVBoxLayout, below: QWidget) -> None:
        """They stand in `column`, over the widget `below`."""
        self._shown, self._column, self._below = shown, column, below
        self._lanes: dict[Strip, NamedLane] = {}
        #: what was chosen, whether there is room for all or not
        self.chosen: tuple[Strip, ...] = ()

    @property
    def lanes(self) -> tuple[NamedLane, ...]:
        """From top to bottom, hidden ones too."""
        return tuple(self._lanes[strip] for strip in Strip if strip in self._lanes)

    @property
    def visible(self) -> tuple[Strip, ...]:
        """Those there is room for, from top to bottom."""
        return tuple(strip for strip in Strip if strip in self._lanes and not self._lanes[strip].isHidden())

    def __getitem__(self, strip: Strip) -> NamedLane:
        return self._lanes[strip]

    def choose(self, chosen: tuple[Strip, ...]) -> list[NamedLane]:
        """Have these; the lanes that had to be made are returned."""
        self.chosen = chosen
        made: list[NamedLane] = []
        following = self._below
        for strip in reversed(Strip):
            if strip in chosen and strip not in self._lanes:
                self._lanes[strip] = _LANES[strip](self._shown)
                self._column.insertWidget(self._column.indexOf(following), self._lanes[strip])
                made.append(self._lanes[strip])
            following = self._lanes.get(strip, following)
        return made

    def _fitting(self, *, roomy: bool) -> list[Strip]:
        """In a low window the learning rate hides, which stays in the readout."""
        return [strip for strip in self.chosen if roomy or strip is not Strip.RATE]

    def least(self, *, roomy: bool) -> int:
        """The height that those want at least that are to be shown."""
        return self._shown.inks.theme.px(LEAST) * len(self._fitting(roomy=roomy))

    def fit(self, room: int, *, roomy: bool) -> None:
        """Share so many pixels of height."""
        px = self._shown.inks.theme.px
        shown = self._fitting(roomy=roomy)
        height = max(px(LEAST), min(px(HEIGHT), room // max(1, len(shown))))
        for strip, lane in self._lanes.items():
            lane.setFixedHeight(height)
            lane.setVisible(strip in shown)
