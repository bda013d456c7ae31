"""`make kills`: a hundred seeded kills of a real engine, the same of Keras' BackupAndRestore, a hundred stops; most of an hour.

Each run is killed with SIGKILL at a seeded point, taken up again until it has ended by itself, and compared with the run
that nobody touched: both fingerprints, every epoch's numbers, every step's, the rate's changes, the stop decision. Twenty
more trainings each have one call fail, see faults.py. Stop now and Discard come at random moments, see stops.py. The tables go
to out/kills.md.
"""

from __future__ import annotations

import argparse
import itertools
import os
import random
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.kills import faults, plain_keras, stops
from tests.kills.harness import KINDS, Told, expected, killed, recipes
from tests.kills.windows import killed_window
from workbench.paths import Workspace

#: From Start to the end of the windows' run, about.
WINDOW_SECONDS = 9.0
OUT = Path("out/kills.md")


def kill_many(home: Path, count: int, seed: int) -> list[Told]:
    """`count` kills, of every kind and recipe in turn, two at a time."""
    wanted = {
        name: expected(Workspace(home / f"untouched-{at}").create(), recipe)
        for at, (name, recipe) in enumerate(recipes().items())
    }
    # Kinds go faster than recipes, so that each meets each.
    points = itertools.islice(itertools.cycle((name, kind) for name in wanted for kind in KINDS), count)

    def kill(point: tuple[int, tuple[str, str]]) -> Told:
        number, (name, kind) = point
        workspace = Workspace(home / str(number)).create()
        told = killed(workspace, name, wanted[name], random.Random(seed * 100_000 + number), kind)
        sys.stdout.write(f"{number + 1:4}  {told.recipe:34} {told.kill:16} {told.differs or 'equal'}\n")
        sys.stdout.flush()
        return told

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(kill, enumerate(points)))


def kill_windows(home: Path, count: int, seed: int) -> list[bool]:
    """Of each window killed at a seeded moment of its run: whether the run ended as if nothing had happened."""
    name, recipe = next(iter(recipes().items()))
    wanted = expected(Workspace(home / "untouched-window").create(), recipe)
    same = []
    for number in range(count):
        workspace = Workspace(home / f"window-{number}").create()
        found = killed_window(workspace, recipe, random.Random(seed * 100_000 + number), WINDOW_SECONDS)
        same.append(found == [wanted])
        sys.stdout.write(f"{number + 1:4}  window killed: {name}: {'equal' if same[-1] else 'differs'}\n")
        sys.stdout.flush()
    return same


def kill_keras(home: Path, count: int, seed: int) -> list[tuple[bool, bool]]:
    """Of each kill: whether the weights, and whether every epoch's numbers, are those of the training nobody touched."""
    wanted, seconds = plain_keras.untouched(home / "keras-untouched")
    again, _ = plain_keras.untouched(home / "keras-again")
    assert again == wanted, "plain Keras must at least repeat itself when nobody touches it"

    def kill(number: int) -> tuple[bool, bool]:
        found = plain_keras.killed(home / f"keras-{number}", random.Random(seed * 100_000 + number), seconds)
        same = found.weights == wanted.weights, found.epochs == wanted.epochs
        sys.stdout.write(f"{number + 1:4}  BackupAndRestore: weights {same[0]}, epochs {same[1]}\n")
        sys.stdout.flush()
        return same

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(kill, range(count)))


def table(told: list[Told], windows: list[bool], keras: list[tuple[bool, bool]]) -> str:
    """For the README."""
    lines = ["| killed during | kills | the same run in the end |", "|---|---|---|"]
    kinds = Counter(each.kill.partition(":")[0] for each in told)
    equal = Counter(each.kill.partition(":")[0] for each in told if not each.differs)
    lines += [f"| {kind} | {kinds[kind]} | {equal[kind]} |" for kind in KINDS if kinds[kind]]
    lines.append(f"| **all** | **{len(told)}** | **{sum(equal.values())}** |")
    if windows:
        lines.append(f"| the window killed while its run trains | {len(windows)} | {sum(windows)} |")
    if keras:
        weights, epochs = (sum(part) for part in zip(*keras, strict=True))
        lines.append(
            f"| Keras' `BackupAndRestore`, after its first epoch | {len(keras)} | {weights} by weights, {epochs} by every epoch's numbers |"
        )
    resumed = [each for told_one in told for each in told_one.resumed]
    exact = sum(each.exact for each in resumed)
    steps = sum(each.replayed for each in resumed)
    lines += ["", f"{len(resumed)} resumes compared {steps} recorded steps; {exact} said *exact*."]
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.kills")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--windows", type=int, default=20)
    parser.add_argument("--keras", type=int, default=20)
    parser.add_argument("--faults", type=int, default=20)
    parser.add_argument("--stops", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    os.environ["CUDA_VISIBLE_DEVICES"] = "-1"  # for the engines of a keeper
    with tempfile.TemporaryDirectory(prefix="workbench-kills-") as folder:
        home = Path(folder)
        told = kill_many(home, chosen.kills, chosen.seed) if chosen.kills else []
        windows = kill_windows(home, chosen.windows, chosen.seed) if chosen.windows else []
        keras = kill_keras(home, chosen.keras, chosen.seed) if chosen.keras else []
        failed = faults.fail_many(home, range(chosen.faults), chosen.seed) if chosen.faults else []
        # Alone on the machine: how soon they end is measured.
        stopped = stops.stop_many(home / "stops", chosen.stops, chosen.seed) if chosen.stops else None
    parts = [table(told, windows, keras)] if told or windows or keras else []
    parts += [faults.table(failed)] if failed else []
    parts += [stops.table(stopped)] if stopped else []
    text = "\n\n".join(parts)
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(text + "\n")
    sys.stdout.write(f"\n{text}\n")
    wrong = any(each.differs for each in told) or any(each.wrong for each in failed) or not all(windows)
    return 1 if wrong or (stopped is not None and not stopped.good) else 0


if __name__ == "__main__":
    sys.exit(main())
