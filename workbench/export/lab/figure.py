"""The figure of the descent lab: contours with the paths on them, and beside or below them the curves by step.

Size, fonts and legend are those of the figures of runs. What is saved carries the lab's settings (spec/carried). The same drawing
gives the same file.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.ticker import MaxNLocator

from workbench.descent.surfaces import Floats
from workbench.errors import WorkspaceError
from workbench.export import files, looks
from workbench.export.figure import KINDS, METADATA, lay_out, sheet
from workbench.export.lab.contours import BANDS, contours
from workbench.export.lab.drawing import NAMES, Drawing, Ground, Look, wide
from workbench.export.legend import Legend
from workbench.export.wish import Wish
from workbench.spec import lab_presets
from workbench.spec.carried import pages, pictures
from workbench.spec.carried.block import LAB
from workbench.spec.lab import KINDS as LANDSCAPES

_PATH_WIDTH, _THEORY_WIDTH = 1.2, 1.0
#: Strokes and gaps of the lines of theory, in points, in turn: those of the window.
_THEORY = ((9.0, 4.0), (3.0, 3.0))
#: Markers along a path come no closer than this share of the plot's diagonal; a curve has about so many.
_APART, _MARKERS = 0.035, 12
#: A path is broken where it is farther away than so many views: numbers that large cannot be drawn.
_FAR = 100.0
#: About how much of the height a plot has under the legend; and the share of the width that each plot has at least.
_HIGH, _LEAST = 0.75, 0.38
#: How fast the bands become light towards the heights.
_FADE = 1.6


def save(drawing: Drawing, path: Path, wish: Wish) -> None:
    """Draw it into a file whose ending says its kind. Raises WorkbenchError with what to do."""
    kind = path.suffix.lower()
    if kind not in KINDS:
        raise WorkspaceError(
            f"A picture must end in {', '.join(KINDS[:-1])} or {KINDS[-1]}, got {path.name!r}. Choose another name."
        )
    files.write(path, [figure_bytes(drawing, kind, wish)])


def figure_bytes(drawing: Drawing, kind: str, wish: Wish) -> bytes:
    """The content of a file of this kind (".png", ".svg", ".pdf"), which carries the lab's settings. Raises ExportError."""
    if kind == ".png":
        wish.check_pixels()
    settings, memory = lab_presets.dump(drawing.lab), io.BytesIO()
    metadata = {**METADATA[kind], **(pictures.notes(settings, LAB) if kind != ".svg" else {})}
    with drawn(drawing, wish, pixels=kind == ".png") as figure:
        # A PDF may hold notes with any name; matplotlib only warns of those that it does not know.
        warnings.filterwarnings("ignore", message="Unknown infodict keyword")
        figure.savefig(memory, format=kind[1:], metadata=metadata)
    found = memory.getvalue()
    return pages.into_svg(found, settings, LAB) if kind == ".svg" else found


@contextlib.contextmanager
def drawn(drawing: Drawing, wish: Wish, *, pixels: bool = False) -> Iterator[Any]:
    """The figure, with the settings it needs until it is saved; `pixels`: of a whole number of them. Raises ExportError."""
    wish.check()
    with looks.dressed(wish), warnings.catch_warnings():
        mpl.rcParams.update(_inks(drawing.ground))
        figure = sheet(wish, pixels=pixels, ground=drawing.ground.plot)
        above, below = figure.subplots(**_shares(drawing, wish))
        legend = Legend()
        _landscape(above, drawing)
        _course(below, drawing, wish, legend)
        legend.draw(figure, wish, "", wish.height_cm - wish.lanes_cm)
        lay_out(figure, wish)
        yield figure


def _shares(drawing: Drawing, wish: Wish) -> dict[str, Any]:
    """How the two plots share the figure: the landscape has one scale both ways, so its shape says how wide it can become."""
    if not wide(wish):
        return {"nrows": 2, "height_ratios": (3, 2)}
    left, right, bottom, top = drawing.view
    wanted = _HIGH * wish.height_cm * (right - left) / (top - bottom) / wish.width_cm
    share = min(max(wanted, _LEAST), 1 - _LEAST)
    return {"ncols": 2, "width_ratios": (share, 1 - share)}


def _inks(ground: Ground) -> dict[str, str]:
    return {
        "axes.facecolor": ground.plot, "axes.edgecolor": ground.text2, "axes.labelcolor": ground.text, "text.color": ground.text,
        "xtick.color": ground.text2, "ytick.color": ground.text2, "xtick.labelcolor": ground.text, "ytick.labelcolor": ground.text,
        "grid.color": ground.grid,
    }  # fmt: skip


# --- the landscape ------------------------------------------------------------------------------------------


