"""Which samples each step sees: order and augmentation draws, cut into chunks of whole steps.

All of it is a function of (seed, epoch, position), never of how the epoch was cut: whole epochs and
chunks of any length give the same numbers. The order is ours and differs each epoch (Keras'
`fit(shuffle=True)` repeats one order on TensorFlow). Knows NumPy only, no Keras.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.data.pictures import Labels, Masks, Part
from workbench.engine.seeds import generator

Indices = npt.NDArray[np.int32]
Draws = npt.NDArray[np.float32]
Pixels = npt.NDArray[np.uint8]

#: Streamed chunks stay below this, so that memory does not grow with the data set.
STREAM_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True)
class Chunk:
    """The samples of some whole steps, in order.

    `indices` point into the part's pictures on the device, or into `pixels` when those came along
    (a streamed part). The last step of an epoch may have fewer samples than the others.
    """

    first_step: int  # of the epoch, from 0
    steps: int
    indices: Indices
    draws: Draws | None = None
    pixels: Pixels | None = None
    labels: Labels | Masks | None = None

    @property
    def samples(self) -> int:
        return len(self.indices)


def steps_in(samples: int, batch: int) -> int:
    """Steps that visit each sample once; the last may be smaller."""
    return math.ceil(samples / batch)


def sizes(samples: int, batch: int) -> npt.NDArray[np.float64]:
    """The number of samples of each step that visit so many samples."""
    counts = np.full(steps_in(samples, batch), batch, dtype=np.float64)
    counts[-1] = samples - batch * (len(counts) - 1)
    return counts


def training_order(seed: int, epoch: int, samples: int) -> Indices:
    """The order of an epoch's samples: a permutation fixed by (seed, epoch)."""
    return generator(seed, "order", epoch).permutation(samples).astype(np.int32)


def even(left: int, wanted: int) -> int:
    """How long the next chunk is, when `left` steps are to be cut into equal chunks nearest to `wanted` steps (at most 1.5 times).

    Whatever a chunk costs by itself is thus not paid for a remainder of a step or two.
    """
    pieces = max(1, round(left / max(1, wanted)))
    return math.ceil(left / pieces)


class Feed:
    """Cuts an order of samples of one part into chunks; reads streamed pictures one chunk ahead."""

    def __init__(self, part: Part, batch: int) -> None:
        self._part = part
        self._batch = batch
        self._streamed = not part.pictures.resident
        _, height, width, channels = part.pictures.shape
        self._most = max(1, STREAM_BYTES // (batch * height * width * channels)) if self._streamed else 1 << 30
        self._reader = ThreadPoolExecutor(1, "read-pictures") if self._streamed else None

    def close(self) -> None:
        if self._reader:
            self._reader.shutdown(cancel_futures=True)

    def some(self, order: Indices, draws: Draws | None, first: int, steps: int) -> Chunk:
        """At most so many steps of `order` from its step `first` on, counted from 0."""
        return self._cut(order, draws, first, steps)

    def chunks(self, order: Indices, draws: Draws | None, wanted: Callable[[], int], first: int = 0) -> Iterator[Chunk]:
        """`order` from its step `first` on, as chunks of about `wanted()` steps each, asked anew for every chunk."""
        total = steps_in(len(order), self._batch)
        done = first
        ahead: Future[Chunk] | None = None
        while done < total:
            if self._reader is None:
                chunk = self._cut(order, draws, done, wanted())
            else:
                chunk = ahead.result() if ahead else self._cut(order, draws, done, wanted())
                following = done + chunk.steps
                # While the device works on this chunk, the next one is read from disk.
                ahead = self._reader.submit(self._cut, order, draws, following, wanted()) if following < total else None
            done += chunk.steps
            yield chunk

    def _cut(self, order: Indices, draws: Draws | None, first: int, wanted: int) -> Chunk:
        steps = min(even(steps_in(len(order), self._batch) - first, wanted), self._most)
        here = slice(first * self._batch, (first + steps) * self._batch)
        indices = order[here]
        if not self._streamed:
            return Chunk(first, steps, indices, None if draws is None else draws[here])
        return Chunk(
            first,
            steps,
            np.arange(len(indices), dtype=np.int32),
            None if draws is None else draws[here],
            self._part.pictures.take(indices),
            self._part.labels[indices],
        )


class Pace:
    """How many steps make a chunk of about `seconds`: never less than one, learned while running."""

    def __init__(self, seconds: float = 0.1) -> None:
        self._seconds = seconds
        self._steps = 1

    def __call__(self) -> int:
        return self._steps

    def took(self, steps: int, seconds: float) -> None:
        """A chunk of `steps` took `seconds`; chunks grow at most fourfold at once, so that one fast reading cannot mislead."""
        fitting = int(self._seconds * steps / max(seconds, 1e-9))
        self._steps = max(1, min(fitting, 4 * self._steps, 100_000))
