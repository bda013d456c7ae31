"""Fills the Data tab: has the recipe's pictures looked through while the tab is in view, and shows what is said of them.

A scan begins only when the tab is in view and what it would look at has changed since the last, when somebody asks for one, and
for a data set that was not on this computer each time it may have been fetched meanwhile. One that is no longer wanted is left to
end by itself, and what it still says is not heard.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QGuiApplication

from workbench.gui.data.head import LOOK_AGAIN
from workbench.gui.data.scan_thread import ScanThread
from workbench.gui.file_manager import open_path, reveal
from workbench.spec.data import DataSpec
from workbench.spec.recipe import Recipe

if TYPE_CHECKING:
    from workbench.data.scan.message import Message
    from workbench.gui.data.shown import DataShown
    from workbench.gui.window import Window

TAB = "data"
#: After the last edit of the recipe, a moment before its pictures are looked through.
PATIENCE_MS = 400


class DataPresenter(QObject):
    """The Data tab's side of one window."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self._page = window.data
        self._thread: ScanThread | None = None
        self._leaving: list[ScanThread] = []
        #: the data station and the seed that were looked through last, or were to be
        self._asked: tuple[DataSpec, int] | None = None
        #: what was looked through last, or was to be
        self._last: Recipe | None = None
        #: whether that was not on this computer
        self._missing = False
        self._ready = False
        self._soon = QTimer(self, singleShot=True, interval=PATIENCE_MS)
        self._soon.setObjectName("scanClock")
        self._soon.timeout.connect(self.look)
        window.tabs.turned.connect(self._turned)
        window.recipe.recipe_changed.connect(self._soon.start)
        window.recipe.recipe_changed.connect(self._weigh)
        window.session.followers.run_ended.connect(self._look_for_missing)
        page = self._page
        page.fetch_asked.connect(self._fetch)
        page.again_asked.connect(self._again)
        page.open_asked.connect(open_path)
        page.folder_asked.connect(open_path)
        page.reveal_asked.connect(reveal)
        page.copy_asked.connect(self._copy)

    def start(self) -> None:
        """The window has been painted: what takes NumPy may begin."""
        self._ready = True
        self.look()

    def close(self) -> None:
        """End every scan; what was noted is kept."""
        self._ready = False  # a run that ends now has nothing looked for
        self._soon.stop()
        self._leave()
        for thread in self._leaving:
            thread.wait()
        self._leaving.clear()
        if self._page.shown is not None:
            self._page.shown.close()

    def _turned(self, name: str) -> None:
        if name == TAB:
            self.look()
            self._look_for_missing()

    def _look_for_missing(self, _run: str = "") -> None:
        """What was not on this computer may be there by now: runs fetch it."""
        if self._missing and self._in_view and self._last is not None:
            self._begin(self._last)

    @property
    def _in_view(self) -> bool:
        return self._ready and self._window.tabs.name == TAB

    def look(self) -> None:
        """Look through the recipe's pictures, if the tab is in view and they are others than before."""
        recipe = self._window.recipe.recipe
        if not self._in_view:
            return
        if recipe is None:
            if self._page.shown is None:
                # What is said of the recipe goes once it is put right.
                self._asked, self._missing = None, False
                said = self._window.recipe.explain_problems() or "The recipe has a problem."
                self._page.show_nothing(said, LOOK_AGAIN if self._last is not None else "")
            return
        if _asked(recipe) != self._asked:
            self._begin(recipe)

    def _begin(self, recipe: Recipe, *, fetch: bool = False) -> None:
        self._leave()
        # While it is looked for once more, what was said of it stands.
        stands = self._missing and not fetch and _asked(recipe) == self._asked
        self._last, self._asked, self._missing = recipe, _asked(recipe), False
        page = self._page
        page.show_title(recipe.data.TITLE, may_change=not recipe.data.READY)
        before = page.shown
        if not stands:
            page.show_nothing("")
        if before is not None:
            before.close()
        thread = ScanThread(
            self._window.workspace, recipe.data, recipe.training.seed, fetch=fetch, parent=self,
        )  # fmt: skip
        self._thread = thread
        thread.listed.connect(self._listed)
        thread.progressed.connect(self._progressed)
        thread.reading.connect(self._reading)
        thread.divided.connect(self._divided)
        thread.found.connect(self._found)
        thread.absent.connect(self._absent)
        thread.failed.connect(self._failed)
        thread.finished.connect(self._finished)
        thread.start()

    def _leave(self) -> None:
        """Hear no more of the present scan."""
        thread, self._thread = self._thread, None
        if thread is not None and not thread.isFinished():
            thread.leave()
            self._leaving.append(thread)

    def _heard(self) -> bool:
        """Whether what is being said comes from the scan that is wanted."""
        return self._thread is not None and self.sender() is self._thread

    def _finished(self) -> None:
        thread = self.sender()
        if isinstance(thread, ScanThread):
            thread.wait()
            if thread in self._leaving:
                self._leaving.remove(thread)
                thread.deleteLater()

    # --- what the scan says -----------------------------------------------------------------------------

    def _listed(self, shown: DataShown) -> None:
        if self._heard():
            self._page.show_data(shown)
        else:
            shown.close()

    def _progressed(self, done: int, total: int) -> None:
        if self._heard() and self._page.shown is not None:
            self._page.show_progress(done, total)

    def _reading(self, words: str, done: int, total: int) -> None:
        if self._heard():
            self._page.show_reading(words[:1].upper() + words[1:], done, total)

    def _divided(self, message: Message) -> None:
        shown = self._page.shown
        if self._heard() and shown is not None:
            shown.divide(message)
            self._page.show_divided()

    def _found(self, message: Message) -> None:
        shown, recipe = self._page.shown, self._window.recipe.recipe
        if self._heard() and shown is not None:
            shown.take_found(message)
            self._page.show_found(balanced=recipe is not None and _balanced(recipe))

    def _absent(self, name: str) -> None:
        if self._heard():
            self._missing = True
            self._page.show_nothing(
                f"{name} is not on this computer yet. It is fetched when a run begins, or now.", "Fetch it", fetch=True
            )

    def _failed(self, sentence: str) -> None:
        if self._heard():
            self._page.show_nothing(sentence, LOOK_AGAIN)

    def _weigh(self, recipe: Recipe) -> None:
        self._page.show_balanced(balanced=_balanced(recipe))

    # --- what is asked ----------------------------------------------------------------------------------

    def _fetch(self) -> None:
        recipe = self._window.recipe.recipe or self._last
        if recipe is not None:
            self._begin(recipe, fetch=True)

    def _again(self) -> None:
        # A folder that was away may be back before the form has noticed, for which the recipe still has a problem.
        recipe = self._window.recipe.recipe or self._last
        if recipe is not None:
            self._begin(recipe)

    def _copy(self, path: str) -> None:
        QGuiApplication.clipboard().setText(path)
        self._window.status.say("The path was copied")


def _asked(recipe: Recipe) -> tuple[DataSpec, int]:
    """What decides which pictures are looked through, and how they are divided."""
    return recipe.data, recipe.training.seed


def _balanced(recipe: Recipe) -> bool:
    """Whether rare classes weigh more."""
    return recipe.tricks.class_weights.on or recipe.tricks.resampling.on
