"""What a figure or a table is to show, and how large a figure is to be. Plain: no matplotlib, no pixels.

The window makes a Wish of what is on screen, the command line one of its options; everything that is drawn or written
reads it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Literal, get_args

from workbench.curves.axes import Axis, Doubles
from workbench.curves.run_curves import RunCurves
from workbench.errors import ExportError
from workbench.journal.rows import Fork

Range = tuple[float, float]
LaneName = Literal["loss", "metric", "learning_rate", "gradient_norm", "images_per_second", "penalty_share", "gap"]
Family = Literal["sans", "serif"]

LANES: tuple[LaneName, ...] = get_args(LaneName)
CM_PER_INCH = 2.54
POINTS_PER_CM = 72 / CM_PER_INCH
#: Pixels a PNG may have; more is no figure any more, and 400 MB of memory.
MOST_PIXELS = 100_000_000


@dataclass(frozen=True)
class Limit:
    """What a number of a Wish may be."""

    words: str
    unit: str
    lowest: float
    highest: float


#: Of each number that says how a figure is to be.
LIMITS: dict[str, Limit] = {
    "width_cm": Limit("The width", "cm", 4, 100),
    "height_cm": Limit("The height", "cm", 3, 100),
    "dpi": Limit("The resolution", "dpi", 50, 1200),
    "points": Limit("The size of the text", "pt", 4, 36),
}


@dataclass(frozen=True)
class Preset:
    """A size that is often asked for, with text that can be read at it."""

    title: str
    width_cm: float
    height_cm: float
    points: float = 8.0


PRESETS: tuple[Preset, ...] = (
    Preset("One column (8.5 cm)", 8.5, 8.0),
    Preset("Two columns (17.5 cm)", 17.5, 11.0),
    Preset("Slide (25.4 × 14.3 cm)", 25.4, 14.3, 14.0),
)


@dataclass(frozen=True)
class Other:
    """A run that is shown beside the one in focus, or compared with others, with its look."""

    name: str
    #: what the legend says: its name, or the settings in which it differs
    label: str
    #: its place among the run colours, from 0
    slot: int
    curves: RunCurves
    baseline: bool = False
    #: "#RRGGBB", fit for a light ground
    colour: str = "#586174"
    #: lengths of strokes and gaps in points; empty is solid
    dash: tuple[float, ...] = ()
    #: "circle", "square", "triangle", "diamond", "cross" or "star"
    marker: str = "circle"
    hollow: bool = False


@dataclass(frozen=True, eq=False)  # arrays cannot be compared as a whole
class SeedBand:
    """Mean and range, epoch by epoch, over runs that differ in their seed only; of the measure that is compared."""

    #: of one of them, whose epochs say where along x each value stands
    curves: RunCurves
    epochs: Doubles
    mean: Doubles
    low: Doubles
    high: Doubles


#: How large the words below the lanes are, of the text.
WORDS_BELOW = 0.9


@dataclass(frozen=True)
class Wish:
    """What is to be drawn, and how. How lines are smoothed is the curves' own."""

    axis: Axis = Axis.EPOCH
    log: bool = False
    #: of the axis; None is everything
    x: Range | None = None
    #: of the loss, in losses also where `log`; None is what suits
    y: Range | None = None
    lanes: tuple[LaneName, ...] = ("loss", "metric", "learning_rate")
    #: the metric lane shows it and its val_ companion
    metric: str = "accuracy"
    others: tuple[Other, ...] = ()
    #: where runs are compared none is in focus: the first of them, which is then one like the others; None: one is in focus
    first: Other | None = None
    #: of compared runs the smoothed training loss instead of the validation loss
    training: bool = False
    #: over the seeds of a recipe, where runs are compared
    band: SeedBand | None = None
    #: what happened to the run in focus, as numbers above the lanes
    flags: bool = False
    #: the runs that grew from it, for their flags
    forks: tuple[Fork, ...] = ()
    width_cm: float = 16.0
    height_cm: float = 11.0
    #: of a PNG; drawings in points are as fine
    dpi: float = 300.0
    family: Family = "sans"
    #: size of the text
    points: float = 8.0
    #: the run's name above; a paper has a caption instead
    title: bool = False
    #: the curves in sentences below
    summary: bool = False

    @property
    def beside(self) -> tuple[Other, ...]:
        """The runs that are each drawn as one line in its look."""
        return self.others if self.first is None else (self.first, *self.others)

    def check(self) -> None:
        """Raise ExportError with a sentence when it cannot be drawn."""
        for name in (each.name for each in fields(self) if each.name in LIMITS):
            _check(LIMITS[name], getattr(self, name))
        for name, span in (("x", self.x), ("y", self.y)):
            if span is not None and not (math.isfinite(span[0]) and math.isfinite(span[1]) and span[0] < span[1]):
                raise ExportError(f"The range of {name} must rise and be finite, got {span[0]:g} to {span[1]:g}.")
        if self.log and self.y is not None and self.y[0] <= 0:
            raise ExportError(f"A logarithmic scale cannot begin at {self.y[0]:g}. Choose a range above 0.")
        unknown = [lane for lane in self.lanes if lane not in LANES]
        if unknown or not self.lanes:
            raise ExportError(f"A figure has lanes of {', '.join(LANES)}; got {', '.join(unknown) or 'none'}.")
        self._check_room()

    def _check_room(self) -> None:
        least = self.least_height_cm
        if self.height_cm < least:
            lanes = "1 lane needs" if len(self.lanes) == 1 else f"{len(self.lanes)} lanes need"
            raise ExportError(
                f"{lanes} at least {math.ceil(10 * least) / 10:g} cm of height with text of {self.points:g} pt, got "
                f"{self.height_cm:g} cm. Make the figure taller, the text smaller, or show fewer lanes."
            )
        if self.width_cm < self.points * 0.45:
            raise ExportError(
                f"Text of {self.points:g} pt needs a width of at least {self.points * 0.45:.1f} cm, got {self.width_cm:g} cm. "
                "Make the figure wider or the text smaller."
            )

    def check_pixels(self) -> None:
        """Raise ExportError when a PNG of this size would be too large to keep."""
        width, height = self.pixels
        if width * height > MOST_PIXELS:
            raise ExportError(
                f"{self.width_cm:g} × {self.height_cm:g} cm at {self.dpi:g} dpi are {width:,} × {height:,} pixels; at most "
                f"{MOST_PIXELS // 1_000_000} million can be written. Choose a lower resolution, SVG or PDF."
            )

    @property
    def pixels(self) -> tuple[int, int]:
        """Width and height of a PNG."""
        wide, high = (max(1, round(cm / CM_PER_INCH * self.dpi)) for cm in (self.width_cm, self.height_cm))
        return wide, high

    @property
    def line_cm(self) -> float:
        """How high a line of text is, with the space to the next."""
        return 1.25 * self.points / POINTS_PER_CM

    @property
    def letters(self) -> int:
        """How many letters a line of the words below the lanes has."""
        return max(20, math.floor(self.width_cm * POINTS_PER_CM / (WORDS_BELOW * self.points * 0.58)))

    @property
    def small_lane_cm(self) -> float:
        """How high a small lane is at least: its name stands beside it, in lines of at most nine letters."""
        return 4.6 * self.points / POINTS_PER_CM

    @property
    def around_cm(self) -> float:
        """What gaps between the lanes and the words of the x axis take of the height."""
        return (0.5 * len(self.lanes) + 2.2) * self.line_cm

    @property
    def lanes_cm(self) -> float:
        """How high the lanes are at least, with what is around them."""
        return sum(1.2 if lane == "loss" else 1.0 for lane in self.lanes) * self.small_lane_cm + self.around_cm

    @property
    def least_height_cm(self) -> float:
        """Below this the lanes would be too low to read, even under the shortest legend."""
        return self.lanes_cm + (1 + (2 if self.title else 0) + (2 if self.summary else 0)) * self.line_cm


def _check(limit: Limit, value: float) -> None:
    if not limit.lowest <= value <= limit.highest:  # also a NaN is outside
        got = "no number" if math.isnan(value) else f"{value:g} {limit.unit}"
        raise ExportError(f"{limit.words} must be from {limit.lowest:g} to {limit.highest:g} {limit.unit}, got {got}.")
