"""A probe's process with the real engine: whatever happens is one last line, and nothing outlives its asker."""

from __future__ import annotations

import time

import pytest

from tests.engine.training import recipe
from workbench.launch.probe import Probe
from workbench.paths import Workspace
from workbench.spec import presets

pytestmark = pytest.mark.keras


def over(probe: Probe) -> Probe:
    deadline = time.monotonic() + 120
    while not probe.wait(1.0):
        assert time.monotonic() < deadline, "it never ended"
    return probe


def test_a_probe_nobody_knows_is_a_sentence(workspace: Workspace) -> None:
    probe = over(Probe.start(workspace, {"question": "horoscope", "recipe": presets.dump(recipe())}))
    assert probe.answer is None
    assert "not 'horoscope'" in probe.problem


def test_a_bad_recipe_is_a_sentence(workspace: Workspace) -> None:
    text = presets.dump(recipe()).replace("format = 1", 'format = 1\n[model]\nkind = "perceptron"', 1)
    probe = over(Probe.start(workspace, {"question": "xray", "recipe": text}))
    assert "model" in probe.problem


def test_a_recipe_of_another_backend_is_a_sentence(workspace: Workspace) -> None:
    asked = {"question": "xray", "recipe": presets.dump(recipe(training__backend="jax"))}
    assert "jax" in over(Probe.start(workspace, asked, backend="tensorflow")).problem


def test_a_process_goes_when_its_asker_does(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    probe = Probe.start(workspace, {"question": "horoscope", "recipe": presets.dump(recipe())})
    assert probe._process.stdin is not None
    probe._process.stdin.close()  # as the kernel does for a window that is killed
    assert "went away" in over(probe).problem
