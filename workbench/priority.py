"""Lowers the priority of this process: the window must stay smooth whatever engine and keeper do.

Low priority cost training nothing measurable. Imports next to nothing, because it is called before the imports
that would already be felt.
"""

from __future__ import annotations

import os
import sys

NICE = 10


def lower() -> None:
    """Bring this process, and what it starts, to low priority."""
    if sys.platform == "win32":
        import psutil  # noqa: PLC0415 - only there

        psutil.Process().nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
    else:
        os.nice(max(0, NICE - os.nice(0)))
