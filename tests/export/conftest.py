"""Runs with an invented story for figures and tables."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

import numpy as np
import pytest

from workbench.curves.run_curves import RunCurves
from workbench.events import BestSoFar, DataReady, Ending, EpochEnded, State, StepBlock, StoppedEarly
from workbench.journal import Run, Said, Steps

SPE = 20


def a_run(name: str = "Run 17", state: State = State.ENDED) -> Run:
    fields = {
        "id": "r17", "number": 17, "name": name, "preset": "", "recipe_toml": "", "created": 0.0, "state": state,
        "ending": Ending.EARLY_STOPPED if state is State.ENDED else None, "reason": "", "reserved": 0.0, "process": 1, "started": 0.0,
        "ended": None, "epochs_planned": 80, "epochs": 0, "seconds": 0.0, "images_per_second": 0.0, "best_epoch": None, "best": {},
        "last": {}, "weights_sha256": None, "last_weights_sha256": None, "device": "CPU",
    }  # fmt: skip
    return Run(**fields)


def told(curves: RunCurves, *events: object) -> None:
    start = curves.told + 1
    curves.feed([Said(start + at, 1, 0.0, event) for at, event in enumerate(events)], [])


def story(
    epochs: int = 10, best: int = 6, *, seed: int = 1, penalty: float = 0.0, metric: str = "accuracy"
) -> RunCurves:
    """A run that got worse after its best epoch, and was stopped early."""
    curves, noise = RunCurves(), np.random.default_rng(seed)
    told(curves, DataReady(100, 20, 0, ("a",), (8, 8, 1), SPE, "f"))
    ids = itertools.count(1)
    for epoch in range(1, epochs + 1):
        at = epoch - 1 + np.arange(1, SPE + 1) / SPE
        losses = (0.2 + np.exp(-at / 3)) * np.exp(noise.normal(0, 0.1, SPE))
        rates = np.full(SPE, 1e-3 if epoch <= 5 else 1e-4)
        numbers = np.stack([losses, rates, 3 * losses, 1 - losses / 3, np.full(SPE, penalty)], axis=1).astype(
            np.float32
        )
        curves.feed([], [Steps(next(ids), 1, StepBlock((epoch - 1) * SPE + 1, numbers, epoch - 1.0, float(epoch)))])
        value = 0.3 + math.exp(-epoch / 3) if epoch <= best else 0.6
        metrics = {
            "loss": float(losses.mean()), "val_loss": value, metric: 0.8, f"val_{metric}": 0.7, "remeasured_loss": 0.25,
        }  # fmt: skip
        told(curves, EpochEnded(epoch, epoch * SPE, float(epoch), metrics, 100.0 + epoch, max(0, epoch - best), 4))
        if epoch == best:
            told(curves, BestSoFar(best, "val_loss", value))
    if epochs > best:
        told(curves, StoppedEarly(epochs, best, "No new best."))
    return curves


@pytest.fixture
def run() -> Callable[..., Run]:
    return a_run


@pytest.fixture
def curves() -> RunCurves:
    return story()
