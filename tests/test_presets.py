"""Every shipped preset loads, has words for the first launch, and its network can be built."""

import importlib
import math

import pytest

from workbench.paths import Workspace, shipped_presets
from workbench.spec import presets

NAMES = sorted(path.stem for path in shipped_presets().glob("*.toml"))
#: Height, width, channels and classes of the shipped presets' pictures, by preset or by the kind of their data.
SHAPES = {
    "digits": (8, 8, 1, 10),
    "shapes": (32, 32, 3, 4),
    "mnist": (28, 28, 1, 10),
    "fashion_mnist": (28, 28, 1, 10),
    "cifar10": (32, 32, 3, 10),
    "folder": (64, 64, 3, 5),
    "own-folder-small": (32, 32, 3, 5),
    "shape_masks": (64, 64, 3, 4),
}


def load(name: str) -> presets.Preset:
    return presets.load(shipped_presets() / f"{name}.toml", shipped=True)


def test_the_promised_presets_are_there():
    assert {"digits-cnn", "digits-resnet", "shapes-cnn", "cifar10-resnet20", "own-folder", "own-folder-small"} <= set(
        NAMES
    )


def test_the_default_preset_is_the_small_cnn_on_digits(tmp_path):
    found, broken = presets.available(Workspace(tmp_path))
    assert not broken
    assert found[0].name == "digits-cnn"
    assert [preset.default for preset in found] == [True] + [False] * (len(found) - 1)
    recipe = found[0].recipe
    assert (recipe.data.kind, recipe.model.kind, recipe.training.backend) == ("digits", "cnn", "tensorflow")


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_preset_loads_and_says_what_it_is(name):
    preset = load(name)
    assert preset.shipped
    assert 0 < len(preset.title) <= 40
    assert preset.about.endswith(".")
    assert preset.name == name


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_preset_survives_being_written_and_read(name):
    preset = load(name)
    again = presets.loads(presets.dump(preset.recipe, preset.title, preset.about), name)
    assert (again.recipe, again.title, again.about) == (preset.recipe, preset.title, preset.about)


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_presets_network_can_be_planned(name):
    planning = importlib.import_module("workbench.network.plan")
    recipe = load(name).recipe
    height, width, channels, classes = SHAPES.get(name) or SHAPES[recipe.data.kind]
    assert (recipe.data.image_size, recipe.data.image_size) == (height, width)
    plan = planning.plan(recipe, (height, width, channels), classes)
    answers = (classes,) if recipe.data.TASK == "classes" else (height, width, classes)
    assert tuple(plan.layers[-1].shape) == answers
    assert 0 < plan.trainable_parameters <= plan.parameters


def test_the_cifar_preset_decays_as_the_paper_does():
    recipe = load("cifar10-resnet20").recipe
    # The paper's 0.0001 goes through momentum, which gathers 1 / (1 - momentum) of it; ours stands apart.
    gathered = 1e-4 / (1 - recipe.optimizer.momentum)
    assert math.isclose(recipe.tricks.weight_decay.rate, gathered, rel_tol=1e-9)
    assert recipe.tricks.augmentation.on
    assert recipe.tricks.augmentation.shift == 4


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("mnist-lenet5", "CNN, 2 stages · 76.5 k parameters"),
        ("cifar10-alexnet", "CNN, 3 stages · 6.28 M parameters"),
        ("cifar10-vgg", "CNN, 4 stages · 5.75 M parameters"),
        ("cifar10-resnet20", "ResNet-20 · 271 k parameters"),
        ("cifar10-resnet56", "ResNet-56 · 857 k parameters"),
        ("cifar10-wrn-16-4", "WRN-16-4 · 2.75 M parameters"),
        ("cifar10-densenet-40-12", "DenseNet-40-12 · 1.04 M parameters"),
        ("cifar10-densenet-bc-100-12", "DenseNet-BC-100-12 · 793 k parameters"),
    ],
)
def test_a_preset_named_after_a_network_is_that_network(name, line):
    planning = importlib.import_module("workbench.network.plan")
    recipe = load(name).recipe
    height, width, channels, classes = SHAPES[recipe.data.kind]
    assert planning.summary(recipe, planning.plan(recipe, (height, width, channels), classes)) == line


def test_lenet_has_the_paper_s_six_and_sixteen_maps():
    planning = importlib.import_module("workbench.network.plan")
    layers = {each.name: each for each in planning.plan(load("mnist-lenet5").recipe, (28, 28, 1), 10).layers}
    assert [layers[f"stage{stage}_conv1"].shape[-1] for stage in (1, 2)] == [6, 16]


def test_own_folder_leaves_the_choice_of_folder_open():
    assert load("own-folder").recipe.data.path == ""
