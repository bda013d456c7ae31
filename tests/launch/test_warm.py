"""The client of a warm engine, against a tiny scripted stand-in and against the fake engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from workbench.events import Ending, State
from workbench.journal import Journal, Run
from workbench.journal.alive import hold
from workbench.launch.start import reap
from workbench.launch.warm import WarmEngine
from workbench.paths import Workspace
from workbench.spec import Recipe

STAND_IN = """
import json, sys
print("a library says hello on the wrong channel", flush=True)
print(json.dumps({"ready": True, "backend": "tensorflow", "process": 1, "seconds": 0.1}), flush=True)
for line in sys.stdin:
    asked = json.loads(line)
    if "run" in asked:
        print(json.dumps({"id": asked["id"], "taken": asked["run"] == "mine"}), flush=True)
        if asked["run"] == "mine":
            break
        continue
    if asked["recipe"] == "bad":
        print(json.dumps({"id": asked["id"], "problem": "no"}), flush=True)
    elif asked["recipe"] == "deaf":
        sys.stdin.readline()
    elif asked["recipe"] == "die":
        raise SystemExit("out of luck")
    else:
        print(json.dumps({"id": asked["id"], "answer": {"parameters": len(asked["recipe"])}}), flush=True)
"""


@pytest.fixture
def stand_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workspace: Workspace, until: Callable[..., None]
) -> Iterator[WarmEngine]:
    (tmp_path / "stand_in_engine.py").write_text(STAND_IN)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("WORKBENCH_ENGINE", "stand_in_engine")
    engine = WarmEngine.start(workspace)
    yield engine
    engine.close()
    until(lambda: not engine.alive)
    reap()


def replies(engine: WarmEngine, count: int, until: Callable[..., None]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    until(lambda: len(found) >= count or bool(found.extend(engine.replies())))
    return found


def test_a_question_asked_before_it_is_ready_is_answered(stand_in: WarmEngine, until: Callable[..., None]) -> None:
    number = stand_in.ask("describe", "four")
    assert replies(stand_in, 1, until) == [{"id": number, "answer": {"parameters": 4}}]
    assert stand_in.ready


def test_a_problem_comes_back_as_a_sentence(stand_in: WarmEngine, until: Callable[..., None]) -> None:
    number = stand_in.ask("describe", "bad")
    assert replies(stand_in, 1, until) == [{"id": number, "problem": "no"}]


def test_of_many_questions_only_the_newest_waits(stand_in: WarmEngine, until: Callable[..., None]) -> None:
    numbers = [stand_in.ask("describe", "x" * length) for length in range(1, 6)]
    found = {reply["id"]: reply for reply in replies(stand_in, 5, until)}
    assert sorted(found) == numbers
    assert found[numbers[-1]]["answer"] == {"parameters": 5}
    # Before it is ready none is on its way: every question but the last is overtaken, unless it came up in between.
    assert sum("superseded" in reply for reply in found.values()) >= 3


def test_it_becomes_a_run_only_when_it_takes_it(stand_in: WarmEngine, until: Callable[..., None]) -> None:
    until(lambda: stand_in.ready)
    assert stand_in.hand_over("another's") is False
    assert stand_in.hand_over("mine") is True
    assert not stand_in.ready
    number = stand_in.ask("describe", "too late")
    assert {"id": number, "superseded": True} in stand_in.replies()


def test_a_busy_engine_does_not_take_a_run(
    stand_in: WarmEngine, until: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.launch.warm.HAND_OVER_SECONDS", 0.05)
    until(lambda: stand_in.ready)
    stand_in.ask("describe", "deaf")
    assert stand_in.hand_over("mine") is False


def test_one_that_dies_says_why_and_takes_nothing(stand_in: WarmEngine, until: Callable[..., None]) -> None:
    until(lambda: stand_in.ready)
    stand_in.ask("describe", "die")
    until(lambda: not stand_in.alive)
    assert stand_in.hand_over("mine") is False
    assert "out of luck" in stand_in.problem


def test_the_second_warm_engine_of_a_workspace_is_refused(
    workspace: Workspace, story: Callable[..., None], until: Callable[..., None]
) -> None:
    story("completed")
    lock = hold(workspace.home / "warm.lock")
    assert lock
    with lock:
        engine = WarmEngine.start(workspace)
        until(lambda: not engine.alive)
        until(lambda: engine.refused != "")
        assert engine.refused == "another window has it"
        assert engine.problem == ""
        engine.close()


def test_a_run_begun_warm_ends_although_its_window_has_gone(
    journal: Journal,
    recipe: Recipe,
    story: Callable[..., None],
    until: Callable[..., None],
    wait_for: Callable[[str, Callable[[Run], bool]], Run],
) -> None:
    story("completed", 20)
    engine = WarmEngine.start(journal.workspace)
    until(lambda: engine.ready)
    run = journal.create_run(recipe, reserve_seconds=60)
    assert engine.hand_over(run.id)
    engine.close()
    assert wait_for(run.id, lambda run: run.state is State.ENDED).ending is Ending.COMPLETED
    until(lambda: not engine.alive)
    reap()
