"""A race for the lab's page without the lab's engine: every racer goes by plain gradient descent in NumPy, each with its own step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workbench.descent import theory
from workbench.descent.surfaces import Floats, Surface
from workbench.gui.lab.shown import Shown, show
from workbench.spec import lab_presets
from workbench.spec.lab import Lab

if TYPE_CHECKING:
    from workbench.gui.window import Window


def preset(name: str) -> Lab:
    """A shipped preset of the lab."""
    return lab_presets.load(lab_presets.shipped_lab() / f"{name}.toml", shipped=True).lab


def walked(lab: Lab) -> Shown:
    """The lab's race, where each racer that is on takes steps of its learning rate against the gradient."""
    surface = Surface(lab.landscape)
    places = {name: _walk(surface, racer.rule.learning_rate) for name, racer in lab.racers.items() if racer.on}
    return show(lab, places, surface, theory.curvature(surface))


def put(window: Window, lab: Lab) -> Shown:
    """Fill the lab's form and page with it."""
    window.lab_panel.set_lab(lab)
    shown = walked(lab)
    window.lab.landscape.show_surface(shown.surface, anew=True)
    window.lab.show_race(shown)
    return shown


def _walk(surface: Surface, step: float) -> Floats:
    place = np.array([surface.landscape.start_x, surface.landscape.start_y])
    walk = [place]
    with np.errstate(all="ignore"):
        for _ in range(surface.landscape.steps):
            place = place - step * np.array(surface.gradient(place[0], place[1]))
            walk.append(place)
    return np.array(walk)
