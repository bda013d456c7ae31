"""Several runs beside each other: what differs, what that is worth, what grew from what. Checked against plain sums."""

from __future__ import annotations

import dataclasses
import math
import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import recipes
from workbench.curves.comparison import (
    ABSENT,
    Seeds,
    Standing,
    band,
    beginning,
    differing,
    fork_trees,
    greyed,
    judged_on,
    kin,
    labels,
    lineage,
    verdict,
)
from workbench.curves.run_curves import RunCurves
from workbench.events import Ending, EpochEnded, State
from workbench.journal import Journal, Run, Said
from workbench.paths import Workspace
from workbench.spec import Recipe, presets, said
from workbench.spec.recipe import changed, parse


@pytest.fixture(scope="module")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Run:
    with Journal(Workspace(tmp_path_factory.mktemp("blank")).create()) as journal:
        return journal.create_run(Recipe())


def make(blank: Run, number: int, recipe: Recipe, loss: float | None = 0.5, **more: object) -> Run:
    plain = dataclasses.replace(
        blank, id=f"run{number}", number=number, name=f"Run {number}", recipe_toml=presets.dump(recipe),
        state=State.ENDED, ending=Ending.COMPLETED, best_epoch=None if loss is None else 3,
        best={} if loss is None else {"val_loss": loss, "val_accuracy": 1 - loss},
    )  # fmt: skip
    return dataclasses.replace(plain, **more)


def seeded(recipe: Recipe, seed: int) -> Recipe:
    return changed(recipe, "training.seed", seed)


SGD = changed(Recipe(), "optimizer.method", "sgd")
DROPOUT = changed(Recipe(), "tricks.dropout", new=True)


# --- what differs -----------------------------------------------------------------------------------------


def test_only_what_differs_is_told_with_values_in_words(blank: Run) -> None:
    runs = [
        make(blank, 1, Recipe()),
        make(blank, 2, changed(DROPOUT, "tricks.dropout.rate", 0.4)),
        make(blank, 3, DROPOUT),
    ]
    found = {each.path: (each.title, each.values) for each in differing(runs)}
    assert found == {
        "tricks.dropout.on": ("Dropout", ("off", "on", "on")),
        "tricks.dropout.rate": ("Dropout, probability", (ABSENT, "0.4", "0.3")),
        "tricks.dropout.place": ("Dropout, place", (ABSENT, "As usual for the network", "As usual for the network")),
    }


def test_a_chooser_is_told_by_its_section_and_values_belong_to_their_alternative(blank: Run) -> None:
    found = {each.title: each.values for each in differing([make(blank, 1, Recipe()), make(blank, 2, SGD)])}
    assert found["Optimizer"] == ("Adam", "SGD")
    assert found["Momentum"][0] == ABSENT
    assert next(iter(found)) == "Optimizer", "in the order of the form"


def test_the_seed_is_no_setting_that_differs(blank: Run) -> None:
    runs = [make(blank, 1, Recipe()), make(blank, 2, seeded(Recipe(), 7))]
    assert differing(runs) == ()
    assert labels(runs) == {"run1": "Run 1", "run2": "Run 2"}


@given(one=recipes(), other=recipes(), seed=st.integers(0, 99))
def test_the_table_is_what_a_plain_comparison_of_meanings_finds(
    blank: Run, one: Recipe, other: Recipe, seed: int
) -> None:
    runs = [make(blank, 1, one), make(blank, 2, other), make(blank, 3, seeded(one, seed))]
    mine, theirs = dict(said.meant(one)), dict(said.meant(other))
    wanted = {path for path in mine | theirs if mine.get(path, ABSENT) != theirs.get(path, ABSENT)} - {"training.seed"}
    found = differing(runs)
    assert {each.path for each in found} == wanted
    assert len({each.title for each in found}) == len(found), "no two settings have the same name"
    for each in found:
        assert each.values[0] == each.values[2]
        assert (each.values[0] == ABSENT) == (each.path not in mine) or mine.get(each.path) == ABSENT
    assert kin(runs[0]) == kin(runs[2])
    assert (kin(runs[0]) == kin(runs[1])) == (not wanted)


