import math

from hypothesis import given
from hypothesis import strategies as st

from workbench.engine.tricks.early_stopping import EarlyStopping, Verdict
from workbench.spec import tricks


def early(patience: int = 2, min_delta: float = 0.0, on: bool = True) -> EarlyStopping:
    return EarlyStopping(tricks.EarlyStopping(on=on, patience=patience, min_delta=min_delta))


def verdicts(stopping: EarlyStopping, *values: float) -> list[Verdict]:
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
    stopping = early(patience=1, min_delta=1.0, on=False)

    assert [each.best for each in verdicts(stopping, 2.0, 1.9, 3.0, 3.0)] == [True, True, False, False]
    assert not any(each.stop for each in verdicts(stopping, 9.0, 9.0, 9.0))


@given(values=st.lists(st.floats(width=32), max_size=30), patience=st.integers(1, 5))
def test_it_agrees_with_looking_at_the_whole_curve(values: list[float], patience: int) -> None:
    stopping = early(patience=patience)
    for epoch, verdict in enumerate(verdicts(stopping, *values), 1):
        seen = [(value, at) for at, value in enumerate(values[:epoch], 1) if math.isfinite(value)]
        best = min(seen)[1] if seen else 0
        assert verdict == Verdict(best=best == epoch, stop=epoch - best >= patience, waited=epoch - best)
