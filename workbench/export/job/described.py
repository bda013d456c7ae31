"""job.json: what a job's folder is of. Read back on the machine that trains, where it is a stranger's file."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench import __version__
from workbench.errors import WorkspaceError
from workbench.export.job.pictures import Reference
from workbench.journal.compared import Pictures
from workbench.journal.foreign_rows import LONGEST_BODY, hold
from workbench.journal.importing import JOB
from workbench.journal.strange import StrangeError, content
from workbench.paths import expanded
from workbench.spec import Recipe

FORMAT = 1
#: What decides about the last digits of the weights, beside the versions of the libraries.
_TRAINING = ("seed", "epochs", "backend", "device", "precision", "deterministic", "threads")


@dataclass(frozen=True)
class Job:
    """What a job is of."""

    name: str
    data: Reference


def dump(job: Job, recipe: Recipe) -> str:
    """As it is written. The recipe is recipe.toml; what is said of it here is for people and schedulers."""
    training = recipe.training.model_dump()
    tree = {
        "format": FORMAT, "workbench": __version__, "name": job.name, "data": dataclasses.asdict(job.data),
        "training": {name: training[name] for name in _TRAINING},
    }  # fmt: skip
    return json.dumps(tree, indent=1, ensure_ascii=False) + "\n"


def read(folder: Path) -> Job:
    """The job in a folder. Raises WorkspaceError."""
    path = folder / JOB
    try:
        job = _job(json.loads(content(path, LONGEST_BODY)))
    except StrangeError as error:
        raise WorkspaceError(f"{path} cannot be used: {error}.") from error
    except OSError as error:
        raise WorkspaceError(f"{path} cannot be read: {error.strerror or error}.") from error
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise WorkspaceError(f"{path} is no description of a job ({error}).") from error
    return job


def pictures_of(folder: Path) -> Pictures | None:
    """The pictures that a job was made with; None when that is not known."""
    try:
        data = read(expanded(folder)).data
        return Pictures(data.kind, data.path, data.sha256)
    except WorkspaceError:
        return None  # what came of it can be imported all the same


def _job(tree: Any) -> Job:
    if not isinstance(tree, dict) or tree.get("format") != FORMAT:
        raise StrangeError(f"it is not of format {FORMAT}, which this version reads")
    data = tree["data"]
    job = Job(tree["name"], Reference(**{**data, "classes": tuple(data["classes"])}))
    hold("job", job, Job)
    return job
