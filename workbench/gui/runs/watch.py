"""Watches all runs of a workspace, whoever started them, and says when the table of runs changed.

Reading, comparing with presets and collecting each run's losses is done here, in a thread of its own, so that
a workspace with thousands of runs does not hold the window up. Knows nothing of widgets.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from PySide6.QtCore import QObject, QThread, Signal

from workbench.errors import RecipeError, WorkbenchError
from workbench.gui.runs import facts
from workbench.journal import Journal, Run
from workbench.journal.overview import epochs_ended
from workbench.journal.queue import queue_settings
from workbench.paths import Workspace
from workbench.spec import Recipe, presets

#: How often the journal is asked whether anything changed.
POLL_SECONDS = 0.2
#: How often at most rows are handed over in which nothing but numbers moved.
NUMBERS_SECONDS = 0.5
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
    #: how it differs from its preset; None when it has none
    chips: tuple[str, ...] | None
    #: validation loss of each epoch
    losses: tuple[float, ...]
    #: runs with the same text here saw the same pictures, so their losses can be compared
    pictures: str = ""


class RunsWatch(QThread):
    """Hands over every run's row whenever one of them changed."""

    #: Runs came, went or changed (a tuple of Row, newest first); always comes once at the beginning.
    rows_changed = Signal(object)
    #: The workspace can no longer be read (a sentence); nothing more follows.
    failed = Signal(str)

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("runs-watch")
        self._workspace = workspace
        self._wake = threading.Event()
        self._stopping = False
        self._fixed: dict[str, tuple[str, tuple[str, ...] | None, str]] = {}
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
        queue = queue_settings(journal)
        changed, told = False, 0.0
        while not self._stopping:
            self._wake.clear()
            changed = journal.changed() or changed
            if changed:
                runs = journal.runs()
                now = time.monotonic()
                before, queue = queue, queue_settings(journal)
                if (
                    last is None
                    or _standing(runs) != _standing(last)
                    or now - told >= NUMBERS_SECONDS
                    or queue != before
                ):
                    changed, told = False, now
                    if runs != last or queue != before:
                        rows = self._rows(journal, runs, last)
                        last = runs
                        if rows is not None:
                            self.rows_changed.emit(rows)
            self._wake.wait(POLL_SECONDS)

    def _rows(self, journal: Journal, runs: list[Run], last: list[Run] | None) -> tuple[Row, ...] | None:
        # The first answer is quick and bare; a moment later the newest, which are in sight, are whole, then all.
        bare = [Row(run, "", None, ()) for run in runs] if last is None and len(runs) > IN_SIGHT else []
        if bare:
            self.rows_changed.emit(tuple(bare))
            self._wake.wait(OPENING_SECONDS)
        rows: list[Row] = []
        for run in runs:
            if self._stopping:
                return None
            line, chips, pictures = self._about(run)
            rows.append(Row(run, line, chips, self._losses_of(journal, run), pictures))
            if bare:
                time.sleep(BREATH_SECONDS)
            if bare and len(rows) == IN_SIGHT:
                self.rows_changed.emit((*rows, *bare[IN_SIGHT:]))
        return tuple(rows)

    def _about(self, run: Run) -> tuple[str, tuple[str, ...] | None, str]:
        """What never changes about a run; worked out once."""
        if run.id not in self._fixed:
            try:
                recipe = run.recipe
                base = self._preset(run.preset)
                pictures = recipe.data.model_dump_json()
                self._fixed[run.id] = facts.one_line(recipe), facts.chips(recipe, base) if base else None, pictures
            except RecipeError:
                self._fixed[run.id] = "", None, ""
        return self._fixed[run.id]

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
