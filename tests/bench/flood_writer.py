"""Stands in for an engine that does 100,000 steps a second: `python -m tests.bench.flood_writer HOME RUN SECONDS`.

It waits until there is a file `go` in HOME, then writes what an engine would, as fast as one would, and ends the run.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from tests.bench.long_runs import blocks
from workbench import priority
from workbench.events import BestSoFar, DataReady, Ending, EpochEnded, Live, ModelReady, Phase, State
from workbench.journal import Journal
from workbench.journal.alive import hold
from workbench.paths import Workspace

STEPS_A_SECOND, CHUNKS_A_SECOND = 100_000, 10
CHUNK = STEPS_A_SECOND // CHUNKS_A_SECOND
STEPS_AN_EPOCH = 2 * STEPS_A_SECOND


def main() -> None:
    home, run, seconds = Path(sys.argv[1]), sys.argv[2], float(sys.argv[3])
    priority.lower()
    workspace = Workspace(home)
    with Journal(workspace) as journal:
        lock = hold(workspace.run_folder(run) / "alive")
        assert lock is not None
        attempt = journal.begin_attempt(run)
        assert attempt is not None
        data = DataReady(64 * STEPS_AN_EPOCH, 1000, 0, ("a", "b"), (32, 32, 3), STEPS_AN_EPOCH, "f")
        journal.say(run, attempt, [data, ModelReady(1000, "tensorflow", "CPU", 2)], Live(Phase.TRAINING))
        journal.set_state(run, State.RUNNING, among=[State.PREPARING])
        while not (home / "go").exists():
            journal.say(run, attempt, [], Live(Phase.TRAINING, heartbeat=time.time()))
            time.sleep(0.05)
        began = time.monotonic()
        for number, block in enumerate(blocks(1, round(seconds * STEPS_A_SECOND), CHUNK, STEPS_A_SECOND), 1):
            told: list[object] = [block]
            epoch, rest = divmod(block.last_step, STEPS_AN_EPOCH)
            if rest == 0:
                value = 0.1 + 2.0 / epoch
                metrics = {"loss": value, "val_loss": value, "accuracy": 0.9, "val_accuracy": 0.9}
                told += [
                    EpochEnded(epoch, block.last_step, block.end, metrics, 1e6, 0, 8),
                    BestSoFar(epoch, "val_loss", value),
                ]
            now = time.time()
            live = Live(Phase.TRAINING, rest, STEPS_AN_EPOCH, "", epoch + 1, block.last_step, 6.4e6, block.end, now)
            journal.say(run, attempt, told, live)  # type: ignore[arg-type] # events and blocks
            time.sleep(max(0.0, began + number / CHUNKS_A_SECOND - time.monotonic()))
        journal.end(run, Ending.COMPLETED, "All epochs are done.")
        lock.close()


if __name__ == "__main__":
    main()
