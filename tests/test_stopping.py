"""The rule of early stopping, against counting by hand; and that a replay decides what the steps did."""

from __future__ import annotations

import itertools
import json
import math
from dataclasses import dataclass

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from workbench.spec import tricks
from workbench.stopping import Outcome, Patience, Rule, Verdict, replay

LOSSES = st.lists(st.floats(width=32) | st.sampled_from([0.5, 1.0, 1.5, 2.0]), max_size=40)
BETAS = st.sampled_from([0.0, 0.3, 0.6, 0.9, 0.99])
GAINS = st.sampled_from([0.0, 0.01, 0.5])


def early(patience: int = 2, min_delta: float = 0.0, on: bool = True, smoothing: float = 0.0) -> Patience:
    return Patience(Rule.of(tricks.EarlyStopping(on=on, patience=patience, min_delta=min_delta, smoothing=smoothing)))


def verdicts(stopping: Patience, *values: float) -> list[Verdict]:
    return [stopping.update(epoch, value) for epoch, value in enumerate(values, 1)]


def test_it_stops_when_patience_epochs_brought_nothing_new() -> None:
    stopping = early(patience=2)

    assert verdicts(stopping, 3.0, 2.0, 2.5, 2.1) == [
        Verdict(best=True, stop=False, waited=0),
        Verdict(best=True, stop=False, waited=0),
        Verdict(best=False, stop=False, waited=1),
        Verdict(best=False, stop=True, waited=2),
    ]
    assert (stopping.best_epoch, stopping.best_value) == (2, 2.0)


def test_a_new_best_starts_the_waiting_over() -> None:
    assert [each.waited for each in verdicts(early(patience=3), 3.0, 3.1, 3.1, 2.9, 3.0)] == [0, 1, 2, 0, 1]


def test_an_equal_value_is_not_better() -> None:
    assert not verdicts(early(), 1.0, 1.0)[1].best


def test_a_gain_must_be_larger_than_the_smallest_one_that_counts() -> None:
    stopping = early(patience=9, min_delta=0.5)

    assert [each.best for each in verdicts(stopping, 3.0, 2.5, 2.4, 2.0)] == [True, False, True, False]
    assert stopping.best_epoch == 3


def test_what_is_not_finite_is_never_better_not_even_at_first() -> None:
    stopping = early(patience=4)

    assert [each.best for each in verdicts(stopping, math.nan, math.inf, 5.0, math.nan, -math.inf)] == [
        False, False, True, False, False,
    ]  # fmt: skip
    assert stopping.best_value == 5.0


def test_nothing_but_nan_stops_too() -> None:
    stopping = early(patience=2)

    assert [each.stop for each in verdicts(stopping, math.nan, math.nan)] == [False, True]
    assert stopping.best_epoch is None


def test_when_off_it_only_keeps_the_best_in_mind() -> None:
    stopping = early(patience=1, min_delta=1.0, on=False, smoothing=0.9)

    assert [each.best for each in verdicts(stopping, 2.0, 1.9, 3.0, 3.0)] == [True, True, False, False]
    assert not any(each.stop for each in verdicts(stopping, 9.0, 9.0, 9.0))


@dataclass
class Old:
    """The rule as it was before there was smoothing, with the whole curve before its eyes."""

    patience: int | None
    min_delta: float

    def judge(self, losses: list[float]) -> list[Verdict]:
        found, best, at = [], math.inf, 0
        for epoch, loss in enumerate(losses, 1):
            better = math.isfinite(loss) and (not at or loss < best - self.min_delta)
            best, at = (loss, epoch) if better else (best, at)
            waited = epoch - at
            found.append(Verdict(better, self.patience is not None and waited >= self.patience, waited))
        return found


def by_hand(rule: Rule, losses: list[tuple[int, float]]) -> Outcome:
    """The rule from its words: every mean as two sums over the whole past, written out."""
    best, kept, last = math.inf, None, 0
    for t, (epoch, loss) in enumerate(losses, 1):
        past = [(j, x) for j, (_, x) in enumerate(losses[:t], 1) if math.isfinite(x)]
        if math.isfinite(loss):
            mean = sum(rule.smoothing ** (t - j) * x for j, x in past) / sum(rule.smoothing ** (t - j) for j, _ in past)
            if kept is None or mean < best - rule.min_delta:
                best, kept, last = mean, epoch, t
        if rule.patience is not None and t - last >= rule.patience:
            return Outcome(kept, epoch, t - last)
    return Outcome(kept, None, len(losses) - last)


