"""What a network is fed: the run's very first batch, and one picture as the augmentation of several epochs changes it.

Order, draws and changes come from the code that a run uses (feeding, resampling, augment), with the run's seed. Pictures are
given before scaling, on the scale 0 to 255; the network sees (picture − mean) / spread.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from keras import ops

from workbench import data
from workbench.data.pictures import DataSet
from workbench.engine.augment import Augmenter
from workbench.engine.feeding import Feed, Indices
from workbench.engine.probes.asked import Asked
from workbench.engine.tricks.resampling import epoch_order
from workbench.errors import EngineError
from workbench.spec.recipe import Recipe

#: So many draws of one picture, unless the question says otherwise; the epochs in which a run makes them.
DRAWS = 8
Numbers = npt.NDArray[Any]


@dataclass(frozen=True)
class Batch:
    """Some pictures as the network gets them, but for the scaling."""

    #: rows of the training part
    rows: Indices
    #: (k, h, w, c), on the scale 0 to 255: uint8, or float32 where augmentation makes it so
    pictures: Numbers
    #: (k,) class numbers, or (k, h, w) masks
    truth: Numbers
    #: of each picture the one it is mixed with, as a place in the batch, and its own share
    partner: Numbers | None = None
    share: Numbers | None = None


def first_batch(recipe: Recipe, loaded: DataSet, augmenter: Augmenter) -> Batch:
    """What the first pass of a run's first step is fed; with accumulation that is the first part of an update."""
    part, seed = loaded.training, recipe.training.seed
    order = epoch_order(recipe, 1, part.labels)
    draws = augmenter.draws(seed, 1, len(order), pictures=order) if augmenter.on else None
    feed = Feed(part, recipe.update_size(len(order)))
    try:
        chunk = feed.some(order, draws, 0, 1)
    finally:
        feed.close()
    some = slice(min(recipe.training.batch_size, chunk.samples))
    pictures = part.pictures.take(chunk.indices[some]) if chunk.pixels is None else chunk.pixels[some]
    truth = part.labels[chunk.indices[some]] if chunk.labels is None else chunk.labels[some]
    drawn = None if chunk.draws is None else ops.convert_to_tensor(chunk.draws[some])
    changed, moved, mixed = augmenter.batch(ops.convert_to_tensor(pictures), ops.convert_to_tensor(truth), drawn)
    partner, share = (None, None) if mixed is None else map(ops.convert_to_numpy, mixed)
    return Batch(order[some], _host(changed), _host(moved), partner, share)


@dataclass(frozen=True)
class Changed:
    """A picture as epochs show it."""

    #: (epochs, h, w, c)
    pictures: Numbers
    #: (epochs, h, w), moved as the pictures are, where the set has masks
    masks: Numbers | None
    #: what is done to it in each epoch, a few words each
    words: list[list[str]]


def changes(recipe: Recipe, loaded: DataSet, augmenter: Augmenter, row: int, epochs: range) -> Changed:
    """A picture of the training part as each epoch shows it, and what is done to it, without mixing.

    Where resampling leaves it out of an epoch, what would be done at the place of its row.
    """
    part, seed = loaded.training, recipe.training.seed
    picture, mask = part.pictures.take(np.array([row])), part.labels[row : row + 1]
    found: list[Numbers] = []
    masks: list[Numbers] = []
    named: list[list[str]] = []
    for epoch in epochs:
        places = np.flatnonzero(epoch_order(recipe, epoch, part.labels) == row)
        position = int(places[0]) if len(places) else row
        drawn = ops.convert_to_tensor(augmenter.draws(seed, epoch, 1, position, pictures=np.array([row])))
        changed, moved = ops.convert_to_tensor(picture), ops.convert_to_tensor(mask)
        if augmenter.on and mask.ndim > 1:
            changed, moved = augmenter.apply(changed, drawn, moved)
        elif augmenter.on:
            changed = augmenter.apply(changed, drawn)
        found.append(_host(changed)[0])
        masks.append(_host(moved)[0])
        named.append(augmenter.named(seed, epoch, position))
    return Changed(np.stack(found), np.stack(masks) if mask.ndim > 1 else None, named)


def fed(asked: Asked) -> dict[str, Any]:
    """Answer "fed": writes batch.npy, changed.npy and original.npy (uint8) into the folder `to`; of a set with masks
    also batch_masks.npy, changed_masks.npy and original_masks.npy (uint8).

    Options: `row` of the training part, by default the first of the batch; `epoch` from which on it is changed; `draws`.
    """
    recipe = asked.recipe
    loaded = data.load(recipe.data, recipe.training.seed, asked.workspace, asked.reading)
    asked.progress(0, 0, "Changing pictures")
    augmenter = Augmenter.of(recipe, loaded)
    batch = first_batch(recipe, loaded, augmenter)
    row, epoch = int(asked.options.get("row", batch.rows[0])), int(asked.options.get("epoch", 1))
    if not 0 <= row < len(loaded.training):
        raise EngineError(f"There is no picture {row} for training; there are {len(loaded.training)}, counted from 0.")
    epochs = range(epoch, epoch + int(asked.options.get("draws", DRAWS)))
    changed = changes(recipe, loaded, augmenter, row, epochs)
    original, mask = (
        _host(augmenter.centre(ops.convert_to_tensor(each)))[0]
        for each in (loaded.training.pictures.take(np.array([row])), loaded.training.labels[row : row + 1])
    )
    written = {"batch": batch.pictures, "changed": changed.pictures, "original": original}
    if changed.masks is not None:
        written |= {"batch_masks": batch.truth, "changed_masks": changed.masks, "original_masks": mask}
    for name, pictures in written.items():
        whole = np.rint(np.clip(pictures, 0, 255)).astype(np.uint8)
        np.save(Path(asked.options["to"]) / f"{name}.npy", whole, allow_pickle=False)
    return {
        "rows": batch.rows.tolist(), "labels": [] if batch.truth.ndim > 1 else batch.truth.tolist(),
        "partner": None if batch.partner is None else batch.partner.tolist(),
        "share": None if batch.share is None else [round(float(each), 3) for each in batch.share],
        "row": row, "epochs": list(epochs), "changes": changed.words, "masks": changed.masks is not None, "on": augmenter.on,
        "mean": loaded.mean.tolist(), "spread": loaded.spread.tolist(), "classes": list(loaded.classes),
    }  # fmt: skip


def _host(values: Any) -> Numbers:
    return np.asarray(ops.convert_to_numpy(values))
