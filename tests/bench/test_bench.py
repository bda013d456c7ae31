"""The bench itself: its arithmetic, its table, and that no row is forgotten."""

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bench import learning
from tests.bench.__main__ import ROWS, main
from tests.bench.learned import preset
from tests.bench.learning import turned
from tests.bench.row import Row, table
from tests.bench.timing import interleaved, median_interval
from workbench.spec.recipe import spec_classes

FOLDER = Path(__file__).parent / "rows"


def test_every_row_is_in_the_table_and_can_be_measured():
    assert {path.stem for path in FOLDER.glob("*.py")} == set(ROWS)
    for path in FOLDER.glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        assert "measure" in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        assert ast.get_docstring(tree)


def test_both_sides_are_timed_equally_often_and_each_first_as_often():
    calls = []

    def one() -> float:
        calls.append("one")
        return 4.0

    def other() -> float:
        calls.append("other")
        return 2.0

    found = interleaved(one, other, pairs=4)
    assert (found.ratio, found.low, found.high) == (2, 2, 2)
    assert calls == ["one", "other"] * 2 + ["other", "one"] + ["one", "other"] + ["other", "one"]


def test_the_interval_of_a_median_is_that_of_the_tables():
    # Order statistics for 95 %: the 4th and 12th of 15, the 2nd and 8th of 9, all of 6.
    assert median_interval(range(1, 16)) == (4, 12)
    assert median_interval(range(1, 10)) == (2, 8)
    assert median_interval(range(1, 7)) == (1, 6)
    assert median_interval([3.0]) == (3.0, 3.0)


@given(st.lists(st.floats(0.1, 10), min_size=1, max_size=30))
def test_the_interval_holds_the_median(values):
    low, high = median_interval(values)
    ordered = sorted(values)
    assert low <= ordered[len(ordered) // 2] <= high


def test_a_row_survives_the_way_between_processes_and_reads_well():
    row = Row("speed", "≥ 3×", "300 steps/s", ok=True, against="100 steps/s", ratio=3.0, note="9 pairs")
    assert Row.from_json(row.to_json()) == row
    text = table([row, Row("slow", "≤ 1 s", "2 s", ok=False)])
    assert "| speed | ≥ 3×       | 300 steps/s | 100 steps/s | 3×    | ok          |" in text
    assert "NOT REACHED" in text
    assert text.endswith("* speed: 9 pairs")


def test_an_unknown_row_is_told(capsys):
    assert main(["painting"]) == 2
    assert "There is no row painting" in capsys.readouterr().err


@pytest.mark.proof
def test_every_row_of_the_bench_is_reached(record_property):
    from tests.bench.__main__ import measure

    missed = []
    for name in ROWS:
        row = measure(name)
        record_property(name, f"{row.must}: {row.measured}")
        if not row.ok:
            missed.append(f"{row.what}: {row.measured}, must be {row.must}")
    record_property("must", "every row of the bench")
    record_property("measured", "; ".join(missed) or "all reached")
    assert not missed


def test_every_trick_that_fits_is_tried_the_other_way_and_nothing_else_is_changed(tmp_path):
    base = preset("own-folder-small", data__path=str(tmp_path))
    recipes = dict(turned(base))
    for name, trick in spec_classes("tricks").items():
        on = getattr(base.tricks, name).on
        title = f"{trick.TITLE.lower()} {'off' if on else 'on'}"
        if name == "stochastic_depth":
            assert title not in recipes, "it needs shortcuts"
        else:
            assert getattr(recipes[title].tricks, name).on is not on
    for title, recipe in recipes.items():
        assert recipe != base, title
        kept = ["data", "initializer", "optimizer", "schedule", "training"]
        # A normalization is a choice of the network, and a trick all the same.
        kept.append("tricks" if title.startswith("normalization") else "model")
        assert all(getattr(recipe, station) == getattr(base, station) for station in kept), title
    assert {each.model.normalization for each in recipes.values()} == {"batch", "none", "layer", "group"}


def test_without_pictures_the_learning_benchmark_says_what_it_leaves_out(monkeypatch, capsys, tmp_path):
    monkeypatch.delenv("PICTURES", raising=False)
    monkeypatch.chdir(tmp_path)
    assert learning.main(["pictures"]) == 1
    assert "set PICTURES to a folder" in capsys.readouterr().out
    assert learning.main(["pictuers"]) == 2
