"""The learning-rate search: the run's own first steps, each at a larger rate than the one before.

Model, optimizer, batches, augmentation and tricks are the recipe's; only the schedule gives way to the rates of the test.
The losses are each step's own. What they say is judged in probing/rate_search.py.
"""

from __future__ import annotations

import math
from contextlib import closing
from typing import Any

import numpy as np

from workbench.engine.probes.asked import Asked
from workbench.engine.probes.rehearsal import Rehearsal
from workbench.events import COLUMNS
from workbench.probing.rate_search import RateTest
from workbench.spec import said

#: The steps of a test unless the question says otherwise.
STEPS = 210
#: Steps between two looks at the losses: a chunk.
LOOK = 10
_LOSS = COLUMNS.index("loss")


def rate_search(asked: Asked) -> dict[str, Any]:
    """Answer "rate"; the option `steps` says how many there are between the smallest and the largest rate."""
    rehearsal = Rehearsal(asked, asked.recipe)
    test = RateTest(int(asked.options.get("steps", STEPS)))
    # A chunk may be longer than asked for; what it does beyond the test is left out.
    rates = np.asarray([*test.rates, *[test.rates[-1]] * 2 * LOOK], np.float32)
    asked.progress(0, len(test.rates), "First step")
    with closing(rehearsal.chunks(LOOK)) as chunks:
        while not test.over:
            chunk, done = next(chunks), len(test.losses)
            numbers = rehearsal.train(chunk, rates[done : done + chunk.steps])
            losses = [float(loss) for loss in numbers[:, _LOSS]]
            if rehearsal.diverged:  # though the losses may be finite: of the last steps none was done
                losses = [*losses[: -rehearsal.bad], math.nan]
            test.take(losses)
            new = test.losses[done:]
            asked.partial(rates=list(test.rates[done : done + len(new)]), losses=new)
            asked.progress(
                len(test.losses), len(test.rates), f"Learning rate {said.rate(test.rates[len(test.losses) - 1])}"
            )
    return test.found().tree()
