"""Has done what is asked of the comparison: eyes, the baseline, comparing what is selected; by table, menu or key."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from workbench.gui import words
from workbench.gui.session import Session

if TYPE_CHECKING:
    from workbench.gui.window import Window


class CompareDesk(QObject):
    """The comparison's side of one window."""

    def __init__(self, window: Window, session: Session) -> None:
        super().__init__(window)
        self._window = window
        self._session = session
        table = window.table
        table.show_asked.connect(self._show)
        table.only_asked.connect(self._show_only)
        table.seeds_asked.connect(session.show_seeds)
        table.baseline_asked.connect(session.set_baseline)
        session.shown_changed.connect(table.set_shown)

    def by_command(self) -> dict[str, Callable[..., object]]:
        """What each row of the table of commands does."""
        return {"eye": self.turn_eye, "baseline": self.turn_baseline, "compare": self._window.table.compare}

    def turn_eye(self) -> None:
        """Show the run in focus beside the others, or hide it there."""
        focus = self._session.focus
        if focus:
            self._show([focus], focus not in self._session.shown.runs)

    def turn_baseline(self) -> None:
        """Measure the others against the run in focus, or against none if it is the baseline."""
        focus = self._session.focus
        if focus:
            self._session.set_baseline("" if focus == self._session.shown.baseline else focus)

    def _show(self, runs: Sequence[str], shown: bool) -> None:  # noqa: FBT001 - as Qt's signals give it
        self._session.show_in_plots(runs, shown=shown)
        self._tell()

    def _show_only(self, runs: Sequence[str]) -> None:
        self._session.compare(runs)
        self._tell()

    def _tell(self) -> None:
        count = words.plural(len(self._session.shown.runs), "run", "runs")
        self._window.status.say(f"{count} shown. Space shows or hides what is selected.", "compare", "text2")
