"""What is carried, its names in files that have room for named texts, and how much it is at most."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from workbench.spec import presets

RECIPE, FACTS = "workbench.recipe", "workbench.model"
#: Of figures of the descent lab: its settings, as a preset of the lab.
LAB = "workbench.lab"
#: Class names by the thousand fit into this.
LARGEST_FACTS = 4 << 20
LARGEST = {RECIPE: presets.LARGEST, FACTS: LARGEST_FACTS, LAB: presets.LARGEST}
#: A recipe written so that no sign of it means something else: six for one, at most.
LARGEST_ESCAPED = 6 * presets.LARGEST
#: Of a safetensors header, in bytes; that of a network with thousands of weights has a tenth, a recipe with its facts stands in it too.
LARGEST_HEADER = 6 << 20
#: Of a file that is looked through as a whole: a notebook with its pictures, a report and a figure have less.
LARGEST_FILE = 32 << 20


@dataclass(frozen=True)
class Carried:
    """What was found in a file."""

    recipe: str
    #: of models; empty elsewhere
    facts: dict[str, Any] = field(default_factory=dict)

    def texts(self) -> dict[str, str]:
        """What is written: RECIPE and FACTS, as text."""
        return {RECIPE: self.recipe, FACTS: json.dumps(self.facts, ensure_ascii=False, indent=1)}


def text(file: IO[bytes], most: int, length: int | None = None) -> str:
    """So many bytes as text, or all that follow. Raises ValueError when there are more than `most`."""
    if length is not None and length > most:
        raise ValueError("larger than it can be")
    content = file.read(most + 1 if length is None else length)
    if len(content) > most:
        raise ValueError("larger than it can be")
    return content.decode()


def whole(path: Path) -> bytes:
    """A file that is looked through as a whole. Raises ValueError when it is too large for that, before it is read."""
    with path.open("rb") as file:
        if file.seek(0, 2) > LARGEST_FILE:
            raise ValueError("larger than it can be")
        file.seek(0)
        return file.read(LARGEST_FILE)


def known(notes: Iterable[tuple[Any, Any]]) -> dict[str, str]:
    """Of named texts those that are ours, unless they are larger than they can be."""
    return {str(name): str(value) for name, value in notes if name in LARGEST and len(str(value)) <= LARGEST[name]}
