"""Reduce on plateau: the counting against a rule written otherwise and against Keras' own, and in a real run."""

from __future__ import annotations

import itertools
import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.engine.training import Trained, recipe, train
from workbench.engine.tricks.plateau import Plateau
from workbench.events import Ending, EpochEnded, EpochStarted, RateChanged
from workbench.journal import Journal
from workbench.paths import Workspace
from workbench.spec import schedule
from workbench.spec.recipe import Recipe

FULL = 0.5
#: Powers of two and whole sixty-fourths: Keras compares in float32, and here both compare exactly.
losses = st.lists(st.integers(0, 40).map(lambda drawn: drawn / 64), min_size=1, max_size=40)
specs = st.builds(
    schedule.Plateau,
    factor=st.sampled_from([0.5, 0.25]),
    patience=st.integers(1, 4),
    min_delta=st.integers(0, 8).map(lambda drawn: drawn / 64),
    cooldown=st.integers(0, 4),
    lowest=st.sampled_from([0.0, FULL / 8, FULL / 10]),
)


def shares(spec: schedule.Plateau, values: list[float]) -> list[float]:
    """The share of the plan that is left after each epoch."""
    plateau = Plateau(spec, FULL)
    found = []
    for epoch, value in enumerate(values, 1):
        before = plateau.share
        plateau.update(epoch, value)
        said = plateau.begin(epoch + 1, 10 * epoch)
        assert (said is not None) == (plateau.share < before)
        if said is not None:
            assert (said.epoch, said.step) == (epoch + 1, 10 * epoch)
            assert (said.old, said.new) == (FULL * before, FULL * plateau.share)
        found.append(plateau.share)
    return found


def test_it_falls_when_patience_epochs_brought_nothing_new() -> None:
    spec = schedule.Plateau(factor=0.5, patience=2)

    assert shares(spec, [3.0, 2.0, 2.5, 2.1, 2.0, 2.2]) == [1, 1, 1, 0.5, 0.5, 0.25]


def test_a_new_best_starts_the_waiting_over_and_a_tiny_gain_does_not() -> None:
    spec = schedule.Plateau(factor=0.5, patience=2, min_delta=0.1)

    assert shares(spec, [3.0, 3.1, 2.8, 2.9, 2.75]) == [1, 1, 1, 1, 0.5]


def test_after_a_fall_it_waits_anew_once_it_has_cooled() -> None:
    assert shares(schedule.Plateau(factor=0.5, patience=1), [1.0] * 6) == [1, 1 / 2, 1 / 4, 1 / 8, 1 / 16, 1 / 32]
    assert shares(schedule.Plateau(factor=0.5, patience=1, cooldown=3), [1.0] * 6) == [1, 0.5, 0.5, 0.5, 0.25, 0.25]


def test_it_never_falls_below_the_lowest_rate() -> None:
    spec = schedule.Plateau(factor=0.25, patience=1, lowest=FULL / 10)

    assert shares(spec, [1.0] * 5) == [1, 0.25, 0.1, 0.1, 0.1]


def test_the_epochs_of_warm_up_are_not_waited_but_may_be_the_best() -> None:
    spec = schedule.Plateau(factor=0.5, patience=2, warmup=2.5)

    assert shares(spec, [1.0, 1.0, 1.0, 1.0, 1.0]) == [1, 1, 1, 1, 0.5]
    assert shares(spec, [0.5, 2.0, 2.0, 1.0, 1.0]) == [1, 1, 1, 1, 0.5]


def test_what_is_not_finite_is_never_better_not_even_at_first() -> None:
    spec = schedule.Plateau(factor=0.5, patience=2)

    assert shares(spec, [math.nan, 5.0, -math.inf, math.inf]) == [1, 1, 1, 0.5]


def by_looking_back(spec: schedule.Plateau, values: list[float]) -> list[float]:
    """The same rule without counters: epochs since the latest best, fall or warm-up, from the whole curve."""
    share, fallen, bests, found = 1.0, 0, [(0, math.inf)], []
    for epoch, value in enumerate(values, 1):
        if value < bests[-1][1] - spec.min_delta:
            bests.append((epoch, value))
        since = max(bests[-1][0], math.ceil(spec.warmup), fallen + max(spec.cooldown - 1, 0) if fallen else 0)
        if epoch - since >= spec.patience and share * FULL > spec.lowest:
            share, fallen = max(share * spec.factor, spec.lowest / FULL), epoch
        found.append(share)
    return found


