"""The order of an epoch: each picture once, or with resampling each class equally often."""

from __future__ import annotations

from workbench.export.script.draft import Draft

_ONCE = """
def epoch_order(epoch):
    return random("order", epoch).permutation(len(x_train))
"""
_BALANCED = '''
def epoch_order(epoch):
    """As many pictures as there are, each class equally often, and within a class no picture twice more often than another."""
    numbers = random("resampling", epoch)
    present = np.unique(y_train)
    each, rest = divmod(len(y_train), len(present))
    quotas = np.full(len(present), each)
    quotas[numbers.permutation(len(present))[:rest]] += 1
    chosen = []
    for label, quota in zip(present, quotas):
        rows = np.flatnonzero(y_train == label)
        whole, left = divmod(int(quota), len(rows))
        chosen.append(np.concatenate([np.tile(rows, whole), numbers.permutation(rows)[:left]]))
    return numbers.permutation(np.concatenate(chosen))
'''


def write(draft: Draft) -> None:
    """Append the order."""
    trick = draft.recipe.tricks.resampling
    if trick.on:
        draft.cell(f"{trick.TITLE}. {trick.MEANING}", _BALANCED)
    else:
        text = "Each epoch has an order of its own. It is drawn here, and fit is told not to shuffle: with a fixed seed its own would be the same in every epoch."
        draft.cell(text, _ONCE)
