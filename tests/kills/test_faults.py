"""Three of the twenty faults of `make kills`; see tests/kills/__main__.py. Every single call: tests/engine/test_faults.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.kills.faults import fail_many


@pytest.mark.keras
def test_a_real_engine_one_of_whose_calls_fails_leaves_a_card_and_a_run_that_can_be_taken_up_as_it_was(
    tmp_path: Path,
) -> None:
    # A seed that strikes early: on a quick machine, where chunks are few, the 113th call of the journal may already be that of
    # the ending, which is tried twice and then costs nothing.
    told = fail_many(tmp_path, (2, 3, 4), 211)
    assert {each.kind for each in told} == {"files", "journal", "full"}
    assert {each.ending for each in told} == {"failed"}
    assert [each for each in told if each.wrong] == []
