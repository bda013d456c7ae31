"""The lab's engine as a process: races as JSON lines, each `{"id", "lab"}`, until nobody asks any more.

An answer is `{"id", "names", "steps", "places"}`: the racers' names in order and, as base64 of little-endian doubles, where
each was before its first step and after each, shape (racers, steps + 1, 2). Before a race that needs a new program it says
`{"id", "preparing": true}`, since compiling takes seconds. What is wrong with a question is `{"id", "problem": a sentence}`.
Everyone on the list races, so that turning one on or off needs no race.
"""

from __future__ import annotations

import base64
import json
import os
from typing import Any

import numpy as np
import pydantic

from workbench.descent import slices
from workbench.descent.surfaces import Slice
from workbench.engine.lab.race import Program, Shape
from workbench.engine.warm import Channel
from workbench.errors import EngineError, WorkbenchError
from workbench.spec.lab import Lab, Landscape

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
    """Programs by the shape of their races."""

    def __init__(self) -> None:
        self._programs: dict[Shape, Program] = {}

    def answer(self, request: dict[str, Any], preparing: Any) -> dict[str, Any]:
        """The reply to one question; `preparing` is called before a program is compiled. Raises EngineError or WorkspaceError."""
        lab = _lab(request)
        part = _measured(lab.landscape) if lab.landscape.kind == "slice" else None
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


def _measured(landscape: Landscape) -> Slice:
    """The slice that is raced on. It is read each time, which takes less than a millisecond: it may have been measured anew."""
    if not landscape.slice_file:
        raise EngineError("A slice needs a run whose loss was measured. Choose a run and measure it first.")
    return slices.read(landscape.slice_file).part


def _lab(request: dict[str, Any]) -> Lab:
    try:
        return Lab.model_validate_json(json.dumps(request.get("lab")))
    except pydantic.ValidationError as error:
        raise EngineError(f"The lab's settings are wrong: {error.errors()[0]['msg']}.") from error
