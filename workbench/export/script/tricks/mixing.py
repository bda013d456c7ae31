"""Mixup and CutMix: each picture gets a part of another of its batch, and its loss is shared alike."""

from __future__ import annotations

from workbench.export.script.draft import Draft, trimmed
from workbench.export.script.tricks import chance

_BETA = '''
def beta_quantile(alpha, shares, points=1 << 14):
    """Numbers distributed as Beta(α, α) from uniform ones, by the inverse of its distribution function.

    The density is infinite at 0 for α < 1. With x = t^(1/β), β = min(α, 1), it is finite over t up to the middle; the other
    half is its mirror image.
    """
    beta = min(alpha, 1.0)
    t = np.linspace(0, 0.5**beta, points)
    x = np.minimum(t ** (1 / beta), 0.5)
    density = t ** (alpha / beta - 1) * (1 - x) ** (alpha - 1)
    below = np.concatenate([[0.0], np.cumsum((density[1:] + density[:-1]) / 2)])
    below *= 0.5 / below[-1]
    lower = np.minimum(np.interp(np.minimum(shares, 1 - shares), below, t) ** (1 / beta), 0.5)
    return np.where(shares < 0.5, lower, 1 - lower)
'''
_BEGIN = '''
"""Pictures with parts of others of their batch; and for each its label, its partner's, and the share of its own."""
count = len(pictures)
numbers = uniform("mixing", epoch, count)
partner = np.arange(count)  # each batch shuffled
for begin in range(0, count, BATCH_SIZE):
    partner[begin : begin + BATCH_SIZE] = begin + np.argsort(np.floor((1 << 24) * numbers[begin : begin + BATCH_SIZE, 0]))
pictures = pictures.astype(np.float32)
others = pictures[partner]
share = np.ones(count, np.float32)
'''
_MIXUP = """
drawn = uniform("mixup", epoch, count)
blended = {takes}drawn[:, 0] < MIXUP_PROBABILITY{end}
share = np.where(blended, beta_quantile(MIXUP_ALPHA, drawn[:, 1]), 1.0).astype(np.float32)
pictures = others + share[:, None, None, None] * (pictures - others)
"""
_CUTMIX = """
drawn = uniform("cutmix", epoch, count)
pasted = {takes}drawn[:, 0] < CUTMIX_PROBABILITY{end}
half = np.floor(SEEN * np.sqrt(1 - beta_quantile(CUTMIX_ALPHA, drawn[:, 1]))) // 2
middle_y, middle_x = np.floor(SEEN * drawn[:, 2]), np.floor(SEEN * drawn[:, 3])
top, bottom = np.maximum(middle_y - half, 0).astype(int), np.minimum(middle_y + half, SEEN).astype(int)
left, right = np.maximum(middle_x - half, 0).astype(int), np.minimum(middle_x + half, SEEN).astype(int)
for place in np.flatnonzero(pasted):
    rows, columns = slice(top[place], bottom[place]), slice(left[place], right[place])
    pictures[place, rows, columns] = others[place, rows, columns]
area = np.where(pasted, (bottom - top) * (right - left), 0).astype(np.float32)
share = share * (1 - area / np.float32(SEEN * SEEN))
"""


def on(draft: Draft) -> bool:
    """Whether pictures are mixed."""
    return draft.recipe.tricks.mixup.on or draft.recipe.tricks.cutmix.on


def write(draft: Draft) -> None:
    """Append the mixing."""
    if not on(draft):
        return
    chance.write(draft)
    mixup, cutmix = draft.recipe.tricks.mixup, draft.recipe.tricks.cutmix
    both = mixup.on and cutmix.on
    parts = [trimmed(_BEGIN)]
    if both:
        parts.append("takes_mixup = numbers[:, 1] < 0.5  # a coin: each picture takes one of the two")
    for trick, code, takes in ((mixup, _MIXUP, "takes_mixup"), (cutmix, _CUTMIX, "~takes_mixup")):
        if trick.on:
            name = "mixup" if trick is mixup else "cutmix"
            draft.constant(f"tricks.{name}.alpha", f"{name.upper()}_ALPHA")
            draft.constant(f"tricks.{name}.probability", f"{name.upper()}_PROBABILITY")
            parts.append(trimmed(code.format(takes=f"{takes} & (" if both else "", end=")" if both else "")))
    parts.append("return pictures, np.stack([labels, labels[partner], share], axis=1).astype(np.float32)")
    body = "\n".join(f"    {line}" if line else "" for part in parts for line in part.split("\n"))
    draft.cell("Strengths are drawn from a Beta distribution.", _BETA)
    text = " ".join(f"{trick.TITLE}. {trick.MEANING}" for trick in (mixup, cutmix) if trick.on)
    draft.cell(text, f"def mixed(pictures, labels, epoch):\n{body}")
