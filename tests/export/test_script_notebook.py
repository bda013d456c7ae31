"""Notebooks run from top to bottom without a network, and train as the engine does."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.export.script_stand_ins import CLASSES, prepared
from workbench import data
from workbench.export.script import notebook
from workbench.export.script.writing import write
from workbench.paths import shipped_presets
from workbench.spec import presets
from workbench.spec.recipe import changed

pytestmark = [pytest.mark.keras, pytest.mark.timeout(1800)]

#: About 25 seconds each on two cores.
QUICK = ("digits-cnn", "own-folder-small")
EVERY = tuple(sorted(path.stem for path in shipped_presets().glob("*.toml")))

#: Runs a notebook in a kernel of its own; what its code printed goes to standard output. Keras' check of a data set's file,
#: and of its 60,000 pictures, is put aside in the kernel first, as in script_proof.
RUN = """
import sys
import nbformat
from nbclient import NotebookClient

notebook = nbformat.read(sys.argv[1], as_version=4)
nbformat.validate(notebook)
notebook.cells.insert(1, nbformat.v4.new_code_cell(sys.argv[2]))
NotebookClient(notebook, timeout=1500, kernel_name="python3").execute()
for cell in notebook.cells:
    for output in cell.get("outputs", ()):
        print(output.get("text", ""), "<picture>" if "image/png" in output.get("data", {}) else "")
"""
STAND_IN = """
import os, sys
os.environ["KERAS_BACKEND"] = "tensorflow"
sys.path.insert(0, {root!r})
from tests.export.script_proof import stand_in
stand_in()
"""
ROOT = Path(__file__).parents[2]


def run(name: str, folder: Path) -> str:
    pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    home = folder / "keras"
    recipe = prepared(changed(presets.load(shipped_presets() / f"{name}.toml").recipe, "training.epochs", 2), home)
    described = data.describe(recipe.data)
    assert described
    assert recipe.data.kind != "folder" or described[3] == CLASSES
    path = folder / "run.ipynb"
    path.write_text(notebook.text(write(recipe, name, described[:3], described[3])), "utf-8")
    environment = {
        **os.environ,
        "KERAS_HOME": str(home),
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "IPYTHONDIR": str(folder / "ipython"),
    }
    environment.pop("MPLBACKEND", None)
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(path), STAND_IN.format(root=str(ROOT))],
        cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=1700,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-1000:] + done.stderr[-4000:]
    return done.stdout


@pytest.mark.parametrize("name", QUICK)
def test_a_quick_presets_notebook_runs_from_top_to_bottom(tmp_path: Path, name: str) -> None:
    output = run(name, tmp_path)
    assert "epoch 2  " in output
    assert "test: " in output
    assert "<picture>" in output


@pytest.mark.proof
@pytest.mark.parametrize("name", EVERY)
def test_a_presets_notebook_runs_from_top_to_bottom(
    tmp_path: Path, name: str, record_property: Callable[[str, object], None]
) -> None:
    record_property("must", "every cell runs, two epochs are printed, the curves are drawn")
    output = run(name, tmp_path)
    assert "epoch 2  " in output
    assert "<picture>" in output
    record_property("measured", "as it must")
