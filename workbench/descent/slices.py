"""A run's loss on a square of two directions through its weights: what is asked for, and its file, beside the run.

    runs/<id>/slices/000004-000000180-random-1-reach1-512.npz

The engine measures and writes it (engine/probes/slice.py); window and race read it, wherever it came from. It holds `losses`, `reach`
and `about`, a JSON text. It can be deleted at any time.
"""

from __future__ import annotations

import dataclasses
import io
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np

from workbench import zips
from workbench.descent.surfaces import Floats, Slice
from workbench.errors import EngineError, WorkspaceError
from workbench.paths import expanded, write_atomic
from workbench.plain import LONGEST, plain
from workbench.spec.base import number
from workbench.spec.lab import SLICE_POINTS

Directions: TypeAlias = Literal["random", "between"]

FORMAT = 1
FOLDER = "slices"
#: The limits of what may be asked for.
LEAST_REACH, MOST_REACH = 0.01, 10.0
MOST_PICTURES = 20_000
MOST_SEED = 2**31 - 1
#: A member of a file that is larger is none of ours.
_LARGEST = 1 << 20
#: What a file of somebody else's makes its reading raise, beside what archives do.
_DAMAGE = (OSError, KeyError, IndexError, TypeError, OverflowError, MemoryError, RecursionError, zips.ZipError)


@dataclass(frozen=True)
class Wanted:
    """What is to be measured."""

    #: the checkpoint whose weights are the middle, as its folder is called
    place: str
    #: the one that the first direction leads to; empty for two random directions
    other: str = ""
    #: which random directions
    seed: int = 1
    #: half the side of the square; 1 moves each filter by its own length
    reach: float = 1.0
    #: on how many training pictures, at most all
    pictures: int = 512

    @property
    def directions(self) -> Directions:
        return "between" if self.other else "random"

    @property
    def other_at(self) -> tuple[float, float] | None:
        """Where the other checkpoint lies: half way to the right edge, which is a point that is measured."""
        return (self.reach / 2, 0.0) if self.other else None

    @property
    def file_name(self) -> str:
        """Another name for everything else that could be asked of a run."""
        ways = f"between-{self.other}" if self.other else "random"
        return f"{self.place}-{ways}-{self.seed}-reach{self.reach:g}-{self.pictures}.npz"

    def options(self) -> dict[str, Any]:
        """What the probe `slice` is asked with, beside the run and `to`, the file."""
        return {**dataclasses.asdict(self), "directions": self.directions}

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Wanted:
        """From a probe's options. Raises EngineError when one of them is not allowed."""
        directions = options.get("directions", "random")
        if directions not in {"random", "between"}:
            raise EngineError(f"A slice has the directions random or between, got {plain(repr(directions), 60)}.")
        other = str(options.get("other") or "") if directions == "between" else ""
        if directions == "between" and not other:
            raise EngineError("A slice between two checkpoints needs the other one. Choose it.")
        seed, pictures = (
            _number(options, name, cls, least, most, whole=True)
            for name, least, most in (("seed", 0, MOST_SEED), ("pictures", 1, MOST_PICTURES))
        )
        reach = _number(options, "reach", cls, LEAST_REACH, MOST_REACH, whole=False)
        return cls(str(options["place"]), other, int(seed), float(reach), int(pictures))


def _number(
    options: Mapping[str, Any], name: str, of: type[Wanted], least: float, most: float, *, whole: bool
) -> float:
    value = options.get(name, getattr(of, name))
    kinds = int if whole else (int, float)
    if not isinstance(value, kinds) or isinstance(value, bool) or not least <= value <= most:
        noun = "a whole number" if whole else "a number"
        came = plain(repr(value), 60)
        raise EngineError(
            f"{name.capitalize()} must be {noun} from {number(float(least))} to {number(float(most))}, got {came}."
        )
    return value


