"""A source of pictures that are already in memory as arrays, at their own size."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import TypeAlias

import numpy as np

from workbench.data.pictures import Labels, Pixels, Rows
from workbench.data.sizing import resize_all
from workbench.data.source import Listing, Piece, Share, digest, pieces
from workbench.errors import DataError

#: Some pictures and their labels.
Block: TypeAlias = tuple[Pixels, Labels]


class Arrays:
    """Pictures (n, h, w, c) with their labels."""

    slow = False

    def __init__(self, pixels: Pixels, listing: Listing, image_size: int, name: str) -> None:
        assert len(pixels) == len(listing.labels)
        self._pixels = pixels
        self._size = image_size
        self._name = name
        self.listing = listing

    def key(self, wanted: Rows) -> str:
        return digest(self._name, self._size, len(self._pixels), wanted.tobytes())

    def read(self, wanted: Rows) -> Generator[Piece, None, None]:
        for piece in pieces(len(wanted), self._size * self._size * self.listing.channels):
            rows = wanted[piece]
            yield Piece(np.arange(piece.start, piece.stop), resize_all(self._pixels[rows], self._size))


def both_parts(
    training: Sequence[Block], test: Sequence[Block], classes: Sequence[str], *, image_size: int, name: str
) -> Arrays:
    """A set whose files give a training and a test part, each in one or more blocks."""
    blocks = (*training, *test)
    for _, labels in blocks:
        if len(labels) and not 0 <= int(labels.min()) <= int(labels.max()) < len(classes):
            raise DataError(
                f"{name} holds labels from {labels.min()} to {labels.max()}; 0 to {len(classes) - 1} are allowed. The file "
                "is not what its name says: delete it and start again, then it is fetched afresh."
            )
    pixels = np.concatenate([pixels for pixels, _ in blocks])
    labels = np.concatenate([labels for _, labels in blocks]).astype(np.int32)
    first = sum(len(marks) for _, marks in training)
    given = np.repeat(np.array([Share.TRAINING, Share.TEST], np.int8), [first, len(labels) - first])
    return Arrays(pixels, Listing(tuple(classes), labels, given, pixels.shape[3]), image_size, name)
