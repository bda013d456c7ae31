"""What is made small: cross-entropy, with label smoothing, class weights and mixed labels; and the losses of masks.

`Loss` says how the training calls it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from workbench.export.script.draft import Draft
from workbench.export.script.tricks import mixing
from workbench.spec.model import MaskModelSpec

_PLAIN = """
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
"""
_SMOOTHED = '''
def loss(labels, logits):
    """Asks for y(1 − ε) + ε/K in place of y."""
    truth = ops.one_hot(ops.cast(ops.reshape(labels, (-1,)), "int32"), CLASSES)
    return keras.losses.categorical_crossentropy(truth, logits, from_logits=True, label_smoothing=LABEL_SMOOTHING)
'''
_MIXED = '''
def each_loss(labels, logits):
    {each}


def mixed_loss(labels, logits):
    """A mixed picture counts its share times the loss on its own label, and for the rest that on its partner's."""
    own, partner, share = labels[:, 0], labels[:, 1], labels[:, 2]
    return ops.mean(share * {own} + (1.0 - share) * {partner})
'''
_EACH_PLAIN = "return keras.losses.sparse_categorical_crossentropy(labels, logits, from_logits=True)"
_EACH_SMOOTHED = """truth = ops.one_hot(ops.cast(labels, "int32"), CLASSES)
    return keras.losses.categorical_crossentropy(truth, logits, from_logits=True, label_smoothing=LABEL_SMOOTHING)"""
_JUDGED = '''
def loss(labels, logits):
    """Validation pictures are not mixed."""
    return each_loss(ops.reshape(labels, (-1,)), logits)
'''
_WEIGHTS = """
class_counts = {counts}
present = class_counts > 0
raw = {raw}
class_weights = np.ones(CLASSES)
class_weights[present] = raw * (class_counts[present].sum() / (class_counts[present] @ raw))  # 1 on average
class_weights = class_weights.astype(np.float32)
"""
_COUNTED = """
def counted(targets):
    {counted}


def one_hot(targets, there):
    safe = ops.where(there > 0, targets, 0)
    return ops.one_hot(safe, CLASSES, dtype="float32") * there[..., None]
"""
_MEAN = """
def mean_over_pixels(values, truth, there, weights=None):
    if weights is not None:
        values = values * ops.sum(truth * ops.convert_to_tensor(weights), axis=-1)
    return ops.sum(values, axis=(1, 2)) / ops.maximum(ops.sum(there, axis=(1, 2)), 1)
"""
_COUNTED_ALL = 'return ops.ones_like(targets, dtype="float32")'
_COUNTED_SOME = 'return ops.cast(targets != 255, "float32")  # the rest is ignored'
_MASKS = {
    "cross_entropy": '''
def cross_entropy(targets, logits, weights=None):
    """The mean of −log p over the pixels of a picture, p the probability of the true class."""
    targets = ops.cast(targets, "int32")
    there = counted(targets)
    truth = one_hot(targets, there)
    log = ops.sum(ops.log_softmax(ops.cast(logits, "float32"), axis=-1) * truth, axis=-1)
    return mean_over_pixels(-log, truth, there, weights)
''',
    "focal": '''
def focal(targets, logits, weights=None):
    """The mean of −(1 − p)² log p (Lin 2017): what is nearly right counts little."""
    targets = ops.cast(targets, "int32")
    there = counted(targets)
    truth = one_hot(targets, there)
    log = ops.sum(ops.log_softmax(ops.cast(logits, "float32"), axis=-1) * truth, axis=-1)
    return mean_over_pixels(-ops.square(1 - ops.exp(log)) * log, truth, there, weights)
''',
    "dice": '''
def dice(targets, logits, weights=None):
    """1 − the mean of 2 Σ p·t / (Σ p + Σ t) over the classes that a picture holds."""
    targets = ops.cast(targets, "int32")
    there = counted(targets)
    truth = one_hot(targets, there)
    shares = ops.softmax(ops.cast(logits, "float32"), axis=-1) * there[..., None]
    true, predicted = ops.sum(truth, axis=(1, 2)), ops.sum(shares, axis=(1, 2))
    overlap = 2 * ops.sum(truth * shares, axis=(1, 2)) / ops.maximum(true + predicted, 1e-6)
    held = ops.cast(true > 0, "float32")
    if weights is not None:
        held = held * ops.convert_to_tensor(weights)
    number = ops.sum(held, axis=1)
    return ops.where(number > 0, 1 - ops.sum(overlap * held, axis=1) / ops.maximum(number, 1e-6), 0)
