"""Which runs are shown beside each other, in which colour, against which baseline."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.events import Ending
from workbench.journal import Journal, trash
from workbench.journal.shown import BASELINE_SLOT, SLOTS, Shown, hide, set_baseline, show, show_only, shown
from workbench.paths import Workspace
from workbench.spec import Recipe


def make(journal: Journal, count: int) -> list[str]:
    runs = [journal.create_run(Recipe()).id for _ in range(count)]
    for run in runs:
        journal.end(run, Ending.COMPLETED, "")
    return runs


def test_nothing_is_shown_at_first(journal: Journal) -> None:
    make(journal, 2)
    assert shown(journal) == Shown()


def test_slots_are_given_in_turn_and_the_cross_is_left_for_the_baseline_while_others_are_free(journal: Journal) -> None:
    runs = make(journal, 9)
    now = show(journal, runs[:5])
    assert [now.slots[run] for run in runs[:5]] == [0, 1, 2, 3, 5]
    now = set_baseline(journal, runs[5])
    assert now.slots[runs[5]] == BASELINE_SLOT
    assert runs[5] in now.runs, "a baseline is shown"
    now = show(journal, runs[6:])
    assert [now.slots[run] for run in runs[6:]] == [6, 7, 8], "after six they repeat, with hollow markers"


def test_the_cross_is_given_when_no_other_is_free(journal: Journal) -> None:
    runs = make(journal, 7)
    now = show(journal, runs)
    assert [now.slots[run] for run in runs] == [0, 1, 2, 3, 5, 4, 6]
    late = set_baseline(journal, make(journal, 1)[0])
    assert late.slots[late.baseline] == BASELINE_SLOT + SLOTS, (
        "the full one is taken: what a run has been given it keeps"
    )


def test_a_run_keeps_its_slot_for_life_and_a_new_one_takes_the_first_that_no_run_has(journal: Journal) -> None:
    one, two, three = make(journal, 3)
    show(journal, [one, two])
    hide(journal, [one])
    assert show(journal, [three]).slots == {one: 0, two: 1, three: 2}, "so the first can come back"
    assert set_baseline(journal, one).slots[one] == 0


def test_a_new_run_has_a_colour_that_no_shown_run_has_while_there_is_one(journal: Journal) -> None:
    runs = make(journal, 9)
    assert show(journal, runs[:7]).slots[runs[6]] == SLOTS, "the first colour again, hollow"
    show_only(journal, [runs[6]])
    now = show(journal, [runs[7]])
    assert now.slots[runs[7]] == 1 + SLOTS, (
        "the first slot is free, but it looks like the run beside it but for the marker"
    )
    show_only(journal, runs[1:3])
    now = show(journal, [runs[8], runs[3], runs[7]])
    colours = {now.slots[run] % SLOTS for run in (runs[1], runs[2], runs[3])}
    assert now.slots[runs[8]] % SLOTS not in colours, "nor one of those that are opened with it"


def test_the_cross_is_left_for_the_baseline_also_when_hidden_runs_have_all_others(journal: Journal) -> None:
    runs = make(journal, 7)
    show(journal, runs[:5])
    now = show_only(journal, [runs[5]])
    assert now.slots[runs[5]] == SLOTS, "the first colour again, with the other marker"
    assert set_baseline(journal, runs[6]).slots[runs[6]] == BASELINE_SLOT


def test_showing_only_some_closes_the_others(journal: Journal) -> None:
    one, two, three = make(journal, 3)
    show(journal, [one, two])
    assert show_only(journal, [three, two]).runs == {two, three}
    assert shown(journal).slots == {one: 0, two: 1, three: 2}


def test_it_is_kept_for_whoever_opens_the_workspace_next(journal: Journal, workspace: Workspace) -> None:
    (run,) = make(journal, 1)
    set_baseline(journal, run)
    with Journal(workspace) as other:
        assert shown(other) == Shown(frozenset({run}), {run: BASELINE_SLOT}, run)
    assert set_baseline(journal, "").baseline == ""
    assert shown(journal).runs == {run}, "its eye stays open"


@pytest.mark.parametrize("gone", ["trash", "discard"])
def test_a_run_that_is_gone_falls_out(journal: Journal, gone: str) -> None:
    one, two = make(journal, 2)
    show(journal, [two])
    set_baseline(journal, one)
    if gone == "trash":
        trash.put(journal, one)
    else:
        journal.discard_ended(one)
    assert shown(journal) == Shown(frozenset({two}), {two: 0}, "")


def test_what_comes_back_from_the_trash_has_its_eye_and_colour_again(journal: Journal) -> None:
    one, two, three = make(journal, 3)
    show(journal, [one, two])
    trash.put(journal, one)
    assert show(journal, [three]).slots[three] == 0, "its colour is free meanwhile"
    trash.restore(journal, one)
    assert shown(journal) == Shown(frozenset({one, two, three}), {one: 0, two: 1, three: 0}, "")


@given(
    deeds=st.lists(
        st.tuples(
            st.sampled_from(["show", "hide", "only", "baseline", "trash", "restore"]), st.sets(st.integers(0, 8))
        ),
        max_size=15,
    )
)
def test_whatever_is_asked_nobodys_slot_changes_and_a_new_slot_is_of_no_shown_run(
    tmp_path_factory: pytest.TempPathFactory, deeds: list[tuple[str, set[int]]]
) -> None:
    with Journal(Workspace(tmp_path_factory.mktemp("shown")).create()) as journal:
        runs = make(journal, 9)
        known: dict[str, int] = {}
        for deed, which in deeds:
            before, here = shown(journal), {each.id for each in journal.runs()}
            chosen = [runs[each] for each in sorted(which) if (runs[each] in here) is (deed != "restore")]
            match deed:
                case "show":
                    show(journal, chosen)
                case "hide":
                    hide(journal, chosen)
                case "only":
                    show_only(journal, chosen)
                case "baseline":
                    set_baseline(journal, next(iter(chosen), ""))
                case "trash":
                    for each in chosen:
                        trash.put(journal, each)
                case _:
                    for each in chosen:
                        trash.restore(journal, each)
            now = shown(journal)
            assert now.runs <= {each.id for each in journal.runs()}
            assert all(known.get(run, slot) == slot for run, slot in now.slots.items())
            new = {run: slot for run, slot in now.slots.items() if run not in known}
            stayed = {before.slots[run] for run in before.runs & now.runs}
            assert not stayed & set(new.values())
            colours = Counter(now.slots[run] % SLOTS for run in now.runs)
            assert len(colours) == SLOTS or all(colours[slot % SLOTS] == 1 for slot in new.values())
            assert len(set(new.values())) == len(new)
            assert all(slot < SLOTS + len(runs) for slot in new.values())
            known |= now.slots
