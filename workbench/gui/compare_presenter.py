"""Fills the Compare tab with what the session knows of the runs that are shown, and has done what is asked there."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from workbench.gui import words
from workbench.gui.compared import Compared
from workbench.gui.session import Session
from workbench.gui.tabs.compare_page import USUAL, Comparison, Series
from workbench.gui.tabs.settings_table import Cell, Column, SettingRow, SettingsShown
from workbench.gui.tabs.verdict_card import Tone, Verdict
from workbench.journal import Run

if TYPE_CHECKING:
    from workbench.curves.comparison import Seeds
    from workbench.curves.differences import Difference
    from workbench.gui.curves.overlaid import Band
    from workbench.gui.window import Window

TAB = "compare"
_SPELLED = {2: "two", 3: "three", 4: "four", 5: "five", 6: "six", 7: "seven", 8: "eight", 9: "nine", 10: "ten"}


class ComparePresenter(QObject):
    """The Compare tab's side of one window. It does nothing while the tab is out of sight."""

    def __init__(self, window: Window, session: Session) -> None:
        super().__init__(window)
        self._window, self._session, self._page = window, session, window.compare
        #: the runs, the rows and the run in focus that were shown last
        self._filled: tuple[object, object, str | None] | None = None
        session.compared_changed.connect(self.fill)
        session.rows_changed.connect(self.fill)
        session.focus_changed.connect(self.fill)
        window.clock.frame_due.connect(self.refresh)
        window.tabs.turned.connect(self.fill)
        window.table.compare_asked.connect(self._open)
        self._page.baseline_asked.connect(session.set_baseline)
        self._page.hide_asked.connect(self._hide)
        self._page.runs_wanted.connect(session.compare)
        self._page.fork_asked.connect(self._fork)
        self._page.export_asked.connect(self._export)

    def fill(self) -> None:
        """Show what is known now, if anybody looks."""
        if self._window.tabs.name != TAB or self._page.plot is None:
            return
        runs = self._session.compared
        now = runs, self._session.rows, self._session.focus
        if now != self._filled:
            self._filled = now
            self._page.show_comparison(self._comparison(runs))
        self._page.refresh()

    def refresh(self) -> None:
        """Draw what living runs have told since."""
        if self._window.tabs.name == TAB:
            self._page.refresh()

    def _comparison(self, runs: tuple[Compared, ...]) -> Comparison:
        from workbench.curves.comparison import Seeds  # noqa: PLC0415 - NumPy: not before the first paint

        known = [row.run for row in self._session.rows or ()]
        if not runs:
            return Comparison(newest=_newest(known))
        seeds = Seeds(known)
        baseline = next((each.run for each in runs if each.baseline), None)
        return Comparison(
            runs, _note(baseline, seeds), _settings(runs, baseline, self._greyed()), self._verdict(runs, baseline, seeds), _series(runs),
            _bands(runs, baseline, seeds),
        )  # fmt: skip

    def _verdict(self, runs: Sequence[Compared], baseline: Run | None, seeds: Seeds) -> Verdict | None:
        """Of the run in focus, if it is shown; else of the best one that is not the baseline."""
        from workbench.curves.comparison import Standing, verdict  # noqa: PLC0415 - NumPy: not before the first paint

        others = [each.run for each in runs if not each.baseline]
        if baseline is None or not others:
            return None
        best = min(others, key=lambda run: math.inf if run.best_value is None else run.best_value)
        chosen = next((run for run in others if run.id == self._session.focus), best)
        found = verdict(chosen, baseline, seeds, point=words.point())
        tones: dict[Standing, Tone] = {Standing.BETTER: "ok", Standing.WORSE: "warn"}
        return Verdict(found.headline, found.evidence, tones.get(found.standing, "muted"))

    def _greyed(self) -> frozenset[str]:
        """The runs whose best value is no further from the baseline's than seeds are from each other."""
        return frozenset(row.run.id for row in self._session.rows or () if row.greyed)

    # --- what is asked --------------------------------------------------------------------------------

    def _open(self) -> None:
        self._window.tabs.show_tab(TAB)
        self.fill()

    def _hide(self, run: str) -> None:
        self._session.show_in_plots([run], shown=False)

    def _fork(self, run: str, epoch: int) -> None:
        self._session.show_run(run)
        self._window.steering.fork_after(epoch)

    def _export(self) -> None:
        """The dialog of the curves, with the first run as the one in focus and the others beside it."""
        from workbench.gui.curves.compare_export import ask_export  # noqa: PLC0415 - matplotlib, once it is wanted

        dialog = ask_export(self._window.theme, self._page)
        if dialog is None:
            self._window.status.say("There is nothing to export yet: the runs are still being read.")
        else:
            dialog.status.connect(self._window.status.say)


