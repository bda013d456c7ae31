"""What every test can rely on: no screen, no network, nobody's own workspace, and time that does not matter."""

import os

# Before anything imports Qt, matplotlib or TensorFlow.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["MPLBACKEND"] = "Agg"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import contextlib
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import psutil
import pytest

from workbench.journal import Journal
from workbench.paths import Workspace

# A drawn example may take as long as the machine needs; a failing one is printed so that it can be run again.
hypothesis.settings.register_profile(
    "workbench",
    deadline=None,
    max_examples=50,
    print_blob=True,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("workbench")


@pytest.fixture(autouse=True)
def _no_own_workspace(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever forgets to name its workspace writes into a temporary one of its own, never into the person's."""
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path_factory.mktemp("unnamed") / "workspace"))


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "home").create()


@pytest.fixture
def journal(workspace: Workspace) -> Iterator[Journal]:
    with Journal(workspace) as opened:
        yield opened


#: Libraries keep these for as long as the process lives.
KEPT_THREADS = (
    "ThreadPoolExecutor",
    "jax",
    "pymp",
    "QThreadPool",
    "Dummy",
    "MainThread",
    "asyncio",
    "tmp_path",
    "pydev",
    "loky",
)
PATIENCE_S = 5.0


@pytest.fixture(autouse=True)
def _nothing_outlives_its_test() -> Iterator[None]:
    """No thread of ours and no child process is left behind; one that is just ending is waited for."""
    threads_before, children_before = set(threading.enumerate()), set(psutil.Process().children())
    yield
    deadline = time.monotonic() + PATIENCE_S
    while left := _left(threads_before, children_before):
        if time.monotonic() > deadline:
            pytest.fail(f"left behind by this test: {', '.join(left)}")
        time.sleep(0.02)


def _left(threads: set[threading.Thread], children: set[psutil.Process]) -> list[str]:
    mine = [each for each in threading.enumerate() if each not in threads and not each.name.startswith(KEPT_THREADS)]
    found = [f"thread {each.name}" for each in mine]
    for child in set(psutil.Process().children()) - children:
        with contextlib.suppress(psutil.NoSuchProcess):
            if child.status() != psutil.STATUS_ZOMBIE:
                found.append(f"process {child.pid} {' '.join(child.cmdline()[:6])}")
    return found
