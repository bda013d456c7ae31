"""Lowers the priority of this process: the window must stay smooth whatever engine and keeper do.

Niceness among the processes of a session cost training nothing measurable; the weight of a session does, see TRAINING.
Imports next to nothing, because it is called before the imports that would already be felt.
"""

from __future__ import annotations

import os
import sys

NICE = 10
#: The niceness of a session that trains. One of low weight trains more slowly, even alone on the machine: a small CNN on two
#: cores, the window open, came to 0.86 of its speed in the shell's own session at 10, to 0.91 at 7 and to 0.94 at 5 (medians
#: of six); but at 5 the window's timer, where the machine was slow, came to a p99 of 27 ms.
TRAINING = 7


def lower(session: int = NICE) -> None:
    """Bring this process, and what it starts, to low priority; where it leads a session, that to the niceness given."""
    if sys.platform == "win32":
        import psutil  # noqa: PLC0415 - only there

        psutil.Process().nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
    else:
        os.nice(max(0, NICE - os.nice(0)))
        if os.getsid(0) == os.getpid():
            _lower_session(session)


def _lower_session(niceness: int) -> None:
    """Lower the session that this process leads.

    Linux as desktops have it shares the processor between sessions first (sched(7), "The autogroup feature"): a niceness
    then counts among the processes of its own session only, and not against the window.
    """
    try:
        with open("/proc/self/autogroup", "r+", encoding="ascii") as group:  # noqa: PTH123 - pathlib is an import more
            group.write(str(niceness))
    except OSError:
        pass  # a system without such groups, or one where they are set by others
