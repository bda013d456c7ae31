"""What a run keeps on disk: everything that is needed to go on from a place as if nothing had happened.

    checkpoints/000004-000000180/weights.safetensors   what the network is judged by after epoch 4, step 180
                                 state.safetensors     what else changes while training (optimizer, seeds, …)
                                 manifest.json         position, hashes, and the facts of the trainer
    checkpoints/best.json                              the manifest of the best epoch

A place is made beside the others and renamed as a whole: what has no manifest in its place does not count. The newest
two stay, the best of each of them, and every k-th epoch where the recipe says so. Names of arrays are ours
("stage_1_conv_1/kernel"), so that any program can read them.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import safetensors
import safetensors.numpy

from workbench.errors import WorkspaceError
from workbench.paths import explain, sync_folder, write_atomic, write_synced

Arrays = Mapping[str, npt.NDArray[Any]]

FORMAT = 2
WEIGHTS, STATE, MANIFEST = "weights.safetensors", "state.safetensors", "manifest.json"
#: So many of the newest stay, so that one that is damaged is not the end.
GENERATIONS = 2


@dataclass(frozen=True)
class Manifest:
    """What a checkpoint is: its position, its files and their fingerprints, and what the trainer knew there."""

    #: the weights, as a path within the folder of checkpoints
    file: str
    epoch: int
    step: int
    #: bytes of all its files
    size: int
    file_sha256: str
    weights_sha256: str
    state_sha256: str = ""
    #: where the best epoch until here lies; empty when there is none
    best: str = ""
    #: whether an epoch had just ended there
    ends_epoch: bool = True
    #: see engine/keeping.py
    facts: dict[str, Any] = field(default_factory=dict)
    format: int = FORMAT

    @property
    def place(self) -> str:
        """The name of its folder."""
        return self.file.rpartition("/")[0]

    @property
    def key(self) -> tuple[int, int]:
        """The order of checkpoints: by what was done."""
        return self.step, self.epoch


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint with its arrays, verified."""

    manifest: Manifest
    weights: dict[str, npt.NDArray[Any]]
    state: dict[str, npt.NDArray[Any]]


def weights_of(model: Any) -> dict[str, npt.NDArray[Any]]:
    """The weights, trainable or not, by our names; without optimizer and seed states."""
    import keras  # noqa: PLC0415 - reading a checkpoint needs no Keras

    return {weight.path: keras.ops.convert_to_numpy(weight.value) for weight in model.weights}


def fingerprint(arrays: Arrays) -> str:
    """SHA-256 over names, shapes, dtypes and little-endian bytes, in the order of the names."""
    digest = hashlib.sha256()
    for name in sorted(arrays):
        array = np.asarray(arrays[name])
        little = array.astype(array.dtype.newbyteorder("<"), copy=False)
        digest.update(f"{name}|{array.shape}|{array.dtype.name}|".encode())
        digest.update(np.ascontiguousarray(little).tobytes())
    return digest.hexdigest()


def place_name(epoch: int, step: int) -> str:
    """The folder of the checkpoint after so many epochs and steps."""
    return f"{epoch:06d}-{step:09d}"


def save(
    folder: Path, epoch: int, step: int, weights: Arrays, state: Arrays | None = None,
    *, facts: Mapping[str, Any] | None = None, best: str = "", ends_epoch: bool = True, every: int = 0,
) -> Manifest:  # fmt: skip
    """Write a checkpoint, then remove those that need not stay. Raises WorkspaceError when the disk does not take it.

    `best` is the place of the best epoch so far, maybe this one; `every` keeps each so many epochs' end for good.
    """
    contents = {WEIGHTS: _packed(weights), STATE: _packed(state or {})}
    place = place_name(epoch, step)
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    made = Manifest(
        f"{place}/{WEIGHTS}", epoch, step, sum(map(len, contents.values())), hashes[WEIGHTS], fingerprint(weights),
        hashes[STATE], best, ends_epoch, dict(facts or {}),
    )  # fmt: skip
    described = json.dumps(dataclasses.asdict(made), indent=1).encode()
    _write_whole(folder, place, {**contents, MANIFEST: described})
    if best == place:
        write_atomic(folder / "best.json", described)
    prune(folder, every)
    return made


def _packed(arrays: Arrays) -> bytes:
    return bytes(safetensors.numpy.save({name: np.asarray(array, order="C") for name, array in arrays.items()}))


def _write_whole(folder: Path, place: str, contents: Mapping[str, bytes]) -> None:
    """Make a folder with these files, or none at all; one of that name is replaced."""
    made, old = folder / f".{place}.new", folder / f".{place}.old"
    try:
        for leftover in (made, old):
            shutil.rmtree(leftover, ignore_errors=True)
        made.mkdir(parents=True)
        try:
            for name, content in contents.items():
                write_synced(made / name, content)
            sync_folder(made)
            if (folder / place).exists():
                (folder / place).replace(old)
            made.replace(folder / place)
        finally:
            shutil.rmtree(made, ignore_errors=True)
        sync_folder(folder)
        shutil.rmtree(old, ignore_errors=True)
    except OSError as error:
        raise WorkspaceError(explain(error, folder / place)) from error


