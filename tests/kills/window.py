"""A real window that starts runs, to be killed: `python -m tests.kills.window HOME RECIPE COUNT`. Says "started" when it has."""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import QObject, QTimer

from workbench.gui.app import application, open_window
from workbench.gui.theme import Theme
from workbench.paths import Workspace
from workbench.spec import presets


class Starter(QObject):
    """Presses Start so often, once the window stands."""

    def __init__(self, window: object, recipe: Path, count: int) -> None:
        super().__init__()
        self._window, self._recipe, self._count = window, recipe, count
        QTimer.singleShot(0, self.start)

    def start(self) -> None:
        recipe = presets.loads(self._recipe.read_text()).recipe
        for _ in range(self._count):
            self._window.session.start(recipe, "")  # type: ignore[attr-defined]
        sys.stdout.write("started\n")
        sys.stdout.flush()


def main() -> None:
    home, recipe, count = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    app = application()
    window = open_window(app, Theme("dark"), Workspace(home))
    starter = Starter(window, recipe, count)
    app.exec()
    del starter


if __name__ == "__main__":
    main()
