"""What happened to a run, as numbers above the lanes of a figure and words below them."""

import itertools
from dataclasses import replace

import pytest

from workbench.curves.axes import Axis
from workbench.curves.run_curves import RunCurves
from workbench.errors import ExportError
from workbench.events import CheckpointSaved, Continued, Paused, RateChanged, StepsSkipped
from workbench.export import flags, looks
from workbench.export.figure import drawn, figure_bytes
from workbench.export.series import Stretch, whole
from workbench.export.wish import PRESETS, Other, Wish

from .conftest import SPE, a_run, story, told

FLAGGED = Wish(flags=True, forks=(("Run 18", 7),))


def saved(*steps: int) -> list[CheckpointSaved]:
    return [CheckpointSaved((step - 1) // SPE + 1, step, "manual", 1_000_000) for step in steps]


@pytest.fixture
def curves() -> RunCurves:
    made = story()
    told(made, RateChanged(6, 5 * SPE, 1e-3, 1e-4, "by hand"), Paused(3, 50), Continued(3, 50, 840.0), *saved(165))
    return made


def numbers_of(figure) -> list:
    """The numbers above the upper lane, from left to right."""
    return [text for text in figure.axes[0].texts if text.get_text().isdigit()]


def words_of(curves: RunCurves, wish: Wish) -> str:
    with drawn(a_run(), curves, wish) as figure:
        return figure.get_supxlabel().replace("\n", " ")


def test_each_flag_has_a_number_a_line_through_all_lanes_and_its_words_below(curves):
    with drawn(a_run(), curves, FLAGGED) as figure:
        assert [text.get_text() for text in numbers_of(figure)] == ["1", "2", "3", "4"]
        assert [text.xy[0] for text in numbers_of(figure)] == [2.5, 5.0, 7.0, 8.25]
        for axes in figure.axes:
            uprights = {line.get_xdata()[0]: line.get_color() for line in axes.lines if len(line.get_xdata()) == 2}
            assert {x: uprights[x] for x in (2.5, 5.0, 7.0, 8.25)} == {
                2.5: looks.CARE, 5.0: looks.RATE, 7.0: looks.VIOLET, 8.25: looks.QUIET,
            }  # fmt: skip
        assert figure.get_supxlabel() == (
            "1: Paused 14 min, epoch 3 · 2: LR ÷ 10, epoch 6 · 3: Fork → Run 18, epoch 7 · 4: Saved, epoch 9"
        )


def test_nobody_gets_flags_who_did_not_ask(curves):
    with drawn(a_run(), curves, replace(FLAGGED, flags=False)) as figure:
        assert not numbers_of(figure)
        assert not figure.get_supxlabel()
    with drawn(a_run(), story(), Wish(flags=True)) as figure:
        assert not numbers_of(figure), "nothing happened"
    assert figure_bytes(a_run(), story(), ".svg", Wish(flags=True)) == figure_bytes(a_run(), story(), ".svg", Wish())


def test_the_summary_stands_below_the_flags_words(curves):
    words = words_of(curves, replace(FLAGGED, summary=True))
    assert words.startswith("1: Paused 14 min")
    assert words.index("4: Saved") < words.index("Run 17, early-stopped")


def test_only_what_is_within_the_visible_range_has_a_flag(curves):
    assert words_of(curves, replace(FLAGGED, x=(4.0, 6.0))) == "1: LR ÷ 10, epoch 6"


@pytest.mark.parametrize("axis", list(Axis))
def test_flags_that_would_lie_on_each_other_share_a_number_and_say_each_thing_once(axis):
    made = story()
    told(made, *saved(101, 102), RateChanged(6, 103, 1e-3, 1e-4, "by hand"), *saved(150))
    words = words_of(made, Wish(flags=True, axis=axis))
    assert words == "1: LR ÷ 10 + Saved × 2, epoch 6 · 2: Saved, epoch 8"


@pytest.mark.parametrize("points", [5.0, 8.0, 14.0])
@pytest.mark.parametrize("width", [6.5, 8.5, 16.0, 25.4])
def test_no_two_numbers_lie_on_each_other_and_all_are_within_the_figure(width, points):
    made = story()
    told(made, *saved(*range(1, 10 * SPE + 1)))
    wish = Wish(flags=True, width_cm=width, height_cm=20.0, points=points)
    marks = flags.found(Stretch(made, Axis.EPOCH, whole(Axis.EPOCH, [made]), 1000), wish)
    assert len(marks) >= 3
    with drawn(a_run(), made, replace(wish, flags=False)) as figure:
        flags.draw(figure.axes, marks, wish)
        renderer = figure.canvas.get_renderer()
        figure.draw(renderer)
        boxes = [text.get_bbox_patch().get_window_extent(renderer) for text in numbers_of(figure)]
    assert len(boxes) == len(marks)
    for left, right in itertools.pairwise(boxes):
        assert left.x1 < right.x0
    assert boxes[0].x0 >= figure.axes[0].get_window_extent().x0 - 1
    assert boxes[-1].x1 <= figure.bbox.width


def test_what_has_no_room_is_left_out_and_said_and_the_rate_is_kept_first(curves):
    told(curves, *saved(*range(7, 10 * SPE, 9)), StepsSkipped(4, 77, 3, 3))
    wish = replace(FLAGGED, width_cm=PRESETS[0].width_cm, height_cm=PRESETS[0].height_cm)
    with drawn(a_run(), curves, wish) as figure:
        words = figure.get_supxlabel()
        shown = len(numbers_of(figure))
    assert "LR ÷ 10" in words
    assert words.splitlines()[-1].endswith("more flags left out")
    assert f"{shown}: " in words
    assert f"{shown + 1}: " not in words
    all_of_them = len(curves.flags) + 1  # the fork
    left_out = int(words.replace("\n", " ").split(" · ")[-1].split()[0])
    marks = flags.found(Stretch(curves, Axis.EPOCH, whole(Axis.EPOCH, [curves]), 1000), wish)
    kept = flags.fitting(marks, wish, 0.0).marks
    assert len(kept) == shown
    assert sum(len(mark.flags) for mark in kept) + left_out == all_of_them
    assert len(flags.fitting(marks, wish, 100.0).lines) == 3, "more lines than that hide curves"


def test_where_there_is_room_for_no_words_all_are_left_out():
    made = story()
    told(made, RateChanged(2, 30, 1e-3, 1e-4, "by hand"))
    wish = replace(FLAGGED, width_cm=4.0)
    marks = flags.found(Stretch(made, Axis.EPOCH, whole(Axis.EPOCH, [made]), 1000), wish)
    assert flags.fitting(marks, wish, 0.0) == flags.Shown((), ("2 flags left out",))
    assert flags.fitting((), wish, 0.0) == flags.Shown()


def test_a_legend_without_room_says_that_flags_can_go(curves):
    beside = tuple(Other(f"run {at}", f"run {at} with a long name", 0, story(seed=at)) for at in range(30))
    wish = replace(FLAGGED, width_cm=8.5, height_cm=8.0, others=beside)
    with pytest.raises(ExportError, match=r"or show fewer runs or no event flags\."):
        figure_bytes(a_run(), curves, ".png", wish)


def test_strange_names_of_forks_are_cut_and_drawn_as_they_are(curves):
    wish = replace(FLAGGED, forks=(("$x^2$ 🙂 " * 20, 7),))
    words = words_of(curves, wish)
    assert "3: Fork → $x^2$ □ " in words
    assert "…" in words
    with drawn(a_run(), story(), replace(wish, width_cm=5.0, points=6.0)) as figure:
        figure.draw_without_rendering()
        words = next(text for text in figure.texts if "Fork →" in text.get_text())
        assert words.get_window_extent().x1 <= figure.bbox.width
    assert figure_bytes(a_run(), curves, ".svg", wish)
