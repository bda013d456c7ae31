"""Above the X-ray: whether it is of the form's recipe before training or of a run, and of a run which epoch.

It asks and shows; what there is to choose from it is told.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from workbench.gui.text import Elided, Text
from workbench.gui.theme import Theme
from workbench.gui.widgets.button import Button
from workbench.gui.widgets.scrubber import Scrubber
from workbench.gui.widgets.segments import Segments
from workbench.gui.widgets.switch import Switch

#: A longer name of a run ends in ….
_LONGEST = 24
#: The sentence in the place of the scrubber is at least so wide.
_SENTENCE = 180


class XRaySource(QWidget):
    """See the module."""

    #: Another source was chosen.
    chosen = Signal()
    #: Another epoch is to be shown (its number; None for the newest, whichever that will be).
    epoch_wanted = Signal(object)
    #: The next run's recipe is to ask for an X-ray each epoch, or not (bool).
    each_epoch_wanted = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("xraySource")
        self._theme = theme
        self._epochs: tuple[int, ...] = ()
        self._alive = False
        self.choice = Segments(theme, [("recipe", "Before training"), ("run", "Run")])
        self.choice.setObjectName("xraySourceChoice")
        self.choice.setAccessibleName("What the X-ray is of")
        self.choice.button("recipe").setAccessibleName("The recipe, before training")
        self.choice.button("recipe").setToolTip(
            "The recipe in the form, before training, with this initializer and others"
        )
        self.scrubber = Scrubber(theme, "xrayEpoch")
        self.scrubber.slider.setAccessibleName("Epoch of the X-ray")
        self.newest = Button(theme, "Follow the newest", kind="link", height=24)
        self.newest.setObjectName("followXRayButton")
        self.sentence = Elided(theme, "", "secondary", "text2")
        self.sentence.setObjectName("xraySourceSentence")
        self.each_words = Text(theme, "X-ray each epoch", "secondary")
        self.each = Switch(theme)
        self.each.setObjectName("xrayEachEpochSwitch")
        self.each.setAccessibleName("X-ray each epoch, in the recipe for the next run")
        self.each.setToolTip(
            "Measures signal, gradients and dead units of every layer at each epoch's end, in the runs that are started from now on"
        )
        self._lay_out()
        self._connect()
        self.offer_run(None)
        self.show_sentence("")

    def _lay_out(self) -> None:
        self._upper, self._lower = QHBoxLayout(), QHBoxLayout()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for row in (self._upper, self._lower):
            row.setSpacing(8)
            column.addLayout(row)
        # In one row it must not keep a page from becoming narrow enough for two.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._stretch = QWidget()  # takes the room that the scrubber leaves
        self._stretch.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._upper.addWidget(self.choice, 0, Qt.AlignmentFlag.AlignLeft)
        self._moving = (
            self.scrubber, self.newest, self.sentence, self._stretch, self.each_words, self.each,
        )  # fmt: skip
        self._fill(self._upper)
        self._theme.changed.connect(self._fit)

    def _connect(self) -> None:
        self.choice.chosen.connect(self._choose)
        self.newest.clicked.connect(self._follow)
        self.scrubber.turned.connect(self._scrubbed)
        self.each.value_edited.connect(self.each_epoch_wanted)

    # --- what is shown ------------------------------------------------------------------------------------

    @property
    def is_run(self) -> bool:
        """Whether a run is chosen, and not the recipe."""
        return self.choice.key == "run"

    def choose(self, key: str) -> None:
        """Show a choice without saying so."""
        self.choice.choose(key)

    def offer_run(self, name: str | None) -> None:
        """The run that can be chosen; None: there is none, and the recipe is shown."""
        button = self.choice.button("run")
        said = name or "Run"
        button.setText(said if len(said) <= _LONGEST else f"{said[: _LONGEST - 1]}…")
        button.setAccessibleName(f"{name}, epoch by epoch" if name else "A run, epoch by epoch")
        button.setToolTip("" if name else "There is no run yet")
        button.setEnabled(name is not None)
        button.updateGeometry()
        self._fit()

    def show_each_epoch(self, on: bool | None) -> None:  # noqa: FBT001 - reads like Qt's own setters
        """What the form's recipe says of X-rays each epoch; None while it has a problem."""
        self.each.setEnabled(on is not None)
        self.each.show_value(bool(on))

    def show_sentence(self, sentence: str) -> None:
        """There is no epoch to choose from: why."""
        self._epochs = ()
        self.sentence.say(sentence)
        self._show()

    def show_epochs(self, epochs: Sequence[int], epoch: int, planned: int, *, alive: bool) -> None:
        """The epochs there are, and which one is shown; `alive`: more are about to come."""
        self._epochs, self._alive = tuple(epochs), alive
        self.scrubber.show_epochs(epochs, self._epochs.index(epoch), planned, growing=alive)
        self.sentence.say("")
        self._show()

    def _show(self) -> None:
        scrubbing = bool(self._epochs)
        for part, shown in ((self.scrubber, scrubbing), (self.each_words, not scrubbing), (self.each, not scrubbing)):
            part.setVisible(shown)
        self.sentence.setVisible(bool(self.sentence.whole))
        self._stretch.setVisible(not scrubbing and not self.sentence.whole)
        self.newest.setVisible(scrubbing and self._alive and not self.scrubber.at_newest)
        self._fit()

    # --- what is asked --------------------------------------------------------------------------------------

    def _choose(self, _key: str) -> None:
        self.chosen.emit()

    def _follow(self) -> None:
        slider = self.scrubber.slider
        slider.setFocus(Qt.FocusReason.OtherFocusReason)
        slider.setValue(slider.maximum())

    def _scrubbed(self, place: int) -> None:
        self._show()
        self.epoch_wanted.emit(None if self.scrubber.at_newest else self._epochs[place])

    # --- room ---------------------------------------------------------------------------------------------------

    def _fill(self, row: QHBoxLayout) -> None:
        for part in self._moving:
            row.addWidget(part, 1 if part in {self.scrubber, self.sentence, self._stretch} else 0)

    def _fit(self) -> None:
        """In one row, or where that is too narrow in two."""
        shown = [part for part in self._moving if not part.isHidden()]
        wide = {self.sentence: self._theme.px(_SENTENCE), self._stretch: 0}
        needed = self.choice.sizeHint().width() + sum(
            self._upper.spacing() + wide.get(part, part.sizeHint().width()) for part in shown
        )
        before, after = (self._upper, self._lower) if needed > self.width() else (self._lower, self._upper)
        if after.indexOf(self.scrubber) < 0:
            for part in self._moving:
                before.removeWidget(part)
            self._fill(after)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()
