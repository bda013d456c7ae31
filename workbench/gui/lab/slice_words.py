"""What is said of a run's measured loss: whose it is, and where its checkpoints lie."""

from __future__ import annotations

from workbench.descent.slices import About
from workbench.gui import words
from workbench.gui.lab.landscape import figure
from workbench.plain import plain


def measured(about: About, name: str) -> str:
    """Whose loss a slice is, in a sentence or two."""
    pictures = words.plural(about.pictures, "training picture", "training pictures")
    when = _when(about.epoch, within=about.within)
    told = f"{name}, weights {when}, step {words.count(about.step)}: loss {figure(about.loss)} on {pictures}, in the middle."
    if not about.clipped:
        return told
    points = words.plural(about.clipped, "point", "points")
    return f"{told} In {points} the loss was no number or too high; there it is drawn as {figure(about.highest)}."


def labels(about: About) -> tuple[tuple[float, float, str], ...]:
    """The checkpoints on a slice: (x, y, what is written beside it)."""
    own = _label(about.epoch, about.step, within=about.within)
    middle = (0.0, 0.0, f"Weights {own}")
    return (middle,) if about.other_at is None else (middle, (*about.other_at, _other(about)))


def _other(about: About) -> str:
    """The other checkpoint by its name, "000004-000000180"; the name itself where it is none."""
    epoch, _, step = about.other.partition("-")
    if not (epoch.isdecimal() and step.isdecimal()):
        return plain(about.other, 24)
    return _label(int(epoch), int(step), within=about.other_within).capitalize()


def _label(epoch: int, step: int, *, within: bool) -> str:
    """Of an epoch's end there is one checkpoint; of its middle there may be several."""
    when = _when(epoch, within=within)
    return f"{when}, step {words.count(step)}" if within else when


def _when(epoch: int, *, within: bool) -> str:
    """As a checkpoint is called in the list that it is chosen from."""
    return f"within epoch {epoch + 1}" if within else f"after epoch {epoch}"
