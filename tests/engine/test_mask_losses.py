"""Each loss of masks against its formula written out in NumPy, pixel by pixel."""

from __future__ import annotations

import math
import typing

import keras
import numpy as np
import pytest
import tensorflow as tf

from workbench.engine import mask_losses
from workbench.engine.mask_losses import LOSSES, per_picture
from workbench.spec.model import FcnMasks, MaskModelSpec, UNet

pytestmark = pytest.mark.keras

IGNORE = 255


def example(seed: int = 0, classes: int = 4) -> tuple[np.ndarray, np.ndarray]:
    """Targets (3, 5, 6) in which some pixels are ignored, all of the last picture, and one class is missing in the first."""
    random = np.random.default_rng(seed)
    targets = random.integers(0, classes, (3, 5, 6)).astype(np.uint8)
    targets[0][targets[0] == 2] = 1
    targets[random.random(targets.shape) < 0.2] = IGNORE
    targets[2] = IGNORE
    return targets, 3 * random.standard_normal((3, 5, 6, classes)).astype(np.float32)


def probabilities(logits: np.ndarray) -> list[float]:
    powers = [math.exp(float(each) - float(logits.max())) for each in logits]
    return [power / sum(powers) for power in powers]


def pixels(targets: np.ndarray, logits: np.ndarray, ignore: int | None) -> list[tuple[int, list[float]]]:
    """(class, probabilities) of each pixel that counts."""
    places = [place for place in np.ndindex(targets.shape) if ignore is None or targets[place] != ignore]
    return [(int(targets[place]), probabilities(logits[place])) for place in places]


def reference_cross_entropy(targets: np.ndarray, logits: np.ndarray, ignore: int | None) -> float:
    found = [-math.log(shares[true]) for true, shares in pixels(targets, logits, ignore)]
    return sum(found) / len(found) if found else 0.0


def reference_focal(targets: np.ndarray, logits: np.ndarray, ignore: int | None) -> float:
    found = [-((1 - s[true]) ** 2) * math.log(s[true]) for true, s in pixels(targets, logits, ignore)]
    return sum(found) / len(found) if found else 0.0


def reference_dice(targets: np.ndarray, logits: np.ndarray, ignore: int | None) -> float:
    counted = pixels(targets, logits, ignore)
    scores = []
    for number in range(logits.shape[-1]):
        true = sum(truth == number for truth, _ in counted)
        predicted = sum(shares[number] for _, shares in counted)
        overlap = sum(shares[number] for truth, shares in counted if truth == number)
        if true:
            scores.append(2 * overlap / (true + predicted))
    return 1 - sum(scores) / len(scores) if scores else 0.0


def reference_both(targets: np.ndarray, logits: np.ndarray, ignore: int | None) -> float:
    return reference_cross_entropy(targets, logits, ignore) + reference_dice(targets, logits, ignore)


REFERENCES = {
    "cross_entropy": reference_cross_entropy,
    "dice": reference_dice,
    "focal": reference_focal,
    "cross_entropy_dice": reference_both,
}


def numbers(tensor: object) -> np.ndarray:
    return np.array(keras.ops.convert_to_numpy(tensor))


def test_every_choice_of_the_recipe_has_a_loss_and_a_reference() -> None:
    choices = set(typing.get_args(MaskModelSpec.model_fields["loss"].annotation))
    assert set(LOSSES) == set(REFERENCES) == choices


@pytest.mark.parametrize("ignore", [IGNORE, None])
@pytest.mark.parametrize("name", REFERENCES)
def test_a_loss_is_its_formula(name: str, ignore: int | None) -> None:
    targets, logits = example()
    if ignore is None:
        targets = targets % 4
    found = numbers(per_picture(UNet(loss=name), targets, logits, ignore))
    wanted = [REFERENCES[name](*both, ignore) for both in zip(targets, logits, strict=True)]
    assert found.dtype == np.float32
    assert found == pytest.approx(wanted, rel=1e-5, abs=1e-6)


@pytest.mark.parametrize("name", REFERENCES)
def test_what_is_ignored_changes_neither_loss_nor_gradient(name: str) -> None:
    targets, logits = example()
    other = np.where((targets == IGNORE)[..., None], 7.0 - logits, logits).astype(np.float32)
    spec = FcnMasks(loss=name)
    assert np.array_equal(
        numbers(per_picture(spec, targets, logits, IGNORE)), numbers(per_picture(spec, targets, other, IGNORE))
    )
    variable = tf.Variable(logits)
    with tf.GradientTape() as tape:
        loss = keras.ops.mean(per_picture(spec, targets, variable, IGNORE))
    gradient = tape.gradient(loss, variable).numpy()
    assert np.isfinite(gradient).all()
    assert (gradient[targets == IGNORE] == 0).all()
    assert (np.abs(gradient[targets != IGNORE]).sum(axis=-1) > 0).mean() > 0.9


@pytest.mark.parametrize("name", REFERENCES)
def test_a_certain_and_right_answer_costs_nothing_and_sure_mistakes_stay_finite(name: str) -> None:
    targets = np.random.default_rng(1).integers(0, 3, (2, 4, 4)).astype(np.uint8)
    sure = 200 * np.eye(3, dtype=np.float32)[targets]
    spec = UNet(loss=name)
    assert numbers(per_picture(spec, targets, sure, None)) == pytest.approx([0, 0], abs=1e-6)
    variable = tf.Variable(-sure)
    with tf.GradientTape() as tape:
        loss = keras.ops.mean(per_picture(spec, targets, variable, None))
    assert np.isfinite(float(loss))
    assert np.isfinite(tape.gradient(loss, variable).numpy()).all()


def test_a_picture_counts_alike_whatever_else_is_in_the_batch() -> None:
    targets, logits = example()
    for name in LOSSES:
        whole = numbers(per_picture(UNet(loss=name), targets, logits, IGNORE))
        alone = [numbers(per_picture(UNet(loss=name), targets[[n]], logits[[n]], IGNORE))[0] for n in range(3)]
        assert whole == pytest.approx(alone, rel=1e-6)


def test_focal_forgives_what_is_nearly_right() -> None:
    targets, logits = np.zeros((1, 1, 1), np.uint8), np.array([[[[2.2, 0.0]]]], np.float32)
    share = 1 / (1 + math.exp(-2.2))
    ratio = numbers(mask_losses.focal(targets, logits, None)) / numbers(
        mask_losses.cross_entropy(targets, logits, None)
    )
    assert float(ratio[0]) == pytest.approx((1 - share) ** 2, rel=1e-5)


def test_half_precision_logits_are_judged_in_single_precision() -> None:
    targets, logits = example()
    half = logits.astype(np.float16)
    for name in LOSSES:
        found = numbers(per_picture(UNet(loss=name), targets, half, IGNORE))
        wanted = numbers(per_picture(UNet(loss=name), targets, half.astype(np.float32), IGNORE))
        assert found.dtype == np.float32
        assert np.array_equal(found, wanted)
