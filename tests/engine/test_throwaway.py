"""A probe's process with the real engine: whatever happens is one last line, and nothing outlives its asker."""

from __future__ import annotations

import time
from pathlib import Path

import psutil
import pytest

from tests.engine.training import recipe
from workbench.cli.probe import Question
from workbench.engine.probes import PROBES
from workbench.launch.probe import Probe
from workbench.paths import Workspace
from workbench.probing.xray import XRay
from workbench.spec import presets
from workbench.spec.recipe import parse

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


def test_an_answer_comes_whole_through_the_pipe(workspace: Workspace) -> None:
    wanted = recipe(model__stages=1, model__width=4, initializer__kind="doubling")
    probe = over(Probe.start(workspace, {"question": "xray", "recipe": presets.dump(wanted), "kinds": ["zeros"]}))
    assert probe.answer is not None, probe.problem
    found = XRay.from_tree(probe.answer)
    assert [each.kind for each in found.schemes] == ["doubling", "zeros"]
    assert found.schemes[1].rows[0].signal == 0.0
    told = probe.told()
    assert told[-1] == {"answer": probe.answer}
    assert [each["partial"]["scheme"]["kind"] for each in told if "partial" in each] == ["doubling", "zeros"]


def test_pictures_that_are_not_there_are_a_sentence(workspace: Workspace, tmp_path: Path) -> None:
    gone = parse({"data": {"kind": "npz", "path": str(tmp_path / "gone.npz")}})
    probe = over(Probe.start(workspace, {"question": "rate", "recipe": presets.dump(gone)}))
    assert "gone.npz" in probe.problem
    assert "Traceback" not in probe.problem


def test_a_process_goes_when_its_asker_does(workspace: Workspace) -> None:
    probe = Probe.start(workspace, {"question": "overfit", "recipe": presets.dump(recipe())})
    assert not probe.wait(60)
    assert psutil.Process(probe.process).nice() >= 10
    assert probe._process.stdin is not None
    probe._process.stdin.close()  # as the kernel does for a window that is killed
    assert "went away" in over(probe).problem


def test_what_the_command_line_can_ask_is_what_the_engine_answers() -> None:
    # What the Data and Results tabs and the descent lab show besides: pictures, which a terminal does not; it has `workbench predict`.
    assert {each.value for each in Question} == PROBES.keys() - {"fed", "results", "inside", "try", "export", "slice"}
