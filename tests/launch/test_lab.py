"""The window's end of the lab's engine: only the newest question waits, an engine that dies is told of, none is left behind."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from workbench.launch.lab import LabEngine, Preparing, Raced, Refused, Reply
from workbench.paths import Workspace
from workbench.spec.lab import GradientDescent, HeavyBall, Lab, Landscape, Racer

PATIENCE = 20.0


class Heard:
    """An engine with an ear: replies as they come, and a wait for one."""

    def __init__(self, workspace: Workspace) -> None:
        self.came = threading.Condition()
        self.replies: list[Reply] = []
        self.engine = LabEngine.start(workspace, self._hear)

    def _hear(self) -> None:
        with self.came:
            self.replies += self.engine.replies() if hasattr(self, "engine") else []
            self.came.notify_all()

    def wait(self, kind: type[Raced | Refused], number: int) -> Reply:
        def there() -> Reply | None:
            self.replies += self.engine.replies()
            return next((each for each in self.replies if isinstance(each, kind) and each.number == number), None)

        with self.came:
            assert self.came.wait_for(lambda: there() is not None, PATIENCE)
            found = there()
        assert found is not None
        return found


@pytest.fixture
def heard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Heard]:
    monkeypatch.setenv("WORKBENCH_ENGINE", "workbench.launch.fake")
    heard = Heard(Workspace(tmp_path / "workspace").create())
    yield heard
    heard.engine.close()
    assert not heard.engine.alive


def lab(x: float = 1.0, **land: object) -> Lab:
    racers = {"gd": Racer(rule=GradientDescent()), "ball": Racer(on=False, rule=HeavyBall())}
    return Lab(landscape=Landscape(start_x=x, steps=20, **land), racers=racers)  # type: ignore[arg-type] # settings


def test_everyone_races_whether_on_or_off(heard: Heard) -> None:
    found = heard.wait(Raced, heard.engine.ask(lab(2.5)))
    assert isinstance(found, Raced)
    assert list(found.places) == ["gd", "ball"]
    assert {places.shape for places in found.places.values()} == {(21, 2)}
    assert found.places["gd"][0].tolist() == [2.5, -1.58]
    assert np.isfinite(found.places["gd"]).all()


def test_before_a_new_set_of_methods_it_says_that_it_prepares(heard: Heard) -> None:
    first = heard.engine.ask(lab())
    heard.wait(Raced, first)
    second = heard.engine.ask(lab(3.0))
    heard.wait(Raced, second)
    assert [each.number for each in heard.replies if isinstance(each, Preparing)] == [first]


def test_of_questions_that_wait_only_the_newest_is_answered(heard: Heard) -> None:
    numbers = [heard.engine.ask(lab(float(x))) for x in range(1, 40)]
    heard.wait(Raced, numbers[-1])
    answered = [each.number for each in heard.replies if isinstance(each, Raced)]
    assert answered[-1] == numbers[-1]
    assert answered == sorted(answered)
    assert len(answered) < len(numbers)


def test_a_question_that_has_no_answer_is_refused_with_a_sentence(heard: Heard) -> None:
    refused = heard.wait(Refused, heard.engine.ask(lab(kind="slice")))
    assert isinstance(refused, Refused)
    assert "Choose a run" in refused.sentence


def test_an_engine_that_dies_with_a_question_says_so(heard: Heard) -> None:
    heard.wait(Raced, heard.engine.ask(lab()))
    heard.engine._process.kill()
    heard.engine._process.wait()
    refused = heard.wait(Refused, heard.engine.ask(lab(2.0)))
    assert isinstance(refused, Refused)
    assert "went away" in refused.sentence