def without_hairs(rule: Rule, losses: list[tuple[int, float]]) -> bool:
    """Whether no decision hangs on the last digits, in which two orders of summing may differ."""
    means = [
        sum(rule.smoothing ** (t - j) * x for j, (_, x) in enumerate(losses[:t], 1) if math.isfinite(x))
        / sum(rule.smoothing ** (t - j) for j, (_, x) in enumerate(losses[:t], 1) if math.isfinite(x))
        for t in range(1, len(losses) + 1)
        if math.isfinite(losses[t - 1][1])
    ]
    widest = max((abs(each) for each in means), default=0.0)
    return all(
        abs(one - other - gain) > 1e-9 * (1 + widest)
        for one, other in itertools.combinations(means, 2)
        for gain in (rule.min_delta, -rule.min_delta)
    )


@given(losses=LOSSES, patience=st.integers(1, 6), min_delta=GAINS)
def test_without_smoothing_it_is_the_rule_that_it_was(losses: list[float], patience: int, min_delta: float) -> None:
    assert verdicts(early(patience, min_delta), *losses) == Old(patience, min_delta).judge(losses)


@given(losses=LOSSES)
def test_when_off_the_best_is_the_lowest_loss(losses: list[float]) -> None:
    assert verdicts(early(3, 0.5, on=False, smoothing=0.9), *losses) == Old(None, 0.0).judge(losses)


@given(
    losses=st.lists(st.floats(-10, 10, width=32) | st.sampled_from([math.nan, math.inf, -math.inf]), max_size=25),
    first=st.integers(1, 5), patience=st.none() | st.integers(1, 6), min_delta=GAINS, smoothing=BETAS,
)  # fmt: skip
def test_a_replay_decides_as_counting_by_hand_does(
    losses: list[float], first: int, patience: int | None, min_delta: float, smoothing: float
) -> None:
    rule, told = Rule(patience, min_delta, smoothing), list(enumerate(losses, first))
    assume(smoothing == 0.0 or without_hairs(rule, told))
    assert replay(rule, told) == by_hand(rule, told)


@given(losses=LOSSES, patience=st.integers(1, 6), min_delta=GAINS, smoothing=BETAS)
def test_a_replay_decides_what_was_decided_step_by_step(
    losses: list[float], patience: int, min_delta: float, smoothing: float
) -> None:
    rule = Rule(patience, min_delta, smoothing)
    counted, stop = Patience(rule), None
    for epoch, loss in enumerate(losses, 1):
        if counted.update(epoch, loss).stop:
            stop = epoch
            break
    assert replay(rule, list(enumerate(losses, 1))) == Outcome(counted.best_epoch, stop, counted.waited)


@given(losses=LOSSES, cut=st.integers(0, 40), smoothing=BETAS)
def test_it_goes_on_from_a_state_that_was_written_down_as_if_it_had_never_stopped(
    losses: list[float], cut: int, smoothing: float
) -> None:
    rule = Rule(50, 0.01, smoothing)
    whole, before, after = Patience(rule), Patience(rule), Patience(rule)
    expected = [whole.update(epoch, loss) for epoch, loss in enumerate(losses, 1)]
    found = [before.update(epoch, loss) for epoch, loss in enumerate(losses[:cut], 1)]
    after.go_on_from(json.loads(json.dumps(before.state())))
    found += [after.update(epoch, loss) for epoch, loss in enumerate(losses[cut:], len(found) + 1)]
    assert found == expected
    assert after.state() == whole.state()


def test_a_state_from_before_there_was_smoothing_is_still_read() -> None:
    stopping = early(patience=3)
    stopping.go_on_from({"waited": 2, "best_epoch": 4, "best_value": 0.5})
    assert stopping.update(7, 0.6) == Verdict(best=False, stop=True, waited=3)
    assert stopping.best_epoch == 4


def test_with_smoothing_the_first_losses_are_judged_without_bias() -> None:
    stopping = early(patience=9, smoothing=0.5)
    verdicts(stopping, 3.0, 1.5)
    assert stopping.best_value == pytest.approx((0.5 * 3.0 + 1.5) / 1.5)


def test_a_loss_that_is_no_number_leaves_the_mean_but_lets_time_pass() -> None:
    stopping = early(patience=9, smoothing=0.5)
    found = verdicts(stopping, 3.0, math.nan, 1.0)
    assert [each.best for each in found] == [True, False, True]
    assert stopping.best_value == pytest.approx((0.25 * 3.0 + 1.0) / 1.25)


def test_smoothing_waits_out_a_lucky_epoch_that_ends_the_waiting_without_it() -> None:
    # Epoch 3 is low by luck; what comes after is lower than what came before, yet never as low as that.
    losses = list(enumerate([2.0, 1.8, 0.9, 1.4, 1.3, 1.2, 1.1, 1.0], 1))
    assert replay(Rule(4), losses) == Outcome(best_epoch=3, stop_epoch=7, waited=4)
    assert replay(Rule(4, smoothing=0.8), losses).stop_epoch is None


def test_a_run_without_epochs_has_no_outcome_yet() -> None:
    assert replay(Rule(1), []) == Outcome(None, None, 0)
