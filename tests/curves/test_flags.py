import pytest

from tests.curves.told import SPE, Tale
from workbench.curves.flags import Flag, span
from workbench.events import (
    CheckpointSaved,
    Continued,
    EpochStarted,
    Paused,
    RateChanged,
    Resumed,
    StepsSkipped,
    Warned,
)


def texts(tale: Tale) -> list[str]:
    assert tale.curves.flags == tale.replayed().flags, "a window that opens later shows the same flags"
    return [flag.text for flag in tale.curves.flags]


@pytest.mark.parametrize(
    ("seconds", "words"), [(40, "40 s"), (59.4, "59 s"), (60, "1 min"), (840, "14 min"), (10_800, "3 h")]
)
def test_a_stretch_of_time_is_told_in_its_largest_unit(seconds: float, words: str) -> None:
    assert span(seconds) == words


def test_the_flag_of_a_pause_says_how_long_it_was_once_it_is_over() -> None:
    tale = Tale()
    tale.steps(4)
    tale.say(Paused(1, 4))
    assert texts(tale) == ["Paused"]
    tale.say(Continued(1, 4, 840.0))
    assert texts(tale) == ["Paused 14 min"]
    tale.steps(2)
    tale.say(Paused(1, 6), Continued(1, 6, 3.0))
    assert texts(tale) == ["Paused 14 min", "Paused 3 s"]


def test_a_word_of_going_on_at_another_step_leaves_the_flag_of_a_pause_alone() -> None:
    tale = Tale()
    tale.steps(6)
    tale.say(Paused(1, 4), Continued(1, 6, 3.0))
    assert texts(tale) == ["Paused"]


def test_what_is_kept_at_each_epochs_end_has_no_flag_but_what_is_saved_within_one_or_for_good_has() -> None:
    tale = Tale()
    tale.steps(SPE)
    tale.end(1, 0.5)
    tale.say(CheckpointSaved(1, SPE, "best", 1_000_000), CheckpointSaved(1, SPE, "last", 1_000_000))
    assert texts(tale) == []
    tale.steps(4)
    tale.say(CheckpointSaved(1, SPE + 4, "last", 2_300_000))
    tale.steps(SPE - 4)
    tale.end(2, 0.4)
    tale.say(CheckpointSaved(2, 2 * SPE, "every", 2_300_000))
    assert texts(tale) == ["Saved", "Saved"]
    assert [flag.step for flag in tale.curves.flags] == [14, 20]
    assert tale.curves.flags[0].sentence == "Epoch 1: A checkpoint was saved after step 14 (2.3 MB)."


def test_the_same_warning_of_a_second_attempt_appears_once_and_another_one_beside_it() -> None:
    tale = Tale()
    tale.say(Warned("3 pictures could not be read."))
    tale.steps(SPE)
    tale.end(1, 0.5)
    tale.resume(1)
    tale.say(Warned("3 pictures could not be read."), Warned("The clock went backwards."))
    assert texts(tale) == ["Warning", "Warning", "Resumed"] or texts(tale) == ["Warning", "Resumed", "Warning"]
    assert [flag.more for flag in tale.curves.flags if flag.kind == "warning"] == [
        "3 pictures could not be read.", "The clock went backwards.",
    ]  # fmt: skip


def test_a_warning_stands_at_the_begin_of_its_epoch_also_when_the_run_is_read_again() -> None:
    tale = Tale()
    tale.say(Warned("Early."), EpochStarted(1))
    tale.steps(SPE)
    tale.end(1, 0.5)
    tale.say(EpochStarted(2), Warned("Late."))
    tale.steps(SPE)
    tale.end(2, 0.4)
    texts(tale)
    assert [(flag.step, flag.epoch) for flag in tale.curves.flags] == [(0, 0), (SPE, 2)]
    assert [flag.sentence for flag in tale.curves.flags] == ["Before the first step: Early.", "Epoch 2: Late."]


def test_flags_past_the_place_where_a_run_is_taken_up_again_go() -> None:
    tale = Tale()
    tale.steps(SPE)
    tale.say(RateChanged(1, 8, 1e-3, 5e-4, "by hand"))
    tale.end(1, 0.5)
    tale.steps(6)
    tale.say(CheckpointSaved(1, SPE + 3, "last", 1_000_000), Paused(2, SPE + 5), StepsSkipped(2, SPE + 6, 1, 1))
    tale.resume(1)
    assert texts(tale) == ["LR ÷ 2", "Resumed"]
    tale.say(Resumed(1, SPE, exact=True, replayed=2))
    assert texts(tale) == ["LR ÷ 2", "Resumed exactly"]
    assert "bit for bit" in tale.curves.flags[-1].sentence


def test_flags_before_a_place_within_an_epoch_stay() -> None:
    tale = Tale()
    tale.steps(SPE)
    tale.end(1, 0.5)
    tale.steps(6)
    tale.say(CheckpointSaved(1, SPE + 3, "last", 1_000_000), Paused(2, SPE + 5))
    tale.resume(1, SPE + 3)
    assert texts(tale) == ["Saved", "Resumed"]


@pytest.mark.parametrize(
    ("flag", "sentence"),
    [
        (Flag("paused", 14, 2, "Paused 14 min"), "Epoch 2: Paused 14 min"),
        (Flag("resumed", 0, 0, "Restarted"), "Before the first step: Restarted"),
        (Flag("warning", 0, 1, "Warning", "Odd."), "Epoch 1: Odd."),
        (Flag("rate", 20, 3, "LR ÷ 5", "The learning rate fell."), "Epoch 3: The learning rate fell."),
    ],
)  # fmt: skip
def test_a_flag_says_where_it_stands_and_all_that_it_has_to_tell(flag: Flag, sentence: str) -> None:
    assert flag.sentence == sentence
