import pytest
from PySide6.QtCore import QRegularExpression
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from workbench.gui import icons, sheet, tokens
from workbench.gui.theme import Theme, mixed
from workbench.paths import assets

pytestmark = pytest.mark.window


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("table", [tokens.DARK, tokens.LIGHT], ids=["dark", "light"])
@pytest.mark.parametrize("token", ["text", "text2", "text3", "accent", "ok", "warn", "err", "info", "violet"])
@pytest.mark.parametrize("ground", ["panel", "card"])
def test_text_in_every_colour_can_be_read(table: dict[str, str], token: str, ground: str) -> None:
    assert contrast(table[token], table[ground]) >= 4.5


@pytest.mark.parametrize("table", [tokens.DARK, tokens.LIGHT], ids=["dark", "light"])
@pytest.mark.parametrize("tone", ["ok", "warn", "err", "info", "violet"])
def test_words_on_tints_can_be_read(table: dict[str, str], tone: str) -> None:
    assert contrast(table[tone], table[f"{tone}_tint"]) >= 4.5
    assert contrast(table["text2"], table["muted_tint"]) >= 4.5
    assert contrast(table["on_fill"], table["fill"]) >= 4.5


@pytest.mark.parametrize("table", [tokens.DARK, tokens.LIGHT], ids=["dark", "light"])
def test_edges_of_controls_and_the_focus_ring_are_seen(table: dict[str, str]) -> None:
    assert contrast(table["ctl"], table["panel"]) >= 3
    assert contrast(table["accent"], table["panel"]) >= 3


def test_both_themes_know_the_same_colours() -> None:
    assert tokens.DARK.keys() == tokens.LIGHT.keys()
    assert tokens.SERIES_DARK.keys() == tokens.SERIES_LIGHT.keys()
    assert len(tokens.RUN_DASHES) == len(tokens.RUN_MARKERS) == 6


def test_a_change_of_theme_dresses_the_application_and_then_says_so(qtbot: QtBot, qapp: QApplication) -> None:
    theme = Theme("dark")
    theme.apply(qapp)
    assert qapp.palette().color(QPalette.ColorRole.Window).name().upper() == tokens.DARK["panel"]
    with qtbot.waitSignal(theme.changed):
        theme.set_mode("light")
    assert not theme.dark
    assert theme.hex("text") == tokens.LIGHT["text"]
    assert theme.colour("text").name().upper() == tokens.LIGHT["text"]
    assert qapp.palette().color(QPalette.ColorRole.Window).name().upper() == tokens.LIGHT["panel"]
    assert tokens.LIGHT["ctl"] in qapp.styleSheet()
    with qtbot.assertNotEmitted(theme.changed):
        theme.set_mode("light")


def test_icons_are_tinted_for_the_theme_and_sharp_on_sharp_screens(qapp: QApplication) -> None:
    theme = Theme("dark")
    small, sharp = theme.pixmap("running", "ok", 16, 1.0), theme.pixmap("running", "ok", 16, 2.0)
    assert (small.width(), sharp.width(), sharp.devicePixelRatio()) == (16, 32, 2.0)
    middle = sharp.toImage().pixelColor(14, 16)
    assert middle == QColor(tokens.DARK["ok"])
    theme.set_mode("light")
    assert theme.pixmap("running", "ok", 16, 2.0).toImage().pixelColor(14, 16) == QColor(tokens.LIGHT["ok"])


@pytest.mark.parametrize("name", icons.SHAPES)
def test_every_icon_draws_something(qapp: QApplication, name: str) -> None:
    image = icons.draw(name, "#FF0000", 16).toImage()
    assert any(image.pixelColor(x, y).alpha() > 100 for x in range(16) for y in range(16))


@pytest.mark.parametrize("name", ["dark", "light"])
def test_the_style_sheet_has_no_gaps_and_its_pictures_exist(name: str) -> None:
    colours = {**(tokens.DARK if name == "dark" else tokens.LIGHT), "zebra": "#000000"}
    text = sheet.style_sheet(colours, name, assets() / "icons", 13)
    assert "@" not in text
    assert "{icons}" not in text
    found = QRegularExpression(r"url\(([^)]+)\)").globalMatch(text)
    pictures = set()
    while found.hasNext():
        pictures.add(found.next().captured(1))
    assert pictures
    assert all((assets() / "icons" / path.rsplit("/", 1)[-1]).is_file() for path in pictures)


def test_the_style_sheet_gives_labels_no_colour() -> None:
    assert "QLabel" not in sheet.style_sheet({**tokens.DARK, "zebra": "#000000"}, "dark", assets(), 13)


def test_larger_text_makes_everything_larger(qapp: QApplication) -> None:
    theme = Theme("dark")
    assert (theme.px(28), theme.font("body").pixelSize()) == (28, 13)
    theme.set_text_scale(2.0)
    assert (theme.px(28), theme.font("body").pixelSize(), theme.font("caption").pixelSize()) == (56, 26, 22)


def test_a_system_with_high_contrast_gives_its_own_colours(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.gui.theme._high_contrast", lambda: True)
    system = QPalette(QColor("#000000"))
    system.setColor(QPalette.ColorRole.Window, QColor("#000000"))
    system.setColor(QPalette.ColorRole.WindowText, QColor("#ffff00"))
    monkeypatch.setattr("workbench.gui.theme.QGuiApplication.palette", lambda: system)
    theme = Theme("dark")
    assert (theme.hex("panel"), theme.hex("line2"), theme.hex("text3")) == ("#000000", "#ffff00", "#ffff00")
    assert theme.series("training").name().upper() == tokens.SERIES_DARK["training"]


def test_the_raw_training_line_is_opaque() -> None:
    colour = Theme("light").series("training_raw")
    assert colour.alpha() == 255
    assert colour == mixed(QColor(tokens.SERIES_LIGHT["training"]), QColor(tokens.LIGHT["plot"]), 0.2)