def test_labels_say_in_what_a_run_differs_from_the_others_or_from_the_baseline(blank: Run) -> None:
    fast = changed(SGD, "optimizer.learning_rate", 0.3)
    runs = [make(blank, 1, Recipe()), make(blank, 2, SGD), make(blank, 3, fast)]
    assert labels(runs) == {"run1": "Adam", "run2": "SGD", "run3": "SGD, learning rate 0.3"}
    assert labels(runs, runs[1]) == {"run1": "Adam", "run2": "Run 2", "run3": "learning rate 0.3"}
    assert labels([runs[0]]) == {"run1": "Run 1"}
    assert labels(runs[2:], runs[1], point=",") == {"run3": "learning rate 0,3"}


def test_a_label_is_cut_to_a_few_words(blank: Run) -> None:
    many = parse(
        {
            "optimizer": {"method": "sgd"},
            "training": {"batch_size": 64, "epochs": 7},
            "tricks": {"dropout": {}, "ema": {}},
        }
    )
    label = labels([make(blank, 1, Recipe()), make(blank, 2, many)])["run2"]
    assert label == "SGD, epochs 7, batch size 64 +2"


def test_a_recipe_that_cannot_be_read_harms_nobody(blank: Run) -> None:
    bad = dataclasses.replace(make(blank, 9, Recipe()), recipe_toml="format = 1\n[future]\n")
    runs = [bad, make(blank, 1, Recipe()), make(blank, 2, SGD)]
    assert labels(runs) == {"run9": "Run 9", "run1": "Adam", "run2": "SGD"}
    assert all(each.values[0] == ABSENT for each in differing(runs))
    assert "can no longer be read" in verdict(bad, runs[1], Seeds(runs)).evidence
    assert labels(runs, bad)["run2"] == "SGD"


# --- seeds and verdicts --------------------------------------------------------------------------------------


def family(blank: Run, recipe: Recipe, losses: list[float], first: int = 1) -> list[Run]:
    return [make(blank, first + seed, seeded(recipe, seed), loss) for seed, loss in enumerate(losses)]


LOSSES = st.lists(st.floats(0.01, 2.0), min_size=2, max_size=6)


@given(losses=LOSSES, mine=st.floats(0.01, 2.0))
def test_a_verdict_follows_its_rule(blank: Run, losses: list[float], mine: float) -> None:
    seeds = family(blank, Recipe(), losses)
    run = make(blank, 99, SGD, mine)
    found = verdict(run, seeds[0], Seeds([*seeds, run]))
    gap, spread = mine - sum(losses) / len(losses), statistics.stdev(losses)
    count = len(losses)
    student = {2: 12.706, 3: 4.303, 4: 3.182, 5: 2.776, 6: 2.571}[count]
    assert found.gap == pytest.approx(gap)
    if abs(gap) <= spread * (1 - 1e-9):
        assert found.standing is Standing.WITHIN
    elif abs(gap) > spread * student * math.sqrt(1 + 1 / count) * (1 + 1e-9):
        assert found.standing is (Standing.BETTER if gap < 0 else Standing.WORSE)
        assert "clearly" in found.headline
    elif abs(gap) > spread * (1 + 1e-9):
        assert found.standing in {Standing.AHEAD, Standing.BEHIND, Standing.BETTER, Standing.WORSE}
        assert (found.standing in {Standing.AHEAD, Standing.BETTER}) == (gap < 0)
    assert found.greyed == (run.id in greyed([*seeds, run], seeds[0]))


