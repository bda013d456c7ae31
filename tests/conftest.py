"""What every test can rely on: no screen, no network, nobody's own workspace, and time that does not matter."""

import os

# Before anything imports Qt, matplotlib or TensorFlow.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["MPLBACKEND"] = "Agg"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import hypothesis
import pytest

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
    """Whatever forgets to name its workspace writes into a temporary one, never into the person's."""
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path_factory.getbasetemp() / "unnamed-workspace"))
