"""What the lab's views show together: the races' paths measured on their landscape, and the step they stand at; no widgets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from workbench.descent import chance, slices, theory
from workbench.descent.paths import Path, kept, measure
from workbench.descent.slices import Measured
from workbench.descent.surfaces import Floats, Surface
from workbench.descent.theory import Bound, Curvature
from workbench.spec.lab import GradientDescent, Lab
from workbench.spec.optimizer_base import OptimizerSpec

#: The error that the table counts steps to.
CLOSE = 1e-6


@dataclass(frozen=True)
class Line:
    """One racer that is on: its place on the list, what it does, and its path."""

    name: str
    slot: int
    title: str
    rule: OptimizerSpec
    path: Path
    steps_to: int | None
    kept: float | None
    theory: float | None


@dataclass(frozen=True)
class Shown:
    """A race on its landscape."""

    lab: Lab
    surface: Surface
    curvature: Curvature | None
    lines: tuple[Line, ...]
    bounds: tuple[Bound, ...]

    @property
    def steps(self) -> int:
        return self.lab.landscape.steps


def show(lab: Lab, places: Mapping[str, Floats], surface: Surface, curvature: Curvature | None) -> Shown:
    """What there is to show of a race whose places have come."""
    exact = not chance.noisy(lab.landscape) and lab.landscape.kind in {"quadratic", "trough"}
    lines = []
    for slot, (name, racer) in enumerate(lab.racers.items()):
        if not racer.on or name not in places:
            continue
        path = measure(surface, places[name])
        promised = theory.rate(racer.rule, curvature) if exact else None
        lines.append(
            Line(name, slot, title(lab, name), racer.rule, path, path.steps_to(CLOSE), kept(path, surface), promised)
        )
    descent = next((line.rule for line in lines if isinstance(line.rule, GradientDescent)), None)
    known = theory.bounds(surface, curvature, descent.learning_rate, lab.landscape.steps) if descent else ()
    return Shown(lab, surface, curvature, tuple(lines), known)


def title(lab: Lab, name: str) -> str:
    """What a racer is called: its method, with a number where there are several of it."""
    kind = type(lab.racers[name].rule)
    alike = [each for each, racer in lab.racers.items() if type(racer.rule) is kind]
    return kind.TITLE if len(alike) == 1 else f"{kind.TITLE} {alike.index(name) + 1}"


def measured_of(lab: Lab) -> Measured | None:
    """The measured loss that the lab goes down; None where it is no slice, or has none yet. Raises WorkspaceError."""
    landscape = lab.landscape
    return slices.read(landscape.slice_file) if landscape.kind == "slice" and landscape.slice_file else None


def surface_of(lab: Lab, measured: Measured | None) -> Surface | None:
    """The lab's landscape as functions; None while it is a slice that was not measured yet."""
    if lab.landscape.kind == "slice" and measured is None:
        return None
    return Surface(lab.landscape, measured.part if measured is not None else None)
