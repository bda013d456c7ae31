"""The initialisation X-ray: what passes through the network before training, for the chosen initializer and others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from workbench import data
from workbench.engine import pretrained
from workbench.engine.build import build_model
from workbench.engine.probes.asked import Asked
from workbench.engine.signal import Passes, Scene, scene_of
from workbench.network.plan import Plan
from workbench.probing.xray import Measured, judge
from workbench.spec.recipe import Recipe, spec_classes

#: Of each law of variance one; uniform and normal of one variance do the same.
ALTERNATIVES = (
    "kaiming_normal", "xavier_uniform", "lecun_normal", "orthogonal", "truncated_normal", "doubling", "zeros",
)  # fmt: skip
#: A matrix of more numbers takes minutes to make orthogonal.
_LARGEST_ORTHOGONAL = 1 << 22


def xray(asked: Asked) -> dict[str, Any]:
    """Answer "xray"; the option `kinds` names the alternatives. Raises WorkbenchError."""
    loaded = data.load(asked.recipe.data, asked.recipe.training.seed, asked.workspace, asked.reading)
    scene = scene_of(asked.recipe, loaded)
    recipe = scene.recipe
    kinds = _kinds(recipe, scene.plan, asked.options.get("kinds", ALTERNATIVES))
    measured: list[Measured] = []
    passes = Passes(scene)
    for number, kind in enumerate(kinds):
        title = spec_classes("initializer")[kind].TITLE
        asked.progress(number, len(kinds), title)
        model = _begun(asked, scene, kind)
        chosen_start = recipe.initializer.start if kind == recipe.initializer.kind else "nothing"
        measured.append(
            Measured(kind, title if chosen_start == "nothing" else "Trained weights", tuple(passes.rows(model)))
        )
        found = judge(len(scene.pictures), measured)
        asked.partial(scheme=found.tree()["schemes"][-1])
    return judge(len(scene.pictures), measured).tree()


def _kinds(recipe: Recipe, plan: Plan, wanted: Sequence[str]) -> list[str]:
    """The chosen initializer first, then the alternatives that can be drawn in reasonable time."""
    largest = max((layer.trainable_parameters for layer in plan.layers), default=0)
    others = [kind for kind in wanted if kind != "orthogonal" or largest <= _LARGEST_ORTHOGONAL]
    return list(dict.fromkeys([recipe.initializer.kind, *others]))


def _begun(asked: Asked, scene: Scene, kind: str) -> keras.Model:
    """A model as a run would begin with it; an alternative starts from nothing trained."""
    recipe = scene.recipe
    if kind == recipe.initializer.kind:
        model = build_model(scene.plan, recipe)
        pretrained.begin(model, scene.plan, recipe, scene.data, workspace=asked.workspace, progress=asked.reading)
        return model
    tree = recipe.model_dump() | {"initializer": {"kind": kind}}
    return build_model(scene.plan, Recipe.model_validate(tree))
