"""A run that is taken up again is the same run, bit for bit; and where it is not, it says so."""

from __future__ import annotations

import dataclasses
import json
import random
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tests.engine.training import recipe
from tests.kills.outcome import outcome
from workbench.curves import what_if
from workbench.curves.run_curves import RunCurves
from workbench.engine import checkpoint
from workbench.events import (
    COLUMNS,
    AttemptEnded,
    CheckpointSaved,
    Command,
    Continued,
    Ending,
    EpochStarted,
    Paused,
    State,
    Warned,
)
from workbench.journal import Journal, taking_up
from workbench.paths import Workspace
from workbench.spec.recipe import Recipe, changed, parse
from workbench.stopping import Outcome, Patience, Rule, replay

pytestmark = pytest.mark.keras


@pytest.fixture(autouse=True)
def _listens_after_every_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.engine.recorder.LIVE_SECONDS", 0.0)


def everything_that_remembers(**training: Any) -> Recipe:
    """Dropout, augmentation, batch norm, EMA, a plateau schedule and early stopping that fires; checkpoints within epochs."""
    return parse(
        {
            "data": {"kind": "digits", "limit": 500},
            "model": {"kind": "cnn", "stages": 1, "width": 8, "dense": 16, "normalization": "batch"},
            "optimizer": {"method": "adam", "learning_rate": 0.02},
            "schedule": {"kind": "plateau", "patience": 1, "factor": 0.5, "warmup": 1},
            "training": {"epochs": 9, "batch_size": 16, "save_minutes": 0.001, "remeasure": 90, **training},
            "tricks": {
                "dropout": {"rate": 0.3}, "ema": {"decay": 0.8}, "augmentation": {"rotation": 15.0},
                "early_stopping": {"patience": 2, "min_delta": 0.05}, "l1_penalty": {"rate": 1e-4},
            },
        }
    )  # fmt: skip


def small(**settings: Any) -> Recipe:
    """A small network on few digits, three epochs."""
    wanted = {"data__limit": 300, "model__stages": 1, "model__width": 4, "model__dense": 8, "training__epochs": 3}
    return recipe(**{**wanted, **settings})


def impatient(patience: int) -> Recipe:
    """A recipe for which no epoch after the first is good enough."""
    watch = {"tricks__early_stopping__patience": patience, "tricks__early_stopping__min_delta": 5.0}
    return small(tricks__early_stopping=True, **watch, training__epochs=9)


def whole(workspace: Workspace, wanted: Recipe) -> Any:
    """What comes of a recipe when nothing happens, and how often it speaks."""
    from tests.engine.deaths import FOREVER, attempt, create

    run = create(workspace, wanted)
    words = FOREVER - attempt(workspace, run).left
    return outcome(workspace, run), words


