"""The numbers behind augmentation and mixing: functions of SEED, what they are for, the epoch and the place in it."""

from __future__ import annotations

from workbench.export.script.draft import Draft

_UNIFORM = '''
def uniform(what, epoch, count, blocks=1):
    """Numbers of [0, 1) for each place of an epoch, (count, 4 · blocks)."""
    words = bits("augmentation", what, epoch).random_raw(count * blocks * 4).reshape(count, blocks * 4)
    return (words >> np.uint64(11)) * 2.0**-53
'''


def write(draft: Draft) -> None:
    """Append the numbers, once."""
    text = "What is drawn for a picture is a function of SEED, the epoch and the picture's place in it: turning one change off disturbs no other."
    draft.once("uniform", text, _UNIFORM)
