"""What is typed into the filter of the run table, and which runs it finds; knows no widget."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from workbench.events import State
from workbench.gui import words
from workbench.gui.runs.watch import Row

#: Before a word that must begin one of the run's tags.
TAG = "tag:"


@dataclass(frozen=True)
class Search:
    """Every word must be found: somewhere in what is said of the run, or with "tag:" at the beginning of a tag."""

    words: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()

    @classmethod
    def of(cls, typed: str) -> Self:
        """A search as typed; capitals do not matter."""
        parts = typed.casefold().split()
        tags = tuple(part.removeprefix(TAG).lstrip("#") for part in parts if part.startswith(TAG))
        return cls(tuple(part for part in parts if not part.startswith(TAG)), tags)

    def __bool__(self) -> bool:
        return bool(self.words or self.tags)

    def finds(self, row: Row, state: State) -> bool:
        """Whether a run whose pill shows `state` is found."""
        if self.tags:
            tags = [tag.casefold() for tag in row.run.tags]
            if not all(any(tag.startswith(wanted) for tag in tags) for wanted in self.tags):
                return False
        if not self.words:
            return True
        text = told(row, state)
        return all(word in text for word in self.words)


def told(row: Row, state: State) -> str:
    """Everything a run can be found by: name, state, ending, tags, note, preset, and how its recipe differs."""
    run = row.run
    ending = run.ending.value.replace("_", " ") if run.ending else ""
    tags = " ".join(f"#{tag}" for tag in run.tags)
    parts = (
        run.name, words.state(state, run.ending), ending, tags, run.note, run.preset, row.line, *(row.chips or ()),
    )  # fmt: skip
    # Numbers of recipes have narrow spaces between their thousands, which nobody types.
    return "\n".join(parts).replace(words.NARROW, "").casefold()
