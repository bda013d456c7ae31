"""Decodes many pictures with several processes, and survives pictures that kill one.

Processes, because threads of one process decode no faster than one; started by name and spoken to in lines and
bytes, so nothing is forked or pickled. At most a few tasks are under way, so memory does not grow with the number
of pictures. Knows the worker's language; nothing of folders or sets.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
from collections import deque
from collections.abc import Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np

from workbench.data.decode import Looks
from workbench.data.pictures import Pixels
from workbench.data.source import PIECE, Piece
from workbench.data.worker import READY
from workbench.errors import DataError

#: Pictures a task: enough to hide the exchange, few enough that progress moves.
TASK = 16
#: More processes than this wait for the disk or for the one that writes.
MOST = 8
_MODULE = "workbench.data.worker"


def decode_all(paths: Sequence[str], looks: Looks, *, module: str = _MODULE) -> Generator[Piece, None, None]:
    """All pictures in order, a task at a time."""
    step = max(1, min(TASK, PIECE // int(np.prod(looks.shape))))
    firsts = range(0, len(paths), step)
    count = max(1, min(_cores(), MOST, len(firsts)))
    crew = _Crew(looks, count, module)
    pool = ThreadPoolExecutor(count, thread_name_prefix="pictures")
    under_way: deque[tuple[int, Future[_Answer]]] = deque()
    try:
        for first in firsts:
            under_way.append((first, pool.submit(crew.decode, paths[first : first + step])))
            if len(under_way) > 2 * count:
                yield _piece(*under_way.popleft())
        while under_way:
            yield _piece(*under_way.popleft())
    finally:
        crew.close()
        pool.shutdown(cancel_futures=True)


_Answer = tuple[Pixels, list[tuple[int, str]]]


def _piece(first: int, answer: Future[_Answer]) -> Piece:
    pixels, failed = answer.result()
    places = np.arange(first, first + len(pixels))
    return Piece(places, pixels, tuple((first + number, sentence) for number, sentence in failed))


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class _GoneError(Exception):
    """A worker went away in the middle of a task."""


class _Crew:
    """Some workers, handed out one a task."""

    def __init__(self, looks: Looks, count: int, module: str) -> None:
        self._looks = looks
        self._module = module
        self._closed = False
        self._workers = [_Worker(looks, module) for _ in range(count)]
        self._free: queue.SimpleQueue[_Worker] = queue.SimpleQueue()
        for worker in self._workers:
            self._free.put(worker)

    def decode(self, paths: Sequence[str]) -> _Answer:
        """Decodes a task; a picture that makes its worker go away is one that failed."""
        worker = self._free.get()
        try:
            return worker.decode(paths)
        except _GoneError:
            if self._closed:
                raise
            worker.close()
            worker = _Worker(self._looks, self._module)
            self._workers.append(worker)
        finally:
            self._free.put(worker)
        if len(paths) == 1:
            return np.zeros((1, *self._looks.shape), np.uint8), [
                (0, "reading it made the program that reads pictures fail")
            ]
        answers = [self.decode([path]) for path in paths]
        failed = [(number, sentence) for number, (_, failures) in enumerate(answers) for _, sentence in failures]
        return np.concatenate([pixels for pixels, _ in answers]), failed

    def close(self) -> None:
        self._closed = True
        for worker in self._workers:
            worker.close()


class _Worker:
    """One worker process, seen from outside."""

    def __init__(self, looks: Looks, module: str) -> None:
        command = [sys.executable, "-m", module, str(looks.size), str(int(looks.grey)), looks.fit]
        self._looks = looks
        self._greeted = False
        # Picture libraries print their opinions of damaged files to standard error.
        self._process = subprocess.Popen(  # noqa: S603 - our own module, by our own interpreter
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )  # fmt: skip

    def decode(self, paths: Sequence[str]) -> _Answer:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._greet()
        try:
            self._process.stdin.write(json.dumps(list(paths)).encode("ascii") + b"\n")
            self._process.stdin.flush()
            head = self._process.stdout.readline()
            content = self._process.stdout.read(len(paths) * int(np.prod(self._looks.shape)))
        except (OSError, ValueError) as error:  # a broken pipe, or one closed from another thread
            raise _GoneError from error
        if not head.endswith(b"\n") or len(content) != len(paths) * int(np.prod(self._looks.shape)):
            raise _GoneError
        failed = [(int(number), str(sentence)) for number, sentence in json.loads(head)]
        return np.frombuffer(content, np.uint8).reshape(len(paths), *self._looks.shape), failed

    def _greet(self) -> None:
        if self._greeted:
            return
        assert self._process.stdout is not None
        if self._process.stdout.readline() != READY:
            raise DataError(
                "The program that reads pictures could not be started. Close other programs if memory is short, then try "
                "again; if it stays so, install the workbench afresh."
            )
        self._greeted = True

    def close(self) -> None:
        """Ends the process at once; it holds nothing that could be lost."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            try:
                pipe.close()
            except (OSError, ValueError):  # bytes that the process did not take
                continue
