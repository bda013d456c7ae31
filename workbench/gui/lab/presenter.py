"""Fills the descent lab: has races run when its settings change, and shows them; does nothing until the tab is looked at."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from workbench.descent import theory
from workbench.descent.slices import Measured
from workbench.descent.surfaces import Floats, Surface
from workbench.descent.theory import Curvature
from workbench.errors import WorkspaceError
from workbench.gui.lab import saying as lab_saying
from workbench.gui.lab import slice_words
from workbench.gui.lab.racing import Racing
from workbench.gui.lab.shown import Shown, measured_of, show, surface_of
from workbench.gui.lab.slice_desk import SliceDesk
from workbench.gui.lab.slice_marks import SliceMarks
from workbench.spec.entrants import entrant
from workbench.spec.lab import Lab

if TYPE_CHECKING:
    from workbench.gui.window import Window

TAB = "lab"
NO_NEWTON = "Newton needs the Hessian of all weights: no network is trained with it."


class LabPresenter(QObject):
    """The Descent lab's side of one window."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window, self._page, self._panel = window, window.lab, window.lab_panel
        self.racing = Racing(window.workspace, self)
        #: the lab that was asked about last
        self._asked: Lab | None = None
        self._surface: Surface | None = None
        #: of a slice, what was measured; and what is wrong with its file
        self._measured: Measured | None = None
        self._trouble = ""
        self._marks = SliceMarks(window.theme)
        self._page.landscape.addItem(self._marks, ignoreBounds=True)
        self.slicing = SliceDesk(window)
        self._curvature: Curvature | None = None
        #: the last race that came, and where its racers were
        self.shown: Shown | None = None
        self._places: dict[str, Floats] = {}
        self._anew = True
        #: whether the next race takes seconds
        self._preparing = False
        window.tabs.turned.connect(self._turn)
        self._panel.lab_changed.connect(self._change)
        self._panel.train_asked.connect(self._train_with)
        self._panel.slice_asked.connect(self.slicing.ask)
        self.slicing.measured.connect(self.show_slice)
        self._panel.status.connect(window.status.say)
        self._page.start_moved.connect(self._panel.set_start)
        self._page.landscape.start_settled.connect(self._panel.settle_start)
        self.racing.raced.connect(self._take)
        self.racing.preparing.connect(self._prepare)
        self.racing.failed.connect(self._fail)

    def _turn(self, name: str) -> None:
        self._window.left.show_lab(name == TAB)
        if name == TAB:
            self.fill()
        else:
            self._page.bar.pause()

    def fill(self) -> None:
        """Show the lab as it stands, if anybody looks."""
        if self._window.tabs.name == TAB:
            self._ask(self._panel.lab)

    def _change(self, lab: Lab, anew: bool) -> None:  # noqa: FBT001 - as the signal has it
        self._anew = self._anew or anew
        self._ask(lab)

    def _ask(self, lab: Lab) -> None:
        before = self._asked
        if lab == before:
            return
        self._asked = lab
        self._show_ground(before, lab)
        if self._surface is None:
            self._places, self.shown = {}, None
            self._page.show_nothing()
            self._page.say(self._trouble or lab_saying.UNMEASURED)
            return
        if before is not None and self._places and _same_race(before, lab):
            self._show(lab)
            return
        self.racing.ask(lab)

    def _show_ground(self, before: Lab | None, lab: Lab) -> None:
        """The landscape itself, when it is another one; a start that is dragged leaves it as it is."""
        land = lab.landscape
        if self._surface is not None and before is not None and _same_ground(before, lab):
            self._surface.landscape = land
            if self._preparing:  # else it is shown with its race, a moment later: twice would be painted twice
                self._page.landscape.show_start(land.start_x, land.start_y)
            return
        self._read(lab)
        self._surface = None if self._trouble else surface_of(lab, self._measured)
        self._marks.show_slice(self._measured)
        if self._surface is None:
            self._panel.show_no_theory()
            return
        self._curvature = theory.curvature(self._surface)
        self._panel.show_theory(self._curvature)
        self._page.landscape.show_surface(self._surface, anew=self._anew)
        self._anew = False

    def _read(self, lab: Lab) -> None:
        """What was measured of the run whose slice the lab goes down, if it is one."""
        self._measured, self._trouble = None, ""
        try:
            self._measured = measured_of(lab)
        except WorkspaceError as error:
            self._trouble = str(error)

    def show_slice(self, path: Path) -> None:
        """Go down a loss that was just measured, also where one of that name was shown before."""
        self._asked, self._anew, self._places = None, True, {}
        self._panel.set_value("lab.slice_file", str(path))
        self.fill()

    def _take(self, lab: Lab, places: dict[str, Floats]) -> None:
        self._preparing = False
        now = self._asked
        if now is None or not _same_ground(lab, now):
            return  # another landscape is in view, whose own race is on its way
        self._places = places
        # What was turned on or off meanwhile is as it is now.
        self._show(now if _same_race(lab, now) else lab)

    def _show(self, lab: Lab) -> None:
        if self._surface is None:
            return
        self.shown = show(lab, self._places, self._surface, self._curvature)
        self._page.landscape.show_start(lab.landscape.start_x, lab.landscape.start_y)
        self._page.show_race(self.shown)
        self._page.say(" ".join((*self._of_slice(), lab_saying.sentence(self.shown))))

    def _of_slice(self) -> tuple[str, ...]:
        """Of a slice, whose loss it is."""
        if self._measured is None:
            return ()
        run = self._window.session.run(self._measured.about.run)
        return (slice_words.measured(self._measured.about, run.name if run is not None else "A run that is gone"),)

    def _prepare(self) -> None:
        self._preparing = True
        self._page.say(lab_saying.PREPARING)

    def _fail(self, sentence: str) -> None:
        self._preparing = False
        self._asked = None
        self._page.say(sentence)
        self._window.status.say(sentence, "error", "err")

    def _train_with(self, name: str) -> None:
        """The racer's method becomes the recipe's optimizer; everything else of the recipe stays."""
        window = self._window
        racer = entrant(name, self._panel.lab.racers[name], "lab")
        if racer is None:
            window.status.say(NO_NEWTON, "info", "info")
            return
        window.recipe.set_values(racer.settings())
        window.tabs.show_tab("curves")
        noise = ", and adds its gradient noise" if racer.noise is not None else ""
        window.status.say(
            f"The recipe's optimizer is {racer.optimizer.TITLE} now, with the lab's numbers{noise}. A rate for a bowl may be none for a "
            "network."
        )

    def close(self) -> None:
        self._page.bar.pause()
        self._page.landscape.close_errands()
        self.slicing.close()
        self.racing.close()


def _same_ground(one: Lab, other: Lab) -> bool:
    """Whether two labs have the same landscape, wherever and however long its race."""
    return _ground(one) == _ground(other)


def _ground(lab: Lab) -> dict[str, object]:
    """What of a landscape is its function."""
    return lab.landscape.model_dump(exclude={"start_x", "start_y", "steps", "noise", "batch_size", "seed"})


def _same_race(one: Lab, other: Lab) -> bool:
    """Whether two labs differ in nothing but who is on."""
    if one.landscape != other.landscape or list(one.racers) != list(other.racers):
        return False
    return all(one.racers[name].rule == other.racers[name].rule for name in one.racers)
