"""The window's place for one warm engine."""

from __future__ import annotations

from typing import cast

import pytest
from pytestqt.qtbot import QtBot

from workbench.gui.warm import WarmSeat
from workbench.launch.warm import WarmEngine
from workbench.paths import Workspace

pytestmark = pytest.mark.window


class Given:
    """An engine that became a run."""

    def __init__(self, *, alive: bool) -> None:
        self.alive = alive
        self.closed = False

    def close(self) -> None:
        self.closed = True


def test_engines_whose_runs_have_ended_are_seen_out_when_the_next_is_started(
    qtbot: QtBot, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert qtbot  # a timer needs an application
    monkeypatch.setattr(WarmSeat, "_start", lambda _seat: None)
    seat = WarmSeat(workspace)
    over, at_work = Given(alive=False), Given(alive=True)
    seat._given = [cast("WarmEngine", each) for each in (over, at_work)]
    seat.start_soon()
    assert (over.closed, at_work.closed) == (True, False)
    assert seat._given == [at_work]
    seat.close()
