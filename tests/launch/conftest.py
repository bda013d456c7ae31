"""What the tests of the keeper share: a workspace, a recipe, the fake engine, and ways to wait."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from workbench.journal import Journal, Run
from workbench.launch.keeper import keep
from workbench.paths import Workspace
from workbench.spec import Recipe
from workbench.spec.recipe import changed


@pytest.fixture
def recipe() -> Recipe:
    return changed(Recipe(), "training.epochs", 6)


@pytest.fixture
def story(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, float], None]:
    """Puts the fake engine in the real one's place, with a story to tell."""

    def choose(name: str, speed: float = 10.0) -> None:
        monkeypatch.setenv("WORKBENCH_ENGINE", "workbench.launch.fake")
        monkeypatch.setenv("WORKBENCH_FAKE_STORY", name)
        monkeypatch.setenv("WORKBENCH_FAKE_SPEED", str(speed))

    return choose


@pytest.fixture
def keeping(workspace: Workspace) -> Iterator[Callable[[], threading.Thread]]:
    """Starts a keeper in a thread of the test; the test ends when it has ended."""
    threads: list[threading.Thread] = []

    def begin() -> threading.Thread:
        thread = threading.Thread(target=keep, args=(workspace, 0.2), name="keeper of a test")
        thread.start()
        threads.append(thread)
        return thread

    yield begin
    for thread in threads:
        thread.join(timeout=20)
        assert not thread.is_alive()


def wait_until(met: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait for something that another process does."""
    deadline = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


@pytest.fixture
def until() -> Callable[..., None]:
    """Waits for something that another process does."""
    return wait_until


@pytest.fixture
def wait_for(journal: Journal) -> Callable[[str, Callable[[Run], bool]], Run]:
    """Waits until a run is as wanted, and gives it."""

    def wait(run: str, wanted: Callable[[Run], bool]) -> Run:
        wait_until(lambda: wanted(journal.run(run)))
        return journal.run(run)

    return wait
