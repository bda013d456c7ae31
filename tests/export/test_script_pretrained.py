"""A script that starts from trained weights takes, freezes and thaws the layers that the engine does: weights the same bit for bit."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from tests.engine.test_imagenet import names_of_theirs
from tests.export.script_proof import both, by_engine, by_file, difference
from workbench.engine.imagenet import PRETRAINED
from workbench.errors import ExportError
from workbench.export.script import files, notebook
from workbench.export.script.writing import write
from workbench.journal import Journal
from workbench.network.plan import plan
from workbench.network.weights import arrays
from workbench.paths import Workspace
from workbench.spec.recipe import Recipe, parse

pytestmark = [pytest.mark.keras, pytest.mark.timeout(1800)]

SMALL: dict[str, Any] = {
    "data": {"kind": "digits", "limit": 200}, "model": {"kind": "cnn", "width": 4, "dense": 8, "normalization": "batch"},
    "optimizer": {"method": "sgd", "learning_rate": 0.05, "momentum": 0.9}, "tricks": {"weight_decay": {}},
    "training": {"epochs": 1, "remeasure": 0, "keep": "last"},
}  # fmt: skip
OTHER_SEED = {"epochs": 3, "seed": 2, "remeasure": 0, "keep": "last"}


def begun(**initializer: Any) -> Recipe:
    return parse({**SMALL, "training": OTHER_SEED, "initializer": initializer})


def compared(workspace: Workspace, folder: Path, recipe: Recipe) -> float:
    """How far the weights of a second run by the engine and by its script are apart; both begin with those of a first."""
    home = folder / "keras"
    by_engine(parse(SMALL), workspace, home)
    engine, _, _ = by_engine(recipe, workspace, home)
    with Journal(workspace) as journal:
        second = journal.runs()[0]
        script = by_file(files.of_run(second, journal), folder, home)
    assert script.losses == pytest.approx(engine.losses, rel=2e-6)
    assert script.val_losses == pytest.approx(engine.val_losses, rel=2e-6)
    return difference(engine, script)


def test_first_layers_of_an_earlier_run_are_taken_frozen_and_thawed_as_in_the_engine(
    workspace: Workspace, tmp_path: Path
) -> None:
    recipe = begun(start="run", run="1", layers=2, freeze="for_epochs", freeze_epochs=1)
    assert compared(workspace, tmp_path, recipe) == 0


@pytest.mark.proof
@pytest.mark.parametrize("freeze", ["no", "for_good"])
def test_an_earlier_run_s_weights_are_taken_as_in_the_engine(
    workspace: Workspace, tmp_path: Path, freeze: str, record_property: Callable[[str, object], None]
) -> None:
    record_property("must", "weights the same bit for bit")
    layers = {} if freeze == "no" else {"layers": 1}
    assert compared(workspace, tmp_path, begun(start="run", run="1", freeze=freeze, **layers)) == 0
    record_property("measured", "the same")


#: The network of ours and the maker in keras.applications.
IMAGENET = {"resnet50": ("resnet_imagenet", "ResNet50"), "densenet121": ("densenet_imagenet", "DenseNet121")}


@pytest.mark.proof
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras, as it writes the stand-in
@pytest.mark.parametrize("variant", IMAGENET)
def test_the_weights_of_imagenet_are_taken_as_in_the_engine(
    workspace: Workspace, tmp_path: Path, variant: str, record_property: Callable[[str, object], None]
) -> None:
    import h5py
    import keras
    from keras.src.legacy.saving.legacy_h5_format import save_weights_to_hdf5_group

    record_property(
        "must", "loss of an epoch as the engine's, weights the same bit for bit, from a stand-in of the file"
    )
    kind, maker = IMAGENET[variant]
    models = tmp_path / "keras" / "models"
    models.mkdir(parents=True)
    with h5py.File(models / PRETRAINED[variant].remote.name, "w") as file:
        save_weights_to_hdf5_group(file, getattr(keras.applications, maker)(weights=None))
    recipe = parse(
        {
            "data": {"kind": "shapes", "image_size": 32, "count": 60}, "model": {"kind": kind, "variant": variant},
            "initializer": {"start": "imagenet", "freeze": "for_good", "layers": 5},
            "training": {"epochs": 1, "keep": "last", "remeasure": 0},
        }
    )  # fmt: skip
    engine, script = both(recipe, workspace, tmp_path)
    assert script.losses == pytest.approx(engine.losses, rel=2e-6)
    record_property("measured", f"weights {difference(engine, script):.1e} apart")
    assert difference(engine, script) == 0


@pytest.mark.parametrize("variant", PRETRAINED)
def test_names_and_numbers_of_imagenet_are_the_engine_s(variant: str) -> None:
    kind = "resnet_imagenet" if variant.startswith("resnet") else "densenet_imagenet"
    recipe = parse({"model": {"kind": kind, "variant": variant}, "initializer": {"start": "imagenet"}})
    made = write(recipe, "x", (32, 32, 3), 10)
    (section,) = (each for each in made.sections if each.title == "Initialization")
    code = next(cell.code for cell in section.cells if "def our_name" in cell.code)
    names: dict[str, Any] = {"re": re, "np": np}
    exec(code, names)
    known = PRETRAINED[variant]
    for theirs in names_of_theirs(variant) - {"predictions"}:
        assert names["our_name"](theirs) == known.ours(theirs)
    code = next(cell.code for cell in section.cells if "their_mean" in cell.code)
    exec(next(line for line in code.split("\n") if line.startswith("their_mean")), names)
    assert names["their_mean"].tolist() == list(known.preparation.mean)
    assert names["their_spread"].tolist() == list(known.preparation.spread)
    assert ("[:, :, ::-1]" in code) == known.preparation.blue_first


def test_a_run_of_the_same_name_that_came_later_is_not_the_earlier_one(workspace: Workspace) -> None:
    with Journal(workspace) as journal:
        run = journal.create_run(begun(start="run", run="twin"), name="twin")
        later = journal.create_run(parse(SMALL), name="twin")
        folder = workspace.run_folder(later.id) / "checkpoints" / "000001-000000005"
        folder.mkdir(parents=True)
        (folder / "manifest.json").write_text('{"epoch": 1, "file": "000001-000000005/weights.safetensors"}', "utf-8")
        with pytest.raises(ExportError, match=r"initializer\.run is twin, whose weights are not there any more"):
            files.of_run(run, journal)


def test_a_file_of_weights_is_named_at_the_top_and_read_by_safetensors_only() -> None:
    made = write(begun(start="file", file="/home/me/début.safetensors"), "x", (8, 8, 1), 10)
    names: dict[str, object] = {}
    exec(made.constants, names)
    assert names["WEIGHTS"] == "/home/me/début.safetensors"
    assert "safetensors" in made.packages
    modules = {node.module for node in ast.walk(ast.parse(made.text())) if isinstance(node, ast.ImportFrom)}
    assert "safetensors.numpy" in modules
    assert "(WEIGHTS,) = files.upload()" in notebook.text(made)


@pytest.mark.parametrize("ending", ["keras", "h5", "weights.h5"])
def test_a_file_that_only_the_engine_reads_is_refused_with_a_way_out(ending: str) -> None:
    sentence = rf"initializer\.file is theirs\.{ending}, and a script reads \.safetensors files only\. Export .* --as safetensors"
    with pytest.raises(ExportError, match=sentence):
        write(begun(start="file", file=f"/home/me/theirs.{ending}"), "x", (8, 8, 1), 10)


def own_weights(recipe: Recipe) -> dict[str, Any]:
    named = arrays(plan(recipe, (8, 8, 1), 10))
    return {
        f"{layer.name}/{leaf}": np.ones(shape, np.float32) for layer, shapes in named for leaf, shape in shapes.items()
    }


def test_a_file_with_our_names_is_taken_and_one_that_is_matched_by_shape_is_refused(tmp_path: Path) -> None:
    recipe = begun(start="file", file=str(tmp_path / "a.safetensors"))
    weights = own_weights(recipe)
    save_file({**weights, "another/kernel": np.ones((7, 7), np.float32)}, tmp_path / "a.safetensors")
    assert "load_file" in write(recipe, "x", (8, 8, 1), 10).text()

    save_file({f"theirs_{name}": array for name, array in weights.items()}, tmp_path / "a.safetensors")
    with pytest.raises(ExportError, match=r"a\.safetensors, whose layers are called otherwise than this network's"):
        write(recipe, "x", (8, 8, 1), 10)

    numbered = {name.replace("/kernel", "/0").replace("/bias", "/1"): array for name, array in weights.items()}
    save_file(numbered, tmp_path / "a.safetensors")
    with pytest.raises(ExportError, match="are called otherwise"):
        write(recipe, "x", (8, 8, 1), 10)


def test_a_damaged_file_of_weights_is_refused_with_what_is_wrong_with_it(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    path.write_bytes(b"\xff" * 100)
    with pytest.raises(ExportError, match=r"is a\.safetensors, which a script cannot start from\. \w+"):
        write(begun(start="file", file=str(path)), "x", (8, 8, 1), 10)


def test_layers_that_thaw_and_gradient_noise_are_refused_together() -> None:
    recipe = parse(
        {
            **begun(start="file", file="a.safetensors", freeze="for_epochs").model_dump(),
            "tricks": {"gradient_noise": {}},
        }
    )
    with pytest.raises(ExportError, match=r"initializer\.freeze lets layers learn later, and gradient noise is on"):
        write(recipe, "x", (8, 8, 1), 10)
