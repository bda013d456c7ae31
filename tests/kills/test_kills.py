"""Ten of the hundred kills of `make kills`; see tests/kills/__main__.py."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.kills.harness import KINDS, Told, expected, killed, recipes
from workbench.paths import Workspace

#: Kinds in the order in which CI's ten are drawn: each once, and those that happen most often again.
TEN = (*KINDS, "steps", "checkpoint", "journal")


def test_a_killed_run_that_is_taken_up_again_is_the_run_that_nobody_touched(tmp_path: Path) -> None:
    (name, recipe), *_ = recipes().items()
    place = Workspace(tmp_path / "untouched").create()
    wanted = expected(place, recipe)
    assert wanted.stop, "this test needs a run that early stopping ends"
    assert wanted.rates, "and one whose rate has fallen"

    def kill(number: int) -> Told:
        workspace = Workspace(tmp_path / str(number)).create()
        return killed(workspace, name, wanted, random.Random(number), TEN[number])

    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(kill, range(len(TEN))))
    assert [each for each in told if each.differs] == []
    assert [each for each in told if not all(resumed.exact for resumed in each.resumed)] == []
    assert sum(len(each.resumed) for each in told) >= 5, "most of them had something to go on from"
