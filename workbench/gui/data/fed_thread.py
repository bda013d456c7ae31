"""Asks an engine process what the network is fed: the first batch, and a picture as augmentation changes it.

Waits and reads; an answer that is no longer wanted is given up with its process. Draws nothing.
"""

from __future__ import annotations

import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QThread, Signal

from workbench.errors import WorkbenchError
from workbench.paths import Workspace

if TYPE_CHECKING:
    from workbench.data.pictures import Pixels

#: How often it is looked whether the answer is still wanted.
_LOOK_SECONDS = 0.1


@dataclass(frozen=True)
class Fed:
    """What the engine answered."""

    #: (k, h, w, 1 or 3): the first batch, the picture as augmentation changes it, and (h, w, …) as it is
    batch: Pixels
    changed: Pixels
    original: Pixels
    #: below each picture of the batch, and of the changed ones
    batch_words: tuple[str, ...]
    changed_words: tuple[str, ...]
    #: whether anything is changed at all
    on: bool

    @staticmethod
    def read(folder: Path, answer: dict[str, Any]) -> Fed:
        """Raises OSError or ValueError when what was written is not there."""
        import numpy as np  # noqa: PLC0415 - not before the first paint

        batch, changed, original = (
            np.load(folder / f"{name}.npy", allow_pickle=False) for name in ("batch", "changed", "original")
        )
        changes = tuple(", ".join(words) or "Unchanged" for words in answer["changes"])
        return Fed(batch, changed, original, tuple(_labels(answer)), changes, bool(answer["on"]))


def _labels(answer: dict[str, Any]) -> list[str]:
    classes, labels = answer["classes"], answer["labels"]
    if not labels:
        return [""] * len(answer["rows"])
    names = [str(classes[label]) for label in labels]
    if answer["partner"] is None:
        return names
    return [
        names[place] if share >= 1 else f"{share:.0%} {names[place]}, {1 - share:.0%} {names[partner]}"
        for place, (partner, share) in enumerate(zip(answer["partner"], answer["share"], strict=True))
    ]


class FedThread(QThread):
    """One question, from its beginning to its answer."""

    #: The engine has answered (a Fed).
    answered = Signal(object)
    #: It could not (a sentence).
    failed = Signal(str)

    def __init__(
        self, workspace: Workspace, question: dict[str, Any], backend: str, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("fedThread")
        self._workspace, self._question, self._backend = workspace, question, backend
        self._stopping = threading.Event()

    def leave(self) -> None:
        """Give the answer up soon, without waiting for that."""
        self._stopping.set()

    def run(self) -> None:
        from workbench.launch.probe import Probe  # noqa: PLC0415 - not before the first paint

        with tempfile.TemporaryDirectory(prefix="workbench-fed-", ignore_cleanup_errors=True) as folder:
            try:
                probe = Probe.start(self._workspace, {**self._question, "to": folder}, self._backend)
                while not probe.wait(_LOOK_SECONDS):
                    probe.told()
                    if self._stopping.is_set():
                        probe.cancel()
                        return
                if probe.answer is None:
                    self.failed.emit(probe.problem)
                else:
                    self.answered.emit(Fed.read(Path(folder), probe.answer))
            except (WorkbenchError, OSError, ValueError) as error:
                self.failed.emit(str(error))
