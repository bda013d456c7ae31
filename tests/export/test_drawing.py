"""A figure as it was wished for: its real size, and every series in it."""

import io
import math
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from workbench.curves.axes import Axis
from workbench.curves.run_curves import RunCurves
from workbench.curves.smoothing import Smoothing
from workbench.errors import ExportError
from workbench.events import AttemptEnded, AttemptStarted, DataReady, Ending, EpochEnded, State, StepBlock
from workbench.export import looks
from workbench.export.figure import PICTURE, at_most, drawn, figure_bytes
from workbench.export.legend import shortened
from workbench.export.looks import metric_words, scientific
from workbench.export.wish import LANES, PRESETS, Other, SeedBand, Wish
from workbench.journal import Journal, Steps
from workbench.paths import Workspace
from workbench.spec import Recipe

from .conftest import SPE, a_run, story, told

ONE_COLUMN = replace(Wish(), width_cm=PRESETS[0].width_cm, height_cm=PRESETS[0].height_cm)


def other(name: str, curves: RunCurves, **look: object) -> Other:
    return Other(name, look.pop("label", name), 0, curves, **look)


def legend_of(figure) -> list[str]:
    return [text.get_text() for text in figure.legends[0].get_texts()]


def legend(curves: RunCurves, wish: Wish, state: State = State.ENDED) -> list[str]:
    with drawn(a_run(state=state), curves, wish) as figure:
        return legend_of(figure)


# --- size ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("width", "height", "dpi"), [(16, 11, 300), (8.5, 8, 600), (17.5, 11.3, 137)])
def test_a_png_has_the_pixels_that_centimetres_and_dpi_make_and_says_its_dpi(run, curves, width, height, dpi):
    wish = replace(Wish(), width_cm=width, height_cm=height, dpi=dpi)
    with Image.open(io.BytesIO(figure_bytes(run(), curves, ".png", wish))) as picture:
        assert picture.size == (round(width / 2.54 * dpi), round(height / 2.54 * dpi))
        assert picture.info["dpi"] == pytest.approx((dpi, dpi), abs=0.02)


def test_an_svg_and_a_pdf_are_as_large_as_was_asked(run, curves):
    root = ET.fromstring(figure_bytes(run(), curves, ".svg", ONE_COLUMN))
    for name, cm in (("width", 8.5), ("height", 8.0)):
        assert float(root.get(name).removesuffix("pt")) / 72 * 2.54 == pytest.approx(cm, abs=0.001)
    box = re.search(rb"/MediaBox \[ 0 0 ([\d.]+) ([\d.]+) \]", figure_bytes(run(), curves, ".pdf", ONE_COLUMN))
    assert [float(each) / 72 * 2.54 for each in box.groups()] == pytest.approx([8.5, 8.0], abs=0.001)


@pytest.mark.parametrize("kind", [".png", ".svg", ".pdf"])
def test_the_same_curves_give_the_same_file_whatever_the_person_has_set(run, curves, kind):
    import matplotlib as mpl

    first = figure_bytes(run(), curves, kind, Wish())
    with mpl.rc_context({"font.size": 30, "axes.facecolor": "black", "lines.linewidth": 9}):
        assert figure_bytes(run(), curves, kind, Wish()) == first
        assert mpl.rcParams["font.size"] == 30


def test_the_same_curves_give_the_same_file_however_often(run, curves):
    # The solver of the layout takes its parts up in any order, and the last digits with it.
    wish = Wish(lanes=("loss", "gap", "metric"), width_cm=13.7)
    assert len({figure_bytes(run(), curves, ".svg", wish) for _ in range(6)}) == 1


DRAW = """
import hashlib, sys
from pathlib import Path
from workbench.export.figure import save_curves
from workbench.export.wish import LANES, Wish
from workbench.journal import Journal
from workbench.paths import Workspace
home = Path(sys.argv[1])
with Journal(Workspace(home)) as journal:
    for kind in ("svg", "pdf"):
        save_curves(journal, "1", home / f"a.{kind}", Wish(lanes=LANES, height_cm=20.0))
        print(hashlib.sha256((home / f"a.{kind}").read_bytes()).hexdigest())
"""


