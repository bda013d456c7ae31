"""Finds pictures that are nearly the same: saved again, resized, a little brighter.

Two pictures count as nearly the same when the difference hashes of their looks differ in at most 2 of 64 bits *and* their
grey copies of 16 × 16 means correlate by at least 0.99. The hash alone takes any two pictures with a dark ground
for one; the correlation alone would have to compare all with all. Pictures whose hash says nothing (fewer than
8 places brighter than their neighbours, or all but 8) are not compared. Knows notes and small pictures only.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from PIL import Image

from workbench.data.pictures import Pixels, Rows
from workbench.data.scan.measuring import GOOD, Notes

#: Bits by which hashes may differ, and what the grey copies must correlate by.
BITS = 2
ALIKE = 0.99
_SIDE = 16
#: A hash says something when at least so many of its bits are set, and so many are not.
_TELLING = 8
#: By as many bands as bits may differ, and one: two such hashes agree in one band at least.
_BANDS = ((0, 22), (22, 21), (43, 21))
#: In a band that more pictures than this share, only those with the very same hash are compared, and of these as many.
_CROWD = 400
#: So many pairs are compared at most.
_MOST = 200_000
Hashes = npt.NDArray[np.uint64]


def near_pairs(notes: Notes, small: Callable[[int], Pixels | None]) -> Rows:
    """Pairs of rows (k, 2), the smaller first, without those whose digests are the same."""
    hashes: Hashes = np.ascontiguousarray(notes["hash"])
    bits = np.bitwise_count(hashes)
    rows = np.flatnonzero((notes["state"] == GOOD) & (bits >= _TELLING) & (bits <= hashes.itemsize * 8 - _TELLING))
    candidates = _candidates(hashes[rows])
    if not len(candidates):
        return np.zeros((0, 2), np.int64)
    pairs = rows[candidates]
    same = (notes["digest"][pairs[:, 0]] == notes["digest"][pairs[:, 1]]).all(axis=1)
    return _alike(pairs[~same][:_MOST], small)


def _candidates(hashes: Hashes) -> Rows:
    """Pairs of places whose hashes differ in at most `BITS` bits, each once, sorted."""
    found = [np.zeros((0, 2), np.int64)]
    for shift, width in _BANDS:
        band = (hashes >> np.uint64(shift)) & np.uint64((1 << width) - 1)
        order = np.lexsort((hashes, band))
        edges = np.flatnonzero(np.diff(band[order])) + 1
        for group in np.split(order, edges):
            if len(group) < 2:  # noqa: PLR2004 - a pair
                continue
            if len(group) <= _CROWD:
                found.append(_close(group, hashes))
            else:
                inner = np.split(group, np.flatnonzero(np.diff(hashes[group])) + 1)
                found += [_close(each[:_CROWD], hashes) for each in inner if len(each) > 1]
    return np.unique(np.concatenate(found), axis=0)


def _close(group: Rows, hashes: Hashes) -> Rows:
    one, other = np.triu_indices(len(group), 1)
    near = np.bitwise_count(hashes[group[one]] ^ hashes[group[other]]) <= BITS
    return np.sort(np.column_stack([group[one[near]], group[other[near]]]), axis=1).astype(np.int64)


def _alike(pairs: Rows, small: Callable[[int], Pixels | None]) -> Rows:
    """The pairs whose grey copies correlate. A picture's copy is made once, and all are small."""
    copies: dict[int, npt.NDArray[np.float32]] = {}

    def copy(row: int) -> npt.NDArray[np.float32]:
        if row not in copies:
            copies[row] = _centred(small(row))
        return copies[row]

    good = [float(copy(one) @ copy(other)) >= ALIKE for one, other in pairs.tolist()]
    return pairs[np.array(good, bool)] if len(pairs) else pairs


def _centred(picture: Pixels | None) -> npt.NDArray[np.float32]:
    """Grey means (256,) with mean 0 and length 1, so that a product of two is their correlation."""
    if picture is None:
        return np.zeros(_SIDE * _SIDE, np.float32)
    three = 3
    grey = Image.fromarray(
        np.ascontiguousarray(picture[:, :, :three] if picture.shape[2] >= three else picture[:, :, 0])
    )
    means = np.asarray(grey.convert("L").resize((_SIDE, _SIDE), Image.Resampling.BOX), np.float32).ravel()
    means -= means.mean()
    length = float(np.linalg.norm(means))
    return means / length if length else means
