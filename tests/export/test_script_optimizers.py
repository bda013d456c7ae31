"""Each method's line in a script makes the optimizer that the engine builds."""

from __future__ import annotations

from typing import Any

import pytest

from workbench.export.script.writing import write
from workbench.spec.recipe import Recipe, class_settings, parse, spec_classes

pytestmark = pytest.mark.keras

#: Values that no default is, by kind of setting.
OTHER = {"beta_1": 0.7, "beta_2": 0.8, "rho": 0.6, "nesterov": True}


def with_other_values(word: str) -> Recipe:
    """A recipe in which each setting of a method has another value than usual."""
    table: dict[str, Any] = {"method": word}
    for each in class_settings("optimizer", word):
        if each.name == "method":
            continue
        if each.kind == "switch":
            table[each.name] = not each.default
        elif each.kind == "whole":
            table[each.name] = int(each.default or 0) + 1
        else:
            table[each.name] = OTHER.get(each.name, 0.9 * float(each.default or 0) + (0.01 if not each.default else 0))
    return parse({"optimizer": table})


@pytest.mark.parametrize("word", spec_classes("optimizer"))
def test_the_optimizer_has_the_settings_of_the_engine_s(word: str) -> None:
    import keras
    from keras import ops

    from workbench.engine.optimizers import build_optimizer

    recipe = with_other_values(word)
    made = write(recipe, "optimizer", (8, 8, 1), 10)
    (section,) = (each for each in made.sections if each.title == "Optimizer")
    names: dict[str, Any] = {
        "keras": keras,
        "ops": ops,
        "model": keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]),
    }
    exec(compile("\n\n".join([made.constants, *(cell.code for cell in section.cells)]), "optimizer.py", "exec"), names)
    ours, theirs = build_optimizer(recipe).get_config(), names["optimizer"].get_config()
    assert {**ours, "name": ""} == {**theirs, "name": ""}
    excluded = [
        getattr(each, "_exclude_from_weight_decay_pattern", None)
        for each in (build_optimizer(recipe), names["optimizer"])
    ]
    if ours["weight_decay"]:
        assert excluded[0] == excluded[1]
