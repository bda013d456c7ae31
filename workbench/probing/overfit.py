"""The overfit check: whether a network learns a few pictures by heart, and if not, what stands in its way.

A network that cannot learn a hundred pictures by heart will not learn ten thousand: something is wrong with the data, the
rate, the starting weights or the size of the network, and no trick will mend it. So each of these is looked at by itself.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from workbench.spec import said

#: Shares of right answers that count as learned by heart: of pictures, and of the pixels of masks.
BY_HEART, BY_HEART_MASKS = 0.99, 0.97
#: The rates that are tried when the recipe's does not do, as shares of it: when its loss ran wild, when it did not fall, else.
SMALLER, LARGER, AROUND = (0.1, 0.01, 0.001), (10.0, 100.0, 1000.0, 0.1), (0.1, 10.0)
#: A loss of so many times the first has run wild.
WILD = 3.0
HIGHEST_RATE = 10.0
#: A loss that ends above this share of where it began has not fallen.
NOT_FALLEN = 0.95


@dataclass(frozen=True)
class Overfit:
    """A network trained on a few untouched pictures until it knows them by heart, or clearly will not."""

    pictures: int
    #: accuracy that counts as learned by heart
    wanted: float
    #: of each epoch at the recipe's rate, on the pictures themselves, without dropout
    accuracies: tuple[float, ...]
    losses: tuple[float, ...]
    reached: bool
    #: what was seen, and when it was not reached what stands in the way and what to try
    sentence: str
    #: tricks and schedule that the recipe has and the check leaves off
    left_off: tuple[str, ...] = ()
    #: a rate at which it was reached although the recipe's did not do
    better_rate: float | None = None

    def tree(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_tree(tree: Mapping[str, Any]) -> Overfit:
        lists = {name: tuple(tree[name]) for name in ("accuracies", "losses", "left_off")}
        return Overfit(**{**tree, **lists})


@dataclass(frozen=True)
class Attempt:
    """Training on the few pictures at one rate."""

    rate: float
    #: of each epoch, after it
    accuracies: tuple[float, ...]
    losses: tuple[float, ...]
    #: of the very first step
    first_loss: float
    #: of somebody who knows only how often each class comes
    guessing: float = math.inf

    @property
    def best(self) -> float:
        return max((each for each in self.accuracies if math.isfinite(each)), default=0.0)

    def reached(self, wanted: float) -> bool:
        return self.best >= wanted

    @property
    def broke(self) -> bool:
        """Whether the loss or a gradient was no finite number any more."""
        return not math.isfinite(self.first_loss) or not all(map(math.isfinite, self.losses))

    @property
    def wild(self) -> bool:
        return self.broke or max(self.losses) > WILD * self.first_loss

    @property
    def fell(self) -> bool:
        """Whether it has learned anything that the classes' frequencies do not say."""
        return not self.broke and self.losses[-1] < NOT_FALLEN * min(self.first_loss, self.guessing)

    @property
    def falls(self) -> bool:
        """Whether it still falls at its end: the last fifth of the epochs is lower than the fifth before."""
        fifth = len(self.losses) // 5
        if not fifth or self.broke:
            return False
        last, before = self.losses[-fifth:], self.losses[-2 * fifth : -fifth]
        return sum(last) < NOT_FALLEN * sum(before)


def other_rates(first: Attempt) -> tuple[float, ...]:
    """The rates to try when the recipe's did not do."""
    shares = AROUND if first.fell else SMALLER if first.wild else LARGER
    # A tenth of 3e-3 is 3e-4 and not 3.0000000000000003e-4, which is what people would read.
    rates = (float(f"{share * first.rate:.12g}") for share in shares)
    return tuple(dict.fromkeys(min(HIGHEST_RATE, rate) for rate in rates))


@dataclass(frozen=True)
class Scene:
    """What the check was made on."""

    pictures: int
    wanted: float
    #: the share of right answers that is possible at best, for the same picture (or pixel) may have several answers
    possible: float
    #: pictures that are there more than once with different classes
    contradicting: int
    parameters: int
    initializer: str
    left_off: tuple[str, ...]
    masks: bool = False


