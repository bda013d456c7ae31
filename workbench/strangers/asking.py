"""Has a stranger's file looked at, in a process of its own that is ended after its time. Blocks, so a window asks from a thread.

Knows the process by its name only, and believes it nothing: it may have been overpowered by the file.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Self

import psutil

from workbench import interpreter
from workbench.errors import StrangerError
from workbench.strangers.found import Found, Use
from workbench.strangers.stored import LARGEST_WEIGHTS

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

MODULE = "workbench.strangers"
#: From the start of the process to its answer; ending it and saying so fits into two seconds then.
DEADLINE_S = 1.8
#: To read the numbers of all weights.
TAKING_S = 120.0
#: Bytes of memory that the process may have touched; an idle one has some 60 MB.
LARGEST_MEMORY = 520 << 20
_LARGEST_ANSWER = 4 << 20
_LOOK_S = 0.02


def look(path: Path, seconds: float = DEADLINE_S) -> Found:
    """What a file is, within so many seconds; a file that cannot be looked at in this time or with little memory is refused."""
    try:
        with _Looker(path, seconds, take=False) as looker:
            return looker.found()
    except StrangerError as error:
        return Found("a file", str(error))


def take(path: Path, seconds: float = TAKING_S) -> tuple[Found, dict[str, npt.NDArray[np.floating[Any]]]]:
    """What a file of weights is, and its arrays by their names: "layer/kernel". Raises StrangerError."""
    import numpy as np  # noqa: PLC0415 - the window looks only

    with _Looker(path, seconds, take=True) as looker:
        found = looker.found()
        if Use.WEIGHTS not in found.uses:
            raise StrangerError(found.sentence)
        told = [(f"{layer.name}/{each.name}", each) for layer in found.layers for each in layer.arrays]
        if sum(math.prod(each.shape) * int(each.dtype[2:]) for _, each in told) > LARGEST_WEIGHTS:
            raise StrangerError("It declares more weights than are read.")
        arrays = {}
        for name, each in told:
            content = looker.read(math.prod(each.shape) * int(each.dtype[2:]))
            arrays[name] = np.frombuffer(content, each.dtype).reshape(each.shape)
        return found, arrays


class _Looker:
    """One process, and a thread that ends it when its time is over or its memory too much."""

    def __init__(self, path: Path, seconds: float, *, take: bool) -> None:
        self._seconds, self._begun = seconds, time.monotonic()
        self._why = ""
        self._over = threading.Event()
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own module, by our own interpreter
                interpreter.command(MODULE), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                env=_environment(), cwd=Path(sys.executable).anchor, creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )  # fmt: skip
        except OSError as error:
            raise StrangerError(f"It cannot be looked at: {error.strerror or error}.") from error
        self._watcher = threading.Thread(target=self._watch, name="stranger watch", daemon=True)
        self._watcher.start()
        # A path may hold bytes that are no text, which JSON in ASCII carries as they are.
        request = {"path": os.path.abspath(path), "seconds": seconds, "take": take}  # noqa: PTH100 - it does not follow links
        try:
            _pipe(self._process.stdin).write(json.dumps(request).encode("ascii") + b"\n")
            _pipe(self._process.stdin).close()
        except OSError:
            pass  # it has ended at once, which its answer will show

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        self._over.set()
        self._watcher.join()
        _pipe(self._process.stdout).close()

    def found(self) -> Found:
        """Its answer."""
        line = _pipe(self._process.stdout).readline(_LARGEST_ANSWER)
        try:
            tree = json.loads(line) if line.endswith(b"\n") else None
            if not isinstance(tree, Mapping):
                raise StrangerError(self._broken())
            return Found.from_tree(tree)
        except (ValueError, RecursionError) as error:
            raise StrangerError(self._broken()) from error

    def read(self, size: int) -> bytes:
        """So many bytes of numbers."""
        content = _pipe(self._process.stdout).read(size)
        if len(content) < size:
            raise StrangerError(self._broken())
        return content

    def _broken(self) -> str:
        return (
            self._why
            or "What looks at such files broke down over it, so it is not used. It may be damaged, or made to do harm."
        )

    def _watch(self) -> None:
        while not self._over.wait(_LOOK_S):
            if time.monotonic() - self._begun >= self._seconds:
                self._why = (
                    f"It could not be looked through within {self._seconds:.0f} seconds, so it is not used. If the machine was busy, "
                    "try again."
                )
            elif self._memory() > LARGEST_MEMORY:
                self._why = "It would need more memory than a file of its kind may have. It is not used."
            if self._why:
                self._process.kill()
                return

    def _memory(self) -> int:
        try:
            return int(psutil.Process(self._process.pid).memory_info().rss)
        except psutil.Error:  # it has ended
            return 0


def _environment() -> dict[str, str]:
    """The person's, with one thread a library, and without what has HDF5 load filters or look for files in other folders."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HDF5_")}
    return kept | {
        "PYTHONPATH": os.pathsep.join(each for each in sys.path if Path(each).is_absolute()), "PYTHONDONTWRITEBYTECODE": "1",
        "HDF5_PLUGIN_PRELOAD": "::", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1",
    }  # fmt: skip


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    assert stream is not None, "it was started with a pipe"
    return stream
