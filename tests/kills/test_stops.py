"""Six of the hundred stops of `make kills`; see stops.py. How long they take is not asserted here."""

from __future__ import annotations

import random

import pytest

from tests.kills.stops import BOUNDS, IMPORTING, QUEUED, Moment, leave, recipes, stop, whole
from workbench.events import Phase
from workbench.journal import Journal

pytestmark = pytest.mark.keras


def test_a_run_that_is_stopped_at_any_moment_leaves_nothing_and_the_next_start_works(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    deep, busy = recipes()
    draw = random.Random(1)
    stopped = [
        stop(journal, recipe, command, Moment(draw.uniform(begin, begin + 4.0), phase))
        # The last two are at work by then on however slow a machine.
        for recipe, begin, phase in ((deep, 0.0, ""), (deep, 4.0, ""), (busy, 0.0, Phase.TRAINING))
        for command in BOUNDS
    ]
    after = whole(journal, busy)
    leave(journal.workspace)
    assert [each.wrong for each in stopped] == [""] * 6
    assert {each.phase for each in stopped} - {QUEUED, IMPORTING}, "some were met at work"
    assert after == ""
