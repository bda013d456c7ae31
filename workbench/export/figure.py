"""A picture of a run's curves to keep: PNG, SVG or PDF, drawn by matplotlib (imported here and nowhere else).

Light ground, the colours of the window's light theme; the same marks as on screen: star and dotted line for the
best epoch, dashed line for an early stop, a shaded patience window.
"""

from __future__ import annotations

import io
import textwrap
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import findfont, get_font
from matplotlib.ticker import MaxNLocator, PercentFormatter

from workbench.curves.run_curves import Axis, RunCurves
from workbench.curves.summary import summary_text
from workbench.errors import WorkspaceError
from workbench.journal import Journal, Run
from workbench.paths import write_atomic

KINDS = (".png", ".svg", ".pdf")
_TRAINING, _RAW, _VALIDATION, _VALIDATION_TEXT, _VIOLET = "#0072B2", "#CCE3F0", "#D55E00", "#AD4B00", "#7A3FC0"
_TEXT, _GRID, _BAD = "#1A1E26", "#E9ECF1", "#C02B30"
_COLUMNS = 900


def save_curves(journal: Journal, run_id: str, path: Path) -> None:
    """Draw a run's curves into a file. Raises WorkspaceError when there is no such run or the file cannot be written."""
    run = journal.run(run_id)
    curves = RunCurves()
    curves.feed(journal.events(run.id), journal.steps(run.id))
    save_figure(run, curves, path)


def save_figure(run: Run, curves: RunCurves, path: Path) -> None:
    """Draw curves into a file whose ending says its kind. Raises WorkspaceError with what to do."""
    kind = path.suffix.lower()
    if kind not in KINDS:
        raise WorkspaceError(
            f"A picture must end in {', '.join(KINDS[:-1])} or {KINDS[-1]}, got {path.name!r}. Choose another name."
        )
    memory = io.BytesIO()
    # A fixed date and salt: the same curves give the same file.
    metadata: dict[str, Any] = {} if kind == ".png" else {"Date": None} if kind == ".svg" else {"CreationDate": None}
    draw(run, curves).savefig(memory, format=kind[1:], metadata=metadata)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(path, memory.getvalue())
    except OSError as error:
        raise WorkspaceError(f"{path} cannot be written ({error.strerror}). Choose another folder.") from error


def draw(run: Run, curves: RunCurves) -> Figure:
    """The curves as a matplotlib figure of three lanes."""
    figure = Figure(figsize=(10, 7), dpi=120, layout="constrained")
    FigureCanvasAgg(figure)
    loss, accuracy, rate = figure.subplots(3, 1, sharex=True, gridspec_kw={"height_ratios": (5, 2, 1.1)})
    figure.suptitle(
        _drawable(run.name), parse_math=False, x=0.01, ha="left", fontsize=13, fontweight="bold", color=_TEXT
    )
    for lane in (loss, accuracy, rate):
        lane.grid(color=_GRID, linewidth=0.8)
        lane.set_axisbelow(True)
        lane.spines[["top", "right"]].set_visible(False)
        lane.tick_params(labelsize=9)
    _draw_loss(loss, curves)
    _draw_accuracy(accuracy, curves)
    _draw_rate(rate, curves)
    for lane in (loss, accuracy, rate):
        _draw_marks(lane, curves)
    rate.set_xlabel("epoch", fontsize=9)
    rate.xaxis.set_major_locator(MaxNLocator(integer=True))
    rate.set_xlim(left=0)
    if loss.get_legend_handles_labels()[0]:
        loss.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2, frameon=False, fontsize=9)
    figure.supxlabel(
        textwrap.fill(_drawable(summary_text(run, curves)), 150),
        parse_math=False,
        fontsize=8,
        x=0.01,
        ha="left",
        color=_TEXT,
        wrap=True,
    )
    return figure


def _drawable(text: str) -> str:
    """The text with a box in place of each character that the figure's font lacks."""
    known = get_font(findfont("DejaVu Sans")).get_charmap()
    return "".join(letter if ord(letter) in known else "□" for letter in text)


