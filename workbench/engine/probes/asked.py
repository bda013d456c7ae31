"""What a probe is asked, and the way it tells how far it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from workbench.events import Phase
from workbench.paths import Workspace
from workbench.spec.recipe import Recipe

_READING = {Phase.DOWNLOADING: "Downloading", Phase.READING: "Reading pictures"}


@dataclass(frozen=True)
class Asked:
    """A question with its recipe; `tell` sends one line to whoever asked."""

    workspace: Workspace
    recipe: Recipe
    tell: Callable[[dict[str, Any]], object]
    #: what the question says beside the recipe
    options: dict[str, Any] = field(default_factory=dict)

    def progress(self, done: int, of: int, words: str) -> None:
        """Say that `done` parts of `of` are done, and what is being done; `of` 0 means that nobody knows."""
        self.tell({"progress": {"done": done, "of": of, "words": words}})

    def partial(self, **found: Any) -> None:
        """Say what has been found so far."""
        self.tell({"partial": found})

    def reading(self, phase: Phase, done: int, total: int | None, note: str) -> None:
        """Say how far the reading of the data is; as data.load calls it."""
        words = _READING.get(phase, "Preparing")
        # Where the note only names what is counted, the words have said so.
        self.progress(done, total or 0, f"{words}: {note}" if note and note not in words else words)
