"""Tags, notes and pins: what people put on a run."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import WorkspaceError
from workbench.journal import Journal, labels
from workbench.spec import Recipe


@pytest.fixture
def run(journal: Journal) -> str:
    return journal.create_run(Recipe()).id


def test_tags_are_words_parted_by_spaces_or_commas_and_come_once() -> None:
    assert labels.tags_in(" #holiday, best  Holiday,,wide-net ") == ("holiday", "best", "wide-net")
    assert labels.tags_in("") == ()


@given(st.text(max_size=60))
def test_whatever_is_typed_its_tags_are_the_tags_of_its_tags(text: str) -> None:
    try:
        found = labels.tags_in(text)
    except WorkspaceError:
        return
    assert labels.tags_in(" ".join(found)) == found


def test_a_run_gets_tags_more_tags_and_fewer_tags(journal: Journal, run: str) -> None:
    labels.set_tags(journal, run, ["holiday"])
    assert labels.add_tags(journal, run, ["best", "HOLIDAY"]) == ("holiday", "best")
    assert journal.run(run).tags == ("holiday", "best")
    assert labels.remove_tags(journal, run, ["Holiday", "nowhere"]) == ("best",)
    assert journal.run(run).tags == ("best",)


def test_too_many_tags_or_letters_are_refused_with_a_sentence_and_change_nothing(journal: Journal, run: str) -> None:
    labels.set_tags(journal, run, ["kept"])
    with pytest.raises(WorkspaceError, match="at most 20"):
        labels.add_tags(journal, run, [f"tag{number}" for number in range(20)])
    with pytest.raises(WorkspaceError, match="too long: at most 40 letters"):
        labels.set_tags(journal, run, ["x" * 41])
    with pytest.raises(WorkspaceError, match="at most 4,000"):
        labels.set_note(journal, run, "x" * 4001)
    assert (journal.run(run).tags, journal.run(run).note) == (("kept",), "")


def test_a_note_keeps_its_lines_and_loses_what_cannot_be_seen(journal: Journal, run: str) -> None:
    labels.set_note(journal, run, "  Rate too high?\n\n<b>Not</b> bold\x07 \x1b[31m \n")
    assert journal.run(run).note == "Rate too high?\n\n<b>Not</b> bold [31m"
    labels.set_note(journal, run, "")
    assert journal.run(run).note == ""


def test_a_pin_is_set_and_taken_off(journal: Journal, run: str) -> None:
    labels.pin(journal, run, pinned=True)
    assert journal.run(run).pinned
    labels.pin(journal, run, pinned=False)
    assert not journal.run(run).pinned