def test_a_run_that_dies_anywhere_any_number_of_times_ends_as_if_nothing_had_happened(workspace: Workspace) -> None:
    from tests.engine.deaths import attempt, create, take_up

    wanted = everything_that_remembers()
    expected, words = whole(workspace, wanted)
    assert expected.ending is Ending.EARLY_STOPPED, "this test needs a run that early stopping ends"
    assert expected.rates, "and one whose rate has fallen"
    draw = random.Random(4)
    within = 0
    for _ in range(4):
        run = create(workspace, wanted)
        attempt(workspace, run, draw.randint(1, words))
        for _ in range(2):
            with Journal(workspace) as journal:
                if journal.run(run).ending is not Ending.INTERRUPTED:
                    break
            resumed = take_up(workspace, run, left=draw.randint(1, words))
            assert resumed is None or resumed.exact, resumed.why
            within += resumed is not None and resumed.step % (400 // 16) != 0
        else:
            with Journal(workspace) as journal:
                if journal.run(run).ending is Ending.INTERRUPTED:
                    journal.close()
                    take_up(workspace, run)
        assert outcome(workspace, run) == expected
    assert within, "this test needs a resume within an epoch"


def half_done(workspace: Workspace, wanted: Recipe, epoch: int = 2) -> str:
    """A run whose engine went away in the middle of the epoch after `epoch`, some steps past its checkpoint."""
    from tests.engine.deaths import Killed, attempt, create

    run = create(workspace, wanted)

    def die(recorder: Any) -> None:
        if recorder._live.epoch == epoch + 1 and recorder._live.done >= 3:
            raise Killed

    attempt(workspace, run, watch=die)
    return run


def checkpoints(workspace: Workspace, run: str) -> Path:
    return workspace.run_folder(run) / "checkpoints"


def edit_facts(workspace: Workspace, run: str, change: dict[str, Any]) -> None:
    """Change what the newest checkpoint says of itself."""
    folder = checkpoints(workspace, run)
    newest = checkpoint.manifests(folder)[0]
    path = folder / newest.place / "manifest.json"
    tree = json.loads(path.read_text())
    for key, value in change.items():
        found = tree["facts"]
        *way, last = key.split("/")
        for part in way:
            found = found[part]
        found[last] = value
    path.write_text(json.dumps(tree))


def test_a_resume_says_that_it_is_exact_and_how_many_steps_it_did_again(workspace: Workspace) -> None:
    from tests.engine.deaths import take_up

    run = half_done(workspace, small())
    resumed = take_up(workspace, run)
    assert resumed is not None
    assert (resumed.epoch, resumed.exact, resumed.why) == (2, True, ())
    assert 1 <= resumed.replayed <= 8
    with Journal(workspace) as journal:
        assert journal.run(run).exact is True


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"setup/data": "others"}, "the data or their split have changed"),
        ({"setup/version of keras": "2.0"}, "the version of keras was 2.0 and is "),
        ({"setup/device": "NVIDIA H100"}, "the device was NVIDIA H100 and is CPU"),
        ({"probe": [1.0] * 34}, "the network answers the checkpoint's probe otherwise"),
    ],
)
def test_a_resume_that_is_not_exact_says_why(workspace: Workspace, change: dict[str, Any], why: str) -> None:
    from tests.engine.deaths import take_up

    run = half_done(workspace, small())
    edit_facts(workspace, run, change)
    resumed = take_up(workspace, run)
    assert resumed is not None
    assert not resumed.exact
    assert len(resumed.why) == 1
    assert why in resumed.why[0]
    with Journal(workspace) as journal:
        assert journal.run(run).exact is False
        assert journal.run(run).ending is Ending.COMPLETED


def test_a_step_that_comes_out_otherwise_is_named(workspace: Workspace) -> None:
    from tests.engine.deaths import take_up

    run = half_done(workspace, small())
    start = checkpoint.manifests(checkpoints(workspace, run))[0].step
    with Journal(workspace) as journal:
        for each in journal.steps(run):
            numbers = each.block.numbers.copy()
            numbers[:, 0] *= np.float32(1 + 1e-6)
            journal.write("UPDATE step_blocks SET data = ? WHERE id = ?", numbers.astype("<f4").tobytes(), each.id)
    resumed = take_up(workspace, run)
    assert resumed is not None
    assert (resumed.exact, resumed.replayed) == (False, 0)
    assert resumed.why[0].startswith(f"step {start + 1} came out otherwise: loss ")


def test_without_steps_past_the_newest_checkpoint_an_older_one_is_compared(workspace: Workspace) -> None:
    from tests.engine.deaths import attempt, create, take_up

    run = create(workspace, small(training__epochs=2))
    attempt(workspace, run)
    resumed = take_up(workspace, run, epochs=3)
    assert resumed is not None
    assert (resumed.epoch, resumed.exact) == (2, True)
    assert resumed.replayed >= 1


def test_of_a_damaged_checkpoint_the_one_before_is_used_and_the_end_is_the_same(workspace: Workspace) -> None:
    from tests.engine.deaths import take_up

    expected, _ = whole(workspace, small())
    run = half_done(workspace, small())
    newest = checkpoint.manifests(checkpoints(workspace, run))[0]
    (checkpoints(workspace, run) / newest.place / "state.safetensors").write_bytes(b"half")
    resumed = take_up(workspace, run)
    assert resumed is not None
    assert (resumed.epoch, resumed.exact) == (1, True)
    assert outcome(workspace, run) == expected


def test_with_every_checkpoint_gone_a_run_begins_anew_and_ends_the_same(workspace: Workspace) -> None:
    from tests.engine.deaths import take_up

    expected, _ = whole(workspace, small())
    run = half_done(workspace, small())
    for each in checkpoint.manifests(checkpoints(workspace, run)):
        checkpoint.remove(checkpoints(workspace, run), each)
    resumed = take_up(workspace, run)
    assert resumed is not None
    assert (resumed.epoch, resumed.step, resumed.exact) == (0, 0, True)
    assert outcome(workspace, run) == expected


