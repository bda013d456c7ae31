"""What a person is told when a run fails."""

from __future__ import annotations

import pytest

from workbench.engine import failures
from workbench.errors import DataError, DownloadError, EngineError, Problem, RecipeError, WorkspaceError


class ResourceExhaustedError(Exception):
    """As TensorFlow names it."""


@pytest.mark.parametrize(
    ("error", "title", "words"),
    [
        (DataError("The folder is empty."), "The pictures cannot be used as they are", "The folder is empty."),
        (DownloadError("mnist.npz could not be fetched."), "The data set could not be fetched", "mnist.npz"),
        (RecipeError([Problem("model.stages", "must be at most 3.")]), "The recipe does not fit", "model.stages"),
        (WorkspaceError("The disk is full."), "The workspace could not be written", "The disk is full."),
        (EngineError("torch is not installed."), "The engine could not start", "torch is not installed."),
        (ResourceExhaustedError("OOM when allocating [64,224]"), "Not enough memory", "OOM when allocating"),
        (MemoryError(), "Not enough memory", "MemoryError"),
        (ZeroDivisionError("oops"), "The engine failed", "ZeroDivisionError: oops"),
    ],
)
def test_each_failure_has_a_card_with_title_evidence_and_what_is_safe(error: Exception, title: str, words: str) -> None:
    card = failures.card(error)
    assert card.title == title
    assert words in " ".join([card.what_happened, *card.evidence])
    assert card.what_is_safe
    assert type(error).__name__ in card.details


def test_a_loss_that_became_nan_names_step_epoch_rate_and_the_norm_before() -> None:
    card = failures.card(
        failures.DivergedError(step=41, epoch=2, rate=5.0, loss=float("nan"), norm_before=4e5, bad_steps=1)
    )
    assert card.title == "The loss became NaN in epoch 2"
    assert card.evidence == (
        "Step 41 in epoch 2, learning rate 5.",
        "The gradient norm in the step before was 4e+05.",
    )
    assert "last good step" in card.what_is_safe
    assert any("gradient clipping" in each for each in card.what_to_try)
