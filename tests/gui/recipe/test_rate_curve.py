from collections.abc import Iterator

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from workbench.gui.recipe import rate_curve
from workbench.gui.recipe.edits import Edits, Saved
from workbench.gui.recipe.panel import RecipePanel
from workbench.gui.recipe.rate_curve import RateCurve
from workbench.gui.theme import Theme
from workbench.paths import Workspace
from workbench.spec.recipe import Recipe

pytestmark = pytest.mark.window


@pytest.fixture
def panel(qtbot: QtBot, theme: Theme, workspace: Workspace) -> RecipePanel:
    panel = RecipePanel(theme, workspace)
    qtbot.addWidget(panel)
    panel.resize(320, 900)
    panel.show()
    return panel


def opened(panel: RecipePanel) -> RateCurve:
    panel._sections["schedule"].set_wish_open(True)
    curve = panel.findChild(RateCurve, "scheduleCurve")
    assert isinstance(curve, RateCurve)
    assert curve.isVisible()
    return curve


def picture(curve: RateCurve) -> QImage:
    return curve._plot.grab().toImage()


def inked(image: QImage, theme: Theme) -> set[tuple[int, int]]:
    """The pixels that have the full colour of the line."""
    ink = theme.colour("text2").rgb()
    return {(x, y) for x in range(image.width()) for y in range(image.height()) if image.pixel(x, y) == ink}


def test_each_edit_is_drawn_and_said_at_once(panel: RecipePanel) -> None:
    panel.set_value("optimizer.learning_rate", 0.002)
    panel.set_value("training.epochs", 20)
    curve = opened(panel)
    assert curve.accessibleDescription() == "2.0e-3 at every step, over 20\u00a0epochs"
    seen = [picture(curve)]
    for path, value, words in (
        ("schedule.kind", "cosine", "First 2.0e-3, highest 2.0e-3, last 0"),
        ("schedule.warmup", 4.0, "last 0"),
        ("training.epochs", 30, "over 30 epochs"),
        ("optimizer.learning_rate", 0.05, "highest 5.0e-2"),
    ):
        panel.set_value(path, value)
        assert words in curve.accessibleDescription().replace("\u00a0", " ")
        assert curve.plan is not None
        assert curve.plan.sentence == next(label.text() for label in curve.findChildren(QLabel))
        assert all(picture(curve) != other for other in seen), path
        seen.append(picture(curve))


def test_it_is_not_drawn_while_a_value_that_it_needs_is_wrong_and_nothing_moves(panel: RecipePanel) -> None:
    curve = opened(panel)
    height = panel._sections["schedule"].sizeHint().height()
    panel.set_value("training.epochs", 0)
    assert curve.plan is None
    assert curve.accessibleDescription() == "Drawn once the marked settings are right"
    assert not inked(picture(curve), panel._theme)
    assert panel._sections["schedule"].sizeHint().height() == height
    panel.set_value("training.epochs", 3)
    assert inked(picture(curve), panel._theme)
    panel.set_value("model.stages", -9)
    assert panel.problems
    assert curve.plan is not None


def test_a_rate_too_small_for_the_number_format_is_drawn_at_nothing(panel: RecipePanel) -> None:
    curve = opened(panel)
    panel.set_value("optimizer.learning_rate", 1e-60)
    assert curve.plan is not None
    assert curve.plan.highest == 0
    assert not picture(curve).isNull()


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Edits]]:
    found: list[Edits] = []
    real = rate_curve.planned

    def counting(edits: Edits) -> object:
        found.append(edits)
        return real(edits)

    monkeypatch.setattr(rate_curve, "planned", counting)
    return found


def test_a_closed_section_computes_nothing_and_an_open_one_once_an_edit(
    counted: list[Edits], panel: RecipePanel
) -> None:
    panel.set_value("schedule.kind", "cosine")
    panel.set_value("training.epochs", 9)
    assert counted == []
    curve = opened(panel)
    assert len(counted) == 1
    assert curve.plan is not None
    assert (curve.plan.length, curve.plan.last) == (9, 0)
    panel.set_value("training.epochs", 10)
    assert len(counted) == 2


@pytest.mark.parametrize("mode", ["dark", "light"])
@pytest.mark.parametrize("factor", [0.3, 0.99])
def test_the_curve_lies_inside_its_frame_in_its_own_colour(qtbot: QtBot, mode: str, factor: float) -> None:
    theme = Theme("dark" if mode == "dark" else "light")
    curve = RateCurve(theme)
    qtbot.addWidget(curve)
    curve.resize(260, 130)
    curve.show()
    form = Edits(Saved("default", Recipe()))
    form.set("schedule.kind", "exponential")
    form.set("schedule.factor", factor)
    curve.follow(form)
    assert curve.plan is not None
    assert curve.plan.log == (factor == 0.3)
    image = picture(curve)
    ink = inked(image, theme)
    left, right = min(x for x, _ in ink), max(x for x, _ in ink)
    starts = [y for x, y in ink if x <= left + 2]
    ends = [y for x, y in ink if x >= right - 2]
    # It falls from the top left to the right; only the logarithmic one reaches the bottom.
    assert max(starts) < min(ends)
    assert 30 < left < 60
    assert image.width() - 20 < right < image.width() - 5
    assert (max(ends) > 0.7 * (image.height() - 16)) == (factor == 0.3)
