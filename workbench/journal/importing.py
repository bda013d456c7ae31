"""Brings the runs of another workspace into this one: those of a job that was trained elsewhere, or of a whole other folder.

Everything there is a stranger's: `foreign` reads its journal, `foreign_rows` and `foreign_watched` judge what that says, and
`foreign_files` copies what lies in the folders. A run comes whole or not at all. Its folder is made beside the others, put in
its place inside the one transaction that writes its rows, and bears a mark until that is committed: so a kill in the middle
leaves nothing, or a folder that a second import replaces. Runs keep their ids, by which one that is here already is known.
"""

from __future__ import annotations

import contextlib
import errno
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench import events
from workbench.errors import WorkspaceError
from workbench.events import Ending, State
from workbench.journal import compared, foreign, foreign_rows
from workbench.journal.alive import held, hold
from workbench.journal.compared import Pictures
from workbench.journal.foreign_files import Copied, copy_run, same_recipe
from workbench.journal.foreign_rows import RUN, Line, Row
from workbench.journal.foreign_watched import Seen
from workbench.journal.rows import Run
from workbench.journal.store import Journal
from workbench.journal.strange import Pulse, StoppedError, StrangeError, is_file, is_folder
from workbench.paths import HALF, Workspace, expanded, explain, is_there, sync_folder, write_synced
from workbench.plain import plain
from workbench.spec import presets
from workbench.spec.recipe import changed

#: What marks the folder of a job, and where in it the job's own workspace is.
JOB, INSIDE = "job.json", "workspace"
#: A folder of this name beside the runs is one that is being imported, or was when its program was killed.
SCRATCH = ".import."

#: What is copied of each table beside the runs', in order.
_SAID = {
    "events": ("attempt", "time", "kind", "body"),
    "step_blocks": ("attempt", "first_step", "steps", "begin", "end", "data"),
    "watched": ("attempt", "epoch", "kind", "body"),
}
#: What the system says of the disk that is written to, never of one that is read.
_OF_OURS = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}
#: Signs of a stranger's text in a sentence: what is wrong of a file comes behind its name.
LONGEST = 1000
#: Called as it goes: how many runs are done, of how many, the name of the one at hand.
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Imported:
    """A run that came in."""

    run: Run
    checkpoints: int
    #: bytes of its files
    size: int
    #: what to know of it, as sentences
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Refused:
    """A run that did not, and why, as a sentence."""

    name: str
    why: str


@dataclass(frozen=True)
class Report:
    """What an import came to."""

    imported: tuple[Imported, ...] = ()
    already: tuple[Run, ...] = ()
    refused: tuple[Refused, ...] = ()


def workspace_in(folder: Path) -> Workspace:
    """The workspace in a folder: of a job, or the folder itself. Raises WorkspaceError."""
    folder = expanded(folder).absolute()
    try:
        of_job = (folder / JOB).exists()
        found = Workspace(folder / INSIDE if of_job else folder)
        there = is_folder(found.home) and is_file(found.database)
    except StrangeError as error:
        raise WorkspaceError(f"{folder} cannot be imported: {error}.") from error
    except OSError as error:
        raise WorkspaceError(explain_reading(error, folder)) from error
    if there:
        return found
    if of_job:
        raise WorkspaceError(f"The job in {folder} has not been trained yet: `sh run.sh` there does it.")
    raise WorkspaceError(
        f"There is nothing to import in {folder}: neither job.json nor workbench.db. Choose the folder of a job, or a workspace."
    )


def explain_reading(error: OSError, path: Path) -> str:
    return plain(f"{error.filename or path} cannot be read: {(error.strerror or str(error)).lower()}.", LONGEST)


def bring(
    workspace: Workspace,
    folder: Path,
    progress: Progress,
    pulse: Pulse = lambda: None,
    *,
    pictures: Pictures | None = None,
) -> Report:
    """Import every ended run of a folder that is not here yet. Raises WorkspaceError when the folder is of no use at all.

    `pictures` are a job's on this machine, for runs that were compared with them and read them at a path that is not here.
    `pulse` is called often and may raise StoppedError: what came in until then stays.
    """
    source = workspace_in(folder)
    with Journal(workspace) as journal, _scratch(workspace) as scratch:
        try:
            if source.database.samefile(workspace.database):
                raise WorkspaceError(f"{source.home} is this workspace itself; its runs are here.")
            with foreign.opened(source.database, scratch, pulse) as theirs:
                return _Bringing(journal, source, theirs, scratch, pulse, pictures).all(progress)
        except StoppedError:
            return Report()
        except OSError as error:
            raise WorkspaceError(_explain(error, workspace, source)) from error


def _explain(error: OSError, workspace: Workspace, source: Workspace) -> str:
    return explain(error, workspace.home) if error.errno in _OF_OURS else explain_reading(error, source.home)


