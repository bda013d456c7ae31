"""What `train --job` does on the machine that trains: finds the job's pictures, compares them, and goes on with what was begun."""

from __future__ import annotations

import filecmp
from pathlib import Path
from typing import Annotated, Any

import typer

from workbench.cli import output
from workbench.cli.train import WELL, follow
from workbench.errors import DataError, RecipeError, WorkspaceError
from workbench.events import Ending, State
from workbench.journal import Journal, Run, compared, taking_up
from workbench.journal.alive import held
from workbench.journal.importing import JOB
from workbench.launch.notice import notice_deaths
from workbench.launch.start import ensure_keeper, keeper_lock
from workbench.paths import Workspace, expanded, is_there
from workbench.plain import plain
from workbench.spec import Recipe
from workbench.spec.presets import Preset
from workbench.spec.recipe import changed

OfJob = Annotated[
    bool, typer.Option("--job", help="PRESET is a job's recipe.toml: compare its pictures, go on with what was begun.")
]
OtherData = Annotated[bool, typer.Option("--other-data", help="Of a job: train on other pictures all the same.")]

#: Settings of a job's recipe whose path, where it is relative, lies in its folder.
_PATHS = ("data.path", "initializer.file")
ASK = "Say where they are: DATA=/where/they/are sh run.sh, or --data PATH"


def folder_of(preset: Preset) -> Path:
    """The folder of the job whose recipe this is. Raises WorkspaceError."""
    if preset.path is None or not is_there(preset.path.parent / JOB):
        raise WorkspaceError("--job is for the recipe.toml in a job's folder, beside its job.json.")
    return preset.path.parent.absolute()


def placed(recipe: Recipe, folder: Path) -> Recipe:
    """The recipe with the files in the job's folder named from the root."""
    tree: Any = recipe.model_dump()
    for path in _PATHS:
        station, _, name = path.partition(".")
        text = str(tree[station].get(name) or "")
        if text and not Path(text).is_absolute():
            recipe = changed(recipe, path, str(folder / expanded(text)))
    return recipe


def compare(recipe: Recipe, folder: Path, workspace: Workspace, *, other: bool) -> str:
    """See that the pictures are those that the job was made with; their fingerprint, empty when that is not known.

    Raises DataError when they are others, unless `other` are wanted.
    """
    from workbench.export.job import described, pictures  # noqa: PLC0415 - NumPy and Pillow, for jobs only

    wanted, path = described.read(folder).data, pictures.path_of(recipe.data)
    if not wanted.own:
        return ""
    if path and not is_there(path):
        many = f": {wanted.words}" if wanted.sha256 else ""
        raise DataError(f"The pictures of this job are not here at {plain(path, pictures.LONGEST)}{many}. {ASK}.")
    if not wanted.sha256:
        return ""  # they were not there to be looked at when the job was made
    found = pictures.look(recipe.data, recipe.training.seed, workspace)
    if found is None:
        return ""  # another kind was asked for by hand
    output.complain(f"Comparing the pictures in {plain(path, pictures.LONGEST)} with those that the job was made with.")
    try:
        sha256 = pictures.fingerprint(found, _quiet)
    except OSError as error:
        raise DataError(f"{error.filename} cannot be read: {error.strerror or error}.") from error
    differs = pictures.difference(wanted, found, sha256)
    if differs and not other:
        raise DataError(f"{differs} {ASK}; or train on these all the same, with --other-data.")
    if differs:
        output.complain(differs)
    return "" if differs else sha256


def _quiet(_done: int, _total: int) -> None: ...


def go_on(workspace: Workspace, recipe: Recipe, folder: Path, sha256: str, *, queue: bool) -> tuple[Run, int] | None:
    """Go on with the run of this recipe that was begun before, if there is one; the run and the command's exit code.

    `sha256` is what `compare` gave.
    """
    with Journal(workspace) as journal:
        if not held(keeper_lock(workspace)):
            notice_deaths(journal)
        run = next((each for each in journal.runs() if _alike(workspace, each, recipe, folder, sha256)), None)
        if run is None:
            return None
        if run.ending in {Ending.COMPLETED, Ending.EARLY_STOPPED}:
            output.complain(
                f"{run.name} is done: {output.count(run.epochs, 'epoch')}. Import this folder where you want it."
            )
            return run, WELL
        after = journal.last_event(run.id)
        if run.state is State.ENDED:
            output.complain(f"Going on with {run.name}, which ended after {output.count(run.epochs, 'epoch')}.")
            path = str(getattr(recipe.data, "path", ""))
            if sha256:
                compared.remember(workspace.run_folder(run.id), sha256, path)
            run = taking_up.requeue(journal, run, pictures=path, weights=recipe.initializer.file)
        if queue:
            ensure_keeper(workspace)
            return run, WELL
        return follow(workspace, journal, run.id, after)


def _alike(workspace: Workspace, run: Run, recipe: Recipe, folder: Path, sha256: str) -> bool:
    """Whether a run is of this recipe, and on these pictures: wherever they are, but only if both were compared."""
    try:
        theirs, ours = (each.model_dump() for each in (run.recipe, recipe))
    except RecipeError:
        return False
    path = str(theirs["data"].get("path", ""))
    if compared.fingerprint(workspace.run_folder(run.id), path) != sha256:
        return False
    if sha256:  # the same pictures
        theirs["data"]["path"] = ours["data"]["path"]
    if _came_along(workspace, folder, theirs["initializer"]["file"], ours["initializer"]["file"]):
        theirs["initializer"]["file"] = ours["initializer"]["file"]
    return bool(theirs == ours)


def _came_along(workspace: Workspace, folder: Path, before: str, now: str) -> bool:
    """Whether `now` is the file of weights in the job's folder, which was called `before` when that folder lay elsewhere."""
    if not now or Path(now).parent != folder or Path(before).name != Path(now).name:
        return False
    try:
        # Only in the job's own workspace, which moves with it: elsewhere that name may be another job's.
        if not workspace.home.parent.samefile(folder):
            return False
        return not is_there(before) or filecmp.cmp(before, now, shallow=False)
    except OSError:
        return False
