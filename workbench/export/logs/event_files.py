"""The event files of one run, as TensorBoard reads them: a folder for each line that is drawn beside others.

    FOLDER/                 what is read: the recipe, the ending; the recipe's settings as hyperparameters
    FOLDER/steps/           each step's numbers, over steps
    FOLDER/train/           each epoch's numbers, over epochs; the same tags here lie over each other in one chart:
    FOLDER/validation/
    FOLDER/remeasured/      training pictures that were judged as those for validation are

The records are written by TensorBoard's own package, which leaves TensorFlow out when only these parts of it are used.
Numbers are float32, as that format has them; NaN and infinity stay. A file begins with a session's start at its first
step: for TensorBoard that purges what older files say from there on, so that whoever goes on after a crash doubles nothing.
It knows nothing of runs or the journal.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from workbench.errors import ExportError, WorkspaceError
from workbench.paths import explain

TEXTS, STEPS, TRAIN, VALIDATION, REMEASURED = "", "steps", "train", "validation", "remeasured"
#: Those over epochs.
OF_EPOCHS = (TRAIN, VALIDATION, REMEASURED)
MISSING = (
    "TensorBoard's package is missing here, so its files can neither be written nor shown. "
    "Install it beside the workbench with `pip install tensorboard`."
)
#: What TensorBoard takes for an event file has this in its name; it reads them in the order of their names.
_NAME = re.compile(r"events\.out\.tfevents\.(\d+)\.workbench")
#: A sentence for what the operating system said about a path.
Explained: TypeAlias = Callable[[OSError, Path], str]


class EventFiles:
    """The files of one run in a folder, growing. Raises ExportError without TensorBoard's package, WorkspaceError by the disk."""

    def __init__(self, folder: Path, explained: Explained = explain) -> None:
        """`explained` makes a sentence of what the disk says: of a folder of the workspace, unless it is told otherwise."""
        self.folder = folder
        self._explained = explained
        self._library = _Library()
        self._open: dict[str, _File] = {}

    def scalars(self, line: str, step: int, time: float, values: Mapping[str, float]) -> None:
        """Numbers of one step (or epoch) of a line, by their tags."""
        self._file(line, step, time).scalars(step, time, values)

    def text(self, step: int, time: float, tag: str, markdown: str) -> None:
        """A text to be read."""
        self._file(TEXTS, step, time).summary(step, time, self._library.text(tag, markdown))

    def settings(self, step: int, time: float, key: str, values: Mapping[str, bool | float | str]) -> None:
        """The settings of the run with this key, for the table of hyperparameters."""
        self._file(TEXTS, step, time).summary(step, time, self._library.settings(values, key, time))

    def supersede(self, line: str, step: int, time: float) -> None:
        """What was said of a line from this step on is no longer so; nothing happens where nothing was said."""
        if line in self._open:
            self._open[line].begin(step, time)
        elif _numbers(self.folder / line):
            self._file(line, step, time)

    def flush(self, *, durable: bool = False) -> None:
        """Have it in the files; `durable`: also after a power cut."""
        for each in self._open.values():
            each.flush(durable=durable)

    def close(self) -> None:
        for each in self._open.values():
            each.close()
        self._open.clear()

    def _file(self, line: str, step: int, time: float) -> _File:
        if line not in self._open:
            self._open[line] = _File(self._library, self._explained, self.folder / line, step, time)
        return self._open[line]


class _Library:
    """The parts of TensorBoard's package that write."""

    def __init__(self) -> None:
        try:
            # Other parts of it would load TensorFlow, which takes seconds and hundreds of megabytes; none of these does.
            from tensorboard.compat.proto import event_pb2, summary_pb2  # noqa: PLC0415 - only when it is needed
            from tensorboard.plugins.hparams import summary_v2 as hparams  # noqa: PLC0415 - as above
            from tensorboard.plugins.text import summary_v2 as texts  # noqa: PLC0415 - as above
            from tensorboard.summary.writer.record_writer import RecordWriter  # noqa: PLC0415 - as above
        except ImportError as error:
            raise ExportError(MISSING) from error
        self.Event, self.SessionLog, self.Source = event_pb2.Event, event_pb2.SessionLog, event_pb2.SourceMetadata
        self.Summary, self.RecordWriter = summary_pb2.Summary, RecordWriter
        self.text = texts.text_pb
        self._settings = hparams.hparams_pb

    def settings(self, values: Mapping[str, bool | float | str], key: str, time: float) -> Any:
        return self._settings(dict(values), trial_id=key, start_time_secs=time)


class _File:
    """One event file, made with the first thing it has to say."""

    def __init__(self, library: _Library, explained: Explained, folder: Path, step: int, time: float) -> None:
        self._library, self._explained = library, explained
        # A folder whose parent is gone belongs to a run that was discarded: it must not come back.
        number = max(_numbers(folder), default=0) + 1
        self.path = folder / f"events.out.tfevents.{number:010d}.workbench"
        try:
            folder.mkdir(exist_ok=True)
            self._file = self.path.open("wb")
        except OSError as error:
            raise WorkspaceError(self._explained(error, self.path)) from error
        self._writer = library.RecordWriter(self._file)
        source = library.Source(writer="keras-workbench")
        self._write(library.Event(wall_time=time, file_version="brain.Event:2", source_metadata=source))
        self.begin(step, time)

    def begin(self, step: int, time: float) -> None:
        log = self._library.SessionLog(status=self._library.SessionLog.START)
        self._write(self._library.Event(wall_time=time, step=step, session_log=log))

    def scalars(self, step: int, time: float, values: Mapping[str, float]) -> None:
        value = self._library.Summary.Value
        found = [value(tag=tag, simple_value=number) for tag, number in values.items()]
        self.summary(step, time, self._library.Summary(value=found))

    def summary(self, step: int, time: float, summary: Any) -> None:
        self._write(self._library.Event(wall_time=time, step=step, summary=summary))

    def _write(self, event: Any) -> None:
        try:
            self._writer.write(event.SerializeToString())
        except OSError as error:
            raise WorkspaceError(self._explained(error, self.path)) from error

    def flush(self, *, durable: bool) -> None:
        try:
            self._file.flush()
            if durable:
                os.fsync(self._file.fileno())
        except OSError as error:
            raise WorkspaceError(self._explained(error, self.path)) from error

    def close(self) -> None:
        try:
            self._file.close()
        except OSError as error:
            raise WorkspaceError(self._explained(error, self.path)) from error


def _numbers(folder: Path) -> list[int]:
    """The numbers of the files of ours in a folder."""
    if not folder.is_dir():
        return []
    found = (_NAME.fullmatch(each.name) for each in folder.iterdir())
    return [int(each[1]) for each in found if each]


def line_of(metric: str) -> tuple[str, str]:
    """The line that a metric belongs to, and its name there: ("validation", "loss") of "val_loss"."""
    for line, mark in ((VALIDATION, "val_"), (REMEASURED, "remeasured_")):
        if metric.startswith(mark):
            return line, metric.removeprefix(mark)
    return TRAIN, metric
