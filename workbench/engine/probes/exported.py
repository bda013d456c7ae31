"""The probe that writes a run's kept weights as a model for other programs; see engine/exports.

It is TensorFlow's, which the probes of another backend must not load: all of it is imported when it is asked.
"""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from workbench.engine.probes.asked import Asked
from workbench.errors import DataError, EngineError, ExportError


def exported(asked: Asked) -> dict[str, Any]:
    """Asked with run, maybe `which` (best, last, an epoch, a place), `as`, `to` and maybe `quantised`: {"files", "epoch", "difference", "agreement"}."""
    if os.environ.get("KERAS_BACKEND") != "tensorflow":
        raise EngineError("Models are exported on TensorFlow; ask a process that has it.")
    from workbench import data  # noqa: PLC0415 - see above
    from workbench.engine.exports.export import export  # noqa: PLC0415 - see above
    from workbench.engine.exports.formats import wanted  # noqa: PLC0415 - see above
    from workbench.engine.exports.subject import open_subject  # noqa: PLC0415 - see above

    kind, quantised = str(asked.options["as"]), asked.options.get("quantised") is True
    chosen = wanted(kind)
    if quantised and kind != "litert":
        raise ExportError(f"Only LiteRT can be quantised, {chosen.title} cannot. Leave it in float32.")
    asked.progress(0, 0, "Opening the network")
    subject = open_subject(asked.workspace, str(asked.options["run"]), str(asked.options.get("which") or ""))
    samples = None
    if quantised:
        samples = data.load(subject.recipe.data, subject.recipe.training.seed, asked.workspace, asked.reading)
        if samples.classes != subject.ready.classes or samples.shape != tuple(subject.ready.shape):
            raise DataError(
                f"The pictures have other classes or another shape than those that {subject.run.name} was trained on. "
                "Put those back, or export in float32."
            )
    made = export(subject, chosen, Path(asked.options["to"]), asked.progress, samples)
    return {
        "files": [str(each) for each in made.files],
        "epoch": subject.kept.epoch,
        "difference": made.difference,
        "agreement": None if made.agreement is None else asdict(made.agreement),
    }
