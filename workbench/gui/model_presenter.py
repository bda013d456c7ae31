"""Fills the Model tab with the network of the form's recipe, right after each change, as long as the tab is in view.

Beside the X-rays of a run that run's network is shown; that is run_xray_desk's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from workbench.gui.recipe.estimate import training_pictures
from workbench.gui.tabs.model_page import UNKNOWN

if TYPE_CHECKING:
    from workbench.gui.recipe.network import Network
    from workbench.gui.window import Window

TAB = "model"


class ModelPresenter(QObject):
    """The Model tab's side of one window. It does nothing while the tab is out of sight."""

    #: The tab shows the form as it stands, or is out of sight.
    followed = Signal()

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window, self._page = window, window.model
        #: the network that was shown last, with the batch size and precision its memory was reckoned for
        self._filled: tuple[Network, int, str] | None = None
        # The form shows a change first: both at once would hold up the window for longer than a frame.
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.setObjectName("networkClock")
        self._soon.timeout.connect(self.fill)
        window.recipe.recipe_changed.connect(self._soon.start)
        window.recipe.problems_changed.connect(self._soon.start)
        window.tabs.turned.connect(self.fill)
        self._page.turned.connect(self.fill)

    @property
    def behind(self) -> bool:
        """Whether the form has changed and the tab was not looked after yet."""
        return self._soon.isActive()

    def fill(self) -> None:
        """Show the network of the form as it stands, if anybody looks."""
        if self._window.tabs.name == TAB and not self._page.shows_run:
            self._fill()
        elif self._page.shows_run:
            self._filled = None
        self.followed.emit()

    def _fill(self) -> None:
        # Not needed for the first paint.
        from workbench.gui.model.rows import Told  # noqa: PLC0415 - see above
        from workbench.gui.recipe.network import network  # noqa: PLC0415 - see above

        panel = self._window.recipe
        recipe = panel.recipe
        if recipe is None:
            self._say(panel.explain_problems())
            return
        found = network(recipe)
        if found.plan is None:
            self._say(panel.explain_problems(found.problems) or UNKNOWN)
            return
        samples = training_pictures(recipe)
        now = found, recipe.training.batch_of(samples), recipe.training.precision
        if now != self._filled:
            self._filled = now
            self._page.show_network(Told.of(found.title, found.plan, recipe, samples))

    def _say(self, sentence: str) -> None:
        self._filled = None
        self._page.show_sentence(sentence)
