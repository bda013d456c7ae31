"""Asks probes for the window, of a recipe or of a run: one at a time of each kind, and what nobody wants any more is dropped.

A probe is real work in a process of its own (launch/probe.py). Here its lines are looked at by a timer and said as signals;
what they mean is decided by whoever asked. The window never waits: a process whose answer is dropped is killed by a thread,
since that may take a moment. When the window closes, no process of them is left.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from workbench.errors import EngineError
from workbench.gui import words
from workbench.paths import Workspace
from workbench.spec import Recipe

if TYPE_CHECKING:
    from workbench.launch.probe import Probe

#: How often a running probe is listened to.
LOOK_MS = 50
#: How long the end of the window waits for a process that is being killed.
LEAVE_SECONDS = 3.0


@dataclass(frozen=True)
class Progress:
    """How far a probe is: `done` of `of` parts; `of` 0 means that nobody knows."""

    done: int
    of: int
    words: str

    @property
    def share(self) -> float | None:
        """From 0 to 1."""
        return min(1.0, self.done / self.of) if self.of > 0 else None

    @property
    def sentence(self) -> str:
        """What is being done, and how far it is where that is known."""
        return f"{self.words}: {words.count(self.done)} of {words.count(self.of)}" if self.of > 0 else self.words


class Inquiry(QObject):
    """One kind of question. Asked again, it forgets the question before."""

    #: It was asked (the recipe).
    begun = Signal(object)
    #: It has got further (a Progress).
    progressed = Signal(object)
    #: Something was found on the way (a tree of plain values).
    partly_found = Signal(object)
    #: The answer has come (the recipe asked about, a tree of plain values).
    answered = Signal(object, object)
    #: There is no answer (a sentence).
    failed = Signal(str)
    #: Nobody wants the answer any more.
    cancelled = Signal()

    def __init__(self, workspace: Workspace, question: str, parent: QObject | None = None) -> None:
        """`question` as engine/probes calls it: xray, preflight, results …"""
        super().__init__(parent)
        self.question = question
        #: What is asked about at the moment; None when nothing is.
        self.recipe: Recipe | None = None
        self._workspace = workspace
        self._probe: Probe | None = None
        #: those that have said their last word, until their processes are gone
        self._leaving: list[Probe] = []
        #: they kill those that nobody wants to hear any more
        self._killing: list[threading.Thread] = []
        self._closed = False
        self._clock = QTimer(self, interval=LOOK_MS)
        self._clock.setObjectName(f"{question}ProbeClock")
        self._clock.timeout.connect(self._look)

    @property
    def running(self) -> bool:
        return self._probe is not None

    def ask(self, recipe: Recipe, **options: Any) -> None:
        """Ask about a recipe, or with `run` and more about a run that has it; an answer that is still awaited is dropped."""
        if self._closed:
            return
        from workbench.launch.probe import Probe  # noqa: PLC0415 - not before the first paint
        from workbench.spec import presets  # noqa: PLC0415 - the form has it loaded by now

        self._drop()
        question = {**options, "question": self.question, "recipe": presets.dump(recipe)}
        try:
            self._probe = Probe.start(self._workspace, question, recipe.training.backend)
        except EngineError as error:
            self.failed.emit(str(error))
            return
        self.recipe = recipe
        self._clock.start()
        self.begun.emit(recipe)

    def cancel(self, afterwards: Callable[[], object] = lambda: None) -> None:
        """Do without the answer; its process is gone soon, and `afterwards` is called then, by a thread."""
        if self.running:
            self._drop(afterwards)
            self.cancelled.emit()

    def close(self) -> None:
        """For good: the window closes. No process is left when this returns."""
        self._closed = True
        self._drop()
        for probe in self._leaving:
            self._kill(probe)
        for thread in self._killing:
            thread.join(LEAVE_SECONDS)
        self._leaving.clear()
        self._killing.clear()

    def _drop(self, afterwards: Callable[[], object] = lambda: None) -> None:
        probe = self._end()
        if probe is not None:
            self._kill(probe, afterwards)

    def _kill(self, probe: Probe, afterwards: Callable[[], object] = lambda: None) -> None:
        def kill() -> None:
            probe.cancel()
            afterwards()

        thread = threading.Thread(target=kill, name="probe cancel", daemon=True)
        self._killing.append(thread)
        thread.start()

    def _end(self) -> Probe | None:
        """Listen no more; whom it listened to."""
        probe, self._probe, self.recipe = self._probe, None, None
        self._clock.stop()
        self._leaving = [each for each in self._leaving if not each.done]
        self._killing = [each for each in self._killing if each.is_alive()]
        return probe

    def _look(self) -> None:
        probe = self._probe
        assert probe is not None, "the clock runs as long as there is one"
        for line in probe.told():
            self._hear(probe, line)
            if self._probe is not probe:  # whoever heard it asked anew, or has had enough
                return

    def _hear(self, probe: Probe, line: dict[str, Any]) -> None:
        match line:
            case {"progress": {"done": int(done), "of": int(of), "words": str(words)}}:
                self.progressed.emit(Progress(done, of, words))
            case {"partial": dict(found)}:
                self.partly_found.emit(found)
            case {"answer": dict(answer)}:
                recipe = self.recipe
                self._see_out(probe)
                self.answered.emit(recipe, answer)
            case {"problem": str(sentence)}:
                self._see_out(probe)
                self.failed.emit(sentence)
            case _:
                pass  # an engine of another version may tell more

    def _see_out(self, probe: Probe) -> None:
        self._end()
        self._leaving.append(probe)


class Probes(QObject):
    """What is asked about the form's recipe by the desks of the window; who shows runs asks for itself."""

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.xray, self.preflight, self.rate, self.overfit = (
            Inquiry(workspace, question, self) for question in ("xray", "preflight", "rate", "overfit")
        )

    def close(self) -> None:
        """Cancel everything."""
        for inquiry in (self.xray, self.preflight, self.rate, self.overfit):
            inquiry.close()
