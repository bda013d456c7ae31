"""What happened to a run, as small numbers above the lanes; the words are in a line below them.

Flags that would lie on each other share a number. As many words are given as have room: what a reader of the curves needs
least is left out, number and all, and how many are is said.
"""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from workbench.curves.flagged import every_flag
from workbench.curves.flags import Flag
from workbench.curves.gap import judge
from workbench.export import looks
from workbench.export.legend import shortened
from workbench.export.series import Stretch
from workbench.export.wish import POINTS_PER_CM, Wish

#: The kinds by how much a curve cannot be read without them, and their colours.
KINDS = {
    "rate": looks.RATE, "skipped": looks.CARE, "resumed": looks.GOOD, "paused": looks.CARE, "fork": looks.VIOLET,
    "overfits": looks.CARE, "warning": looks.CARE, "checkpoint": looks.QUIET,
}  # fmt: skip
#: Lines of words, at most, and letters of one flag's.
_LINES, _LETTERS = 3, 48
#: Of the text: how large a number is, how far apart two stand, and what beside the lanes takes of the width.
_SIZE, _GAP, _BESIDE = 0.75, 1.5, 7.0
_SEPARATOR = " · "
#: A space at which no line ends; no font is asked for it.
_FIRM = "\u00a0"


@dataclass(frozen=True)
class Mark:
    """Flags that share a place."""

    flags: tuple[Flag, ...]
    #: of the first along the axis
    x: float
    #: how far beside it the number stands, in points: one at the edge would leave the lane
    aside: float = 0.0

    @property
    def kind(self) -> str:
        """Of the most needed of its flags."""
        return min((flag.kind for flag in self.flags), key=_rank)

    @property
    def words(self) -> str:
        """What happened, each thing once, and when."""
        said = Counter(flag.text for flag in sorted(self.flags, key=lambda flag: _rank(flag.kind)))
        what = " + ".join(text if times == 1 else f"{text} × {times}" for text, times in said.items())
        flag = self.flags[0]
        return f"{shortened(what, _LETTERS)}, {f'epoch {flag.epoch}' if flag.step else 'before the first step'}"


@dataclass(frozen=True)
class Shown:
    """The marks that have room, and the lines that say what they are."""

    marks: tuple[Mark, ...] = ()
    lines: tuple[str, ...] = ()


def found(stretch: Stretch, wish: Wish) -> tuple[Mark, ...]:
    """The flags within the visible stretch; those that would lie on each other in one mark."""
    curves = stretch.curves
    gap = judge(curves.epochs) if len(curves.epochs) else None
    width = max(1.0, wish.width_cm * POINTS_PER_CM - _BESIDE * wish.points)
    edge = 0.5 * _GAP * wish.points
    groups: list[tuple[Mark, float]] = []
    for flag in every_flag(curves, wish.forks, gap):
        x = curves.axes.x_of_flag(stretch.axis, flag)
        if not stretch.shows(x):
            continue
        at = (x - stretch.x[0]) / (stretch.x[1] - stretch.x[0]) * width
        place = min(max(at, edge), width - edge)
        if groups and place - groups[-1][1] < 2 * edge:
            mark, first = groups[-1]
            groups[-1] = Mark((*mark.flags, flag), mark.x, mark.aside), first
        else:
            groups.append((Mark((flag,), x, place - at), place))
    return tuple(mark for mark, _ in groups)


def fitting(marks: Sequence[Mark], wish: Wish, room_cm: float) -> Shown:
    """As many of the marks as can be told in so much height, at least one line, numbered from left to right."""
    if not marks:
        return Shown()
    letters = wish.letters
    most = max(1, min(_LINES, int(room_cm / wish.line_cm)))
    needed = sorted(range(len(marks)), key=lambda place: (_rank(marks[place].kind), place))
    for count in range(len(marks), -1, -1):
        kept = tuple(marks[place] for place in sorted(needed[:count]))
        left_out = sum(len(marks[place].flags) for place in needed[count:])
        lines = _lines(kept, left_out, letters, wish)
        if len(lines) <= most:
            return Shown(kept, tuple(lines))
    return Shown()  # not reached: what says how many are left out is one line


def _lines(marks: Sequence[Mark], left_out: int, letters: int, wish: Wish) -> list[str]:
    entries = [shortened(f"{number}: {mark.words}", letters) for number, mark in enumerate(marks, 1)]
    if left_out:
        more = f"{left_out}{' more' if marks else ''}"
        entries.append(f"{more} {'flag' if left_out == 1 else 'flags'} left out")
    firm = (looks.drawable(entry, wish.family).replace(" ", _FIRM) for entry in entries)
    lines = textwrap.wrap(_SEPARATOR.join(firm), letters, break_long_words=False)
    return [line.replace(_FIRM, " ").removesuffix(_SEPARATOR.rstrip()) for line in lines]


def height_cm(wish: Wish) -> float:
    """What the numbers take above the lanes."""
    return 2 * _SIZE * wish.points / POINTS_PER_CM


def draw(lanes: Sequence[Any], marks: Sequence[Mark], wish: Wish) -> None:
    """A thin line through all lanes for each mark, and its number above them."""
    size = _SIZE * wish.points
    for number, mark in enumerate(marks, 1):
        colour = KINDS[mark.kind]
        for lane in lanes:
            lane.axvline(mark.x, color=colour, linewidth=0.6, alpha=0.55, zorder=1)
        lanes[0].annotate(
            str(number), (mark.x, 1), xycoords=("data", "axes fraction"), xytext=(mark.aside, 0.45 * size),
            textcoords="offset points", ha="center", va="bottom", fontsize=size, annotation_clip=False,
            bbox={"boxstyle": "round,pad=0.2", "facecolor": "white", "edgecolor": colour, "linewidth": 0.8},
        )  # fmt: skip


def _rank(kind: str) -> int:
    return tuple(KINDS).index(kind)
