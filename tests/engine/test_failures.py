"""What a person is told when a run fails."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

import pytest

from workbench.engine import failures
from workbench.engine.failures import Scene
from workbench.errors import (
    DataError,
    DownloadError,
    EngineError,
    ErrorCard,
    Problem,
    RecipeError,
    WayKind,
    WorkspaceError,
)
from workbench.events import Failed, decode, encode
from workbench.spec import Recipe
from workbench.spec.recipe import parse


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
        failures.DivergedError(step=41, epoch=2, rate=5.0, loss=float("nan"), norm_before=4e5, bad_steps=1),
        Scene(parse({"optimizer": {"method": "sgd", "learning_rate": 5.0}})),
    )
    assert card.title == "The loss became NaN in epoch 2"
    assert card.evidence == (
        "Step 41 in epoch 2, learning rate 5.",
        "The gradient norm in the step before was 4e+05.",
    )
    assert "last good step" in card.what_is_safe
    assert [way.title for way in card.ways] == [
        "Lower the learning rate: 5 → 0.5",
        "Clip the gradient at a global norm of 1",
    ]


def test_a_full_disk_is_told_with_what_is_free_and_what_the_run_takes(tmp_path: Path) -> None:
    (tmp_path / "weights").write_bytes(bytes(3_000_000))
    for cause in (
        OSError(errno.ENOSPC, "No space left on device"),
        sqlite3.OperationalError("database or disk is full"),
    ):
        error = WorkspaceError("The disk that holds it is full.")
        error.__cause__ = cause
        card = failures.card(error, Scene(Recipe(), folder=tmp_path))
        assert card.title == "The disk is full"
        assert "This run takes 3.0 MB, most of it checkpoints." in card.evidence
        assert [way.kind for way in card.ways] == [WayKind.TRASH, WayKind.AGAIN]
    other = failures.card(WorkspaceError("It cannot be written to."), Scene(Recipe(), folder=tmp_path))
    assert other.title == "The workspace could not be written"


def test_pictures_that_are_gone_can_be_put_back_or_found_elsewhere(tmp_path: Path) -> None:
    gone = parse({"data": {"kind": "folder", "path": str(tmp_path / "gone")}})
    card = failures.card(DataError("The folder is not there."), Scene(gone))
    assert card.title == "The pictures are not there any more"
    assert [way.kind for way in card.ways] == [WayKind.AGAIN, WayKind.MOVED]
    here = parse({"data": {"kind": "folder", "path": str(tmp_path)}})
    assert [way.kind for way in failures.card(DataError("Empty."), Scene(here)).ways] == [WayKind.AGAIN]
    assert failures.card(DataError("Damaged."), Scene(Recipe())).ways == ()


def test_a_card_with_ways_comes_back_from_the_journal_as_it_was(tmp_path: Path) -> None:
    card = failures.card(MemoryError(), Scene(Recipe(), folder=tmp_path))
    assert card.ways
    assert decode(*encode(Failed(card))) == Failed(card)
    old = '{"card": {"title": "t", "what_happened": "w", "evidence": ["e"], "what_to_try": [], "what_is_safe": "", "details": ""}}'
    assert decode("Failed", old) == Failed(ErrorCard("t", "w", ("e",)))
