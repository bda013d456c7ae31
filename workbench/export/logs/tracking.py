"""A run for MLflow, written by MLflow's own client where that is installed: into a folder, or to a tracking server.

A folder gets a SQLite file `mlflow.db` and the artifacts beside it; MLflow keeps its older store of plain files only on
special request. Every export makes a run of its own there. Parameters are the recipe's settings by their path, metrics those
of each epoch with the epoch as step, tags what the run is; the recipe lies there as `recipe.toml`. Times are those of the
run: its beginning, and run time since. NaN stays NaN; in a SQLite file MLflow makes of infinity the largest number. A run
that could not be written to its end is failed there.

MLflow likes to tell its makers how it is used. That is switched off here, before it is imported.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from workbench.errors import ExportError, RecipeError, WorkspaceError
from workbench.events import Ending, EpochEnded, State
from workbench.export.logs.trees import history
from workbench.journal import Journal, Run
from workbench.paths import explain_place
from workbench.spec import recipe as recipes

EXPERIMENT = "Keras Workbench"
#: What is needed: the client, and what it keeps a SQLite file with. The whole of MLflow has all three.
NEEDED = ("mlflow", "sqlalchemy", "alembic")
#: As many as the client takes at once, and as long.
MOST_PARAMETERS, MOST_METRICS, LONGEST = 100, 1000, 6000
_SILENT = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "GIT_PYTHON_REFRESH": "quiet",
    "MLFLOW_LOGGING_LEVEL": "WARNING",  # else it tells of each table that it makes
}
#: A server that is not there: told within seconds, not after minutes; whoever sets it otherwise means it.
_RETRIES = ("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
_STATUS = {Ending.FAILED: "FAILED", Ending.INTERRUPTED: "KILLED"}
#: What MLflow does not take in a metric's name; the class after "val_iou/" may be called anything.
_NOT_ALLOWED = re.compile(r"[^\w./: -]")


def is_address(place: str) -> bool:
    """Whether a place is a tracking server's (or database's) address rather than a folder."""
    return "://" in place


def write(journal: Journal, run: Run, place: str) -> str:
    """Write a run there; MLflow's id of it. Raises ExportError or WorkspaceError with what to do."""
    address, artifacts = (place, None) if is_address(place) else _folder(Path(place))
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if "mlflow" in missing or (missing and not address.startswith(("http://", "https://"))):
        raise ExportError(
            f"MLflow's client is not whole here: {', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing. "
            'Install it with `pip install "keras-workbench[mlflow]"`, or `pip install mlflow`.'
        )
    os.environ.update(_SILENT)
    os.environ.setdefault(*_RETRIES)
    with warnings.catch_warnings():
        # Between MLflow and SQLAlchemy; none of them is about the run.
        warnings.simplefilter("ignore")
        from mlflow.exceptions import MlflowException  # noqa: PLC0415 - a second, and what it says of itself is off by now

        troubles = (MlflowException, *_database_errors())
        try:
            return _Client(address, artifacts, troubles).write(run, history(journal.events(run.id)))
        except troubles as error:
            raise ExportError(f"MLflow could not write to {place}: {str(error).splitlines()[0]}") from error
        except OSError as error:
            raise ExportError(f"{place} cannot be reached or written: {error}") from error


def _database_errors() -> tuple[type[Exception], ...]:
    """What a database says by itself; for a server none is needed here."""
    if importlib.util.find_spec("sqlalchemy") is None:
        return ()
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415 - see write

    return (SQLAlchemyError,)


