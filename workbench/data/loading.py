"""From the data station of a recipe to a data set: choose, read, divide, measure.

The one place that knows all readers. Knows nothing of batches, networks or engines.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np

from workbench.data import digits, known
from workbench.data.decode import Looks
from workbench.data.folder import PictureFolder
from workbench.data.mask_folder import MaskedFolder
from workbench.data.npz import Npz
from workbench.data.pictures import DataSet, Floats, Labels, Masks, Part, Pictures, Progress, Rows, Shape
from workbench.data.shape_masks import DrawnMasks
from workbench.data.shapes import Drawn
from workbench.data.source import Failed, Listing, Named, Source
from workbench.data.splitting import Split, check_shares, choose, divide, name_some, unevenness
from workbench.data.store import Facts, Store, keep
from workbench.errors import DataError
from workbench.events import Phase
from workbench.paths import Workspace, expanded
from workbench.spec import data as spec

#: What pictures are divided by where they have no class: nothing.
_EVERY = "pictures"
#: So many files that were left out are named; of the rest, the number.
NAMED = 100


def load(settings: spec.Data, seed: int, workspace: Workspace, progress: Progress, *, names: bool = False) -> DataSet:
    """See `workbench.data.load`."""
    check_shares(*shares(settings))
    progress(Phase.READING, 0, None, settings.TITLE)
    source = READERS[type(settings)](settings, seed, workspace, progress)
    listing = source.listing
    wanted = chosen(settings, listing, seed)
    store = keep(source, wanted, settings.image_size, workspace, progress)
    labels, split = divided(settings, listing, wanted, store.good, store.failed, seed)
    name_of = source.shown if names and isinstance(source, Named) else None
    return _assemble(settings, listing, labels, split, store, rows=wanted[store.good], name_of=name_of)


def chosen(settings: spec.Data, listing: Listing, seed: int) -> Rows:
    """The rows of a listing that a recipe uses, ascending. Raises DataError."""
    return choose(listing.labels, listing.given, _groups(listing), settings.limit, seed)


def divided(  # noqa: PLR0917 - what is asked, and of what
    settings: spec.Data, listing: Listing, wanted: Rows, good: Rows, failed: Failed, seed: int
) -> tuple[Labels, Split]:
    """Labels and parts of those wanted pictures (places `good`) that could be read. Raises DataError when too few are left."""
    validation, test = shares(settings)
    rows = wanted[good]
    labels = listing.labels[rows]
    _check_read(_groups(listing), labels, listing.labels[wanted], failed)
    if listing.task == "masks":
        _check_number(len(rows), validation, test)
    split = divide(labels, listing.given[rows], _groups(listing), validation=validation, test=test, seed=seed)
    return labels, split


def _groups(listing: Listing) -> tuple[str, ...]:
    # Pictures with masks are drawn by the seed alone: as if all were of one class.
    return listing.classes if listing.task == "classes" else (_EVERY,)


def shares(settings: spec.Data) -> tuple[float, float]:
    """The shares for validation and test that a recipe asks for; some sets bring their own test part."""
    match settings:
        case spec.Digits() | spec.Shapes() | spec.Folder() | spec.Npz() | spec.ShapeMasks() | spec.MaskFolder():
            return settings.validation, settings.test
        case _:
            return settings.validation, 0.0


def given_path(text: str) -> Path:
    return expanded(text)


def _digits(settings: spec.Digits, _seed: int, _workspace: Workspace, _progress: Progress) -> Source:
    return digits.read(settings.image_size)


def _shapes(settings: spec.Shapes, seed: int, _workspace: Workspace, _progress: Progress) -> Source:
    return Drawn(settings, seed)


def _known(settings: spec.DataSpec, _seed: int, workspace: Workspace, progress: Progress) -> Source:
    return known.READERS[type(settings)](settings.image_size, workspace, progress)


def _folder(settings: spec.Folder, _seed: int, _workspace: Workspace, progress: Progress) -> Source:
    if not settings.path:
        raise DataError("data.path is empty. Choose the folder that holds one folder of pictures for each class.")
    looks = Looks(settings.image_size, settings.colour == "grey", settings.fit)
    return PictureFolder(given_path(settings.path), looks, progress)


def _npz(settings: spec.Npz, _seed: int, _workspace: Workspace, progress: Progress) -> Source:
    if not settings.path:
        raise DataError("data.path is empty. Choose an .npz file with the arrays x and y.")
    return Npz(given_path(settings.path), settings.image_size, progress)


def _shape_masks(settings: spec.ShapeMasks, seed: int, _workspace: Workspace, _progress: Progress) -> Source:
    return DrawnMasks(settings, seed)


def _mask_folder(settings: spec.MaskFolder, _seed: int, _workspace: Workspace, progress: Progress) -> Source:
    if not settings.path:
        raise DataError("data.path is empty. Choose the folder that holds the folders images and masks.")
    looks = Looks(settings.image_size, settings.colour == "grey", settings.fit)
    return MaskedFolder(given_path(settings.path), looks, settings.ignored, progress)


#: The reader of each kind of data set, by its spec.
READERS: dict[type[spec.DataSpec], Callable[[Any, int, Workspace, Progress], Source]] = {
    spec.Digits: _digits,
    spec.Shapes: _shapes,
    **dict.fromkeys(known.READERS, _known),
    spec.Folder: _folder,
    spec.Npz: _npz,
    spec.ShapeMasks: _shape_masks,
    spec.MaskFolder: _mask_folder,
}


def _check_read(classes: tuple[str, ...], labels: Labels, wanted: Labels, failed: Failed) -> None:
    """Raises DataError when a class has lost all of its pictures because none could be read."""
    if not failed:
        return
    lost = sorted(set(wanted.tolist()) - set(labels.tolist()))
    if not len(labels):
        raise DataError(f"None of the pictures could be used. {failed[0].sentence}")
    if lost:
        names = name_some([classes[number] for number in lost])
        raise DataError(
            f"None of the pictures of {names} could be read. {failed[0].sentence} Replace these pictures, or take "
            "the folders away."
        )


def _check_number(count: int, validation: float, test: float) -> None:
    """Raises DataError when there are fewer pictures than parts."""
    needed = 1 + (validation > 0) + (test > 0)
    if count < needed:
        there = "There is 1 picture" if count == 1 else f"There are {count} pictures"
        raise DataError(
            f"{there} with a mask; to keep some aside for validation and test at least {needed} are needed. Add pictures, "
            "or set data.validation and data.test to 0."
        )


def _assemble(
    settings: spec.Data, listing: Listing, labels: Labels, split: Split, store: Store,
    *, rows: Rows, name_of: Callable[[int], str] | None,
) -> DataSet:  # fmt: skip
    good = store.good
    groups = (split.training, split.validation, split.test)
    places = tuple(good[group] for group in groups)
    part_labels = tuple(labels[group] for group in groups)
    shape = (settings.image_size, settings.image_size, listing.channels)
    mean, spread = np.zeros(shape[2], np.float32), np.full(shape[2], 255, np.float32)
    if settings.scaling == "standardize":
        mean, spread = store.facts.mean_and_spread(places[0], shape)
    fingerprint = _fingerprint(listing, shape, part_labels, places, store.facts)
    left_out = [*listing.left_out, *(each.sentence for each in store.failed)]
    if len(left_out) > NAMED:
        left_out[NAMED:] = [f"{len(left_out) - NAMED:,} more files were left out."]
    notes = split.notes
    if listing.task == "masks":
        held: Iterable[tuple[Pictures, Labels | Masks]] = store.parts_with_masks(places)
    else:
        held = zip(store.parts(places), part_labels, strict=True)
        notes = (*notes, *unevenness(part_labels[0], listing.classes))
    training, validation, test = (
        Part(pictures, marks, rows[group]) for (pictures, marks), group in zip(held, groups, strict=True)
    )
    return DataSet(
        listing.classes, shape, training, validation, test, _fixed(mean), _fixed(spread), fingerprint,
        tuple(left_out), notes, listing.task, listing.ignore, name_of,
    )  # fmt: skip


def _fixed(values: Floats) -> Floats:
    values.setflags(write=False)
    return values


def _fingerprint(
    listing: Listing, shape: Shape, labels: tuple[Labels, ...], places: tuple[Rows, ...], facts: Facts
) -> str:
    """SHA-256 over each part's labels and its pictures' own SHA-256s (over their masks too), in order."""
    what: tuple[object, ...] = (listing.classes, shape)
    if listing.task == "masks":
        what = (*what, listing.task, listing.ignore)
    total = hashlib.sha256(repr(what).encode("utf-8", "surrogatepass"))
    for marks, rows in zip(labels, places, strict=True):
        total.update(len(marks).to_bytes(8, "little"))
        total.update(marks.astype("<i4").tobytes())
        total.update(facts.digests[rows].tobytes())
    return total.hexdigest()
