"""The runs that are shown beside others: whose eye is open, what was read of them, and what each is called there.

It reads the journal's word on eyes, slots and baseline, has the stories of shown runs read, and puts both together as
`compared`. It has no widget and writes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from workbench.curves.differences import labels
from workbench.events import State
from workbench.gui import words
from workbench.gui.compared import Compared
from workbench.gui.followers import Followers
from workbench.gui.run_thread import Loaded
from workbench.gui.runs.watch import Row
from workbench.gui.story_reader import StoryReader
from workbench.journal import Journal, Run
from workbench.journal.shown import Shown, shown
from workbench.paths import Workspace


class Comparing(QObject):
    """What is shown, and of which runs."""

    #: `compared` is another, or a run in it has got further.
    changed = Signal()
    #: An eye was opened or closed, or the baseline is another (a Shown).
    shown_changed = Signal(object)
    #: A run could not be read (a sentence).
    failed = Signal(str)

    def __init__(self, workspace: Workspace, followers: Followers, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.shown = Shown()
        self.compared: tuple[Compared, ...] = ()
        self._rows: Sequence[Row] = ()
        self._followers = followers
        self._unreadable: set[str] = set()
        self._labelled: tuple[list[tuple[str, str, str]], dict[str, str]] = ([], {})
        self._reader = StoryReader(workspace, self)
        self._reader.loaded.connect(self._take_read)
        self._reader.failed.connect(self._take_failure)
        followers.story_loaded.connect(self._story_loaded)
        followers.story_grew.connect(self._story_grew)

    def close(self) -> None:
        self._reader.stop()

    def look(self, journal: Journal) -> None:
        """Read again what is shown. Raises WorkspaceError when the journal cannot be read."""
        now = shown(journal)
        if now == self.shown:
            return
        self._unreadable &= now.runs
        self.shown = now
        self.shown_changed.emit(now)
        self._put_together()

    def take_rows(self, rows: Sequence[Row]) -> None:
        """Runs came, went or changed."""
        self._rows = rows
        self._put_together()

    def _put_together(self) -> None:
        rows = [row.run for row in self._rows if row.run.id in self.shown.runs]
        # As the table has them before it is sorted otherwise: pinned ones on top, then the newest.
        rows.sort(key=lambda run: (not run.pinned, -run.number))
        baseline = next((row.run for row in self._rows if row.run.id == self.shown.baseline), None)
        told = self._labels(rows, baseline)
        stories = {run.id: self._followers.story(run.id) for run in rows}
        before, self.compared = self.compared, tuple(
            Compared(
                run, self.shown.slots[run.id], told[run.id], baseline=run.id == self.shown.baseline,
                curves=story.curves if (story := stories[run.id]) is not None else None,
            )
            for run in rows
        )  # fmt: skip
        self._reader.want(
            [
                run.id
                for run in rows
                if stories[run.id] is None and run.state is State.ENDED and run.id not in self._unreadable
                if not self._followers.following(run.id)
            ]
        )
        if self.compared != before:
            self.changed.emit()

    def _labels(self, runs: Sequence[Run], baseline: Run | None) -> dict[str, str]:
        """Each run's label; worked out only when another is shown, not whenever a number moves."""
        key = [(run.id, run.name, run.recipe_toml) for run in (*runs, *([baseline] if baseline else ()))]
        if key != self._labelled[0]:
            self._labelled = key, labels(runs, baseline, point=words.point())
        return self._labelled[1]

    # --- what came ------------------------------------------------------------------------------------------

    def _take_read(self, loaded: Loaded) -> None:
        if loaded.run.id in self.shown.runs:
            self._followers.put(loaded)

    def _take_failure(self, run: str, sentence: str) -> None:
        self._unreadable |= {run} if run else self.shown.runs  # without a run it is the journal that cannot be read
        self.failed.emit(sentence)

    def _story_loaded(self, run: str) -> None:
        if run in self.shown.runs:
            self._put_together()

    def _story_grew(self, run: str, said: object) -> None:
        if said and run in self.shown.runs:
            self.changed.emit()
