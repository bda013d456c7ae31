"""An array that gets longer at its end in amortised constant time; it knows nothing of runs."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


class Growing:
    """A one-dimensional array with room to spare, doubled when the room is used up."""

    def __init__(self, dtype: npt.DTypeLike = np.float32, room: int = 256) -> None:
        self._data: Array = np.empty(max(1, room), dtype)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    @property
    def view(self) -> Array:
        """What is in it, without a copy; good until the next append or truncate."""
        return self._data[: self._count]

    def append(self, values: npt.ArrayLike) -> None:
        """Add one value or several at the end."""
        new = np.asarray(values, self._data.dtype)
        if not new.ndim:
            new = new.reshape(1)
        end = self._count + len(new)
        if end > len(self._data):
            larger = np.empty(max(end, 2 * len(self._data)), self._data.dtype)
            larger[: self._count] = self.view
            self._data = larger
        self._data[self._count : end] = new
        self._count = end

    def truncate(self, count: int) -> None:
        """Forget everything past the first `count` values."""
        self._count = min(self._count, max(0, count))
