"""A process that decodes pictures: `python -m workbench.data.worker SIZE GREY FIT`, started by `crew`.

It says one line when it is ready. Then a line in is a JSON list of paths; the answer is a line of JSON with what failed,
[[number, sentence, whether another time it may be read], …], followed by the pixels of all of them (zeros for the
failed). It ends when its input does, so it never outlives the program that started it.
"""

from __future__ import annotations

import json
import sys
from typing import BinaryIO

import numpy as np

from workbench.data.decode import Looks, UnreadableError, decode
from workbench.data.source import Failure

READY = b"ready\n"


def serve(tasks: BinaryIO, answers: BinaryIO, looks: Looks) -> None:
    """Answers tasks until there are no more."""
    answers.write(READY)
    answers.flush()
    for line in tasks:
        paths: list[str] = json.loads(line)
        pixels = np.zeros((len(paths), *looks.shape), np.uint8)
        failed: list[Failure] = []
        for number, path in enumerate(paths):
            try:
                pixels[number] = decode(path, looks)
            except UnreadableError as error:
                failed.append(Failure(number, str(error), error.passing))
        answers.write(json.dumps(failed).encode("ascii") + b"\n")
        answers.write(pixels.data)
        answers.flush()


if __name__ == "__main__":
    size, grey, fit = sys.argv[1:]
    output = sys.stdout.buffer
    # Whatever else is printed must not get between the answers.
    sys.stdout = sys.stderr
    serve(sys.stdin.buffer, output, Looks(int(size), grey == "1", fit))
