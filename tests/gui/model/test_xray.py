"""An X-ray in words and places, without Qt: looks, axis, values, sentences."""

from __future__ import annotations

import dataclasses
import math

import pytest

from workbench.gui.model.xray import Shown, Side, dead_text, last_layer, last_of, number, share
from workbench.network.blocks import Block, blocks
from workbench.network.plan import plan
from workbench.probing.xray import Measured, Row, judge
from workbench.spec import Recipe


def row(layer: str, signal: float | None, gradient: float | None = 1.0, dead: float | None = None) -> Row:
    return Row(layer, -0.25, 0.5, 0.0, 2e-3, signal, gradient, dead)


def shown(*kinds: str, stale: bool = False) -> Shown:
    measured = [
        Measured(kind, kind.replace("_", " ").capitalize(), (row("conv1", 1.5), row("conv2", 3.0))) for kind in kinds
    ]
    return Shown.of(judge(16, measured), stale=stale)


@pytest.mark.parametrize(
    ("value", "place", "off"),
    [(1e-5, 0.0, 0), (10.0, 1.0, 0), (0.01, 0.5, 0), (1.0, 5 / 6, 0), (0.0, 0.0, -1), (9e-6, 0.0, -1), (11.0, 1.0, 1), (None, 1.0, 1)],
)  # fmt: skip
def test_values_stand_on_a_log_axis_and_what_is_beyond_it_points_outwards(
    value: float | None, place: float, off: int
) -> None:
    at, beyond = share(value)
    assert at == pytest.approx(place)
    assert beyond == off


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.54, "0.54"), (2.756, "2.76"), (12.34, "12.3"), (123.4, "123"), (0.0, "0"), (4.1e-4, "4.1e-4"), (2.1e8, "2.1e8"), (None, "∞")],
)  # fmt: skip
def test_sizes_are_told_in_three_figures(value: float | None, text: str) -> None:
    assert number(value) == text


def test_an_initializer_keeps_its_look_whichever_is_chosen() -> None:
    one = shown("kaiming_normal", "xavier_uniform", "lecun_normal", "zeros")
    other = shown("zeros", "kaiming_normal", "xavier_uniform", "lecun_normal")
    assert one.chosen.look == other.chosen.look
    assert [line.chosen for line in one.lines] == [True, False, False, False]
    looks = {line.scheme.kind: line.look for line in (*one.lines[1:], *other.lines[1:])}
    assert looks["xavier_uniform"] == other.lines[2].look
    assert len({*looks.values(), one.chosen.look}) == 5


def test_a_block_shows_its_last_layer() -> None:
    block = next(each for each in blocks(plan(Recipe(), (8, 8, 1), 10)) if isinstance(each, Block))
    layers = list(block.layers)
    assert last_layer(block) == layers[-1].name
    assert last_layer(layers[0]) == layers[0].name


def test_the_sentence_names_the_chosen_one_and_the_method_says_how_it_was_taken() -> None:
    told = shown("kaiming_normal", "zeros")
    assert told.sentence == "Kaiming normal: signal and gradient stay within 3.0 × through 2 layers."
    assert told.method.startswith("One forward and one backward pass before training, on 16\xa0training pictures.")


def test_a_layer_is_told_with_every_initializer_and_all_that_was_measured() -> None:
    part = next(iter(blocks(plan(Recipe(), (8, 8, 1), 10))))
    name = last_layer(part)
    measured = [
        Measured("kaiming_normal", "Kaiming normal", (row(name, 0.54, 2.76, 0.5),)),
        Measured("doubling", "Doubling", (Row(name, math.inf, math.nan, 0.0, 0.0, None, 1e-7),)),
        Measured("zeros", "Zeros", (row("elsewhere", 1.0),)),
    ]
    told = Shown.of(judge(2, measured))
    assert told.told(part, "Conv 1") == (
        "Conv 1. Kaiming normal: signal 0.54, gradient 2.76, activations mean −0.25, spread 0.50, their gradient mean 0, "
        "spread 2.0e-3, 50\xa0% of the units give 0 for every picture. Doubling: signal ∞, gradient 1.0e-7, activations not "
        "finite, their gradient mean 0, spread 0."
    )
    assert told.text(part, Side.SIGNAL) == "0.54"
    assert shown("zeros").text(part, Side.GRADIENT) == ""


def test_the_gradient_is_shown_as_it_is_judged_and_told_as_it_was_measured() -> None:
    part = last_of(next(iter(blocks(plan(Recipe(), (8, 8, 1), 10)))))
    measured = dataclasses.replace(row(part.name, 1.0, 0.05), places=16)
    told = Shown.of(judge(2, [Measured("kaiming_normal", "Kaiming normal", (measured,))]))
    assert told.text(part, Side.GRADIENT) == "0.20"
    assert "gradient 0.20 (0.05 before what a mean over 16 places takes is put back)" in told.told(part, "Pool")


def test_a_block_tells_the_most_dead_units_in_it_and_a_layer_without_an_off_state_none() -> None:
    block = next(each for each in blocks(plan(Recipe(), (8, 8, 1), 10)) if isinstance(each, Block))
    conv, activation, *rest = block.layers
    rows = (row(conv.name, 1.0), row(activation.name, 1.0, dead=0.38), *(row(each.name, 1.0) for each in rest))
    told = Shown.of(judge(2, [Measured("epoch", "Epoch 1", rows)]))
    assert told.dead(conv) is None
    assert told.dead(activation) == told.dead(block) == 0.38
    assert "Where most in it are dead, 38\xa0% of the units." in told.told(block, "Stage 1")
    assert [dead_text(share) for share in (0.0, 0.001, 0.38, 1.0)] == ["0\xa0%", "<\xa01\xa0%", "38\xa0%", "100\xa0%"]


def test_a_layer_that_the_verdict_leaves_out_says_why() -> None:
    *_, last = (layer for layer in plan(Recipe(), (8, 8, 1), 10).layers)
    left_out = dataclasses.replace(row(last.name, 1.0), counts=False)
    told = Shown.of(judge(2, [Measured("zeros", "Zeros", (row("stem", 1.0), left_out))]))
    assert told.told(last, "Logits").endswith(
        "The verdict leaves it out: no layer whose weights the initializer draws comes after it."
    )
