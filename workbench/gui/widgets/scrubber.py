"""Goes through what was kept epoch by epoch: a slider over the kept epochs, a step back and forth, and the newest followed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QSlider, QWidget

from workbench.gui import words
from workbench.gui.text import Text
from workbench.gui.theme import Theme
from workbench.gui.widgets.button import Button
from workbench.gui.widgets.slider import Slider

#: What the words add to the epoch that is kept as the best.
_BEST = " · best"


class Scrubber(QWidget):
    """See the module. Whoever stands at the newest epoch stays there as more come; whoever has gone back stays put."""

    #: Another of the kept epochs is to be shown (its place among them).
    turned = Signal(int)

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self._theme = theme
        self._epochs: tuple[int, ...] = ()
        #: how many epochs the words count to, and what they add to the epoch that is shown
        self._of, self._growing = 0, False
        self._best: int | None = None
        self.back = self._button("chevron-left", "Epoch before", f"{name}Back")
        self.forth = self._button("chevron-right", "Epoch after", f"{name}Forth")
        self.slider = Slider(theme)
        self.slider.setObjectName(f"{name}Slider")
        self.slider.setTickPosition(QSlider.TickPosition.NoTicks)
        self.slider.setPageStep(10)
        self.slider.setAccessibleName("Epoch")
        self.slider.setToolTip("Arrows go from epoch to epoch, Home to the first, End to the newest and on with it")
        self.slider.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.words = Text(theme, "", "strong")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for part in (self.back, self.slider, self.forth):
            row.addWidget(part, 1 if part is self.slider else 0)
        row.addWidget(self.words)
        self.back.clicked.connect(self._step_back)
        self.forth.clicked.connect(self._step_forth)
        self.slider.valueChanged.connect(self._turn)

    def _button(self, icon: str, words: str, name: str) -> Button:
        button = Button(self._theme, "", icon, "flat", height=26)
        button.setObjectName(name)
        button.setAccessibleName(words)
        button.setToolTip(words)
        return button

    @property
    def at(self) -> int:
        """The place of the epoch that is shown among the kept ones."""
        return self.slider.value()

    @property
    def at_newest(self) -> bool:
        return self.at == len(self._epochs) - 1

    def follow_epochs(self, epochs: Sequence[int], best: int | None, *, anew: bool) -> int:
        """The kept epochs, ascending and at least one; which of them is shown now. `anew`: they are of another run."""
        newest = anew or not self._epochs or self.at_newest
        shown = self._epochs[self.at] if self._epochs and not newest else epochs[-1]
        at = max((place for place, epoch in enumerate(epochs) if epoch <= shown), default=0)
        self.show_epochs(epochs, at, epochs[-1], best)
        return at

    def show_epochs(
        self, epochs: Sequence[int], at: int, of: int, best: int | None = None, *, growing: bool = False
    ) -> None:
        """The kept epochs of `of`, and the place of the one that is shown; `growing`: more are about to come."""
        self._epochs, self._of, self._best, self._growing = tuple(epochs), of, best, growing
        with QSignalBlocker(self.slider):
            self.slider.setRange(0, len(epochs) - 1)
            self.slider.setValue(at)
        self._describe()

    def _step_back(self) -> None:
        self.slider.setValue(self.at - 1)

    def _step_forth(self) -> None:
        self.slider.setValue(self.at + 1)

    def _turn(self, at: int) -> None:
        self._describe()
        self.turned.emit(at)

    def _describe(self) -> None:
        epoch = self._epochs[self.at]
        said = self._words(epoch) + (_BEST if epoch == self._best else "")
        self.words.say(said)
        following = self._growing and self.at_newest
        self.slider.setAccessibleDescription(f"{said}, following the newest" if following else said)
        self.back.setEnabled(self.at > 0)
        self.forth.setEnabled(not self.at_newest)
        # The words of the longest epoch, so that the slider does not move under the pointer.
        longest = self._words(self._of) + (_BEST if self._best is not None else "")
        self.words.setMinimumWidth(self.words.fontMetrics().horizontalAdvance(longest) + 4)

    def _words(self, epoch: int) -> str:
        return f"Epoch {words.count(epoch)} of {words.count(self._of)}"
