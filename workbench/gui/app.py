"""Opens the window: application, theme, exception hook; then, after the first paint, everything that may wait.

A workspace that cannot be used opens a small window that says so and what to do, never a trace.
"""

from __future__ import annotations

import gc
import logging
import logging.handlers
import sys
import threading
import traceback
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QMainWindow, QVBoxLayout, QWidget

from workbench.errors import ErrorCard, WorkbenchError
from workbench.gui.error_card import ErrorCardView
from workbench.gui.theme import Theme
from workbench.gui.window import Window
from workbench.paths import HOME_VARIABLE, Workspace, find_workspace

LOG_BYTES = 256 * 1024


class FaultHook(QObject):
    """Catches what no other part expected: logs it to the workspace and shows a card, once at a time."""

    #: Something failed that nobody expected (its trace as text); may come from any thread.
    caught = Signal(str)

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._log = logging.getLogger("workbench.window")
        self._log.propagate = False
        self._handler = _log_file(workspace)
        self._log.addHandler(self._handler)
        self._before = sys.excepthook, threading.excepthook
        sys.excepthook = self._take
        threading.excepthook = self._take_from_thread

    def close(self) -> None:
        sys.excepthook, threading.excepthook = self._before
        self._log.removeHandler(self._handler)
        self._handler.close()

    def _take(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            QApplication.quit()
            return
        text = "".join(traceback.format_exception(kind, error, trace))
        self._log.error("%s", text)
        sys.stderr.write(text)
        self.caught.emit(text)

    def _take_from_thread(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            self._take(args.exc_type, args.exc_value, args.exc_traceback)


def _log_file(workspace: Workspace) -> logging.Handler:
    """window.log in the workspace; where that cannot be written, nowhere."""
    try:
        return logging.handlers.RotatingFileHandler(
            workspace.home / "window.log", maxBytes=LOG_BYTES, backupCount=1, delay=True, encoding="utf-8"
        )
    except OSError:
        return logging.NullHandler()


class CardWindow(QMainWindow):
    """A window with nothing but a card: the workspace cannot be used, or a fault of ours."""

    def __init__(self, theme: Theme, card: ErrorCard) -> None:
        super().__init__()
        self.setWindowTitle("Keras Workbench")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(theme.px(760), theme.px(420))
        self.view = ErrorCardView(theme)
        self.view.show_card("", card, curves=False)
        self.view.recipe.hide()
        ground = QWidget()
        column = QVBoxLayout(ground)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.view)
        self.setCentralWidget(ground)


class Faults(QObject):
    """Shows what the hook caught as a card; a second one while the first is open only goes to the log."""

    def __init__(self, theme: Theme, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._log = workspace.home / "window.log"
        self._window: CardWindow | None = None

    def show_fault(self, trace: str) -> None:
        if self._window is not None:
            return
        self._window = CardWindow(self._theme, fault_card(trace, self._log))
        self._window.destroyed.connect(self._forget)
        self._window.show()

    def _forget(self) -> None:
        self._window = None


def fault_card(trace: str, log: Path) -> ErrorCard:
    """The card for a defect of ours."""
    last = trace.strip().rsplit("\n", 1)[-1]
    return ErrorCard(
        title="Something in the window went wrong",
        what_happened="This is a fault of the program, not of your recipe or your pictures.",
        evidence=(last,),
        what_to_try=(
            "Go on, or close the window and open it again.",
            f"Report it with the text behind Copy report, which is also in {log}.",
        ),
        what_is_safe="Training does not run in the window: it goes on, and every run is kept.",
        details=trace,
    )


def workspace_card(sentence: str, home: Path) -> ErrorCard:
    """The card for a workspace that cannot be used."""
    return ErrorCard(
        title="The workspace cannot be used",
        what_happened=sentence,
        what_to_try=(
            f"Allow reading and writing in {home}, then open the window again.",
            f"Or choose another folder: workbench --home FOLDER, or set {HOME_VARIABLE}.",
        ),
        what_is_safe="Nothing was changed. Runs and presets in this folder stay as they are.",
    )


class FirstPaint(QObject):
    """Waits for a window's first paint, then for the event loop to be idle."""

    #: The window has been painted for the first time.
    painted = Signal()

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._window and event.type() in {QEvent.Type.Paint, QEvent.Type.UpdateRequest}:
            self._window.removeEventFilter(self)
            QTimer.singleShot(0, self, self.painted.emit)
        return super().eventFilter(watched, event)


def application() -> QApplication:
    """The application, made once a process."""
    app = QApplication.instance()
    if isinstance(app, QApplication):
        return app
    QApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    app = QApplication(sys.argv[:1])
    app.setApplicationName("Keras Workbench")
    app.setDesktopFileName("keras-workbench")
    return app


def main(home: str | Path | None = None) -> int:
    """Open the window on a workspace and stay until it is closed; the exit code."""
    workspace = find_workspace(home)
    app = application()
    theme = Theme()
    hook = FaultHook(workspace)
    faults = Faults(theme, workspace)
    hook.caught.connect(faults.show_fault)
    try:
        window: QMainWindow = open_window(app, theme, workspace)
    except WorkbenchError as error:
        theme.apply(app)
        window = CardWindow(theme, workspace_card(str(error), workspace.home))
        window.show()
    status = app.exec()
    hook.close()
    del window
    return status


def open_window(app: QApplication, theme: Theme, workspace: Workspace) -> Window:
    """The window, shown; what may wait follows its first paint. Raises WorkbenchError."""
    window = Window(theme, workspace)
    # Only now: a style sheet set before is worked out again for every widget that is put into another.
    theme.apply(app)
    first = FirstPaint(window)
    first.painted.connect(window.finish)
    first.painted.connect(_settle)
    window.open()
    return window


def _settle() -> None:
    """All that was imported and built stays until the end.

    Looking through it for garbage again and again, while a run is drawn, cost single frames tens of milliseconds.
    """
    gc.freeze()
