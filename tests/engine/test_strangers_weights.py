"""Starting from the weights of a stranger's network: read by rules of ours, matched by shape, and the same network in the end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from tests.engine.training import recipe, train
from tests.strangers.keras_files import CONV, hdf5, layer, network
from tests.strangers.keras_files import keras as keras_file
from tests.strangers.specimens import ALL, SECRET, Specimen, Trap
from workbench.engine import backends
from workbench.engine.build import build_model
from workbench.engine.pretrained import from_file, take
from workbench.errors import RecipeError
from workbench.events import Failed, Warned
from workbench.network.plan import Plan
from workbench.network.plan import plan as plan_network
from workbench.paths import Workspace
from workbench.spec.recipe import Recipe
from workbench.spec.training import Training
from workbench.strangers import asking

pytestmark = pytest.mark.keras

SMALL: dict[str, Any] = {"model__width": 4, "model__dense": 8, "model__normalization": "batch"}
FORMS = {".keras": "save", ".h5": "save", ".weights.h5": "save_weights"}


def ours(wanted: Recipe) -> tuple[Any, Plan]:
    plan = plan_network(wanted, (8, 8, 1), 10)
    return build_model(plan, wanted), plan


@pytest.fixture(scope="module")
def theirs() -> Any:
    backends.prepare(Training())  # before its first tensor, as for every test here
    return another(1e-5)


def another(epsilon: float) -> Any:
    """A plain network of the small one's shapes, with names of its own, trained a little so that no norm is at its start."""
    layers = keras.layers
    picture = keras.Input((8, 8, 1))
    x = picture
    for filters in (4, 8):
        x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
        x = layers.BatchNormalization(epsilon=epsilon, name=f"bn_of_{filters}")(x)
        x = layers.MaxPooling2D()(layers.ReLU()(x))
    x = layers.Dense(8, use_bias=False, name="wide")(layers.Flatten()(x))
    x = layers.ReLU()(layers.BatchNormalization(epsilon=epsilon)(x))
    model = keras.Model(picture, layers.Dense(10, name="out")(x))
    model.compile("adam", "mse")
    chance = np.random.default_rng(0)
    model.fit(chance.normal(size=(64, 8, 8, 1)), chance.normal(size=(64, 10)), epochs=2, verbose=0)
    return model


@pytest.mark.parametrize("ending", FORMS)
@pytest.mark.filterwarnings("ignore")  # Keras warns of its old form
def test_a_network_of_the_same_shapes_gives_the_same_answers_after_it(tmp_path: Path, theirs: Any, ending: str) -> None:
    path = tmp_path / f"theirs{ending}"
    getattr(theirs, FORMS[ending])(path)
    model, plan = ours(recipe(**SMALL))
    pictures = np.random.default_rng(1).normal(size=(32, 8, 8, 1)).astype(np.float32)
    before = np.abs(model.predict_on_batch(pictures) - theirs.predict_on_batch(pictures)).max()
    report = take(model, plan, from_file(path, plan))
    assert not report.left
    assert not report.unused
    assert len(report.renamed) == len(report.taken) == 7
    assert "they are called otherwise there: 7" in report.sentence()
    assert "taken: logits (there out)" in report.lines()
    after = np.abs(model.predict_on_batch(pictures) - theirs.predict_on_batch(pictures)).max()
    assert after <= 1e-6 < before


@pytest.mark.parametrize("ending", [".keras", ".h5"])
@pytest.mark.filterwarnings("ignore")  # Keras warns of its old form
def test_a_norm_with_another_epsilon_gives_the_same_answers_too(tmp_path: Path, ending: str) -> None:
    model_there = another(1e-3)
    model_there.save(tmp_path / f"theirs{ending}")
    model, plan = ours(recipe(**SMALL))
    take(model, plan, from_file(tmp_path / f"theirs{ending}", plan))
    pictures = np.random.default_rng(1).normal(size=(32, 8, 8, 1)).astype(np.float32)
    assert np.abs(model.predict_on_batch(pictures) - model_there.predict_on_batch(pictures)).max() <= 1e-6


