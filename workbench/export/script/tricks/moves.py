"""Crop, flip, shift, rotation and zoom: where each pixel of the changed picture is found in the stored one.

Whole-number moves stay exact copies; only rotation and zoom blend neighbouring pixels.
"""

from __future__ import annotations

from workbench.export.script.draft import Draft, trimmed
from workbench.spec.data import MaskFolder
from workbench.spec.tricks import Augmentation

_TAKEN = {
    "black": (
        "The pixels of each stored picture at rows y and columns x; where there is none, `outside`.",
        """
def taken(values, y, x, outside):
    values = np.pad(values, [(0, 0), (0, 1), (0, 1)] + [(0, 0)] * (values.ndim - 3), constant_values=outside)
    y, x = (np.where((places >= 0) & (places < IMAGE_SIZE), places, IMAGE_SIZE) for places in (y, x))
    return values[np.arange(len(values))[:, None, None], y, x]
""",
    ),
    "mirror": (
        "The pixels of each stored picture at rows y and columns x; beyond its edge it is mirrored.",
        """
def taken(values, y, x, outside):
    y, x = (IMAGE_SIZE - 1 - np.abs(np.mod(places, 2 * (IMAGE_SIZE - 1)) - (IMAGE_SIZE - 1)) for places in (y, x))
    return values[np.arange(len(values))[:, None, None], y, x]
""",
    ),
}
_MARGINS = '''
def margins(masks):
    """Rows and columns at each side of padded pictures in which nothing counts: as many as both sides have."""
    found = np.zeros((len(masks), 2))
    for place, mask in enumerate(masks):
        counts = mask != 255
        if counts.any():
            for side, lines in enumerate((counts.any(axis=1), counts.any(axis=0))):
                found[place, side] = min(int(lines.argmax()), int(lines[::-1].argmax()))
    return found


padding = margins(y_train)
'''
_CROP = """
numbers = uniform("crop", epoch, count)  # which part is cut out
top, left = (np.floor(numbers[:, side] * (IMAGE_SIZE - SEEN + 1)) for side in (0, 1))
"""
_CROP_PADDED = """
numbers = uniform("crop", epoch, count)  # which part is cut out: of a padded picture, within itself
margin = np.minimum(padding[order], (IMAGE_SIZE - SEEN) // 2)
top, left = (margin[:, side] + np.floor(numbers[:, side] * (IMAGE_SIZE - SEEN - 2 * margin[:, side] + 1)) for side in (0, 1))
"""
_FLIP = 'flipped = uniform("flip", epoch, count)[:, 0] < FLIP_PROBABILITY'
_OVERTURN = 'overturned = uniform("flip_vertical", epoch, count)[:, 0] < FLIP_VERTICAL'
_SHIFT = """
numbers = uniform("shift", epoch, count)
chosen = numbers[:, 0] < SHIFT_PROBABILITY
down, right = (chosen * (np.floor((2 * SHIFT + 1) * numbers[:, column]) - SHIFT) for column in (1, 2))
"""
_TURN = """
numbers = uniform("rotation", epoch, count)
angle = (numbers[:, 0] < ROTATION_PROBABILITY) * np.radians(ROTATION) * (2 * numbers[:, 1] - 1)
"""
_ZOOM = """
numbers = uniform("zoom", epoch, count)  # as often larger by a factor as smaller by it
scale = np.exp((numbers[:, 0] < ZOOM_PROBABILITY) * np.log1p(ZOOM) * (2 * numbers[:, 1] - 1))
"""
_BETWEEN = """
# Place (i, j) of the new picture shows place (y, x) of the stored one: turned and scaled about the middle.
middle = (SEEN - 1) / 2
cos, sin = np.cos({angle}) / {scale}, np.sin({angle}) / {scale}
side_y, side_x = {sides}
y_i, y_j, x_i, x_j = side_y * cos, -side_y * sin, side_x * sin, side_x * cos
y_0 = {top} + middle - y_i * ({down} + middle) - y_j * ({right} + middle)
x_0 = {left} + middle - x_i * ({down} + middle) - x_j * ({right} + middle)
numbers = np.stack([y_0, y_i, y_j, x_0, x_i, x_j], axis=1).astype(np.float32)[:, :, None, None]
i, j = np.arange(SEEN, dtype=np.float32)[:, None], np.arange(SEEN, dtype=np.float32)[None, :]
return numbers[:, 0] + numbers[:, 1] * i + numbers[:, 2] * j, numbers[:, 3] + numbers[:, 4] * i + numbers[:, 5] * j
"""
_BLENDED = '''
def blended(pictures, y, x):
    """Bilinear: the four pixels around each place, each by its nearness."""
    top, left = np.floor(y), np.floor(x)
    below, beside = (y - top)[..., None], (x - left)[..., None]
    top, left = top.astype(np.int32), left.astype(np.int32)

    def row(line):
        first, second = (taken(pictures, line, left + step, 0).astype(np.float32) for step in (0, 1))
        return first + beside * (second - first)

    upper, lower = row(top), row(top + 1)
    return upper + below * (lower - upper)


def moved(pictures, y, x):
    """The changed pictures, some at a time: blending takes memory."""
    return np.concatenate([blended(*(each[at : at + 1000] for each in (pictures, y, x))) for at in range(0, len(y), 1000)])
'''