def _landscape(axes: Any, drawing: Drawing) -> None:
    """Contours, minima, the paths up to the step, and the start."""
    ground, landscape = drawing.ground, drawing.lab.landscape
    surface = drawing.surface
    found = contours(surface, drawing.view)
    axes.contourf(
        found.x, found.y, found.heights, levels=found.edges, colors=_bands(ground), antialiased=False, zorder=0.5
    )
    if found.lines.size:
        axes.contour(
            found.x, found.y, found.heights, levels=found.lines, colors=[ground.text3], alpha=ground.line, linewidths=0.5, zorder=0.6
        )  # fmt: skip
    for x, y in surface.minima:
        axes.plot([x], [y], "+", color=ground.plot, markersize=10, markeredgewidth=3.2, zorder=3)
        axes.plot([x], [y], "+", color=ground.text, markersize=9, markeredgewidth=1.6, zorder=3)
    for track in drawing.tracks:
        places = _near(track.places[: drawing.step + 1], drawing)
        axes.plot(
            places[:, 0], places[:, 1], label=track.title, zorder=4, **_look(track.look, ground), markevery=_APART, clip_on=True
        )  # fmt: skip
    axes.plot(
        [landscape.start_x], [landscape.start_y], "o", markersize=8, markerfacecolor=ground.plot, markeredgecolor=ground.text,
        markeredgewidth=1.4, zorder=5,
    )  # fmt: skip
    left, right, bottom, top = drawing.view
    axes.set(xlim=(left, right), ylim=(bottom, top), aspect="equal", xlabel="x₁", ylabel="x₂")
    axes.grid(visible=False)
    axes.set_title(LANDSCAPES[landscape.kind], loc="left", fontsize=mpl.rcParams["font.size"])


def _bands(ground: Ground) -> list[tuple[float, ...]]:
    """The colour of each band, the lowest first."""
    share = (1 - np.arange(BANDS + 1) / BANDS) ** _FADE
    tint = ground.flat + (ground.deep - ground.flat) * share[:, None]
    mixed = tint * np.array(to_rgb(ground.accent)) + (1 - tint) * np.array(to_rgb(ground.plot))
    return [tuple(colour) for colour in mixed.tolist()]


def _near(places: Floats, drawing: Drawing) -> Floats:
    """A path, broken where it is out of all reach."""
    left, right, bottom, top = drawing.view
    middle, reach = np.array([left + right, bottom + top]) / 2, _FAR * max(right - left, top - bottom)
    with np.errstate(all="ignore"):
        near = np.all(np.abs(places - middle) < reach, axis=1)
    return np.where(near[:, None], places, np.nan)


# --- the curves ---------------------------------------------------------------------------------------------


def _course(axes: Any, drawing: Drawing, wish: Wish, legend: Legend) -> None:
    """Heights or slopes by step on a logarithmic axis, the lines of theory behind them, and the step if it is not the last."""
    ground, count = drawing.ground, np.arange(drawing.steps + 1)
    every = max(1, drawing.steps // _MARKERS)
    low, high = (10.0**power for power in drawing.powers)
    # First of all: curves that run away would overflow whoever looks for their range.
    axes.set(xlim=(0, drawing.steps), ylim=(low, high), xlabel="step", autoscale_on=False)
    axes.set_ylabel(looks.drawable(NAMES[drawing.what], wish.family))
    looks.set_log(axes, _power)
    for place, line in enumerate(drawing.theory):
        look = _look(Look(ground.text2, _THEORY[place % len(_THEORY)]), ground, _THEORY_WIDTH)
        (made,) = axes.plot(count, _positive(line.values), label=line.name, zorder=2, **look)
        legend.add(line.name, made, last=True)
    for place, track in enumerate(drawing.tracks):
        (made,) = axes.plot(
            count, _positive(track.values), label=track.title, zorder=3, **_look(track.look, ground), markevery=(place % every, every)
        )  # fmt: skip
        legend.add(track.title, made)
    axes.xaxis.set_major_locator(MaxNLocator(nbins="auto", integer=True, steps=[1, 2, 5, 10]))
    if drawing.step < drawing.steps:
        axes.axvline(drawing.step, color=ground.text2, linewidth=0.8, zorder=1)


def _positive(values: Floats) -> Floats:
    """What a logarithmic axis can show."""
    return np.where(np.isfinite(values) & (values > 0), values, np.nan)


def _power(value: float, place: int | None = None) -> str:
    return f"{value:g}" if 0.01 <= value <= 100 else looks.scientific(value, place)  # noqa: PLR2004 - as people write them


def _look(look: Look, ground: Ground, width: float = _PATH_WIDTH) -> dict[str, Any]:
    return {
        "color": look.colour, "linewidth": width, "linestyle": (0, tuple(length / width for length in look.dash)) if look.dash else "-",
        "marker": looks.MARKERS.get(look.marker, "none"), "markersize": looks.MARKER,
        "markerfacecolor": ground.plot if look.hollow else look.colour,
        "markeredgecolor": look.colour if look.hollow or look.marker == "cross" else ground.plot, "markeredgewidth": 0.7,
    }  # fmt: skip
