"""The fake engine: what it tells obeys the grammar of events, so that window tests may rely on it."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.curves import what_if
from workbench.curves.run_curves import RunCurves
from workbench.events import (
    AttemptEnded,
    AttemptStarted,
    BestSoFar,
    CheckpointSaved,
    Command,
    DataReady,
    Ending,
    EpochEnded,
    EpochStarted,
    Event,
    Failed,
    ModelReady,
    RunCreated,
    State,
    StoppedEarly,
)
from workbench.journal import Journal, Run, taking_up, watched
from workbench.journal.rows import WatchedKind
from workbench.launch import fake
from workbench.launch.fake_story import Numbers, Story
from workbench.network.plan import plan
from workbench.probing.xray import XRay
from workbench.spec import Recipe
from workbench.spec.recipe import changed
from workbench.stopping import Rule


def tell(journal: Journal, recipe: Recipe, story: Story, *commands: Command) -> tuple[Run, list[Event]]:
    """A whole fake run inside this process, with what it said."""
    run = journal.create_run(recipe)
    for command in commands:
        journal.ask(run.id, command)
    taken = fake.take(journal.workspace, journal, run.id)
    assert taken
    fake.tell(journal, run.id, taken, story, 50.0)
    return journal.run(run.id), [said.event for said in journal.events(run.id)]


def with_patience(recipe: Recipe, patience: int) -> Recipe:
    return changed(changed(recipe, "tricks.early_stopping", new=True), "tricks.early_stopping.patience", patience)


def obeys_grammar(said: list[Event]) -> bool:
    """Whether events come in the order that `workbench.events` promises."""
    kinds = [type(event) for event in said]
    if kinds[:4] != [RunCreated, AttemptStarted, DataReady, ModelReady] or kinds[-1] is not AttemptEnded:
        return False
    after: dict[type, set[type]] = {
        ModelReady: {EpochStarted},
        EpochStarted: {EpochEnded, Failed, AttemptEnded},
        EpochEnded: {BestSoFar, CheckpointSaved},
        BestSoFar: {CheckpointSaved},
        CheckpointSaved: {CheckpointSaved, EpochStarted, StoppedEarly, AttemptEnded},
        StoppedEarly: {AttemptEnded},
        Failed: {AttemptEnded},
    }
    return all(later in after[earlier] for earlier, later in itertools.pairwise(kinds[3:]))


def test_a_completed_run_says_every_epoch_and_every_step(journal: Journal, recipe: Recipe) -> None:
    run, said = tell(journal, recipe, Story.COMPLETED)
    assert (run.ending, run.epochs) == (Ending.COMPLETED, 6)
    assert obeys_grammar(said)
    blocks = [steps.block for steps in journal.steps(run.id)]
    (ready,) = [event for event in said if isinstance(event, DataReady)]
    assert blocks[0].first_step == 1
    assert all(one.last_step + 1 == other.first_step for one, other in itertools.pairwise(blocks))
    assert blocks[-1].last_step == 6 * ready.steps_per_epoch
    assert all(np.isfinite(block.numbers).all() for block in blocks)
    assert journal.live(run.id) is None


def test_an_overfitting_run_stops_early_after_its_patience(journal: Journal, recipe: Recipe) -> None:
    run, said = tell(journal, with_patience(recipe, 2), Story.EARLY_STOPPED)
    assert run.ending is Ending.EARLY_STOPPED
    assert obeys_grammar(said)
    (stopped,) = [event for event in said if isinstance(event, StoppedEarly)]
    assert run.best_epoch is not None
    assert (stopped.epoch, stopped.best_epoch) == (run.best_epoch + 2, run.best_epoch)
    last = [event for event in said if isinstance(event, EpochEnded)][-1]
    assert (last.waited, last.patience) == (2, 2)


@given(
    epochs=st.integers(2, 60),
    patience=st.integers(1, 12),
    seed=st.integers(0, 1000),
    story=st.sampled_from([Story.COMPLETED, Story.EARLY_STOPPED]),
)
def test_validation_loss_has_one_lowest_point_and_never_waits_longer_than_its_patience_before(
    epochs: int, patience: int, seed: int, story: Story
) -> None:
    recipe = with_patience(changed(changed(Recipe(), "training.epochs", epochs), "training.seed", seed), patience)
    losses = [Numbers(recipe, story).epoch(epoch).val_loss for epoch in range(1, epochs + 1)]
    lowest = losses.index(min(losses)) + 1
    best, waited = math.inf, 0
    for loss in losses[:lowest]:
        waited = 0 if loss < best else waited + 1
        best = min(best, loss)
        assert waited < patience
    assert all(loss > losses[lowest - 1] for loss in losses[lowest:])
    if story is Story.COMPLETED:
        assert lowest == epochs


@pytest.mark.parametrize("story", [Story.FAILED, Story.NAN])
def test_a_failing_run_has_its_card_just_before_its_end(story: Story, journal: Journal, recipe: Recipe) -> None:
    run, said = tell(journal, recipe, story)
    assert run.ending is Ending.FAILED
    assert obeys_grammar(said)
    assert isinstance(said[-2], Failed)
    assert run.weights_sha256
    losses = np.concatenate([steps.block.column("loss") for steps in journal.steps(run.id)])
    assert np.isnan(losses).any() == (story is Story.NAN)


@pytest.mark.parametrize(
    ("command", "ending", "epochs"),
    [(Command.STOP, Ending.STOPPED, 1), (Command.STOP_NOW, Ending.STOPPED, 0), (Command.DISCARD, Ending.DISCARDED, 0)],
)
def test_commands_are_taken_between_chunks(
    command: Command, ending: Ending, epochs: int, journal: Journal, recipe: Recipe
) -> None:
    run, said = tell(journal, recipe, Story.COMPLETED, command)
    assert (run.ending, run.epochs) == (ending, epochs)
    assert isinstance(said[-1], AttemptEnded)
    assert journal.asked(run.id, untaken=True) == []


def test_a_run_without_validation_has_no_best(journal: Journal, recipe: Recipe) -> None:
    bare = changed(changed(recipe, "training.keep", "last"), "data.validation", 0.0)
    run, said = tell(journal, bare, Story.COMPLETED)
    assert run.best_epoch is None
    assert not any(isinstance(event, BestSoFar) for event in said)
    assert set(run.last) == {"loss", "accuracy"}


def test_re_measured_training_lies_below_the_epochs_mean_and_falls_while_validation_rises(
    journal: Journal, recipe: Recipe
) -> None:
    longer = changed(changed(recipe, "training.epochs", 20), "training.remeasure", 100)
    run, said = tell(journal, longer, Story.EARLY_STOPPED)
    told = [event.metrics for event in said if isinstance(event, EpochEnded)]
    assert all(each["remeasured_loss"] < each["loss"] for each in told)
    assert all(each["remeasured_accuracy"] > each["accuracy"] for each in told)
    assert run.best_epoch is not None
    best, *after = told[run.best_epoch - 1 :]
    assert len(after) > 3
    assert all(each["remeasured_loss"] < best["remeasured_loss"] for each in after)
    assert all(each["val_loss"] > best["val_loss"] for each in after)


def test_it_judges_by_the_smoothed_loss_when_the_recipe_does(journal: Journal, recipe: Recipe) -> None:
    longer = with_patience(changed(recipe, "training.epochs", 40), 3)
    plain, smoothed = (
        tell(journal, changed(longer, "tricks.early_stopping.smoothing", beta), Story.EARLY_STOPPED)[0]
        for beta in (0.0, 0.9)
    )
    assert plain.ending is smoothed.ending is Ending.EARLY_STOPPED
    assert (plain.epochs, smoothed.epochs) == (plain.best_epoch + 3, smoothed.best_epoch + 3)
    assert smoothed.best_epoch > plain.best_epoch, "a mean turns later than what it is of"


def test_trained_longer_it_waits_with_full_patience_again_and_what_if_counts_alike(
    journal: Journal, recipe: Recipe
) -> None:
    run, _ = tell(journal, with_patience(changed(recipe, "training.epochs", 20), 3), Story.EARLY_STOPPED)
    stops = [run.epochs]
    for longer in (21, 22, 30, 40):
        run = taking_up.requeue(journal, run, max(longer, run.epochs + 1))
        taken = fake.take(journal.workspace, journal, run.id)
        assert taken
        fake.tell(journal, run.id, taken, Story.EARLY_STOPPED, 50.0)
        run = journal.run(run.id)
        curves = RunCurves()
        curves.feed(journal.events(run.id), journal.steps(run.id))
        outcome = what_if.tell(curves, Rule.of(run.recipe.tricks.early_stopping)).outcome
        stopped = run.epochs if run.ending is Ending.EARLY_STOPPED else None
        assert (outcome.best_epoch, outcome.stop_epoch) == (run.best_epoch, stopped)
        assert outcome.waited == curves.waited
        stops.append(run.epochs)
    assert min(after - before for before, after in itertools.pairwise(stops)) == 3, "with no new best it waits so long"


def test_the_same_recipe_tells_the_same(journal: Journal, recipe: Recipe) -> None:
    one, _ = tell(journal, recipe, Story.COMPLETED)
    other, _ = tell(journal, recipe, Story.COMPLETED)
    assert one.weights_sha256 == other.weights_sha256
    assert one.last == other.last


def test_a_taken_run_is_not_taken_again(journal: Journal, recipe: Recipe) -> None:
    run = journal.create_run(recipe)
    taken = fake.take(journal.workspace, journal, run.id)
    assert taken
    assert fake.take(journal.workspace, journal, run.id) is None
    taken[0].close()
    assert fake.take(journal.workspace, journal, run.id) is None
    assert journal.run(run.id).state is State.PREPARING


def test_a_story_is_chosen_by_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        fake.main(["--home", "/nowhere", "--story", "happy"])
    assert "happy" in capsys.readouterr().err


def test_a_recipe_that_asks_for_it_is_told_an_xray_of_its_own_network_each_epoch(journal: Journal) -> None:
    recipe = changed(changed(Recipe(), "training.epochs", 3), "training.xray", new=True)
    off, _ = tell(journal, changed(recipe, "training.xray", new=False), Story.COMPLETED)
    on, _ = tell(journal, recipe, Story.COMPLETED)
    assert not watched.places(journal, off.id, WatchedKind.SIGNAL)
    kept = watched.places(journal, on.id, WatchedKind.SIGNAL)
    found = [XRay.from_tree(watched.signal_of(watched.body(journal, row))) for row in kept.values()]
    assert [xray.schemes[0].title for xray in found] == ["Epoch 1", "Epoch 2", "Epoch 3"]
    layers = [layer.name for layer in plan(recipe, (8, 8, 1), 10).layers]
    assert all([row.layer for row in xray.schemes[0].rows] == layers for xray in found)
    dead = [max(row.dead or 0.0 for row in xray.schemes[0].rows) for xray in found]
    assert dead == sorted(set(dead))
