"""The weights to judge by, where they are not those that learn: the exponential average, or a schedule-free mean."""

from __future__ import annotations

from workbench.export.script.draft import Draft
from workbench.spec.adam import ScheduleFree

_CODE = '''
@contextlib.contextmanager
def judged_weights():
    """Within, the network has the weights it is judged by and kept as; afterwards those that learn again."""
    own = [ops.convert_to_numpy(variable) for variable in model.trainable_variables]
    for variable, kept in zip(model.trainable_variables, {kept}):
        variable.assign({made})
    yield
    for variable, weight in zip(model.trainable_variables, own):
        variable.assign(weight)
'''


def on(draft: Draft) -> bool:
    """Whether there are such weights."""
    return draft.recipe.tricks.ema.on or isinstance(draft.recipe.optimizer, ScheduleFree)


def write(draft: Draft) -> None:
    """Append the context in which the network has them."""
    if not on(draft):
        return
    draft.needs("import contextlib")
    draft.needs("from keras import ops")
    if draft.recipe.tricks.ema.on:
        trick = draft.recipe.tricks.ema
        text = f"{trick.TITLE}. {trick.MEANING}"
        code = _CODE.format(kept="model.optimizer._model_variables_moving_average", made="kept")
    else:
        text = "Schedule-free: the network is judged and kept at the mean of all steps."
        code = _CODE.format(kept="optimizer.places", made="optimizer.mean(variable.value, kept.value)")
    draft.cell(text, code)
