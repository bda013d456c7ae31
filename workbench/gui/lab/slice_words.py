"""What is said of a run's measured loss: whose it is, and where its checkpoints lie."""

from __future__ import annotations

from workbench.descent.slices import About
from workbench.gui import words
from workbench.gui.lab.landscape import figure
from workbench.plain import plain


def measured(about: About, name: str) -> str:
    """Whose loss a slice is, in a sentence or two."""
    pictures = words.plural(about.pictures, "training picture", "training pictures")
    weights = f"weights after epoch {about.epoch}, step {words.count(about.step)}"
    told = f"{name}, {weights}: loss {figure(about.loss)} on {pictures}, in the middle."
    if not about.clipped:
        return told
    points = words.plural(about.clipped, "point", "points")
    return f"{told} In {points} the loss was no number or too high; there it is drawn as {figure(about.highest)}."


def labels(about: About) -> tuple[tuple[float, float, str], ...]:
    """The checkpoints on a slice: (x, y, what is written beside it)."""
    own = (0.0, 0.0, f"Weights after epoch {about.epoch}")
    return (own,) if about.other_at is None else (own, (*about.other_at, f"After epoch {_epoch(about.other)}"))


def _epoch(place: str) -> str:
    """The epoch in a checkpoint's name, "000004-000000180"; the name itself where it is none."""
    epoch = place.partition("-")[0]
    return str(int(epoch)) if epoch.isdecimal() else plain(place, 24)
