"""Gives out what the Compare tab shows: the figure of several runs, through the dialog that gives out the curves of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.curves.axes import Axis
from workbench.export.wish import LaneName, Other, SeedBand, Wish
from workbench.gui import tokens
from workbench.gui.compared import Compared
from workbench.gui.theme import Theme

if TYPE_CHECKING:
    from workbench.gui.curves.export_dialog import ExportDialog
    from workbench.gui.tabs.compare_page import ComparePage

_SLOTS = len(tokens.RUN_MARKERS)


def other_of(run: Compared) -> Other | None:
    """A run with its look on a light ground; None until it was read."""
    if run.curves is None:
        return None
    place = run.slot % _SLOTS
    label = run.run.name if run.label in {"", run.run.name} else f"{run.run.name}: {run.label}"
    return Other(
        run.run.name, label, run.slot, run.curves, baseline=run.baseline, colour=tokens.SERIES_LIGHT[f"run{place + 1}"],
        dash=tokens.RUN_DASHES[place], marker=tokens.RUN_MARKERS[place], hollow=run.slot >= _SLOTS,
    )  # fmt: skip


def ask_export(theme: Theme, page: ComparePage) -> ExportDialog | None:
    """Ask how the comparison is to be given out; None while no run of it was read.

    No run is in focus there: each is a line in its own look, the baseline first.
    """
    from workbench.gui.curves.export_dialog import ExportDialog  # noqa: PLC0415 - matplotlib, once it is wanted

    read = sorted((run for run in page.shown.runs if run.curves is not None), key=lambda run: not run.baseline)
    if not read or page.plot is None:
        return None
    first, shown = read[0], page.plot.shown
    assert first.curves is not None
    metric = page.series.key.removeprefix("val_")
    lanes: tuple[LaneName, ...] = ("loss",) if metric == "loss" else ("metric",)
    others = tuple(told for run in read[1:] if (told := other_of(run)) is not None)
    band = shown.band
    seeds = next((run.curves for run in read if band is not None and run.run.id == band.run), None)
    over = (
        SeedBand(seeds, band.epochs, band.mean, band.low, band.high) if seeds is not None and band is not None else None
    )
    wish = Wish(
        axis=Axis(page.axis.key), log=shown.log, x=shown.x, lanes=lanes, first=other_of(first), others=others,
        band=over, training=page.series.key == "loss", metric="accuracy" if metric == "loss" else metric,
    )  # fmt: skip
    dialog = ExportDialog(theme, first.run, first.curves, wish, page)
    dialog.open()
    return dialog
