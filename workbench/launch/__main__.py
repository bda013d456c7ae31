"""The keeper's process: `python -m workbench.launch --home DIR`. Started by `ensure_keeper`, not by hand."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from workbench import priority


def main() -> int:
    # First of all, so that the window does not feel even the imports.
    priority.lower()
    from workbench.errors import WorkspaceError  # noqa: PLC0415 - after the line above
    from workbench.launch.keeper import keep  # noqa: PLC0415 - as above
    from workbench.paths import Workspace  # noqa: PLC0415 - as above

    parser = argparse.ArgumentParser(prog="workbench.launch", description="Keeps the runs of a workspace.")
    parser.add_argument("--home", type=Path, required=True)
    try:
        keep(Workspace(parser.parse_args().home.absolute()))
    except WorkspaceError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
