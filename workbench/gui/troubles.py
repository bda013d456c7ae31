"""What the window does about troubles: it takes the way out that a card offers, and looks whether the run in focus hangs."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QFileDialog

from workbench.errors import RecipeError, Way, WayKind
from workbench.events import State
from workbench.gui import dialogs
from workbench.gui.session import Session
from workbench.journal import Run

if TYPE_CHECKING:
    from workbench.gui.window import Window

LOOK_MS = 1000
#: A machine that slept wakes with an old sign of life: it hangs only if that stays so for so many looks.
LOOKS = 3


class Troubles(QObject):
    """The error card's commands, of one window."""

    def __init__(self, window: Window, session: Session) -> None:
        super().__init__(window)
        self._window = window
        self._session = session
        #: the run that was looked at, its last sign of life, and for how many looks it was too old
        self._seen = ("", 0.0, 0)
        #: the sign of life after which the person chose to wait
        self._waits = 0.0
        #: runs that are taken up again when they have ended
        self._restarting: set[str] = set()
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.setObjectName("hangTimer")
        self._timer.timeout.connect(self.look)
        session.followers.run_ended.connect(self._ended)
        failure = window.page.failure
        failure.way_taken.connect(self.take)
        failure.way_chosen.connect(self._say_where)
        failure.recipe_asked.connect(self.change_recipe)

    def start(self) -> None:
        self._timer.start()

    def stop(self) -> None:
        self._timer.stop()

    def _focused(self) -> Run | None:
        return self._session.run(self._session.focus)

    # --- the ways -------------------------------------------------------------------------------------

    def take(self, way: Way) -> None:
        """Do what a way says to the run in focus."""
        run = self._focused()
        if run is None:
            return
        match way.kind:
            case WayKind.CHANGE | WayKind.AGAIN:
                self._session.take_way(run, way)
            case WayKind.MOVED:
                pictures = self._ask_where(run)
                if pictures:
                    self._session.take_way(run, way, pictures)
            case WayKind.TRASH:
                self._window.deeds.upkeep.show_trash()
            case WayKind.WAIT:
                self._waits = self._seen[1]
                self._forget_hang()
            case WayKind.STOP | WayKind.STOP_NOW | WayKind.RESTART:
                from workbench.launch.way_out import ASKED  # noqa: PLC0415 - not before the first paint

                if way.kind is WayKind.RESTART:
                    self._restarting.add(run.id)
                self._session.ask(ASKED[way.kind], run)

    def _ask_where(self, run: Run) -> str:
        title = f"Where the pictures of {run.name} are now"
        if run.recipe.data.kind == "npz":
            return QFileDialog.getOpenFileName(self._window, title, "", "Arrays (*.npz)")[0]
        return QFileDialog.getExistingDirectory(self._window, title)

    def _ended(self, key: str) -> None:
        """A run that was killed because it hung is taken up again."""
        if key in self._restarting:
            self._restarting.discard(key)
            run = self._session.journal.run(key)
            if run.state is State.ENDED:
                self._session.take_up(run)

    def _say_where(self, way: Way) -> None:
        # The story knows of the ending a moment before the table does.
        story = self._session.story
        run = story.run if story is not None else None
        if run is None or run.state is not State.ENDED:
            self._window.page.failure.say_where("")
            return
        from workbench.launch.way_out import origin  # noqa: PLC0415 - not before the first paint

        words = ""
        if way.kind is WayKind.CHANGE:
            epoch = origin(self._session.journal, run)
            whence = f"grows from epoch {epoch}, the last good one" if epoch else "begins afresh"
            words = f"It becomes a run of its own, in an engine of its own, and {whence}. {run.name} stays as it is."
        elif way.kind in {WayKind.AGAIN, WayKind.MOVED}:
            words = f"{run.name} itself goes on, {f'after epoch {run.epochs}' if run.epochs else 'from its beginning'}."
        self._window.page.failure.say_where(words)

    def change_recipe(self) -> None:
        """The failed run's recipe in the form, with what the chosen way changes in it, and the focus there."""
        run, way = self._focused(), self._window.page.failure.way
        deeds = self._window.deeds
        if run is None:
            return
        if way is None or way.kind is not WayKind.CHANGE:
            deeds.use_recipe()
        else:
            from workbench.spec import ways  # noqa: PLC0415 - the form has the rest of it loaded

            try:
                self._window.recipe.set_recipe(ways.applied(run.recipe, way.changes), run.preset)
            except RecipeError as error:
                dialogs.tell(self._window, f"The recipe of {run.name} cannot be used", str(error))
                return
            self._window.status.say(f"The form has the recipe of {run.name}, changed: {way.title}.")
        deeds.find_setting()

    # --- hanging --------------------------------------------------------------------------------------

    def look(self) -> None:
        """Look whether the run in focus has given no sign of life for too long."""
        story = self._session.story
        if story is None or story.live is None or not story.run.state.alive:
            self._forget_hang()
            return
        from workbench.launch import hang  # noqa: PLC0415 - not before the first paint

        run, live = story.run, story.live
        late = hang.hangs(run, live, time.time())
        before, sign, looks = self._seen
        looks = looks + 1 if late and (before, sign) == (run.id, live.heartbeat) else int(late)
        self._seen = (run.id, live.heartbeat, looks)
        if not late or live.heartbeat == self._waits:
            self._forget_hang()
        elif looks == LOOKS:
            hang.ask_for_traces(self._session.journal, run)
        elif looks == LOOKS + 1:  # by now the log has them
            self._window.page.set_hang(run.id, hang.card(self._session.journal, run, live))
            self._window.presenter.show_frame()

    def _forget_hang(self) -> None:
        if self._window.page.set_hang("", None):
            self._window.presenter.show_frame()