def judge(scene: Scene, attempts: tuple[Attempt, ...]) -> Overfit:
    """The verdict; the first attempt is at the recipe's rate, any others are made only when that did not do."""
    first, *others = attempts
    better = next((each for each in others if each.reached(scene.wanted)), None)
    reached = first.reached(scene.wanted)
    words = _learned(scene, first) if reached else _not_learned(scene, first, others, better)
    return Overfit(
        scene.pictures, scene.wanted, first.accuracies, first.losses, reached, words, scene.left_off,
        better.rate if better else None,
    )  # fmt: skip


def _learned(scene: Scene, first: Attempt) -> str:
    return (
        f"{_what(scene)} {_percent(first.accuracies[-1])} right after {_epochs(first)}: network, data and learning rate fit "
        "together. Now turn tricks on until it does as well on pictures that it has not seen."
    )


def _not_learned(scene: Scene, first: Attempt, others: list[Attempt], better: Attempt | None) -> str:
    """Why, the surest reason first."""
    return next(_reasons(scene, first, others, better))


def _reasons(scene: Scene, first: Attempt, others: list[Attempt], better: Attempt | None) -> Iterator[str]:
    best, cannot = _percent(first.best), "This network cannot learn this data because"
    if scene.possible < scene.wanted:
        yield (
            f"{cannot} the data contradict themselves: {scene.contradicting:,} of {scene.pictures:,} pictures are there again "
            f"with another class, so at most {_percent(scene.possible)} can be right. Look for wrong labels in the Data tab."
        )
    if better is not None:
        way = "too large" if better.rate < first.rate else "too small"
        yield (
            f"The learning rate {_rate(first)} is {way}: {best} right after {_epochs(first)}, but at {_rate(better)} the "
            f"{scene.pictures:,} pictures were learned by heart in {_epochs(better)}. The network can learn this data; let the "
            "learning-rate search propose a rate."
        )
    every = (first, *others)
    if all(each.broke for each in every):
        yield (
            f"{cannot} its loss stops being a number at {_rates(every)}. The starting weights ({scene.initializer}) are likely "
            "too large: look at the X-ray, or add batch norm."
        )
    if not any(each.fell for each in every):
        yield (
            f"{cannot} its loss does not fall: {first.first_loss:.3g} at first, and hardly lower at {_rates(every)}. Signals or "
            f"units may be lost, which start as {scene.initializer}: look at the X-ray."
        )
    closest = max(every, key=lambda each: each.best)
    if closest.falls:
        yield (
            f"Not learned by heart yet: {_percent(closest.best)} right after {_epochs(closest)} at {_rate(closest)}, and the "
            "loss still falls. The network can go on learning, but slowly: let the learning-rate search propose a rate."
        )
    yield (
        f"{cannot} it is too small or loses too much on the way: with {scene.parameters:,} parameters it comes to "
        f"{_percent(closest.best)} right of {scene.pictures:,} pictures at {_rates(every)}. Raise the width or depth of the "
        "model, or take larger pictures."
    )


def _what(scene: Scene) -> str:
    of = "pixels of " if scene.masks else ""
    return f"The {of}{scene.pictures:,} pictures were learned by heart,"


def _rates(every: Sequence[Attempt]) -> str:
    *rates, last = (_rate(each) for each in sorted(every, key=lambda each: each.rate))
    return f"the learning rates {', '.join(rates)} and {last}" if rates else f"the learning rate {last}"


def _rate(attempt: Attempt) -> str:
    return said.number(attempt.rate, scientific=True)


def _epochs(attempt: Attempt) -> str:
    return f"{len(attempt.accuracies)} {'epoch' if len(attempt.accuracies) == 1 else 'epochs'}"


def _percent(share: float) -> str:
    """Never 100 % for less than all."""
    return f"{math.floor(100 * share + 1e-9)} %"
