"""The lab's engine goes down a run's loss by its file."""

from __future__ import annotations

import base64
from pathlib import Path

import numpy as np
import pytest

from workbench.descent import slices
from workbench.descent.slices import About, Measured
from workbench.descent.surfaces import Slice
from workbench.errors import EngineError, WorkspaceError
from workbench.spec.lab import SLICE_POINTS, GradientDescent, Lab, Landscape, Racer

pytestmark = pytest.mark.keras


def test_the_engine_goes_down_a_slice_by_its_file_and_says_when_that_is_gone(tmp_path: Path) -> None:
    from workbench.engine.lab.serve import Races

    side = np.linspace(-1.0, 1.0, SLICE_POINTS)
    x, y = np.meshgrid(side, side)
    file = tmp_path / "slice.npz"
    landscape = Landscape(kind="slice", slice_file=str(file), start_x=0.5, start_y=0.5, steps=10)
    lab = Lab(landscape=landscape, racers={"gradient_descent": Racer(rule=GradientDescent(learning_rate=0.1))})
    request = {"id": 1, "lab": lab.model_dump()}
    races = Races()
    found = []
    for steep in (1.0, 2.0):
        about = About("r", 1, 1, "", "random", 1, 9, 0.0)
        slices.write(file, Measured(Slice(steep * (x * x + y * y), 1.0), about))
        places = np.frombuffer(base64.b64decode(races.answer(request, lambda: None)["places"]), "<f8")
        found.append(places.reshape(11, 2)[-1])
    assert found[0][0] == pytest.approx(0.5 * 0.8**10, rel=1e-6)
    assert found[1][0] == pytest.approx(0.5 * 0.6**10, rel=1e-6), "it was measured anew"
    file.unlink()
    with pytest.raises(WorkspaceError, match=r"slice\.npz is gone"):
        races.answer(request, lambda: None)
    bare = lab.model_copy(update={"landscape": landscape.model_copy(update={"slice_file": ""})})
    with pytest.raises(EngineError, match="needs a run whose loss was measured"):
        races.answer({"id": 2, "lab": bare.model_dump()}, lambda: None)
