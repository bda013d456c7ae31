"""Gradient accumulation: one update from the mean gradient of several batches, each weighted by its pictures."""

from __future__ import annotations

from workbench.export.script.draft import Draft, refuse

METHODS = '''
def build(self, variables):
    super().build(variables)
    self.sums = [self.add_variable_from_reference(variable, name="sum") for variable in variables]
    self.batch = self.add_variable(shape=(), dtype="int32", initializer="zeros", name="batch")

def apply(self, grads, trainable_variables=None):
    """Adds a batch's gradient; after the last batch of an update, takes the step."""
    variables = self._trainable_variables if trainable_variables is None else trainable_variables
    if not self.built:
        self.build(variables)
    share = ops.take(SHARES, self.batch)
    for total, gradient in zip(self.sums, grads):
        total.assign_add(share * gradient)
    last = ops.take(LAST, self.batch)
    self.batch.assign((self.batch + 1) % len(SHARES))
    ops.cond(last, lambda: self.finish(variables), lambda: None)

def finish(self, variables):
    self.update([ops.convert_to_tensor(total) for total in self.sums], variables)
    for total in self.sums:
        total.assign(ops.zeros(total.shape))
'''
_TABLES = """
in_batches = np.arange(0, len(x_train), BATCH_SIZE)  # the first picture of each batch of an epoch
sizes = np.minimum(BATCH_SIZE, len(x_train) - in_batches)
in_updates = np.minimum(UPDATE_SIZE, len(x_train) - in_batches // UPDATE_SIZE * UPDATE_SIZE)
SHARES = (sizes.astype(np.float32) / in_updates.astype(np.float32)).astype(np.float32)  # of each batch in its update
LAST = (in_batches + sizes) % UPDATE_SIZE == 0  # what is left at the epoch's end makes a smaller update
LAST[-1] = True
"""


def sizes(draft: Draft, *, changes: bool) -> None:
    """Append how many pictures make an update, and how many updates an epoch; `changes`: whether the rate does."""
    trick = draft.recipe.tricks.gradient_accumulation
    if not trick.on:
        if not changes:
            return
        draft.cell(
            "An epoch visits each picture once; its last batch may be smaller.",
            "STEPS = math.ceil(len(x_train) / BATCH_SIZE)",
        )
        return
    if draft.recipe.training.backend == "jax":
        raise refuse(
            "tricks.gradient_accumulation",
            "cannot be written for JAX, whose steps may not leave anything out; choose another backend.",
        )
    if trick.whole:
        size = "len(x_train)"
    else:
        draft.constant("tricks.gradient_accumulation.batches", "ACCUMULATED_BATCHES")
        size = "min(len(x_train), BATCH_SIZE * ACCUMULATED_BATCHES)"
    code = f"""
UPDATE_SIZE = {size}  # pictures an update
BATCHES_AN_UPDATE = math.ceil(UPDATE_SIZE / BATCH_SIZE)
STEPS = math.ceil(len(x_train) / UPDATE_SIZE)  # updates an epoch
"""
    draft.cell(f"{trick.TITLE}. {trick.MEANING}", code)


def write(draft: Draft) -> None:
    """Append what the optimizer's class looks up."""
    if draft.recipe.tricks.gradient_accumulation.on:
        draft.needs("from keras import ops")
        draft.cell("How much each batch counts in its update, and with which ones an update ends.", _TABLES)
