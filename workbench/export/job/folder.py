"""Writes a job's folder, whole or not at all.

recipe.toml job.json run.sh README.txt
data/                 the pictures, if they are to go along; recipe.toml then speaks of them as `data`
weights.safetensors   what the network starts from, where the recipe starts from an earlier run or a file

The pictures are read whole for their fingerprint, copied or not.
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import ExportError
from workbench.export.job import described, texts
from workbench.export.job.described import Job
from workbench.export.job.pictures import ONE_FILE, PIECE, Own, Progress, Reference, fingerprint, look, path_of
from workbench.journal import Journal, kept
from workbench.journal.importing import JOB
from workbench.journal.strange import Pulse
from workbench.paths import Workspace, expanded, explain, explain_place, is_there, sync_folder, write_synced
from workbench.spec import Recipe, presets
from workbench.spec.recipe import changed

RECIPE, RUN, README, DATA, WEIGHTS = "recipe.toml", "run.sh", "README.txt", "data", "weights.safetensors"


@dataclass(frozen=True)
class Plan:
    """A job that can be written."""

    recipe: Recipe
    name: str
    #: the pictures, where they are a person's own and on this machine
    own: Own | None
    #: the weights that it starts from, if it does
    weights: Path | None

    @property
    def elsewhere(self) -> str:
        """Where the pictures are that are not on this machine; empty when they are, or are nobody's own."""
        return path_of(self.recipe.data) if _elsewhere(self.recipe) else ""

    @staticmethod
    def of(recipe: Recipe, name: str, workspace: Workspace, pulse: Pulse = lambda: None) -> Plan:
        """Look at what the recipe needs. Raises DataError, ExportError or WorkspaceError with what stands in the way."""
        path = path_of(recipe.data)
        if path:  # where it is trained, another folder is the current one
            recipe = changed(recipe, "data.path", str(expanded(path).absolute()))
        own = None if _elsewhere(recipe) else look(recipe.data, recipe.training.seed, workspace, pulse)
        return Plan(recipe, name, own, _weights(recipe, workspace))


def _elsewhere(recipe: Recipe) -> bool:
    """Whether the pictures are only where the job is to be trained."""
    path = path_of(recipe.data)
    return bool(path) and not is_there(path)


def _weights(recipe: Recipe, workspace: Workspace) -> Path | None:
    start = recipe.initializer
    if start.start == "file":
        path = expanded(start.file)
        if not is_there(path) or not path.is_file():
            raise ExportError(f"{path}, which the recipe starts from, is not there. Choose another initializer.file.")
        return path
    if start.start != "run":
        return None
    with Journal(workspace) as journal:
        run = journal.run(start.run)
        folder = kept.checkpoints(journal, run.id)
    last, best = next(iter(kept.manifests(folder)), None), kept.best_of(folder)
    manifest = (best or last) if run.recipe.keeps_best else (last or best)
    found = kept.weights_file(folder, manifest) if manifest else None
    if found is None or not found.is_file():
        raise ExportError(f"{run.name}, which the recipe starts from, has kept no weights. Choose a run that has.")
    return found


def write(
    plan: Plan, to: Path, progress: Progress, pulse: Pulse = lambda: None, *, with_data: bool
) -> tuple[Path, Job]:
    """Make the folder `to`, which must not be there or be empty; where it is now. Raises ExportError or WorkspaceError."""
    to = expanded(to).absolute()
    if with_data and plan.elsewhere:
        raise ExportError(f"The pictures cannot be copied: {plan.elsewhere} is not there. Choose another data.path.")
    made = to.with_name(f".{to.name}.{secrets.token_hex(4)}")
    try:
        if to.exists() and (not to.is_dir() or any(to.iterdir())):
            raise ExportError(
                f"{to} is there already and not an empty folder. Choose a new folder; nothing was written."
            )
        made.mkdir(parents=True)
        try:
            job = _fill(made, plan, progress, pulse, with_data=with_data)
            if to.exists():
                to.rmdir()  # empty; not every system renames over a folder
            made.replace(to)
        finally:
            shutil.rmtree(made, ignore_errors=True)
        sync_folder(to.parent)
    except OSError as error:
        raise ExportError(_why(error, to)) from error
    return to, job


def _fill(made: Path, plan: Plan, progress: Progress, pulse: Pulse, *, with_data: bool) -> Job:
    own, recipe = plan.own, plan.recipe
    data = Reference(recipe.data.kind, path_of(recipe.data))
    if own is not None:
        copy_to = made / DATA if with_data else None
        data = own.reference(fingerprint(own, progress, copy_to), copied=with_data)
        if with_data:
            recipe = changed(recipe, "data.path", f"{DATA}/{ONE_FILE}" if own.kind == "npz" else DATA)
    if plan.weights is not None:
        _copy(plan.weights, made / WEIGHTS, pulse)
        recipe = changed(changed(recipe, "initializer.file", WEIGHTS), "initializer.start", "file")
    job = Job(plan.name, data)
    texts_of = {
        RECIPE: presets.dump(recipe, plan.name), JOB: described.dump(job, recipe), RUN: texts.RUN, README: texts.README,
    }  # fmt: skip
    for name, text in texts_of.items():
        write_synced(made / name, _encoded(text))
    os.chmod(made / RUN, 0o755)  # noqa: PTH101, S103 - a script that anybody may read and start
    return job


def _copy(path: Path, to: Path, pulse: Pulse) -> None:
    with path.open("rb") as file, to.open("xb") as copy:
        while piece := file.read(PIECE):
            pulse()
            copy.write(piece)


def _why(error: OSError, to: Path) -> str:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return explain(error, to)
    if error.errno in {errno.ENOTDIR, errno.EEXIST}:
        return explain_place(error, to, "Choose another folder; nothing was written.")
    return f"{error.filename or to} cannot be used: {(error.strerror or str(error)).lower()}. Nothing was written."


def _encoded(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise ExportError(
            "A name in the path of the pictures is no text. Rename that folder, then try again."
        ) from error
