"""The journal: what every run said, in one SQLite file a workspace.

One `Journal` is one connection and belongs to one thread. Every read fetches all and ends its transaction
(an open cursor would let the log grow without end). The state and ending of a run change by conditional
UPDATEs only, so that two who notice the same death write it once.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import sqlite3
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from workbench import events
from workbench.errors import WorkspaceError
from workbench.events import Command, Ending, Event, Live, Phase, State, StepBlock
from workbench.journal import place
from workbench.journal.opening import clear, open_file
from workbench.journal.rows import Asked, Run, Said, Steps, Watched, effective, run_of
from workbench.journal.schema import migrate
from workbench.paths import Workspace, write_atomic
from workbench.plain import whole
from workbench.spec import presets
from workbench.spec.recipe import Recipe

#: A number of more digits has no run; SQLite counts to 2⁶³.
_MOST_DIGITS = 18


class Journal:
    """A connection to the journal of a workspace. Raises WorkspaceError with a clear sentence."""

    def __init__(self, workspace: Workspace) -> None:
        workspace.create()
        self.workspace = workspace
        safe = place.safe_mode()
        if not safe:
            place.refuse_remote(workspace)
        with self._clear(), contextlib.ExitStack() as unless_ready:
            self._opened = open_file(workspace.database, safe=safe)
            self._db = self._opened.connection
            unless_ready.callback(self._db.close)
            migrate(self._db, workspace.database)
            unless_ready.pop_all()
        self._seen = -1

    def close(self) -> None:
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _clear(self) -> contextlib.AbstractContextManager[None]:
        return clear(self.workspace.database)

    @contextlib.contextmanager
    def transaction(self, *, durable: bool = False) -> Iterator[None]:
        """Several writes as one; `durable` makes them survive a power cut before it returns."""
        with self._clear():
            if durable:
                self._db.execute(f"PRAGMA synchronous = {self._opened.durable}")
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            finally:
                if self._db.in_transaction:  # it did not come to the commit, or that failed
                    self._db.execute("ROLLBACK")
                if durable:
                    with contextlib.suppress(sqlite3.Error):  # what is written is written; care does no harm
                        self._db.execute(f"PRAGMA synchronous = {self._opened.everyday}")

    def query(self, query: str, *values: Any) -> list[Any]:
        """All rows that a query finds; for the other files of this package."""
        with self._clear():
            return self._db.execute(query, values).fetchall()

    def write(self, query: str, *values: Any) -> int:
        """Run one statement, alone or within `transaction`; how many rows it changed. For the other files of this package."""
        with self._clear():
            return self._db.execute(query, values).rowcount

    def changed(self) -> bool:
        """Whether another connection wrote since the last call (4 µs; true at the first call)."""
        (version,) = self.query("PRAGMA data_version")[0]
        seen, self._seen = self._seen, version
        return bool(seen != version)

    def shrink(self) -> bool:
        """Give the disk back what deleted rows took; False when there is no room for that, or another is writing."""
        try:
            self._db.execute("VACUUM")
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        except sqlite3.OperationalError:
            return False
        return True

    def damage(self) -> str:
        """What SQLite finds wrong with the file; empty when it is whole. Reads all of it."""
        (found,) = self.query("PRAGMA quick_check(1)")[0]
        return "" if found == "ok" else str(found)

    # --- runs ------------------------------------------------------------------------------------

    def create_run(
        self, recipe: Recipe, name: str = "", preset: str = "", reserve_seconds: float = 0.0,
        *, run_id: str = "", parent: str = "", parent_epoch: int = 0,
    ) -> Run:  # fmt: skip
        """A new run, `queued`, with its folder and recipe.toml. Whoever starts a run calls this before an engine exists.

        For `reserve_seconds` only the engine it is offered to may take it; then the keeper starts one. A fork has a
        `parent`, and a `run_id` whose folder has its checkpoint already.
        """
        now, name = time.time(), whole(name)
        run = run_id or new_id()
        text = presets.dump(recipe, name)
        folder = self.workspace.run_folder(run)
        until, epochs = now + reserve_seconds, recipe.training.epochs
        try:
            write_atomic(folder / "recipe.toml", presets.encoded(text))
            with self.transaction():
                (number,) = self._db.execute("SELECT COALESCE(MAX(number), 0) + 1 FROM runs").fetchone()
                title = name or f"Run {number}"
                self._db.execute(
                    "INSERT INTO runs (id, number, name, preset, recipe, created, state, reserved, epochs_planned, parent, parent_epoch)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (run, number, title, preset, text, now, State.QUEUED, until, epochs, parent, parent_epoch),
                )
                self._insert(run, 0, events.RunCreated(title, parent, parent_epoch))
                made = self.run(run)  # before the commit: who is told that it failed must not have a run all the same
        except WorkspaceError:
            # No run without its row: on a full disk nothing half-made stays.
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return made

    def runs(self) -> list[Run]:
        """Every run that was neither discarded nor put into the trash, newest first."""
        rows = self.query("SELECT * FROM runs WHERE ending IS NOT 'discarded' AND trashed IS NULL ORDER BY number DESC")
        return [run_of(row) for row in rows]

    def run(self, key: str) -> Run:
        """A run by its id, number ("17") or name (the newest of that name). Raises WorkspaceError when there is none."""
        key = whole(key)
        rows = self.query("SELECT * FROM runs WHERE id = ?", key)
        if not rows and key.isdecimal() and len(key) <= _MOST_DIGITS:
            rows = self.query("SELECT * FROM runs WHERE number = ?", int(key))
        if not rows:
            order = "ORDER BY ending IS 'discarded', trashed IS NOT NULL, number DESC LIMIT 1"
            rows = self.query(f"SELECT * FROM runs WHERE name = ? {order}", key)  # noqa: S608 - a constant
        if not rows:
            raise WorkspaceError(f"There is no run {key!r} in {self.workspace.home}. `workbench runs` lists them.")
        return run_of(rows[0])

    def unended(self) -> list[Run]:
        """Runs that are queued or should have an engine at work, oldest first."""
        return [run_of(row) for row in self.query("SELECT * FROM runs WHERE state != 'ended' ORDER BY number")]

    def rename_run(self, run: str, name: str) -> None:
        self.write("UPDATE runs SET name = ? WHERE id = ?", name, run)

    def discard_ended(self, run: str) -> bool:
        """Delete an ended run: its row stays, so that its number is not given again; what it said goes."""
        with self.transaction():
            discarded = self._db.execute(
                "UPDATE runs SET ending = 'discarded' WHERE id = ? AND state = 'ended'", (run,)
            ).rowcount
            if discarded:
                self.forget(run)
        return discarded == 1

    def forget(self, run: str, *, events: bool = True) -> None:
        """Delete what a run said, within a transaction; without `events` only its numbers and what was watched of it."""
        for table in ("step_blocks", "watched", *(["events"] if events else [])):
            self._db.execute(f"DELETE FROM {table} WHERE run = ?", (run,))  # noqa: S608 - names of ours

    def release(self, run: str) -> bool:
        """Give up a reservation, so that the keeper may start the run at once; False when it was taken meanwhile."""
        return self.write("UPDATE runs SET reserved = 0 WHERE id = ? AND state = 'queued'", run) == 1

    # --- states: conditional updates only ---------------------------------------------------------

    def begin_attempt(self, run: str, epoch: int = 0, step: int = 0, *, reserved: bool = False) -> int | None:
        """Take a queued run for this process; returns the attempt's number, or None if another was quicker.

        It goes on after `step` steps; what earlier attempts said past that place is superseded, and the run's row
        forgets it. With `reserved` only while the reservation holds: whoever gave it up has sent for another engine.
        """
        with self.transaction():
            now = time.time()
            taken = self._db.execute(
                "UPDATE runs SET state = ?, process = ?, started = COALESCE(started, ?), ended = NULL, ending = NULL, reason = ''"
                " WHERE id = ? AND state = ? AND reserved >= ?",
                (State.PREPARING, os.getpid(), now, run, State.QUEUED, now if reserved else 0.0),
            ).rowcount
            if not taken:
                return None
            (attempt,) = self._db.execute(
                "SELECT COUNT(*) + 1 FROM events WHERE run = ? AND kind = 'AttemptStarted'", (run,)
            ).fetchone()
            if attempt > 1:
                self._roll_back(run, epoch)
            self._insert(run, attempt, events.AttemptStarted(epoch, step, os.getpid()))
        return int(attempt)

    def _roll_back(self, run: str, epoch: int) -> None:
        """Make a run's row say what it said after an epoch."""
        past = effective(self.events(run), epoch)
        ended = {each.epoch: each for each in past if isinstance(each, events.EpochEnded)}
        best = max((each.epoch for each in past if isinstance(each, events.BestSoFar)), default=None)
        last = ended[max(ended)] if ended else events.EpochEnded(0, 0, 0.0, {}, 0.0)
        self._db.execute(
            "UPDATE runs SET epochs = ?, seconds = ?, images_per_second = ?, last = ?, best_epoch = ?, best = ?,"
            " weights_sha256 = NULL, last_weights_sha256 = NULL WHERE id = ?",
            (
                last.epoch, last.seconds, last.images_per_second, json.dumps(last.metrics), best,
                json.dumps(ended[best].metrics if best in ended else {}), run,
            ),
        )  # fmt: skip

    def set_state(self, run: str, state: State, *, among: Sequence[State]) -> bool:
        """Move a run to `state` if it is in one of `among`; whether it moved."""
        marks = ", ".join("?" * len(among))
        return self.write(f"UPDATE runs SET state = ? WHERE id = ? AND state IN ({marks})", state, run, *among) == 1  # noqa: S608 - marks only

    def end(self, run: str, ending: Ending, reason: str, *extra: Event) -> bool:
        """End a run that has not ended, with `extra` events before its AttemptEnded; whether this call did it.

        Called by the engine, or by whoever noticed that it is gone. A discard that was asked for and not yet taken
        counts, however the run ended.
        """
        with self.transaction(durable=True):
            waiting = "SELECT 1 FROM commands WHERE run = ? AND command = ? AND taken IS NULL"
            if self._db.execute(waiting, (run, Command.DISCARD)).fetchone():
                ending, reason = Ending.DISCARDED, "Discarded, as asked."
            done = self._db.execute(
                "UPDATE runs SET state = ?, ending = ?, reason = ?, ended = ?, process = NULL WHERE id = ? AND state != ?",
                (State.ENDED, ending, reason, time.time(), run, State.ENDED),
            ).rowcount
            if not done:
                return False
            (epochs,) = self._db.execute("SELECT epochs FROM runs WHERE id = ?", (run,)).fetchone()
            (attempt,) = self._db.execute(
                "SELECT COALESCE(MAX(attempt), 0) FROM events WHERE run = ?", (run,)
            ).fetchone()
            for event in (*extra, events.AttemptEnded(ending, reason, epochs)):
                self._insert(run, attempt, event)
            self._db.execute("DELETE FROM live WHERE run = ?", (run,))
            # Nobody will take what is still asked of it: a later attempt must not.
            self._db.execute("UPDATE commands SET taken = ? WHERE run = ? AND taken IS NULL", (time.time(), run))
            if ending is Ending.DISCARDED:
                self.forget(run, events=False)
        return True

    def describe_weights(self, run: str, kept: str | None, last: str | None) -> None:
        """The fingerprints of the kept and of the last weights."""
        self.write("UPDATE runs SET weights_sha256 = ?, last_weights_sha256 = ? WHERE id = ?", kept, last, run)

    # --- what a run says ----------------------------------------------------------------------------

    def say(
        self, run: str, attempt: int, said: Sequence[Event | StepBlock | Watched], live: Live | None = None, *, durable: bool = False
    ) -> None:  # fmt: skip
        """Write what an engine said, as one transaction; the run's row follows it."""
        with self.transaction(durable=durable):
            for each in said:
                if isinstance(each, StepBlock):
                    self._db.execute(
                        "INSERT INTO step_blocks (run, attempt, first_step, steps, begin, end, data) VALUES (?, ?, ?, ?, ?, ?, ?)",
                        (run, attempt, each.first_step, each.steps, each.begin, each.end, each.packed()),
                    )
                elif isinstance(each, Watched):
                    self._db.execute(
                        "INSERT INTO watched (run, attempt, epoch, kind, body) VALUES (?, ?, ?, ?, ?)",
                        (run, attempt, each.epoch, each.kind, each.body),
                    )
                else:
                    self._insert(run, attempt, each)
            if live is not None:
                self._db.execute(
                    "INSERT OR REPLACE INTO live (run, body) VALUES (?, ?)", (run, json.dumps(asdict(live)))
                )

    def _insert(self, run: str, attempt: int, event: Event) -> None:
        kind, body = events.encode(event)
        self._db.execute(
            "INSERT INTO events (run, attempt, time, kind, body) VALUES (?, ?, ?, ?, ?)",
            (run, attempt, time.time(), kind, body),
        )
        match event:
            case events.EpochEnded():
                self._db.execute(
                    "UPDATE runs SET epochs = ?, seconds = ?, images_per_second = ?, last = ? WHERE id = ?",
                    (event.epoch, event.seconds, event.images_per_second, json.dumps(event.metrics), run),
                )
            case events.BestSoFar():
                # The best epoch's metrics are those of the epoch that has just ended.
                self._db.execute("UPDATE runs SET best_epoch = ?, best = last WHERE id = ?", (event.epoch, run))
            case events.ModelReady():
                self._db.execute("UPDATE runs SET device = ? WHERE id = ?", (event.device, run))
            case events.Resumed():
                self._db.execute("UPDATE runs SET exact = ? WHERE id = ?", (event.exact, run))
            case _:
                pass

    def events(self, run: str, after: int = 0) -> list[Said]:
        """What a run said after the event with id `after`, in order."""
        rows = self.query(
            "SELECT id, attempt, time, kind, body FROM events WHERE run = ? AND id > ? ORDER BY id", run, after
        )
        return [Said(row[0], row[1], row[2], events.decode(row[3], row[4])) for row in rows]

    def last_event(self, run: str) -> int:
        """The id of the last event of a run; 0 when it said nothing."""
        (last,) = self.query("SELECT COALESCE(MAX(id), 0) FROM events WHERE run = ?", run)[0]
        return int(last)

    def steps(self, run: str, after: int = 0, *, most: int = -1) -> list[Steps]:
        """The step blocks of a run after the block with id `after`, in order; the first `most`, if that is not negative."""
        rows = self.query(
            "SELECT id, attempt, first_step, steps, data, begin, end FROM step_blocks WHERE run = ? AND id > ? ORDER BY id LIMIT ?",
            run,
            after,
            most,
        )
        return [Steps(row[0], row[1], StepBlock.unpacked(*row[2:])) for row in rows]

    def live(self, run: str) -> Live | None:
        """How far the engine is just now; None before it said anything and after the end."""
        rows = self.query("SELECT body FROM live WHERE run = ?", run)
        if not rows:
            return None
        tree = json.loads(rows[0][0])
        return Live(**{**tree, "phase": Phase(tree["phase"])})

    # --- what people ask ------------------------------------------------------------------------------

    def ask(self, run: str, command: Command, value: float | None = None) -> bool:
        """Ask something of a run; the engine takes it between two chunks. False when the run has ended."""
        query = (
            "INSERT INTO commands (run, command, asked, value)"
            " SELECT id, ?, ?, ? FROM runs WHERE id = ? AND state != 'ended'"
        )
        return self.write(query, command, time.time(), value, run) == 1

    def asked(self, run: str, *, untaken: bool = False) -> list[Asked]:
        """The commands given to a run, in order."""
        rows = self.query(
            "SELECT id, command, asked, taken, value FROM commands WHERE run = ? AND (taken IS NULL OR NOT ?) ORDER BY id",
            run,
            untaken,
        )
        return [Asked(row[0], Command(row[1]), *row[2:]) for row in rows]

    def take(self, command: Asked) -> None:
        """Mark a command as taken."""
        self.write("UPDATE commands SET taken = ? WHERE id = ?", time.time(), command.id)


def new_id() -> str:
    """The id of a run that is to be created now."""
    return f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(3)}"


def log_path(workspace: Workspace, run: str) -> Path:
    return workspace.run_folder(run) / "log.txt"


def ballast_path(workspace: Workspace, run: str) -> Path:
    """Space that an engine reserves while it works: removed on a full disk, so that the run's ending can be written."""
    return workspace.run_folder(run) / ".ballast"