def _folder(folder: Path) -> tuple[str, str]:
    """The addresses of a folder's database and of its artifacts."""
    folder = folder.absolute()
    if set("?#%") & set(str(folder)):
        raise ExportError(
            f"MLflow cannot keep a store in {folder}, because of a ?, # or % in its path. Choose another."
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WorkspaceError(explain_place(error, folder)) from error
    return f"sqlite:///{folder / 'mlflow.db'}", (folder / "artifacts").as_uri()


class _Client:
    """MLflow's client at one place."""

    def __init__(self, address: str, artifacts: str | None, troubles: tuple[type[Exception], ...]) -> None:
        from mlflow import entities  # noqa: PLC0415 - see write
        from mlflow.tracking import MlflowClient  # noqa: PLC0415 - as above

        self._entities = entities
        # What it would otherwise use for registered models is a folder wherever somebody happens to be.
        self._client = MlflowClient(address, registry_uri=address)
        self._artifacts = artifacts
        self._troubles = troubles

    def write(self, run: Run, epochs: Sequence[EpochEnded]) -> str:
        began = run.started or run.created
        made = self._client.create_run(self._experiment(), start_time=_ms(began), tags=_tags(run), run_name=run.name)
        key: str = made.info.run_id
        with contextlib.ExitStack() as undo:
            undo.callback(self._give_up, key)
            self._fill(key, run, epochs)
            undo.pop_all()
        return key

    def _give_up(self, key: str) -> None:
        """A run that is half there must not look as if it were still being written."""
        with contextlib.suppress(OSError, *self._troubles):  # what kept it from being written is told
            self._client.set_terminated(key, "FAILED")

    def _fill(self, key: str, run: Run, epochs: Sequence[EpochEnded]) -> None:
        began = run.started or run.created
        parameters = [self._entities.Param(path, value) for path, value in _parameters(run)]
        for part in _parts(parameters, MOST_PARAMETERS):
            self._client.log_batch(key, params=part)
        names = _names({name for event in epochs for name in event.metrics})
        metrics = [
            self._entities.Metric(names.get(name, name), value, _ms(began + event.seconds), event.epoch)
            for event in epochs
            for name, value in {**event.metrics, "images_per_second": event.images_per_second}.items()
        ]
        for part in _parts(metrics, MOST_METRICS):
            self._client.log_batch(key, metrics=part)
        self._client.log_text(key, run.recipe_toml, "recipe.toml")
        if run.state is State.ENDED:
            status = _STATUS.get(run.ending, "FINISHED") if run.ending else "FINISHED"
            self._client.set_terminated(key, status, _ms(run.ended or began))

    def _experiment(self) -> str:
        known = self._client.get_experiment_by_name(EXPERIMENT)
        found: str = known.experiment_id if known else self._client.create_experiment(EXPERIMENT, self._artifacts)
        return found


def _names(metrics: set[str]) -> dict[str, str]:
    """What each metric is called there: two that differ stay two."""
    found: dict[str, str] = {}
    for metric in sorted(metrics):
        own = _NOT_ALLOWED.sub("_", metric)
        while own in found.values():
            own = f"{own}_"
        found[metric] = own
    return found


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


def _parts(everything: Sequence[Any], most: int) -> list[Sequence[Any]]:
    return [everything[at : at + most] for at in range(0, len(everything), most)]


def _parameters(run: Run) -> list[tuple[str, str]]:
    """The settings by their path; none of a recipe that this version cannot read."""
    try:
        settings = recipes.values(run.recipe)
    except RecipeError:
        return []
    return [(path, "" if value is None else str(value)[:LONGEST]) for path, value in settings.items()]


def _tags(run: Run) -> dict[str, str]:
    told = {
        "mlflow.note.content": run.note,
        "mlflow.source.name": "Keras Workbench",
        "mlflow.source.type": "LOCAL",
        "workbench.run": run.id,
        "workbench.preset": run.preset,
        "workbench.tags": " ".join(run.tags),
        "workbench.ending": run.ending.value if run.ending else run.state.value,
        "workbench.reason": run.reason.split("\n", 1)[0],
        "workbench.device": run.device,
        "workbench.best_epoch": str(run.best_epoch or ""),
        "workbench.weights_sha256": run.weights_sha256 or "",
    }
    return {name: value for name, value in told.items() if value}