def test_another_process_gives_the_same_file(tmp_path):
    with Journal(Workspace(tmp_path)) as journal:
        run = journal.create_run(Recipe()).id
        journal.begin_attempt(run)
        numbers = np.random.default_rng(0).random((500, 5), np.float32)
        ended = [EpochEnded(at, at * 50, float(at), {"loss": 0.5, "val_loss": 1 / at}, 100.0) for at in range(1, 11)]
        journal.say(run, 1, [StepBlock(1, numbers, 0.0, 10.0), *ended])
    found = set()
    for seed in "123":
        variables = {**os.environ, "PYTHONHASHSEED": seed}
        command = [sys.executable, "-c", DRAW, str(tmp_path)]
        found.add(subprocess.run(command, env=variables, capture_output=True, text=True, check=True).stdout)
    assert len(found) == 1


def test_text_stays_text_in_an_svg_and_its_fonts_are_in_a_pdf(run, curves):
    root = ET.fromstring(figure_bytes(run(), curves, ".svg", Wish()))
    words = {each.text for each in root.iter("{http://www.w3.org/2000/svg}text")}
    assert {"Validation", "epoch", "loss"} <= words
    drawing = figure_bytes(run(), curves, ".pdf", Wish(family="serif"))
    assert b"/FontFile2" in drawing
    assert b"/Subtype /Type3" not in drawing


def test_a_preview_has_the_same_shape_and_fewer_pixels():
    small = at_most(Wish(), (560, 400))
    assert small.pixels[0] <= 561
    assert small.pixels[1] <= 401
    assert (small.width_cm, small.height_cm, small.points) == (16, 11, 8)


# --- what is in it ---------------------------------------------------------------------------------------


def test_every_series_is_in_the_legend(run):
    assert legend(story(penalty=0.1), Wish()) == [
        "Training, each step", "Training, smoothed over 4 steps", "Penalty on weights", "Training, epoch mean",
        "Training, re-measured", "Validation", "Best 0.4353 · epoch 6", "Stopped early · epoch 10", "Patience",
    ]  # fmt: skip


def test_a_living_run_says_where_it_would_stop(run):
    assert "Stops at epoch 9 if no better" in legend(story(5, 5), replace(Wish(), x=(0.0, 10.0)), State.RUNNING)
    assert not any("Stop" in words for words in legend(story(5, 5), Wish()))


def test_the_mean_of_an_epoch_stands_at_its_middle_and_what_was_measured_at_its_end(run, curves):
    for axis, middle, end in ((Axis.EPOCH, 2.5, 3.0), (Axis.STEP, 50.0, 60.0), (Axis.TIME, 2.5, 3.0)):
        with drawn(run(), curves, replace(Wish(), axis=axis)) as figure:
            third = [line.get_xdata()[2] for line in figure.axes[0].lines if len(line.get_xdata()) == 10]
        assert sorted(third) == pytest.approx([middle, end, end])  # mean; measured again, validation


@pytest.mark.parametrize("steps", [100_000, 60_000])  # two points a column as they come, and eight made two
def test_each_single_step_in_a_hundred_thousand_is_seen(run, steps):
    numbers = np.full((steps, 5), 0.5, np.float32)
    numbers[:, 0] += np.random.default_rng(0).normal(0, 0.01, steps).astype(np.float32)
    before = _picture(run(), numbers)
    spikes = np.arange(5_003, steps, 5_987)
    numbers[spikes, 0] = 0.95
    rows, columns = np.nonzero(np.abs(before - _picture(run(), numbers)).max(axis=2) > 20)
    strokes = np.split(np.sort(columns), np.flatnonzero(np.diff(np.sort(columns)) > 20) + 1)
    assert len(strokes) == len(spikes)
    for stroke in strokes:
        here = np.isin(columns, stroke)
        assert np.ptp(rows[here]) > 100  # a stroke upwards …
        assert np.ptp(stroke) < 20  # … at one place; the smoothed line rises a little behind it


def _picture(run, numbers: np.ndarray) -> np.ndarray:
    curves = RunCurves()
    told(curves, DataReady(100, 20, 0, ("a",), (8, 8, 1), 1000, "f"))
    drawn_now = figure_bytes(run, _with(curves, numbers.copy()), ".png", replace(Wish(), y=(0.0, 1.0)))
    with Image.open(io.BytesIO(drawn_now)) as picture:
        return np.asarray(picture.convert("RGB"), np.int16)


