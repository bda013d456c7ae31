"""Lets one call of a real engine fail at seeded points, looks at what the person is left with, and takes the runs up again."""

from __future__ import annotations

import errno
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.faults import SAYS, SQLITE_SAYS
from tests.kills.faulty_engine import VARIABLE, struck_path
from tests.kills.harness import ROOT, expected, recipes
from tests.kills.outcome import Outcome, outcome
from workbench.engine import checkpoint
from workbench.errors import WorkspaceError
from workbench.events import Ending, Failed, State
from workbench.journal import Journal, Run, taking_up
from workbench.journal.store import ballast_path, log_path
from workbench.launch import notice
from workbench.launch.start import environment
from workbench.paths import Workspace

FILES = {errno.errorcode[number]: words for number, words in SAYS.items()}
#: What fails, what the system says, and the words that the person must then be able to read.
KINDS = {"files": FILES, "journal": SQLITE_SAYS, "full": {"SQLITE_FULL": "is full"}}
#: In which order cases come: of `full` fewer, since all of them are alike.
ORDER = ("files", "journal", "files", "journal", "full")
#: How far a kind's numbers go; a call that is never made is drawn again, nearer.
FARTHEST = {"files": 300, "journal": 700, "full": 24}
#: The engine ended well, or the run failed.
CODES = {0, 3}


@dataclass(frozen=True)
class Told:
    """What became of one fault."""

    kind: str
    says: str
    #: the function of ours whose call failed
    where: str
    ending: str
    #: what is not as it must be; nothing when all is
    wrong: tuple[str, ...]


def work(workspace: Workspace, run: str, fail: str = "") -> int:
    """One engine's work on a queued run, to its end; its exit code."""
    variables = environment("tensorflow", run) | {"PYTHONPATH": str(ROOT), "CUDA_VISIBLE_DEVICES": "-1"}
    if fail:
        variables[VARIABLE] = fail
    command = [sys.executable, "-P", "-m", "tests.kills.faulty_engine", "--home", str(workspace.home), "--run", run]
    with log_path(workspace, run).open("ab") as log:
        return subprocess.run(
            command, stdout=log, stderr=log, env=variables, start_new_session=True, check=False
        ).returncode


def failed(workspace: Workspace, name: str, wanted: Outcome, draw: random.Random, number: int) -> Told:
    """Let a drawn call fail, look at what is left, take the run up until it has ended well, and compare."""
    kind = ORDER[number % len(ORDER)]
    says, words = draw.choice(list(KINDS[kind].items()))
    recipe, farthest = recipes()[name], FARTHEST[kind]
    struck = struck_path(workspace.home)
    with Journal(workspace) as journal:
        while True:
            run = journal.create_run(recipe).id
            code = work(workspace, run, f"{kind}:{draw.randint(kind != 'full', farthest)}:{says}")
            if struck.exists():
                break
            farthest = max(2, farthest // 2)  # it came to its end before: not so far
        wrong = [] if code in CODES else [f"exit code {code}"]
        ending = _end(journal, journal.run(run), code)
        wrong += _look(journal, journal.run(run), words)
        for _ in range(3):
            if journal.run(run).ending not in {Ending.FAILED, Ending.INTERRUPTED}:
                break
            taking_up.requeue(journal, journal.run(run))
            work(workspace, run)
    found = outcome(workspace, run)
    wrong += [field for field in Outcome.__dataclass_fields__ if getattr(found, field) != getattr(wanted, field)]
    return Told(kind, says, struck.read_text(), ending, tuple(wrong))


def _end(journal: Journal, run: Run, code: int) -> str:
    """See to it that a run has ended, as the keeper does; how it did."""
    if run.state is State.ENDED:
        return f"{run.ending}"
    if run.state is State.QUEUED:
        notice.end_unstarted(journal, run.id, f"exit code {code}")
    else:
        notice.end_dead(journal, run.id, f"exit code {code}")
    return f"{journal.run(run.id).ending}, written by whoever noticed"


def _look(journal: Journal, run: Run, words: str) -> list[str]:
    """What is wrong with what the person finds."""
    wrong = []
    cards = [said.event.card for said in journal.events(run.id) if isinstance(said.event, Failed)]
    shown = [run.reason, *(part for card in cards for part in (card.title, card.what_happened, *card.evidence))]
    if run.ending in {Ending.FAILED, Ending.INTERRUPTED} and words not in " ".join(shown):
        wrong.append(f"the cause is not named: {shown}")
    if "Traceback" in " ".join(shown):
        wrong.append("a traceback is shown")
    if run.ending is Ending.INTERRUPTED:
        wrong.append("no card")
    folder = journal.workspace.run_folder(run.id) / "checkpoints"
    for each in checkpoint.manifests(folder):
        try:
            checkpoint.open_whole(folder, each)
        except WorkspaceError as error:
            wrong.append(str(error))
    if ballast_path(journal.workspace, run.id).exists():
        wrong.append("the reserve is still there")
    with Journal(journal.workspace) as fresh:
        wrong += [fresh.damage()] * bool(fresh.damage())
    return wrong


def fail_many(home: Path, numbers: Sequence[int], seed: int) -> list[Told]:
    """The faults of these numbers, of every kind in turn, two at a time."""
    name, recipe = next(iter(recipes().items()))
    wanted = expected(Workspace(home / "untouched-fault").create(), recipe)

    def fail(number: int) -> Told:
        workspace = Workspace(home / f"fault-{number}").create()
        told = failed(workspace, name, wanted, random.Random(seed * 100_000 + number), number)
        sys.stdout.write(
            f"{number + 1:4}  {told.kind:8} {told.says:36} {told.where:38} {told.ending:10} {told.wrong or 'as it must be'}\n"
        )
        sys.stdout.flush()
        return told

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(fail, numbers))


def table(told: Sequence[Told]) -> str:
    """For the README."""
    lines = ["| one call fails | cases | a card with the cause | ended well | the same run when taken up again |"]
    lines.append("|---|---|---|---|---|")
    for kind, what in {"files": "of the file system", "journal": "of SQLite", "full": "SQLite's own *full*"}.items():
        mine = [each for each in told if each.kind == kind]
        endings = Counter(each.ending for each in mine)
        well = endings["completed"] + endings["early_stopped"]
        right = sum(not each.wrong for each in mine)
        lines.append(f"| {what} | {len(mine)} | {len(mine) - well} | {well} | {right} |")
    return "\n".join(lines)
