"""Makes files as Keras writes them, without Keras: a description of the network, and weights in HDF5."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np

Fill = Callable[[h5py.File], object]
CONV = {"module": "keras.layers", "class_name": "Conv2D", "config": {"name": "first"}, "registered_name": None}


def network(*layers: dict[str, Any]) -> dict[str, Any]:
    """A network of these layers after a convolution that is harmless."""
    inside = {"name": "theirs", "layers": [CONV, *layers]}
    return {"module": "keras", "class_name": "Sequential", "config": inside, "registered_name": None}


def layer(class_name: str, module: str | None = "keras.layers", **config: Any) -> dict[str, Any]:
    told = {"class_name": class_name, "config": {"name": "odd", **config}, "registered_name": None}
    return told if module is None else {"module": module, **told}


def called(module: str, name: str, *arguments: Any) -> dict[str, Any]:
    """A layer that has Keras look up a function and call it when it is built."""
    function = {"module": module, "class_name": "function", "config": name, "registered_name": "function"}
    nodes = [{"args": list(arguments), "kwargs": {}}]
    return {**layer("Lambda", function=function, arguments={}), "inbound_nodes": nodes}


def good(file: h5py.File) -> None:
    """The weights of the convolution."""
    add(file, "conv2d", "first", np.ones((3, 3, 1, 4), np.float32), np.zeros(4, np.float32))


def add(file: h5py.File, group: str, name: str, *arrays: np.ndarray) -> h5py.Group:
    variables = file.require_group(f"layers/{group}/vars")
    variables.attrs["name"] = name
    for place, array in enumerate(arrays):
        variables[str(place)] = array
    return variables


def hdf5(fill: Fill = good) -> bytes:
    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        fill(file)
    return content.getvalue()


def legacy(fill: Fill, config: Any = None) -> bytes:
    """As Keras 2 wrote it: `fill` makes what is in the group of the one layer."""
    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        if config is not None:
            file.attrs["model_config"] = json.dumps(config)
        weights = file.create_group("model_weights")
        weights.attrs["layer_names"] = ["first"]
        group = weights.create_group("first")
        group.attrs["weight_names"] = ["first/kernel:0"]
        fill(group)
    return content.getvalue()


def archive(path: Path, members: dict[str, bytes | str], packing: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", packing) as file:
        for name, content in members.items():
            file.writestr(zipfile.ZipInfo(name), content, packing)
    return path


def keras(path: Path, config: Any = None, weights: bytes | None = None, packing: int = zipfile.ZIP_STORED) -> Path:
    told = network() if config is None else config
    members = {
        "metadata.json": "{}", "config.json": told if isinstance(told, str) else json.dumps(told),
        "model.weights.h5": hdf5() if weights is None else weights,
    }  # fmt: skip
    return archive(path, members, packing)
