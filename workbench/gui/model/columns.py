"""How wide the columns of the Model tab are, and which of them a narrow page leaves out. It knows no widget."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from PySide6.QtGui import QFontMetrics

from workbench.gui import words
from workbench.gui.model import telling
from workbench.gui.model.painter import BAR
from workbench.gui.model.rows import SIDES, TITLES, Column, Told
from workbench.gui.theme import Theme


class Parts(StrEnum):
    """What is shown of a network."""

    XRAY = "xray"
    TABLE = "table"
    GRAPH = "graph"


#: The columns of the table beside the name, and in which order they leave where the page is narrow.
_SHOWN: Mapping[Parts, tuple[Column, ...]] = {
    Parts.XRAY: (Column.OUTPUT, Column.PARAMETERS, Column.DEAD),
    Parts.TABLE: (Column.OUTPUT, Column.PARAMETERS, Column.MULTIPLY_ADDS, Column.MEMORY, Column.FIELD),
    Parts.GRAPH: (),
}
LEAVING: Mapping[Parts, tuple[Column, ...]] = {
    Parts.XRAY: (Column.PARAMETERS, Column.OUTPUT),
    Parts.TABLE: (Column.MEMORY, Column.FIELD),
    Parts.GRAPH: (),
}
PAD = 8
_NAME_LEAST, _NAME_MOST = 168, 250
_PLOT_LEAST, _PLOT_MOST = 160, 340


def natural(told: Told, theme: Theme) -> dict[Column, int]:
    """By the longest words that can stand in a column, so that none moves when blocks are opened."""
    metrics, head = QFontMetrics(theme.font("secondary")), QFontMetrics(theme.font("caption"))
    longest = {
        Column.OUTPUT: max((telling.shape(each) for each in {layer.shape for layer in told.plan.layers}), key=len),
        Column.PARAMETERS: words.count(told.costs.parameters),
        Column.MULTIPLY_ADDS: f"888{words.NO_BREAK}M",
        Column.MEMORY: f"888{words.NO_BREAK}MB",
        Column.FIELD: max((telling.field(each) for each in set(told.fields.values())), key=len),
    }
    pad = 2 * theme.px(PAD) + 4
    widths = {
        column: max(metrics.horizontalAdvance(text), head.horizontalAdvance(TITLES[column])) + pad
        for column, text in longest.items()
    }
    # Beside the share its bar.
    return {**widths, Column.DEAD: metrics.horizontalAdvance(f"100{words.NO_BREAK}%") + theme.px(BAR) + 6 + pad}


def fitted(widths: Mapping[Column, int], room: int, parts: Parts, theme: Theme) -> dict[Column, int]:
    """The columns that are shown right of the graph, with their widths in pixels, for `room` pixels.

    Numbers are as wide as they get; name and plots take what is left.
    """
    px = theme.px
    shown = list(_SHOWN[parts])
    plots = list(SIDES) if parts is Parts.XRAY else []
    least = px(_NAME_LEAST) + len(plots) * px(_PLOT_LEAST)
    for column in LEAVING[parts]:
        if room - sum(widths[each] for each in shown) < least:
            shown.remove(column)
    free = room - sum(widths[each] for each in shown)
    found = {column: widths[column] for column in shown}
    for plot in plots:
        found[plot] = max(px(_PLOT_LEAST), min(px(_PLOT_MOST), (free - px(_NAME_LEAST)) // len(plots)))
        room -= found[plot]
    free = room - sum(widths[each] for each in shown)
    return {Column.LAYER: max(px(_NAME_LEAST), min(px(_NAME_MOST), free)), **found}
