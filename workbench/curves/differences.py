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


@dataclass(frozen=True)
class _Read:
    """A recipe and what means something in it; nothing where it can no longer be read."""

    recipe: Recipe | None
    meant: Mapping[str, Value]
    items: frozenset[tuple[str, Value]]


@functools.lru_cache(maxsize=4096)  # by its text: a recipe itself is slow to hash
def _read(text: str) -> _Read:
    try:
        recipe = presets.loads(text).recipe
    except RecipeError:
        return _Read(None, {}, frozenset())
    meant = said.meant(recipe)
    return _Read(recipe, meant, frozenset(meant.items()))


def recipe_of(run: Run) -> Recipe | None:
    """The recipe of a run; None when it can no longer be read."""
    return _read(run.recipe_toml).recipe


def _varying(runs: Sequence[Run]) -> list[str]:
    """The paths of what is not the same in all runs, in the order of the form; the seed left out."""
    every = [read for run in runs if (read := _read(run.recipe_toml)).recipe is not None]
    apart: set[str] = set()
    for read in every[1:]:
        apart.update(path for path, _ in read.items ^ every[0].items)
    apart.discard(SEED)
    found: dict[str, None] = {}
    for read in every:
        left = apart - found.keys()
        if not left:
            break
        found.update((path, None) for path in read.meant if path in left)
    return sorted(found, key=_place)


def _place(path: str) -> int:
    """Where the form has a setting's section; within it, the order in which they were found stays."""
    return list(STATION_TITLES).index(path.split(".", 1)[0])


def differing(runs: Sequence[Run], *, point: str = ".") -> tuple[Difference, ...]:
    """The settings in which runs differ, with their values in words. What means nothing in a recipe has no value there."""
    return _told(_varying(runs), runs, point)


def settings_of(runs: Sequence[Run], *, point: str = ".") -> tuple[Difference, ...]:
    """Every setting that means something in any of these runs, the seed too, in the order of the form."""
    found = dict.fromkeys(path for run in runs for path in _read(run.recipe_toml).meant)
    return _told(sorted(found, key=_place), runs, point)


def _told(paths: Sequence[str], runs: Sequence[Run], point: str) -> tuple[Difference, ...]:
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
    every = (_read(run.recipe_toml) for run in runs)
    return said.setting_at(next(read.recipe for read in every if read.recipe is not None and path in read.meant), path)


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
    read = _read(run.recipe_toml)
    if read.recipe is None or path not in read.meant:
        return ABSENT
    return said.value_text(said.setting_at(read.recipe, path), read.meant[path], point=point)


def labels(runs: Sequence[Run], baseline: Run | None = None, *, point: str = ".") -> dict[str, str]:
    """A short label for each run, by its id: in what it differs from the others, or from the baseline if there is one.

    A run that differs in nothing, like the baseline itself, has its name.
    """
    base = _read(baseline.recipe_toml) if baseline is not None else None
    if base is not None and base.recipe is not None:
        return {run.id: _cut(_chips_among(run, _apart(run, base), point)) or run.name for run in runs}
    varying = dict.fromkeys(_varying(runs))
    return {run.id: _cut(_chips_among(run, varying, point)) or run.name for run in runs}


def _apart(run: Run, base: _Read) -> Mapping[str, object]:
    """The settings in which a run differs from the baseline, in the order of the form."""
    read = _read(run.recipe_toml)
    apart = {path for path, _ in read.items - base.items}
    return {path: None for path in read.meant if path in apart} if apart else {}


def _chips_among(run: Run, paths: Mapping[str, object], point: str) -> Sequence[str]:
    read = _read(run.recipe_toml)
    recipe = read.recipe
    if recipe is None or not paths:
        return ()
    return [
        said.chip(said.setting_at(recipe, path), read.meant[path], point=point)
        for path in paths
        if path in read.meant and path != SEED and not said.follows(path, recipe, paths)
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
    read = _read(text)
    if read.recipe is None:
        return ""
    rest = {path: value for path, value in read.meant.items() if path != SEED}
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
    recipe = _read(text).recipe
    if recipe is None:
        return ""
    smoothing = recipe.tricks.label_smoothing
    reckoned = [getattr(recipe.model, "loss", ""), smoothing.rate if smoothing.on else 0.0] if loss else []
    return json.dumps([recipe.data.model_dump_json(), reckoned])
