"""The fake engine's races: whatever a method is called, it goes down by heavy ball with its own learning rate and momentum.

So paths differ, depend on start and numbers, and come at once; the protocol is that of engine/lab/serve.py.
"""

from __future__ import annotations

import base64
import json
import os
import sys
from typing import Any

import numpy as np

from workbench.descent import slices
from workbench.descent.surfaces import Floats, Surface
from workbench.errors import WorkspaceError
from workbench.spec.lab import Lab


def tell() -> int:
    """Answer races until the window goes away; the exit code."""
    _say({"ready": True, "process": os.getpid()})
    prepared: set[tuple[str, ...]] = set()
    for line in sys.stdin:
        asked = json.loads(line)
        lab = Lab.model_validate_json(json.dumps(asked["lab"]))
        if tuple(lab.racers) not in prepared:
            prepared.add(tuple(lab.racers))
            _say({"id": asked["id"], "preparing": True})
        if not _say({"id": asked["id"], **raced(lab)}):
            break
    return 0


def raced(lab: Lab) -> dict[str, Any]:
    """The answer to a question, but for its number."""
    if lab.landscape.kind == "slice" and not lab.landscape.slice_file:
        return {"problem": "A slice needs a run whose loss was measured. Choose a run and measure it first."}
    try:
        part = slices.read(lab.landscape.slice_file).part if lab.landscape.kind == "slice" else None
    except WorkspaceError as error:
        return {"problem": str(error)}
    surface = Surface(lab.landscape, part)
    places = [_walk(surface, racer.rule.model_dump()) for racer in lab.racers.values()]
    content = np.array(places, "<f8").tobytes()
    return {"names": list(lab.racers), "steps": lab.landscape.steps, "places": base64.b64encode(content).decode()}


def _walk(surface: Surface, numbers: dict[str, Any]) -> Floats:
    landscape = surface.landscape
    place = before = np.array([landscape.start_x, landscape.start_y])
    walk = [place]
    with np.errstate(all="ignore"):
        for _ in range(landscape.steps):
            slope = np.array(surface.gradient(place[0], place[1]))
            moved = place - numbers["learning_rate"] * slope + numbers.get("momentum", 0.0) * (place - before)
            before, place = place, moved
            walk.append(place)
    return np.array(walk)


def _say(message: dict[str, Any]) -> bool:
    """Send a line; False when nobody listens any more."""
    try:
        sys.stdout.write(json.dumps(message) + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        return False
    return True
