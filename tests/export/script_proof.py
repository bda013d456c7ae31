"""Trains a recipe by the engine and by its script, each in a process of its own, and lays what they say side by side.

As a program, `python -m tests.export.script_proof script PATH WEIGHTS` runs a script and saves the weights it ends with; Keras'
check of the sum of a data set's file is left out there, since a stand-in has another. `… engine ARGUMENTS` runs the engine.

Both do so with or without TensorFlow's rewriting of graphs, which takes chains of sums and products apart and puts them together
in another order. What it finds can differ between a loop of steps (the engine's graph) and a single one (fit's).
"""

from __future__ import annotations

import os
import re
import runpy
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.export.script_stand_ins import prepared
from workbench.events import EpochEnded
from workbench.export.script.writing import Script, write
from workbench.journal import Journal
from workbench.paths import Workspace
from workbench.spec.recipe import Recipe
from workbench.spec.training import Training

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Told:
    """What a training printed or recorded."""

    losses: list[float]
    val_losses: list[float]
    #: of training pictures that were judged as those for validation are; empty when none were
    remeasured: list[float]
    #: the weights it kept, by our names
    weights: dict[str, np.ndarray]
    output: str = ""


#: Set for processes that leave TensorFlow's rewriting of graphs off.
PLAIN = "SCRIPT_PROOF_PLAIN"


def by_engine(
    recipe: Recipe, workspace: Workspace, home: Path, *, plain: bool = False
) -> tuple[Told, tuple[int, int, int], int]:
    """What the engine says of a recipe; the shape that the network sees, and the number of classes."""
    from workbench.engine import checkpoint
    from workbench.events import DataReady

    with Journal(workspace) as journal:
        run = journal.create_run(recipe)
        command = [
            sys.executable,
            "-m",
            "tests.export.script_proof",
            "engine",
            "--home",
            str(workspace.home),
            "--run",
            run.id,
        ]
        subprocess.run(
            command, env=_environment(home, plain=plain), cwd=ROOT, check=False, capture_output=True, timeout=1800
        )
        said = [each.event for each in journal.events(run.id)]
        ended = [event for event in said if isinstance(event, EpochEnded)]
        failed = journal.run(run.id).reason
        assert len(ended) == recipe.training.epochs, failed
        (data,) = (event for event in said if isinstance(event, DataReady))
        folder = workspace.run_folder(run.id) / "checkpoints"
        weights = checkpoint.load(folder, "best" if recipe.keeps_best else "last")
    losses, val_losses, again = (
        [event.metrics[name] for event in ended if name in event.metrics]
        for name in ("loss", "val_loss", "remeasured_loss")
    )
    side = recipe.data.crop or data.shape[0]
    return Told(losses, val_losses, again, dict(weights)), (side, side, data.shape[2]), len(data.classes)


def by_script(
    recipe: Recipe, shape: tuple[int, int, int], classes: int, folder: Path, home: Path, *, plain: bool = False
) -> Told:
    """What the script of a recipe prints, and the weights that it ends with."""
    return by_file(write(recipe, "A script", shape, classes), folder, home, plain=plain)


def by_file(script: Script, folder: Path, home: Path, *, plain: bool = False) -> Told:
    """The same of a script that is there."""
    path, weights = folder / "script.py", folder / "weights.npz"
    path.write_text(script.text(), "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "tests.export.script_proof", "script", str(path), str(weights)],
        env=_environment(home, plain=plain), cwd=ROOT, check=False, capture_output=True, text=True, timeout=1800,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    told = {name: [] for name in ("loss", "val_loss", "remeasured_loss")}
    for line in done.stdout.splitlines():
        if re.match(r"epoch \d+ ", line):
            for name, values in told.items():
                values += [float(found) for found in re.findall(rf"\b{name} (\S+)", line)]
    with np.load(weights) as file:
        return Told(told["loss"], told["val_loss"], told["remeasured_loss"], dict(file), output=done.stdout)


def both(recipe: Recipe, workspace: Workspace, folder: Path, *, plain: bool = False) -> tuple[Told, Told]:
    """What the engine and the script say of a recipe."""
    home = folder / "keras"
    recipe = prepared(recipe, home)
    engine, shape, classes = by_engine(recipe, workspace, home, plain=plain)
    return engine, by_script(recipe, shape, classes, folder, home, plain=plain)


def difference(one: Told, other: Told) -> float:
    """The largest difference between two weights; 0 when all are the same bit for bit."""
    assert one.weights.keys() == other.weights.keys()
    return max(float(np.abs(one.weights[name] - other.weights[name]).max()) for name in one.weights)


def _environment(home: Path, *, plain: bool = False) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != "KERAS_BACKEND"}
    return {
        **kept,
        PLAIN: "1" if plain else "",
        "KERAS_HOME": str(home),
        "MPLBACKEND": "Agg",
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }


def _cifar() -> tuple[tuple[np.ndarray, np.ndarray], ...]:
    """As Keras reads its file, which must have 60,000 pictures there."""
    import keras
    from keras.src.datasets.cifar import load_batch

    path = Path(keras.utils.get_file("cifar-10-batches-py-target", "none", extract=True, file_hash="none"))
    batches = [load_batch(path / "cifar-10-batches-py" / f"data_batch_{number}") for number in range(1, 6)]
    test = load_batch(path / "cifar-10-batches-py" / "test_batch")
    training = tuple(np.concatenate(parts) for parts in zip(*batches, strict=True))
    return tuple((pictures.transpose(0, 2, 3, 1), np.reshape(labels, (-1, 1))) for pictures, labels in (training, test))


def stand_in() -> None:
    """Make Keras take the stand-ins for its files: whatever their check sum, and however few pictures."""
    import keras
    from keras.src.utils import file_utils

    file_utils.validate_file = lambda *_, **__: True
    keras.datasets.cifar10.load_data = _cifar


def _script(script: str, weights: str) -> None:
    os.chdir(Path(weights).parent)
    stand_in()
    made = runpy.run_path(script, run_name="__main__")
    np.savez(weights, **{each.path: np.asarray(each) for each in made["model"].weights})


def _leave_graphs() -> None:
    if os.environ[PLAIN]:
        import tensorflow as tf

        tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})


def _main(what: str, *arguments: str) -> None:
    if what == "script":
        _leave_graphs()
        _script(*arguments)
        return
    os.environ["KERAS_BACKEND"] = "tensorflow"
    from workbench.engine.backends import tensorflow as backend

    start = backend.start

    def started(training: Training, threads: int) -> None:
        start(training, threads)
        _leave_graphs()

    backend.start = started
    sys.argv = ["workbench.engine", *arguments]
    runpy.run_module("workbench.engine", run_name="__main__")


if __name__ == "__main__":
    _main(*sys.argv[1:])
