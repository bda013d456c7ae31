"""Scans a data set within the test's own process, and gathers what was said."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest

from workbench.data.scan.message import Message
from workbench.data.scan.reading import Notebook
from workbench.data.scan.request import Request, scan
from workbench.paths import Workspace
from workbench.spec.data import Data


@dataclass
class Told:
    """What a scan said."""

    messages: list[Message]

    def last(self, say: str) -> Message:
        return [message for message in self.messages if message.say == say][-1]

    def says(self, say: str) -> bool:
        return any(message.say == say for message in self.messages)

    @property
    def parts(self) -> np.ndarray:
        return self.last("parts").arrays["parts"]

    @property
    def labels(self) -> np.ndarray:
        return self.last("listed").arrays["labels"]

    def finding(self, kind: str) -> dict | None:
        """A finding, with its places."""
        found, first = self.last("found"), 0
        for each in found.words["findings"]:
            places = found.arrays["places"][first : first + each["count"]].tolist()
            first += each["count"]
            if each["kind"] == kind:
                return {**each, "places": places}
        return None


Look = Callable[..., Told]


@pytest.fixture
def look(workspace: Workspace) -> Look:
    def run(data: Data, seed: int = 1, *, stop_after: int | None = None) -> Told:
        told, stopping = Told([]), threading.Event()

        def say(message: Message) -> None:
            told.messages.append(message)
            if stop_after is not None and message.say == "progress" and message.words["done"] >= stop_after:
                stopping.set()

        notebook = Notebook()
        try:
            scan(Request(data, seed, workspace), notebook, say, stopping)
        finally:
            notebook.close()
        return told

    return run
