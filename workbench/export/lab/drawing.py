"""What of the descent lab is to be drawn: its race as it was measured for the screen, and the view of it. Plain; no matplotlib.

A drawing comes to the process that draws it as a folder of three files: the lab's settings as a preset, the numbers as arrays,
and in words how they look.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal

import numpy as np

from workbench.descent.surfaces import Floats, Slice, Surface, View
from workbench.errors import ExportError
from workbench.export.wish import Wish
from workbench.spec import lab_presets
from workbench.spec.lab import Lab

What = Literal["heights", "slopes"]
#: What the curves show, as their axis bears it.
NAMES: dict[What, str] = {"heights": "f − f*", "slopes": "‖∇f‖"}
_LAB, _NUMBERS, _WORDS = "lab.toml", "numbers.npz", "drawing.json"
#: What a Wish says of size and text; the rest of it is about runs.
_SIZES = ("width_cm", "height_cm", "dpi", "points", "family")


@dataclass(frozen=True)
class Look:
    """How a line is drawn."""

    #: "#RRGGBB"
    colour: str
    #: lengths of strokes and gaps in points; empty is solid
    dash: tuple[float, ...] = ()
    #: "circle", "square", "triangle", "diamond", "cross" or "star"; none where it is empty
    marker: str = ""
    hollow: bool = False


@dataclass(frozen=True)
class Ground:
    """The colours of the figure itself, each "#RRGGBB"."""

    plot: str
    text: str
    text2: str
    text3: str
    accent: str
    grid: str
    #: how much of the accent the lowest and the highest ground has, and how dark the contours are
    deep: float
    flat: float
    line: float


@dataclass(frozen=True, eq=False)  # arrays cannot be compared as a whole
class Track:
    """One method: where it was before its first step and after each, and its curve."""

    title: str
    look: Look
    #: shape (steps + 1, 2)
    places: Floats
    #: f − f* or ‖∇f‖ at each place: shape (steps + 1,)
    values: Floats


@dataclass(frozen=True, eq=False)
class Theory:
    """A line of theory beside the curves."""

    name: str
    values: Floats


@dataclass(frozen=True, eq=False)
class Drawing:
    """Everything that is drawn."""

    lab: Lab
    tracks: tuple[Track, ...]
    theory: tuple[Theory, ...]
    ground: Ground
    what: What
    #: of the landscape
    view: View
    #: of the curves, as powers of ten
    powers: tuple[float, float]
    #: the paths are drawn as far as this one
    step: int
    #: of a landscape that is a slice of a run
    part: Slice | None = None

    @property
    def steps(self) -> int:
        return self.lab.landscape.steps

    @property
    def surface(self) -> Surface:
        return Surface(self.lab.landscape, self.part)


def save(folder: Path, drawing: Drawing, wish: Wish) -> None:
    """Write a drawing, and of a Wish its size, into a folder that is there. Raises OSError."""
    arrays: dict[str, Floats] = {}
    for place, track in enumerate(drawing.tracks):
        arrays[f"places {place}"], arrays[f"values {place}"] = track.places, track.values
    for place, line in enumerate(drawing.theory):
        arrays[f"theory {place}"] = line.values
    if drawing.part is not None:
        arrays["slice"] = drawing.part.losses
    words = {
        "tracks": [{"title": track.title, "look": asdict(track.look)} for track in drawing.tracks],
        "theory": [line.name for line in drawing.theory], "ground": asdict(drawing.ground), "what": drawing.what,
        "view": drawing.view, "powers": drawing.powers, "step": drawing.step,
        "reach": drawing.part.reach if drawing.part is not None else None,
        "size": {name: getattr(wish, name) for name in _SIZES},
    }  # fmt: skip
    np.savez(folder / _NUMBERS, **arrays)  # type: ignore[arg-type] # none of the names is one of its own arguments
    (folder / _LAB).write_text(lab_presets.dump(drawing.lab), encoding="utf-8")
    (folder / _WORDS).write_text(json.dumps(words), encoding="utf-8")


def load(folder: Path) -> tuple[Drawing, Wish]:
    """What `save` has written. Raises ExportError when it is not there any more."""
    try:
        words: dict[str, Any] = json.loads((folder / _WORDS).read_bytes())
        with np.load(folder / _NUMBERS, allow_pickle=False) as file:
            arrays: dict[str, Floats] = {name: file[name] for name in file.files}
        lab = lab_presets.loads((folder / _LAB).read_text(encoding="utf-8")).lab
    except OSError as error:
        raise ExportError(f"What was to be drawn cannot be read ({error.strerror}). Export it once more.") from error
    tracks = tuple(
        Track(each["title"], _look(each["look"]), arrays[f"places {place}"], arrays[f"values {place}"])
        for place, each in enumerate(words["tracks"])
    )
    theory = tuple(Theory(name, arrays[f"theory {place}"]) for place, name in enumerate(words["theory"]))
    part = Slice(arrays["slice"], words["reach"]) if "slice" in arrays else None
    ground = Ground(**{each.name: words["ground"][each.name] for each in fields(Ground)})
    left, right, bottom, top = words["view"]
    low, high = words["powers"]
    drawing = Drawing(
        lab, tracks, theory, ground, words["what"], (left, right, bottom, top), (low, high), words["step"], part
    )
    return drawing, sized(**words["size"])


def sized(**size: Any) -> Wish:
    """A Wish of a size: of the lab there are two plots, which stand one above the other where they find no room side by side."""
    wish = Wish(lanes=("loss",), **size)
    return wish if wide(wish) else Wish(lanes=("loss", "metric"), **size)


def wide(wish: Wish) -> bool:
    """Whether the two plots stand side by side."""
    return wish.width_cm >= wish.height_cm


def _look(tree: dict[str, Any]) -> Look:
    return Look(tree["colour"], tuple(tree["dash"]), tree["marker"], tree["hollow"])
