"""Real Keras in the tests' own process: on TensorFlow, on the CPU, without its chatter."""

import os
from pathlib import Path

import pytest

# Read when Keras and TensorFlow are first imported, so set before any test module is.
os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

#: What others warn of in their own code, and why it does not concern us.
NOT_OURS = (
    # keras.ops.convert_to_numpy calls np.array on its own Variable, whose __array__ is from before NumPy 2.
    "ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning",
    # keras.export asks whether NumPy has `np.object` before it calls tf2onnx, which still uses it.
    "ignore:In the future `np.object` will be defined as the corresponding NumPy scalar:FutureWarning",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            for warning in NOT_OURS:
                item.add_marker(pytest.mark.filterwarnings(warning))


@pytest.fixture(autouse=True)
def _set_up_as_an_engine(request: pytest.FixtureRequest) -> None:
    """A backend takes its threads and device before its first tensor only: once, and as a default run would."""
    if request.node.get_closest_marker("keras"):
        from workbench.engine import backends
        from workbench.spec.training import Training

        backends.prepare(Training())
