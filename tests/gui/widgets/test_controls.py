import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from workbench.events import Ending, State
from workbench.gui.theme import Theme
from workbench.gui.widgets.button import Button
from workbench.gui.widgets.help import Help, HelpButton, HelpPopover
from workbench.gui.widgets.number_field import NumberField, NumberKind
from workbench.gui.widgets.picker import Picker
from workbench.gui.widgets.pill import StatePill
from workbench.gui.widgets.plateau import PlateauCells
from workbench.gui.widgets.sample import RunSample
from workbench.gui.widgets.section_card import SectionCard
from workbench.gui.widgets.segments import Segments
from workbench.gui.widgets.sparkline import Sparkline
from workbench.gui.widgets.switch import Switch

pytestmark = pytest.mark.window


def picture(widget: QWidget) -> QImage:
    return widget.grab().toImage()


def has_colour(image: QImage, colour: str) -> bool:
    wanted = colour.lower()
    return any(image.pixelColor(x, y).name() == wanted for x in range(image.width()) for y in range(image.height()))


def test_a_switch_is_a_check_box_that_space_and_a_click_change(qtbot: QtBot, theme: Theme) -> None:
    switch = Switch(theme)
    qtbot.addWidget(switch)
    switch.show()
    heard: list[object] = []
    switch.value_edited.connect(heard.append)
    qtbot.keyClick(switch, Qt.Key.Key_Space)
    qtbot.mouseClick(switch, Qt.MouseButton.LeftButton, pos=QPoint(2, 2))
    switch.show_value(True)
    assert heard == [True, False]
    assert switch.isChecked()
    assert min(switch.sizeHint().width(), switch.sizeHint().height()) >= 24


def test_a_switch_looks_on_when_it_is_on(qtbot: QtBot, theme: Theme) -> None:
    switch = Switch(theme)
    qtbot.addWidget(switch)
    assert not has_colour(picture(switch), theme.hex("fill"))
    switch.setChecked(True)
    assert has_colour(picture(switch), theme.hex("fill"))


def test_segments_answer_to_arrows_and_say_what_was_chosen(qtbot: QtBot, theme: Theme) -> None:
    segments = Segments(theme, [("linear", "Linear"), ("log", "Log")])
    qtbot.addWidget(segments)
    segments.show()
    with qtbot.waitSignal(segments.chosen) as caught:
        qtbot.keyClick(segments, Qt.Key.Key_Right)
    assert caught.args == ["log"]
    with qtbot.waitSignal(segments.chosen) as caught:
        qtbot.mouseClick(segments.button("linear"), Qt.MouseButton.LeftButton)
    assert (caught.args, segments.key) == (["linear"], "linear")
    with qtbot.assertNotEmitted(segments.chosen):
        segments.choose("log")
    assert segments.key == "log"


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("ending", [None, *Ending])
def test_a_pill_says_every_state_and_ending_in_a_word(
    qtbot: QtBot, theme: Theme, state: State, ending: Ending | None
) -> None:
    pill = StatePill(theme, state, ending)
    qtbot.addWidget(pill)
    assert pill.text in pill.accessibleName()
    assert pill.sizeHint().height() == 24
    assert not picture(pill).isNull()


def test_plateau_cells_fill_with_the_epochs_waited(qtbot: QtBot, theme: Theme) -> None:
    cells = PlateauCells(theme, 0, 8)
    qtbot.addWidget(cells)
    assert not has_colour(picture(cells), theme.hex("warn"))
    cells.set_plateau(3, 8)
    assert "3 of 8" in cells.accessibleName()
    assert has_colour(picture(cells), theme.hex("warn"))
    cells.set_plateau(8, 8, stopped=True)
    assert has_colour(picture(cells), theme.hex("violet"))
    cells.set_plateau(900, 1000)
    assert cells.cells == 12