def _newest(runs: Sequence[Run]) -> tuple[str, ...]:
    """The two newest runs that have a curve, the older one first; none where there are no two."""
    known = sorted((run for run in runs if run.epochs), key=lambda run: run.number)
    return tuple(run.id for run in known[-2:]) if len(known) > 1 else ()


def _note(baseline: Run | None, seeds: Seeds) -> str:
    if baseline is None:
        return ""
    spread = seeds.spread(baseline)
    if spread is None:
        return f"Baseline is {baseline.name}"
    count = len(spread.values)
    return f"Baseline is {baseline.name}, {_SPELLED.get(count, words.count(count))} seeds"


def _series(runs: Sequence[Compared]) -> tuple[Series, ...]:
    """What can be plotted of these runs: the usual, and what stands beside accuracy in any of them."""
    from workbench.gui.curves.metric_lane import metric_title  # noqa: PLC0415 - with the plots

    names = {name for each in runs if each.curves is not None for name in each.curves.epochs.names}
    iou = "val_mean_iou"
    return (*USUAL, (iou, metric_title(iou.removeprefix("val_")))) if iou in names else USUAL


def _settings(runs: Sequence[Compared], baseline: Run | None, alike: frozenset[str]) -> SettingsShown:
    from workbench.curves.comparison import differing, settings_of  # noqa: PLC0415 - NumPy: not before the first paint

    plain = [each.run for each in runs]
    columns = tuple(Column(each.run.id, each.run.name, each.slot, baseline=each.baseline) for each in runs)
    apart = {each.path for each in differing(plain)}
    place = plain.index(baseline) if baseline is not None else None
    every = settings_of(plain, point=words.point())
    rows = tuple(_row(each, place, differs=each.path in apart and not _follows(each)) for each in every)
    return SettingsShown(columns, rows, _results(plain, alike))


def _follows(setting: Difference) -> bool:
    """Whether a setting differs only because another choice has none of it, as momentum where the method is Adam."""
    from workbench.curves.comparison import ABSENT  # noqa: PLC0415 - NumPy: not before the first paint

    return not setting.path.startswith("tricks.") and len({value for value in setting.values if value != ABSENT}) <= 1


def _row(setting: Difference, baseline: int | None, *, differs: bool) -> SettingRow:
    values = setting.values
    base = values[baseline] if baseline is not None else None
    cells = tuple(Cell(value, dim=value == base and place != baseline) for place, value in enumerate(values))
    return SettingRow(setting.title, cells, differs)


def _results(runs: Sequence[Run], alike: frozenset[str]) -> tuple[SettingRow, ...]:
    """Best validation loss, accuracy, epochs and time; a star at the best, grey where the seeds' spread is larger."""
    from workbench.curves.comparison import best_of  # noqa: PLC0415 - NumPy: not before the first paint

    losses = [run.best_value for run in runs]
    shares = [best_of(run, "val_accuracy") for run in runs]
    seconds = [run.seconds or None for run in runs]
    return (
        _result("Best val. loss", losses, words.loss, min, [run.id in alike for run in runs]),
        _result("Accuracy", shares, words.percent, max),
        _result("Epochs", [float(run.epochs) for run in runs], words.count),
        _result("Time", seconds, words.clock, min),
    )


def _result(
    label: str, values: Sequence[float | None], told: Callable[[float], str],
    best: Callable[[Sequence[float]], float] | None = None, dim: Sequence[bool] = (),
) -> SettingRow:  # fmt: skip
    known = [value for value in values if value is not None]
    # A star at every run would say nothing.
    star = best(known) if best is not None and len(set(map(told, known))) > 1 else None
    return SettingRow(
        label,
        tuple(
            Cell("–" if value is None else told(value), dim=bool(dim and dim[place]), star=star is not None and value == star)
            for place, value in enumerate(values)
        ),
    )  # fmt: skip


def _bands(runs: Sequence[Compared], baseline: Run | None, seeds: Seeds) -> tuple[Band, ...]:
    """Mean and range over the seeds of the baseline, else of the recipe with most seeds, among the runs that are shown."""
    from workbench.curves.comparison import band, kin  # noqa: PLC0415 - NumPy: not before the first paint
    from workbench.gui.curves.overlaid import Band  # noqa: PLC0415 - with the plots

    shown = {each.run.id: each for each in runs if each.curves is not None}
    groups = [[run for run in group if run.id in shown] for group in seeds.groups]
    if baseline is not None:
        groups = [group for group in groups if group and kin(group[0]) == kin(baseline)]
    groups = [group for group in groups if len(group) > 1]
    if not groups:
        return ()
    chosen = max(groups, key=len)
    found: list[Band] = []
    for series in ("val_loss", "val_accuracy"):
        told = band([curves for run in chosen if (curves := shown[run.id].curves) is not None], series)
        if told is not None:
            found.append(Band(series, chosen[0].id, told.epochs.astype(float), told.mean, told.low, told.high))
    return tuple(found)
