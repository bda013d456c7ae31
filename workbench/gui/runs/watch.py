"""Watches all runs of a workspace, whoever started them, and says when the table of runs changed.

Reading, comparing with presets and collecting each run's losses is done here, in a thread of its own, so that
a workspace with thousands of runs does not hold the window up. Knows nothing of widgets.
"""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QObject, QThread, Signal

from workbench.curves.differences import kin, recipe_of
from workbench.curves.verdict import greyed
from workbench.errors import WorkbenchError
from workbench.gui.runs import facts
from workbench.journal import Journal, Run
from workbench.journal.overview import epochs_ended
from workbench.journal.queue import queue_settings
from workbench.journal.shown import Shown, shown
from workbench.paths import Workspace
from workbench.spec import Recipe, presets

#: How often the journal is asked whether anything changed.
POLL_SECONDS = 0.2
#: How often at most rows are handed over in which nothing but numbers moved.
NUMBERS_SECONDS = 0.5
#: So many times in a row the runs are read later because eyes are being turned.
MOST_WAITS = 5
#: So many runs are read before anybody sees that it takes time.
IN_SIGHT = 50
#: After the first, bare answer: the window is about to import its plots, which takes it half a second by itself.
OPENING_SECONDS = 0.5
#: Between two of many runs: whoever works without a pause takes half of the window's time.
BREATH_SECONDS = 0.001


@dataclass(frozen=True)
class Row:
    """One run as the table shows it."""

    run: Run
    #: the recipe in a line; empty when it can no longer be read
    line: str
    #: how it differs from the baseline, or from its preset where there is none; None when it has neither
    chips: tuple[str, ...] | None
    #: validation loss of each epoch
    losses: tuple[float, ...]
    #: runs with the same text here saw the same pictures, so their losses can be compared
    pictures: str = ""
    #: runs with the same text here have the same recipe but for the seed
    kin: str = ""
    #: the name of the baseline that the chips are measured against; empty when they are against the preset
    against: str = ""
    #: its best value differs from the baseline's by no more than seeds do
    greyed: bool = False


@dataclass(frozen=True)
class _About:
    """What never changes about a run; empty where its recipe cannot be read."""

    line: str = ""
    pictures: str = ""
    kin: str = ""


