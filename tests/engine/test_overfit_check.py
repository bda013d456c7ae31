"""The overfit check with the real engine: what learns is learned by heart, and what does not is told why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.engine.training import recipe
from workbench.engine.probes import PROBES
from workbench.engine.probes.asked import Asked
from workbench.engine.probes.overfit import left_off, plain
from workbench.engine.tricks import loss_scale
from workbench.paths import Workspace
from workbench.probing.overfit import Overfit
from workbench.spec.recipe import Recipe, parse

pytestmark = pytest.mark.keras


def check(workspace: Workspace, wanted: Recipe, **options: Any) -> Overfit:
    told: list[dict[str, Any]] = []
    found = Overfit.from_tree(PROBES["overfit"](Asked(workspace, wanted, told.append, options)))
    parts = [each["partial"] for each in told if "partial" in each]
    assert [number for part in parts for number in part["accuracies"]] == list(found.accuracies)
    return found


def test_a_network_that_can_learns_a_hundred_digits_by_heart(workspace: Workspace) -> None:
    found = check(workspace, recipe(model__kind="mlp", tricks__dropout=True, tricks__augmentation=True))
    assert found.reached
    assert (found.pictures, found.better_rate) == (100, None)
    assert found.accuracies[-1] >= 0.99
    assert found.losses[-1] < found.losses[0]
    assert set(found.left_off) == {"Dropout", "Augmentation"}


def test_every_trick_and_the_schedule_are_off_and_the_rest_is_the_recipe_s() -> None:
    wanted = recipe(
        tricks__dropout=True, tricks__label_smoothing=True, schedule__kind="cosine", optimizer__method="sgd",
        model__normalization="batch",
    )  # fmt: skip
    bare = plain(wanted, 100)
    assert not left_off(bare)
    assert left_off(wanted) == ("Dropout", "Label smoothing", "Schedule")
    assert (bare.optimizer, bare.model, bare.training.seed) == (wanted.optimizer, wanted.model, wanted.training.seed)
    assert bare.training.batch_size == 25


@pytest.mark.parametrize(
    ("batch", "pictures", "wanted"),
    [(32, 200, 32), (32, 100, 25), (32, 16, 8), (32, 9, 8), (32, 4, 4), (32, 1, 1), (2, 100, 2)],
)
def test_a_batch_is_a_quarter_of_the_pictures_but_never_needlessly_too_small_for_batch_norm(
    batch: int, pictures: int, wanted: int
) -> None:
    assert plain(recipe(training__batch_size=batch), pictures).training.batch_size == wanted


@pytest.mark.parametrize("normalization", ["none", "batch"])
def test_four_pictures_are_learned_by_heart_with_and_without_batch_norm(
    workspace: Workspace, normalization: str
) -> None:
    found = check(workspace, recipe(model__kind="mlp", model__normalization=normalization), pictures=4)
    assert (found.pictures, found.reached) == (4, True), found.sentence


def test_pictures_that_are_there_with_two_classes_are_told(workspace: Workspace, tmp_path: Path) -> None:
    once = np.random.default_rng(0).integers(0, 256, (60, 8, 8), dtype=np.uint8)
    labels = np.arange(60) % 2
    np.savez(tmp_path / "torn.npz", x=np.concatenate([once, once[:40]]), y=np.concatenate([labels, 1 - labels[:40]]))
    settings = {"kind": "npz", "path": str(tmp_path / "torn.npz"), "image_size": 8, "validation": 0.0, "test": 0.0}
    torn = parse({"data": settings, "model": {"kind": "mlp"}, "training": {"keep": "last"}})
    found = check(workspace, torn, steps=40)
    assert not found.reached
    assert "80 of 100 pictures are there again with another class, so at most 60 %" in found.sentence


def test_a_rate_that_is_too_large_is_told_from_a_network_that_cannot(workspace: Workspace) -> None:
    found = check(workspace, recipe(model__kind="mlp", optimizer__learning_rate=3.0), steps=300)
    assert not found.reached
    assert found.better_rate is not None
    assert found.better_rate < 3.0
    assert "The learning rate 3 is too large" in found.sentence


def test_a_rate_that_is_too_small_is_told_too(workspace: Workspace) -> None:
    found = check(workspace, recipe(model__kind="mlp", optimizer__learning_rate=1e-6), steps=300)
    assert found.better_rate == pytest.approx(1e-4)
    assert "The learning rate 1e-6 is too small" in found.sentence


def test_a_step_that_float16_skips_is_no_sign_of_a_rate_too_large(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loss_scale, "START", 2.0**24)  # so large that the first steps overflow for certain
    half = recipe(model__kind="mlp", training__precision="float16")
    found = check(workspace, half)
    assert found.reached, found.sentence
    assert len(found.losses) > 1
    assert np.isfinite(found.losses).all()


def test_so_many_skipped_steps_in_a_row_as_end_a_run_end_the_check(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loss_scale, "START", 2.0**60)
    found = check(workspace, recipe(model__kind="mlp", training__precision="float16"))
    assert not found.reached
    assert len(found.losses) == loss_scale.MOST_BAD / 4, "an epoch has four steps"
    assert "its loss stops being a number" in found.sentence


def test_weights_that_start_at_zero_are_the_reason(workspace: Workspace) -> None:
    found = check(workspace, recipe(model__kind="mlp", initializer__kind="zeros"), steps=100)
    assert not found.reached
    assert "its loss does not fall" in found.sentence
    assert "start as Zeros" in found.sentence


def test_a_network_that_is_too_small_is_told_its_size(workspace: Workspace) -> None:
    tiny = recipe(model__kind="mlp", model__width=1, model__depth=1, optimizer__learning_rate=0.01)
    found = check(workspace, tiny, steps=300)
    assert not found.reached
    assert "learned by heart yet" in found.sentence or "too small" in found.sentence


def test_masks_are_learned_by_heart_pixel_by_pixel(workspace: Workspace) -> None:
    data = {"kind": "shape_masks", "count": 40, "image_size": 16}
    model = {"kind": "unet", "depth": 2, "width": 8}
    wanted = parse({"data": data, "model": model, "optimizer": {"learning_rate": 0.01}})
    found = check(workspace, wanted, pictures=8)
    assert (found.pictures, found.wanted, found.reached) == (8, 0.97, True), found.sentence
