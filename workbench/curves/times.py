"""The run time at every step, kept as one begin and one end for each stretch in which steps were written down together.

Within a stretch steps take equally long; nothing finer was measured. It knows nothing of runs.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from workbench.curves.growing import Growing

Doubles = npt.NDArray[np.float64]


class Times:
    """Run time in seconds at the end of each step; never runs backwards, whatever the clocks of two attempts say."""

    def __init__(self) -> None:
        #: of each stretch: how many steps there are up to its end, when it began and when it ended
        self._stops = Growing(np.int64)
        self._begins = Growing(np.float64)
        self._ends = Growing(np.float64)

    def __len__(self) -> int:
        return int(self._stops.view[-1]) if len(self._stops) else 0

    @property
    def last(self) -> float:
        """The run time at the end of the last step; 0 before the first."""
        return float(self._ends.view[-1]) if len(self._ends) else 0.0

    def append(self, steps: npt.ArrayLike, begins: npt.ArrayLike, ends: npt.ArrayLike) -> None:
        """Add stretches of so many steps each."""
        both = np.empty(2 * np.size(steps))
        both[0::2], both[1::2] = begins, ends
        both = np.maximum.accumulate(np.maximum(both, self.last))
        self._stops.append(len(self) + np.cumsum(steps))
        self._begins.append(both[0::2])
        self._ends.append(both[1::2])

    def truncate(self, count: int) -> None:
        """Forget all steps past the first `count`."""
        if count >= len(self):
            return
        whole = int(np.searchsorted(self._stops.view, count, side="right"))
        cut = float(self.at([count - 1])[0]) if count else 0.0
        before = int(self._stops.view[whole - 1]) if whole else 0
        begin = float(self._begins.view[whole])
        for column in (self._stops, self._begins, self._ends):
            column.truncate(whole)
        if count > before:
            self._stops.append(count)
            self._begins.append(begin)
            self._ends.append(cut)

    def at(self, places: npt.ArrayLike) -> Doubles:
        """The run time at the end of these steps, by their index (0 is the first; those past the end count as the last)."""
        wanted = np.asarray(places, np.float64)
        if not len(self):
            return np.zeros(np.shape(wanted))
        done = np.clip(np.floor(wanted) + 1, 1, len(self))
        stretch = np.searchsorted(self._stops.view, done, side="left")
        stops, begins, ends = self._stops.view[stretch], self._begins.view[stretch], self._ends.view[stretch]
        firsts = np.where(stretch > 0, self._stops.view[np.maximum(stretch - 1, 0)], 0)
        found: Doubles = begins + (ends - begins) * ((done - firsts) / (stops - firsts))
        return found

    def count_at(self, seconds: float) -> int:
        """How many steps had ended by then."""
        whole = int(np.searchsorted(self._ends.view, seconds, side="right"))
        before = int(self._stops.view[whole - 1]) if whole else 0
        if whole == len(self._stops):
            return before
        begin, end = float(self._begins.view[whole]), float(self._ends.view[whole])
        steps = int(self._stops.view[whole]) - before
        return before + max(0, int((seconds - begin) / (end - begin) * steps + 1e-9) if end > begin else 0)

    def stretches(self, first: int, stop: int) -> tuple[npt.NDArray[np.int64], Doubles, Doubles]:
        """Of the stretches with steps among first … stop − 1: where each stops, its begin and its end in seconds."""
        low = int(np.searchsorted(self._stops.view, first, side="right"))
        high = int(np.searchsorted(self._stops.view, stop, side="left")) + 1
        return self._stops.view[low:high], self._begins.view[low:high], self._ends.view[low:high]

    def stop_before(self, first: int) -> int:
        """Where the stretch before the one with step `first` stops; 0 when there is none."""
        low = int(np.searchsorted(self._stops.view, first, side="right"))
        return int(self._stops.view[low - 1]) if low else 0
