"""Recipes drawn from the declarations alone, made small, and trained: for test_any_recipe.py.

As a program, `python -m tests.engine.any_recipe STATION WORD` tries one method in any company, and without words some recipes,
in a process of its own: TensorFlow keeps the graphs of every training of a process, so that hundreds of them fill any memory,
and what hypothesis draws depends on the modules that are loaded.
"""

from __future__ import annotations

import math
import sys
import tempfile
import zlib
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.engine.training import train
from tests.strategies import reconciled, ruled, tables
from workbench import data
from workbench.engine import backends
from workbench.errors import Problem, RecipeError
from workbench.events import Ending, EpochEnded, Failed
from workbench.network.plan import plan
from workbench.paths import Workspace
from workbench.spec import presets
from workbench.spec.recipe import STATIONS, Recipe, chooser_of, class_settings, parse, spec_classes
from workbench.spec.training import Training

#: What would take long, or needs a network, a file or an engine that was set up otherwise.
SMALL: dict[str, st.SearchStrategy[Any]] = {
    "data.image_size": st.integers(4, 16),
    "data.count": st.integers(60, 90),
    "data.limit": st.none() | st.integers(60, 90),
    "data.validation": st.floats(0.1, 0.4),
    "data.test": st.floats(0, 0.3),
    "model.width": st.integers(1, 6),
    "model.dense": st.integers(0, 9),
    "model.kernel": st.integers(1, 5),
    "model.stages": st.integers(1, 3),
    "schedule.warmup": st.floats(0, 1.9),
    "training.epochs": st.just(2),
    "training.batch_size": st.integers(16, 40),
    "training.backend": st.just("tensorflow"),
    "training.device": st.just("auto"),
    "training.deterministic": st.just(False),
    "training.threads": st.none(),
}
#: Other whole numbers of a network go this far above the least they may be.
ROOM = 2
#: Networks for which pictures must be larger than those above, in pixels; as they are slow, they get few of them.
LARGE = {"resnet_imagenet": 32, "densenet_imagenet": 32}
DATA = {"classes": ("digits", "shapes"), "masks": ("shape_masks",)}


def small(tree: dict[str, Any], draw: st.DrawFn) -> dict[str, Any]:
    """The tables with every size drawn again so that a run takes a second."""
    for station in STATIONS:
        if station == "tricks":
            continue
        chooser = chooser_of(station)
        word = tree[station][chooser] if chooser else None
        for each in class_settings(station, word):
            if each.path in SMALL:
                tree[station][each.name] = draw(SMALL[each.path])
            elif each.path == "model.variant":
                # The others are deeper and nothing else; the deepest takes minutes to trace.
                tree[station][each.name] = each.choices[0].value
            elif station == "model" and each.kind == "whole":
                low = int(each.lowest or 0)
                tree[station][each.name] = ruled(each.path, word, draw(st.integers(low, low + ROOM)))
    keep, early = tree["training"].get("keep"), tree["tricks"].get("early_stopping", {}).get("on")
    if keep == "last" and not early and tree["schedule"]["kind"] != "plateau":
        tree["data"]["validation"] = draw(st.sampled_from([0.0, 0.2]))
    if least := LARGE.get(tree["model"]["kind"]):
        tree["data"] |= {"image_size": draw(st.integers(least, least + ROOM)), "limit": 60}
    return tree


@st.composite
def trees(draw: st.DrawFn) -> dict[str, Any]:
    tree = draw(tables())
    return allowed(tree, draw)


def allowed(tree: dict[str, Any], draw: st.DrawFn) -> dict[str, Any]:
    """The tables with data that are here, small, and nearly always without a contradiction."""
    task = spec_classes("model")[tree["model"]["kind"]].TASK
    tree["data"] = {"kind": draw(st.sampled_from(DATA[task]))}
    return small(reconciled(tree, draw), draw)


def checked(tree: dict[str, Any]) -> Recipe | None:
    """The recipe, as `check` reads it; None when it was refused, with a path and a sentence for each problem."""
    problems: tuple[Problem, ...] = ()
    try:
        recipe = parse(tree)
        shape = data.describe(recipe.data)
        assert shape is not None
        plan(recipe, shape[:3], shape[3])
    except RecipeError as error:
        problems = tuple(error.problems)
        assert problems
    for problem in problems:
        assert problem.path.partition(".")[0] in STATIONS, problem
        assert problem.sentence.endswith((".", "?")), problem
    return None if problems else recipe


def trained(recipe: Recipe) -> str:
    """How training two epochs of an accepted recipe went: "well", "diverged", or what went wrong."""
    with tempfile.TemporaryDirectory() as folder:
        done = train(Workspace(Path(folder) / "home").create(), recipe)
    cards = [event.card for event in done.events(Failed)]
    if cards:
        # A rate or a start far off may diverge, which is an answer too. Nothing else may go wrong.
        diverged = cards[0].title.startswith(("The gradient became infinite", "The loss became NaN"))
        return "diverged" if diverged else f"{cards[0].details}\n{presets.dump(recipe)}"
    last = done.events(EpochEnded)[-1].metrics.get("val_loss", 0.0) if done.run.epochs else 0.0
    if done.ending is Ending.EARLY_STOPPED and not math.isfinite(last):
        return "diverged"  # in inference: no epoch was better than none, and patience was at its end
    whole = done.ending in {Ending.COMPLETED, Ending.EARLY_STOPPED} and len(done.losses) >= 2
    return "well" if whole else f"{done.ending} after {len(done.losses)} steps"


def wrong(ways: list[str]) -> str:
    """What went wrong, with the recipes it went wrong with."""
    return "\n\n".join(way for way in ways if way not in {"well", "diverged"})


def tried(count: int) -> settings:
    return settings(
        max_examples=count, deadline=None, database=None,
        phases=[Phase.explicit, Phase.generate],  # shrinking would train hundreds of networks
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip


def some_recipes() -> list[str]:
    """How it went with five recipes."""
    ways: list[str] = []

    @seed(0)
    @tried(5)
    @given(trees())
    def some(tree: dict[str, Any]) -> None:
        _try(tree, ways)

    some()
    return ways


def _try(tree: dict[str, Any], ways: list[str]) -> None:
    recipe = checked(tree)
    if recipe is not None:
        assert presets.loads(presets.dump(recipe)).recipe == recipe
        ways.append(trained(recipe))


def any_company(station: str, word: str) -> list[str]:
    """How it went with four recipes that have one method, and anything else."""
    ways: list[str] = []

    # Of its own, or each method would be tried in the same company.
    @seed(zlib.crc32(f"{station}:{word}".encode()))
    @tried(4)
    @given(st.data())
    def some(drawn: st.DataObject) -> None:
        tree = drawn.draw(tables())
        if station == "tricks":
            tree[station][word]["on"] = True
        elif tree[station][chooser_of(station)] != word:
            tree[station] = {chooser_of(station): word}
        _try(allowed(tree, drawn.draw), ways)

    some()
    return ways


def main(method: list[str]) -> int:
    backends.prepare(Training())
    ways = any_company(*method) if method else some_recipes()
    sys.stdout.write(
        f"{len(ways)} accepted, {ways.count('well')} trained, {ways.count('diverged')} diverged\n\n{wrong(ways)}\n"
    )
    return 0 if ways and not wrong(ways) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
