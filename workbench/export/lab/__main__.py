"""Draws the descent lab into a file, for whoever must not be held up by it (launch/written.py). What stands in the way goes to stderr.

python -m workbench.export.lab --home DIR --drawing FOLDER --to lab.png
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from workbench.errors import WorkbenchError
from workbench.export.lab import drawing, figure

#: The exit code that goes with a sentence.
SAID = 2


def main(arguments: list[str] | None = None) -> int:
    """The exit code."""
    reader = argparse.ArgumentParser(prog="workbench.export.lab")
    for name in ("--home", "--drawing", "--to"):
        reader.add_argument(name, type=Path, required=True)
    asked = reader.parse_args(arguments)
    try:
        found, wish = drawing.load(asked.drawing)
        figure.save(found, asked.to, wish)
    except WorkbenchError as error:
        sys.stderr.write(f"{error}\n")
        return SAID
    return 0


if __name__ == "__main__":
    sys.exit(main())