def _with(curves: RunCurves, numbers: np.ndarray) -> RunCurves:
    curves.feed([], [Steps(1, 1, StepBlock(1, numbers, 0.0, 1000.0))])
    return curves


def test_steps_that_are_no_number_are_marked_and_the_first_is_named(run, curves):
    numbers = np.full((3, 5), math.nan, np.float32)
    curves.feed([], [Steps(99, 1, StepBlock(curves.steps + 1, numbers, 10.0, 10.1))])
    assert "NaN from step 201" in legend(curves, Wish())
    numbers[:, 0] = -math.inf
    minus = story()
    minus.feed([], [Steps(99, 1, StepBlock(minus.steps + 1, numbers, 10.0, 10.1))])
    assert "−∞ from step 201" in legend(minus, replace(Wish(), log=True))


def test_what_reaches_past_the_range_is_said_beside_the_axis(run, curves):
    with drawn(run(), curves, replace(Wish(), y=(0.0, 0.5))) as figure:
        assert [text.get_text()[0] for text in figure.axes[0].texts] == ["▲"]
    with drawn(run(), curves, replace(Wish(), y=(0.0, 50.0))) as figure:
        assert not figure.axes[0].texts


def test_only_the_visible_range_is_drawn_and_named(run, curves):
    with drawn(run(), curves, replace(Wish(), x=(1.0, 3.0))) as figure:
        assert figure.axes[0].get_xlim() == (1.0, 3.0)
        assert not any(words.startswith(("Best", "Stopped", "Patience")) for words in legend_of(figure))
        assert max(len(line.get_xdata()) for line in figure.axes[0].lines) <= 2 * SPE + 2


@pytest.mark.parametrize(
    ("axis", "words"), [(Axis.EPOCH, "epoch"), (Axis.STEP, "step"), (Axis.TIME, "run time, min:s")]
)
def test_axes_bear_their_names_and_units(run, axis, words):
    with drawn(run(), story(penalty=0.1), replace(Wish(), axis=axis, lanes=LANES, height_cm=20.0)) as figure:
        assert figure.axes[-1].get_xlabel() == words
        assert [axes.get_ylabel().replace("\n", " ") for axes in figure.axes] == [
            "loss", "accuracy, %", "learning rate", "gradient norm", "images/s", "penalty, % of total", "gap in loss",
        ]  # fmt: skip


def test_run_time_of_hours_is_told_in_hours_and_minutes(run, curves):
    with drawn(run(), curves, replace(Wish(), axis=Axis.TIME, x=(0.0, 7300.0))) as figure:
        figure.draw_without_rendering()
        assert figure.axes[-1].get_xlabel() == "run time, h:mm"
        assert "0:30" in [text.get_text() for text in figure.axes[-1].get_xticklabels()]


def test_another_metric_is_drawn_with_its_validation(run):
    with drawn(run(), story(metric="mean_iou"), replace(Wish(), metric="mean_iou")) as figure:
        axes = figure.axes[1]
        assert axes.get_ylabel() == "mean IoU,\n%"
        assert sorted(float(line.get_ydata()[0]) for line in axes.lines if len(line.get_ydata()) == 10) == [70.0, 80.0]


def test_other_runs_are_drawn_in_their_look_and_named_last(run, curves):
    beside = (
        other("Run 16", story(seed=2), colour="#1E9965", marker="square", dash=(7, 3), label="batch 128"),
        other("Run 12", story(seed=3), colour="#586174", marker="cross", baseline=True),
    )
    with drawn(run("Ruń $1$"), curves, replace(Wish(), others=beside)) as figure:
        assert legend_of(figure)[-2:] == ["batch 128", "Run 12 (baseline)"]
        assert figure.legends[0].get_title().get_text() == "Ruń $1$"
        for axes in figure.axes:
            line = next(line for line in axes.lines if line.get_color() == "#1E9965")
            assert line.get_marker() == "s"
            assert line.is_dashed()


def compared(**wanted: object) -> Wish:
    first, second = story(30, 20, seed=2), story(30, 22, seed=3)
    first.epochs.metric("val_loss")[:] += 0.1
    baseline = other("Run 12", first, colour="#586174", marker="cross", dash=(12, 3), baseline=True)
    beside = other("Run 16", second, colour="#1E9965", marker="circle", hollow=True)
    return replace(Wish(lanes=("loss",), first=baseline, others=(beside,)), **wanted)


