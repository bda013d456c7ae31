"""The ImageNet weights of keras.applications, read without Keras' loaders and made to fit our networks.

The files are HDF5 in Keras' own legacy form: a group a layer, with its arrays in it. Only numbers are read. Our names stand
in a table of rules, one a network. The weights were trained on pictures prepared in another way than ours; the first
convolution takes that up, so that a picture gives the same result here and there (but for the outermost pixels,
which see zeros of a slightly other colour).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

from workbench.data.fetching import Remote, fetch
from workbench.data.pictures import DataSet, Progress
from workbench.errors import WorkspaceError
from workbench.paths import Workspace

Arrays = dict[str, npt.NDArray[Any]]
Doubles = npt.NDArray[np.float64]

_BASE = "https://storage.googleapis.com/tensorflow/keras-applications/"
#: What different versions of Keras call the output layer.
_HEADS = frozenset({"predictions", "probs", "fc1000"})


@dataclass(frozen=True)
class Preparation:
    """How pictures were prepared: (p − mean) / spread for each colour on the scale 0 to 255, and in which order."""

    #: red, green, blue
    mean: tuple[float, float, float]
    spread: tuple[float, float, float]
    blue_first: bool


#: Caffe's way, which the first ResNets came from: the mean is taken off, the scale stays, blue comes first.
CAFFE = Preparation((123.68, 116.779, 103.939), (1.0, 1.0, 1.0), blue_first=True)
TORCH = Preparation((0.485 * 255, 0.456 * 255, 0.406 * 255), (0.229 * 255, 0.224 * 255, 0.225 * 255), blue_first=False)


@dataclass(frozen=True)
class Pretrained:
    """A network of keras.applications whose ImageNet weights can be had."""

    remote: Remote
    preparation: Preparation
    #: their name of a layer to ours
    ours: Callable[[str], str]


def _resnet(theirs: str) -> str:
    """conv1_conv, conv2_block1_0_bn (0 is the shortcut), conv2_block1_3_conv, probs: each in our words."""
    if theirs in _STEM:
        return _STEM[theirs]
    found = re.fullmatch(r"conv(\d)_block(\d+)_(\d)_(conv|bn)", theirs)
    if found is None:
        return theirs
    stage, block, place, what = found.groups()
    step = "shortcut" if place == "0" else f"conv{place}"
    return f"stage{int(stage) - 1}_block{block}_{step}{_NORM[what]}"


def _densenet(theirs: str) -> str:
    """conv1_bn, conv2_block1_0_bn, conv2_block1_1_conv, conv2_block1_1_bn, conv2_block1_2_conv, pool2_bn, pool2_conv, bn."""
    if theirs in _STEM:
        return _STEM[theirs]
    if theirs == "bn":
        return "head_norm"
    transition = re.fullmatch(r"pool(\d)_(conv|bn)", theirs)
    if transition:
        stage, what = transition.groups()
        return f"transition{int(stage) - 1}_conv{_NORM[what]}"
    found = re.fullmatch(r"conv(\d)_block(\d+)_(\d)_(conv|bn)", theirs)
    if found is None:
        return theirs
    stage, layer, place, what = found.groups()
    # The norm stands before its convolution and bears its name: 0_bn belongs to 1_conv, 1_bn to 2_conv.
    second = int(place) + (what == "bn") > 1
    return f"stage{int(stage) - 1}_layer{layer}_{'conv' if second else 'wide'}{_NORM[what]}"


_STEM = {"conv1_conv": "stem_conv", "conv1_bn": "stem_conv_norm"}
_NORM = {"conv": "", "bn": "_norm"}


def _remote(folder: str, name: str, md5: str) -> Remote:
    """A file with an output for the 1,000 classes of ImageNet."""
    file = f"{name}_weights_tf_dim_ordering_tf_kernels.h5"
    return Remote(file, f"{_BASE}{folder}/{file}", md5=md5, shelf="models")


#: By the variant of our network; the check sums are those in keras.applications.
PRETRAINED = {
    "resnet50": Pretrained(_remote("resnet", "resnet50", "2cb95161c43110f7111970584f804107"), CAFFE, _resnet),
    "resnet101": Pretrained(_remote("resnet", "resnet101", "f1aeb4b969a6efcfb50fad2f0c20cfc5"), CAFFE, _resnet),
    "resnet152": Pretrained(_remote("resnet", "resnet152", "100835be76be38e30d865e96f2aaae62"), CAFFE, _resnet),
    "densenet121": Pretrained(_remote("densenet", "densenet121", "9d60b8095a5708f2dcce2bca79d332c7"), TORCH, _densenet),
    "densenet169": Pretrained(_remote("densenet", "densenet169", "d699b8f76981ab1b30698df4c175e90b"), TORCH, _densenet),
    "densenet201": Pretrained(_remote("densenet", "densenet201", "1ceb130c1ea1b78c3bf6114dbdfd8807"), TORCH, _densenet),
}


def read(variant: str, data: DataSet, workspace: Workspace, progress: Progress) -> Arrays:
    """The ImageNet weights of a network by our names, for pictures prepared as in `data`.

    The file is fetched when it is not there. Raises DownloadError without a network, WorkspaceError when it is damaged.
    """
    known = PRETRAINED[variant]
    arrays = renamed(read_legacy(fetch(known.remote, workspace, progress)), known.ours)
    mean, spread = np.asarray(data.mean, np.float64), np.asarray(data.spread, np.float64)
    return refitted(arrays, "stem_conv", known.preparation, mean, spread)


def read_legacy(path: Path) -> Arrays:
    """The arrays of a weights file in Keras' legacy HDF5 form, as "layer/kernel"; layer names with / get _ instead.

    Raises WorkspaceError when it is damaged.
    """
    try:
        with h5py.File(path, "r") as file:
            return dict(_arrays(file.get("model_weights", file)))
    except (OSError, KeyError, ValueError) as error:  # what h5py says of files that are cut off or something else
        raise WorkspaceError(
            f"{path} is no whole file of Keras weights ({error}). Delete it and start again; it is then fetched afresh."
        ) from error


def _arrays(group: Any) -> Iterator[tuple[str, npt.NDArray[Any]]]:
    for layer in _names(group, "layer_names"):
        for name in _names(group[layer], "weight_names"):
            leaf = name.rpartition("/")[2].partition(":")[0]
            yield f"{layer.replace('/', '_')}/{leaf}", np.asarray(group[layer][name])


def _names(group: Any, attribute: str) -> list[str]:
    """A list of names; Keras cuts a long one into attributes with numbers, because HDF5 keeps only 64 kB in each."""
    if attribute in group.attrs:
        found = list(group.attrs[attribute])
    else:
        numbered = (f"{attribute}{number}" for number in range(len(group.attrs)))
        found = [name for each in numbered if each in group.attrs for name in group.attrs[each]]
    return [name.decode() if isinstance(name, bytes) else str(name) for name in found]


def renamed(arrays: Arrays, ours: Callable[[str], str]) -> Arrays:
    """The same arrays by our names."""
    found: Arrays = {}
    for name, array in arrays.items():
        layer, _, leaf = name.partition("/")
        found[f"{'logits' if layer in _HEADS else ours(layer)}/{leaf}"] = array
    return found


def refitted(arrays: Arrays, stem: str, trained: Preparation, mean: Doubles, spread: Doubles) -> Arrays:
    """The weights for pictures prepared as (p − mean) / spread, red first, in place of `trained`.

    With x = (p − m) / s there and x' = (p − mean) / spread here, x = (x' spread + mean − m) / s: the factor goes
    into the kernel of the layer `stem`, and what is added is one number a map, which its norm's moving mean takes off.
    """
    kernel = arrays[f"{stem}/kernel"].astype(np.float64)
    if kernel.shape[2] != len(mean):
        return arrays
    if trained.blue_first:
        kernel = kernel[:, :, ::-1]
    there_mean, there_spread = np.array(trained.mean), np.array(trained.spread)
    added = np.einsum("hwco,c->o", kernel, (mean - there_mean) / there_spread)
    return arrays | {
        f"{stem}/kernel": (kernel * (spread / there_spread)[:, None]).astype(np.float32),
        f"{stem}_norm/moving_mean": (arrays[f"{stem}_norm/moving_mean"] - added).astype(np.float32),
    }
