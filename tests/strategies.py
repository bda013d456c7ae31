"""Drawn recipes for property tests, made from the declarations alone: a new setting is drawn from the day it is declared."""

import math
from functools import partial
from typing import Any

from hypothesis import strategies as st

from workbench.errors import RecipeError
from workbench.spec.base import Setting
from workbench.spec.recipe import STATIONS, Recipe, chooser_of, class_settings, parse, spec_classes

#: Depths that obey a rule of their own beside their limits: (step, rest), such that every form of the network takes them.
DEPTHS = {"resnet": (18, 2), "wide_resnet": (6, 4), "densenet": (6, 4)}


def ruled(path: str, word: str | None, drawn: Any) -> Any:
    """A drawn value, brought to the nearest one that the network's rule allows."""
    if path != "model.depth" or word not in DEPTHS:
        return drawn
    step, rest = DEPTHS[word]
    return max(step + rest, drawn - (drawn - rest) % step)


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=20)


def values(declared: Setting) -> st.SearchStrategy[Any]:
    """Any value that a declaration allows."""
    low = declared.lowest if declared.lowest is not None else declared.above
    high = declared.highest if declared.highest is not None else declared.below
    drawn: st.SearchStrategy[Any]
    match declared.kind:
        case "switch":
            drawn = st.booleans()
        case "whole":
            drawn = st.integers(
                math.ceil(low) if low is not None else -100, math.floor(high) if high is not None else 100
            )
        case "real":
            drawn = st.floats(
                low, high, exclude_min=declared.lowest is None and low is not None,
                exclude_max=declared.highest is None and high is not None, allow_nan=False, allow_infinity=False,
            )  # fmt: skip
        case "choice":
            drawn = st.sampled_from([choice.value for choice in declared.choices])
        case _:
            drawn = TEXT
    return st.none() | drawn if declared.optional else drawn


@st.composite
def tables(draw: st.DrawFn) -> dict[str, Any]:
    """The tables of a preset file in which each value is allowed on its own."""
    tree: dict[str, Any] = {}
    for station in STATIONS:
        if station == "tricks":
            tree[station] = {name: draw(_table("tricks", name)) for name in spec_classes("tricks")}
        elif chooser_of(station):
            word = draw(st.sampled_from(sorted(spec_classes(station))))
            tree[station] = {**draw(_table(station, word)), chooser_of(station): word}
        else:
            tree[station] = draw(_table(station, None))
    return tree


def _table(station: str, word: str | None) -> st.SearchStrategy[dict[str, Any]]:
    declared = [each for each in class_settings(station, word) if each.name != chooser_of(station)]
    columns = {each.name: values(each).map(partial(ruled, each.path, word)) for each in declared}
    return st.fixed_dictionaries({}, optional=columns)


def _fit_changes(tree: dict[str, Any]) -> None:
    """What is cut out of pictures, and wiped out in them, is no larger than there is room for."""
    data = tree["data"]
    if data.get("crop") is not None:
        size = data.get("image_size", spec_classes("data")[data["kind"]].model_fields["image_size"].default)
        data["crop"] = min(data["crop"], size)
    for name in ("erasing_smallest", "erasing_largest"):
        tree["tricks"].get("augmentation", {}).pop(name, None)


def reconciled(tree: dict[str, Any], draw: st.DrawFn) -> dict[str, Any]:
    """The tables, put right as the sentences about contradictions say."""
    tree["data"]["validation"] = draw(st.floats(0.1, 0.4))
    if "test" in tree["data"]:
        tree["data"]["test"] = draw(st.floats(0, 0.4))
    task = spec_classes("data")[tree["data"]["kind"]].TASK
    if task != spec_classes("model")[tree["model"]["kind"]].TASK:
        fitting = sorted(word for word, spec in spec_classes("model").items() if task == spec.TASK)
        tree["model"] = {"kind": draw(st.sampled_from(fitting))}
    if task == "masks":
        for name in ("resampling", "mixup", "cutmix", "label_smoothing"):
            tree["tricks"].pop(name, None)
    tree["schedule"].pop("warmup", None)
    tree["schedule"].pop("lowest", None)
    if tree["optimizer"]["method"] in {"adamw", "muon", "schedule_free"}:
        tree["tricks"].pop("weight_decay", None)
    if tree["optimizer"]["method"] == "schedule_free":
        tree["tricks"].pop("ema", None)
    tree["initializer"].pop("start", None)  # the run or file to start from would have to be there
    if "resampling" in tree["tricks"]:
        tree["tricks"].pop("class_weights", None)
    if not spec_classes("model")[tree["model"]["kind"]].RESIDUAL:
        tree["tricks"].pop("stochastic_depth", None)
    if tree["optimizer"].get("momentum") == 0:
        tree["optimizer"].pop("nesterov", None)
    _fit_changes(tree)
    return tree


@st.composite
def recipes(draw: st.DrawFn) -> Recipe:
    """Any recipe that is right as a whole."""
    tree = reconciled(draw(tables()), draw)
    try:
        return parse(tree)
    except RecipeError as error:  # pragma: no cover - a contradiction that is not known above
        message = f"the strategy drew a recipe that is wrong: {error}"
        raise AssertionError(message) from error
