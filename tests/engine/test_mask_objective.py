"""What masks add to training: the loss of a batch, what validation counts, and whole runs."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from tests.engine.mask_data import IGNORE, mask_set
from tests.engine.test_mask_losses import example, numbers
from tests.engine.training import Trained, train
from workbench.data.store import RESIDENT_VARIABLE
from workbench.engine.mask_losses import LOSSES, per_picture
from workbench.engine.mask_objective import MaskObjective
from workbench.engine.metrics import Sums, metrics
from workbench.engine.objective import Objective, make_objective
from workbench.events import Ending, EpochEnded
from workbench.paths import Workspace
from workbench.spec.model import UNet
from workbench.spec.recipe import Recipe, parse

pytestmark = pytest.mark.keras


def recipe(tricks: dict[str, object] | None = None, **model: object) -> Recipe:
    return parse({"data": {"kind": "shape_masks"}, "model": {"kind": "unet", **model}, "tricks": tricks or {}})


def objective(loss: str = "cross_entropy", tricks: dict[str, object] | None = None) -> MaskObjective:
    return MaskObjective(recipe(tricks, loss=loss), mask_set(6, 4))


def test_the_data_s_task_chooses_the_objective() -> None:
    assert isinstance(make_objective(recipe(), mask_set(2)), MaskObjective)
    import dataclasses

    classes = dataclasses.replace(mask_set(2), task="classes")
    assert isinstance(make_objective(Recipe(), classes), Objective)


@pytest.mark.parametrize("loss", LOSSES)
def test_the_loss_of_a_batch_is_the_mean_over_its_pictures(loss: str) -> None:
    targets, logits = example()
    each = numbers(per_picture(UNet(loss=loss), targets, logits, IGNORE))
    assert float(objective(loss).mean(targets, logits)) == pytest.approx(float(each.mean()), rel=1e-6)


def test_validation_counts_pixels_that_are_not_ignored_of_pictures_that_count() -> None:
    targets, logits = example()
    made = objective()
    found = Sums.from_vector(numbers(made.sums(targets, logits, np.array([1.0, 0.0, 1.0], np.float32))))
    assert made.width == 4 + 3 * 4
    predicted = logits[0].argmax(-1)
    there = targets[0] != IGNORE
    for number in range(4):
        assert found.hits[number] == ((predicted == number) & (targets[0] == number)).sum()
        assert found.true[number] == (targets[0] == number).sum()
        assert found.predicted[number] == ((predicted == number) & there).sum()
    assert found.samples == 2
    assert found.right == ((predicted == targets[0]) & there).sum()
    each = numbers(per_picture(UNet(), targets, logits, IGNORE))
    assert found.loss == pytest.approx(each[0] + each[2], rel=1e-6)


def test_pixel_accuracy_in_training_is_that_of_validation() -> None:
    targets, logits = example()
    made = objective()
    counted = metrics(Sums.from_vector(numbers(made.sums(targets, logits))), masks=True)
    assert float(made.accuracy(targets, logits)) == pytest.approx(counted["val_accuracy"], rel=1e-6)
    assert counted["val_loss"] == pytest.approx(float(made.mean(targets, logits)), rel=1e-6)
    nothing = np.full_like(targets, IGNORE)
    assert float(made.accuracy(nothing, logits)) == 0
    assert metrics(Sums.from_vector(numbers(made.sums(nothing, logits))), masks=True)["val_loss"] == 0


@pytest.mark.parametrize("loss", ["cross_entropy", "focal"])
def test_class_weights_weigh_pixels_by_the_pixels_of_their_class(loss: str) -> None:
    data = mask_set(6, 4)
    data.training.labels[:, :, 3:][data.training.labels[:, :, 3:] == 2] = 1
    counts = np.array([(data.training.labels == number).sum() for number in range(4)])
    weights = counts.sum() / (4 * counts)
    targets, logits = example()
    made = MaskObjective(recipe({"class_weights": {"by": "balanced"}}, loss=loss), data)
    wanted = []
    for target, logit in zip(targets, logits, strict=True):
        shares = numbers(keras.ops.softmax(logit))
        total, pixels = 0.0, 0
        for place in np.ndindex(target.shape):
            if target[place] != IGNORE:
                share = float(shares[place][target[place]])
                focus = (1 - share) ** 2 if loss == "focal" else 1
                total -= weights[target[place]] * focus * np.log(share)
                pixels += 1
        wanted.append(total / max(1, pixels))
    assert float(made.mean(targets, logits)) == pytest.approx(np.mean(wanted), rel=1e-5)


def test_class_weights_weigh_the_classes_in_dice() -> None:
    targets, logits = example()
    even, weighed = (
        numbers(per_picture(UNet(loss="dice"), targets, logits, IGNORE, weights))
        for weights in (None, np.array([2, 2, 2, 2], np.float32))
    )
    assert even == pytest.approx(weighed, rel=1e-6)
    # Only class 1 counts: its own overlap is left.
    alone = numbers(per_picture(UNet(loss="dice"), targets, logits, IGNORE, np.array([0, 1, 0, 0], np.float32)))
    shares, truth, there = numbers(keras.ops.softmax(logits))[0, ..., 1], targets[0] == 1, targets[0] != IGNORE
    assert alone[0] == pytest.approx(1 - 2 * shares[truth].sum() / (truth.sum() + shares[there].sum()), rel=1e-5)


# --- whole runs --------------------------------------------------------------------------------------

DATA = {"kind": "shape_masks", "count": 40, "image_size": 16, "validation": 0.2, "test": 0.0}
MODEL = {"kind": "unet", "depth": 2, "width": 4, "convolutions": 1, "loss": "cross_entropy_dice"}


def trained(workspace: Workspace, **changed: object) -> Trained:
    training = {"epochs": 8, "batch_size": 8, "seed": 0}
    return train(workspace, parse({"data": DATA, "model": {**MODEL, **changed}, "training": training,
                                   "optimizer": {"method": "adam", "learning_rate": 0.01}}))  # fmt: skip


def test_a_run_on_masks_learns_and_says_its_overlaps(workspace: Workspace) -> None:
    done = trained(workspace)
    assert done.ending is Ending.COMPLETED
    first, *_, last = (event.metrics for event in done.events(EpochEnded))
    assert set(last) >= {"loss", "accuracy", "val_loss", "val_accuracy", "val_mean_iou", "val_iou/background"}
    assert last["loss"] < 0.8 * first["loss"]
    assert last["val_mean_iou"] == pytest.approx(
        np.mean([value for name, value in last.items() if name.startswith("val_iou/")]), rel=1e-6
    )


def test_pictures_from_disk_train_the_same_weights(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    memory = trained(workspace, kind="unet")
    monkeypatch.setenv(RESIDENT_VARIABLE, "0")
    disk = trained(workspace, kind="unet")
    assert disk.losses == memory.losses
    assert disk.run.weights_sha256 == memory.run.weights_sha256
