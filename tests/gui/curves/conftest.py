import itertools
import math
from collections.abc import Callable

import numpy as np
import pytest

from workbench.curves.run_curves import RunCurves
from workbench.events import (
    AttemptEnded,
    AttemptStarted,
    BestSoFar,
    DataReady,
    Ending,
    EpochEnded,
    RateChanged,
    State,
    StepBlock,
    StoppedEarly,
)
from workbench.gui.curves.view import CurvesView
from workbench.gui.theme import Theme
from workbench.journal import Run, Said, Steps

SPE = 50


def a_run(state: State = State.RUNNING, ending: Ending | None = None, **changes: object) -> Run:
    fields: dict[str, object] = {
        "id": "r17", "number": 17, "name": "Run 17", "preset": "", "recipe_toml": "", "created": 0.0, "state": state, "ending": ending,
        "reason": "", "reserved": 0.0, "process": 1, "started": 0.0, "ended": None, "epochs_planned": 80, "epochs": 0, "seconds": 0.0,
        "images_per_second": 0.0, "best_epoch": None, "best": {}, "last": {}, "weights_sha256": None, "last_weights_sha256": None,
        "device": "CPU",
    }  # fmt: skip
    return Run(**(fields | changes))


class Teller:
    """Tells a run's curves an invented story, epoch by epoch."""

    def __init__(self, patience: int = 8) -> None:
        self.curves = RunCurves()
        self._ids = itertools.count(1)
        self._patience = patience
        self.penalty = 0.0
        #: metrics that epochs end with beside the usual ones, or instead of them
        self.more: dict[str, float] = {}
        self._best = (math.inf, 0)
        self._noise = np.random.default_rng(1)
        self.say(AttemptStarted(0, 0, 1), DataReady(100, 20, 0, ("a",), (8, 8, 1), SPE, "f"))

    def say(self, *told: object) -> None:
        self.curves.feed([Said(next(self._ids), 1, 0.0, event) for event in told], [])

    def steps(self, count: int, loss: float | None = None) -> None:
        done = self.curves.steps
        at = (done + np.arange(1, count + 1)) / SPE
        losses = (
            np.full(count, loss)
            if loss is not None
            else (0.1 + 2 * np.exp(-at / 3)) * np.exp(self._noise.normal(0, 0.2, count))
        )
        numbers = np.stack(
            [losses, np.where(at > 5, 2e-4, 1e-3), losses, 1 - losses / 4, np.full(count, self.penalty)], axis=1
        ).astype(np.float32)
        self.curves.feed(
            [], [Steps(next(self._ids), 1, StepBlock(done + 1, numbers, done / SPE, (done + count) / SPE))]
        )

    def epochs(self, count: int, best_at: int = 10_000) -> None:
        for _ in range(count):
            self.steps(SPE)
            epoch = self.curves.last_epoch + 1
            value = 0.2 + 1.5 * math.exp(-epoch / 3) if epoch <= best_at else self._best[0] + 0.05
            if value < self._best[0]:
                self._best = (value, epoch)
            metrics = {"loss": 0.3, "val_loss": value, "accuracy": 0.9, "val_accuracy": 1 - value / 4} | self.more
            self.say(
                EpochEnded(epoch, epoch * SPE, float(epoch), metrics, 100.0, epoch - self._best[1], self._patience)
            )
            if self._best[1] == epoch:
                self.say(BestSoFar(epoch, "val_loss", value))

    def change_rate(self) -> None:
        epoch = self.curves.last_epoch
        self.say(RateChanged(epoch, epoch * SPE, 1e-3, 2e-4, "by hand"))

    def stop_early(self) -> None:
        self.say(
            StoppedEarly(self.curves.last_epoch, self._best[1], "No new best."),
            AttemptEnded(Ending.EARLY_STOPPED, "No new best.", self.curves.last_epoch),
        )


@pytest.fixture
def teller() -> Teller:
    return Teller()


@pytest.fixture
def theme(qapp) -> Theme:
    return Theme("dark")


@pytest.fixture
def view(qtbot, theme: Theme) -> CurvesView:
    made = CurvesView(theme)
    qtbot.addWidget(made)
    made.resize(900, 820)
    with qtbot.waitExposed(made):
        made.show()
    return made


@pytest.fixture
def run() -> Callable[..., Run]:
    return a_run
