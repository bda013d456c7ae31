"""Shows a run through its epochs in the Results tab, and goes on as more of them end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from workbench.events import State
from workbench.gui import words
from workbench.gui.results.reader import ResultsReader
from workbench.gui.session import Session
from workbench.gui.tabs.results_page import Notice, ResultsPage
from workbench.journal import Run

if TYPE_CHECKING:
    from workbench.results.through import Through


class ThroughDesk(QObject):
    """One run at a time."""

    def __init__(self, session: Session, page: ResultsPage, reader: ResultsReader, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._page, self._reader = session, page, reader
        self._run = ""
        #: of which epoch and state of the run was read
        self._read: tuple[int, State] | None = None
        self._found: Through | None = None
        reader.followed.connect(self._take)
        reader.lost.connect(self._take_problem)

    def drop(self) -> None:
        """It is no longer wanted."""
        self._run, self._read, self._found = "", None, None

    def show(self, run: Run) -> None:
        """Show this run, or what has come of it since; reading is done elsewhere."""
        if run.id != self._run:
            self.drop()
            self._run = run.id
            self._page.show_heading(f"{run.name} through its epochs", "")
        standing = run.epochs, run.state
        if standing != self._read:
            self._read = standing
            self._reader.follow(self._session.workspace, run.id, self._found)

    def _take(self, key: str, found: Through | None) -> None:
        run = self._session.run(key)
        if key != self._run or run is None:
            return
        if found is None:
            self._page.show_notice(_nothing(run))
            return
        self._found = found
        self._page.show_through(found, run.best_epoch)
        self._page.show_heading(f"{run.name} through its epochs", _note(found))

    def _take_problem(self, key: str, sentence: str) -> None:
        if key == self._run:
            self._page.show_notice(Notice("The epochs cannot be shown", sentence))


def _note(found: Through) -> str:
    """What is shown, and what has to be known to read it."""
    pictures = words.plural(len(found.samples.rows), "validation picture", "validation pictures")
    if found.partial:
        pictures = f"{words.count(len(found.samples.rows))} of {words.count(found.samples.of)} validation pictures"
    epochs = words.plural(len(found.epochs), "epoch", "epochs")
    return f"What the network said of {pictures} at the end of {epochs}"


def _nothing(run: Run) -> Notice:
    if run.state is not State.ENDED:
        return Notice(
            "No epoch has ended yet", "What the network says of the validation pictures is kept at each epoch's end."
        )
    if not run.epochs:
        return Notice("No epoch to show", f"{run.name} ended before its first epoch did.")
    return Notice(
        "Nothing was kept of its epochs",
        f"{run.name} has no validation pictures, or was trained by a version that did not keep what was said of them.",
    )
