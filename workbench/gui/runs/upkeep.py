"""What the window does to keep its runs in order: tags, notes and pins; into the trash, back, and gone for good.

It asks where a question is due, then has the journal changed by way of the session; the table follows the journal.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from workbench.events import State
from workbench.gui import dialogs, verbs, words
from workbench.gui.session import Session
from workbench.journal import labels, trash
from workbench.journal.trash import Freed

if TYPE_CHECKING:
    from workbench.gui.runs.trash_dialog import Found, TrashDialog, TrashThread
    from workbench.gui.window import Window


class Upkeep(QObject):
    """The commands about runs that are there."""

    def __init__(self, window: Window, session: Session) -> None:
        super().__init__(window)
        self._window = window
        self._session = session
        self._thread: TrashThread | None = None
        self._dialog: TrashDialog | None = None
        self._found: Found | None = None
        #: the run that Undo in the status line brings back
        self._deleted = ""

    def by_command(self) -> dict[str, Callable[..., object]]:
        """What each row of the table of commands does."""
        return {"tags": self.edit_tags, "note": self.edit_note, "pin": self.turn_pin, "trash": self.show_trash}

    def close(self) -> None:
        """Wait until the trash is empty, if it is being emptied."""
        if self._thread is not None:
            self._thread.wait()

    # --- labels -------------------------------------------------------------------------------------------

    def edit_tags(self) -> None:
        self.edit_tags_of(self._session.focus or "")

    def edit_tags_of(self, key: str) -> None:
        """Ask for the tags of a run."""
        from workbench.gui.runs.label_dialogs import TagsDialog  # noqa: PLC0415 - once it is asked for

        run = self._session.run(key)
        if run is None:
            return
        used = Counter(tag for row in self._session.rows or () for tag in row.run.tags if tag not in run.tags)
        dialog = TagsDialog(self._window.theme, run, [tag for tag, _ in used.most_common()], self._window)
        dialog.tags_saved.connect(self._set_tags)
        dialog.open()

    def _set_tags(self, run: str, tags: tuple[str, ...]) -> None:
        self._session.change(lambda journal: labels.set_tags(journal, run, tags))

    def edit_note(self) -> None:
        self.edit_note_of(self._session.focus or "")

    def edit_note_of(self, key: str) -> None:
        """Ask for the note of a run."""
        from workbench.gui.runs.label_dialogs import NoteDialog  # noqa: PLC0415 - once it is asked for

        run = self._session.run(key)
        if run is not None:
            dialog = NoteDialog(self._window.theme, run, self._window)
            dialog.note_saved.connect(self._set_note)
            dialog.open()

    def _set_note(self, run: str, note: str) -> None:
        self._session.change(lambda journal: labels.set_note(journal, run, note))

    def turn_pin(self) -> None:
        self.turn_pin_of(self._session.focus or "")

    def turn_pin_of(self, key: str) -> None:
        """Pin a run to the top of the table, or take its pin off."""
        run = self._session.run(key)
        if run is not None:
            self._session.change(lambda journal: labels.pin(journal, key, pinned=not run.pinned))

    # --- the trash ------------------------------------------------------------------------------------------

    def delete(self, key: str) -> None:
        """Put an ended run into the trash or discard a live one, after saying what that takes away."""
        run = self._session.run(key)
        if run is None:
            return
        held = trash.contents(self._session.journal, run)
        if not dialogs.may_discard(self._window, run, held):
            return
        run = self._session.run(key) or run
        if run.state is not State.ENDED:
            self._session.discard(run)
        elif self._session.change(lambda journal: verbs.delete(journal, run)):
            self._deleted = key
            self._window.status.offer(f"{run.name} is in the trash · {words.size(held.size)}", "Undo", self._undo)

    def _undo(self) -> None:
        self._restore([self._deleted])

    def _restore(self, runs: list[str]) -> None:
        for key in runs:
            if not self._session.change(functools.partial(trash.restore, run=key)):
                return
            name = self._session.journal.run(key).name
            self._window.status.say(f"{name} is back in the table.", "undo", "text2")
        if self._dialog is not None:
            self._dialog.take_out(runs)
        if len(runs) == 1:
            self._session.show_run(runs[0])

    def show_trash(self) -> None:
        """What is in the trash, to restore it or to empty it."""
        from workbench.gui.runs.trash_dialog import TrashDialog  # noqa: PLC0415 - once it is asked for

        if self._dialog is not None:
            return
        self._dialog = TrashDialog(self._window.theme, self._window)
        self._dialog.restore_asked.connect(self._restore)
        self._dialog.empty_asked.connect(self._empty)
        self._dialog.destroyed.connect(self._forget_dialog)
        self._dialog.open()
        if self._thread is None:
            self._begin(empty=False)
        else:
            self._dialog.show_busy()  # it was closed while the trash is being emptied

    def _empty(self, runs: int, size: int) -> None:
        if dialogs.may_empty_trash(self._window, runs, size):
            if self._dialog is not None:
                self._dialog.show_busy()
            self._begin(empty=True)

    def _begin(self, *, empty: bool) -> None:
        from workbench.gui.runs.trash_dialog import TrashThread  # noqa: PLC0415 - once it is asked for

        self._found = None
        self._thread = TrashThread(self._session.workspace, self, empty=empty)
        self._thread.measured.connect(self._take_found)
        self._thread.emptied.connect(self._tell_freed)
        self._thread.failed.connect(self._session.failed)
        self._thread.finished.connect(self._forget_thread)
        self._thread.start()

    def _take_found(self, found: Found) -> None:
        self._found = found

    def _tell_freed(self, freed: Freed) -> None:
        if freed.left:
            self._session.failed.emit(freed.left)
        else:
            many = words.plural(freed.runs, "run", "runs")
            self._window.status.say(f"{many} deleted, {words.size(freed.size)} freed.", "delete", "text2")

    def _forget_thread(self) -> None:
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.wait()
            thread.deleteLater()
        # Only now: what is pressed in the dialog may begin the next thread.
        if self._dialog is not None and self._found is not None:
            self._dialog.show_found(self._found)
        elif self._dialog is not None:
            self._dialog.reject()  # it could not be read; the status line says why

    def _forget_dialog(self) -> None:
        self._dialog = None
