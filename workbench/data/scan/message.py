"""How a scan speaks: a line of JSON a message, followed by the bytes of the arrays it names.

{"say": …, …, "arrays": [[name, dtype, length], …]}; all arrays have one axis, except that a name may come with more in
its dtype. Knows nothing of what is said.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import IO, Any

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Message:
    """Something a scan says: what, plain values, and arrays."""

    say: str
    words: Mapping[str, Any] = field(default_factory=dict)
    arrays: Mapping[str, npt.NDArray[Any]] = field(default_factory=dict)


def send(out: IO[bytes], message: Message) -> None:
    """Write a message. Raises OSError when nobody listens any more."""
    lengths = [[name, array.dtype.str, len(array)] for name, array in message.arrays.items()]
    head = json.dumps({"say": message.say, **message.words, "arrays": lengths})
    out.write(head.encode("ascii") + b"\n")
    for array in message.arrays.values():
        out.write(np.ascontiguousarray(array).data)
    out.flush()


def receive(source: IO[bytes]) -> Message | None:
    """The next message; None when there are no more, or the last is cut off."""
    line = source.readline()
    if not line.endswith(b"\n"):
        return None
    words: dict[str, Any] = json.loads(line)
    arrays: dict[str, npt.NDArray[Any]] = {}
    for name, kind, length in words.pop("arrays"):
        content = source.read(length * np.dtype(kind).itemsize)
        if len(content) != length * np.dtype(kind).itemsize:
            return None
        arrays[name] = np.frombuffer(content, kind)
    return Message(words.pop("say"), words, arrays)