@given(specs, losses, st.sampled_from([0.0, 1.0, 2.5]))
@example(schedule.Plateau(patience=1, cooldown=2), [0.5, 0.5, 0.25, 0.25, 0.5], 0.0)
def test_it_agrees_with_looking_at_the_whole_curve(spec: schedule.Plateau, values: list[float], warmup: float) -> None:
    spec = spec.model_copy(update={"warmup": warmup})

    assert shares(spec, values) == by_looking_back(spec, values)


@pytest.mark.keras
def test_it_agrees_with_keras_own_callback() -> None:
    import keras

    random = np.random.default_rng(0)
    for patience, cooldown, delta, lowest in itertools.product((1, 3), (0, 1, 2, 4), (0, 3), (0.0, FULL / 10)):
        spec = schedule.Plateau(
            factor=0.5, patience=patience, cooldown=cooldown, min_delta=delta / 64, lowest=lowest
        )  # fmt: skip
        values = (random.integers(0, 40, 60) / 64).tolist()
        # NaN after the start: Keras takes a first NaN for the best there will ever be.
        values[20] = math.nan
        optimizer: Any = SimpleNamespace(learning_rate=FULL)
        theirs = keras.callbacks.ReduceLROnPlateau(
            "val_loss", 0.5, patience, mode="min", min_delta=delta / 64, cooldown=cooldown, min_lr=lowest
        )
        theirs.set_model(SimpleNamespace(optimizer=optimizer))
        theirs.on_train_begin()
        expected = []
        for epoch, value in enumerate(values):
            theirs.on_epoch_end(epoch, {"val_loss": value})
            expected.append(optimizer.learning_rate / FULL)
        assert shares(spec, values) == pytest.approx(expected)


# --- in a run ------------------------------------------------------------------------------------------


def hopeless(**settings: Any) -> Recipe:
    """No epoch after the first is better by enough."""
    return recipe(
        data__limit=200, model__kind="mlp", schedule__kind="plateau", schedule__patience=1, schedule__min_delta=100.0,
        **settings,
    )  # fmt: skip


def rates_by_epoch(workspace: Workspace, trained: Trained) -> list[float]:
    """The rate of each epoch, which is the same at all of its steps."""
    with Journal(workspace) as journal:
        told = np.concatenate([each.block.column("learning_rate") for each in journal.steps(trained.run.id)])
    epochs = told.reshape(len(trained.events(EpochEnded)), -1)
    assert (epochs == epochs[:, :1]).all()
    return [float(rate) for rate in epochs[:, 0]]


@pytest.mark.keras
def test_the_rates_of_a_run_fall_after_the_plateau_and_each_fall_is_said(workspace: Workspace) -> None:
    trained = train(workspace, hopeless(training__epochs=5, schedule__factor=0.5, schedule__lowest=3e-4))

    assert rates_by_epoch(workspace, trained) == pytest.approx([1e-3, 1e-3, 5e-4, 3e-4, 3e-4])
    steps = trained.events(EpochEnded)[0].step
    said = trained.events(RateChanged)
    assert [(each.epoch, each.step) for each in said] == [(3, 2 * steps), (4, 3 * steps)]
    assert [(each.old, each.new) for each in said] == [(1e-3, 5e-4), (5e-4, pytest.approx(3e-4))]
    assert said[0].why == "no new best for 1 epoch"
    # As the grammar has it, inside the epoch that is trained with the new rate.
    order = [each.event for each in trained.said if isinstance(each.event, (EpochStarted, RateChanged, EpochEnded))]
    assert order[order.index(said[0]) - 1] == EpochStarted(3)


@pytest.mark.keras
def test_it_works_together_with_early_stopping_and_says_nothing_of_an_epoch_that_never_comes(
    workspace: Workspace,
) -> None:
    wanted = hopeless(
        training__epochs=9,
        tricks__early_stopping=True,
        tricks__early_stopping__patience=2,
        tricks__early_stopping__min_delta=100.0,
    )
    trained = train(workspace, wanted)

    assert trained.ending is Ending.EARLY_STOPPED
    assert rates_by_epoch(workspace, trained) == pytest.approx([1e-3, 1e-3, 5e-4])
    assert len(trained.events(RateChanged)) == 1