def test_a_sparkline_dots_its_best_and_survives_nan(qtbot: QtBot, theme: Theme) -> None:
    line = Sparkline(theme)
    line.resize(90, 22)
    qtbot.addWidget(line)
    line.set_values([3.0, 2.0, float("nan"), 1.0, 1.5], best=3)
    assert has_colour(picture(line), theme.series("validation").name())
    line.set_values([float("nan")] * 3)
    line.set_values([])
    assert not has_colour(picture(line), theme.series("validation").name())


@pytest.mark.parametrize("slot", range(7))
def test_each_run_has_a_sample_in_its_colour(qtbot: QtBot, theme: Theme, slot: int) -> None:
    sample = RunSample(theme, slot)
    sample.resize(28, 16)
    qtbot.addWidget(sample)
    assert has_colour(picture(sample), theme.series(f"run{slot % 6 + 1}").name())
    sample.set_run(slot, shown=False)
    assert not has_colour(picture(sample), theme.series(f"run{slot % 6 + 1}").name())


def test_buttons_follow_the_theme_and_are_large_enough(qtbot: QtBot, theme: Theme) -> None:
    button = Button(theme, "Start", "play", "primary", height=34)
    qtbot.addWidget(button)
    assert button.height() == 34
    assert has_colour(picture(button), theme.hex("fill"))
    theme.set_mode("light")
    assert has_colour(picture(button), theme.hex("fill"))
    button.setEnabled(False)
    assert not has_colour(picture(button), theme.hex("fill"))
    assert Button(theme, icon="close", height=24).sizeHint().width() >= 24


def test_a_section_opens_with_space_and_arrows(qtbot: QtBot, theme: Theme) -> None:
    card = SectionCard(theme, "Optimizer")
    qtbot.addWidget(card)
    card.set_summary("Adam")
    card.set_marks(changed=True, problem="Too large.")
    card.show()
    for key, is_open in (
        (Qt.Key.Key_Space, True),
        (Qt.Key.Key_Left, False),
        (Qt.Key.Key_Left, False),
        (Qt.Key.Key_Right, True),
    ):
        qtbot.keyClick(card.header, key)
        assert card.is_open is is_open
    name = card.header.accessibleName()
    assert all(part in name for part in ("Optimizer", "open", "Adam", "changed", "Too large."))


def test_help_opens_beside_its_button_and_closes_with_escape(qtbot: QtBot, theme: Theme) -> None:
    button = HelpButton(theme, Help("Dropout", "Switches units off.", (("Use it", "When it overfits."),)))
    qtbot.addWidget(button)
    button.show()
    popover = button.open()
    assert popover.isVisible()
    assert popover.width() == 290
    assert "When it overfits." in popover.accessibleDescription()
    with qtbot.waitSignal(popover.destroyed):
        qtbot.keyClick(popover, Qt.Key.Key_Escape)
    assert not button.findChildren(HelpPopover)
    assert button.sizeHint().width() >= 24


# --- the number field -----------------------------------------------------------------------------


@pytest.fixture
def rate(qtbot: QtBot, theme: Theme) -> NumberField:
    field = NumberField(theme, NumberKind(log=True, lowest=0, highest=10))
    qtbot.addWidget(field)
    field.resize(150, 28)
    field.show_value(1e-3)
    field.show()
    return field


def write(qtbot: QtBot, field: NumberField, text: str) -> None:
    field.selectAll()
    qtbot.keyClicks(field.lineEdit(), text)


def test_a_rate_can_be_typed_in_two_forms_and_stepped(qtbot: QtBot, rate: NumberField) -> None:
    heard: list[object] = []
    rate.value_edited.connect(heard.append)
    assert rate.text() == "1e-3"
    qtbot.keyClick(rate, Qt.Key.Key_Up)
    qtbot.keyClick(rate, Qt.Key.Key_Down)
    qtbot.keyClick(rate, Qt.Key.Key_Down)
    qtbot.keyClick(rate, Qt.Key.Key_PageUp)
    assert heard == [2e-3, 1e-3, 5e-4, 5e-3]
    write(qtbot, rate, "0.0003")
    assert rate.value == 3e-4
    qtbot.keyClick(rate, Qt.Key.Key_Return)
    assert rate.text() == "3e-4"