@contextlib.contextmanager
def _scratch(workspace: Workspace) -> Iterator[Path]:
    """A folder on the disk of the workspace, for one import at a time; what killed ones left goes."""
    lock = hold(workspace.home / "import.lock")
    if lock is None:
        raise WorkspaceError(f"Another import into {workspace.home} is at work. Wait for it, then try again.")
    with lock:
        for left in workspace.home.glob(f"{SCRATCH}*"):
            shutil.rmtree(left, ignore_errors=True)
        try:
            with tempfile.TemporaryDirectory(dir=workspace.home, prefix=SCRATCH, ignore_cleanup_errors=True) as name:
                yield Path(name)
        except OSError as error:
            raise WorkspaceError(explain(error, workspace.home)) from error


class _Bringing:
    """One import."""

    def __init__(  # noqa: PLR0917 - what it works with
        self,
        journal: Journal,
        source: Workspace,
        theirs: sqlite3.Connection,
        scratch: Path,
        pulse: Pulse,
        pictures: Pictures | None,
    ) -> None:
        self._journal, self._source, self._theirs, self._scratch, self._pulse = journal, source, theirs, scratch, pulse
        self._pictures = pictures

    def all(self, progress: Progress) -> Report:
        imported: list[Imported] = []
        already: list[Run] = []
        refused: list[Refused] = []
        rows = self._rows("SELECT id, name, state, ending, trashed FROM runs ORDER BY number")
        wanted = [row for row in rows if row["ending"] != Ending.DISCARDED and row["trashed"] is None]
        for done, row in enumerate(wanted):
            name = plain(str(row["name"]), 80)
            progress(done, len(wanted), name)
            try:
                self._pulse()
                here = self._here(foreign_rows.ID("its id", row["id"]))
                if here is not None:
                    (self._journal.workspace.run_folder(here.id) / HALF).unlink(missing_ok=True)
                    already.append(here)
                else:
                    imported.append(self._one(row["id"]))
            except StoppedError:
                break
            except StrangeError as error:
                refused.append(Refused(name, plain(f"{name} was not imported: {error}.", LONGEST)))
            except OSError as error:
                if error.errno in _OF_OURS:
                    raise WorkspaceError(explain(error, self._journal.workspace.home)) from error
                refused.append(Refused(name, f"{name} was not imported: {explain_reading(error, self._source.home)}"))
        return Report(tuple(imported), tuple(already), tuple(refused))

    def _here(self, run: str) -> Run | None:
        """The run here; None as well when it was deleted for good, for then whoever imports it wants it back."""
        found = self._journal.run(run) if self._journal.query("SELECT 1 FROM runs WHERE id = ?", run) else None
        return None if found is not None and found.ending is Ending.DISCARDED else found

    def _rows(self, query: str, *values: Any) -> list[Row]:
        """Rows of the stranger's by the names of their columns."""
        with foreign.readable(self._source.database, self._scratch, self._pulse):
            cursor = self._theirs.execute(query, values)
            names = [each[0] for each in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor]

    def _said(self, table: str, run: str) -> Iterator[Row]:
        """What it said, row after row, so that a long run need not fit in memory."""
        names = _SAID[table]
        query = f"SELECT {', '.join(names)} FROM {table} WHERE run = ? ORDER BY id"  # noqa: S608 - names of ours
        try:
            for row in self._theirs.execute(query, (run,)):
                self._pulse()
                yield dict(zip(names, row, strict=True))
        except sqlite3.Error as error:
            self._pulse()  # it may have been told to stop
            raise StrangeError(f"what it said cannot be read ({error})") from error

    # --- one run ---------------------------------------------------------------------------------------

    def _one(self, run: str) -> Imported:
        row = self._row(run)
        folder = self._folder(run)
        self._judge(run)
        made = self._scratch / run
        notes = (
            []
            if same_recipe(folder, row["recipe"])
            else ["Its recipe.toml was not the journal's; the journal's was taken."]
        )
        notes += self._place_pictures(row, folder)
        copied = copy_run(folder, made, row["recipe"], self._pulse)
        write_synced(made / HALF, b"")
        found = self._put(row, made)
        return Imported(found, copied.checkpoints, copied.size, (*notes, *_notes(found, copied)))

    def _row(self, run: str) -> Row:
        try:
            (found,) = self._rows(f"SELECT {', '.join(RUN)} FROM runs WHERE id = ?", run)  # noqa: S608 - names of ours
        except WorkspaceError as error:
            raise StrangeError(str(error.__cause__)) from error
        row = foreign_rows.run_row(found)
        if row["state"] != State.ENDED or row["ending"] is None:
            raise StrangeError(
                f"it is {row['state']} there. Import it when it has ended; where its machine went down meanwhile, "
                f"`sh run.sh` there goes on with it, or `workbench --home … runs` ends it as interrupted"
            )
        return row

    def _place_pictures(self, row: Row, folder: Path) -> list[str]:
        """Have the recipe read its pictures where they are here, if it names a place that is not; what was done, as a sentence.

        Only where they were compared when it was trained: it may as well have been trained on others.
        """
        recipe, ours = presets.loads(row["recipe"]).recipe, self._pictures
        path = str(getattr(recipe.data, "path", ""))
        if not path or is_there(path) or ours is None or not ours.sha256 or not is_there(ours.path):
            return []
        if recipe.data.kind != ours.kind or compared.fingerprint(folder, path) != ours.sha256:
            return []
        row["recipe"] = presets.dump(changed(recipe, "data.path", ours.path), row["name"])
        return [
            f"It was trained on the pictures in {plain(path, LONGEST)}; here they are those in {plain(ours.path, LONGEST)}, which the job was made with."
        ]

    def _folder(self, run: str) -> Path:
        folder = self._source.run_folder(run)
        if is_folder(self._source.runs) and is_folder(folder) and is_file(folder / "alive") and held(folder / "alive"):
            raise StrangeError("an engine is at work on it. Import it when it has ended")
        return folder

    def _judge(self, run: str) -> None:
        """Read all that it said before a word of it is written. Raises StrangeError."""
        starts: dict[int, int] = {}
        attempt, count = foreign_rows.whole(foreign_rows.MOST_EPOCHS), foreign_rows.whole(foreign_rows.MOST_EPOCHS)
        for row in self._said("events", run):
            said = foreign_rows.event(row["kind"], row["body"])
            foreign_rows.number("time", row["time"])
            if isinstance(said, events.AttemptStarted):
                starts[attempt("attempt", row["attempt"])] = said.step
            attempt("attempt", row["attempt"])
        line, seen = Line(starts), Seen()
        for row in self._said("step_blocks", run):
            line.block(row)
        for row in self._said("watched", run):
            attempt("attempt", row["attempt"])
            count("epoch", row["epoch"])
            seen.row(row["kind"], row["body"])

    def _put(self, row: Row, made: Path) -> Run:
        """The folder into its place and the rows into the journal, as one."""
        journal, place = self._journal, self._journal.workspace.run_folder(row["id"])
        self._clear(place)
        with ExitStack() as undo:
            with journal.transaction(durable=True):
                self._write(row)
                made.replace(place)
                undo.callback(shutil.rmtree, place, ignore_errors=True)
                sync_folder(place.parent)
                found = journal.run(row["id"])
            undo.pop_all()
        (place / HALF).unlink(missing_ok=True)
        return found

    def _clear(self, place: Path) -> None:
        """Make room where a killed import or a deleted run left a folder; whatever else lies there is not ours to remove."""
        if (place / HALF).exists() or (place.exists() and self._deleted(place.name) is not None):
            shutil.rmtree(place)
        elif place.exists():
            raise StrangeError(
                f"{place} is there already, of a run that the journal does not know. `workbench doctor --mend` takes care of it"
            )

    def _deleted(self, run: str) -> int | None:
        """The number of a run that was deleted for good here; None when it was not."""
        found = self._journal.query("SELECT number FROM runs WHERE id = ? AND ending = 'discarded'", run)
        return int(found[0][0]) if found else None

    def _write(self, row: Row) -> None:
        journal, number = self._journal, self._deleted(row["id"])
        if number is None:
            ((number,),) = journal.query("SELECT COALESCE(MAX(number), 0) + 1 FROM runs")
        else:  # it was kept for it
            journal.forget(row["id"])
            for table, key in (("runs", "id"), ("commands", "run"), ("live", "run")):
                journal.write(f"DELETE FROM {table} WHERE {key} = ?", row["id"])  # noqa: S608 - names of ours
        # A name that only says the number it had there would say a wrong one here.
        (theirs,) = self._rows("SELECT number FROM runs WHERE id = ?", row["id"])
        name = f"Run {number}" if row["name"] in {"", f"Run {theirs['number']}"} else row["name"]
        _insert(journal, "runs", {**row, "number": number, "name": name})
        for table in _SAID:
            for each in self._said(table, row["id"]):
                if table == "events":
                    each["kind"], each["body"] = events.encode(foreign_rows.event(each["kind"], each["body"]))
                _insert(journal, table, {"run": row["id"], **each})


def _insert(journal: Journal, table: str, row: Row) -> None:
    marks = ", ".join("?" * len(row))
    journal.write(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", *row.values())  # noqa: S608 - names of ours


def _notes(run: Run, copied: Copied) -> Iterator[str]:
    """What to know of a run here, as sentences."""
    path = str(getattr(run.recipe.data, "path", ""))
    if path and not is_there(path):
        yield (
            f"Its pictures are not here at {plain(path, LONGEST)}. Curves, weights and predict do without them; to judge it or to train it on, "
            "put them there."
        )
    if run.weights_sha256 and not copied.checkpoints:
        yield "Its weights were not in its folder; its curves are here."


def counted(report: Report) -> str:
    """What an import came to, in a line: "2 runs imported, 1 was here already."."""
    parts = [f"{_many(len(report.imported))} imported"] if report.imported or not report.already else []
    if report.already:
        parts.append(f"{_many(len(report.already))} {'was' if len(report.already) == 1 else 'were'} here already")
    if report.refused:
        parts.append(f"{_many(len(report.refused))} left out")
    return f"{', '.join(parts)}."


def _many(count: int) -> str:
    return f"{count} run{'' if count == 1 else 's'}" if count else "No run"
