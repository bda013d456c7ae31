"""The command `probe`, with the fake engine: what it says to people, what to programs, and how it ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psutil
import pytest

from workbench.launch.probe import Probe
from workbench.probing.overfit import Overfit
from workbench.probing.preflight import Preflight
from workbench.probing.rate_search import RateSearch
from workbench.probing.xray import XRay

Tell = Callable[..., Any]


@pytest.mark.parametrize(
    ("what", "words", "shape"),
    [
        ("xray", "Kaiming normal: healthy.", XRay),
        ("rate", "Proposed: optimizer.learning_rate=0.003", RateSearch),
        ("preflight", "Fits:", Preflight),
        ("overfit", "learned by heart", Overfit),
    ],
)
def test_an_answer_is_said_in_words_or_as_one_object(command: Tell, what: str, words: str, shape: Any) -> None:
    said = command("probe", what, "digits-cnn")
    assert (said.code, said.err) == (0, "")
    assert words in said.out
    told = command("probe", what, "digits-cnn", "--json")
    assert told.code == 0
    answer = told.json
    assert answer.pop("probe") == what
    assert shape.from_tree(answer)


def test_settings_are_changed_before_it_is_asked(command: Tell) -> None:
    told = command("probe", "preflight", "digits-cnn", "--set", "training.batch_size=48", "--json")
    assert told.json["batch_size"] == 48


@pytest.mark.parametrize("story", ["failed", "died"])
def test_a_probe_that_fails_says_why_and_ends_with_3(command: Tell, story: str) -> None:
    said = command("probe", "overfit", "digits-cnn", "--json", story=story)
    assert said.code == 3
    assert said.json["error"] in said.err


def test_a_bad_preset_ends_with_2_before_anything_is_started(command: Tell) -> None:
    said = command("probe", "rate", "digits-cnn", "--set", "training.epochs=none", "--json")
    assert said.code == 2
    assert said.json["problems"][0]["path"] == "training.epochs"
    assert command("probe", "horoscope", "digits-cnn").code == 2


def test_ctrl_c_leaves_nothing_behind_and_ends_with_130(command: Tell, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Probe] = []

    def interrupted(probe: Probe) -> None:
        asked.append(probe)
        probe.wait(20)
        raise KeyboardInterrupt

    monkeypatch.setattr("workbench.cli.probe.follow", interrupted)
    said = command("probe", "rate", "digits-cnn", "--json", story="hung")
    assert said.code == 130
    assert said.out == ""
    assert asked[0].cancelled
    assert not psutil.pid_exists(asked[0].process)
