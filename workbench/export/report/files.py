"""A run's report as a file."""

from __future__ import annotations

from pathlib import Path

from workbench.export.files import write
from workbench.export.report.gathered import gather
from workbench.export.report.page import page
from workbench.journal import Journal, Run


def save(run: Run, journal: Journal, path: Path) -> None:
    """Write the report of a run. It carries the recipe, and with it where the pictures lie. Raises WorkbenchError."""
    write(path, [page(gather(journal, run)).encode("utf-8")])
