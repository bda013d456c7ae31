"""What the tests of the command line share: a workspace, the fake engine, and a way to run a command."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from workbench.__main__ import main
from workbench.launch import start
from workbench.paths import Workspace


@dataclass(frozen=True)
class Said:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one object on standard output."""
        (line,) = self.out.splitlines()
        return json.loads(line)


@pytest.fixture
def command(
    workspace: Workspace, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Said]]:
    """Runs a command of the workbench inside this process, with the fake engine."""
    monkeypatch.setenv("WORKBENCH_ENGINE", "workbench.launch.fake")
    monkeypatch.setenv("WORKBENCH_FAKE_SPEED", "20")
    monkeypatch.setenv("COLUMNS", "200")

    def run(*words: str, story: str = "completed") -> Said:
        monkeypatch.setenv("WORKBENCH_FAKE_STORY", story)
        code = main(["--home", str(workspace.home), *words])
        captured = capsys.readouterr()
        return Said(code, captured.out, captured.err)

    yield run
    # The keeper would go by itself soon after the last run; no process outlives its test.
    for process in start._adopted:
        process.terminate()
        process.wait(timeout=20)
    start.reap()
