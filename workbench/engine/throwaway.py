"""The engine's end of a probe: one question from standard input, its answer as JSON lines, and the process is over.

Whatever happens becomes a last line, `{"answer": …}` or `{"problem": a sentence}`. When standard input ends, nobody waits for
the answer any more and the process goes. It knows no single probe: `probes.PROBES` does.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import traceback
from collections.abc import Iterator
from types import TracebackType
from typing import Any

from workbench.engine import backends, failures
from workbench.engine.warm import Channel
from workbench.errors import EngineError, WorkbenchError
from workbench.paths import Workspace
from workbench.spec import presets
from workbench.spec.recipe import Recipe


def serve(workspace: Workspace) -> bool:
    """Answer the one question; whether there was an answer."""
    channel = Channel()
    requests = channel.requests()
    question = next(requests, None)
    if question is None:
        return False
    # A daemon: it waits for as long as the asker lives.
    threading.Thread(target=_leave_with_asker, args=(requests,), name="asker watch", daemon=True).start()
    last = _LastWord(channel)
    with last:
        last.recipe = recipe = presets.loads(question["recipe"]).recipe
        channel.send({"answer": _answer(workspace, recipe, question, channel)})
    return last.answered


def _answer(workspace: Workspace, recipe: Recipe, question: dict[str, Any], channel: Channel) -> dict[str, Any]:
    channel.send({"progress": {"done": 0, "of": 0, "words": "Starting"}})
    backends.prepare(recipe.training)
    from workbench.engine.probes import PROBES  # noqa: PLC0415 - imports Keras, which is safe only now
    from workbench.engine.probes.asked import Asked  # noqa: PLC0415 - as above

    name = question.get("question")
    probe = PROBES.get(str(name))
    if probe is None:
        raise EngineError(f"The engine knows the probes {', '.join(PROBES)}, not {name!r}.")
    return probe(Asked(workspace, recipe, channel.send, question))


def _leave_with_asker(requests: Iterator[dict[str, Any]]) -> None:
    with contextlib.suppress(ValueError):  # a line that is no JSON: nobody of ours asks so
        for _ in requests:
            pass
    os._exit(0)


class _LastWord(contextlib.AbstractContextManager["_LastWord"]):
    """The outermost of a probe: any failure within becomes its last line, as any failure of a run becomes its card."""

    def __init__(self, channel: Channel) -> None:
        self.answered = False
        self.recipe: Recipe | None = None
        self._channel = channel

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> bool:
        self.answered = error is None
        if not isinstance(error, Exception):
            return False
        sys.stderr.write("".join(traceback.format_exception(error)))
        self._channel.send({"problem": sentence(error, self.recipe)})
        return True


def sentence(error: Exception, recipe: Recipe | None) -> str:
    """What ended a probe, as a person is told."""
    if isinstance(error, WorkbenchError):
        return str(error)
    card = failures.card(error, failures.Scene(recipe))
    return " ".join((f"{card.title}.", card.what_happened, *card.evidence))
