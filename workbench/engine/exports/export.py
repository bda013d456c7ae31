"""Writes a subject in a format: read this first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from workbench.data.pictures import DataSet
from workbench.engine.exports import example, litert
from workbench.engine.exports.checking import Agreement, agreement, difference
from workbench.engine.exports.formats import Format
from workbench.engine.exports.placing import beside, check_place, put
from workbench.engine.exports.subject import Subject
from workbench.errors import DataError

#: Told how many of how many steps are done, and what is being done.
Progress = Callable[[int, int, str], object]
#: So many pictures measure how large sums get in 8 bits.
SAMPLES = 200


@dataclass(frozen=True)
class Made:
    """What was written."""

    files: tuple[Path, ...]
    #: the largest difference between probabilities from the engine's own; None in 8 bits
    difference: float | None = None
    #: in 8 bits
    agreement: Agreement | None = None


def example_of(to: Path, chosen: Format) -> Path:
    """Where the script that uses `to` stands: within a folder, beside a file."""
    return to.with_name(f"{to.name}.example.py") if chosen.suffix else to / "example.py"


def export(subject: Subject, chosen: Format, to: Path, progress: Progress, samples: DataSet | None = None) -> Made:
    """Write it, prove it, name it; with `samples`, whose validation pictures are taken, in 8 bits. Raises ExportError, DataError."""
    check_place(to, folder=not chosen.suffix)
    quantised = samples is not None
    if samples is not None:
        if not len(samples.validation):
            raise DataError(
                f"{subject.run.name} has no validation pictures, which 8 bits are measured on. Export it in float32."
            )
        first = np.arange(min(SAMPLES, len(samples.validation)))
        chosen = replace(chosen, write=litert.quantised(samples.validation.pictures.take(first)))
    with beside(to) as folder:
        made = folder / to.name
        progress(0, 0, f"Writing {chosen.title}")
        chosen.write(subject, made)
        progress(0, 0, "Comparing its answers with the run's own")
        read = chosen.read(made)
        found = None if quantised else difference(subject, read)
        agreed = None
        if samples is not None:
            agreed = agreement(
                subject, read, samples.validation, samples.ignore,
                lambda done, of: progress(done, of, "Comparing its answers with the run's own"),
            )  # fmt: skip
        script = example_of(made, chosen)
        fit = str(subject.carried.facts["input"]["fit"])
        script.write_text(example.text(chosen.name, to.name, fit, masks=subject.masks), "utf-8")
        put(made, to)
        if chosen.suffix:
            put(script, example_of(to, chosen))
    return Made((to, example_of(to, chosen)), found, agreed)
