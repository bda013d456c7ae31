"""The colours of both themes by name, the run colours, dashes and markers; plain data, no Qt.

Ratios of contrast are checked by the tests. `accent` marks what is interactive or selected, never data.
"""

from __future__ import annotations

DARK: dict[str, str] = {
    "window": "#15171C", "panel": "#1B1E24", "card": "#22262E", "field": "#2A2F39", "hover": "#2F3541",
    "plot": "#181B20", "line": "#323844", "line2": "#3E4553", "ctl": "#727C8F", "text": "#E9EBF0",
    "text2": "#AEB5C2", "text3": "#8D95A5", "accent": "#8B98FF", "fill": "#5664E8", "on_fill": "#FFFFFF",
    "sel": "#2C3357", "ok": "#45C48F", "ok_tint": "#1D352F", "warn": "#F0B445", "warn_tint": "#3A3222",
    "err": "#FF7A76", "err_tint": "#402629", "info": "#62B5F5", "info_tint": "#1F3345", "violet": "#C79BFF",
    "violet_tint": "#332A45", "muted_tint": "#2C313B", "grid": "#2A2F38",
}  # fmt: skip

LIGHT: dict[str, str] = {
    "window": "#F1F3F6", "panel": "#F8F9FB", "card": "#FFFFFF", "field": "#FFFFFF", "hover": "#EDEFF4",
    "plot": "#FFFFFF", "line": "#DFE3E9", "line2": "#CDD3DC", "ctl": "#858D9B", "text": "#1A1E26",
    "text2": "#4A5364", "text3": "#646D7D", "accent": "#4653D6", "fill": "#4653D6", "on_fill": "#FFFFFF",
    "sel": "#E4E7FD", "ok": "#0B7A52", "ok_tint": "#E2F4EC", "warn": "#8A5A00", "warn_tint": "#FBF0D9",
    "err": "#C02B30", "err_tint": "#FCE8E8", "info": "#0A66B0", "info_tint": "#E3F0FB", "violet": "#7A3FC0",
    "violet_tint": "#F1E8FB", "muted_tint": "#ECEEF2", "grid": "#E9ECF1",
}  # fmt: skip

#: Blue is always training, orange always validation of the run in focus; other runs take run1 … run6 in turn.
SERIES_DARK: dict[str, str] = {
    "training": "#56B4E9", "validation": "#E69F00", "validation_text": "#E69F00",
    "run1": "#2BE3A0", "run2": "#8F86FF", "run3": "#FFD470", "run4": "#E867B2", "run5": "#CDD1D9", "run6": "#F0554A",
}  # fmt: skip

SERIES_LIGHT: dict[str, str] = {
    "training": "#0072B2", "validation": "#D55E00", "validation_text": "#AD4B00",
    "run1": "#1E9965", "run2": "#5B27BC", "run3": "#6B5B00", "run4": "#A70A53", "run5": "#586174", "run6": "#CD382C",
}  # fmt: skip

#: How much of the training colour the line of single batches keeps; the rest is the plot's ground.
RAW_SHARE = {"dark": 0.22, "light": 0.20}

#: Dashes in pixels (empty is solid) and markers of the run colours, in the same order.
RUN_DASHES: tuple[tuple[float, ...], ...] = (
    (), (7, 3), (1.5, 2.2), (7, 2.5, 1.5, 2.5), (12, 3), (5, 2, 1.5, 2, 1.5, 2),
)  # fmt: skip
RUN_MARKERS: tuple[str, ...] = ("circle", "square", "triangle", "diamond", "cross", "star")
