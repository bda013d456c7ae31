import json
from typing import Any

import hypothesis
import hypothesis.strategies as st
import pytest

from workbench.curves.axes import Axis
from workbench.curves.smoothing import Kind, Smoothing
from workbench.gui import layout_store
from workbench.gui.curves.choices import Choices, Clip, Strip
from workbench.gui.layout_store import Arrangement
from workbench.paths import Workspace

CHOICES = st.builds(
    Choices,
    axis=st.sampled_from(Axis), log=st.booleans(), kind=st.sampled_from(Kind),
    smoothing_steps=st.none() | st.floats(1, 1000), clip=st.sampled_from(Clip), metric=st.text(max_size=20),
    strips=st.sets(st.sampled_from(Strip)).map(lambda chosen: tuple(strip for strip in Strip if strip in chosen)),
    what_if=st.booleans(),
)  # fmt: skip


@hypothesis.given(CHOICES)
def test_every_choice_is_what_it_was_after_it_was_written_and_read(choices: Choices) -> None:
    assert Choices.from_tree(json.loads(json.dumps(choices.tree()))) == choices


@pytest.mark.parametrize(
    "broken",
    [
        {"axis": "weeks"}, {"kind": "magic"}, {"clip": "50"}, {"smoothing_steps": "many"}, {"smoothing_steps": float("nan")},
        {"smoothing_steps": 0}, {"smoothing_steps": 10**400}, {"smoothing_steps": []}, {"strips": 3}, {"axis": None}, {"kind": []},
    ],
)  # fmt: skip
def test_a_tree_that_cannot_be_read_gives_the_usual_choices(broken: dict[str, Any]) -> None:
    tree = Choices(axis=Axis.TIME, log=True).tree()
    assert Choices.from_tree(tree) != Choices()
    assert Choices.from_tree(tree | broken) == Choices()


@pytest.mark.parametrize("missing", list(Choices().tree()))
def test_a_tree_that_lacks_something_gives_the_usual_choices(missing: str) -> None:
    tree = Choices(axis=Axis.TIME, log=True).tree()
    del tree[missing]
    assert Choices.from_tree(tree) == Choices()
    assert Choices.from_tree({}) == Choices()


def test_strips_that_are_not_known_are_left_out_and_the_others_stand_in_order() -> None:
    tree = Choices().tree() | {"strips": ["penalty_share", "horoscope", "gap"]}
    assert Choices.from_tree(tree).strips == (Strip.GAP, Strip.PENALTY)


def test_only_a_percentile_has_a_share() -> None:
    assert {clip: clip.share for clip in Clip} == {
        Clip.AUTO: None, Clip.OFF: None, Clip.P99: 0.99, Clip.P95: 0.95, Clip.P90: 0.9,
    }  # fmt: skip
    assert len({clip.words for clip in Clip}) == len(Clip)


def test_what_suits_a_run_is_no_smoothing_of_its_own() -> None:
    assert Choices(kind=Kind.WINDOW).smoothing is None
    assert Choices(kind=Kind.WINDOW, smoothing_steps=30.0).smoothing == Smoothing(Kind.WINDOW, 30.0)


def test_the_arrangement_keeps_what_the_curves_show(tmp_path) -> None:
    workspace = Workspace(tmp_path).create()
    choices = Choices(axis=Axis.STEP, clip=Clip.P95, strips=(Strip.NORM,), what_if=True)
    layout_store.save(workspace, Arrangement(curves=choices.tree()))
    assert Choices.from_tree(layout_store.load(workspace).curves) == choices


@pytest.mark.parametrize("curves", ["[]", '"time"', "7", "null"])
def test_an_arrangement_whose_curves_are_no_tree_is_the_usual_one(tmp_path, curves: str) -> None:
    workspace = Workspace(tmp_path).create()
    layout_store.save(workspace, Arrangement(width=999))
    file = workspace.home / "window.json"
    assert layout_store.load(workspace).width == 999
    file.write_text(file.read_text().replace('"curves": {}', f'"curves": {curves}'))
    assert layout_store.load(workspace) == Arrangement()


def test_an_arrangement_of_before_there_were_choices_is_read(tmp_path) -> None:
    workspace = Workspace(tmp_path).create()
    layout_store.save(workspace, Arrangement(width=999))
    file = workspace.home / "window.json"
    tree = json.loads(file.read_text())
    del tree["curves"]
    file.write_text(json.dumps(tree))
    assert layout_store.load(workspace).width == 999