def test_a_run_trained_longer_is_the_run_that_was_longer_from_the_start(workspace: Workspace) -> None:
    from tests.engine.deaths import attempt, create, take_up

    expected, _ = whole(workspace, small(training__epochs=4))
    run = create(workspace, small(training__epochs=2))
    attempt(workspace, run)
    resumed = take_up(workspace, run, epochs=4)
    assert resumed is not None
    assert resumed.exact
    assert outcome(workspace, run) == expected


def test_a_run_that_early_stopping_ended_waits_with_full_patience_again(workspace: Workspace) -> None:
    from tests.engine.deaths import attempt, create, take_up

    wanted = impatient(patience=2)
    run = create(workspace, wanted)
    attempt(workspace, run)
    with Journal(workspace) as journal:
        assert (journal.run(run).ending, journal.run(run).epochs) == (Ending.EARLY_STOPPED, 3)
    take_up(workspace, run, epochs=10)
    with Journal(workspace) as journal:
        assert (journal.run(run).ending, journal.run(run).epochs) == (Ending.EARLY_STOPPED, 5)
        ends = [each.event for each in journal.events(run) if isinstance(each.event, AttemptEnded)]
        curves = RunCurves()
        curves.feed(journal.events(run), journal.steps(run))
    assert [each.epochs for each in ends] == [3, 5]
    assert what_if.tell(curves, Rule.of(wanted.tricks.early_stopping)).outcome == Outcome(1, 5, 2), "counted alike"


def test_a_stop_decision_that_was_not_written_down_is_made_again(workspace: Workspace) -> None:
    from tests.engine.deaths import Killed, attempt, create, take_up

    wanted = impatient(patience=1)
    expected, _ = whole(workspace, wanted)
    run = create(workspace, wanted)

    def die(recorder: Any) -> None:
        if any(each.epoch == 2 for each in checkpoint.manifests(checkpoints(workspace, run))):
            raise Killed

    attempt(workspace, run, watch=die)
    take_up(workspace, run)
    assert outcome(workspace, run) == expected


def stop_after_forgetting(rule: Rule, losses: list[tuple[int, float]], middle: int) -> int | None:
    """Where the rule would stop if the mean began afresh after `middle` epochs."""
    before, after = Patience(rule), Patience(rule)
    for epoch, loss in losses[:middle]:
        before.update(epoch, loss)
    after.go_on_from({name: before.state()[name] for name in ("waited", "best_epoch", "best_value")})
    return next((epoch for epoch, loss in losses[middle:] if after.update(epoch, loss).stop), None)


def test_smoothed_early_stopping_goes_on_with_the_mean_it_had_and_stops_where_it_would_have(
    workspace: Workspace,
) -> None:
    from tests.engine.deaths import take_up

    wanted = small(
        tricks__early_stopping=True, tricks__early_stopping__patience=2, tricks__early_stopping__smoothing=0.8,
        tricks__early_stopping__min_delta=0.1, training__epochs=30,
    )  # fmt: skip
    rule = Rule.of(wanted.tricks.early_stopping)
    expected, _ = whole(workspace, wanted)
    assert expected.ending is Ending.EARLY_STOPPED
    losses = [(epoch, metrics["val_loss"]) for epoch, _, metrics, _ in expected.epochs]
    assert replay(rule, losses) == Outcome(expected.best[0], len(losses), rule.patience)
    assert replay(dataclasses.replace(rule, smoothing=0.0), losses) != replay(rule, losses), "the mean must matter here"
    middle = len(losses) // 2
    assert stop_after_forgetting(rule, losses, middle) != len(losses), "and what it remembers of the first half"
    run = half_done(workspace, wanted, middle)
    resumed = take_up(workspace, run)
    assert resumed is not None
    assert (resumed.epoch, resumed.exact) == (middle, True)
    assert outcome(workspace, run) == expected


def test_layers_that_thaw_are_resumed_on_either_side_of_the_thaw(workspace: Workspace) -> None:
    from tests.engine.deaths import attempt, create, take_up

    first = create(workspace, small(training__epochs=1))
    attempt(workspace, first)
    wanted = small(
        initializer__run=first, initializer__start="run", initializer__layers=2, initializer__freeze="for_epochs",
        initializer__freeze_epochs=2, training__epochs=4,
    )  # fmt: skip
    expected, _ = whole(workspace, wanted)
    for epoch in (1, 2, 3):
        run = half_done(workspace, wanted, epoch)
        resumed = take_up(workspace, run)
        assert resumed is not None
        assert (resumed.epoch, resumed.exact) == (epoch, True)
        assert outcome(workspace, run) == expected


# --- pause, save now, another rate ----------------------------------------------------------------------


