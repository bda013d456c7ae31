"""One RunThread for each run that is looked at or at work, and what each run has said so far.

Knows which threads live and keeps their runs' curves; does not know what is drawn from them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from workbench.events import AttemptStarted, Failed, Live
from workbench.gui.run_thread import Followed, Loaded, RunThread
from workbench.journal import Run, Said
from workbench.paths import Workspace

if TYPE_CHECKING:
    from workbench.curves.run_curves import RunCurves
    from workbench.launch.warm import WarmEngine


@dataclass
class Story:
    """What is known of one followed run; grows while the run lives."""

    run: Run
    curves: RunCurves
    live: Live | None
    said: list[Said] = field(default_factory=list)
    #: whether the successor of its warm engine was asked for
    warmed: bool = False

    @property
    def failure(self) -> Failed | None:
        """Why the latest attempt failed, if it did."""
        for each in reversed(self.said):
            if isinstance(each.event, Failed):
                return each.event
            if isinstance(each.event, AttemptStarted):
                return None
        return None


class Followers(QObject):
    """Follows runs, each by a thread of its own."""

    #: A run's story so far is there for the first time (the run's id).
    story_loaded = Signal(str)
    #: A followed run said something new (the run's id, the events of type Said).
    story_grew = Signal(str, object)
    #: A followed run has ended (its id).
    run_ended = Signal(str)
    #: The warm engine has become a run's process (the run's id).
    handed_over = Signal(str)
    #: A run could not be started or read (its id, a sentence).
    failed = Signal(str, str)

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._threads: dict[str, RunThread] = {}
        self._leaving: list[RunThread] = []
        self._stories: dict[str, Story] = {}

    def story(self, run: str | None) -> Story | None:
        return self._stories.get(run) if run else None

    def following(self, run: str) -> bool:
        return run in self._threads

    def follow(self, run: str, *, start: bool = False, warm: WarmEngine | None = None) -> None:
        """Follow a run from its beginning; with `start`, get it an engine first."""
        if run in self._threads:
            return
        thread = RunThread(self._workspace, run, start=start, warm=warm, parent=self)
        self._threads[run] = thread
        thread.loaded.connect(self._take_loaded)
        thread.followed.connect(self._take_followed)
        thread.run_ended.connect(self.run_ended)
        thread.handed_over.connect(self.handed_over)
        thread.failed.connect(self.failed)
        thread.finished.connect(self._forget_thread)
        thread.start()

    def expect(self, run: Run) -> None:
        """A run was just created: its story begins with its row, before a thread has read anything."""
        from workbench.curves.run_curves import RunCurves  # noqa: PLC0415 - not before the first paint

        self._stories[run.id] = Story(run, RunCurves(), None)

    def put(self, loaded: Loaded) -> None:
        """The story of a run that nobody follows, read by somebody else."""
        run = loaded.run.id
        if run not in self._threads and run not in self._stories:
            self._stories[run] = Story(loaded.run, loaded.curves, loaded.live, list(loaded.said))
            self.story_loaded.emit(run)

    def drop(self, run: str) -> None:
        """Stop following a run and forget its curves."""
        thread = self._threads.pop(run, None)
        if thread is not None:
            # It may be in the middle of reading a long run: the window does not wait for that.
            thread.leave()
            self._leaving.append(thread)
        self._stories.pop(run, None)

    def keep_only(self, runs: set[str]) -> None:
        """Forget every run that is not among these."""
        for run in (self._stories.keys() | self._threads.keys()) - runs:
            self.drop(run)

    def close(self) -> None:
        """End every thread; the trainings go on."""
        self.keep_only(set())
        for thread in self._leaving:
            thread.stop()

    def _take_loaded(self, loaded: Loaded) -> None:
        run = loaded.run.id
        if self.sender() is not self._threads.get(run):
            return
        self._stories[run] = Story(loaded.run, loaded.curves, loaded.live, list(loaded.said))
        self.story_loaded.emit(run)

    def _take_followed(self, news: Followed) -> None:
        story = self._stories.get(news.run.id)
        if story is None or self.sender() is not self._threads.get(news.run.id):
            return
        story.run, story.live = news.run, news.live
        story.said.extend(news.said)
        story.curves.feed(news.said, news.steps)
        self.story_grew.emit(news.run.id, news.said)

    def _forget_thread(self) -> None:
        thread = self.sender()
        if not isinstance(thread, RunThread):
            return
        if self._threads.get(thread.run_id) is thread:
            del self._threads[thread.run_id]
        if thread in self._leaving:
            self._leaving.remove(thread)
        thread.wait()
        thread.deleteLater()

    def living(self) -> set[str]:
        """The runs whose threads are at work."""
        return set(self._threads)
