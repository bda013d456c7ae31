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
        if os.getsid(0) == os.getpid():
            _lower_session()


def _lower_session() -> None:
    """Lower the session that this process leads.

    Linux as desktops have it shares the processor between sessions first (sched(7), "The autogroup feature"): a niceness
    then counts among the processes of its own session only, and not against the window.
    """
    try:
        with open("/proc/self/autogroup", "r+", encoding="ascii") as group:  # noqa: PTH123 - pathlib is an import more
            group.write(str(NICE))
    except OSError:
        pass  # a system without such groups, or one where they are set by others
