"""What a waiting engine answers while it is no run yet.

An answer may build a model but changes nothing that a later run could feel: seeds and names are
explicit, so a run begun after a hundred answers has the same weights as one begun at once.
"""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any

import keras

from workbench import data
from workbench.engine import backends
from workbench.engine.build import build_model
from workbench.engine.predict import predict
from workbench.errors import EngineError, WorkbenchError
from workbench.network.plan import plan as plan_network
from workbench.paths import Workspace
from workbench.spec import presets
from workbench.spec.training import Training


def answer(workspace: Workspace, request: dict[str, Any]) -> dict[str, Any]:
    """The reply to a request: {"answer": …}, or {"problem": a sentence}."""
    try:
        match request.get("question"):
            case "describe":
                return {"answer": _describe(request["recipe"])}
            case "predict":
                return {"answer": _predict(workspace, request)}
            case other:
                raise EngineError(f"The engine knows the questions 'describe' and 'predict', not {other!r}.")
    except WorkbenchError as error:
        return {"problem": str(error)}


def _predict(workspace: Workspace, request: dict[str, Any]) -> dict[str, Any]:
    """What a run's network says of pictures, written to a folder: the files, and what could not be read."""
    backends.prepare(Training.model_validate({"backend": keras.backend.backend()}))
    written = predict(workspace, request["run"], [Path(each) for each in request["pictures"]], Path(request["to"]))
    return {"files": [str(each) for each in written.files], "left_out": list(written.left_out)}


def _describe(recipe_toml: str) -> dict[str, Any]:
    """The network as Keras really builds it: parameters and each layer's name, shape and parameters."""
    recipe = presets.loads(recipe_toml).recipe
    shape = data.describe(recipe.data)
    if shape is None:
        raise EngineError("The pictures' size and classes are not known yet.")
    height, width, channels, classes = shape
    # Building makes tensors, and after the first one a backend takes no more settings: set it up as a default run would.
    backends.prepare(Training.model_validate({"backend": keras.backend.backend()}))
    model = build_model(plan_network(recipe, (height, width, channels), classes), recipe)
    layers = [
        {"name": layer.name, "shape": list(layer.output.shape[1:]), "parameters": layer.count_params()}
        for layer in model.layers
    ]
    reply = {"parameters": model.count_params(), "layers": layers}
    del model
    gc.collect()
    return reply