def test_a_paused_run_stands_still_is_on_disk_and_goes_on_as_if_it_had_not_been(workspace: Workspace) -> None:
    from tests.engine.deaths import attempt, create

    expected, _ = whole(workspace, small())
    run = create(workspace, small())
    seen: list[tuple[State, int]] = []

    def press(recorder: Any) -> None:
        with Journal(workspace) as journal:
            asked = {each.command for each in journal.asked(run)}
            if recorder._live.epoch == 2 and Command.PAUSE not in asked:
                journal.ask(run, Command.PAUSE)

    listen, waits = own_listen(), [0]

    def listen_and_continue(recorder: Any) -> None:
        listen(recorder)
        with Journal(workspace) as journal:
            row = journal.run(run)
            if row.state is State.PAUSED:
                waits[0] += 1
                seen.append((row.state, len(journal.steps(run))))
                if waits[0] == 3:
                    kept = checkpoint.manifests(checkpoints(workspace, run))[0]
                    assert kept.step == recorder._live.step, "the place of the pause is on disk"
                    journal.ask(run, Command.CONTINUE)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("workbench.engine.recorder.Recorder.listen", listen_and_continue)
        attempt(workspace, run, watch=press)
    assert len({steps for _, steps in seen}) == 1, "no step while it is paused"
    assert outcome(workspace, run) == expected
    with Journal(workspace) as journal:
        said = [each.event for each in journal.events(run)]
        row = journal.run(run)
    (paused,) = (each for each in said if isinstance(each, Paused))
    (gone_on,) = (each for each in said if isinstance(each, Continued))
    assert (paused.epoch, paused.step) == (gone_on.epoch, gone_on.step)
    assert gone_on.seconds > 0
    assert row.ended is not None
    assert row.started is not None
    assert row.seconds < row.ended - row.started - gone_on.seconds, "a pause is no run time"


def own_listen() -> Any:
    from workbench.engine.recorder import Recorder

    return Recorder.listen


def asks_once(workspace: Workspace, run: str, command: Command, value: float | None = None) -> Any:
    """A watch that asks something in the second epoch."""

    def press(recorder: Any) -> None:
        with Journal(workspace) as journal:
            if recorder._live.epoch == 2 and not journal.asked(run):
                journal.ask(run, command, value)

    return press


def test_save_now_keeps_the_place_within_the_epoch(workspace: Workspace) -> None:
    from tests.engine.deaths import attempt, create

    run = create(workspace, small(data__limit=600, training__epochs=2, training__batch_size=2))
    attempt(workspace, run, watch=asks_once(workspace, run, Command.SAVE))
    with Journal(workspace) as journal:
        saved = [each.event for each in journal.events(run) if isinstance(each.event, CheckpointSaved)]
    end, within, last = ((each.epoch, each.step) for each in saved)
    assert (end[0], within[0], last[0]) == (1, 1, 2)
    assert end[1] < within[1] <= last[1]


def test_a_rate_set_by_hand_holds_from_the_next_step_on_and_again_after_a_resume(workspace: Workspace) -> None:
    from tests.engine.deaths import Killed, attempt, create, take_up

    wanted = small(schedule__kind="cosine", training__epochs=4)
    run = create(workspace, wanted)
    press = asks_once(workspace, run, Command.SET_RATE, 1e-4)
    attempt(workspace, run, watch=press)
    expected = outcome(workspace, run)
    (change,) = expected.rates
    assert (change.epoch, change.new, change.why) == (2, 1e-4, "set by hand")
    rates = np.frombuffer(expected.numbers, np.float32).reshape(-1, len(COLUMNS))[:, COLUMNS.index("learning_rate")]
    assert rates[change.step - 1] == pytest.approx(change.old, rel=0.2)
    assert rates[change.step] == pytest.approx(1e-4, rel=1e-5)
    assert (np.diff(rates[change.step :]) < 0).all(), "the schedule goes on in proportion"

    # Another engine that dies after the change, with no checkpoint since: the change comes back at its step.
    other = create(workspace, wanted)
    with Journal(workspace) as journal:
        journal.say(other, 0, [change])

    def die(recorder: Any) -> None:
        if recorder._live.epoch == 3 and recorder._live.done >= 2:
            raise Killed

    first_life = attempt(workspace, other, left=1)
    assert first_life.left <= 0
    resumed = take_up(workspace, other, watch=die)
    assert resumed is None
    take_up(workspace, other)
    assert outcome(workspace, other) == expected


