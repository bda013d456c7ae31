"""The learning-rate search: which rates a range test tries, when it stops, and which rate its losses propose.

The range test (Smith 2015, arXiv:1506.01186, section 3.3) takes one step at each rate, from small to large by equal factors
(as in Gugger's form of it, fast.ai 2018), and looks at each step's own loss, not at a mean since the beginning: that lags
behind and proposes rates that are too large.

Smoothing: a mean weighted by a normal curve over the rate's logarithm (Nadaraya 1964, Watson 1964). It looks to both sides,
so unlike the exponential mean of fast.ai's form it does not lag either; losses above 1.5 times the first ones count as 1.5
times those, so that the end of a test does not blot out what lies before it.

Stopping: the test ends at a loss that is no finite number, or when the last ten are on average above three times the first
ones (fast.ai: four times the lowest; but the loss of a small batch can be four times the lowest by chance).

Proposal: the smallest rate at which the smoothed loss has made nine tenths of its fall, from the first losses to its lowest.
Where the loss falls fastest most of the fall is still to come; where it is lowest it is about to rise, and a whole training
at that rate would not settle. Nine tenths lie between the two, and unlike a slope or a minimum they can be read off a noisy
curve. No rate is proposed when the fall is within the scatter of the first losses.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from workbench.spec import said

LOWEST_RATE, HIGHEST_RATE = 1e-6, 10.0
#: Standard deviation of the smoothing, in powers of ten.
WIDTH = 0.2
#: Of the fall that a rate must have made to be proposed.
SHARE = 0.9
#: The first losses: this part of the test, at rates that change nothing yet.
FIRST = 0.1
RUN_AWAY, HIGHEST_COUNTED = 3.0, 1.5
#: So many losses, averaged, tell whether it has run away.
LAST = 10
#: A fall below this share of the first losses is none.
LEAST_FALL = 0.05


@dataclass(frozen=True)
class RateSearch:
    """A range test: one step at each rate, from small to large, and the rate proposed."""

    rates: tuple[float, ...]
    #: of each step, its own; the last may be no finite number
    losses: tuple[float, ...]
    #: of each step; as many as `losses`
    smoothed: tuple[float, ...]
    #: None when the losses give no ground for one
    proposed: float | None
    #: where the smoothed loss was lowest; None when there is no proposal
    lowest: float | None
    #: whether the loss ran away before the largest rate
    diverged: bool
    #: why this rate, or why none
    sentence: str

    def tree(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_tree(tree: Mapping[str, Any]) -> RateSearch:
        lists = {name: tuple(tree[name]) for name in ("rates", "losses", "smoothed")}
        return RateSearch(**{**tree, **lists})


class RateTest:
    """A range test while it runs; whoever makes the steps hands their losses in."""

    def __init__(self, steps: int) -> None:
        decades = math.log10(HIGHEST_RATE / LOWEST_RATE)
        #: what each step is to be made with
        self.rates = tuple(LOWEST_RATE * 10 ** (decades * step / (steps - 1)) for step in range(steps))
        self.losses: list[float] = []
        self.diverged = False

    @property
    def over(self) -> bool:
        return self.diverged or len(self.losses) >= len(self.rates)

    def take(self, losses: Iterable[float]) -> None:
        """Note the losses of the next steps; those after the loss has run away are left out."""
        first = math.ceil(FIRST * len(self.rates))
        for loss in losses:
            if self.over:
                return
            self.losses.append(loss)
            if len(self.losses) > first + LAST:
                last = statistics.fmean(self.losses[-LAST:])
                self.diverged = not last <= RUN_AWAY * statistics.fmean(self.losses[:first])
            self.diverged |= not math.isfinite(loss)

    def found(self) -> RateSearch:
        """What the losses say."""
        rates, losses = self.rates[: len(self.losses)], tuple(self.losses)
        first = losses[: math.ceil(FIRST * len(self.rates))]
        if len(losses) <= len(first):
            steps = "in the first step" if len(losses) == 1 else f"within the first {len(losses)} steps"
            words = f"The loss was no finite number {steps}, at rates that change nothing: look at the X-ray."
            return RateSearch(rates, losses, losses, None, None, self.diverged, words)
        start = statistics.fmean(first)
        smoothed = smooth(rates, losses, HIGHEST_COUNTED * start)
        low = min(range(len(smoothed)), key=smoothed.__getitem__)
        fall = start - smoothed[low]
        if fall < max(LEAST_FALL * abs(start), statistics.stdev(first)):
            words = (
                f"The loss fell at no rate from {said.rate(rates[0])} to {said.rate(rates[-1])} by more than it scatters by itself "
                f"({start:.3g} at first, {smoothed[low]:.3g} at its lowest), so there is no ground for a proposal. "
                "Look at the X-ray and the overfit check."
            )
            return RateSearch(rates, losses, smoothed, None, None, self.diverged, words)
        at = next(place for place, loss in enumerate(smoothed) if loss <= start - SHARE * fall)
        proposed = float(f"{rates[at]:.2g}")
        words = (
            f"At {said.rate(proposed)} the loss has made nine tenths of its fall from {start:.3g} to {smoothed[low]:.3g}; "
            f"it is lowest at {said.rate(rates[low])}, {_after(rates, smoothed, low, start, diverged=self.diverged)}."
        )
        return RateSearch(rates, losses, smoothed, proposed, rates[low], self.diverged, words)


def _after(rates: Sequence[float], smoothed: Sequence[float], low: int, start: float, *, diverged: bool) -> str:
    """What comes after the lowest loss, as the end of a sentence."""
    back = next((place for place in range(low, len(smoothed)) if smoothed[place] >= (start + smoothed[low]) / 2), None)
    if back is not None:
        return f"and from {said.rate(rates[back])} on it has lost half of that again"
    return f"and runs away at {said.rate(rates[-1])}" if diverged else "and larger rates do not raise it again"


def smooth(rates: Sequence[float], losses: Sequence[float], highest: float) -> tuple[float, ...]:
    """The losses smoothed over the rates' logarithms; none counts more than `highest`, nor does one that is not finite."""
    places = [math.log10(rate) / WIDTH for rate in rates]
    counted = [min(loss, highest) if math.isfinite(loss) else highest for loss in losses]
    smoothed = []
    for here in places:
        weights = [math.exp(-0.5 * (place - here) ** 2) for place in places]
        smoothed.append(sum(w * loss for w, loss in zip(weights, counted, strict=True)) / sum(weights))
    return tuple(smoothed)
