"""A figure of a run's curves to keep: PNG, SVG or PDF, drawn by matplotlib, which only this part knows.

What is drawn, and how large, is a Wish. The size is real: a PNG has as many pixels as centimetres and dpi make, an SVG
and a PDF bear it, and nothing is trimmed. The same curves give the same file.

What is saved carries the recipe of its run (spec/carried), of several runs that of the one in focus or the first. With it goes
where the pictures lie, as `data.path` has it: who gives a figure away gives that away too.
"""

from __future__ import annotations

import contextlib
import io
import textwrap
import warnings
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from workbench.curves.run_curves import RunCurves
from workbench.curves.summary import summary_text
from workbench.errors import ExportError, WorkspaceError
from workbench.export import files, flags, looks, marks
from workbench.export.lane import Lane
from workbench.export.legend import Legend
from workbench.export.series import Stretch, whole
from workbench.export.small_lanes import DRAW
from workbench.export.wish import CM_PER_INCH, WORDS_BELOW, Wish
from workbench.journal import Journal, Run
from workbench.spec.carried import pages, pictures

KINDS = (".png", ".svg", ".pdf")
#: What is left where there is no display: it says by itself what it shows.
PICTURE = Wish(width_cm=25.4, height_cm=17.8, dpi=120, points=9, title=True, summary=True)
#: What matplotlib is told of each kind, so that the same curves give the same file.
METADATA: dict[str, dict[str, Any]] = {".png": {}, ".svg": {"Date": None}, ".pdf": {"CreationDate": None}}
#: Of the loss lane, and of each small one.
_LARGE, _SMALL = 5.0, 1.6
#: What of the room that is left the flags' words may have.
_FLAGS = 0.5


def save_curves(journal: Journal, run_id: str, path: Path, wish: Wish = PICTURE) -> None:
    """Draw a run's curves into a file. Raises WorkbenchError when there is no such run or the file cannot be written."""
    run = journal.run(run_id)
    curves = RunCurves()
    curves.feed(journal.events(run.id), journal.steps(run.id))
    save_figure(run, curves, path, wish)


def save_figure(run: Run, curves: RunCurves, path: Path, wish: Wish = PICTURE) -> None:
    """Draw curves into a file whose ending says its kind. Raises WorkbenchError with what to do."""
    kind = path.suffix.lower()
    if kind not in KINDS:
        raise WorkspaceError(
            f"A picture must end in {', '.join(KINDS[:-1])} or {KINDS[-1]}, got {path.name!r}. Choose another name."
        )
    files.write(path, [figure_bytes(run, curves, kind, wish, recipe=run.recipe_toml)])


def figure_bytes(run: Run, curves: RunCurves, kind: str, wish: Wish, *, recipe: str = "") -> bytes:
    """A figure as the content of a file of this kind (".png", ".svg", ".pdf"), which carries `recipe`. Raises ExportError."""
    if kind == ".png":
        wish.check_pixels()
    memory = io.BytesIO()
    metadata = {**METADATA[kind], **(pictures.notes(recipe) if recipe and kind != ".svg" else {})}
    with drawn(run, curves, wish, pixels=kind == ".png") as figure:
        # A PDF may hold notes with any name; matplotlib only warns of those that it does not know.
        warnings.filterwarnings("ignore", message="Unknown infodict keyword")
        figure.savefig(memory, format=kind[1:], metadata=metadata)
    drawing = memory.getvalue()
    return pages.into_svg(drawing, recipe) if recipe and kind == ".svg" else drawing


@contextlib.contextmanager
def drawn(run: Run, curves: RunCurves, wish: Wish, *, pixels: bool = False) -> Iterator[Any]:
    """The curves as a figure, with the settings it needs until it is saved; `pixels`: of a whole number of them."""
    wish.check()
    with looks.dressed(wish), warnings.catch_warnings():
        warnings.filterwarnings("error", message="constrained_layout not applied")
        figure = sheet(wish, pixels=pixels)
        _fill(figure, run, curves, wish)
        lay_out(figure, wish)
        yield figure


