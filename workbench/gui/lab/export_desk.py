"""Gives out what the descent lab shows: takes it from the screen, has it drawn by a process of its own, and says where it is."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from workbench.errors import ExportError, WorkbenchError
from workbench.export.lab import drawing
from workbench.export.lab.drawing import Drawing, Ground, Look, Theory, Track, What
from workbench.export.wish import Wish
from workbench.gui import announce, tokens
from workbench.gui.errand import Errands
from workbench.gui.lab.strokes import racer_look
from workbench.paths import Workspace

if TYPE_CHECKING:
    from workbench.descent.surfaces import View
    from workbench.gui.lab.export_dialog import LabExportDialog
    from workbench.gui.lab.page import LabPage
    from workbench.gui.lab.shown import Line, Shown
    from workbench.gui.window import Window

#: How strong the relief is on a light and on a dark ground: as in the window (gui/lab/landscape.py).
_RELIEF = {False: (0.30, 0.02, 0.55), True: (0.42, 0.06, 0.40)}
#: Free space around all that is shown of a landscape.
_PADDING = 0.02
#: A start that is farther away would leave nothing to see.
_FAR = 1e3


class LabExportDesk(QObject):
    """The figures of the descent lab of one window."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window, self._page = window, window.lab
        self.dialog: LabExportDialog | None = None
        self._errands = Errands(self)
        #: a preview is being drawn; another one is wanted by now
        self._drawing = self._again = False
        self._page.export_asked.connect(self.open)

    def close(self) -> None:
        """Wait until what is being written is there, which takes about a second."""
        self._errands.close()

    def open(self) -> None:
        """Ask how what is shown is to be given out."""
        from workbench.gui.lab.export_dialog import LabExportDialog  # noqa: PLC0415 - once it is asked for

        if self.dialog is not None:
            return
        if self._page.shown is None:
            self._tell_failed(ExportError("There is nothing to export yet: no race has been shown."))
            return
        self.dialog = dialog = LabExportDialog(self._window.theme, self._window)
        dialog.preview_wanted.connect(self._preview)
        dialog.place_chosen.connect(self.write)
        dialog.finished.connect(self._closed)
        dialog.open()

    def _closed(self) -> None:
        self.dialog = None
        self._again = False

    def _taken(self, dialog: LabExportDialog) -> Drawing | None:
        shown = self._page.shown
        return drawing_of(shown, self._page, dark=dialog.dark, everything=dialog.everything) if shown else None

    # --- the preview ------------------------------------------------------------------------------------------

    def _preview(self) -> None:
        """Have it drawn small; of several wishes meanwhile the newest counts."""
        if self._drawing:
            self._again = True
            return
        found = self._taken(self.dialog) if self.dialog is not None else None
        if self.dialog is None or found is None:
            return
        self._drawing = True
        job = functools.partial(_drawn, self._window.workspace, found, self.dialog.small_wish())
        self._errands.send(job, self._show, self._show_failure)

    def _show(self, picture: object) -> None:
        self._drawing = False
        if self._again:
            self._again = False
            self._preview()
        elif self.dialog is not None and isinstance(picture, bytes):
            self.dialog.show_drawn(picture)

    def _show_failure(self, error: WorkbenchError) -> None:
        self._drawing = False
        if self._again:
            self._again = False
            self._preview()
        elif self.dialog is not None:
            self.dialog.show_failure(str(error))

    # --- giving it --------------------------------------------------------------------------------------------

    def write(self, path: Path) -> None:
        """Have it written there, as the dialog says."""
        if self.dialog is None:
            return
        wish, found = self.dialog.checked(), self._taken(self.dialog)
        if wish is None or found is None:
            return
        self.dialog.accept()
        self._window.status.say(f"Writing {path}…", "preparing", "info")
        self._errands.send(
            functools.partial(_written, self._window.workspace, found, wish, path), self._tell, self._tell_failed
        )

    def _tell(self, sentence: object) -> None:
        self._window.status.say(str(sentence))
        announce.say(self._window, str(sentence))

    def _tell_failed(self, error: WorkbenchError) -> None:
        self._window.status.say(str(error), "error", "err")
        announce.say(self._window, str(error))


# --- what is drawn ----------------------------------------------------------------------------------------------


def drawing_of(shown: Shown, page: LabPage, *, dark: bool, everything: bool) -> Drawing:
    """What the page shows; or `everything`: the landscape's usual view and the paths to their ends."""
    what: What = "slopes" if page.what.key == "slopes" else "heights"
    (left, right), (bottom, top) = page.landscape.getViewBox().viewRange()
    low, high = page.course.getViewBox().viewRange()[1]
    theory = tuple(
        Theory(bound.name, bound.values if what == "heights" or bound.slopes is None else bound.slopes)
        for bound in shown.bounds
        if what == "heights" or bound.slopes is not None
    )
    return Drawing(
        shown.lab, tuple(_track(line, what, dark=dark) for line in shown.lines), theory, ground_of(dark=dark), what,
        _usual(shown) if everything else (left, right, bottom, top), (low, high), shown.steps if everything else page.bar.step,
        shown.surface.part,
    )  # fmt: skip


def ground_of(*, dark: bool) -> Ground:
    """The colours of a theme."""
    table = tokens.DARK if dark else tokens.LIGHT
    inks = {name: table[name] for name in ("plot", "text", "text2", "text3", "accent", "grid")}
    deep, flat, line = _RELIEF[dark]
    return Ground(**inks, deep=deep, flat=flat, line=line)


def _track(line: Line, what: What, *, dark: bool) -> Track:
    dash, marker, hollow = racer_look(line.slot)
    table = tokens.SERIES_DARK if dark else tokens.SERIES_LIGHT
    look = Look(table[f"run{line.slot % len(tokens.RUN_MARKERS) + 1}"], dash, marker, hollow)
    return Track(line.title, look, line.path.places, line.path.heights if what == "heights" else line.path.slopes)


def _usual(shown: Shown) -> View:
    """The landscape's usual view with the start in it."""
    left, right, bottom, top = shown.surface.view
    x, y = shown.lab.landscape.start_x, shown.lab.landscape.start_y
    if max(abs(x), abs(y)) < _FAR:
        left, right, bottom, top = min(left, x), max(right, x), min(bottom, y), max(top, y)
    across, upright = _PADDING * (right - left), _PADDING * (top - bottom)
    return left - across, right + across, bottom - upright, top + upright


# --- in another thread than the window's ------------------------------------------------------------------------


def _written(workspace: Workspace, found: Drawing, wish: Wish, to: Path) -> str:
    """Have it written and wait for it; a sentence that says where it is."""
    from workbench.launch import written  # noqa: PLC0415 - not before the first paint

    with tempfile.TemporaryDirectory(prefix="workbench-lab-") as folder:
        try:
            drawing.save(Path(folder), found, wish)
        except OSError as error:
            raise ExportError(
                f"The figure was not written: {error.strerror or error}. Make room on the disk."
            ) from error
        written.draw_lab(workspace, Path(folder), to)
    return f"Wrote the descent lab to {to}."


def _drawn(workspace: Workspace, found: Drawing, wish: Wish) -> bytes:
    """The content of a PNG of it."""
    with tempfile.TemporaryDirectory(prefix="workbench-lab-") as folder:
        to = Path(folder) / "preview.png"
        _written(workspace, found, wish, to)
        return to.read_bytes()
