"""Weights of a training before in place of drawn ones: an earlier run's, a file's, or ImageNet's; and how long they stay.

A layer is taken whole or not at all, as in the engine. What a script asks for is at its top: the path of a .safetensors file.
Its layers are found by their names; a file whose layers the engine would match by shape is refused.
"""

from __future__ import annotations

from pathlib import Path

from workbench.export.script.draft import Draft, refuse
from workbench.network.layers import NORMS
from workbench.plain import plain
from workbench.spec.recipe import Recipe
from workbench.strangers import asking, matching
from workbench.strangers.found import Use

_FITS = '''
def fits(array, weight):
    """Whether an array can be a weight of this network."""
    return array is not None and array.shape == weight.shape and array.dtype.kind == "f" and np.isfinite(array).all()
'''
_TAKE = """
trained = []  # the layers that start from them
for layer in model.layers:
    found = [arrays.get(weight.path) for weight in layer.weights]
    if found and {among}all(map(fits, found, layer.weights)):
        layer.set_weights(found)
        trained.append(layer)
assert trained, "None of these weights fits a layer."
print(f"{{len(trained)}} of {{sum(bool(layer.weights) for layer in model.layers)}} layers start from trained weights")
"""
_FREEZE = """
for layer in trained:
    layer.trainable = False
assert model.trainable_variables, "Every layer would be frozen: nothing would be left to learn."
"""
_IMAGENET = """
theirs = keras.applications.{maker}(weights="imagenet")  # fetched once, and found again the next time
arrays = {{
    f"{{our_name(layer.name)}}/{{weight.name}}": keras.ops.convert_to_numpy(weight)
    for layer in theirs.layers for weight in layer.weights
}}
"""
_REFITTED = """
# They were trained on pictures that were scaled otherwise{order}: the first convolution and its norm take that up.
their_mean, their_spread = {mean}, {spread}
kernel = arrays["stem_conv/kernel"].astype(np.float64){reversed}
added = np.einsum("hwco,c->o", kernel, (mean.astype(np.float64) - their_mean) / their_spread)
arrays["stem_conv/kernel"] = (kernel * (spread.astype(np.float64) / their_spread)[:, None]).astype(np.float32)
arrays["stem_conv_norm/moving_mean"] = (arrays["stem_conv_norm/moving_mean"] - added).astype(np.float32)
"""
_RESNET = '''
def our_name(theirs):
    """What a layer of keras.applications is called here: conv2_block1_0_bn (0 is the shortcut), conv2_block1_3_conv."""
    found = re.fullmatch(r"conv(\\d)_block(\\d+)_(\\d)_(conv|bn)", theirs)
    if found is None:
        return {"conv1_conv": "stem_conv", "conv1_bn": "stem_conv_norm", "predictions": "logits"}.get(theirs, theirs)
    stage, block, place, what = found.groups()
    step = "shortcut" if place == "0" else f"conv{place}"
    return f"stage{int(stage) - 1}_block{block}_{step}" + ("_norm" if what == "bn" else "")
'''
_DENSENET = '''
def our_name(theirs):
    """What a layer of keras.applications is called here; a norm stands before its convolution and bears its name."""
    names = {"conv1_conv": "stem_conv", "conv1_bn": "stem_conv_norm", "bn": "head_norm", "predictions": "logits"}
    between = re.fullmatch(r"pool(\\d)_(conv|bn)", theirs)
    if between:
        return f"transition{int(between[1]) - 1}_conv" + ("_norm" if between[2] == "bn" else "")
    found = re.fullmatch(r"conv(\\d)_block(\\d+)_(\\d)_(conv|bn)", theirs)
    if found is None:
        return names.get(theirs, theirs)
    stage, layer, place, what = found.groups()
    second = int(place) + (what == "bn") > 1
    return f"stage{int(stage) - 1}_layer{layer}_{'conv' if second else 'wide'}" + ("_norm" if what == "bn" else "")
'''
#: How keras.applications prepared the pictures: means and spreads of red, green and blue, and whether blue comes first.
_PREPARED = {
    "resnet": ("np.array([123.68, 116.779, 103.939])", "np.ones(3)", True),
    "densenet": ("255 * np.array([0.485, 0.456, 0.406])", "255 * np.array([0.229, 0.224, 0.225])", False),
}

_WAY_OUT = (
    "Export a run's own weights of this network (workbench export RUN --as safetensors) and start from that file."
)


