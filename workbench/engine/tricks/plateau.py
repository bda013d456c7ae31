"""Reduce on plateau: by which share of its plan the learning rate goes on, after each epoch's validation loss.

The rule of Keras' ReduceLROnPlateau, which forgets all it has seen when a training is resumed; this one goes on from its
state. Beyond Keras: the epochs of warm-up set the best but are not waited, since their
rate is still rising. It counts and words what it decides; the trainer applies and says it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from workbench.events import RateChanged
from workbench.spec.recipe import Recipe
from workbench.spec.schedule import Plateau as Spec

#: What it counts besides the share.
_COUNTED = ("best", "waited", "cooling", "share_before")


class Plateau:
    """Is told of each epoch's begin and validation loss, once and in order."""

    def __init__(self, spec: Spec, full_rate: float) -> None:
        self._spec = spec
        self._full_rate = full_rate
        self._least = spec.lowest / full_rate
        self._warming = math.ceil(spec.warmup)
        self._best = math.inf
        self._waited = 0
        self._cooling = 0
        self._share_before = 1.0
        #: What is left of the planned rate, at first all of it.
        self.share = 1.0

    def state(self) -> dict[str, Any]:
        """What a checkpoint keeps."""
        return {"share": self.share, **{name: getattr(self, f"_{name}") for name in _COUNTED}}

    def go_on_from(self, state: Mapping[str, Any]) -> None:
        """Count on from what `state` said."""
        self.share = state["share"]
        for name in _COUNTED:
            setattr(self, f"_{name}", state[name])

    def begin(self, epoch: int, step: int) -> RateChanged | None:
        """An epoch begins after `step` steps; what is to be said if the rate has fallen since the one before began."""
        before, self._share_before = self._share_before, self.share
        if before == self.share:
            return None
        patience = self._spec.patience
        why = "no new best for 1 epoch" if patience == 1 else f"no new best for {patience} epochs"
        return RateChanged(epoch, step, self._full_rate * before, self._full_rate * self.share, why)

    def update(self, epoch: int, value: float) -> None:
        """Judge an epoch by its validation loss. One that is not finite is never better, not even the first."""
        if self._cooling:
            self._cooling -= 1
        if math.isfinite(value) and value < self._best - self._spec.min_delta:
            self._best, self._waited = value, 0
        elif not self._cooling and epoch > self._warming:
            self._waited += 1
            if self._waited >= self._spec.patience and self.share > self._least:
                self.share = max(self.share * self._spec.factor, self._least)
                self._waited, self._cooling = 0, self._spec.cooldown


def plateau_of(recipe: Recipe) -> Plateau | None:
    """What watches the run, or None with another schedule."""
    schedule = recipe.schedule
    return Plateau(schedule, recipe.optimizer.learning_rate) if isinstance(schedule, Spec) else None
