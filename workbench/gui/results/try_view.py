"""What kept weights say of pictures that a person gave: a list of them, one of them large, and the share of every class.

Filled from a trial; says what is pressed. Decides nothing of what is asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from workbench.gui import words
from workbench.gui.results import pixmaps
from workbench.gui.results.card import Card
from workbench.gui.results.class_view import scrolled
from workbench.gui.results.overlay import OUTLINES, Overlay
from workbench.gui.results.picture_list import Listed, PictureList
from workbench.gui.results.seen import SeenPicture
from workbench.gui.results.shares import Share, Shares
from workbench.gui.runs.bar import RunBar
from workbench.gui.text import Elided, Text
from workbench.gui.theme import Theme
from workbench.gui.widgets.button import Button, TonalButton
from workbench.gui.widgets.segments import Segments
from workbench.gui.widgets.switch import Switch

if TYPE_CHECKING:
    from workbench.gui.results.trial import Trial, Tried

_LIST, _SIDE, _EXAMPLE, _BAR, _WORDS = 210, 290, 96, 140, 420
#: So many pictures that were left out are named; of the rest, the number.
_NAMED = 8

LOOKED_AT = "Show what it looked at"
NOT_LOOKED_INTO = "Of many pictures, only the first are looked into. Try this one by itself to see what it looked at."
INVITATION = (
    "Drop pictures or a folder of pictures here, or paste one that you have copied. They are only looked at: nothing is "
    "trained, and nothing is written unless you save what is said of them."
)


class TryView(QWidget):
    """See the module."""

    #: Pictures are to be chosen, or a folder of them; what was copied is to be tried.
    files_asked = Signal()
    folder_asked = Signal()
    paste_asked = Signal()
    #: What is said is to be saved; what is being said is not wanted any more.
    save_asked = Signal()
    cancel_asked = Signal()
    #: An example of a class is wanted (its number).
    example_asked = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setObjectName("tryView")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Try a picture")
        self.trial: Trial | None = None
        self._listed: list[Listed] = []
        #: the place of the picture that is shown large
        self._shown: int | None = None
        self.note = Elided(theme, "", "secondary", "text2")
        self.note.setObjectName("tryNote")
        self.bar = RunBar(theme)
        self.bar.setObjectName("tryProgress")
        self.bar.setAccessibleName("Progress of predicting")
        self.cancel = self._button("Cancel", "cancelTryButton")
        self.files = self._button("Pictures…", "tryFilesButton", "image")
        self.folder = self._button("Folder…", "tryFolderButton", "folder")
        self.paste = self._button("Paste", "tryPasteButton", "copy")
        self.save = self._button("Save predictions…", "savePredictionsButton", "save")
        self.list = PictureList(theme, "triedList", "Pictures that were tried")
        self.order = Segments(theme, [("given", "In order"), ("unsure", "Unsure")])
        self.order.setObjectName("triedOrder")
        self.order.setAccessibleName("Which pictures come first")
        self.seen = SeenPicture(theme, "triedPicture", 120, 360)
        self.overlay = Overlay(theme)
        for layer in ("true", "missed", "extra"):  # nobody knows what is true of these pictures
            self.overlay.show_layer(layer, False)  # noqa: FBT003 - reads like Qt's own setters
        self.cams = Switch(theme)
        self.cams.setObjectName("triedCamSwitch")
        self.cams.setAccessibleName(LOOKED_AT)
        self.shares = Shares(theme)
        self.example = SeenPicture(theme, "classPicture", _EXAMPLE, _EXAMPLE)
        self._arrange()
        self._connect()
        self.show_invitation()

    def _button(self, text: str, name: str, icon: str = "") -> Button:
        button = Button(self._theme, text, icon)
        button.setObjectName(name)
        button.setAccessibleName(text)
        return button

    # --- making ---------------------------------------------------------------------------------------------

    def _arrange(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.note, 1)
        self.bar.setFixedWidth(self._theme.px(_BAR))
        for part in (self.bar, self.cancel, self.files, self.folder, self.paste, self.save):
            top.addWidget(part)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._invitation())
        self._pages.addWidget(self._answers())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addLayout(top)
        column.addWidget(self._pages, 1)

    def _invitation(self) -> Card:
        theme = self._theme
        card = Card(theme)
        card.title.hide()
        self.invited = Text(theme, "", "title")
        self.invited_words = Text(theme, "", "body", "text2", wrap=True)
        self.choose = TonalButton(theme, "Choose pictures…", height=34)
        self.choose.setObjectName("tryChooseButton")
        for text in (self.invited, self.invited_words):
            text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        card.column.addStretch(1)
        for part in (self.invited, self.invited_words, self.choose):
            card.column.addWidget(part, 0, Qt.AlignmentFlag.AlignHCenter)
        card.column.addStretch(2)
        return card

    def _answers(self) -> QWidget:
        theme = self._theme
        left = Card(theme)
        left.heading.replaceWidget(left.title, self.order)
        left.title.deleteLater()
        left.heading.setAlignment(self.order, Qt.AlignmentFlag.AlignLeft)
        left.column.addWidget(scrolled(self.list, "triedScroll"), 1)
        left.setFixedWidth(theme.px(_LIST))
        middle = Card(theme)
        self.name = middle.title
        self._cam_label = Text(theme, LOOKED_AT, "secondary", "text2", wrap=True)
        self._pictures = QStackedWidget()
        self._pictures.addWidget(self.seen)
        self._pictures.addWidget(self.overlay)
        middle.column.addWidget(self._pictures, 1)
        self.facts = Text(theme, "", "secondary", "text2", wrap=True)
        middle.column.addWidget(self.facts)
        switch = QHBoxLayout()
        switch.setSpacing(10)
        switch.addWidget(self.cams)
        switch.addWidget(self._cam_label, 1)
        middle.column.addLayout(switch)
        side = QWidget()
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        for card in self._side_cards():
            column.addWidget(card)
        column.addStretch(1)
        area = scrolled(side, "trySideScroll")
        area.setFixedWidth(theme.px(_SIDE))
        whole = QWidget()
        row = QHBoxLayout(whole)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(left)
        row.addWidget(middle, 1)
        row.addWidget(area)
        return whole

    def _side_cards(self) -> tuple[Card, ...]:
        theme = self._theme
        self._classes_card = Card(theme, "Classes")
        self._classes_card.column.addWidget(self.shares)
        self._example_card = Card(theme, "")
        self.example_words = Text(theme, "", "secondary", "text2", wrap=True)
        row = QHBoxLayout()
        row.setSpacing(12)
        self.example.setFixedSize(theme.px(_EXAMPLE), theme.px(_EXAMPLE))
        row.addWidget(self.example)
        row.addWidget(self.example_words, 1)
        self._example_card.column.addLayout(row)
        self._left_out_card = Card(theme, "")
        self.left_out = Text(theme, "", "secondary", "text2", wrap=True)
        self._left_out_card.column.addWidget(self.left_out)
        return self._example_card, self._classes_card, self._left_out_card

    def _connect(self) -> None:
        self.files.clicked.connect(self.files_asked)
        self.choose.clicked.connect(self.files_asked)
        self.folder.clicked.connect(self.folder_asked)
        self.paste.clicked.connect(self.paste_asked)
        self.save.clicked.connect(self.save_asked)
        self.cancel.clicked.connect(self.cancel_asked)
        self.order.chosen.connect(self._fill_list)
        self.list.picture_chosen.connect(self._choose)
        self.cams.toggled.connect(self._lay_over)
        self.shares.class_chosen.connect(self.example_asked)
        self._theme.changed.connect(self._show_large)

    # --- what is shown ------------------------------------------------------------------------------------------

    def show_invitation(self, title: str = "Try a picture", sentence: str = INVITATION) -> None:
        """Nothing has been tried, or nothing can be told of it."""
        self.trial, self._shown = None, None
        self.invited.say(title)
        self.invited_words.say(sentence)
        width = self._theme.px(_WORDS)
        self.invited_words.setFixedWidth(width)
        self.invited_words.setMinimumHeight(self.invited_words.heightForWidth(width))
        self._pages.setCurrentIndex(0)
        self.note.say("")
        self._show_running(running=False)

    def begin(self, trial: Trial, words_: str) -> None:
        """Pictures are being asked about; they come one after the other."""
        self.trial, self._listed, self._shown = trial, [], None
        self.list.show_pictures([])
        self._left_out_card.hide()
        self.invited.say(words_)
        self.invited_words.say("")
        self._pages.setCurrentIndex(0)
        self.show_progress(None, "Starting an engine for it")
        self._show_running(running=True)

    def show_progress(self, share: float | None, sentence: str) -> None:
        self.bar.show_share(share)
        self.note.set_token("text2")
        self.note.say(sentence)

    def show_more(self) -> None:
        """The trial knows more than before."""
        trial = self.trial
        if trial is None:
            return
        self._listed += [
            Listed(each.place, each.picture, each.name.rpartition("/")[2], trial.sentence(each))
            for each in trial.pictures[len(self._listed) :]
        ]
        self._show_left_out(trial)
        if not trial.pictures:
            return
        self.order.setVisible(not trial.masks and len(trial.pictures) > 1)
        self._pages.setCurrentIndex(1)
        self._fill_list()
        if self._shown is None:
            self._choose(self.list.listed[0].place)
        else:
            self._lay_over()  # its map may have come

    def end(self, sentence: str, *, failed: bool = False) -> None:
        """No more will come."""
        self._show_running(running=False)
        if self.trial is not None and not self.trial.pictures:
            self.show_invitation("Nothing to show" if not failed else "These pictures could not be tried", sentence)
            return
        self.note.set_token("err" if failed else "text2")
        self.note.say(sentence)
        self._lay_over()

    def _show_running(self, *, running: bool) -> None:
        for part in (self.bar, self.cancel):
            part.setVisible(running)
        for part in (self.files, self.folder, self.paste, self.save):
            part.setVisible(not running)
        self.choose.setVisible(not running)
        self.save.setEnabled(self.trial is not None and bool(self.trial.pictures))

    def _show_left_out(self, trial: Trial) -> None:
        left_out = trial.left_out
        self._left_out_card.setVisible(bool(left_out))
        self._left_out_card.title.say(f"Left out: {words.plural(len(left_out), 'picture', 'pictures')}")
        lines = [f"{name}: {why}." for name, why in left_out[:_NAMED]]
        more = len(left_out) - _NAMED
        self.left_out.say("\n".join([*lines, f"… and {words.count(more)} more"] if more > 0 else lines))

    # --- one picture --------------------------------------------------------------------------------------------

    @property
    def chosen(self) -> Tried | None:
        """The picture that is shown large."""
        return self.trial.pictures[self._shown] if self.trial is not None and self._shown is not None else None

    def _fill_list(self, _key: str = "") -> None:
        if self.trial is not None:
            places = [each.place for each in self.trial.in_order(self.order.key)]
            self.list.show_pictures([self._listed[place] for place in places], self._shown)

    def _choose(self, place: int) -> None:
        self._shown = place
        self._show_large()
        trial, each = self.trial, self.chosen
        assert trial is not None
        assert each is not None
        colours = [None, *(self._theme.series(OUTLINES[k % len(OUTLINES)]) for k in range(len(trial.classes) - 1))]
        rows = [
            Share(number, name, float(each.shares[number]), colours[number] if trial.masks else None)
            for number, name in enumerate(trial.classes)
        ]
        self._classes_card.title.say("Share of the pixels" if trial.masks else "Probability of each class")
        self.shares.show_shares(rows, trial.best(each))
        self._example_card.setVisible(not trial.masks)
        self.example_asked.emit(trial.best(each))

    def _show_large(self) -> None:
        trial, each = self.trial, self.chosen
        if trial is None or each is None:
            return
        told = f"{each.name}: {trial.sentence(each)}"
        self.name.say(told)
        try:
            picture = pixmaps.image(trial.seen(each))
            if trial.masks:
                mask = trial.mask(each)
                self.overlay.show_masks(picture, mask, mask, None, told)
            else:
                self.seen.show_picture(picture, told)
        except (OSError, ValueError, KeyError) as error:
            self.facts.say(f"This picture cannot be shown any more: {error}.")
            return
        self._pictures.setCurrentWidget(self.overlay if trial.masks else self.seen)
        self.facts.say(_facts(trial, each))
        for part in (self.cams, self._cam_label):
            part.setVisible(not trial.masks)
        self._lay_over()

    def _lay_over(self) -> None:
        """The map of what the network looked at, where it is wanted and known."""
        trial, each = self.trial, self.chosen
        if trial is None or each is None or trial.masks:
            return
        # While it is at work, a map may be on its way.
        missing = trial.no_cams or (NOT_LOOKED_INTO if not each.cams and not self.cancel.isVisibleTo(self) else "")
        self.cams.setEnabled(not missing)
        self._cam_label.say(missing or LOOKED_AT)
        if not self.cams.isChecked():
            self.seen.lay_over(None)
        elif not self.seen.covered and each.cams:
            cam = trial.cam(each)
            self.seen.lay_over(None if cam is None else pixmaps.heat(cam, self._theme.series("validation")))

    def show_example(self, picture: QImage | None, title: str, sentence: str) -> None:
        """A picture of a class, as the validation part has it; None where there is none to show."""
        self._example_card.title.say(title)
        self.example.show_picture(picture, title)
        self.example.setVisible(picture is not None)
        self.example_words.say(sentence)


def _facts(trial: Trial, each: Tried) -> str:
    """What the network made of the file's picture before it looked."""
    width, height = (words.count(side) for side in each.size)
    size = f"{width} × {height} pixels" if each.size[0] else "Its size is not known"
    if trial.masks:
        return f"{size}; the mask has as many. Outlines are what the network says."
    grey = trial.shape[2] == 1
    turned = "" if each.grey == grey else ", in grey" if grey else ", grey as colour"
    return f"{size}, seen as {trial.shape[1]} × {trial.shape[0]}{turned}"