def test_the_sentences_say_gap_spread_and_whose(blank: Run) -> None:
    seeds = family(blank, Recipe(), [0.2389 - 0.004, 0.2389, 0.2389 + 0.004], 12)
    better, near, unsure = make(blank, 17, SGD, 0.2147), make(blank, 18, SGD, 0.2380), make(blank, 19, DROPOUT, 0.2289)
    known = Seeds([*seeds, better, unsure])
    assert verdict(better, seeds[0], known).sentence == (
        "Run 17 clearly beats the baseline. The gap of 0.0242 is 6 times the spread between seeds of Run 12."
    )
    assert verdict(better, seeds[0], known).basis == (
        "Run 12 counts as the mean of 3 seeds, 0.2389; their spread is 0.0040."
    )
    assert verdict(near, seeds[0], known).evidence == (
        "The gap of 0.0009 is within the spread between seeds of Run 12: no difference is shown."
    )
    assert verdict(unsure, seeds[0], known).sentence == (
        "Run 19 is ahead of the baseline, but not clearly. The gap of 0.0100 is 2.5 times the spread between seeds of Run 12;"
        " with 3 seeds, 5 times would be clear."
    )
    assert verdict(better, unsure, Seeds([better, unsure])).sentence == (
        "Run 17 is better than the baseline. The gap is 0.0142. With one seed each, how much of it is chance is not known."
    )
    accuracy = verdict(better, seeds[0], Seeds([*seeds, better], "val_accuracy"))
    assert accuracy.standing is Standing.BETTER
    assert "The gap of 2.42 percentage points" in accuracy.evidence


def test_two_seeds_make_nothing_clear_that_is_not_far_off(blank: Run) -> None:
    seeds = family(blank, Recipe(), [0.30, 0.32])  # spread 0.0141
    near, far = make(blank, 8, SGD, 0.31 - 10 * 0.0141), make(blank, 9, SGD, 0.31 - 16 * 0.0141)
    assert verdict(near, seeds[0], Seeds([*seeds, near])).standing is Standing.AHEAD
    assert verdict(far, seeds[0], Seeds([*seeds, far])).standing is Standing.BETTER


def test_the_runs_own_seeds_count_where_the_baseline_has_one(blank: Run) -> None:
    mine, baseline = family(blank, SGD, [0.30, 0.34], 5), make(blank, 1, Recipe(), 0.31)
    found = verdict(mine[0], baseline, Seeds([*mine, baseline]))
    assert found.standing is Standing.WITHIN
    assert "seeds of Run 5" in found.evidence


@pytest.mark.parametrize("ending", [Ending.FAILED, Ending.STOPPED, Ending.INTERRUPTED, None])
def test_only_runs_that_have_done_what_their_recipe_says_tell_of_its_spread(blank: Run, ending: Ending | None) -> None:
    one, other = family(blank, Recipe(), [0.3, 0.4])
    half = dataclasses.replace(other, ending=ending, state=State.ENDED if ending else State.RUNNING)
    assert Seeds([one, half]).spread(one) is None
    assert Seeds([one, other]).groups == ((one, other),)


def test_the_same_seed_twice_is_no_spread(blank: Run) -> None:
    one, again = make(blank, 1, Recipe(), 0.3), make(blank, 2, Recipe(), 0.3)
    assert Seeds([one, again]).spread(one) is None
    assert "same" not in verdict(again, one, Seeds([one, again])).evidence
    assert verdict(again, one, Seeds([one, again])).headline == "Run 2 has the baseline's recipe and seed"


def test_another_seed_of_the_baseline_is_part_of_the_spread(blank: Run) -> None:
    seeds = family(blank, Recipe(), [0.2, 0.9])
    found = verdict(seeds[1], seeds[0], Seeds(seeds))
    assert found.greyed
    assert found.headline == "Run 2 has the baseline's recipe with another seed"


def test_a_fork_is_no_further_seed(blank: Run) -> None:
    assert kin(make(blank, 1, Recipe())) != kin(make(blank, 2, Recipe(), parent="run1", parent_epoch=4))


def test_other_pictures_or_another_loss_cannot_be_compared(blank: Run) -> None:
    base = make(blank, 1, Recipe())
    other = make(blank, 2, changed(Recipe(), "data.validation", 0.4))
    assert "different pictures" in verdict(other, base, Seeds([base, other])).evidence
    smooth = make(blank, 3, changed(Recipe(), "tricks.label_smoothing", new=True))
    assert "reckoned differently" in verdict(smooth, base, Seeds([base, smooth])).evidence
    assert judged_on(smooth, "val_accuracy") == judged_on(base, "val_accuracy")
    assert verdict(smooth, base, Seeds([base, smooth], "val_accuracy")).standing is Standing.UNKNOWN
    young = make(blank, 4, SGD, None, state=State.RUNNING, ending=None)
    assert verdict(young, base, Seeds([base, young])).evidence == "Run 4 has no validation loss yet."
    nan = make(blank, 5, SGD, math.nan)
    assert verdict(nan, base, Seeds([base, nan])).standing is Standing.INCOMPARABLE
    assert verdict(base, base, Seeds([base])).standing is Standing.BASELINE
    assert greyed([base, other, young], None) == frozenset()


