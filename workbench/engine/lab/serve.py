"""The lab's engine as a process: races as JSON lines, each `{"id", "lab", "slice"?}`, until nobody asks any more.

An answer is `{"id", "names", "steps", "places"}`: the racers' names in order and, as base64 of little-endian doubles, where
each was before its first step and after each, shape (racers, steps + 1, 2). Before a race that needs a new program it says
`{"id", "preparing": true}`, since compiling takes seconds. What is wrong with a question is `{"id", "problem": a sentence}`.
Everyone on the list races, so that turning one on or off needs no race.
"""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pydantic

from workbench.descent.surfaces import Slice
from workbench.engine.lab.race import Program, Shape
from workbench.engine.warm import Channel
from workbench.errors import EngineError, WorkbenchError
from workbench.spec.lab import SLICE_POINTS, Lab

#: Programs that are kept; the one used longest ago goes first.
_KEPT = 8


def serve() -> None:
    """Answer until the asker is gone."""
    channel = Channel()
    # Steps of two numbers gain nothing by threads, and the window wants to be smooth.
    _one_thread()
    races = Races()
    channel.send({"ready": True, "process": os.getpid()})
    for request in channel.requests():
        number = request.get("id")
        try:
            reply = races.answer(request, lambda number=number: channel.send({"id": number, "preparing": True}))
        except WorkbenchError as error:
            reply = {"problem": str(error)}
        if not channel.send({"id": number, **reply}):
            return


def _one_thread() -> None:
    import tensorflow as tf  # noqa: PLC0415 - imported by the race; only here are its settings touched

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)


class Races:
    """Programs by the shape of their races, and slices by their files."""

    def __init__(self) -> None:
        self._programs: dict[Shape, Program] = {}
        self._slices: dict[str, Slice] = {}

    def answer(self, request: dict[str, Any], preparing: Any) -> dict[str, Any]:
        """The reply to one question; `preparing` is called before a program is compiled. Raises EngineError."""
        lab = _lab(request)
        part = self._slice(request.get("slice")) if lab.landscape.kind == "slice" else None
        rules = [racer.rule for racer in lab.racers.values()]
        if not rules:
            return {"names": [], "steps": lab.landscape.steps, "places": ""}
        shape = Shape.of(rules, lab.landscape.steps)
        program = self._programs.pop(shape, None)
        if program is None:
            preparing()
            program = Program(rules, shape.length)
        self._programs[shape] = program
        while len(self._programs) > _KEPT:
            del self._programs[next(iter(self._programs))]
        places = program.race(lab, rules, part)
        return {
            "names": list(lab.racers),
            "steps": lab.landscape.steps,
            "places": base64.b64encode(np.ascontiguousarray(places, "<f8").tobytes()).decode(),
        }

    def _slice(self, path: str | None) -> Slice:
        if path is None:
            raise EngineError("A slice needs a run whose loss was measured. Choose a run and measure it first.")
        if path not in self._slices:
            self._slices[path] = read_slice(Path(path))
        return self._slices[path]


def read_slice(path: Path) -> Slice:
    """A measured slice from its file. Raises EngineError."""
    try:
        with np.load(path, allow_pickle=False) as kept:
            part = Slice(np.asarray(kept["losses"], np.float64), float(kept["reach"]))
    except (OSError, ValueError, KeyError) as error:
        raise EngineError(f"The slice {path} could not be read ({error}). Measure it again.") from error
    if part.losses.shape != (SLICE_POINTS, SLICE_POINTS):
        raise EngineError(
            f"The slice {path} must have {SLICE_POINTS} points a side, got {part.losses.shape}. Measure it again."
        )
    return part


def _lab(request: dict[str, Any]) -> Lab:
    try:
        return Lab.model_validate_json(json.dumps(request.get("lab")))
    except pydantic.ValidationError as error:
        raise EngineError(f"The lab's settings are wrong: {error.errors()[0]['msg']}.") from error
