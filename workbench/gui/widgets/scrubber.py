"""Goes through what was kept epoch by epoch: a slider over the kept epochs, a step back and forth, and the newest followed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QHBoxLayout, QSlider, QWidget

from workbench.gui.text import Text
from workbench.gui.theme import Theme
from workbench.gui.widgets.button import Button
from workbench.gui.widgets.slider import Slider


class Scrubber(QWidget):
    """See the module. Whoever stands at the newest epoch stays there as more come; whoever has gone back stays put."""

    #: Another of the kept epochs is to be shown (its place among them).
    turned = Signal(int)

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self._theme = theme
        self._epochs: tuple[int, ...] = ()
        self._best: int | None = None
        self.back = self._button("chevron-left", "Epoch before", f"{name}Back")
        self.forth = self._button("chevron-right", "Epoch after", f"{name}Forth")
        self.slider = Slider(theme)
        self.slider.setObjectName(f"{name}Slider")
        self.slider.setTickPosition(QSlider.TickPosition.NoTicks)
        self.slider.setPageStep(10)
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
        button = Button(self._theme, "", icon, "flat")
        button.setObjectName(name)
        button.setAccessibleName(words)
        button.setToolTip(words)
        return button

    @property
    def at(self) -> int:
        """The place of the epoch that is shown among the kept ones."""
        return self.slider.value()

    def show_epochs(self, epochs: Sequence[int], best: int | None, *, anew: bool) -> int:
        """The kept epochs, ascending and at least one; which of them is shown now. `anew`: they are of another run."""
        newest = anew or not self._epochs or self.at == len(self._epochs) - 1
        shown = self._epochs[self.at] if self._epochs and not newest else epochs[-1]
        self._epochs, self._best = tuple(epochs), best
        at = max((place for place, epoch in enumerate(epochs) if epoch <= shown), default=0)
        with QSignalBlocker(self.slider):
            self.slider.setRange(0, len(epochs) - 1)
            self.slider.setValue(at)
        self._describe()
        return at

    def _step_back(self) -> None:
        self.slider.setValue(self.at - 1)

    def _step_forth(self) -> None:
        self.slider.setValue(self.at + 1)

    def _turn(self, at: int) -> None:
        self._describe()
        self.turned.emit(at)

    def _describe(self) -> None:
        epoch = self._epochs[self.at]
        words = f"Epoch {epoch} of {self._epochs[-1]}" + (" · best" if epoch == self._best else "")
        self.words.say(words)
        self.slider.setAccessibleName("Epoch")
        self.slider.setAccessibleDescription(words)
        self.back.setEnabled(self.at > 0)
        self.forth.setEnabled(self.at < len(self._epochs) - 1)
        # The words of the longest epoch, so that the slider does not move under the pointer.
        longest = f"Epoch {self._epochs[-1]} of {self._epochs[-1]} · best"
        self.words.setMinimumWidth(self.words.fontMetrics().horizontalAdvance(longest) + 4)
