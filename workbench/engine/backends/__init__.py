"""One training loop a backend; what they share is said here.

A loop trains chunks of whole steps and never reads the device in between. Each step is guarded: a
step whose loss or gradient is not finite changes nothing; with clipping ten such in a row end the
run, without it the first does. So the weights in memory are always the last good ones.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, Literal, NamedTuple, Protocol, TypeAlias, cast

import numpy as np
import numpy.typing as npt

from workbench.data.pictures import DataSet, Part
from workbench.engine.feeding import Chunk
from workbench.errors import EngineError
from workbench.events import Floats
from workbench.spec.recipe import Recipe
from workbench.spec.training import Training

#: Sums over samples that were judged, see engine/objective.py.
Sums: TypeAlias = npt.NDArray[np.float64]
#: What was said of each sample that was judged, see engine/objective.py: float32 (samples, 3), of masks (samples, 0).
Answers: TypeAlias = npt.NDArray[np.float32]
#: Which part of the data a loop judges.
PartName: TypeAlias = Literal["training", "validation"]

_INSTALL = {
    "tensorflow": "pip install tensorflow",
    "jax": 'pip install "keras-workbench[jax]"',
    "torch": 'pip install "keras-workbench[torch]"',
}


class Judgement(NamedTuple):
    """What judging some samples came to."""

    #: with those that were given
    sums: Sums
    #: in the order of the chunk
    answers: Answers


class Loop(Protocol):
    """The training loop of one backend around one model."""

    def train(self, chunk: Chunk, rates: Floats) -> Floats:
        """Train the chunk's steps. Returns one row a step done: (steps, len(events.COLUMNS)), float32.

        A step is an update; with gradient accumulation it goes through its pictures batch by batch.
        Fewer rows than steps mean that the guard ended the run at the last row.
        """

    def evaluate(self, chunk: Chunk, sums: Sums, part: PartName = "validation") -> Judgement:
        """`sums` with what engine/objective.py counts over the chunk's samples of a part, in inference mode; and its answers.

        A training picture is judged as one for validation is: as it is, or its middle where training sees random crops.
        Batches are added one after the other: how the samples were cut into chunks does not change the last digit.
        """

    def judged(self) -> AbstractContextManager[None]:
        """Within, `evaluate` and the model's Keras variables are those that the run judges and keeps: the average's, if it is on."""

    def loss_scale(self) -> float | None:
        """What the loss is multiplied by before the backward pass (float16 only)."""

    def counters(self) -> dict[str, npt.NDArray[Any]]:
        """What the loop itself counts from step to step, besides the Keras variables."""

    def go_on_from(self, counters: Mapping[str, npt.NDArray[Any]]) -> None:
        """The Keras variables were given other values: go on from them, and from what `counters` said there."""

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


def require(name: str) -> None:
    """Raises EngineError, with the line that installs it, when a backend is missing or Keras was started for another."""
    if importlib.util.find_spec(name) is None:
        raise EngineError(
            f"The backend {name} is not installed. Install it ({_INSTALL[name]}) or choose another backend."
        )
    if os.environ.get("KERAS_BACKEND") != name:
        raise EngineError(f"This engine was started for {os.environ.get('KERAS_BACKEND')}, the recipe asks for {name}.")


def choose(name: str) -> Backend:
    """The module of a backend. Raises EngineError when it is missing."""
    require(name)
    return cast("Backend", importlib.import_module(f"workbench.engine.backends.{name}"))


#: What this process was made fit for; a backend can be set up only once.
_prepared: tuple[str, str, bool, int] | None = None


def _setup(training: Training) -> tuple[str, str, bool, int]:
    return training.backend, training.device, training.deterministic, thread_count(training)


def fits(training: Training) -> bool:
    """Whether this process can still train so: it was set up for nothing yet, or for just this."""
    return _prepared in {None, _setup(training)}


def prepare(training: Training) -> None:
    """Make this process fit to train so: backend imported, device and threads set, before the first tensor.

    Raises EngineError when the backend is missing or the process was set up otherwise.
    """
    global _prepared  # noqa: PLW0603 - the backend's own state is the process's too
    backend = choose(training.backend)
    if not fits(training):
        raise EngineError("This engine was set up for another device or thread count; a fresh one is needed.")
    if _prepared:
        return
    _prepared = _setup(training)
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


def resident(part: Part) -> npt.NDArray[np.uint8] | None:
    """All pictures of a part, if they are in memory."""
    return part.pictures.array() if part.pictures.resident else None
