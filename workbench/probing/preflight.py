"""The pre-flight: the shape of its answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Fit(StrEnum):
    """Whether a recipe fits into the memory there is."""

    FITS = "fits"
    TIGHT = "tight"
    TOO_LARGE = "too_large"


@dataclass(frozen=True)
class Preflight:
    """What three real steps took, and what a whole run would. Sizes in bytes, times in seconds."""

    device: str
    batch_size: int
    #: peak of the process in the machine's memory
    host_bytes: int
    host_total: int
    #: peak on the GPU; None on the CPU, or when the backend does not say
    device_bytes: int | None
    device_total: int | None
    #: building and tracing until the first step was done
    first_step_seconds: float
    step_seconds: float
    steps_per_epoch: int
    epochs: int
    #: all planned epochs; early stopping may end sooner
    total_seconds: float
    #: of one checkpoint, and of all a run keeps at a time
    checkpoint_bytes: int
    disk_bytes: int
    disk_free: int
    #: the largest batch that fits; None when it was not looked for
    largest_batch: int | None
    fit: Fit
    sentence: str

    def tree(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_tree(tree: Mapping[str, Any]) -> Preflight:
        return Preflight(**{**tree, "fit": Fit(tree["fit"])})
