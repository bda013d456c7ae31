"""What of a figure is on or off as a person likes, each declared once: the dialog and the command line read it.

It knows no curves, so that a command that only prints its help need not wait for NumPy.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Switch:
    """Something of a figure that is on or off."""

    title: str
    help: str


#: By the name of their field in a Wish.
SWITCHES: dict[str, Switch] = {
    "flags": Switch(
        "Event flags",
        "Numbers where the learning rate changed, the run paused or was resumed, a checkpoint was saved and the like; "
        "the words are below the curves.",
    )
}
