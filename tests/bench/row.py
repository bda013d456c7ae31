"""One line of the table: what is measured, what it must reach, what it reached."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass

HEADINGS = ("what", "must reach", "measured", "against", "ratio", "ok")


@dataclass(frozen=True)
class Row:
    what: str
    must: str
    #: in words, with units
    measured: str
    ok: bool
    #: the other side, in words; empty where the target is no comparison
    against: str = ""
    ratio: float | None = None
    #: why it is not reached, or what has to be known to read it
    note: str = ""

    def cells(self) -> tuple[str, ...]:
        ratio = "" if self.ratio is None else f"{self.ratio:.3g}×"
        return self.what, self.must, self.measured, self.against, ratio, "ok" if self.ok else "NOT REACHED"

    def to_json(self) -> str:
        return json.dumps(dataclasses.asdict(self))

    @staticmethod
    def from_json(line: str) -> Row:
        return Row(**json.loads(line))


def table(rows: list[Row]) -> str:
    """The rows as a table in Markdown, notes below."""
    lines = [HEADINGS, *(row.cells() for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADINGS))]
    lines.insert(1, tuple("-" * width for width in widths))
    body = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines
    ]
    notes = [f"* {row.what}: {row.note}" for row in rows if row.note]
    return "\n".join([*body, *([""] if notes else []), *notes])
