"""An epoch of a run beside its first, in words; no Qt."""

from __future__ import annotations

import dataclasses

import pytest

from tests.gui.curves.conftest import a_run
from workbench.events import Ending, State
from workbench.gui.model.epoch_xray import FIRST, change, network_title, shown, why_no_network, why_none
from workbench.gui.model.xray import CHOSEN
from workbench.probing.xray import Measured, Row, XRay, judge


def row(layer: str, signal: float | None = 1.0, gradient: float | None = 1.0, dead: float | None = None) -> Row:
    return Row(layer, 0.0, 1.0, 0.0, 1.0, signal, gradient, dead)


def epoch(number: int, *rows: Row) -> XRay:
    return judge(32, [Measured("epoch", f"Epoch {number}", rows)])


def changes(before: tuple[Row, ...], now: tuple[Row, ...]) -> str:
    return change(*(epoch(number, *rows).schemes[0] for number, rows in ((1, before), (12, now))))


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [
        ((row("conv3", dead=0.04),), (row("conv3", dead=0.38),), "Since epoch 1, dead units in Conv 3: 4\xa0% → 38\xa0%."),
        (
            (row("conv1", 0.8), row("conv2", 0.9)),
            (row("conv1", 0.3), row("conv2", 0.02, 0.4)),
            "Since epoch 1, signal at Conv 2: 0.90 → 0.02; gradient at Conv 2: 1.00 → 0.40.",
        ),
        ((row("conv1"),), (row("conv1", None, 0.0),), "Since epoch 1, signal at Conv 1: 1.00 → ∞; gradient at Conv 1: 1.00 → 0."),
        ((row("conv1"),), (row("conv1", 1.9),), "Since epoch 1 no layer's signal or gradient has doubled or halved."),
        (
            (row("conv1", dead=0.1),),
            (row("conv1", dead=0.104),),
            "Since epoch 1 no layer's signal or gradient has doubled or halved, and about as many units are dead.",
        ),
    ],
)  # fmt: skip
def test_what_has_changed_since_the_first_epoch_is_told_where_it_is_most(
    before: tuple[Row, ...], now: tuple[Row, ...], said: str
) -> None:
    assert changes(before, now) == said


def test_layers_that_the_verdict_leaves_out_do_not_count_as_changes() -> None:
    now = dataclasses.replace(row("score", 50.0), counts=False)
    assert (
        changes((row("conv1"), row("score")), (row("conv1"), now))
        == "Since epoch 1 no layer's signal or gradient has doubled or halved."
    )


def test_the_epoch_is_the_bold_line_and_the_first_one_a_thin_one_to_compare_with() -> None:
    told = shown("Run 17", epoch(12, row("conv1", 0.01)), epoch(1, row("conv1")))
    assert [(line.scheme.title, line.look, line.chosen) for line in told.lines] == [
        ("Epoch 12", CHOSEN, True), ("Epoch 1", FIRST, False),
    ]  # fmt: skip
    assert told.sentence == "Run 17, epoch 12: the signal shrinks 100-fold by layer 1 (Conv 1)."
    assert told.change.startswith("Since epoch 1, signal at Conv 1")
    assert told.in_use is None


def test_the_first_epoch_stands_alone() -> None:
    first = epoch(1, row("conv1"))
    told = shown("Run 17", first, first)
    assert len(told.lines) == 1
    assert told.change == ""


@pytest.mark.parametrize(
    ("state", "asked", "warned", "said"),
    [
        (State.RUNNING, False, "", "Run 17 keeps no X-ray: its recipe has X-ray each epoch off."),
        (State.RUNNING, True, "", "Run 17 takes its first X-ray when its first epoch ends."),
        (State.ENDED, True, "", "Run 17 ended before its first epoch was over, so there is no X-ray."),
        (State.RUNNING, True, "There is no X-ray. One even colour.", "There is no X-ray. One even colour."),
    ],
)
def test_why_there_is_none_is_said(state: State, asked: bool, warned: str, said: str) -> None:
    run = a_run(state, Ending.STOPPED if state is State.ENDED else None)
    assert why_none(run, asked=asked, warned=warned) == said


def test_why_the_network_of_a_run_is_not_known_is_said() -> None:
    assert why_no_network(a_run(State.PREPARING)).endswith("is drawn as soon as its pictures are read.")
    assert "ended before" in why_no_network(a_run(State.ENDED, Ending.FAILED))
    assert network_title("ResNet-20", "Run 17", other=False) == "ResNet-20 · Run 17"


def test_schemes_of_other_layers_have_nothing_to_compare() -> None:
    one, other = (epoch(1, row(name)).schemes[0] for name in ("a", "b"))
    assert change(one, other) == "Since epoch 1 no layer's signal or gradient has doubled or halved."
