"""A thousand spikes of one step among a million: each is to be seen at every zoom, and the picture is the same after a reload."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np

from tests.bench.row import Row

STEPS, SPIKES, STEPS_AN_EPOCH, CHUNK = 1_000_000, 1_000, 10_000, 20_000
ZOOMS = (1, 3, 10, 40, 150, 600, 2_500, 10_000)
WINDOWS = 12


def measure() -> Row:
    from PySide6.QtWidgets import QApplication

    from tests.gui.curves.conftest import a_run
    from tests.gui.curves.spikes import Spikes, pixels, zoom_to
    from workbench.curves.axes import Axis
    from workbench.events import Ending, State
    from workbench.gui.curves.choices import Choices, Clip
    from workbench.gui.curves.view import CurvesView
    from workbench.gui.theme import Theme

    application = QApplication.instance() or QApplication(sys.argv[:1])
    theme = Theme()
    theme.apply(application)
    spikes = Spikes(STEPS, SPIKES)
    choices = replace(Choices(), axis=Axis.STEP, clip=Clip.OFF)

    def opened() -> CurvesView:
        view = CurvesView(theme)
        view.resize(1120, 620)
        view.show()
        view.set_choices(choices)
        application.processEvents()
        return view

    run = a_run(State.RUNNING, epochs_planned=STEPS // STEPS_AN_EPOCH)
    live, grown = opened(), spikes.tale(STEPS_AN_EPOCH)
    live.show_run(run, grown.curves)
    while grown.curves.steps < STEPS:  # painted in strips, as they come
        grown.grow(CHUNK, CHUNK)
        live.refresh()
        application.processEvents()
    ended = a_run(State.ENDED, Ending.COMPLETED, epochs_planned=STEPS // STEPS_AN_EPOCH)
    live.show_run(ended, grown.curves)
    application.processEvents()
    again, loaded = opened(), spikes.tale(STEPS_AN_EPOCH)
    loaded.grow(STEPS, CHUNK)
    again.show_run(ended, loaded.curves)
    application.processEvents()
    pictures = [[pixels(lane.viewport()) for lane in view.stack.lanes] for view in (live, again)]
    differing = sum(int((one != other).sum()) for one, other in zip(*pictures, strict=True))

    random = np.random.default_rng(1)
    seen, hidden = 0, 0
    for zoom in ZOOMS:
        for _ in range(1 if zoom == 1 else WINDOWS):
            span = STEPS * 1.02 / zoom
            place = spikes.places[random.integers(SPIKES)] - span * random.uniform(0.1, 0.9) if zoom > 1 else 0.0
            begin = float(np.clip(place, 0.0, max(0.0, STEPS - span)))
            zoom_to(again, begin, begin + span)
            inside = np.count_nonzero((spikes.places + 1 >= begin) & (spikes.places + 1 < begin + span))
            seen, hidden = seen + int(inside), hidden + len(spikes.hidden(again))
    live.close()
    again.close()
    return Row(
        f"{SPIKES:,} spikes of one step in {STEPS:,}", "every one visible at every zoom, same picture after reload",
        f"{hidden} of {seen:,} not visible, {differing} pixels differ", hidden == 0 and differing == 0,
        note=f"looked for in the painted pixels at {len(ZOOMS)} zooms, whole run to 1:{ZOOMS[-1]:,}, {WINDOWS} places each",
    )  # fmt: skip
