"""The legend above the lanes: real samples of the lines, in as many columns as fit; names too long are cut.

It knows no runs, only lines and words.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from workbench.errors import ExportError
from workbench.export.looks import drawable
from workbench.export.wish import CM_PER_INCH, POINTS_PER_CM, Wish

#: How many letters of a name are shown, and to how many it is cut where room is short.
_MOST, _FEWER = 60, (40, 30, 22, 16)
_COLUMNS = 6
#: A legend of this share of the height is taken at once; one that is higher only when no cut makes it lower.
_EASY = 0.22


class Legend:
    """Collects the lines of all lanes; a name that comes again is the same series in another lane."""

    def __init__(self) -> None:
        self._lines: dict[str, tuple[Any, str]] = {}
        self._last: dict[str, tuple[Any, str]] = {}

    def add(self, words: str, line: Any, short: str = "", *, last: bool = False) -> None:
        """A line; `short`: its words where room is short; `last`: after those that are not."""
        (self._last if last else self._lines).setdefault(words, (line, short))

    def draw(self, figure: Any, wish: Wish, title: str, most_cm: float) -> float:
        """Put it above the lanes; its height in cm. Raises ExportError when it needs more than `most_cm`."""
        entries = [*self._lines.items(), *self._last.items()]
        if not entries and not title:
            return 0.0
        lines = [line for _, (line, _) in entries]
        fits: tuple[list[str], int] | None = None
        for way in self._ways(entries, wish):
            made, wide, height = _placed(figure, lines, *way, wish, title)
            if wide and height <= min(most_cm, _EASY * wish.height_cm):
                return height
            made.remove()
            fits = fits or (way if wide and height <= most_cm else None)
        if fits is None:
            raise ExportError(
                f"The legend of {len(lines)} lines leaves no room for curves in {wish.width_cm:g} × {wish.height_cm:g} cm. "
                f"Make the figure larger, the text smaller, or show fewer runs{' or no event flags' if wish.flags else ''}."
            )
        return _placed(figure, lines, *fits, wish, title)[2]

    @staticmethod
    def _ways(entries: list[tuple[str, tuple[Any, str]]], wish: Wish) -> Iterator[tuple[list[str], int]]:
        """Names and columns, the best first: few cuts, then few rows."""
        whole = [(drawable(words, wish.family), drawable(short, wish.family)) for words, (_, short) in entries]
        longest = min(_MOST, max((len(words) for words, _ in whole), default=0))
        for letters in (longest, *(fewer for fewer in _FEWER if fewer < longest)):
            names = [words if len(words) <= letters else shortened(short or words, letters) for words, short in whole]
            # About how many could fit, to try no more than that.
            points = 0.9 * wish.points * (0.45 * sum(map(len, names)) / max(1, len(names)) + 4)
            fit = int(wish.width_cm * POINTS_PER_CM / points)
            for columns in range(max(1, min(_COLUMNS, len(names), fit)), 0, -1):
                yield names, columns


def _placed(  # noqa: PLR0917 - what, how, and where
    figure: Any, lines: list[Any], names: list[str], columns: int, wish: Wish, title: str
) -> tuple[Any, bool, float]:
    """A legend, whether it is narrow enough, and its height in cm."""
    made = _made(figure, lines, names, columns, wish)
    if title:
        _entitle(made, title, wish)
    box = made.get_window_extent(figure.canvas.get_renderer())
    return made, bool(box.width <= 0.99 * figure.bbox.width), float(box.height / figure.dpi * CM_PER_INCH)


def _made(figure: Any, lines: list[Any], names: list[str], columns: int, wish: Wish) -> Any:
    # matplotlib leaves out names that begin with _ and reads $ as mathematics: the words are set afterwards.
    made = figure.legend(
        lines,
        ["x"] * len(names),
        loc="outside upper left",
        ncols=columns,
        frameon=False,
        alignment="left",
        fontsize=0.9 * wish.points,
        borderpad=0.1,
        borderaxespad=0.2,
        handlelength=2.6,
        handletextpad=0.6,
        columnspacing=1.4,
        labelspacing=0.25,
    )
    for text, name in zip(made.get_texts(), names, strict=True):
        text.set_parse_math(False)
        text.set_text(name)
    return made


def _entitle(made: Any, title: str, wish: Wish) -> None:
    """The title on top, cut like names."""
    made.set_title("x", prop={"size": (1.4 if wish.title else 0.95) * wish.points, "weight": "bold"})
    made.get_title().set_parse_math(False)
    room = wish.width_cm / (wish.points * (0.032 if wish.title else 0.023))
    made.get_title().set_text(shortened(title, min(_MOST, max(12, int(room)))))


def shortened(text: str, letters: int) -> str:
    """Cut in the middle, where names that differ at their begin or their end stay apart."""
    if len(text) <= letters:
        return text
    head = letters // 2
    return f"{text[:head].rstrip()}…{text[len(text) - (letters - head - 1) :].lstrip()}"
