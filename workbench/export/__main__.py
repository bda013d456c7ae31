"""Writes a run into a file, for whoever must not be held up by it (launch/written.py). What stands in the way goes to stderr.

Unlike an engine it does not give way to others: it takes about a second, and somebody waits for it.

python -m workbench.export --home DIR --run ID --as report --to run.html
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from workbench.errors import WorkbenchError
from workbench.export import whole
from workbench.journal import Journal
from workbench.paths import find_workspace

#: The exit code that goes with a sentence.
SAID = 2


def main(arguments: list[str] | None = None) -> int:
    """The exit code."""
    reader = argparse.ArgumentParser(prog="workbench.export")
    for name in ("--home", "--run", "--as", "--to"):
        reader.add_argument(name, required=True)
    asked = vars(reader.parse_args(arguments))
    try:
        with Journal(find_workspace(asked["home"])) as journal:
            whole.save(asked["as"], journal.run(asked["run"]), journal, Path(asked["to"]))
    except WorkbenchError as error:
        sys.stderr.write(f"{error}\n")
        return SAID
    return 0


if __name__ == "__main__":
    sys.exit(main())
