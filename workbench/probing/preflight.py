"""The pre-flight: whether a recipe fits into the memory there is, how long it takes, and what it leaves on the disk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from workbench.paths import size_words

#: A peak above this share of what there is: tight. Other programs' memory comes and goes by as much.
TIGHT_FROM = 0.8
#: Above this share it is taken for too large: the last bytes are never to be had in one piece.
FULL = 0.95
_MINUTE, _HOUR = 60.0, 3600.0


class Fit(StrEnum):
    """Whether a recipe fits into the memory there is."""

    FITS = "fits"
    TIGHT = "tight"
    TOO_LARGE = "too_large"


@dataclass(frozen=True)
class Preflight:
    """What real steps took, and what a whole run would. Sizes in bytes, times in seconds; None: not measured."""

    device: str
    #: the pictures of the recipe's batch, at most all that there are to learn from
    batch_size: int
    #: peak of the process in the machine's memory, with the libraries
    host_bytes: int | None
    #: what the process could have had of it
    host_total: int
    #: peak on the GPU, as its backend counts it; None on the CPU
    device_bytes: int | None
    device_total: int | None
    #: tracing and the first step
    first_step_seconds: float | None
    step_seconds: float | None
    steps_per_epoch: int
    epochs: int
    #: all planned epochs with validation and checkpoints; early stopping may end sooner
    total_seconds: float | None
    #: of one checkpoint, and of those that a run keeps
    checkpoint_bytes: int | None
    disk_bytes: int | None
    disk_free: int
    #: about the largest batch that fits, at most the training pictures; None when none was found to, or none was looked for
    largest_batch: int | None
    fit: Fit
    sentence: str

    def tree(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_tree(tree: Mapping[str, Any]) -> Preflight:
        return Preflight(**{**tree, "fit": Fit(tree["fit"])})


def fit_of(peak: int, total: int) -> Fit:
    """The verdict on a peak where there is so much."""
    if peak > FULL * total:
        return Fit.TOO_LARGE
    return Fit.TIGHT if peak > TIGHT_FROM * total else Fit.FITS


def largest_fitting(peaks: Sequence[tuple[int, int]], total: int, pictures: int) -> int:
    """About the largest batch whose peak stays below FULL, from (batch, peak) at two batches or more.

    Memory grows with the batch in a straight line (each picture leaves its own numbers behind), through the two largest
    batches that were measured: there what does not grow counts least. At least the largest batch that was seen to fit.
    """
    limit = FULL * total
    (few, low), (many, high) = sorted(peaks)[-2:]
    seen = max((batch for batch, peak in peaks if peak <= limit), default=0)
    each = (high - low) / (many - few)
    if each <= 0:  # what a picture takes is lost in the noise
        return min(pictures, seen)
    return min(pictures, max(seen, int((limit - low) / each) + few))


def kept_checkpoints(epochs: int, every: int, *, within: bool = False, best: bool = True) -> int:
    """How many checkpoints can lie on the disk at the end: the newest two, each so many epochs' end, and the best.

    `within`: epochs last so long that checkpoints are made within them as well; the newest but one is such a one then.
    `best`: there is a best epoch, as it is judged.
    """
    ends = set(range(every, epochs + 1, every)) if every else set()
    ends |= {epochs} if within else {epochs, max(1, epochs - 1)}
    # The best costs nothing where its epoch's end stays anyway; at most it is one of the others.
    return len(ends) + within + (best and len(ends) < epochs)


def sentence(found: Preflight) -> str:
    """The verdict in a sentence or two."""
    on_gpu = found.device_bytes is not None
    needed = found.device_bytes if on_gpu else found.host_bytes
    total = (found.device_total or 0) if on_gpu else found.host_total
    memory = "GPU memory" if on_gpu else "memory"
    batch = f"a batch of {found.batch_size:,} pictures"
    largest = f"; about {found.largest_batch:,} pictures fit" if found.largest_batch else ""
    if needed is None or found.fit is Fit.TOO_LARGE:
        peak = f"needs {size_words(needed)}" if needed is not None else "needs more"
        return f"Will not fit: {batch} {peak}, and {size_words(total)} of {memory} can be had{largest}."
    said = f"{'Fits' if found.fit is Fit.FITS else 'Tight'}: {size_words(needed)} of {size_words(total)} of {memory} with {batch}"
    took = f", up to {duration(found.total_seconds)} in all" if found.total_seconds is not None else ""
    if found.disk_bytes is not None and found.disk_bytes > found.disk_free:
        left = f"{size_words(found.disk_bytes)} of checkpoints, and {size_words(found.disk_free)} are free"
        return f"{said}{took}. But the disk is too small: {left}."
    return f"{said}{took}."


def duration(seconds: float) -> str:
    """A time as people say it: "8 s", "12 min", "3.5 h"."""
    if seconds < 1.5 * _MINUTE:
        return f"{max(1.0, seconds):.0f} s"
    if seconds < 1.5 * _HOUR:
        return f"{seconds / _MINUTE:.0f} min"
    return f"{seconds / _HOUR:.1f} h"