# --- bands ---------------------------------------------------------------------------------------------------


def curves_of(values: list[float], first: int = 1) -> RunCurves:
    curves = RunCurves()
    told = [
        EpochEnded(first + i, (first + i) * 10, float(i), {"val_loss": value}, 1.0) for i, value in enumerate(values)
    ]
    curves.feed([Said(i, 1, 0.0, event) for i, event in enumerate(told, 1)], [])
    return curves


NUMBERS = st.lists(st.floats(-5, 5) | st.sampled_from([math.nan, math.inf]), min_size=1, max_size=12)


@given(runs=st.lists(st.tuples(NUMBERS, st.integers(1, 4)), min_size=2, max_size=5))
def test_a_band_is_mean_least_most_and_deviation_of_the_epochs_that_all_have(
    runs: list[tuple[list[float], int]],
) -> None:
    found = band([curves_of(values, first) for values, first in runs])
    by_epoch = [{first + i: value for i, value in enumerate(values)} for values, first in runs]
    common = sorted(set.intersection(*(set(each) for each in by_epoch)))
    if found is None:
        assert not common
        return
    assert found.epochs.tolist() == common
    for place, epoch in enumerate(common):
        values = [each[epoch] for each in by_epoch]
        got = [found.mean[place], found.low[place], found.high[place], found.deviation[place]]
        if all(math.isfinite(value) for value in values):
            wanted = [statistics.fmean(values), min(values), max(values), statistics.stdev(values)]
            assert got == pytest.approx(wanted, abs=1e-9)
        else:
            assert np.isnan(got).all()


def test_one_run_has_no_band() -> None:
    assert band([curves_of([0.1, 0.2])]) is None


# --- forks ------------------------------------------------------------------------------------------------------


def test_a_child_begins_in_its_parents_curve_at_the_forked_epoch(blank: Run) -> None:
    root = make(blank, 1, Recipe())
    child = make(blank, 2, Recipe(), parent="run1", parent_epoch=4)
    again = make(blank, 3, Recipe(), parent="run2", parent_epoch=4)
    later = make(blank, 4, Recipe(), parent="run2", parent_epoch=6)
    orphan = make(blank, 5, Recipe(), parent="gone", parent_epoch=2)
    runs = [orphan, later, again, child, root]
    trees, known = fork_trees(runs), {run.id: run for run in runs}
    assert trees["run1"].children == (child,)
    assert trees["run2"].children == (again, later)
    assert [trees[f"run{number}"].depth for number in (1, 2, 3, 4, 5)] == [0, 1, 2, 2, 0]
    assert trees["run5"].parent is None
    assert lineage(later, known) == (root, child, later)
    curves = {"run1": curves_of([0.9, 0.8, 0.7, 0.6, 0.5]), "run2": curves_of([0.55, math.nan], first=5)}
    assert beginning(child, known, curves, "val_loss") == (4, 0.6)
    assert beginning(again, known, curves, "val_loss") == (4, 0.6), (
        "its parent began there: the value is its grandparent's"
    )
    assert beginning(later, known, curves, "val_loss") is None, "no finite number there"
    assert beginning(root, known, curves, "val_loss") is None
    assert beginning(orphan, known, curves, "val_loss") is None


@given(parents=st.lists(st.integers(0, 9), min_size=1, max_size=10))
def test_a_tree_has_every_run_once_even_if_the_journal_says_nonsense(blank: Run, parents: list[int]) -> None:
    runs = [make(blank, n, Recipe(), parent=f"run{parent}", parent_epoch=1) for n, parent in enumerate(parents)]
    trees = fork_trees(runs)
    assert set(trees) == {run.id for run in runs}
    children = [child.id for branch in trees.values() for child in branch.children]
    assert len(children) == len(set(children))