@dataclass(frozen=True)
class About:
    """What was measured, of what, and what came of it."""

    run: str
    epoch: int
    step: int
    #: of the checkpoint in the middle
    weights_sha256: str
    directions: Directions
    seed: int
    #: training pictures that the loss is the mean over
    pictures: int
    #: the loss at the weights themselves
    loss: float
    #: in how many of the points the loss was no finite number, or higher than `highest`, which stands there instead
    clipped: int = 0
    highest: float = 0.0
    #: the checkpoint that the first direction leads to, and where it lies
    other: str = ""
    other_at: tuple[float, float] | None = None
    #: how long it took, in seconds, and the wall-clock time of its end
    seconds: float = 0.0
    time: float = 0.0
    #: whether the checkpoint in the middle, and the other one, lie within the epoch that follows the named one
    within: bool = False
    other_within: bool = False
    format: int = FORMAT


@dataclass(frozen=True)
class Measured:
    """A slice, and what is known of it."""

    part: Slice
    about: About


def write(path: Path, measured: Measured) -> None:
    """Write a slice whole or not at all. Raises WorkspaceError."""
    content = io.BytesIO()
    about = np.array(json.dumps(dataclasses.asdict(measured.about)))
    np.savez(content, losses=measured.part.losses, reach=np.float64(measured.part.reach), about=about)
    write_atomic(path, content.getvalue())


def read(path: Path | str) -> Measured:
    """The slice in a file that may come from anywhere. Raises WorkspaceError when it is gone or none."""
    place = expanded(path)
    try:
        losses, reach, about = _arrays(place)
        return Measured(_slice(losses, reach), _about(str(about)))
    except FileNotFoundError:
        raise WorkspaceError(f"The slice {plain(str(path), 300)} is gone. Measure the run's loss again.") from None
    except (*_DAMAGE, *zips.DAMAGE) as error:
        why = f"it has no {error}" if isinstance(error, KeyError) else plain(str(error))
        raise WorkspaceError(
            f"{plain(str(path), 300)} is no slice of a run: {why}. Measure one, or choose another."
        ) from error


def _arrays(path: Path) -> list[Any]:
    with zips.opened(path) as archive:
        found = []
        for name in ("losses", "reach", "about"):
            if zips.checked(archive, f"{name}.npy").file_size > _LARGEST:
                raise ValueError(f"its {name} are larger than any slice's")
            with zips.member(archive, f"{name}.npy") as file:
                found.append(np.lib.format.read_array(file, allow_pickle=False))
    return found


def _slice(losses: Any, reach: Any) -> Slice:
    if losses.dtype.kind != "f" or losses.shape != (SLICE_POINTS, SLICE_POINTS):
        raise ValueError(f"it must hold {SLICE_POINTS} × {SLICE_POINTS} losses, got {losses.dtype} of {losses.shape}")
    values: Floats = losses.astype(np.float64)
    if not np.isfinite(values).all():
        raise ValueError("some of its losses are no finite numbers")
    side = float(reach)
    if not (math.isfinite(side) and side > 0):
        raise ValueError(f"its reach must be above 0, got {side:g}")
    return Slice(values, side)


def _about(text: str) -> About:
    tree = json.loads(text)
    if not isinstance(tree, dict) or tree.get("format") != FORMAT:
        raise ValueError("it is of another version, or says nothing of itself")
    known = {each.name for each in dataclasses.fields(About)}
    told = {name: value for name, value in tree.items() if name in known}
    at = told.get("other_at")
    about = About(**{**told, "other_at": None if at is None else (float(at[0]), float(at[1]))})
    whole = all(isinstance(each, int) for each in (about.epoch, about.step, about.pictures, about.clipped))
    words = all(isinstance(each, str) and len(each) <= LONGEST for each in (about.run, about.directions, about.other))
    answers = all(isinstance(each, bool) for each in (about.within, about.other_within))
    if not (whole and words and answers) or not all(
        isinstance(each, int | float) for each in (about.loss, about.highest)
    ):
        raise ValueError("what it says of itself is damaged")
    return about
