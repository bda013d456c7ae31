"""A real window in this process, with a watcher inside its event loop: `python -m tests.bench.window_child STORY HOME`.

Stories: `paint` tells of the first painted window and ends. `training` waits for the warm engine, presses Start, watches the run to
its end at 1440 × 900, and ends. `tabs` looks through the tabs. What was seen is one line of JSON on standard output. The window is started as a person starts
it, through `workbench.__main__`; it is known by its objectNames and, where tabs are turned, by its parts' own names.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

from PySide6.QtWidgets import QApplication

from workbench.__main__ import main as open_window


def main() -> None:
    story, home = sys.argv[1], Path(sys.argv[2])
    original = QApplication.exec
    watchers: list[object] = []

    def exec_watched(*_: object) -> int:
        # The window stands and nothing is painted yet: painting begins with the loop.
        watchers.append(importlib.import_module(f"tests.bench.watch_{story}").Watcher(home))
        return original()

    QApplication.exec = exec_watched
    sys.argv = ["workbench", "--home", str(home)]
    open_window()


if __name__ == "__main__":
    main()
