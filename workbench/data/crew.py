"""Has many pictures looked at by several processes, and survives pictures that kill one.

Processes, because threads of one process decode no faster than one; started by name and spoken to in lines and
bytes, so nothing is forked or pickled. At most a few tasks are under way, so memory does not grow with the number
of pictures. What is asked of a picture is a `Job`'s; knows nothing of folders or sets.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Generic, Protocol, TypeVar

import numpy as np

from workbench import interpreter
from workbench.data.decode import Looks
from workbench.data.pictures import Pixels
from workbench.data.source import PIECE, Failure, Piece
from workbench.data.worker import READY
from workbench.errors import DataError

#: Pictures a task: enough to hide the exchange, few enough that progress moves.
TASK = 16
#: More processes than this wait for the disk or for the one that writes.
MOST = 8
#: What is said of a picture that ends the process that reads it; where memory was short, it may be read another time.
FATAL = "reading it made the program that reads pictures fail"
_MODULE = "workbench.data.worker"
_A = TypeVar("_A")


class GoneError(Exception):
    """A worker went away in the middle of a task."""


class Job(Protocol[_A]):
    """What workers do with pictures: the words that start one, and how its answer to a task is read."""

    @property
    def command(self) -> list[str]:
        """The worker's module, and its arguments."""

    def receive(self, head: bytes, count: int, read: Callable[[int], bytes]) -> _A:
        """The answer for `count` pictures, from its first line and the bytes that follow. Raises GoneError when it is cut off."""

    def lost(self) -> _A:
        """The answer for one picture that no worker survives."""

    def joined(self, answers: Sequence[_A]) -> _A:
        """The answers for some pictures as one."""


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Crew(Generic[_A]):
    """Some workers, handed out one a task; as a context, so that none is left."""

    def __init__(self, job: Job[_A], count: int) -> None:
        self._job = job
        self._closed = False
        self._count = max(1, min(cores(), MOST, count))
        self._workers: list[_Worker[_A]] = []
        self._new: list[_Worker[_A]] = []
        self._free: queue.SimpleQueue[_Worker[_A]] = queue.SimpleQueue()
        self._hire(1)

    def __enter__(self) -> Crew[_A]:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _hire(self, count: int) -> None:
        self._new += [_Worker(self._job) for _ in range(count)]
        self._workers += self._new[len(self._new) - count :]

    def _welcome(self, worker: _Worker[_A]) -> None:
        """Hand a worker out once it is there, so that no task waits for one while another is free."""
        try:
            worker.greet()
        except (DataError, OSError, ValueError):
            pass  # it says so to its first task
        finally:
            self._free.put(worker)

    def do(self, paths: Sequence[str], task: int) -> Generator[tuple[int, _A], None, None]:
        """All pictures in order, `task` of them at a time: (place of the first, answer)."""
        # Until there is something to do one is enough: whoever made the crew may still be busy finding out.
        self._hire(self._count - len(self._workers))
        pool = ThreadPoolExecutor(self._count, thread_name_prefix="pictures")
        under_way: deque[tuple[int, Future[_A]]] = deque()
        try:
            while self._new:
                pool.submit(self._welcome, self._new.pop(0))
            for first in range(0, len(paths), task):
                under_way.append((first, pool.submit(self._answer, paths[first : first + task])))
                if len(under_way) > 2 * self._count:
                    place, answer = under_way.popleft()
                    yield place, answer.result()
            while under_way:
                place, answer = under_way.popleft()
                yield place, answer.result()
        finally:
            if under_way:  # broken off: whoever still works is not waited for
                self.close()
            pool.shutdown(cancel_futures=True)

    def _answer(self, paths: Sequence[str]) -> _A:
        """Has a task done; a picture that makes its worker go away is one that failed."""
        worker = self._free.get()
        try:
            return worker.ask(paths)
        except GoneError:
            if self._closed:
                raise
            worker.close()
            worker = _Worker(self._job)
            self._workers.append(worker)
        finally:
            self._free.put(worker)
        if len(paths) == 1:
            return self._job.lost()
        return self._job.joined([self._answer([path]) for path in paths])

    def close(self) -> None:
        """End all workers at once; they hold nothing that could be lost."""
        self._closed = True
        for worker in self._workers:
            worker.close()


class _Worker(Generic[_A]):
    """One worker process, seen from outside."""

    def __init__(self, job: Job[_A]) -> None:
        self._job = job
        self._greeted = False
        # Picture libraries print their opinions of damaged files to standard error.
        self._process = subprocess.Popen(  # noqa: S603 - our own module, by our own interpreter
            interpreter.command(*job.command),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=interpreter.environment(),
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )  # fmt: skip

    def ask(self, paths: Sequence[str]) -> _A:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self.greet()
        try:
            self._process.stdin.write(json.dumps(list(paths)).encode("ascii") + b"\n")
            self._process.stdin.flush()
            head = self._process.stdout.readline()
            if not head.endswith(b"\n"):
                raise GoneError
            return self._job.receive(head, len(paths), self._process.stdout.read)
        except (OSError, ValueError) as error:  # a broken pipe, or one closed from another thread
            raise GoneError from error

    def greet(self) -> None:
        """Wait until it is there. Raises DataError when it does not come."""
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
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            try:
                pipe.close()
            except (OSError, ValueError):  # bytes that the process did not take
                continue


_Decoded = tuple[Pixels, list[Failure]]


class _Decoding:
    """The job of bringing pictures to the looks of a recipe."""

    def __init__(self, looks: Looks, module: str) -> None:
        self._looks = looks
        self.command = [module, str(looks.size), str(int(looks.grey)), looks.fit]

    def receive(self, head: bytes, count: int, read: Callable[[int], bytes]) -> _Decoded:
        content = read(count * int(np.prod(self._looks.shape)))
        if len(content) != count * int(np.prod(self._looks.shape)):
            raise GoneError
        failed = [Failure(int(number), str(why), bool(passing)) for number, why, passing in json.loads(head)]
        return np.frombuffer(content, np.uint8).reshape(count, *self._looks.shape), failed

    def lost(self) -> _Decoded:
        return np.zeros((1, *self._looks.shape), np.uint8), [Failure(0, FATAL, passing=True)]

    def joined(self, answers: Sequence[_Decoded]) -> _Decoded:
        failed = [each._replace(place=number) for number, (_, failures) in enumerate(answers) for each in failures]
        return np.concatenate([pixels for pixels, _ in answers]), failed


def decode_all(paths: Sequence[str], looks: Looks, *, module: str = _MODULE) -> Generator[Piece, None, None]:
    """All pictures in order, a task at a time."""
    step = max(1, min(TASK, PIECE // int(np.prod(looks.shape))))
    with Crew(_Decoding(looks, module), -(-len(paths) // step)) as crew:
        for first, (pixels, failed) in crew.do(paths, step):
            places = np.arange(first, first + len(pixels))
            yield Piece(places, pixels, tuple(each._replace(place=first + each.place) for each in failed))