def test_a_rate_of_nothing_cannot_be_scaled_and_says_so() -> None:
    from workbench.engine.standing import Standing
    from workbench.engine.steering import Steering

    said: list[Any] = []
    recorder = SimpleNamespace(attempt=1, pausing=False, rate_wanted=0.1, save_wanted=False, say=said.append)
    steering = Steering(recorder, SimpleNamespace(due=False))  # type: ignore[arg-type]
    planned = np.array([0.5, 0.0, 0.0], np.float32)
    steering.attend(Standing(step=1), planned, lambda: planned)
    assert planned.tolist() == [0.5, 0.0, 0.0]
    (warned,) = said
    assert "The learning rate was not changed" in warned.message
    assert recorder.rate_wanted is None


def test_an_epoch_that_is_continued_is_said_to_begin_again(workspace: Workspace) -> None:
    from tests.engine.deaths import take_up

    run = half_done(workspace, everything_that_remembers(epochs=4), 2)
    take_up(workspace, run)
    with Journal(workspace) as journal:
        begun = [each.event.epoch for each in journal.events(run) if isinstance(each.event, EpochStarted)]
        assert begun[:4] == [1, 2, 3, 3]
        assert taking_up.why_not(journal.run(run))


# --- forks ----------------------------------------------------------------------------------------------


def fork_of(workspace: Workspace, parent: str, wanted: Recipe, epoch: int | None = None) -> tuple[str, str]:
    """A fork, trained to its end, and what it said of its beginning."""
    from tests.engine.deaths import attempt
    from workbench.launch.fork import fork

    with Journal(workspace) as journal:
        run = fork(journal, journal.run(parent), wanted, epoch=epoch).id
    attempt(workspace, run)
    with Journal(workspace) as journal:
        said = [each.event.message for each in journal.events(run) if isinstance(each.event, Warned)]
    return run, next(each for each in said if each.startswith("Grows from"))


def test_a_fork_with_nothing_changed_is_its_parent_from_there_on(workspace: Workspace) -> None:
    from tests.engine.deaths import attempt, create

    wanted = everything_that_remembers(epochs=5, keep_every=2)
    wanted = changed(wanted, "tricks.early_stopping", new=False)
    parent = create(workspace, wanted)
    attempt(workspace, parent)
    child, said = fork_of(workspace, parent, wanted, epoch=2)
    assert said.endswith("after epoch 2; the optimizer goes on as well.")
    ours, theirs = outcome(workspace, child), outcome(workspace, parent)
    assert ours.last_weights == theirs.last_weights
    assert [each[:3] for each in ours.epochs] == [each[:3] for each in theirs.epochs[2:]]


def test_a_fork_with_another_optimizer_takes_the_weights_and_says_so(workspace: Workspace) -> None:
    from tests.engine.deaths import attempt, create

    parent = create(workspace, small())
    attempt(workspace, parent)
    other = changed(small(training__epochs=4), "optimizer.method", "sgd")
    child, said = fork_of(workspace, parent, other)
    assert said.endswith("the optimizer starts afresh: it was adam there and is sgd here.")
    with Journal(workspace) as journal:
        row = journal.run(child)
    assert (row.epochs, row.ending) == (4, Ending.COMPLETED)


def test_a_fork_with_another_batch_size_begins_where_the_epoch_does(workspace: Workspace) -> None:
    from tests.engine.deaths import attempt, create

    parent = create(workspace, small())
    attempt(workspace, parent)
    child, _ = fork_of(workspace, parent, small(training__epochs=4, training__batch_size=64))
    (fourth,) = outcome(workspace, child).epochs
    samples = 210
    assert fourth[:2] == (4, 4 * -(-samples // 64))


def test_a_fork_that_dies_is_resumed_without_its_parent(workspace: Workspace) -> None:
    import shutil

    from tests.engine.deaths import Killed, attempt, create, take_up
    from workbench.launch.fork import fork

    parent = create(workspace, small())
    attempt(workspace, parent)
    wanted = small(training__epochs=6)
    expected, _ = fork_of(workspace, parent, wanted)
    with Journal(workspace) as journal:
        run = fork(journal, journal.run(parent), wanted).id
    shutil.rmtree(workspace.run_folder(parent))

    def die(recorder: Any) -> None:
        if recorder._live.epoch == 5:
            raise Killed

    attempt(workspace, run, watch=die)
    resumed = take_up(workspace, run)
    assert resumed is not None
    assert (resumed.epoch, resumed.exact) == (4, True)
    assert outcome(workspace, run) == outcome(workspace, expected)