def write(draft: Draft, weights: Path | None) -> None:
    """Append the taking of trained weights. `weights`: the file of the earlier run's. Raises ExportError when it is not known."""
    start = draft.recipe.initializer
    if start.start == "nothing":
        return
    if thaws(draft.recipe) and draft.recipe.tricks.gradient_noise.on:
        raise refuse(
            "initializer.freeze", "lets layers learn later, and gradient noise is on, whose streams begin anew then; a script cannot. "
            "Turn one of the two off.",
        )  # fmt: skip
    if start.start == "imagenet":
        _imagenet(draft)
    else:
        _file(draft, weights)
    among = ""
    if start.layers is not None:
        draft.fixed("FIRST_LAYERS", _first(draft, start.layers), "First layers. Only these are taken.", "initializer")
        among = "layer.name in FIRST_LAYERS and "
    text = "A layer takes its weights whole, where all of them are there in its shapes; the others keep the drawn ones."
    draft.cell(text, f"{_FITS}\n\n{_TAKE.format(among=among).strip()}")
    if start.freeze != "no":
        text = "Frozen layers stay as they are: no step changes them, and their norms use their moving averages."
        draft.cell(text, _FREEZE)


def thaw(draft: Draft, compiled: str, remade: list[str]) -> list[str]:
    """Lines at the beginning of an epoch that let frozen layers learn, when their time has come."""
    if not thaws(draft.recipe):
        return []
    draft.constant("initializer.freeze_epochs")
    return [
        "if epoch == FREEZE_EPOCHS + 1:", "    # From here on the frozen layers learn too; the optimizer starts afresh.",
        "    for layer in trained:", "        layer.trainable = True",
        *(f"    {line}" for line in ("optimizer = optimizer.from_config(optimizer.get_config())", *remade)), f"    {compiled}",
    ]  # fmt: skip


def thaws(recipe: Recipe) -> bool:
    """Whether layers that were frozen at first learn later."""
    return recipe.initializer.start != "nothing" and recipe.initializer.freeze == "for_epochs"


def _first(draft: Draft, count: int) -> tuple[str, ...]:
    """The names of the first so many layers, counted by their kernels; a norm goes with the kernel before it."""
    names, kernels = [], 0
    for layer in draft.plan.layers:
        kernels += bool(layer.parameters) and not isinstance(layer.kind, NORMS)
        if layer.parameters and kernels <= count:
            names.append(layer.name)
    return tuple(names)


def _file(draft: Draft, weights: Path | None) -> None:
    start = draft.recipe.initializer
    if start.start == "run" and weights is None:
        raise refuse(
            "initializer.run", f"is {start.run}, whose weights are not there any more; take a .safetensors file."
        )
    if start.start == "file":
        _check(draft, Path(start.file).expanduser())
    path = str(weights) if start.start == "run" else start.file
    told = "An earlier run's" if start.start == "run" else "A weights file's"
    draft.needs("from safetensors.numpy import load_file", "safetensors")
    draft.fixed("WEIGHTS", path, f"{told} weights, which the layers start from.", "initializer")
    text = "The file has its arrays by the names of layers, such as stem_conv/kernel: numbers and nothing else."
    draft.cell(text, "arrays = load_file(os.path.expanduser(WEIGHTS))")


def _check(draft: Draft, path: Path) -> None:
    """Raises ExportError for a file whose layers a script would not find, or not take as the engine does."""
    name = plain(path.name)
    if path.suffix.lower() != ".safetensors":
        raise refuse("initializer.file", f"is {name}, and a script reads .safetensors files only. {_WAY_OUT}")
    if not path.is_file():  # gone, or on another machine: the script will be run where it is
        return
    found = asking.look(path)
    if Use.WEIGHTS not in found.uses or found.what != "a safetensors file":
        raise refuse("initializer.file", f"is {name}, which a script cannot start from. {found.sentence}")
    if not matching.all_by_name(draft.plan, found.layers):
        what = f"is {name}, whose layers are called otherwise than this network's; a script finds layers by their names only."
        raise refuse("initializer.file", f"{what} {_WAY_OUT}")


def _imagenet(draft: Draft) -> None:
    variant = str(getattr(draft.recipe.model, "variant", ""))  # the recipe's check has seen to it
    family = "resnet" if variant.startswith("resnet") else "densenet"
    mean, spread, blue_first = _PREPARED[family]
    maker = variant.replace("resnet", "ResNet").replace("densenet", "DenseNet")
    draft.needs("import re")
    draft.cell("The weights of keras.applications have other names.", _RESNET if family == "resnet" else _DENSENET)
    code = _IMAGENET.format(maker=maker)
    if draft.plan.shape[2] == len("RGB"):
        order = ", blue before red" if blue_first else ""
        code += _REFITTED.format(mean=mean, spread=spread, order=order, reversed="[:, :, ::-1]" if blue_first else "")
    draft.cell("Weights that were trained on ImageNet, by the names of the layers here.", code)
