"""Looks at made-up answers, for tests of what shows them."""

from __future__ import annotations

import numpy as np

from workbench.journal.judged import About, Judged
from workbench.results.look import ClassLook, MaskLook, look

NAMES = ("T-shirt", "Trouser", "Shirt", "<b>Bag</b>")


def about(classes: tuple[str, ...], **changes: object) -> About:
    fields: dict[str, object] = {
        "run": "r1", "epoch": 38, "step": 380, "part": "validation", "weights_sha256": "a" * 64, "classes": classes, "task": "classes",
        "fingerprint": "f", "trained_on": "f", "metrics": {"val_loss": 0.2181},
    }  # fmt: skip
    return About(**(fields | changes))  # type: ignore[arg-type]


def judged_of(
    truth: list[int], said: list[int], sure: list[float], classes: tuple[str, ...], **changes: object
) -> Judged:
    """Answers with these probabilities for what was said; the rest is shared by the others."""
    count, many = len(truth), len(classes)
    shares = np.repeat((1 - np.array(sure, np.float32))[:, None] / (many - 1), many, axis=1)
    shares[np.arange(count), said] = sure
    pictures = np.full((count, 6, 6, 1), 100, np.uint8)
    names = np.array([f"train/{number}.png" for number in range(count)])
    return Judged(
        about(classes, **changes), np.array(truth, np.int32), np.array(said, np.int32), pictures, np.arange(count), names, shares,
        np.zeros((0, 3, many), np.int64),
    )  # fmt: skip


def classes(**changes: object) -> ClassLook:
    """Ten pictures of four classes: two shirts are taken for T-shirts, one bag for a shirt; nobody says «bag» wrongly."""
    truth = [0, 0, 0, 1, 1, 2, 2, 2, 3, 3]
    said = [0, 0, 0, 1, 1, 0, 0, 2, 2, 3]
    sure = [0.9, 0.8, 0.7, 0.99, 0.98, 0.6, 0.95, 0.5, 0.7, 0.9]
    found = look(judged_of(truth, said, sure, NAMES, **changes))
    assert isinstance(found, ClassLook)
    return found


def two_classes() -> ClassLook:
    found = look(judged_of([0, 0, 1, 1], [0, 1, 1, 1], [0.9, 0.6, 0.8, 0.7], ("cat", "dog")))
    assert isinstance(found, ClassLook)
    return found


def masks() -> MaskLook:
    """Three pictures of 8 × 8 with a square of class 1: found, half found, and one more than is there."""
    truth = np.zeros((3, 8, 8), np.uint8)
    truth[:, 2:6, 2:6] = 1
    said = truth.copy()
    said[1, 2:4] = 0
    said[2, 6, 2:6] = 2
    counts = np.zeros((3, 3, 3), np.int64)
    for place in range(3):
        hit = truth[place][truth[place] == said[place]]
        for row, values in enumerate((hit, truth[place], said[place])):
            counts[place, row] = np.bincount(values.ravel(), minlength=3)
    pictures = np.full((3, 8, 8, 3), 60, np.uint8)
    names = np.array([f"images/cell_{number}.png" for number in range(3)])
    made = Judged(
        about(("background", "cell", "nucleus"), task="masks"), truth, said, pictures, np.arange(3), names,
        np.zeros((0, 3), np.float32), counts,
    )  # fmt: skip
    found = look(made)
    assert isinstance(found, MaskLook)
    return found
