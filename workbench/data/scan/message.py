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

from workbench.errors import DataError
from workbench.plain import plain

#: As much of what is no message as is shown.
SHOWN = 60


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
    """The next message; None when there are no more, or the last is cut off. Raises DataError when something else comes."""
    line = source.readline()
    if not line.endswith(b"\n"):
        return None
    try:
        words = json.loads(line)
        say, lengths = words.pop("say"), words.pop("arrays")
        declared = [(str(name), np.dtype(kind), int(length)) for name, kind, length in lengths]
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        raise DataError(
            f"The program that looks through the pictures wrote “{plain(line.decode('utf-8', 'replace').strip(), SHOWN)}”, which is no "
            "message of it. Something else writes there, such as a sitecustomize.py or a module in $PYTHONPATH; take it away "
            "and look again."
        ) from error
    arrays: dict[str, npt.NDArray[Any]] = {}
    for name, kind, length in declared:
        content = source.read(length * kind.itemsize)
        if len(content) != length * kind.itemsize:
            return None
        arrays[name] = np.frombuffer(content, kind)
    return Message(say, words, arrays)
