"""Looks a workspace over, from its database to its last stray file, and mends what it finds."""

from __future__ import annotations

import os
from pathlib import Path

import psutil

from workbench.errors import DamagedError, WorkbenchError, WorkspaceError
from workbench.journal import Journal
from workbench.journal.alive import held
from workbench.journal.rescue import newest_backup, rescue
from workbench.launch.care import files, runs, weights
from workbench.launch.care.finding import Finding, Kind, Mended, counted
from workbench.launch.start import keeper_lock
from workbench.paths import Workspace, explain

#: What is mended may bring to light what it hid: a new journal has runs that no engine works on.
MOST_ROUNDS = 4


def look_over(workspace: Workspace) -> list[Finding]:
    """Everything that is wrong with a workspace. Raises WorkspaceError when it cannot be used at all.

    Reads the whole database and the kept weights of every run.
    """
    try:
        with Journal(workspace) as journal:
            damage = journal.damage()
            if not damage:
                return [*runs.look(journal), *weights.look(journal), *files.look(journal)]
    except DamagedError as error:
        damage = str(error.__cause__)
    except OSError as error:
        raise WorkspaceError(explain(error, Path(error.filename or workspace.home))) from error
    # What a damaged journal says of runs proves nothing.
    return [_damaged(workspace, damage)]


def mend_all(workspace: Workspace) -> tuple[list[Mended], list[Finding]]:
    """Mend everything that can be mended; what became of it, and what is left. Raises WorkspaceError as `look_over` does."""
    tried: dict[tuple[Kind, str], Mended] = {}
    left: list[Finding] = []
    for _ in range(MOST_ROUNDS):
        left = []
        todo = []
        for each in look_over(workspace):
            before = tried.get((each.kind, each.sentence))
            if each.mend is None:
                left.append(each)
            elif before is None:
                todo.append(each)
            elif before.done:
                tried[each.kind, each.sentence] = Mended(each, failed=f"{before.done} Yet it is found again.")
        if not todo:
            break
        tried |= {(each.kind, each.sentence): _mend(workspace, each) for each in todo}
    return list(tried.values()), left


def _mend(workspace: Workspace, finding: Finding) -> Mended:
    assert finding.mend
    try:
        return Mended(finding, done=finding.mend())
    except WorkbenchError as error:
        return Mended(finding, failed=str(error))
    except OSError as error:
        return Mended(finding, failed=explain(error, Path(error.filename or workspace.home)))


def _damaged(workspace: Workspace, damage: str) -> Finding:
    backup = newest_backup(workspace)
    others = f"{backup.name} and the folders in runs/" if backup else "the folders in runs/"

    def mend() -> str:
        if held(keeper_lock(workspace)):
            raise WorkspaceError("A keeper is at work here. Wait until all runs have ended, then try again.")
        users = _users(workspace.database)
        if users:
            message = f"{workspace.database} is in use (process {users[0]}). Close the window and every command, then try again."
            raise WorkspaceError(message)
        saved = rescue(workspace)
        numbers = f"{counted(saved.from_file, 'run')} from it"
        if backup:
            numbers += f", {saved.from_backup} from {backup.name}"
        return f"The damaged file is {saved.kept.name} now. The new one has {numbers}, and {saved.from_folders} from folders."

    return Finding(
        Kind.DAMAGED_DATABASE,
        f"{workspace.database} is damaged: {' '.join(damage.replace('*** in database main ***', '').split())}.",
        "The window closed and no run at work, the damaged file is kept beside a new one, which gets what can still be "
        f"read of it; the rest comes from {others}.",
        mend,
    )


def _users(path: Path) -> list[int]:
    """The processes on this machine that have a file open, as far as one may see: of what is damaged no lock tells."""
    found, real = [], str(path.resolve())
    for process in psutil.process_iter():
        try:
            if process.pid != os.getpid() and any(each.path == real for each in process.open_files()):
                found.append(process.pid)
        except (psutil.Error, OSError):
            continue
    return found