def drawn_lines(axes) -> dict[str, tuple[str, bool, str]]:
    return {
        line.get_color(): (line.get_marker(), line.is_dashed(), line.get_markerfacecolor())
        for line in axes.lines
        if len(line.get_xdata())
    }


@pytest.mark.parametrize("lane", LANES)
def test_of_compared_runs_each_has_its_own_look_and_none_is_in_focus(run, lane):
    wish = compared(lanes=(lane,), height_cm=8.0, flags=True)
    with drawn(run(), wish.first.curves, wish) as figure:
        assert legend_of(figure) == ["Run 12 (baseline)", "Run 16"]
        assert figure.legends[0].get_title().get_text() == ""
        (axes,) = figure.axes
        found = drawn_lines(axes)
        assert (found["#586174"], found["#1E9965"]) == (("x", True, "#586174"), ("o", False, "white"))
        assert not {looks.TRAINING, looks.VALIDATION, looks.TEXT, looks.VIOLET} & set(found)
        assert not axes.patches


def test_of_compared_runs_the_axis_says_which_numbers_are_compared(run):
    wish = compared()
    for wanted, name, height in (
        (wish, "validation loss", 0.7),
        (replace(wish, training=True), "training loss, smoothed", wish.first.curves.smooth_loss.at([599])[0]),
        (replace(wish, lanes=("metric",)), "validation accuracy, %", 70.0),
    ):
        with drawn(run(), wish.first.curves, wanted) as figure:
            (axes,) = figure.axes
            assert axes.get_ylabel().replace("\n", " ") == name
            line = next(line for line in axes.lines if line.get_color() == "#586174")
            assert line.get_ydata()[-1] == pytest.approx(height)
            low, high = axes.get_ylim()
            assert low <= line.get_ydata()[-1] <= high


@pytest.mark.parametrize(("lane", "scale"), [("loss", 1.0), ("metric", 100.0)])
@pytest.mark.parametrize("axis", list(Axis))
def test_mean_and_range_over_seeds_lie_below_the_compared_runs(run, lane, scale, axis):
    seed = story(30, 20)
    epochs, mean = np.array([1.0, 2.0, 30.0]), np.array([0.5, 0.4, 0.3])
    wish = compared(lanes=(lane,), axis=axis, band=SeedBand(seed, epochs, mean, mean - 0.1, mean + 0.2))
    with drawn(run(), wish.first.curves, wish) as figure:
        (axes,) = figure.axes
        assert legend_of(figure) == ["Mean over seeds", "Range over seeds", "Run 12 (baseline)", "Run 16"]
        line = next(line for line in axes.lines if line.get_color() == looks.QUIET)
        x = epochs * {Axis.EPOCH: 1, Axis.STEP: SPE, Axis.TIME: 1}[axis]
        assert line.get_xdata().tolist() == pytest.approx(x.tolist())
        assert line.get_ydata().tolist() == pytest.approx((scale * mean).tolist())
        (area,) = axes.collections
        low, high = area.get_datalim(axes.transData).intervaly
        assert (low, high) == pytest.approx((scale * 0.2, scale * 0.7))
        assert area.zorder < line.zorder < min(each.zorder for each in axes.lines if each is not line)


def test_patience_is_shaded_from_where_its_count_began(run):
    curves = story(10, best=6)
    told(curves, AttemptEnded(Ending.EARLY_STOPPED, "No new best.", 10), AttemptStarted(10, 10 * SPE, 2))
    for epoch, waited in ((11, 1), (12, 2)):
        told(curves, EpochEnded(epoch, epoch * SPE, float(epoch), {"loss": 0.3, "val_loss": 0.9}, 100.0, waited, 4))
    with drawn(run(state=State.RUNNING), curves, Wish(lanes=("loss",), x=(0.0, 20.0))) as figure:
        (shade,) = figure.axes[0].patches
        assert (shade.get_x(), shade.get_x() + shade.get_width()) == (10.0, 14.0)


