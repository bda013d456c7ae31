"""The process of a scan: `python -m workbench.data.scan`, with a request as a line of JSON on its input.

{"data": the recipe's data station in JSON, "kind": which it is, "seed": …, "home": the workspace's folder, "fetch": …}. It says
messages on its output, and ends when its input does: so it never outlives the window, and closing it is how it is broken off.
"""

from __future__ import annotations

import json
import os
import sys
import threading

from workbench import priority


def main() -> None:
    """Take one request, and do it."""
    # First of all, so that the window does not feel even the imports.
    priority.lower()
    # Whatever prints must not get between the messages.
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    words = json.loads(sys.stdin.buffer.readline())
    from workbench.data.scan.message import Message, send  # noqa: PLC0415 - after the first line
    from workbench.data.scan.reading import Notebook  # noqa: PLC0415 - as above

    notebook = Notebook()
    stopping = threading.Event()

    def wait_for_the_end() -> None:
        sys.stdin.buffer.read()
        stopping.set()

    def say(message: Message) -> None:
        try:
            send(out, message)
        except OSError:  # nobody listens any more
            stopping.set()

    threading.Thread(target=wait_for_the_end, name="stop", daemon=True).start()
    from workbench.data.scan.request import Request, scan  # noqa: PLC0415 - as above
    from workbench.errors import RecipeError  # noqa: PLC0415
    from workbench.paths import find_workspace  # noqa: PLC0415
    from workbench.spec import data as spec  # noqa: PLC0415 - this station alone: the others take as long as all the rest

    try:
        settings = spec.from_json(words["data"], words["kind"])
        request = Request(settings, int(words["seed"]), find_workspace(words["home"]), bool(words["fetch"]))
        scan(request, notebook, say, stopping)
    except RecipeError as error:
        say(Message("problem", {"sentence": str(error)}))
        say(Message("ended", {"stopped": False}))
    finally:
        notebook.close()


if __name__ == "__main__":
    main()
    # The thread that waits for the end of the input would be waited for by the interpreter.
    os._exit(0)