''',
}
_PARTS = {"cross_entropy_dice": ("cross_entropy", "dice")}


@dataclass
class Loss:
    """How the training calls what is made small."""

    name: str = "loss"
    metrics: str = '["accuracy"]'
    #: more arguments of fit
    fit: list[str] = field(default_factory=list)
    #: a second view of the network is judged, by another loss or other metrics
    judged: tuple[str, str] | None = None


def write(draft: Draft) -> Loss:
    """Append the loss; how training calls it."""
    if draft.recipe.data.TASK == "masks":
        return _masks(draft)
    smooths = draft.recipe.tricks.label_smoothing.on
    weighs = draft.recipe.tricks.class_weights.on
    if smooths:
        draft.needs("from keras import ops")
        draft.constant("tricks.label_smoothing.rate", "LABEL_SMOOTHING")
    if weighs:
        _weights(draft, "np.bincount(y_train, minlength=CLASSES)")
    if mixing.on(draft):
        return _mixed(draft, smooths=smooths, weighs=weighs)
    trick = draft.recipe.tricks.label_smoothing
    text = (
        f"{trick.TITLE}. {trick.MEANING}"
        if smooths
        else "The loss is cross-entropy, −log of the probability of the true class: a mean over the batch."
    )
    draft.cell(text, _SMOOTHED if smooths else _PLAIN)
    return Loss(fit=["class_weight=dict(enumerate(class_weights))"] if weighs else [])


def _mixed(draft: Draft, *, smooths: bool, weighs: bool) -> Loss:
    draft.needs("from keras import ops")

    def weighed(labels: str) -> str:
        weight = f' * ops.take(ops.convert_to_tensor(class_weights), ops.cast({labels}, "int32"))' if weighs else ""
        return f"each_loss({labels}, logits){weight}"

    each = _EACH_SMOOTHED if smooths else _EACH_PLAIN
    code = _MIXED.format(each=each, own=weighed("own"), partner=weighed("partner")) + "\n" + _JUDGED
    draft.cell("The loss of mixed pictures; a second one, without mixing, judges.", code)
    return Loss("mixed_loss", "[]", judged=("loss", '["accuracy"]'))


def _masks(draft: Draft) -> Loss:
    spec = draft.recipe.model
    assert isinstance(spec, MaskModelSpec)
    draft.needs("from keras import ops")
    ignores = draft.recipe.data.kind == "mask_folder"
    draft.cell(
        "Each loss gives one number a picture.", _COUNTED.format(counted=_COUNTED_SOME if ignores else _COUNTED_ALL)
    )
    parts = _PARTS.get(spec.loss, (spec.loss,))
    weighs = draft.recipe.tricks.class_weights.on
    if parts != ("dice",):
        draft.cell("Of the pixels that count, the mean.", _weighed(_MEAN, weighs=weighs))
    for part in parts:
        text = f"The part {part} of the loss." if len(parts) > 1 else "The loss."
        draft.cell(text, _weighed(_MASKS[part], weighs=weighs))
    if weighs:
        _weights(draft, "np.bincount(y_train.ravel(), minlength=256)[:CLASSES]")
    both = " + ".join(f"{part}(masks, logits, weights)" for part in parts)
    lines = [_weighed(f"def loss(masks, logits, weights=None):\n    return {both}", weighs=weighs)]
    if weighs:
        lines.append("def weighed_loss(masks, logits):\n    return loss(masks, logits, class_weights)")
    draft.cell("Training makes the mean over the pictures of a batch small.", "\n\n\n".join(lines))
    ignored = ", ignore_class=255" if ignores else ""
    iou = f'[keras.metrics.MeanIoU(CLASSES, sparse_y_pred=False, name="mean_iou"{ignored})]'
    return Loss("weighed_loss" if weighs else "loss", "[]", judged=("loss", iou))


def _weighed(code: str, *, weighs: bool) -> str:
    """The code as it stands, or without the weights of classes where there are none."""
    if weighs:
        return code
    code = re.sub(r"\n    if weights is not None:\n.*", "", code)
    return code.replace(", weights=None", "").replace(", weights)", ")").replace(", truth, there", ", there")


def _weights(draft: Draft, counts: str) -> None:
    trick = draft.recipe.tricks.class_weights
    raw = {"balanced": "1 / class_counts[present]", "root": "1 / np.sqrt(class_counts[present])"}[trick.by]
    draft.cell(f"{trick.TITLE}. {trick.MEANING}", _WEIGHTS.format(counts=counts, raw=raw))
