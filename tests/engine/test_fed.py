"""The first batch and the changed pictures that the Data tab shows are those that a training is fed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.engine.mask_data import IGNORE, mask_set
from tests.engine.training import recipe, train
from workbench import data
from workbench.data import store
from workbench.engine.augment import Augmenter
from workbench.engine.probes import PROBES
from workbench.engine.probes.asked import Asked
from workbench.engine.probes.fed import changes, first_batch
from workbench.engine.tricks.resampling import epoch_order
from workbench.errors import EngineError
from workbench.events import Phase
from workbench.paths import Workspace
from workbench.spec import presets
from workbench.spec.data import ShapeMasks
from workbench.spec.recipe import Recipe

pytestmark = pytest.mark.keras

AUGMENTED = {"tricks__augmentation": True, "tricks__augmentation__rotation": 10.0, "tricks__augmentation__brightness": 0.2,
             "tricks__augmentation__erasing": 0.5}  # fmt: skip
CASES = {
    "plain": {},
    "augmented": AUGMENTED,
    "mixed": {**AUGMENTED, "tricks__mixup": True},
    "accumulated": {"tricks__gradient_accumulation": True, "tricks__gradient_accumulation__batches": 3},
    "resampled": {**AUGMENTED, "tricks__resampling": True},
}


def loaded_for(wanted: Recipe, workspace: Workspace) -> data.DataSet:
    return data.load(wanted.data, wanted.training.seed, workspace, lambda *_: None)


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("name", CASES)
def test_the_first_batch_is_what_a_training_feeds_its_network_first(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, name: str, streamed: bool
) -> None:
    import tensorflow as tf

    from workbench.engine.backends.tensorflow import TensorFlowLoop

    if streamed:
        monkeypatch.setenv(store.RESIDENT_VARIABLE, "0")
    wanted = recipe(training__epochs=1, model__kind="mlp", model__width=8, data__limit=200, **CASES[name])
    fed: list[np.ndarray] = []
    plain = TensorFlowLoop._prepared

    def watched(self: TensorFlowLoop, pictures: Any) -> Any:
        prepared = plain(self, pictures)
        seen = tf.numpy_function(lambda values: fed.append(values) or values, [prepared], tf.float32)
        return tf.ensure_shape(seen, prepared.shape)

    monkeypatch.setattr(TensorFlowLoop, "_prepared", watched)
    train(workspace, wanted)
    loaded = loaded_for(wanted, workspace)
    batch = first_batch(wanted, loaded, Augmenter.of(wanted, loaded))
    assert len(batch.pictures) == len(fed[0]) == wanted.training.batch_size
    expected = (batch.pictures.astype(np.float32) - loaded.mean) / loaded.spread
    assert np.allclose(fed[0], expected, atol=1e-4)
    if batch.share is None:
        assert batch.truth.tolist() == loaded.training.labels[batch.rows].tolist()


def test_a_picture_changes_as_the_epochs_of_a_training_change_it(workspace: Workspace) -> None:
    wanted = recipe(data__limit=100, **AUGMENTED)
    loaded = loaded_for(wanted, workspace)
    augmenter = Augmenter.of(wanted, loaded)
    found = changes(wanted, loaded, augmenter, 7, range(3, 6))
    for place, epoch in enumerate(range(3, 6)):
        order = epoch_order(wanted, epoch, loaded.training.labels)
        draws = augmenter.draws(wanted.training.seed, epoch, len(order), pictures=order)
        every = np.asarray(augmenter.apply(loaded.training.pictures.take(order), draws))
        assert np.array_equal(found.pictures[place], every[order.tolist().index(7)])
    assert len(found.words) == 3
    assert found.masks is None


def test_changes_are_named_as_they_are_made(workspace: Workspace) -> None:
    """A flip alone is a mirror image, a shift alone moves by what is said, and nothing said is nothing done."""
    settings = {
        "tricks__augmentation": True,
        "tricks__augmentation__shift": 2,
        "tricks__augmentation__shift_probability": 0.5,
    }
    wanted = recipe(data__limit=100, **settings)
    loaded = loaded_for(wanted, workspace)
    original = loaded.training.pictures.take(np.array([3]))[0]
    found = changes(wanted, loaded, Augmenter.of(wanted, loaded), 3, range(1, 60))
    seen = set()
    for picture, words in zip(found.pictures, found.words, strict=True):
        made = original
        if "Flip" in words:
            made = made[:, ::-1]
        shift = next((each for each in words if each.startswith("Shift")), None)
        if shift is not None:
            right, down = (int(each.replace("−", "-")) for each in shift.removeprefix("Shift ").split(", "))
            padded = np.zeros((made.shape[0] + 4, made.shape[1] + 4, made.shape[2]), np.uint8)
            padded[2 + down : 2 + down + made.shape[0], 2 + right : 2 + right + made.shape[1]] = made
            made = padded[2:-2, 2:-2]
        assert np.array_equal(picture, made), words
        seen |= {each.split()[0] for each in words} or {"nothing"}
    assert seen == {"Flip", "Shift", "nothing"}


def test_the_probe_writes_what_it_answers(workspace: Workspace, tmp_path: Path) -> None:
    wanted = recipe(data__limit=100, **AUGMENTED)
    answer = PROBES["fed"](
        Asked(workspace, wanted, lambda _: None, {"to": str(tmp_path), "row": 5, "epoch": 4, "draws": 3})
    )
    assert answer["epochs"] == [4, 5, 6]
    assert np.load(tmp_path / "batch.npy").shape == (wanted.training.batch_size, 8, 8, 1)
    assert np.load(tmp_path / "changed.npy").shape == (3, 8, 8, 1)
    loaded = loaded_for(wanted, workspace)
    assert np.array_equal(np.load(tmp_path / "original.npy"), loaded.training.pictures.take(np.array([5]))[0])
    assert answer["labels"] == loaded.training.labels[answer["rows"]].tolist()
    assert np.allclose(answer["mean"], loaded.mean)
    with pytest.raises(EngineError, match="no picture 500"):
        PROBES["fed"](Asked(workspace, wanted, lambda _: None, {"to": str(tmp_path), "row": 500}))


MOVED = {"tricks__augmentation": True, "tricks__augmentation__shift": 2, "tricks__augmentation__shift_probability": 0.7}


def test_masks_move_with_the_pictures_in_the_changed_ones_and_in_the_batch() -> None:
    loaded = mask_set(40)
    wanted = recipe(training__batch_size=16, **MOVED)
    augmenter = Augmenter.of(wanted, loaded)
    found, batch = changes(wanted, loaded, augmenter, 3, range(1, 20)), first_batch(wanted, loaded, augmenter)
    assert found.masks is not None
    assert {word.split()[0] for words in found.words for word in words} == {"Flip", "Shift"}
    for pictures, masks in ((found.pictures, found.masks), (batch.pictures, batch.truth)):
        counts = masks != IGNORE
        assert counts.mean() > 0.5
        # The brightness of each pixel tells its class.
        assert np.array_equal(pictures[..., 0][counts] // 70, masks[counts])


def test_the_probe_writes_masks_beside_the_pictures(workspace: Workspace, tmp_path: Path) -> None:
    wanted = presets.find("shapes-unet", workspace).recipe.model_copy(
        update={"data": ShapeMasks(count=40, image_size=32)}
    )
    answer = PROBES["fed"](Asked(workspace, wanted, lambda _: None, {"to": str(tmp_path), "row": 5, "draws": 3}))
    assert answer["masks"]
    loaded = loaded_for(wanted, workspace)
    assert np.array_equal(np.load(tmp_path / "original_masks.npy"), loaded.training.labels[5])
    for name, count in (("batch", len(answer["rows"])), ("changed", 3)):
        assert np.load(tmp_path / f"{name}_masks.npy").shape == (count, 32, 32)
        assert np.load(tmp_path / f"{name}.npy").shape == (count, 32, 32, 3)


@pytest.mark.parametrize(
    ("note", "words"),
    [("pictures", "Reading pictures"), ("", "Reading pictures"), ("train.npz", "Reading pictures: train.npz")],
)
def test_what_is_counted_is_said_once_while_pictures_are_read(workspace: Workspace, note: str, words: str) -> None:
    told: list[dict[str, Any]] = []
    Asked(workspace, recipe(), told.append).reading(Phase.READING, 3, 9, note)
    assert told == [{"progress": {"done": 3, "of": 9, "words": words}}]
