"""One training loop a backend; what they share is said here.

A loop trains chunks of whole steps and never reads the device in between. Each step is guarded: a
step whose loss or gradient is not finite changes nothing; with clipping ten such in a row end the
run, without it the first does. So the weights in memory are always the last good ones.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
from dataclasses import dataclass
from typing import Any, Protocol, cast

import numpy as np
import numpy.typing as npt

from workbench.data.pictures import DataSet, Part
from workbench.engine.feeding import Chunk
from workbench.errors import EngineError
from workbench.events import Floats
from workbench.spec.recipe import Recipe
from workbench.spec.training import Training

#: Non-finite steps in a row that end a run when clipping is on.
BAD_STEPS = 10

_INSTALL = {
    "tensorflow": "pip install tensorflow",
    "jax": 'pip install "keras-workbench[jax]"',
    "torch": 'pip install "keras-workbench[torch]"',
}


@dataclass(frozen=True)
class Tally:
    """Sums over some samples: loss, right answers, samples."""

    loss: float = 0.0
    right: float = 0.0
    samples: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.loss + other.loss, self.right + other.right, self.samples + other.samples)


class Loop(Protocol):
    """The training loop of one backend around one model."""

    def train(self, chunk: Chunk, rates: Floats) -> Floats:
        """Train the chunk's steps. Returns one row a step done: (steps, len(events.COLUMNS)), float32.

        Fewer rows than steps mean that the guard ended the run at the last row.
        """

    def evaluate(self, chunk: Chunk) -> Tally:
        """Loss and right answers of the chunk's samples of the validation part, in inference mode."""

    def settle(self) -> None:
        """Bring the model's and optimizer's Keras variables up to date with the loop."""

    def device(self) -> str:
        """What really computed, read from a tensor: "CPU" or the GPU's name. Known after the first step."""


class Backend(Protocol):
    """What a backend's module offers."""

    def start(self, training: Training, threads: int) -> None:
        """Set threads, device and determinism; called before the backend made its first tensor."""

    def gpu_names(self) -> list[str]:
        """The GPUs this backend can use in this process."""

    def make_loop(self, model: Any, optimizer: Any, recipe: Recipe, data: DataSet, *, record: bool = True) -> Loop:
        """The loop. `record=False` leaves out gradient norm and accuracy, to measure what recording costs."""


def thread_count(training: Training) -> int:
    """Threads for arithmetic: as set, else one for each core this process may use."""
    if training.threads is not None:
        return training.threads
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else (os.cpu_count() or 1)


def choose(name: str) -> Backend:
    """The module of a backend. Raises EngineError with the line that installs it when it is missing."""
    if importlib.util.find_spec(name) is None:
        raise EngineError(
            f"The backend {name} is not installed. Install it ({_INSTALL[name]}) or choose another backend."
        )
    if os.environ.get("KERAS_BACKEND") != name:
        raise EngineError(f"This engine was started for {os.environ.get('KERAS_BACKEND')}, the recipe asks for {name}.")
    return cast("Backend", importlib.import_module(f"workbench.engine.backends.{name}"))


def prepare(training: Training) -> None:
    """Make this process fit to train so: backend imported, device and threads set, before the first tensor.

    Raises EngineError when the backend is missing or was started otherwise.
    """
    backend = choose(training.backend)
    import keras  # noqa: PLC0415 - which backend it takes is only certain now

    # A person's own Keras settings must not change what a recipe means.
    keras.config.set_floatx("float32")
    keras.config.set_image_data_format("channels_last")
    backend.start(training, thread_count(training))


def refuse_missing_gpu(training: Training, names: list[str]) -> None:
    """A recipe that insists on a GPU fails clearly where there is none."""
    if training.device == "gpu" and not names:
        raise EngineError(
            f"The recipe asks for a GPU, and {training.backend} can use none here. Choose the device Automatic or CPU, "
            "or see `workbench doctor` for what stands in the way."
        )


def evaluation_batch(batch: int) -> int:
    """Samples a piece of validation looks at together: no gradient is kept, so it may be larger."""
    return max(batch, 256)


def resident(part: Part) -> npt.NDArray[np.uint8] | None:
    """All pictures of a part, if they are in memory."""
    return part.pictures.array() if part.pictures.resident else None