@pytest.mark.parametrize("lane", ["loss", "metric"])
def test_a_run_without_the_numbers_that_are_compared_has_no_line(run, lane):
    bare = RunCurves()
    told(bare, DataReady(100, 0, 0, ("a",), (8, 8, 1), SPE, "f"))
    bare.feed([], [Steps(1, 1, StepBlock(1, np.ones((20, 5), np.float32), 0.0, 1.0))])
    told(bare, EpochEnded(1, 20, 1.0, {"loss": 1.0, "accuracy": 0.5}, 100.0))
    wish = compared(lanes=(lane,))
    with drawn(run(), wish.first.curves, replace(wish, others=(other("Run 16", bare),))) as figure:
        assert legend_of(figure) == ["Run 12 (baseline)"]
    with drawn(run(), story(), replace(wish, first=None, others=(other("Run 16", bare),))) as figure:
        assert legend_of(figure)[-1] == "Run 16", "beside a run in focus what there is of it is shown"


@pytest.mark.parametrize("kind", [".png", ".svg", ".pdf"])
def test_overlong_and_strange_names_stay_inside_one_column(run, curves, kind):
    beside = tuple(
        other(
            f"{start} a very long name of a run that somebody gave who likes $long^names_ 🙂\n{start}", story(seed=at)
        )
        for at, start in enumerate(("_a", "$b", "=c"))
    )
    wish = replace(ONE_COLUMN, others=beside)
    with drawn(run("$x_1" * 40), curves, wish, pixels=True) as figure:
        figure.draw_without_rendering()
        box = figure.legends[0].get_window_extent()
        assert 0 <= box.x0 < box.x1 <= figure.bbox.width
        assert box.y1 <= figure.bbox.height
        lanes = [axes.get_window_extent() for axes in figure.axes]
        assert box.y0 >= lanes[0].y1
        assert min(lane.height for lane in lanes) / figure.dpi * 2.54 > 0.9
        for upper, lower in zip(figure.axes, figure.axes[1:], strict=False):
            assert upper.yaxis.label.get_window_extent().y0 >= lower.yaxis.label.get_window_extent().y1 - 1
    assert figure_bytes(run("$x_1" * 40), curves, kind, wish)


def test_a_legend_that_leaves_no_room_is_refused_in_a_sentence(run, curves):
    beside = tuple(other(f"a run with a long name, number {at}", story(seed=at)) for at in range(30))
    with pytest.raises(ExportError, match=r"The legend of 38 lines leaves no room for curves in 8.5 × 8 cm"):
        figure_bytes(run(), curves, ".png", replace(ONE_COLUMN, others=beside))


@pytest.mark.parametrize(("axis", "log"), [(Axis.EPOCH, False), (Axis.STEP, True), (Axis.TIME, True)])
def test_every_stage_of_a_run_can_be_drawn(run, axis, log):
    started = RunCurves()
    told(started, DataReady(100, 20, 0, ("a",), (8, 8, 1), SPE, "f"))
    stages = [RunCurves(), started, story(1, 1), _with(RunCurves(), np.ones((1, 5), np.float32))]
    stages += [
        _with(RunCurves(), np.full((30, 5), value, np.float32)) for value in (math.nan, math.inf, -1.0, 0.0, 1e30)
    ]
    for curves in stages:
        curves.set_smoothing(Smoothing(steps=1))
        wish = replace(Wish(), axis=axis, log=log, lanes=LANES, height_cm=20.0, dpi=60.0)
        with drawn(run(state=State.RUNNING), curves, wish) as figure:
            assert len(figure.axes) == len(LANES)


def test_the_picture_where_there_is_no_display_says_by_itself_what_it_shows(run, curves):
    with drawn(run(), curves, PICTURE) as figure:
        assert figure.legends[0].get_title().get_text() == "Run 17"
        assert "Stopped early at epoch 10" in figure.get_supxlabel().replace("\n", " ")
    with drawn(run(), curves, Wish()) as figure:
        assert not figure.get_supxlabel()


def test_words_and_numbers_of_axes():
    assert metric_words("top_5_accuracy") == "top 5 accuracy, %"
    assert metric_words("iou/old car") == "IoU of old car, %"
    assert metric_words("f1") == "F1, %"
    assert metric_words("perplexity") == "perplexity"
    assert [scientific(value) for value in (0.0, 1e-3, 2.5e-4, 1.0)] == ["0", "1e-3", "2.5e-4", "1e0"]
    assert shortened("abcdefghij", 7) == "abc…hij"
    assert shortened("abc", 7) == "abc"
