"""Gives what was made its name at once, or not at all: made in a folder beside its place, flushed to the disk, renamed."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import tensorflow as tf
from safetensors import SafetensorError

from workbench.errors import ExportError
from workbench.paths import explain, sync_folder

#: Libraries say in their own ways that a disk is full; with less than this free, it is.
_FULL = 1 << 20
#: What they say it with: of files, of HDF5, of safetensors, of TensorFlow's operations.
_OF_LIBRARIES = (OSError, RuntimeError, ValueError, SafetensorError, tf.errors.OpError)


@contextmanager
def beside(to: Path) -> Iterator[Path]:
    """A folder in which to make what goes to `to`; it is gone afterwards. Raises ExportError for what the disk says."""
    made = to.parent / f".{to.name}.{secrets.token_hex(4)}"
    try:
        made.mkdir(parents=True)
        yield made
    except _OF_LIBRARIES as error:
        sentence = _sentence(error, to)
        if sentence is None:
            raise
        raise ExportError(sentence) from error
    finally:
        shutil.rmtree(made, ignore_errors=True)


def check_place(to: Path, *, folder: bool) -> None:
    """Raises ExportError where something else is that would be lost."""
    if not folder and to.is_dir():
        raise ExportError(f"{to} is a folder; name a file in it.")
    if folder and to.exists() and not _may_go(to):
        raise ExportError(
            f"{to} is there already and holds something else than a SavedModel; name a folder that is not there."
        )


def put(made: Path, to: Path) -> None:
    """Let `to` be what was made, instead of what was there. Raises OSError."""
    _flush(made)
    old = made.with_name(f"{made.name}.old")
    if to.is_dir():
        to.replace(old)  # a folder in use takes no other's place
    try:
        made.replace(to)
    except OSError:
        if old.exists():
            old.replace(to)
        raise
    sync_folder(to.parent)


def _may_go(folder: Path) -> bool:
    return folder.is_dir() and ((folder / "saved_model.pb").is_file() or not any(folder.iterdir()))


def _flush(made: Path) -> None:
    files = sorted(made.rglob("*")) if made.is_dir() else [made]
    for each in files:
        if each.is_file():
            with each.open("rb+") as file:
                os.fsync(file.fileno())
    for each in (each for each in (made, *files) if each.is_dir()):
        sync_folder(each)


def _sentence(error: Exception, to: Path) -> str | None:
    """What the disk said, for a person; None when it was not the disk."""
    full = "No space left" in str(error) or shutil.disk_usage(_there(to)).free < _FULL
    if full or (isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}):
        return explain(OSError(errno.ENOSPC, "No space left on device"), to)
    if isinstance(error, OSError) and error.errno is not None:
        return f"{to} could not be written: {error.strerror or error}. Choose another place."
    return None


def _there(path: Path) -> Path:
    """The nearest folder above that exists."""
    return next(each for each in path.parents if each.exists())
