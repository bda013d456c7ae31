"""Contrast, brightness, noise and erasing: changes of the pixels themselves."""

from __future__ import annotations

from workbench.export.script.draft import Draft, trimmed
from workbench.spec.tricks import Augmentation

_CONTRAST = """
drawn = uniform("contrast", epoch, len(pixels))
factor = (drawn[:, 0] < CONTRAST_PROBABILITY) * CONTRAST * (2 * drawn[:, 1] - 1)
pixels += factor.astype(np.float32)[:, None, None, None] * (pixels - pixels.mean(axis=(1, 2), keepdims=True))
"""
_BRIGHTNESS = """
drawn = uniform("brightness", epoch, len(pixels))
light = (drawn[:, 0] < BRIGHTNESS_PROBABILITY) * (BRIGHTNESS * 255.0) * (2 * drawn[:, 1] - 1)
pixels += light.astype(np.float32)[:, None, None, None]
"""
_POOL = """
# Noise is drawn once, as a pool of rows; each picture takes those from a place of its own.
noise_pool = random("augmentation", "noise pool").standard_normal((4096 + SEEN, SEEN, CHANNELS), np.float32)
"""
_NOISE = """
drawn = uniform("noise", epoch, len(pixels))
strengths = np.where(drawn[:, 0] < NOISE_PROBABILITY, PIXEL_NOISE, 0.0).astype(np.float32)
for place, (strength, row) in enumerate(zip(strengths, np.floor(4096 * drawn[:, 1]).astype(int))):
    pixels[place] += strength * noise_pool[row : row + SEEN]
"""
_ERASED = '''
def erased(pictures, epoch):
    """A rectangle of some pictures wiped out; if it does not fit, all is drawn again, twenty times at most."""
    drawn = uniform("erasing", epoch, len(pictures))
    all_tries = uniform("erasing tries", epoch, len(pictures), blocks=20).reshape(len(pictures), 20, 4)
    for place in np.flatnonzero(drawn[:, 0] < ERASING):
        tries = all_tries[place]
        area = SEEN * SEEN * (ERASING_SMALLEST + tries[:, 0] * (ERASING_LARGEST - ERASING_SMALLEST))
        aspect = ERASING_ASPECT + tries[:, 1] * (1 / ERASING_ASPECT - ERASING_ASPECT)
        tall = np.maximum(1, np.rint(np.sqrt(area * aspect))).astype(int)
        wide = np.maximum(1, np.rint(np.sqrt(area / aspect))).astype(int)
        top, left = (np.floor(SEEN * tries[:, column]).astype(int) for column in (2, 3))
        fits = (top + tall <= SEEN) & (left + wide <= SEEN)
        if fits.any():
            first = fits.argmax()
            rows, columns = slice(top[first], top[first] + tall[first]), slice(left[first], left[first] + wide[first])
            {fill}
    return pictures
'''
_ERASING_POOL = """
erasing_pool = random("augmentation", "erasing pool").integers(0, 256, (4096 + SEEN, SEEN, CHANNELS), np.uint8)
"""
_RANDOM = """begin = int(np.floor(4096 * drawn[place, 1]))
            pictures[place, rows, columns] = erasing_pool[begin : begin + SEEN][rows, columns]"""


def _contrast(spec: Augmentation) -> bool:
    return spec.on and bool(spec.contrast and spec.contrast_probability)


def _brightness(spec: Augmentation) -> bool:
    return spec.on and bool(spec.brightness and spec.brightness_probability)


def _noise(spec: Augmentation) -> bool:
    return spec.on and bool(spec.noise and spec.noise_probability)


def on(spec: Augmentation) -> bool:
    """Whether the colours of pictures change."""
    return _contrast(spec) or _brightness(spec) or _noise(spec)


def write(draft: Draft) -> None:
    """Append the change of colours."""
    spec = draft.recipe.tricks.augmentation
    parts = []
    for there, code, names in (
        (_contrast(spec), _CONTRAST, ("contrast", "contrast_probability")),
        (_brightness(spec), _BRIGHTNESS, ("brightness", "brightness_probability")),
        (_noise(spec), _NOISE, ("noise_probability",)),
    ):
        if there:
            parts += trimmed(code).split("\n")
            for name in names:
                draft.constant(f"tricks.augmentation.{name}")
    if _noise(spec):
        draft.constant("tricks.augmentation.noise", "PIXEL_NOISE")
    body = "\n".join(
        f"    {line}" for line in ["pixels = pictures.astype(np.float32)", *parts, "return np.clip(pixels, 0.0, 255.0)"]
    )
    head = f"{_POOL}\n\n" if _noise(spec) else ""
    draft.cell("Colours, on the scale 0 to 255.", f"{head}def coloured(pictures, epoch):\n{body}")


def erases(spec: Augmentation) -> bool:
    """Whether rectangles are wiped out."""
    return spec.on and spec.erasing > 0


def write_erasing(draft: Draft) -> None:
    """Append random erasing."""
    spec = draft.recipe.tricks.augmentation
    for name in ("erasing", "erasing_smallest", "erasing_largest", "erasing_aspect"):
        draft.constant(f"tricks.augmentation.{name}")
    text = "Random erasing (Zhong 2017): the network must look at more than one part of a thing."
    if spec.erasing_fill == "random":
        draft.cell(text, _ERASING_POOL + "\n\n" + _ERASED.format(fill=_RANDOM).strip("\n"))
        return
    colour = "np.rint(mean)" if draft.recipe.data.scaling == "standardize" else "np.rint(127.5)"
    draft.cell(text, _ERASED.format(fill=f"pictures[place, rows, columns] = {colour}"))