def lay_out(figure: Any, wish: Wish) -> None:
    """Find the places of all lanes, once, and keep them.

    They are rounded: the solver behind them takes things up in any order, and the last digits with it.
    """
    try:
        figure.get_layout_engine().execute(figure)
    except UserWarning:
        raise ExportError(
            f"The words around the curves leave no room for them in {wish.width_cm:g} × {wish.height_cm:g} cm. "
            "Make the figure larger or the text smaller."
        ) from None
    figure.set_layout_engine("none")
    for lane in figure.axes:
        lane.set_position([round(edge, 6) for edge in lane.get_position().bounds])


def sheet(wish: Wish, *, pixels: bool, ground: str = "white") -> Any:
    """An empty figure of the size that is wished for; `pixels`: of a whole number of them."""
    size = (wish.width_cm / CM_PER_INCH, wish.height_cm / CM_PER_INCH)
    if pixels:
        # matplotlib rounds down; a hair more keeps the last pixel.
        size = ((wish.pixels[0] + 1e-6) / wish.dpi, (wish.pixels[1] + 1e-6) / wish.dpi)
    figure = Figure(figsize=size, dpi=wish.dpi, facecolor=ground)
    figure.set_layout_engine(ConstrainedLayoutEngine(w_pad=0.03, h_pad=0.02, hspace=0.0))
    FigureCanvasAgg(figure)
    return figure


def _fill(figure: Figure, run: Run, curves: RunCurves, wish: Wish) -> None:
    legend = Legend()
    span = wish.x or whole(wish.axis, [curves, *(other.curves for other in wish.others)])
    # Of a run that is compared, not in focus, nothing is drawn but its line beside those of the others.
    focus = curves if wish.first is None else RunCurves()
    stretch = Stretch(focus, wish.axis, span, round(wish.width_cm / CM_PER_INCH * wish.dpi))
    grid = figure.add_gridspec(len(wish.lanes), 1)
    lanes = grid.subplots(sharex=True, squeeze=False)[:, 0]
    for name, axes in zip(wish.lanes, lanes, strict=True):
        DRAW[name](Lane(axes, wish, stretch, legend))
        marks.draw(axes, run, stretch, legend)
    looks.set_x(lanes[-1], wish.axis, span)
    figure.align_ylabels()
    summary = _wrapped(summary_text(run, curves), wish) if wish.summary else []
    happened = flags.found(stretch, wish) if wish.flags else ()
    numbers = flags.height_cm(wish) if happened else 0.0
    room = wish.height_cm - wish.lanes_cm - numbers - len(summary) * wish.line_cm
    # Beside other runs the one in focus needs its name: blue and orange are its lines.
    title = looks.drawable(run.name, wish.family) if wish.title or (wish.others and wish.first is None) else ""
    above = legend.draw(figure, wish, title, room - (wish.line_cm if happened else 0.0))
    told = flags.fitting(happened, wish, _FLAGS * (room - above))
    flags.draw(list(lanes), told.marks, wish)
    below = [*told.lines, *summary]
    _say(figure, below, wish)
    grid.set_height_ratios(_heights(wish, wish.height_cm - above - numbers - len(below) * wish.line_cm))


def _heights(wish: Wish, room_cm: float) -> list[float]:
    """Shares of the height: the small lanes never get less than their names need."""
    shares = [_LARGE if name == "loss" else _SMALL for name in wish.lanes]
    room = max(room_cm - wish.around_cm, wish.small_lane_cm)
    small = [max(wish.small_lane_cm, room * share / sum(shares)) for share in shares]
    if "loss" in wish.lanes:
        rest = room - sum(height for height, name in zip(small, wish.lanes, strict=True) if name != "loss")
        small[wish.lanes.index("loss")] = max(rest, wish.small_lane_cm)
    return small


def _wrapped(text: str, wish: Wish) -> list[str]:
    """In lines as long as the figure is wide."""
    return textwrap.wrap(looks.drawable(text, wish.family), wish.letters)


def _say(figure: Figure, lines: list[str], wish: Wish) -> None:
    """Put lines below the lanes."""
    if lines:
        figure.supxlabel("\n".join(lines), parse_math=False, fontsize=WORDS_BELOW * wish.points, x=0.01, ha="left")


def at_most(wish: Wish, pixels: tuple[int, int]) -> Wish:
    """The same figure at the resolution at which it just fits into so many pixels: a preview."""
    dpi = min(pixels[0] / wish.width_cm, pixels[1] / wish.height_cm) * CM_PER_INCH
    return replace(wish, dpi=max(50.0, min(wish.dpi, dpi)))
