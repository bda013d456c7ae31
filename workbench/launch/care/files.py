"""Files astray: folders that no run in the journal owns, those of discarded runs, and what killed programs half wrote."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from workbench.errors import RecipeError, WorkspaceError
from workbench.events import Ending, State
from workbench.journal import Journal
from workbench.journal.adopting import adopt
from workbench.journal.alive import held
from workbench.journal.importing import SCRATCH as IMPORTING
from workbench.journal.rescue import SCRATCH
from workbench.journal.store import ballast_path
from workbench.launch.care.finding import GRACE_SECONDS, Finding, Kind, counted, move_to_trash, some
from workbench.launch.notice import remove_folder
from workbench.paths import HALF, Workspace, explain
from workbench.spec import presets

#: What `paths.write_atomic` leaves of a file when it is killed: ".recipe.toml.k3_x9qpa".
HALF_WRITTEN = re.compile(r"\..+\.(toml|json|png|safetensors)\.[a-z0-9_]{8}")
#: What the engine leaves of a checkpoint, and the journal of a backup.
HALF_A_CHECKPOINT = re.compile(r"\..+\.(new|old)")
HALF_A_BACKUP = re.compile(r"\.workbench\.db\..+\.backup")
MEGA = 1e6


def look(journal: Journal) -> list[Finding]:
    """What lies astray in a workspace. What somebody at work may be writing is left alone."""
    workspace = journal.workspace
    endings = dict(journal.query("SELECT id, ending FROM runs"))
    found = []
    for folder in sorted(workspace.runs.iterdir()):
        if not folder.is_dir() or folder.name.startswith(".") or held(folder / "alive"):
            continue
        if folder.name not in endings:
            if _is_old(folder) and not (folder / HALF).exists():
                found.append(_stray(workspace, folder))
        elif endings[folder.name] == Ending.DISCARDED and not (folder / HALF).exists():
            found.append(_discarded(workspace, folder))
    left = _leftovers(journal)
    if left:
        found.append(_half_written(workspace, left))
    return found


def _stray(workspace: Workspace, folder: Path) -> Finding:
    readable = _recipe_is_readable(folder)
    return Finding(
        Kind.STRAY_RUN,
        f"{folder} is the folder of a run that the journal does not know.",
        "It is put into the journal as an interrupted run, with its recipe and its checkpoints."
        if readable
        else f"It has no recipe that can be read; it is moved to {workspace.trash}.",
        partial(_take_in, workspace, folder),
        folder.name,
    )


def _recipe_is_readable(folder: Path) -> bool:
    try:
        presets.load(folder / "recipe.toml")
    except (RecipeError, WorkspaceError):
        return False
    return True


def _take_in(workspace: Workspace, folder: Path) -> str:
    if held(folder / "alive"):
        raise WorkspaceError(f"{folder} is in use; nothing was changed.")
    with Journal(workspace) as journal:
        if _recipe_is_readable(folder) or journal.query("SELECT 1 FROM runs WHERE id = ?", folder.name):
            run = adopt(journal, folder)
            return f"It is run {run.number}, {run.name}."
    return f"It lies in {move_to_trash(workspace, folder)} now."


def _discarded(workspace: Workspace, folder: Path) -> Finding:
    return Finding(
        Kind.DISCARDED_RUN,
        f"{folder} is what is left of a run that was discarded.",
        "It is removed, as it was asked for.",
        partial(_remove_discarded, workspace, folder),
        folder.name,
    )


def _remove_discarded(workspace: Workspace, folder: Path) -> str:
    with Journal(workspace) as journal:
        if journal.run(folder.name).ending is Ending.DISCARDED and not held(folder / "alive"):
            remove_folder(journal, folder.name)
    if folder.exists():
        raise WorkspaceError(f"{folder} could not be removed whole. Allow writing there, then try again.")
    return "It was removed."


# --- what killed programs half wrote ----------------------------------------------------------------


def _leftovers(journal: Journal) -> list[Path]:
    """What was half written, or reserved, by a program that is gone."""
    workspace = journal.workspace
    found = [path for path in workspace.home.iterdir() if _is_half(path) or path.name.startswith((SCRATCH, IMPORTING))]
    found += [path for path in workspace.presets.iterdir() if HALF_WRITTEN.fullmatch(path.name)]
    states = dict(journal.query("SELECT id, state FROM runs WHERE ending IS NOT 'discarded'"))
    for folder in workspace.runs.iterdir():
        if folder.name not in states and (folder / HALF).exists():
            found.append(folder)  # a killed import left it; a second one brings the run
        # One that is queued may get its engine at any moment.
        if states.get(folder.name) == State.ENDED and not held(folder / "alive"):
            found += _in_run(workspace, folder)
    return sorted(path for path in found if _is_old(path))


def _is_half(path: Path) -> bool:
    return any(form.fullmatch(path.name) for form in (HALF_WRITTEN, HALF_A_BACKUP))


def _in_run(workspace: Workspace, folder: Path) -> Iterator[Path]:
    if ballast_path(workspace, folder.name).exists():
        yield ballast_path(workspace, folder.name)
    for each in (*folder.glob(".*"), *folder.glob("checkpoints/.*"), *folder.glob("checkpoints/[0-9]*/.*")):
        if HALF_WRITTEN.fullmatch(each.name) or HALF_A_CHECKPOINT.fullmatch(each.name):
            yield each


def _is_old(path: Path) -> bool:
    """Whether nothing was written there for a while."""
    try:
        newest: float = max(each.stat().st_mtime for each in (path, *(path.rglob("*") if path.is_dir() else ())))
    except OSError:
        return False  # it is going away just now
    return time.time() - newest > GRACE_SECONDS


def _half_written(workspace: Workspace, left: list[Path]) -> Finding:
    size = sum(each.stat().st_size for path in left for each in (path, *path.rglob("*")) if each.is_file())
    names = some([str(path.relative_to(workspace.home)) for path in left])
    return Finding(
        Kind.LEFTOVERS,
        f"{counted(len(left), 'leftover')} of killed programs, half written, {size / MEGA:.1f} MB in all: {names}.",
        f"They are removed; those of presets are moved to {workspace.trash}.",
        partial(_clear, workspace),
    )


def _clear(workspace: Workspace) -> str:
    with Journal(workspace) as journal:
        left = _leftovers(journal)
    # It may be all that there is of a preset.
    moved = [path for path in left if path.parent == workspace.presets]
    for path in left:
        if path in moved:
            move_to_trash(workspace, path)
        else:
            _remove(path)
    words = f"{counted(len(left) - len(moved), 'leftover')} removed"
    return f"{words}, {len(moved)} moved to {workspace.trash}." if moved else f"{words}."


def _remove(path: Path) -> None:
    try:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    except OSError as error:
        raise WorkspaceError(explain(error, path)) from error
