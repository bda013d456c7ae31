"""What augmentation a recipe asks for, as one object for the trainer (which draws) and the loops (which apply).

What is off is neither drawn nor traced. Draws are a function of (seed, epoch, position in the epoch) only.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from workbench.data.pictures import DataSet
from workbench.engine.augment.chance import Reals
from workbench.engine.augment.colours import Colours
from workbench.engine.augment.erasing import Erasing
from workbench.engine.augment.mixing import Mixing
from workbench.engine.augment.moves import Moves
from workbench.spec.recipe import Recipe

_MID_GREY = 127.5


class Part(Protocol):
    """One kind of change: some columns of the draws, and what is done with them."""

    on: bool
    columns: int

    def draws(self, seed: int, epoch: int, count: int, first: int) -> Reals:
        """(count, columns), no number beyond what a float32 holds."""


class Augmenter:
    """The augmentation of a recipe for stored pictures of `shape` (height, width, channels).

    `mean` is the mean colour of the training pictures, if known; erasing may fill with it. `outside` is the label, in
    masks, of what a moved picture does not have.
    """

    def __init__(
        self, recipe: Recipe, shape: tuple[int, int, int], mean: npt.ArrayLike | None = None, outside: int = 0
    ) -> None:
        self._outside = outside
        spec, crop, seed = recipe.tricks.augmentation, recipe.data.crop, recipe.training.seed
        #: the shape of what the network sees
        self.shape = (crop, crop, shape[2]) if crop else shape
        # Pixels that are only divided by 255 come without a mean.
        known = mean is not None and recipe.data.scaling == "standardize"
        colour = np.broadcast_to(np.asarray(mean if known else _MID_GREY, np.float64), shape[2:])
        self._moves = Moves(spec, shape[:2], crop)
        self._colours = Colours(spec, self.shape, seed)
        self._erasing = Erasing(spec, self.shape, seed, colour)
        self._mixing = Mixing(recipe.tricks.mixup, recipe.tricks.cutmix, self.shape[:2])
        every: tuple[Part, ...] = (self._moves, self._colours, self._erasing, self._mixing)
        self._parts = [part for part in every if part.on]
        #: whether anything is drawn at all
        self.on = bool(self._parts)
        #: whether pictures of a batch are mixed
        self.mixes = self._mixing.on
        self._margins: npt.NDArray[np.float64] | None = None
        #: numbers drawn for a picture
        self.columns = sum(part.columns for part in self._parts)

    @classmethod
    def of(cls, recipe: Recipe, data: DataSet) -> Augmenter:
        """The augmentation of a recipe for its data set."""
        made = cls(recipe, data.shape, data.mean, 0 if data.ignore is None else data.ignore)
        if recipe.data.crop and data.ignore is not None and getattr(recipe.data, "fit", "") == "pad":
            made._margins = margins(data.training.labels, data.ignore)
        return made

    def draws(
        self, seed: int, epoch: int, count: int, first: int = 0, pictures: npt.NDArray[np.integer] | None = None
    ) -> npt.NDArray[np.float32]:
        """The draws for the positions first … first + count − 1 of an epoch, (count, columns).

        A function of (seed, epoch, position) only: any stretch of an epoch can be drawn alone and is the same. Padded
        pictures are cut within themselves, for which `pictures` (count,) says which stands at each position.
        """
        margins = None if self._margins is None or pictures is None else self._margins[pictures]
        drawn = [
            self._moves.draws(seed, epoch, count, first, margins)
            if part is self._moves
            else part.draws(seed, epoch, count, first)
            for part in self._parts
        ]
        return np.concatenate([np.zeros((count, 0)), *drawn], axis=1).astype(np.float32)

    def apply(self, pictures: Any, drawn: Any, masks: Any = None) -> Any:
        """Changed pictures: (b, h, w, c) uint8 and (b, columns) float32 draws → (b, *shape), uint8 or float32. For training only.

        With masks (b, h, w): (pictures, masks), moved together.
        """
        changed = pictures
        for part in (self._moves, self._colours, self._erasing):
            if part.on:
                changed = part.apply(changed, self._of(part, drawn))
        if masks is None:
            return changed
        if self._moves.on:
            masks = self._moves.apply_to_masks(masks, self._of(self._moves, drawn), self._outside)
        return changed, masks

    def named(self, seed: int, epoch: int, position: int) -> list[str]:
        """What `apply` does to the picture at a position of an epoch, a few words each: "Flip", "Shift 4, −2"."""
        parts = (self._moves, self._colours, self._erasing)
        return [words for part in parts if part.on for words in part.named(seed, epoch, position)]

    def mix(self, pictures: Any, drawn: Any) -> tuple[Any, Any, Any]:
        """Pictures with parts of others of the batch, on any scale that is linear in the pixels: (float32 pictures,
        partner (b,) int32, share (b,) float32). The loss is share · loss(y) + (1 − share) · loss(y[partner]).
        """  # fmt: skip
        return self._mixing.apply(pictures, self._of(self._mixing, drawn))

    def batch(self, pictures: Any, truth: Any, drawn: Any) -> tuple[Any, Any, tuple[Any, Any] | None]:
        """A training batch: changed pictures, their labels or masks (moved along), and (partner, share) where mixed."""
        if not self.on:
            return pictures, truth, None
        if len(truth.shape) > 1:
            pictures, truth = self.apply(pictures, drawn, truth)
        else:
            pictures = self.apply(pictures, drawn)
        if not self.mixes:
            return pictures, truth, None
        pictures, partner, share = self.mix(pictures, drawn)
        return pictures, truth, (partner, share)

    def centre(self, pictures: Any) -> Any:
        """What validation sees of pictures (b, h, w, c) or masks (b, h, w): their middle where training sees random crops.

        Labels (b,) stay as they are.
        """
        return self._moves.centre(pictures)

    def _of(self, part: Part, drawn: Any) -> Any:
        """The columns of a part that is on."""
        at = self._parts.index(part)
        first = sum(each.columns for each in self._parts[:at])
        return drawn[:, first : first + part.columns]


def margins(masks: npt.NDArray[np.integer], ignore: int) -> npt.NDArray[np.float64]:
    """Rows and columns at each side of masks (n, h, w) in which nothing counts, (n, 2): as many as both sides have."""
    found = np.zeros((len(masks), 2))
    for place, mask in enumerate(masks):
        counts = mask != ignore
        if counts.any():
            for side, lines in enumerate((counts.any(axis=1), counts.any(axis=0))):
                found[place, side] = min(int(lines.argmax()), int(lines[::-1].argmax()))
    return found
