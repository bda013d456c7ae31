"""What is watched of a run beside its curves, at the ends of epochs: what its network says of validation pictures, and its signal.

    samples   once an attempt: which pictures, what is true of them, and a few of them to be looked at
    answers   an epoch: the class that each picture is given, that class's probability and the true one's
    masks     an epoch, where pixels have a class: the masks given to the few
    signal    an epoch, if the recipe asks for it: the rows of probing/xray.py, as JSON

A row of the journal holds one of these, packed as an .npz without objects. They serve nobody but people: a run goes on the
same without. Knows neither networks nor what the answers come to.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.errors import WorkspaceError
from workbench.journal.rows import Watched, WatchedKind
from workbench.journal.store import Journal

#: Answers of so many validation pictures are kept an epoch, and of so many epochs of a run.
MOST_PICTURES, MOST_EPOCHS = 10_000, 256
#: A run has at most so many classes for its answers to be kept in two bytes.
_MOST_CLASSES = 1 << 16


def stride_of(planned: int) -> int:
    """Every so many epochs are watched, so that a run of `planned` epochs keeps at most `MOST_EPOCHS`: 1, 2, 4 …"""
    stride = 1
    while planned > stride * MOST_EPOCHS:
        stride *= 2
    return stride


def is_watched(epoch: int, planned: int) -> bool:
    """Whether the end of an epoch is watched: the first, the last, and every so many."""
    return epoch in {1, planned} or epoch % stride_of(planned) == 0


@dataclass(frozen=True)
class Samples:
    """Which pictures are watched; the same at every epoch."""

    #: of each watched picture its row in the data set and, where a picture has one, its class: (n,)
    rows: npt.NDArray[np.int64]
    truth: npt.NDArray[np.int32]
    #: how many validation pictures there are; more than n where only some are watched
    of: int
    #: places among the n of the few that are looked at: (k,)
    few: npt.NDArray[np.int64]
    #: the few as the network sees them, made smaller where they are large: uint8 (k, h, w, c)
    pictures: npt.NDArray[np.uint8]
    #: the number in masks of pixels that count nowhere
    ignore: int | None
    #: their true masks, uint8 (k, h, w); (0, 0, 0) where pictures have a class
    masks: npt.NDArray[np.uint8]

    def row(self) -> Watched:
        """As it is kept."""
        arrays = {
            "rows": self.rows, "truth": self.truth, "of": np.int64(self.of), "few": self.few,
            "pictures": self.pictures, "ignore": np.int64(-1 if self.ignore is None else self.ignore), "masks": self.masks,
        }  # fmt: skip
        return Watched(0, WatchedKind.SAMPLES, _packed(arrays))

    @staticmethod
    def read(body: bytes) -> Samples:
        """Raises WorkspaceError when it is damaged."""
        found = _unpacked(body, ("rows", "truth", "of", "few", "pictures", "ignore", "masks"))
        of, ignore = int(found["of"]), int(found["ignore"])
        return Samples(
            found["rows"], found["truth"], of, found["few"], found["pictures"], ignore if ignore >= 0 else None, found["masks"]
        )  # fmt: skip


@dataclass(frozen=True)
class Answers:
    """What was said of the n watched pictures at the end of an epoch."""

    #: class numbers (n,)
    given: npt.NDArray[np.int32]
    #: probability of the given class and of the true one, float32 (n,), to three digits
    share: npt.NDArray[np.float32]
    true_share: npt.NDArray[np.float32]

    def row(self, epoch: int) -> Watched:
        """As it is kept: six bytes a picture."""
        arrays = {
            "given": self.given.astype(np.uint16), "share": self.share.astype(np.float16),
            "true_share": self.true_share.astype(np.float16),
        }  # fmt: skip
        return Watched(epoch, WatchedKind.ANSWERS, _packed(arrays))

    @staticmethod
    def read(body: bytes) -> Answers:
        """Raises WorkspaceError when it is damaged."""
        arrays = _unpacked(body, ("given", "share", "true_share"))
        share, true_share = (arrays[name].astype(np.float32) for name in ("share", "true_share"))
        return Answers(arrays["given"].astype(np.int32), share, true_share)


def masks_row(epoch: int, masks: npt.NDArray[np.uint8]) -> Watched:
    """The masks given to the few, (k, h, w) uint8, as they are kept."""
    return Watched(epoch, WatchedKind.MASKS, _packed({"masks": masks}))


def masks_of(body: bytes) -> npt.NDArray[np.uint8]:
    """Raises WorkspaceError when it is damaged."""
    masks: npt.NDArray[np.uint8] = _unpacked(body, ("masks",))["masks"]
    return masks


def signal_row(epoch: int, tree: Mapping[str, Any]) -> Watched:
    """An X-ray as it is kept."""
    return Watched(epoch, WatchedKind.SIGNAL, json.dumps(tree).encode())


def signal_of(body: bytes) -> dict[str, Any]:
    """Raises WorkspaceError when it is damaged."""
    try:
        tree = json.loads(body)
    except ValueError as error:
        raise WorkspaceError(_DAMAGED) from error
    if not isinstance(tree, dict):
        raise WorkspaceError(_DAMAGED)
    return tree


_DAMAGED = "What was watched of this run at an epoch's end cannot be read any more; its curves and weights are not touched by that."


def _packed(arrays: Mapping[str, Any]) -> bytes:
    content = io.BytesIO()
    np.savez_compressed(content, **arrays)
    return content.getvalue()


def _unpacked(body: bytes, names: tuple[str, ...]) -> dict[str, npt.NDArray[Any]]:
    try:
        with np.load(io.BytesIO(body), allow_pickle=False) as file:
            return {name: file[name] for name in names}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise WorkspaceError(_DAMAGED) from error


# --- reading ----------------------------------------------------------------------------------------


def places(journal: Journal, run: str, kind: WatchedKind) -> dict[int, int]:
    """Of a kind, the id of the row for each epoch, without what a later attempt has superseded; ascending epochs."""
    rows = journal.query(
        "SELECT id, attempt, epoch FROM watched WHERE run = ? AND kind = ? ORDER BY epoch, id", run, kind
    )
    begun = journal.query("SELECT attempt, body FROM events WHERE run = ? AND kind = 'AttemptStarted'", run)
    starts = [(attempt, int(json.loads(told)["epoch"])) for attempt, told in begun]
    return {
        epoch: row
        for row, attempt, epoch in rows
        if not any(later > attempt and start < epoch for later, start in starts)
    }


def body(journal: Journal, row: int) -> bytes:
    """What a row holds. Raises WorkspaceError when it has gone meanwhile."""
    found = journal.query("SELECT body FROM watched WHERE id = ?", row)
    if not found:
        raise WorkspaceError("What was watched of this run has been deleted.")
    return bytes(found[0][0])