def _draw_loss(lane: Any, curves: RunCurves) -> None:
    lane.set_ylabel("loss", fontsize=9)
    tops: list[float] = []
    if curves.steps:
        seen = curves.loss.see(0, curves.steps, _COLUMNS)
        lane.plot(curves.x_of_places(Axis.EPOCH, seen.places), seen.values, color=_RAW, linewidth=0.7)
        places = np.unique(np.linspace(0, curves.steps - 1, _COLUMNS).astype(np.int64))
        smooth = curves.smooth_loss.at(places)
        lane.plot(
            curves.x_of_places(Axis.EPOCH, places.astype(np.float64)),
            smooth,
            color=_TRAINING,
            linewidth=2,
            label="Training",
        )
        if curves.penalized:
            x = curves.x_of_places(Axis.EPOCH, places.astype(np.float64))
            lane.plot(x, curves.penalty.values[places], color=_TEXT, linewidth=1.2, linestyle=":", label="Penalty")
        late = seen.values[len(seen.values) // 25 :]
        late = late[np.isfinite(late)]
        tops += [float(np.quantile(late, 0.98))] if len(late) else []
        for place in curves.x_of_places(Axis.EPOCH, seen.marks[:200].astype(np.float64)):
            lane.axvline(place, ymin=0.97, color=_BAD, linewidth=2)
    values = curves.epochs.metric("val_loss")
    if np.isfinite(values).any():
        x = curves.x_of_epochs(Axis.EPOCH)
        lane.plot(
            x,
            values,
            color=_VALIDATION,
            linewidth=1.6,
            marker="o",
            markersize=4.5,
            markerfacecolor="white",
            label="Validation",
        )
        points = values[len(values) // 25 :]
        points = points[np.isfinite(points)]
        tops += [float(points.max())] if len(points) else []
    if tops and max(tops) > 0:
        low = min(
            [float(np.nanmin(line.get_ydata())) for line in lane.lines if np.isfinite(line.get_ydata()).any()],
            default=0.0,
        )
        lane.set_ylim(bottom=0.0 if 0 <= low < 0.5 * max(tops) else low, top=1.06 * max(tops))
    best = curves.best
    if best is not None and np.isfinite(best.value):
        lane.plot(
            [best.epoch],
            [best.value],
            marker="*",
            markersize=15,
            color=_VALIDATION,
            markeredgecolor=_TEXT,
            linestyle="none",
        )
        text = f"Best {best.value:.4f} · epoch {best.epoch}"
        lane.annotate(text, (best.epoch, 0.95), xycoords=("data", "axes fraction"), xytext=(-6, 0), textcoords="offset points", **_LABEL,
                      color=_VALIDATION_TEXT)  # fmt: skip


_LABEL: dict[str, Any] = {"ha": "right", "va": "top", "fontsize": 9, "fontweight": "bold"}


def _draw_accuracy(lane: Any, curves: RunCurves) -> None:
    lane.set_ylabel("accuracy", fontsize=9)
    lane.yaxis.set_major_formatter(PercentFormatter(1.0))
    if curves.steps:
        places = np.unique(np.linspace(0, curves.steps - 1, _COLUMNS).astype(np.int64))
        x = curves.x_of_places(Axis.EPOCH, places.astype(np.float64))
        lane.plot(x, curves.smooth_accuracy.at(places), color=_TRAINING, linewidth=1.6)
    values = curves.epochs.metric("val_accuracy")
    if np.isfinite(values).any():
        x = curves.x_of_epochs(Axis.EPOCH)
        lane.plot(x, values, color=_VALIDATION, linewidth=1.4, marker="o", markersize=3.5, markerfacecolor="white")


def _draw_rate(lane: Any, curves: RunCurves) -> None:
    lane.set_ylabel("learning rate", fontsize=9)
    if not curves.steps:
        return
    places = np.unique(np.linspace(0, curves.steps - 1, _COLUMNS).astype(np.int64))
    rates = curves.learning_rate.values[places]
    lane.plot(
        curves.x_of_places(Axis.EPOCH, places.astype(np.float64)),
        rates,
        color=_TEXT,
        linewidth=1.2,
        drawstyle="steps-post",
    )
    positive = rates[rates > 0]
    if len(positive) and positive.max() > 5 * positive.min():
        lane.set_yscale("log")


def _draw_marks(lane: Any, curves: RunCurves) -> None:
    best, early = curves.best, curves.stopped_early
    if best is not None:
        lane.axvline(best.epoch, color=_VALIDATION, linewidth=1.6, linestyle=":")
    if early is not None:
        lane.axvline(early.epoch, color=_VIOLET, linewidth=1.6, linestyle="--")
        if best is not None:
            lane.axvspan(best.epoch, early.epoch, color=_VALIDATION, alpha=0.12, linewidth=0)
        if lane.get_ylabel() == "loss":
            lane.annotate(f"Stopped early · epoch {early.epoch}", (early.epoch, 0.87), xycoords=("data", "axes fraction"), xytext=(-6, 0),
                          textcoords="offset points", **_LABEL, color=_VIOLET)  # fmt: skip
