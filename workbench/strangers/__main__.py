"""The process that looks at a stranger's file: `python -m workbench.strangers`, with a request as a line of JSON on its input.

{"path": …, "seconds": …, "take": …}. It says one JSON object on one line; asked to take the weights, the numbers of all
arrays follow in their order. It looks at one file and ends.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import ExitStack
from pathlib import Path

from workbench.strangers.confining import confine


def main() -> None:
    """Take one request, and do it."""
    # Whatever prints must not get into the answer.
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    words = json.loads(sys.stdin.buffer.readline())
    path = Path(words["path"])
    confine(path, float(words["seconds"]))
    from workbench.strangers.looking import take  # noqa: PLC0415 - within the limits

    with ExitStack() as opened:
        found, layers = take(path, opened)
        out.write(json.dumps(found.tree()).encode("ascii") + b"\n")
        out.flush()
        if words["take"]:
            for array in (each for layer in layers for each in layer.arrays):
                for piece in array.read():
                    out.write(piece)
            out.flush()


if __name__ == "__main__":
    main()
    # Libraries that a file has confused are not asked to tidy up.
    os._exit(0)