def test_layers_of_other_shapes_are_left_and_the_rest_is_taken(tmp_path: Path, theirs: Any) -> None:
    theirs.save(tmp_path / "theirs.keras")
    model, plan = ours(recipe(**SMALL | {"model__dense": 16}))
    report = take(model, plan, from_file(tmp_path / "theirs.keras", plan))
    assert report.taken == ("stage1_conv1", "stage1_conv1_norm", "stage2_conv1", "stage2_conv1_norm")
    assert [left.layer for left in report.left] == ["head_dense", "head_dense_norm", "logits"]
    assert set(report.unused) >= {"wide/0", "out/0", "out/1"}


def test_names_that_equal_ours_win_over_the_order(tmp_path: Path) -> None:
    def fill(file: Any) -> None:
        for place, name in enumerate(("stage2_conv1", "stage1_conv2", "stage1_conv1")):
            variables = file.create_group(f"layers/conv2d_{place}/vars")
            variables.attrs["name"] = name
            variables["0"] = np.full((3, 3, 4, 4) if name != "stage1_conv1" else (3, 3, 1, 4), place + 1.0, np.float32)

    (tmp_path / "a.h5").write_bytes(hdf5(fill))
    wanted = recipe(**SMALL | {"model__depth": 2, "model__widening": 1.0})
    model, plan = ours(wanted)
    report = take(model, plan, from_file(tmp_path / "a.h5", plan))
    assert report.taken == ("stage1_conv1", "stage1_conv2", "stage2_conv1")
    assert not report.renamed
    assert float(model.get_layer("stage2_conv1").weights[0].numpy().max()) == 1


def test_a_run_starts_from_a_strangers_model_that_holds_code_and_says_what_it_took(
    workspace: Workspace, tmp_path: Path
) -> None:
    path = keras_file(tmp_path / "a.keras", network(layer("Lambda", function="os.system")), hdf5(_first))
    start = {"initializer__file": str(path), "initializer__start": "file"}
    trained = train(workspace, recipe(**SMALL, training__epochs=1, data__limit=100, **start))
    (said,) = [event.message for event in trained.events(Warned)]
    assert said.startswith("Started from a.keras: 1 of 7 layers with weights were taken.")


def _first(file: Any) -> None:
    variables = file.create_group("layers/conv2d/vars")
    variables.attrs["name"] = CONV["config"]["name"]
    variables["0"] = np.ones((3, 3, 1, 4), np.float32)


def test_a_hostile_file_is_a_card_that_names_the_setting(workspace: Workspace, tmp_path: Path) -> None:
    trap = Trap(tmp_path / "trap")
    trap.set()
    made = next(each for each in ALL if each.name == "external storage.keras").make(tmp_path / "a.keras", trap)
    start = {"initializer__file": str(made), "initializer__start": "file"}
    (failed,) = train(workspace, recipe(**SMALL, **start)).events(Failed)
    assert any("initializer.file" in line and "lies in another file" in line for line in failed.card.evidence)


@pytest.mark.parametrize(
    "each",
    [each for each in ALL if each.name.endswith((".keras", ".h5", ".safetensors"))][::3],
    ids=lambda each: ascii(each.name),
)
def test_no_hostile_file_gives_weights_of_anything_but_itself(tmp_path: Path, each: Specimen) -> None:
    trap = Trap(tmp_path / "trap")
    trap.set()
    path = each.make(tmp_path / each.name, trap)
    _, plan = ours(recipe(**SMALL))
    content, sentence = b"", each.words
    try:
        content = b"".join(array.tobytes() for array in from_file(path, plan).arrays.values())
    except RecipeError as error:
        sentence = str(error)
    assert each.words in sentence
    assert SECRET.encode() not in content
    assert not trap.marker.exists()


def test_what_the_plan_says_of_arrays_is_what_a_stranger_is_matched_by(tmp_path: Path, theirs: Any) -> None:
    theirs.save(tmp_path / "theirs.keras")
    told = asking.look(tmp_path / "theirs.keras", seconds=60)
    assert [each.kind for each in told.layers] == ["conv2d", "batch_normalization"] * 2 + [
        "dense",
        "batch_normalization",
        "dense",
    ]
