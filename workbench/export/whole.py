"""A run written as a whole, by the word for it: as a report, as a script, as a notebook."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from workbench.errors import ExportError
from workbench.journal import Journal, Run


@dataclass(frozen=True)
class Kind:
    """One way to write a run."""

    name: str
    ending: str
    #: of the files, for those who choose one
    title: str


KINDS: tuple[Kind, ...] = (
    Kind("report", "html", "Report"),
    Kind("script", "py", "Script of plain Keras"),
    Kind("notebook", "ipynb", "Notebook"),
)


def named(name: str) -> Kind:
    """One of them by its name."""
    return next(each for each in KINDS if each.name == name)


def with_ending(kind: str, ending: str, to: Path) -> Path:
    """The file to write; an ending that is missing is added. Raises ExportError for another one."""
    if not to.suffix:
        return to.with_name(f"{to.name}.{ending}")
    if to.suffix.lower() != f".{ending}":
        raise ExportError(
            f"A run as {kind} is a file that ends in .{ending}, got {to.name!r}. Choose another name or kind."
        )
    return to


def save(kind: str, run: Run, journal: Journal, path: Path) -> None:
    """Write it. Raises WorkbenchError with what to do."""
    if kind == "report":
        from workbench.export.report import files as report  # noqa: PLC0415 - matplotlib, for reports only

        report.save(run, journal, path)
    else:
        from workbench.export.script import files as script  # noqa: PLC0415 - the network's plan, for these only

        script.save(kind, run, journal, path)
