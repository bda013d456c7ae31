"""Takes X-rays for the Model tab: when asked, and again soon after the recipe has changed, as long as it is looked at.

What an X-ray depends on is a part of the recipe only: a learning rate changes nothing before training.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from PySide6.QtCore import QObject, QTimer

from workbench.gui import words
from workbench.gui.model_presenter import TAB
from workbench.gui.probes import Progress
from workbench.spec import Recipe

if TYPE_CHECKING:
    from workbench.gui.window import Window
    from workbench.probing.xray import XRay

#: How long after the last change of the recipe another one is taken.
SETTLED_MS = 300

#: All that an X-ray depends on.
Subject: TypeAlias = tuple[Any, ...]


def subject(recipe: Recipe) -> Subject:
    return recipe.data, recipe.model, recipe.initializer, recipe.tricks, recipe.training.seed


class XRayDesk(QObject):
    """The X-ray's side of one window."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window, self._page, self._inquiry = window, window.model, window.probes.xray
        #: whether X-rays are wanted: from the first one asked for until one is called off
        self._wanted = False
        self._taken: tuple[Subject, XRay] | None = None
        #: the initializers that have been measured of the one that is being taken
        self._found: list[dict[str, Any]] = []
        #: what could not be taken is not tried again by itself
        self._refused: Subject | None = None
        self._settled = QTimer(self, singleShot=True, interval=SETTLED_MS)
        self._settled.setObjectName("xrayClock")
        self._connect()

    def _connect(self) -> None:
        self._settled.timeout.connect(self._take)
        # what is pressed
        self._page.xray_asked.connect(self.take_or_cancel)
        self._page.turned.connect(self._turned)
        self._page.initializer_wanted.connect(self._use)
        # the recipe and where one looks
        self._window.networks.followed.connect(self._look)
        # the probe
        self._inquiry.begun.connect(self._begun)
        self._inquiry.progressed.connect(self._progressed)
        self._inquiry.partly_found.connect(self._partly_found)
        self._inquiry.answered.connect(self._answered)
        self._inquiry.failed.connect(self._failed)

    # --- what is asked -------------------------------------------------------------------------------------

    def take_or_cancel(self) -> None:
        """Take one, with the Model tab in view; the one that is being taken is called off."""
        if self._inquiry.running or self._settled.isActive():
            self._wanted = False
            self._settled.stop()
            self._inquiry.cancel()
            self._show()
            return
        self._window.tabs.show_tab(TAB)
        self._page.turn_to_xray()
        self._wanted, self._refused = True, None
        self._take()

    def _turned(self) -> None:
        """The first look at table and X-ray takes one."""
        if self._in_view and self._taken is None and not self._inquiry.running:
            self._wanted = True
        self._look()

    def _use(self, kind: str) -> None:
        """What a card shows begins with nothing trained, so trained weights do not stay in the recipe."""
        panel = self._window.recipe
        drawn = panel.recipe is None or panel.recipe.initializer.start == "nothing"
        panel.set_values({"initializer.kind": kind, "initializer.start": "nothing"})
        begins = "" if drawn else " and starts from no trained weights"
        self._window.status.say(f"The recipe has another initializer{begins}. Undo brings the last one back.")

    # --- when the recipe changes ------------------------------------------------------------------------------

    @property
    def _now(self) -> Subject | None:
        recipe = self._window.recipe.recipe
        return None if recipe is None else subject(recipe)

    def _asked(self) -> Subject | None:
        """What is being looked at by the probe."""
        return None if self._inquiry.recipe is None else subject(self._inquiry.recipe)

    @property
    def _in_view(self) -> bool:
        """Whether the tab shows X-rays before training, and not those of a run."""
        return self._page.shows_xray and not self._page.shows_run

    def _look(self) -> None:
        """The recipe changed, or the tab or its parts."""
        if self._window.tabs.name != TAB:
            self._settled.stop()
            return
        now = self._now
        fresh = self._taken is not None and self._taken[0] == now
        if self._inquiry.running and (fresh or now is None):
            self._inquiry.cancel()
        waits = now is None or fresh or now in {self._asked(), self._refused} or not self._in_view
        if self._wanted and not waits:
            self._settled.start()
        else:
            self._settled.stop()
        self._show()

    def _take(self) -> None:
        recipe = self._window.recipe.recipe
        if recipe is None:
            self._say(f"No X-ray. {self._window.recipe.explain_problems()}", "err")
            return
        self._inquiry.ask(recipe)

    # --- what comes ---------------------------------------------------------------------------------------------

    def _begun(self) -> None:
        self._found = []
        self._say("Taking an X-ray", "text2")
        self._show()

    def _progressed(self, progress: Progress) -> None:
        # The part at work is counted; once all pictures are read there is none beyond the last.
        at = min(progress.done + 1, progress.of)
        part = f", {words.count(at)} of {words.count(progress.of)}" if progress.of else ""
        self._say(f"Taking an X-ray: {progress.words}{part}", "text2")

    def _partly_found(self, found: dict[str, Any]) -> None:
        if "scheme" in found:
            self._found.append(found["scheme"])
            self._show()

    def _answered(self, recipe: Recipe, answer: dict[str, Any]) -> None:
        from workbench.probing.xray import XRay  # noqa: PLC0415 - once it is asked for

        self._taken = subject(recipe), XRay.from_tree(answer)
        self._look()

    def _failed(self, sentence: str) -> None:
        self._refused = self._now
        self._show()
        self._say(f"No X-ray. {sentence}", "err")
        self._window.presenter.show_problem(f"No X-ray. {sentence}")

    def _say(self, sentence: str, token: str) -> None:
        """Under the network, unless a run's is shown."""
        if not self._page.shows_run:
            self._page.say_below(sentence, token)

    def _show(self) -> None:
        """The X-ray as it stands: as it is, greyed, or none yet."""
        from workbench.gui.model.xray import Shown  # noqa: PLC0415 - comes with the view
        from workbench.probing.xray import XRay  # noqa: PLC0415 - as above

        taking = self._inquiry.running or self._settled.isActive()
        self._page.show_taking(taking=taking)
        if self._page.told is None or self._page.shows_run or not (self._page.shows_xray or self._taken):
            return
        recipe = self._window.recipe.recipe
        in_use = recipe.initializer.kind if recipe is not None else ""
        if self._inquiry.running and self._found and self._asked() == self._now:
            found = XRay.from_tree({"pictures": 0, "schemes": self._found})
            self._page.show_xray(Shown.of(found, in_use=in_use, partial=True))
            return
        if self._taken is None:
            self._page.show_xray(None)
            if not taking:
                self._page.say_below("No X-ray has been taken yet.", "text2")
            return
        about, xray = self._taken
        self._page.show_xray(Shown.of(xray, stale=about != self._now, in_use=in_use))