def prune(folder: Path, every: int = 0) -> None:
    """Remove the checkpoints that need not stay: never the best, the newest two, or the end of each so many epochs."""
    kept = manifests(folder)
    newest = kept[:GENERATIONS]
    stay = {each.place for each in newest} | {each.best for each in newest}
    pointed = _read(folder / "best.json")
    if pointed is not None:
        stay.add(pointed.place)
    if every:
        stay |= {each.place for each in kept if each.ends_epoch and each.epoch % every == 0}
    for each in kept:
        if each.place not in stay:
            remove(folder, each)


def remove(folder: Path, which: Manifest) -> None:
    """Remove a checkpoint. First it loses its name, so that half of one never counts."""
    gone = folder / f".{which.place}.old"
    try:
        shutil.rmtree(gone, ignore_errors=True)
        (folder / which.place).replace(gone)
    except OSError:
        return  # what cannot be removed only takes space
    shutil.rmtree(gone, ignore_errors=True)


def manifests(folder: Path) -> list[Manifest]:
    """The checkpoints in a folder by their manifests, newest first; their files are not looked at."""
    found = (_read(path) for path in folder.glob(f"[0-9]*/{MANIFEST}"))
    return sorted((each for each in found if each is not None and each.place), key=lambda each: each.key, reverse=True)


def _read(path: Path) -> Manifest | None:
    try:
        tree = json.loads(path.read_bytes())
        known = {each.name for each in dataclasses.fields(Manifest)}
        made = Manifest(**{name: value for name, value in tree.items() if name in known})
    except (OSError, ValueError, TypeError, AttributeError):
        return None
    whole = isinstance(made.epoch, int) and isinstance(made.step, int) and isinstance(made.file, str)
    return made if whole else None


def manifest(folder: Path, keep: str) -> Manifest | None:
    """The manifest of the checkpoint `keep`, "best" or "last"; None when there is none."""
    newest = next(iter(manifests(folder)), None)
    if keep == "best":
        # The newest knows which is the best; best.json is written after it, and there may have been no after.
        found = _read(folder / newest.best / MANIFEST) if newest and newest.best else None
        return found or _read(folder / "best.json")
    return newest or _read(folder / "last.json")  # the latter from an older version


def at_place(folder: Path, place: str, whose: str) -> Manifest:
    """The manifest of the checkpoint at a place ("000004-000000180") of a run named `whose`. Raises WorkspaceError."""
    kept = manifests(folder)
    found = next((each for each in kept if each.place == place), None)
    if found is None:
        places = ", ".join(each.place for each in kept) or "none"
        raise WorkspaceError(f"{whose} has no checkpoint {place!r} any more; it has {places}.")
    return found


def point(folder: Path, best: str) -> None:
    """Let "best" be the checkpoint of this place; with an empty place, none."""
    if best:
        write_atomic(folder / "best.json", (folder / best / MANIFEST).read_bytes())
    else:
        (folder / "best.json").unlink(missing_ok=True)


def load(folder: Path, keep: str) -> dict[str, npt.NDArray[Any]]:
    """The weights of the checkpoint `keep`, verified. Raises WorkspaceError when they are missing or damaged."""
    described = manifest(folder, keep)
    if described is None:
        raise WorkspaceError(f"There is no checkpoint {keep!r} in {folder}.")
    return weights_at(folder, described)


def weights_at(folder: Path, which: Manifest) -> dict[str, npt.NDArray[Any]]:
    """The weights of a checkpoint, verified. Raises WorkspaceError when they are missing or damaged."""
    return _unpacked(folder / which.file, which.file_sha256)


def open_whole(folder: Path, which: Manifest) -> Checkpoint:
    """A checkpoint with everything in it, verified. Raises WorkspaceError when it is damaged or of an older version."""
    if which.format != FORMAT or not which.state_sha256:
        raise WorkspaceError(f"{folder / which.place} holds weights only: an older version wrote it.")
    weights = weights_at(folder, which)
    return Checkpoint(which, weights, _unpacked(folder / which.place / STATE, which.state_sha256))


def good(folder: Path) -> Iterator[Checkpoint]:
    """The checkpoints of a folder that are whole, newest first, read one by one."""
    for each in manifests(folder):
        try:
            yield open_whole(folder, each)
        except WorkspaceError:
            continue


def _unpacked(path: Path, sha256: str) -> dict[str, npt.NDArray[Any]]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise WorkspaceError(f"{path} cannot be read: {error.strerror or error}.") from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise WorkspaceError(f"{path} is damaged: its bytes are not those that were written.")
    try:
        return dict(safetensors.numpy.load(content))
    except safetensors.SafetensorError as error:
        raise WorkspaceError(f"{path} is damaged ({error}).") from error


def assign(model: Any, arrays: Arrays) -> None:
    """Give a model the weights of a checkpoint. Raises WorkspaceError when names or shapes differ."""
    mine = {weight.path: weight for weight in model.weights}
    wrong = sorted(mine.keys() ^ arrays.keys())
    wrong += [name for name in mine.keys() & arrays.keys() if tuple(mine[name].shape) != arrays[name].shape]
    if wrong:
        raise WorkspaceError(
            f"The checkpoint belongs to another network; these weights differ: {', '.join(wrong[:8])}."
        )
    for name, weight in mine.items():
        weight.assign(arrays[name])
