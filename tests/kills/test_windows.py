"""The window is killed and the runs go on; see tests/kills/__main__.py for the twenty of `make kills`."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from pytestqt.qtbot import QtBot

from tests.kills.windows import killed_window
from workbench.curves.run_curves import RunCurves
from workbench.events import Ending
from workbench.gui.theme import Theme
from workbench.gui.window import Window
from workbench.journal import Journal
from workbench.paths import Workspace
from workbench.spec import Recipe
from workbench.spec.recipe import changed

pytestmark = pytest.mark.window


def test_three_queued_runs_end_though_their_window_was_killed_and_a_new_one_shows_them(
    qtbot: QtBot, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_FAKE_STORY", "completed")
    monkeypatch.setenv("WORKBENCH_FAKE_SPEED", "2")
    recipe = changed(Recipe(), "training.epochs", 8)
    found = killed_window(workspace, recipe, random.Random(1), 1.0, runs=3, engine="workbench.launch.fake")
    assert [each.ending for each in found] == [Ending.COMPLETED] * 3
    assert [len(each.epochs) for each in found] == [8] * 3

    window = Window(Theme("dark"), workspace)
    window.open()
    shown: Callable[[], bool] = lambda: window.session.story is not None and window.session.story.curves.last_epoch == 8  # noqa: E731
    qtbot.waitUntil(shown, timeout=20_000)
    assert [row.run.ending for row in window.session.rows or ()] == [Ending.COMPLETED] * 3
    window.close()
    window.deleteLater()
    with Journal(workspace) as journal:
        run = journal.runs()[0]
        curves = RunCurves()
        curves.feed(journal.events(run.id), journal.steps(run.id))
        assert curves.steps == curves.epochs.step.view[-1], "no step is missing on the curve"
