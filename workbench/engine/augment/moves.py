"""Crop, flip, rotation, zoom and shift as one map from places of the new picture to places of the stored one.

A picture is cut out, mirrored, turned and scaled about its middle, then shifted. On the host that is worked
out as few numbers a picture; on the device it is one gather. Whole-number moves stay exact copies; only
rotation and zoom blend neighbouring pixels. Places outside the stored picture are black or mirrored, and in
a mask bear a given label.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from keras import ops

from workbench.engine.augment.chance import Reals, uniform, whole
from workbench.spec.tricks import Augmentation


@dataclass(frozen=True)
class Move:
    """How pictures are moved: one number a picture in each, in the order in which it is done."""

    #: the corner of what is cut out
    top: Reals
    left: Reals
    #: −1 mirrored, else 1
    side_y: Reals
    side_x: Reals
    #: radians, clockwise
    angle: Reals
    scale: Reals
    #: pixels
    down: Reals
    right: Reals


def still(count: int) -> Move:
    """Nothing moves."""
    zeros, ones = np.zeros(count), np.ones(count)
    return Move(zeros, zeros, ones, ones, zeros, ones, zeros, zeros)


class Moves:
    """Draws and applies the moves that a recipe has on, for pictures of one size."""

    def __init__(self, spec: Augmentation, size: tuple[int, int], crop: int | None) -> None:
        self._spec = spec
        self._size = size
        self._seen = (crop, crop) if crop else size
        self._flips = spec.on and spec.flip and spec.flip_probability > 0
        self._overturns = spec.on and spec.flip_vertical > 0
        self._shifts = spec.on and spec.shift > 0 and spec.shift_probability > 0
        self._turns = spec.on and spec.rotation > 0 and spec.rotation_probability > 0
        self._scales = spec.on and spec.zoom > 0 and spec.zoom_probability > 0
        self._crops = self._seen != size
        self.on = any((self._flips, self._overturns, self._shifts, self._turns, self._scales, self._crops))
        #: Rotation and zoom lead to places between pixels.
        self._between = self._turns or self._scales
        self.columns = 6 if self._between else 4
        #: Whether places outside the stored picture are looked up, and are not mirrored ones.
        self._bordered = (self._shifts or self._between) and spec.edge == "black"

    # --- on the host ------------------------------------------------------------------------------

    def draws(self, seed: int, epoch: int, count: int, first: int, margins: Reals | None = None) -> Reals:
        """A picture's map, (count, columns)."""
        return self.maps(self.drawn(seed, epoch, count, first, margins))

    def drawn(self, seed: int, epoch: int, count: int, first: int, margins: Reals | None = None) -> Move:
        """How each of `count` pictures is moved. `margins` (count, 2): rows and columns at each side that are only padding."""

        def numbers(what: str) -> Reals:
            return uniform(seed, what, epoch, count, first)

        move = still(count)
        if self._crops:
            move = replace(move, **self._corner(numbers("crop"), np.zeros((1, 2)) if margins is None else margins))
        if self._flips:
            mirrored = numbers("flip")[:, 0] < self._spec.flip_probability
            move = replace(move, side_x=np.where(mirrored, -1.0, 1.0))
        if self._overturns:
            mirrored = numbers("flip_vertical")[:, 0] < self._spec.flip_vertical
            move = replace(move, side_y=np.where(mirrored, -1.0, 1.0))
        if self._turns:
            move = replace(move, angle=self._angle(numbers("rotation")))
        if self._scales:
            move = replace(move, scale=self._scale(numbers("zoom")))
        if self._shifts:
            move = replace(move, **self._shift(numbers("shift")))
        return move

    def named(self, seed: int, epoch: int, position: int) -> list[str]:
        """What is done to the picture at a position of an epoch, a few words each, in the order in which it is done."""
        move = self.drawn(seed, epoch, 1, position)
        down, right = round(float(move.down[0])), round(float(move.right[0]))
        degrees, scale = float(np.degrees(move.angle[0])), float(move.scale[0])
        said = {
            "Crop": self._crops,
            "Flip": move.side_x[0] < 0,
            "Upside down": move.side_y[0] < 0,
            f"Turn {degrees:.0f}°": degrees != 0,
            f"Zoom {scale:.0%}": scale != 1,
            f"Shift {right}, {down}": bool(down or right),
        }
        return [words.replace("-", "−") for words, done in said.items() if done]

    def _corner(self, numbers: Reals, margins: Reals) -> dict[str, Reals]:
        """Anywhere within the picture; where that is smaller than what is cut out, it stays in the middle."""
        corners = []
        for side, (stored, seen) in enumerate(zip(self._size, self._seen, strict=True)):
            margin = np.minimum(margins[:, side], (stored - seen) // 2)
            corners.append(margin + whole(stored - seen - 2 * margin + 1, numbers[:, side]))
        return {"top": corners[0], "left": corners[1]}

    def _angle(self, numbers: Reals) -> Reals:
        chosen = numbers[:, 0] < self._spec.rotation_probability
        return np.asarray(chosen * np.radians(self._spec.rotation) * (2 * numbers[:, 1] - 1))

    def _scale(self, numbers: Reals) -> Reals:
        """As often larger by a factor as smaller by it."""
        chosen = numbers[:, 0] < self._spec.zoom_probability
        return np.asarray(np.exp(chosen * np.log1p(self._spec.zoom) * (2 * numbers[:, 1] - 1)))

    def _shift(self, numbers: Reals) -> dict[str, Reals]:
        chosen = numbers[:, 0] < self._spec.shift_probability
        span = 2 * self._spec.shift + 1
        down, right = (chosen * (whole(span, numbers[:, column]) - self._spec.shift) for column in (1, 2))
        return {"down": down, "right": right}

    def maps(self, move: Move) -> Reals:
        """The stored place (y, x) of the new place (i, j), as numbers for the device.

        With rotation or zoom y₀, ∂y/∂i, ∂y/∂j, x₀, ∂x/∂i, ∂x/∂j; without y₀, ∂y/∂i, x₀, ∂x/∂j, whole numbers.
        """
        middle_y, middle_x = (self._seen[0] - 1) / 2, (self._seen[1] - 1) / 2
        cos, sin = np.cos(move.angle) / move.scale, np.sin(move.angle) / move.scale
        # (y, x) − corner − middle = mirror · turn back · ((i, j) − shift − middle)
        y_i, y_j, x_i, x_j = move.side_y * cos, -move.side_y * sin, move.side_x * sin, move.side_x * cos
        y_0 = move.top + middle_y - y_i * (move.down + middle_y) - y_j * (move.right + middle_x)
        x_0 = move.left + middle_x - x_i * (move.down + middle_y) - x_j * (move.right + middle_x)
        used = (y_0, y_i, y_j, x_0, x_i, x_j) if self._between else (y_0, y_i, x_0, x_j)
        return np.stack(used, axis=1)

    # --- on the device ----------------------------------------------------------------------------

    def apply(self, pictures: Any, draws: Any) -> Any:
        """Pictures (b, h, w, c) → (b, seen h, seen w, c): uint8 as they came, or float32 where pixels were blended."""
        laid_out = self._laid_out(pictures, 0)
        if self._between:
            return self._blended(laid_out, *self._places(draws))
        return self._taken(laid_out, *self._whole_places(draws))

    def apply_to_masks(self, masks: Any, draws: Any, outside: int) -> Any:
        """Masks (b, h, w) → (b, seen h, seen w): the nearest label, and `outside` where there is none."""
        if self._between:
            y, x = (ops.cast(ops.floor(places + 0.5), "int32") for places in self._places(draws))
        else:
            y, x = self._whole_places(draws)
        return ops.squeeze(self._taken(self._laid_out(ops.expand_dims(masks, -1), outside), y, x), -1)

    def centre(self, pictures: Any) -> Any:
        """The middle of each picture or mask, of the size the network sees; labels (b,) as they are."""
        if not self._crops or len(pictures.shape) == 1:
            return pictures
        top, left = ((stored - seen) // 2 for stored, seen in zip(self._size, self._seen, strict=True))
        return pictures[:, top : top + self._seen[0], left : left + self._seen[1]]

    def _whole_places(self, draws: Any) -> tuple[Any, Any]:
        """Stored rows (b, h, 1) and columns (b, 1, w), int32."""
        whole_draws = ops.cast(draws, "int32")[:, :, None, None]
        down = ops.arange(self._seen[0], dtype="int32")[None, :, None]
        right = ops.arange(self._seen[1], dtype="int32")[None, None, :]
        return whole_draws[:, 0] + whole_draws[:, 1] * down, whole_draws[:, 2] + whole_draws[:, 3] * right

    def _places(self, draws: Any) -> tuple[Any, Any]:
        """Stored rows and columns, both (b, h, w), float32."""
        i = ops.arange(self._seen[0], dtype="float32")[None, :, None]
        j = ops.arange(self._seen[1], dtype="float32")[None, None, :]
        y_0, y_i, y_j, x_0, x_i, x_j = (draws[:, column, None, None] for column in range(6))
        return y_0 + y_i * i + y_j * j, x_0 + x_i * i + x_j * j

    def _blended(self, laid_out: Any, y: Any, x: Any) -> Any:
        """Bilinear: the four pixels around each place, each by its nearness."""
        top, left = ops.floor(y), ops.floor(x)
        below, beside = (y - top)[..., None], (x - left)[..., None]
        top, left = ops.cast(top, "int32"), ops.cast(left, "int32")

        def row(line: Any) -> Any:
            first, second = (ops.cast(self._taken(laid_out, line, left + step), "float32") for step in (0, 1))
            return first + beside * (second - first)

        upper, lower = row(top), row(top + 1)
        return upper + below * (lower - upper)

    def _laid_out(self, values: Any, outside: int) -> Any:
        """Values (b, h, w, c) as one list of pixels, with a row and a column of `outside` where that is looked up."""
        if self._bordered:
            values = ops.pad(values, [[0, 0], [0, 1], [0, 1], [0, 0]], constant_values=outside)
        return ops.reshape(values, (-1, values.shape[-1]))

    def _taken(self, laid_out: Any, y: Any, x: Any) -> Any:
        """The pixels at whole places."""
        height, width = (size + self._bordered for size in self._size)
        number = ops.shape(laid_out)[0] // (height * width)
        starts = ops.arange(number, dtype="int32")[:, None, None] * (height * width)
        rows = starts + self._brought(y, self._size[0]) * width
        return ops.take(laid_out, rows + self._brought(x, self._size[1]), axis=0)

    def _brought(self, places: Any, size: int) -> Any:
        """Places 0 … size − 1 as they are; all others to the border, or to where they are mirrored."""
        if self._bordered:
            return ops.where(ops.logical_and(places >= 0, places < size), places, size)
        # … 2 1 | 0 1 2 … n−1 | n−2 … : the edge itself is not repeated.
        return size - 1 - ops.abs(ops.mod(places, 2 * (size - 1)) - (size - 1))