def test_what_is_no_number_is_told_and_kept_as_written(qtbot: QtBot, rate: NumberField) -> None:
    with qtbot.waitSignal(rate.unreadable) as caught:
        write(qtbot, rate, "x")
    assert caught.args == ["x"]
    qtbot.keyClick(rate, Qt.Key.Key_Return)
    assert rate.text() == "x"


def test_a_value_that_is_shown_while_it_is_typed_leaves_the_text_alone(qtbot: QtBot, rate: NumberField) -> None:
    rate.setFocus()
    write(qtbot, rate, "0.10")
    rate.show_value(0.1)
    if rate.lineEdit().hasFocus():
        assert rate.text() == "0.10"


def test_the_unit_stands_inside_where_there_is_room(qtbot: QtBot, theme: Theme) -> None:
    field = NumberField(theme, NumberKind(whole=True, unit="epochs", lowest=1, highest=100))
    qtbot.addWidget(field)
    field.resize(150, 28)
    field.show()
    field.show_value(8)
    assert field.text() == "8 epochs"
    field.show_value(1)
    assert field.text() == "1 epoch"
    field.resize(60, 28)
    assert field.text() == "1"


def test_steps_stay_within_the_limits_and_skip_what_is_refused(qtbot: QtBot, theme: Theme) -> None:
    field = NumberField(theme, NumberKind(whole=True, lowest=8, highest=26))
    qtbot.addWidget(field)
    field.set_check(lambda value: (value - 2) % 6 == 0)
    field.show_value(20)
    field.stepBy(1)
    assert field.value == 26
    field.stepBy(1)
    assert field.value == 26
    field.stepBy(-1)
    assert field.value == 20


def test_an_optional_number_can_be_left_empty(qtbot: QtBot, theme: Theme) -> None:
    field = NumberField(theme, NumberKind(whole=True, optional=True, empty="not set"))
    qtbot.addWidget(field)
    field.show()
    field.show_value(5)
    field.selectAll()
    with qtbot.waitSignal(field.value_edited) as caught:
        qtbot.keyClick(field.lineEdit(), Qt.Key.Key_Delete)
    assert caught.args == [None]


def test_a_picker_says_the_key_of_what_was_chosen(qtbot: QtBot, theme: Theme) -> None:
    picker = Picker(theme)
    qtbot.addWidget(picker)
    picker.add("sgd", "SGD")
    picker.add("adam", "Adam")
    picker.show()
    picker.show_value("adam")
    assert picker.currentText() == "Adam"
    with qtbot.waitSignal(picker.value_edited) as caught:
        qtbot.keyClick(picker, Qt.Key.Key_Up)
    assert caught.args == ["sgd"]


class Asked(QObject):
    """The paintings and layouts that a widget was asked for."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.events: list[QEvent.Type] = []
        widget.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802 - as Qt has it
        if event.type() in {QEvent.Type.Paint, QEvent.Type.LayoutRequest, QEvent.Type.UpdateRequest}:
            self.events.append(event.type())
        return False


def test_a_button_told_what_it_shows_already_is_neither_painted_nor_laid_out_again(qtbot: QtBot, theme: Theme) -> None:
    # The toolbar tells its buttons at every change of the journal, which a training makes ten times a second.
    button = Button(theme, "Pause", "pause")
    qtbot.addWidget(button)
    asked = Asked(button)
    button.show()
    qtbot.waitUntil(lambda: QEvent.Type.Paint in asked.events)
    QCoreApplication.processEvents()
    asked.events.clear()
    button.set_kind("plain")
    button.set_icon("pause")
    QCoreApplication.processEvents()
    assert asked.events == []
    button.set_icon("play")
    qtbot.waitUntil(lambda: QEvent.Type.Paint in asked.events)