def crops(draft: Draft) -> bool:
    """Whether the network sees a part of each picture."""
    return draft.recipe.data.crop is not None and draft.recipe.data.crop != draft.recipe.data.image_size


def between(spec: Augmentation) -> bool:
    """Whether places lie between pixels."""
    return spec.on and bool((spec.rotation and spec.rotation_probability) or (spec.zoom and spec.zoom_probability))


def on(draft: Draft) -> bool:
    """Whether pictures are moved at all."""
    spec = draft.recipe.tricks.augmentation
    flips = spec.on and ((spec.flip and spec.flip_probability) or spec.flip_vertical or _shifts(spec))
    return bool(flips) or between(spec) or crops(draft)


def padded(draft: Draft) -> bool:
    """Whether what is cut out of a picture must keep off the margins that were added to it."""
    settings = draft.recipe.data
    return crops(draft) and isinstance(settings, MaskFolder) and settings.fit == "pad"


def _listed(draft: Draft) -> str:
    """What is done to a picture, one after the other."""
    spec = draft.recipe.tricks.augmentation
    words = ["cut out"] if crops(draft) else []
    if spec.on:
        words += ["mirrored"] if spec.flip and spec.flip_probability else []
        words += ["turned upside down"] if spec.flip_vertical else []
        words += ["turned about its middle"] if spec.rotation and spec.rotation_probability else []
        words += ["scaled about its middle"] if spec.zoom and spec.zoom_probability else []
        words += ["shifted"] if _shifts(spec) else []
    return ", then ".join(words)


def _shifts(spec: Augmentation) -> bool:
    return spec.on and bool(spec.shift and spec.shift_probability)


def write(draft: Draft) -> None:
    """Append where pixels are found, and how they are taken."""
    spec = draft.recipe.tricks.augmentation
    _constants(draft)
    if padded(draft):
        draft.cell("Padded pictures are cut within themselves.", _MARGINS)
    edge = spec.edge if _shifts(spec) or between(spec) else "black"
    draft.cell(*_TAKEN[edge])
    lines = _drawn(spec, crop=crops(draft), padded=padded(draft))
    lines += _between(spec, crop=crops(draft)) if between(spec) else _whole(spec, crop=crops(draft))
    code = [
        f"def places(epoch, count{', order' if padded(draft) else ''}):",
        '    """The stored row and column of each pixel of the changed pictures."""',
        *(f"    {line}" if line else "" for line in lines),
    ]
    draft.cell(f"A picture is {_listed(draft)}.", "\n".join(code))
    if between(spec):
        draft.cell("Only rotation and zoom blend neighbouring pixels.", _BLENDED)


def _constants(draft: Draft) -> None:
    spec = draft.recipe.tricks.augmentation
    names = []
    if spec.on:
        names += ["flip_probability"] if spec.flip and spec.flip_probability else []
        names += ["flip_vertical"] if spec.flip_vertical else []
        names += ["shift", "shift_probability"] if _shifts(spec) else []
        names += ["rotation", "rotation_probability"] if spec.rotation and spec.rotation_probability else []
        names += ["zoom", "zoom_probability"] if spec.zoom and spec.zoom_probability else []
    for name in names:
        draft.constant(f"tricks.augmentation.{name}")


def _drawn(spec: Augmentation, *, crop: bool, padded: bool) -> list[str]:
    parts = []
    if crop:
        parts.append(_CROP_PADDED if padded else _CROP)
    if spec.on:
        parts += [_FLIP] if spec.flip and spec.flip_probability else []
        parts += [_OVERTURN] if spec.flip_vertical else []
        parts += [_SHIFT] if _shifts(spec) else []
        parts += [_TURN] if spec.rotation and spec.rotation_probability else []
        parts += [_ZOOM] if spec.zoom and spec.zoom_probability else []
    return [line for part in parts for line in trimmed(part).split("\n")]


def _whole(spec: Augmentation, *, crop: bool) -> list[str]:
    lines = ["i = np.arange(SEEN)"]
    lines += (
        ["y, x = i - down[:, None], i - right[:, None]"]
        if _shifts(spec)
        else ["y = x = np.broadcast_to(i, (count, SEEN))"]
    )
    if spec.on and spec.flip and spec.flip_probability:
        lines.append("x = np.where(flipped[:, None], SEEN - 1 - x, x)")
    if spec.on and spec.flip_vertical:
        lines.append("y = np.where(overturned[:, None], SEEN - 1 - y, y)")
    if crop:
        lines.append("y, x = y + top[:, None], x + left[:, None]")
    return [*lines, "return y.astype(np.int32)[:, :, None], x.astype(np.int32)[:, None, :]"]


def _between(spec: Augmentation, *, crop: bool) -> list[str]:
    flips, overturns = spec.flip and spec.flip_probability, spec.flip_vertical
    words = {
        "angle": "angle" if spec.rotation and spec.rotation_probability else "0.0",
        "scale": "scale" if spec.zoom and spec.zoom_probability else "1.0",
        "sides": f"{'np.where(overturned, -1.0, 1.0)' if overturns else '1.0'}, {'np.where(flipped, -1.0, 1.0)' if flips else '1.0'}",
        "top": "top" if crop else "0.0", "left": "left" if crop else "0.0",
        "down": "down" if _shifts(spec) else "0.0", "right": "right" if _shifts(spec) else "0.0",
    }  # fmt: skip
    return trimmed(_BETWEEN.format(**words)).split("\n")
