"""The curves as numbers: what the journal holds comes back bit for bit, and no name becomes a formula."""

import csv
import io
import stat
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from workbench.curves.axes import Axis
from workbench.curves.run_curves import RunCurves
from workbench.errors import WorkspaceError
from workbench.events import COLUMNS, AttemptStarted, DataReady, EpochEnded, StepBlock
from workbench.export import table
from workbench.export.table import EPOCH_HEADS, STEP_HEADS
from workbench.export.wish import Other, Wish
from workbench.journal import Journal, Steps
from workbench.paths import Workspace
from workbench.spec import Recipe

from .conftest import SPE, a_run, story, told


def read(run, curves, rows, wish=None, comma=",") -> list[dict[str, str]]:
    text = "".join(table.pieces(run, curves, wish or Wish(), rows, comma))
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=comma))


def strange() -> np.ndarray:
    """Numbers that a shorter or longer text would change."""
    noise = np.random.default_rng(0)
    numbers = (10.0 ** noise.uniform(-38, 38, (12_345, len(COLUMNS)))).astype(np.float32)
    numbers[5, 0], numbers[6, 0], numbers[7, 0] = np.nan, np.inf, -np.inf
    numbers[8, 0], numbers[9, 0] = np.finfo(np.float32).tiny / 4, 16_777_217
    return numbers


def test_a_table_of_steps_gives_the_numbers_of_the_journal_bit_for_bit(tmp_path: Path) -> None:
    numbers = strange()
    with Journal(Workspace(tmp_path / "home")) as journal:
        run = journal.create_run(Recipe())
        journal.begin_attempt(run.id)
        journal.say(run.id, 1, [StepBlock(1, numbers, 0.25, 77.7)])
        curves = RunCurves()
        curves.feed(journal.events(run.id), journal.steps(run.id))
        (block,) = (each.block.numbers for each in journal.steps(run.id))
        path = tmp_path / "steps.csv"
        table.write(path, run, curves, Wish(), "steps")
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == STEP_HEADS
    assert [row["step"] for row in rows] == [str(at) for at in range(1, 12_346)]
    for place, name in enumerate(COLUMNS):
        again = np.array([row[name] for row in rows]).astype(np.float32)
        assert again.tobytes() == block[:, place].tobytes(), name
    assert [row["loss"] for row in rows[5:8]] == ["NaN", "inf", "-inf"]
    assert np.array([row["seconds"] for row in rows], float).tobytes() == curves.times.at(np.arange(12_345)).tobytes()
    smooth = curves.smooth_loss.at(np.arange(12_345))
    assert np.array([row["loss_smoothed"] for row in rows], float).tobytes() == smooth.tobytes()


def test_numbers_are_written_as_short_as_they_can_be():
    curves = RunCurves()
    curves.feed([], [Steps(1, 1, StepBlock(1, np.full((1, 5), 0.1, np.float32), 0.0, 0.3))])
    (row,) = read(a_run(), curves, "steps")
    assert (row["loss"], row["seconds"], row["learning_rate"]) == ("0.1", "0.3", "0.1")


