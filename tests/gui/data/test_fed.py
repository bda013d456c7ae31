"""The strip of what the network gets: what it shows, and when an engine is asked again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from tests.gui.conftest import OpenWindow
from workbench.gui import data_presenter, fed_presenter
from workbench.gui.data import fed as told
from workbench.gui.data.fed import Fed
from workbench.gui.data.fed_strip import FedStrip
from workbench.gui.fed_presenter import _deciding
from workbench.gui.probes import Inquiry
from workbench.gui.theme import Theme
from workbench.paths import Workspace
from workbench.spec import presets
from workbench.spec.data import Digits, Folder
from workbench.spec.presets import Preset
from workbench.spec.recipe import Recipe, changed

pytestmark = pytest.mark.window
PATIENCE = 60_000


def a_fed(*, on: bool = True) -> Fed:
    pictures = np.random.default_rng(1).integers(0, 256, (6, 8, 8, 3), np.uint8)
    return Fed(
        pictures[:3],
        pictures[3:5],
        pictures[5],
        ("cat", "dog", "80 % cat, 20 % dog"),
        ("Flip", "Turn 3°, Shift 1, −2"),
        on,
    )


@pytest.fixture
def strip(qtbot: QtBot, theme: Theme) -> FedStrip:
    made = FedStrip(theme)
    qtbot.addWidget(made)
    made.resize(900, 140)
    made.show()
    return made


def test_the_original_comes_first_and_each_change_is_named(strip):
    strip.show_fed(a_fed())
    assert strip.row.words == ["Original", "Flip", "Turn 3°, Shift 1, −2"]
    assert strip.row.accessibleDescription() == "Original; Flip; Turn 3°, Shift 1, −2"
    assert strip.row.words_at(QPoint(strip.row.width() - 5, 10)) == "Turn 3°, Shift 1, −2"
    image = strip.row.pictures[0].toImage()
    assert image.pixelColor(63, 63) == QColor(*a_fed().original[7, 7].tolist())


def test_the_first_batch_is_shown_with_its_labels(strip, qtbot: QtBot):
    strip.show_fed(a_fed())
    qtbot.mouseClick(strip.choice.button("batch"), Qt.MouseButton.LeftButton)
    assert strip.row.words == ["cat", "dog", "80 % cat, 20 % dog"]
    assert not strip.again.isVisible()
    assert strip.note.whole.startswith("3 pictures")


def test_without_augmentation_there_is_only_the_original(strip):
    strip.show_fed(a_fed(on=False))
    assert strip.row.words == ["Original"]
    assert "Augmentation is off" in strip.note.whole
    assert not strip.again.isEnabled()


def test_masks_lie_over_what_the_network_gets_when_wanted(strip, qtbot: QtBot):
    masks = np.zeros((6, 8, 8), np.uint8)
    masks[:, 2:, :] = 1
    fed = replace(a_fed(), batch_masks=masks[:3], changed_masks=masks[3:5], original_masks=masks[5])
    strip.show_fed(fed)

    def ground_and_figure(place: int) -> tuple[QColor, QColor]:
        image = strip.row.pictures[place].toImage()
        return image.pixelColor(4, 4), image.pixelColor(4, 60)

    for key, pictures in (("changes", [fed.original, *fed.changed]), ("batch", fed.batch)):
        qtbot.mouseClick(strip.choice.button(key), Qt.MouseButton.LeftButton)
        strip.show_masks(True)
        covered = [ground_and_figure(place) for place in range(3)]
        strip.show_masks(False)
        for place, picture in enumerate(pictures):
            plain = QColor(*picture[0, 0].tolist()), QColor(*picture[7, 0].tolist())
            assert ground_and_figure(place) == plain
            assert covered[place][0] == plain[0]
            assert covered[place][1] != plain[1]


def test_labels_name_what_a_picture_is_mixed_with():
    answer = {"classes": ["cat", "dog"], "labels": [0, 1], "rows": [5, 6], "partner": [1, 1], "share": [0.75, 1.0]}
    assert told._labels(answer) == ["75% cat, 25% dog", "dog"]
    assert told._labels({**answer, "partner": None}) == ["cat", "dog"]
    assert told._labels({**answer, "labels": []}) == ["", ""]


def test_only_settings_that_decide_what_is_fed_ask_again():
    recipe = Recipe()
    for path, value in (("optimizer.learning_rate", 0.5), ("training.epochs", 3), ("tricks.dropout", True)):
        assert _deciding(changed(recipe, path, value)) == _deciding(recipe), path
    for path, value in (
        ("tricks.augmentation", True), ("data.limit", 500), ("training.seed", 8), ("training.batch_size", 7), ("tricks.mixup", True),
    ):  # fmt: skip
        assert _deciding(changed(recipe, path, value)) != _deciding(recipe), path


def test_the_row_of_a_picture_is_the_one_that_a_run_counts(odd):
    training = np.flatnonzero(odd.parts == 0)
    assert [odd.training_row(int(place)) for place in training] == list(range(len(training)))
    assert odd.training_row(int(np.flatnonzero(odd.parts == 1)[0])) is None


@pytest.fixture
def looked_at(workspace: Workspace, open_window: OpenWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch):
    """Opens a window with its Data tab in view, on a hundred digits."""
    presets.save(Preset(presets.DEFAULT, "Test", Recipe(data=Digits(limit=100))), workspace)
    monkeypatch.setattr(fed_presenter, "PATIENCE_MS", 0)

    def look():
        window = open_window()
        monkeypatch.setattr(window.session, "warm_up", lambda _backend: None)
        window.finish()
        window.tabs.show_tab("data")
        return window

    return look


def test_a_window_asks_once_its_pictures_are_known_and_again_for_other_draws(
    looked_at, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
):
    asked: list[dict] = []
    plain = Inquiry.ask

    def watched(self, recipe, **options):
        asked.append(options)
        plain(self, recipe, **options)

    monkeypatch.setattr(Inquiry, "ask", watched)
    window = looked_at()
    qtbot.waitUntil(lambda: window.data.fed.fed is not None, timeout=PATIENCE)
    assert window.data.fed.row.words[:3] == ["Original", "Flip", "Unchanged"]
    count = len(asked)
    window.fed.ask()
    assert len(asked) == count
    assert asked[-1]["epoch"] == 1
    assert asked[-1]["row"] == window.data.shown.training_row(window.data.gallery.current)
    assert not Path(asked[-1]["to"]).exists(), "what has been read is taken away"
    window.data.fed.again.click()
    assert asked[-1]["epoch"] == 9
    window.close()
    assert not Path(asked[-1]["to"]).parent.exists()


def test_an_answer_that_is_not_wanted_any_more_is_given_up(looked_at, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("WORKBENCH_FAKE_STORY", "hung")
    window = looked_at()
    qtbot.waitUntil(lambda: window.fed._inquiry.running, timeout=PATIENCE)
    process = window.fed._inquiry._probe.process
    monkeypatch.setenv("WORKBENCH_FAKE_STORY", "completed")
    window.fed._draw_again()
    qtbot.waitUntil(lambda: window.data.fed.fed is not None, timeout=PATIENCE)
    qtbot.waitUntil(lambda: not psutil.pid_exists(process), timeout=PATIENCE)
    assert window.data.fed.row.words[:3] == ["Original", "Flip", "Unchanged"]


def test_an_engine_that_dies_is_told_in_the_strip(looked_at, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("WORKBENCH_FAKE_STORY", "died")
    window = looked_at()
    qtbot.waitUntil(lambda: "went away without an answer" in window.data.fed.note.whole, timeout=PATIENCE)
    assert window.data.fed.fed is None


def test_a_failed_answer_is_asked_for_again_when_wanted(looked_at, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("WORKBENCH_FAKE_STORY", "died")
    window = looked_at()
    strip = window.data.fed
    told = "went away without an answer"
    assert not strip.again.isEnabled()
    qtbot.waitUntil(lambda: told in strip.note.whole, timeout=PATIENCE)
    window.recipe.set_value("training.epochs", 3)
    window.fed.ask()
    assert told in strip.note.whole, "an edit that changes nothing of it is no reason"
    strip.choice.button("batch").click()
    assert strip.again.isVisible()
    strip.again.click()
    assert "Asking an engine" in strip.note.whole
    assert not strip.again.isVisible()
    qtbot.waitUntil(lambda: told in strip.note.whole, timeout=PATIENCE)
    monkeypatch.setenv("WORKBENCH_FAKE_STORY", "completed")
    window.tabs.show_tab("curves")
    window.tabs.show_tab("data")
    qtbot.waitUntil(lambda: strip.fed is not None, timeout=PATIENCE)
    assert window.fed._epoch == 1, "the first answer is of the first epochs, however often it was asked for"


def test_a_data_set_that_comes_back_has_its_strip_again(
    looked_at, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    # The strip follows the recipe after the pictures do.
    monkeypatch.setattr(data_presenter, "PATIENCE_MS", 0)
    monkeypatch.setattr(fed_presenter, "PATIENCE_MS", 50)
    window = looked_at()
    qtbot.waitUntil(lambda: window.data.fed.fed is not None, timeout=PATIENCE)
    window.recipe.set_value("data.kind", "mnist")
    qtbot.waitUntil(window.data.offer.isVisible, timeout=PATIENCE)
    window.recipe.undo()
    qtbot.waitUntil(lambda: window.data.shown is not None, timeout=PATIENCE)
    assert window.data.fed.fed is None
    qtbot.waitUntil(lambda: window.data.fed.fed is not None, timeout=PATIENCE)


def test_pictures_of_the_data_set_before_are_not_shown_with_another(
    looked_at, qtbot: QtBot, base: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("WORKBENCH_FAKE_STORY", "hung")
    window = looked_at()
    qtbot.waitUntil(lambda: window.fed._inquiry.running, timeout=PATIENCE)
    process = window.fed._inquiry._probe.process
    monkeypatch.setattr(window.fed._soon, "start", lambda *_: None)  # no other question drops this one
    window.pictures._begin(Recipe(data=Folder(path=str(base), image_size=16)))
    assert not window.fed._inquiry.running
    qtbot.waitUntil(lambda: not psutil.pid_exists(process), timeout=PATIENCE)
    qtbot.waitUntil(lambda: window.data.shown is not None, timeout=PATIENCE)
    assert window.data.title.text() == "my pictures"
    assert window.data.fed.fed is None


def test_without_room_for_pictures_the_answer_before_is_not_awaited_either(
    looked_at, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("WORKBENCH_FAKE_STORY", "hung")
    window = looked_at()
    qtbot.waitUntil(lambda: window.fed._inquiry.running, timeout=PATIENCE)

    def full():
        raise OSError("No space left on device")

    monkeypatch.setattr(window.fed._folders, "new", full)
    window.fed._draw_again()
    assert window.data.fed.note.whole == "There is no room for pictures: No space left on device."
    assert not window.fed._inquiry.running
    assert window.data.fed.again.isEnabled()


def test_an_answer_without_its_files_is_told_in_the_strip(looked_at, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch):
    window = looked_at()
    qtbot.waitUntil(lambda: window.data.fed.fed is not None, timeout=PATIENCE)
    window.fed._answered(Recipe(), {"masks": False})
    assert "batch.npy" in window.data.fed.note.whole
    assert window.data.fed.fed is None


def test_what_was_written_is_what_is_shown(tmp_path: Path):
    fed = a_fed()
    for name in ("batch", "changed", "original"):
        np.save(tmp_path / f"{name}.npy", getattr(fed, name))
    answer = {"rows": [1, 2, 3], "labels": [0, 1, 0], "partner": None, "share": None, "changes": [["Flip", "Cut out"], []], "on": True,
              "classes": ["cat", "dog"], "masks": False}  # fmt: skip
    read = Fed.read(tmp_path, answer)
    assert np.array_equal(read.changed, fed.changed)
    assert read.batch_masks is None
    assert read.changed_words == ("Flip, Cut out", "Unchanged")
