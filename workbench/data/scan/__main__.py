"""The process of a scan: `python -m workbench.data.scan`, with a request as a line of JSON on its input.

{"recipe": TOML, "home": the workspace's folder, "files": whether the pictures are files of a folder, "fetch": …}. It says messages on
its output, and ends when its input does: so it never outlives the window, and closing it is how it is broken off.
"""

from __future__ import annotations

from workbench.priority import lower

lower()  # before the imports, which would be felt

import json  # noqa: E402 - as above
import os  # noqa: E402
import sys  # noqa: E402
import threading  # noqa: E402

from workbench.data.scan.message import Message, send  # noqa: E402
from workbench.data.scan.reading import Notebook  # noqa: E402


def main() -> int:
    """Take one request; the exit code."""
    # Whatever prints must not get between the messages.
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    words = json.loads(sys.stdin.buffer.readline())
    notebook = Notebook(files=bool(words["files"]))
    stopping = threading.Event()

    def wait_for_the_end() -> None:
        sys.stdin.buffer.read()
        stopping.set()

    threading.Thread(target=wait_for_the_end, name="stop", daemon=True).start()

    def say(message: Message) -> None:
        try:
            send(out, message)
        except OSError:  # nobody listens any more
            stopping.set()

    # What reads recipes takes as long to import as the crew takes to begin.
    from workbench.data.scan.request import Request, scan  # noqa: PLC0415
    from workbench.paths import find_workspace  # noqa: PLC0415
    from workbench.spec import presets  # noqa: PLC0415

    try:
        recipe = presets.loads(words["recipe"]).recipe
        scan(Request(recipe, find_workspace(words["home"]), bool(words["fetch"])), notebook, say, stopping)
    finally:
        notebook.close()
    return 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    # The thread that waits for the end of the input would be waited for by the interpreter.
    os._exit(code)