def test_a_step_belongs_to_the_epoch_in_which_it_was_done():
    curves = story(3, 3)
    curves.feed([], [Steps(9, 1, StepBlock(3 * SPE + 1, np.ones((SPE + 1, 5), np.float32), 3.0, 4.0))])
    epochs = [int(row["epoch"]) for row in read(a_run(), curves, "steps")]
    assert epochs == [at // SPE + 1 for at in range(4 * SPE + 1)]


def test_a_fork_has_only_its_own_steps():
    curves = RunCurves()
    told(curves, DataReady(100, 20, 0, ("a",), (8, 8, 1), SPE, "f"), AttemptStarted(2, 2 * SPE, 1))
    curves.feed([], [Steps(1, 1, StepBlock(2 * SPE + 1, np.ones((SPE, 5), np.float32), 0.0, 1.0))])
    told(curves, EpochEnded(3, 3 * SPE, 1.0, {"loss": 1.0}, 1.0))
    rows = read(a_run(), curves, "steps")
    assert [int(row["step"]) for row in rows] == list(range(2 * SPE + 1, 3 * SPE + 1))
    assert {row["epoch"] for row in rows} == {"3"}


def test_a_table_of_epochs_has_every_metric_of_every_run_in_one_order():
    beside = story(2, 2, metric="mean_iou")
    wish = replace(Wish(), others=(Other("Run 16", "batch 128", 0, beside),))
    curves = story(3, 3)
    rows = read(a_run(), curves, "epochs", wish)
    assert tuple(rows[0]) == (
        *EPOCH_HEADS, "loss", "val_loss", "accuracy", "val_accuracy", "mean_iou", "remeasured_loss", "val_mean_iou",
    )  # fmt: skip
    assert [(row["run"], row["epoch"]) for row in rows] == [
        ("Run 17", "1"), ("Run 17", "2"), ("Run 17", "3"), ("Run 16", "1"), ("Run 16", "2"),
    ]  # fmt: skip
    assert [float(row["loss"]) for row in rows[:3]] == curves.epochs.metric("loss").tolist()
    assert rows[0]["mean_iou"] == "NaN"
    assert rows[3]["mean_iou"] == "0.8"
    assert rows[2]["images_per_second"] == "103.0"


@pytest.mark.parametrize(("axis", "span"), [(Axis.EPOCH, (1.0, 2.0)), (Axis.STEP, (20, 40)), (Axis.TIME, (1.0, 2.0))])
def test_only_what_is_visible_is_written_edges_and_all(axis, span):
    wish = replace(Wish(), axis=axis, x=span)
    assert [int(row["step"]) for row in read(a_run(), story(), "steps", wish)] == list(range(20, 41))
    assert [row["epoch"] for row in read(a_run(), story(), "epochs", wish)] == ["1", "2"]
    assert table.count(a_run(), story(), wish, "steps") == 21
    assert table.count(a_run(), story(), wish, "epochs") == 2


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"])
def test_no_name_becomes_a_formula(name):
    curves = story(1, 1, metric=name)
    for rows in ("epochs", "steps"):
        assert {row["run"] for row in read(a_run(name), curves, rows)} == {f"'{name}"}
    assert f"'{name}" in read(a_run(name), curves, "epochs")[0]


def test_commas_quotes_and_lines_in_names_stay_in_their_cell():
    name = 'a "b", c\nd; ü 🙂'
    assert read(a_run(name), story(1, 1), "epochs")[0]["run"] == name
    assert read(a_run(name), story(1, 1), "epochs", comma="\t")[0]["run"] == name
    text = "".join(table.pieces(a_run("x"), story(2, 2), Wish(), "epochs"))
    assert text.count("\r\n") == text.count("\n") == 3


def test_two_runs_of_one_name_are_told_apart():
    wish = replace(Wish(), others=(Other("Run 17", "", 0, story(1, 1)), Other("Run 17", "", 1, story(1, 1))))
    assert [row["run"] for row in read(a_run(), story(1, 1), "epochs", wish)] == ["Run 17", "Run 17 (2)", "Run 17 (3)"]


def test_a_run_without_curves_gives_a_head_only():
    for rows in ("epochs", "steps"):
        assert "".join(table.pieces(a_run(), RunCurves(), Wish(), rows)).count("\r\n") == 1


def test_a_place_that_cannot_be_written_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(WorkspaceError, match="file is a file where a folder is needed"):
        table.write(tmp_path / "file" / "a.csv", a_run(), story(), Wish(), "epochs")


def test_a_table_that_breaks_off_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("before")

    def stop(rows: int) -> None:
        if rows:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        table.write(path, a_run(), story(), Wish(), "steps", stop)
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_others_may_read_what_is_exported_as_the_system_allows(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("")
    table.write(tmp_path / "a.csv", a_run(), story(), Wish(), "epochs")
    assert stat.S_IMODE((tmp_path / "a.csv").stat().st_mode) == stat.S_IMODE((tmp_path / "plain").stat().st_mode)
