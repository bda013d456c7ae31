"""Colours, line widths, fonts and ticks of figures. Light ground, as papers have it.

The colours are those of the window's light theme (a test compares them). Widths are in points, so a figure looks the
same at every resolution.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Sequence
from typing import Any

import matplotlib as mpl
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from workbench.curves.axes import Axis
from workbench.curves.smoothing import Smoothing
from workbench.export.wish import Family, Wish

TRAINING, RAW, VALIDATION, VIOLET = "#0072B2", "#CCE3F0", "#D55E00", "#7A3FC0"
TEXT, QUIET, GRID, BAD = "#1A1E26", "#4A5364", "#E9ECF1", "#C02B30"
#: Of flags: the rate, what asks for care, what went well.
RATE, CARE, GOOD = "#0A66B0", "#8A5A00", "#0B7A52"
RAW_WIDTH, SMOOTH_WIDTH, LINE_WIDTH, THIN_WIDTH = 0.5, 1.5, 1.2, 1.0
MARKER, BEST_MARKER = 3.6, 8.0
#: Points of a marker and the gap to the next.
MARKER_ROOM = 7.0
MARKERS = {"circle": "o", "square": "s", "triangle": "^", "diamond": "D", "cross": "x", "star": "*"}

#: Fonts that matplotlib brings along, so that a figure looks the same on every machine; the later fill what a first lacks.
FONTS: dict[Family, tuple[str, ...]] = {
    "sans": ("DejaVu Sans",),
    "serif": ("STIXGeneral", "DejaVu Serif", "DejaVu Sans"),
}
_MATHS: dict[Family, str] = {"sans": "dejavusans", "serif": "stix"}
#: Round stretches of run time in seconds.
_SPANS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400)
_HOUR = 3600


@contextlib.contextmanager
def dressed(wish: Wish) -> Iterator[None]:
    """The settings of matplotlib for a figure, whatever a person has set for their own; to be kept until it is saved.

    In a PDF the fonts are embedded as TrueType (42: publishers refuse matplotlib's usual Type 3). In an SVG text stays
    text, to be searched, edited and set in the paper's own font; where the font is missing a browser takes another, so
    a figure that must look the same everywhere is a PDF. The salt is fixed: the same curves give the same file.
    """
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(
            {
                "font.family": list(FONTS[wish.family]),
                "font.size": wish.points,
                "mathtext.fontset": _MATHS[wish.family],
                "pdf.fonttype": 42,
                "svg.fonttype": "none",
                "svg.hashsalt": "keras-workbench",
                "axes.linewidth": 0.6,
                "axes.edgecolor": QUIET,
                "axes.labelcolor": TEXT,
                "axes.spines.top": False,
                "axes.spines.right": False,
                "axes.axisbelow": True,
                "axes.grid": True,
                "axes.labelpad": 3.0,
                "axes.labelsize": 0.9 * wish.points,
                "grid.color": GRID,
                "grid.linewidth": 0.6,
                "text.color": TEXT,
                "xtick.color": QUIET,
                "ytick.color": QUIET,
                "xtick.labelcolor": TEXT,
                "ytick.labelcolor": TEXT,
                "xtick.major.width": 0.6,
                "ytick.major.width": 0.6,
                "xtick.major.size": 2.5,
                "ytick.major.size": 2.5,
                "xtick.labelsize": 0.9 * wish.points,
                "ytick.labelsize": 0.9 * wish.points,
            }
        )
        yield


def drawable(text: str, family: Family) -> str:
    """The text on one line, with a box in place of each character that the figure's fonts lack."""
    known: set[int] = set()
    for name in FONTS[family]:
        known |= get_font(findfont(FontProperties(family=[name]))).get_charmap().keys()
    return "".join(
        " " if letter.isspace() else letter if ord(letter) in known and letter.isprintable() else "□" for letter in text
    )


# --- words -----------------------------------------------------------------------------------------------

_SHARES = ("accuracy", "iou", "f1", "dice", "precision", "recall")
_NAMES = {"iou": "IoU", "f1": "F1", "auc": "AUC"}


def is_share(metric: str) -> bool:
    """Whether a metric is a part of a whole, told in per cent."""
    return metric.partition("/")[0].endswith(_SHARES)


def metric_words(metric: str) -> str:
    """A metric as an axis bears it: "accuracy, %", "mean IoU, %"."""
    name, _, of_class = metric.partition("/")
    plain = " ".join(_NAMES.get(word, word) for word in name.split("_"))
    return f"{plain}{f' of {of_class}' if of_class else ''}{', %' if is_share(metric) else ''}"


def smoothed_words(smoothing: Smoothing) -> str:
    """How the training line was made calm: a reader of the figure must know."""
    return f"Training, smoothed over {smoothing.steps:.3g} steps"


def scientific(value: float, _place: int | None = None) -> str:
    """As the window writes learning rates: 1e-3, 2.5e-4."""
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else ""
    mantissa, exponent = f"{value:.2e}".split("e")
    return f"{float(mantissa):g}e{int(exponent)}"


def number(value: float) -> str:
    """A loss with four decimals, or fewer figures where it is large or tiny."""
    return f"{value:.4f}" if 1e-3 <= abs(value) < 1e3 or value == 0 else f"{value:.3g}"  # noqa: PLR2004 - between, four decimals read best


def clock(seconds: float) -> str:
    """Run time below an hour as m:ss, else h:mm."""
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02d}"


def hours(seconds: float) -> str:
    """Run time as h:mm."""
    return clock(seconds / 60)


# --- axes ------------------------------------------------------------------------------------------------


def set_x(axes: Any, axis: Axis, span: tuple[float, float]) -> None:
    """Range, ticks and words of the axis along x."""
    axes.set_xlim(*span)
    if axis is not Axis.TIME:
        axes.set_xlabel(axis.value)
        axes.xaxis.set_major_locator(MaxNLocator(nbins="auto", integer=True, steps=[1, 2, 5, 10]))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}".replace(",", "\u2009")))
        return
    long = span[1] >= _HOUR
    axes.set_xlabel("run time, h:mm" if long else "run time, min:s")
    axes.xaxis.set_major_locator(_Times())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: hours(value) if long else clock(value)))


class _Times(MaxNLocator):
    """Ticks at round seconds, minutes or hours."""

    def tick_values(self, vmin: float, vmax: float) -> Sequence[float]:
        most = max(2, min(9, self.axis.get_tick_space())) if self.axis is not None else 6
        rough = max(vmax - vmin, 1e-9) / most
        least = 60 if vmax >= _HOUR else 1  # no finer than the words say
        fits = (span for span in _SPANS if span >= max(rough, least))
        step = next(fits, 86400 * math.ceil(rough / 86400))
        first = math.ceil(vmin / step - 1e-9)
        return [place * step for place in range(first, math.floor(vmax / step + 1e-9) + 1)]


def set_log(axes: Any, words: Any = None) -> None:
    """A logarithmic y axis with few ticks, in the words of `words` (else plain numbers)."""
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(subs=(1.0,), numticks=6))
    low, high = axes.get_ylim()
    if high < 30 * low:  # about one decade has too few ticks of its own
        axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0), numticks=8))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.yaxis.set_major_formatter(FuncFormatter(words or (lambda value, _: f"{value:g}")))
