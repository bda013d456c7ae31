"""The asker's end of a probe, against a tiny scripted stand-in and against the fake engine."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from workbench.launch.probe import Probe
from workbench.paths import Workspace
from workbench.probing.overfit import Overfit
from workbench.probing.preflight import Preflight
from workbench.probing.rate_search import RateSearch
from workbench.probing.xray import XRay
from workbench.spec import Recipe, presets

STAND_IN = """
import json, subprocess, sys
asked = json.loads(sys.stdin.readline())
print("a library says hello on the wrong channel", flush=True)
print(json.dumps({"progress": {"done": 1, "of": 2, "words": "half"}}), flush=True)
match asked["question"]:
    case "good":
        print(json.dumps({"partial": {"a": 1}}), flush=True)
        print(json.dumps({"answer": {"a": 2, "said": asked["more"]}}), flush=True)
        sys.stdin.read()
    case "bad":
        print(json.dumps({"problem": "It does not fit."}), flush=True)
    case "dies":
        raise SystemExit("out of luck")
    case "starves":
        __import__("os").kill(__import__("os").getpid(), 9)
    case "lingers":
        print(json.dumps({"answer": {}}), flush=True)
        sys.stdout.close()
        __import__("time").sleep(600)
    case "waits":
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        print(json.dumps({"partial": {"child": child.pid}}), flush=True)
        child.wait()
    case "listens":
        sys.stdin.read()
"""

Ask = Callable[..., Probe]


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workspace: Workspace) -> Ask:
    (tmp_path / "stand_in_engine.py").write_text(STAND_IN)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("WORKBENCH_ENGINE", "stand_in_engine")
    return lambda question, **more: Probe.start(workspace, {"question": question, **more})


def over(probe: Probe, until: Callable[..., None]) -> list[dict[str, Any]]:
    """Everything a probe tells until it is done."""
    until(lambda: probe.wait(1.0) and probe.done)
    assert not psutil.pid_exists(probe.process)
    return probe.told()


def test_progress_and_partial_results_come_before_the_answer(ask: Ask, until: Callable[..., None]) -> None:
    probe = ask("good", more="words")
    answer = {"a": 2, "said": "words"}
    progress = {"progress": {"done": 1, "of": 2, "words": "half"}}
    assert over(probe, until) == [progress, {"partial": {"a": 1}}, {"answer": answer}]
    assert (probe.answer, probe.problem, probe.cancelled) == (answer, "", False)
    assert probe.told() == []


def test_a_problem_is_a_sentence_and_no_answer(ask: Ask, until: Callable[..., None]) -> None:
    probe = ask("bad")
    assert over(probe, until)[-1] == {"problem": "It does not fit."}
    assert (probe.answer, probe.problem) == (None, "It does not fit.")


def test_a_process_that_dies_is_a_problem_with_its_last_words(ask: Ask, until: Callable[..., None]) -> None:
    probe = ask("dies")
    assert over(probe, until)[-1] == {"problem": probe.problem}
    assert "exit code 1" in probe.problem
    assert "out of luck" in probe.problem


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not tell by what a process was ended")
def test_a_process_that_the_system_kills_has_most_likely_taken_too_much_memory(
    ask: Ask, until: Callable[..., None]
) -> None:
    probe = ask("starves")
    over(probe, until)
    assert "want of memory" in probe.problem


def test_a_process_that_stays_after_its_answer_is_ended(
    ask: Ask, until: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.launch.probe.LEAVE_SECONDS", 0.1)
    probe = ask("lingers")
    over(probe, until)
    assert probe.answer == {}


def test_cancelling_leaves_nothing_behind(ask: Ask, until: Callable[..., None]) -> None:
    probe = ask("waits")
    told: list[dict[str, Any]] = []
    until(lambda: any("partial" in each for each in told) or bool(told.extend(probe.told())))
    child = psutil.Process(told[-1]["partial"]["child"])
    probe.cancel()
    assert probe.done
    assert not psutil.pid_exists(probe.process)
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE
    assert (probe.answer, probe.problem, probe.told()) == (None, "", [])
    probe.cancel()


def test_cancelling_at_once_is_cancelling_too(ask: Ask) -> None:
    probe = ask("listens")
    probe.cancel()
    assert probe.done
    assert probe.problem == ""


@pytest.mark.parametrize(
    ("question", "shape"), [("xray", XRay), ("rate", RateSearch), ("preflight", Preflight), ("overfit", Overfit)]
)
def test_the_fake_engine_answers_each_probe_in_its_shape(
    workspace: Workspace, story: Callable[..., None], until: Callable[..., None], question: str, shape: Any
) -> None:
    story("completed", 50)
    probe = Probe.start(workspace, {"question": question, "recipe": presets.dump(Recipe())})
    told = over(probe, until)
    assert probe.answer is not None, probe.problem
    # JSON knows lists and no tuples: once there and back it is the same.
    there = shape.from_tree(probe.answer)
    assert shape.from_tree(there.tree()) == there
    parts = [each["partial"] for each in told if "partial" in each]
    if question == "rate":
        assert [loss for part in parts for loss in part["losses"]] == probe.answer["losses"]
    elif question == "xray":
        assert [part["scheme"] for part in parts] == probe.answer["schemes"]


@pytest.mark.parametrize("name", ["failed", "died", "hung"])
def test_the_fake_engine_tells_how_a_probe_goes_wrong(
    workspace: Workspace, story: Callable[..., None], until: Callable[..., None], name: str
) -> None:
    story(name, 50)
    probe = Probe.start(workspace, {"question": "overfit", "recipe": presets.dump(Recipe())})
    if name == "hung":
        seen: list[dict[str, Any]] = []
        until(lambda: len(seen) > 10 or bool(seen.extend(probe.told())))
        assert not probe.done
        probe.cancel()
        assert probe.done
    else:
        over(probe, until)
        assert probe.problem
        assert probe.answer is None