class RunsWatch(QThread):
    """Hands over every run's row whenever one of them changed."""

    #: Runs came, went or changed (a tuple of Row, newest first); always comes once at the beginning.
    rows_changed = Signal(object)
    #: An eye was opened or closed, or the baseline is another, whoever did that.
    shown_changed = Signal()
    #: The workspace can no longer be read (a sentence); nothing more follows.
    failed = Signal(str)

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("runs-watch")
        self._workspace = workspace
        self._wake = threading.Event()
        self._stopping = False
        self._fixed: dict[str, _About] = {}
        #: of each run: against which baseline, and the chips
        self._chips: dict[str, tuple[str, tuple[str, ...] | None]] = {}
        self._shown = Shown()
        self._presets: dict[str, Recipe | None] = {}
        self._losses: dict[str, tuple[int, dict[int, float]]] = {}

    def look(self) -> None:
        """Look now instead of at the next turn."""
        self._wake.set()

    def stop(self) -> None:
        self._stopping = True
        self._wake.set()
        self.wait()

    def run(self) -> None:
        try:
            with Journal(self._workspace) as journal:
                self._watch(journal)
        except WorkbenchError as error:
            self.failed.emit(str(error))

    def _watch(self, journal: Journal) -> None:
        last: list[Run] | None = None
        queue, baseline = queue_settings(journal), ""
        changed, told, waited = False, 0.0, 0
        while not self._stopping:
            self._wake.clear()
            changed = journal.changed() or changed
            turned = changed and self._look_at_shown(journal)
            if turned and last is not None and waited < MOST_WAITS:
                # The window is just painting an eye; whoever reads a thousand runs now would hold it up.
                waited += 1
            elif changed:
                waited = 0
                runs = journal.runs()
                now = time.monotonic()
                before, queue = queue, queue_settings(journal)
                other = self._shown.baseline != baseline
                if (
                    last is None
                    or _standing(runs) != _standing(last)
                    or now - told >= NUMBERS_SECONDS
                    or queue != before
                    or other
                ):
                    changed, told = False, now
                    if runs != last or queue != before or other:
                        rows = self._rows(journal, runs, last)
                        last, baseline = runs, self._shown.baseline
                        if rows is not None:
                            self.rows_changed.emit(rows)
            self._wake.wait(POLL_SECONDS)

    def _look_at_shown(self, journal: Journal) -> bool:
        """Whether an eye was turned, or another baseline chosen; that is told at once."""
        before, self._shown = self._shown, shown(journal)
        if self._shown != before:
            self.shown_changed.emit()
        return self._shown != before

    def _rows(self, journal: Journal, runs: list[Run], last: list[Run] | None) -> tuple[Row, ...] | None:
        # The first answer is quick and bare; a moment later the newest, which are in sight, are whole, then all.
        bare = [Row(run, "", None, ()) for run in runs] if last is None and len(runs) > IN_SIGHT else []
        if bare:
            self.rows_changed.emit(tuple(bare))
            self._wake.wait(OPENING_SECONDS)
        known = {run.id: run for run in runs}
        baseline = known.get(self._shown.baseline)
        rows: list[Row] = []
        for run in runs:
            if self._stopping:
                return None
            about = self._about(run)
            anew = self._chips.get(run.id, ("",))[0] != (baseline.id if baseline else "")
            chips, losses = self._chips_of(run, baseline, known), self._losses_of(journal, run)
            against = baseline.name if baseline else ""
            rows.append(Row(run, about.line, chips, losses, about.pictures, about.kin, against))
            if bare or anew:
                time.sleep(BREATH_SECONDS)
            if bare and len(rows) == IN_SIGHT:
                self.rows_changed.emit((*rows, *bare[IN_SIGHT:]))
        grey = greyed(runs, baseline)
        return tuple(dataclasses.replace(row, greyed=True) if row.run.id in grey else row for row in rows)

    def _about(self, run: Run) -> _About:
        """What never changes about a run; worked out once."""
        if run.id not in self._fixed:
            recipe = recipe_of(run)
            self._fixed[run.id] = (
                _About(facts.one_line(recipe), recipe.data.model_dump_json(), kin(run)) if recipe else _About()
            )
        return self._fixed[run.id]

    def _chips_of(self, run: Run, baseline: Run | None, known: Mapping[str, Run]) -> tuple[str, ...] | None:
        """How a run differs from the baseline or its preset, and of which run it is a fork; worked out once for each."""
        against = baseline.id if baseline else ""
        if run.id not in self._chips or self._chips[run.id][0] != against:
            recipe = recipe_of(run)
            base = recipe_of(baseline) if baseline else self._preset(run.preset)
            chips = facts.chips(recipe, base) if recipe is not None and base is not None else None
            parent = known.get(run.parent)
            if parent is not None:
                chips = (*(chips or ()), f"fork of {parent.number} @ {run.parent_epoch}")
            self._chips[run.id] = against, chips
        return self._chips[run.id][1]

    def _preset(self, name: str) -> Recipe | None:
        if name not in self._presets:
            try:
                self._presets[name] = presets.find(name, self._workspace).recipe if name else None
            except WorkbenchError:
                self._presets[name] = None
        return self._presets[name]

    def _losses_of(self, journal: Journal, run: Run) -> tuple[float, ...]:
        if run.epochs == 0:
            return ()
        after, found = self._losses.setdefault(run.id, (0, {}))
        if len(found) < run.epochs or run.epochs not in found or run.state.alive:
            for place, event in epochs_ended(journal, run.id, after):
                after = place
                value = facts.metric(event.metrics, "val_loss", "loss")
                found[event.epoch] = float("nan") if value is None else value
            self._losses[run.id] = after, found
        # Later ones are of an attempt that was taken up again before them.
        return tuple(found[epoch] for epoch in sorted(found) if epoch <= run.epochs)


def _standing(runs: list[Run]) -> list[tuple[object, ...]]:
    """What of the runs is shown at once when it changes; the rest are numbers, which nobody reads faster than they are set."""
    return [(run.id, run.name, run.state, run.ending, run.place, run.tags, run.note, run.pinned) for run in runs]
