"""A process that notes pictures: `python -m workbench.data.scan.look SIDE`, started by a crew.

It says one line when it is ready. Then a line in is a JSON list of paths; the answer is a line of JSON, {"failed":
[[number, sentence], …], "bytes": n}, followed by a note for each picture and by n bytes of small pictures. In the notes
`at` counts from the beginning of these bytes. It ends when its input does.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from typing import BinaryIO

import numpy as np

from workbench.data.decode import UnreadableError
from workbench.data.scan.measuring import MISSED, NOTE, UNREADABLE, Notes, note_file
from workbench.data.worker import READY

#: Notes of some pictures, their small pictures as one stretch of bytes, and (number, sentence) of what could not be read.
Looked = tuple[Notes, bytes, list[tuple[int, str]]]


def look(paths: Sequence[str], side: int) -> Looked:
    """Notes these files."""
    notes = np.zeros(len(paths), NOTE)
    smalls = bytearray()
    failed: list[tuple[int, str]] = []
    for number, path in enumerate(paths):
        try:
            small = note_file(path, side, notes[number])
        except UnreadableError as error:
            notes[number] = np.zeros((), NOTE)
            notes["state"][number] = MISSED if error.passing else UNREADABLE
            failed.append((number, str(error)))
        else:
            notes["at"][number] = len(smalls)
            smalls += np.ascontiguousarray(small).data
    return notes, bytes(smalls), failed


class Looking:
    """The job of a crew that notes pictures."""

    def __init__(self, side: int, module: str = "workbench.data.scan.look") -> None:
        self.command = [module, str(side)]

    def receive(self, head: bytes, count: int, read: Callable[[int], bytes]) -> Looked:
        from workbench.data.crew import GoneError  # noqa: PLC0415 - the crew's side only

        words = json.loads(head)
        notes, smalls = read(count * NOTE.itemsize), read(int(words["bytes"]))
        if len(notes) != count * NOTE.itemsize or len(smalls) != words["bytes"]:
            raise GoneError
        failed = [(int(number), str(sentence)) for number, sentence in words["failed"]]
        return np.frombuffer(notes, NOTE).copy(), smalls, failed

    def lost(self) -> Looked:
        from workbench.data.crew import FATAL  # noqa: PLC0415 - as above

        notes = np.zeros(1, NOTE)
        notes["state"] = MISSED
        return notes, b"", [(0, FATAL)]

    def joined(self, answers: Sequence[Looked]) -> Looked:
        smalls = b""
        failed: list[tuple[int, str]] = []
        for number, (notes, own, failures) in enumerate(answers):
            notes["at"] += len(smalls)
            smalls += own
            failed += [(number, sentence) for _, sentence in failures]
        return np.concatenate([notes for notes, _, _ in answers]), smalls, failed


def serve(tasks: BinaryIO, answers: BinaryIO, side: int) -> None:
    """Answers tasks until there are no more."""
    answers.write(READY)
    answers.flush()
    for line in tasks:
        notes, smalls, failed = look(json.loads(line), side)
        answers.write(json.dumps({"failed": failed, "bytes": len(smalls)}).encode("ascii") + b"\n")
        answers.write(notes.tobytes())
        answers.write(smalls)
        answers.flush()


if __name__ == "__main__":
    output = sys.stdout.buffer
    # Whatever else is printed must not get between the answers.
    sys.stdout = sys.stderr
    serve(sys.stdin.buffer, output, int(sys.argv[1]))
