"""In which settings runs differ, in words: a table of only those, a short label for each run, and which are alike.

Pure functions over runs; no NumPy, so that the table of runs may ask before the plots are there. The seed stands apart:
it is no setting that a run is told by.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workbench.errors import RecipeError
from workbench.journal import Run
from workbench.spec import Recipe, Setting, Value, presets, said
from workbench.spec.recipe import STATION_TITLES, chooser_of, spec_classes

SEED = "training.seed"
#: Where a setting means nothing in a recipe.
ABSENT = "–"
#: A label has at most so many settings, and so many letters where it has more than one.
LABEL_SETTINGS, LABEL_LETTERS = 3, 44


@dataclass(frozen=True)
class Difference:
    """One setting in which runs differ."""

    path: str
    #: its name, with that of its trick or section where it could be another's
    title: str
    #: the value of each run in words, in the order in which the runs were given
    values: tuple[str, ...]


@functools.lru_cache(maxsize=2048)
def _read(text: str) -> Recipe | None:
    try:
        return presets.loads(text).recipe
    except RecipeError:
        return None


def recipe_of(run: Run) -> Recipe | None:
    """The recipe of a run; None when it can no longer be read."""
    return _read(run.recipe_toml)


def _meant(run: Run) -> Mapping[str, Value]:
    recipe = recipe_of(run)
    return said.meant(recipe) if recipe is not None else {}


def _varying(runs: Sequence[Run]) -> list[str]:
    """The paths of what is not the same in all runs, in the order of the form; the seed left out."""
    every = [meant for run in runs if (meant := _meant(run))]
    paths = dict.fromkeys(path for meant in every for path in meant)
    missing = object()
    found = []
    for path in paths:
        first = every[0].get(path, missing)
        if path != SEED and any(meant.get(path, missing) != first for meant in every):
            found.append(path)
    return sorted(found, key=_place)


def _place(path: str) -> int:
    """Where the form has a setting's section; within it, the order in which they were found stays."""
    return list(STATION_TITLES).index(path.split(".", 1)[0])


def differing(runs: Sequence[Run], *, point: str = ".") -> tuple[Difference, ...]:
    """The settings in which runs differ, with their values in words. What means nothing in a recipe has no value there."""
    paths = _varying(runs)
    titles = {path: _title(path, runs) for path in paths}
    twice = {title for title, count in Counter(titles.values()).items() if count > 1}
    return tuple(
        Difference(
            path,
            f"{_section(path)}, {said.within(title)}" if (title := titles[path]) in twice else title,
            tuple(_words(path, run, point) for run in runs),
        )
        for path in paths
    )


def _declared(path: str, runs: Sequence[Run]) -> Setting:
    recipes = (recipe for run in runs if (recipe := recipe_of(run)) is not None and path in said.meant(recipe))
    return said.setting_at(next(recipes), path)


def _title(path: str, runs: Sequence[Run]) -> str:
    station, *rest = path.split(".")
    if rest[-1] == chooser_of(station):
        return STATION_TITLES[station]
    if station == "tricks":
        title = spec_classes("tricks")[rest[0]].TITLE
        return title if rest[-1] == "on" else f"{title}, {said.within(_declared(path, runs).label)}"
    return _declared(path, runs).label


def _section(path: str) -> str:
    return STATION_TITLES[path.split(".", 1)[0]]


def _words(path: str, run: Run, point: str) -> str:
    recipe = recipe_of(run)
    meant = _meant(run)
    if recipe is None or path not in meant:
        return ABSENT
    return said.value_text(said.setting_at(recipe, path), meant[path], point=point)


def labels(runs: Sequence[Run], baseline: Run | None = None, *, point: str = ".") -> dict[str, str]:
    """A short label for each run, by its id: in what it differs from the others, or from the baseline if there is one.

    A run that differs in nothing, like the baseline itself, has its name.
    """
    base = recipe_of(baseline) if baseline is not None else None
    if base is not None:
        return {run.id: _cut(_chips_against(run, base, point)) or run.name for run in runs}
    varying = dict.fromkeys(_varying(runs))
    return {run.id: _cut(_chips_among(run, varying, point)) or run.name for run in runs}


def _chips_against(run: Run, base: Recipe, point: str) -> Sequence[str]:
    recipe = recipe_of(run)
    if recipe is None or recipe == base:
        return ()
    changed = {path: None for path, now in said.meant(recipe).items() if said.meant(base).get(path, base) != now}
    return _chips_among(run, changed, point)


def _chips_among(run: Run, paths: Mapping[str, object], point: str) -> Sequence[str]:
    recipe = recipe_of(run)
    if recipe is None or not paths:
        return ()
    meant = said.meant(recipe)
    return [
        said.chip(said.setting_at(recipe, path), meant[path], point=point)
        for path in paths
        if path in meant and path != SEED and not said.follows(path, recipe, paths)
    ]


def _cut(chips: Sequence[str]) -> str:
    kept: list[str] = []
    for each in chips:
        if kept and (len(kept) == LABEL_SETTINGS or len(", ".join([*kept, each])) > LABEL_LETTERS):
            return f"{', '.join(kept)} +{len(chips) - len(kept)}"
        kept.append(each)
    return ", ".join(kept)


@functools.lru_cache(maxsize=4096)
def _kin(text: str, parent: str, epoch: int) -> str:
    recipe = _read(text)
    if recipe is None:
        return ""
    rest = {path: value for path, value in said.meant(recipe).items() if path != SEED}
    return hashlib.sha256(json.dumps([rest, parent, epoch]).encode()).hexdigest()


def kin(run: Run) -> str:
    """The same text for runs whose recipes differ in the seed at most; empty when the recipe cannot be read.

    A fork is kin only to forks of the same place: it did not begin as the others did.
    """
    return _kin(run.recipe_toml, run.parent, run.parent_epoch)


def judged_on(run: Run, metric: str = "val_loss") -> str:
    """The same text for runs whose values of a metric can be compared; empty when the recipe cannot be read.

    The pictures count, and for a loss also how it is reckoned: on masks there are several, and label smoothing counts
    in validation as well.
    """
    return _judged(run.recipe_toml, loss="loss" in metric)


@functools.lru_cache(maxsize=4096)
def _judged(text: str, *, loss: bool) -> str:
    recipe = _read(text)
    if recipe is None:
        return ""
    smoothing = recipe.tricks.label_smoothing
    reckoned = [getattr(recipe.model, "loss", ""), smoothing.rate if smoothing.on else 0.0] if loss else []
    return json.dumps([recipe.data.model_dump_json(), reckoned])
