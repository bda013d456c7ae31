"""The run card's figures beside accuracy: there where they were measured, and no gap where they were not."""

from __future__ import annotations

import dataclasses

import pytest
from pytestqt.qtbot import QtBot

from workbench.curves.run_curves import RunCurves
from workbench.events import State
from workbench.gui.followers import Story
from workbench.gui.runs.card import RunCard
from workbench.gui.theme import Theme
from workbench.journal import Journal, Run
from workbench.paths import Workspace
from workbench.spec import Recipe

pytestmark = pytest.mark.window

OF_PICTURES = {"val_loss": 0.3, "val_accuracy": 0.9, "val_balanced_accuracy": 0.81, "val_f1": 0.7}


@pytest.fixture
def run(workspace: Workspace) -> Run:
    with Journal(workspace) as journal:
        return journal.create_run(Recipe())


@pytest.fixture
def card(qtbot: QtBot, theme: Theme) -> RunCard:
    card = RunCard(theme)
    qtbot.addWidget(card)
    card.resize(272, 600)
    card.show()
    return card


def show(card: RunCard, run: Run, **metrics: float) -> dict[str, str]:
    """Shows a run whose last epoch had these metrics; the figures beside accuracy that are then in sight."""
    story = Story(dataclasses.replace(run, last=metrics, epochs=1, state=State.ENDED), RunCurves(), None)
    card.show_words(story, State.ENDED)
    return {figure.name.text(): figure.value.text() for figure in card.beside.values() if figure.isVisible()}


def test_balanced_accuracy_and_f1_stand_beside_accuracy(card: RunCard, run: Run) -> None:
    assert show(card, run, **OF_PICTURES) == {"Balanced accuracy": "81.00\u00a0%", "F1 (macro)": "70.00\u00a0%"}
    assert card.beside["val_f1"].value.accessibleName() == "F1 (macro): 70.00\u00a0%"


def test_another_run_shows_its_own_figures_and_leaves_no_gap(card: RunCard, run: Run) -> None:
    show(card, run, **OF_PICTURES, val_top_5_accuracy=0.99)
    tall = card.sizeHint().height()
    assert show(card, run, val_loss=0.3, val_accuracy=0.9, val_mean_iou=0.66) == {"Mean IoU": "66.00\u00a0%"}
    assert card.beside["val_mean_iou"].y() > card.accuracy.y()
    assert card.sizeHint().height() < tall
    assert show(card, run, loss=0.3, accuracy=0.9) == {}
