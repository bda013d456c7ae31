"""Dialogs that show a probe while it runs and what it found: the learning-rate search and the overfit check.

They show what they are told and ask by signals; they start and change nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from workbench.gui import words
from workbench.gui.runs.bar import RunBar
from workbench.gui.text import Elided, Text
from workbench.gui.theme import Theme
from workbench.gui.widgets.badge import Badge
from workbench.gui.widgets.button import Button

if TYPE_CHECKING:
    from workbench.gui.probes import Progress
    from workbench.probing.overfit import Overfit
    from workbench.probing.rate_search import RateSearch

WIDTH = 640


class ProbeDialog(QDialog):
    """Title, what is done, the live curve, how far it is, then the answer with an offer to use what it proposes."""

    #: It is to be done again.
    again_asked = Signal()
    #: The proposed learning rate is to be the recipe's.
    use_asked = Signal(float)

    def __init__(self, theme: Theme, title: str, text: str, axes: tuple[str, str], parent: QWidget) -> None:
        from workbench.gui.curves.probe_plot import ProbePlot  # noqa: PLC0415 - pyqtgraph comes after the first paint

        super().__init__(parent)
        self._theme = theme
        self._proposed: float | None = None
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.plot = ProbePlot(theme, *axes)
        self.bar = RunBar(theme)
        self.bar.setAccessibleName(f"{title}, progress")
        self.progress = Elided(theme, "", "secondary", "text2")
        self.progress.setObjectName("probeProgress")
        self.badge = Badge(theme)
        self.sentence = Text(theme, "", "body", wrap=True, selectable=True)
        self.sentence.setObjectName("probeSentence")
        self.remark = Text(theme, "", "secondary", "text2", wrap=True)
        self.again = Button(theme, "Again", height=34)
        self.again.setObjectName("probeAgainButton")
        self.leave = Button(theme, "Cancel", height=34)
        self.leave.setObjectName("probeLeaveButton")
        self.use = Button(theme, "Use it", kind="primary", height=34)
        self.use.setObjectName("probeUseButton")
        self._lay_out(title, text)
        self.again.clicked.connect(self.again_asked)
        self.leave.clicked.connect(self.reject)
        self.use.clicked.connect(self._ask_use)
        self.show_begun()

    def _lay_out(self, title: str, text: str) -> None:
        theme = self._theme
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(10)
        column.addWidget(Text(theme, title, "title"))
        column.addWidget(Text(theme, text, "body", "text2", wrap=True))
        column.addWidget(self.plot, 1)
        column.addWidget(self.bar)
        column.addWidget(self.progress)
        answer = QHBoxLayout()
        answer.setSpacing(10)
        answer.addWidget(self.badge, 0, Qt.AlignmentFlag.AlignTop)
        answer.addWidget(self.sentence, 1)
        column.addLayout(answer)
        column.addWidget(self.remark)
        row = QHBoxLayout()
        row.addWidget(self.again)
        row.addStretch(1)
        row.addWidget(self.leave)
        row.addWidget(self.use)
        column.addLayout(row)
        room = self.screen().availableSize()
        self.resize(min(theme.px(WIDTH), room.width() - 40), min(theme.px(560), room.height() - 80))

    # --- how it goes ---------------------------------------------------------------------------------------

    def show_begun(self) -> None:
        """It has begun: nothing is known yet."""
        self._proposed = None
        self.plot.show_mark(None)
        self.plot.show_line(())
        self.bar.show_share(None)
        self.progress.say("Starting an engine for it")
        self._turn(running=True)
        self.leave.setFocus()

    def show_progress(self, progress: Progress) -> None:
        """How far it is."""
        self.bar.show_share(progress.share)
        self.progress.say(progress.words)

    def show_failure(self, sentence: str) -> None:
        """It could not be done."""
        self._conclude("No answer", "err", sentence)

    def show_part(self, found: Mapping[str, Any]) -> None:
        """What was found on the way; for subclasses."""

    def _conclude(
        self, word: str, tone: str, sentence: str, *, remark: str = "", proposed: float | None = None
    ) -> None:
        """The answer; `proposed`: a learning rate that can be used."""
        self._proposed = proposed
        self.badge.show_verdict(word, tone)
        self.sentence.say(sentence)
        self.remark.say(remark)
        self.plot.setAccessibleDescription(sentence)
        self.setAccessibleDescription(sentence)
        self._turn(running=False)
        (self.use if proposed is not None else self.leave).setFocus()

    def _turn(self, *, running: bool) -> None:
        shown_meanwhile: tuple[QWidget, ...] = (self.bar, self.progress)
        shown_then: tuple[QWidget, ...] = (self.badge, self.sentence, self.again)
        for part in shown_meanwhile:
            part.setVisible(running)
        for part in shown_then:
            part.setVisible(not running)
        self.remark.setVisible(not running and bool(self.remark.text()))
        self.leave.setText("Cancel" if running else "Close")
        proposed = self._proposed
        self.use.setVisible(proposed is not None)
        self.use.setDefault(proposed is not None)
        if proposed is not None:
            self.use.setText(f"Use {words.rate(proposed)}")

    def _ask_use(self) -> None:
        if self._proposed is not None:
            self.use_asked.emit(self._proposed)


class RateSearchDialog(ProbeDialog):
    """The learning-rate search."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        from workbench.gui.curves.probe_plot import decades  # noqa: PLC0415 - see above
        from workbench.probing.rate_search import HIGHEST_RATE, LOWEST_RATE  # noqa: PLC0415 - once it is asked for

        text = (
            "The run's first steps, each at a larger learning rate than the one before, in an engine of their own. "
            "Thin: the loss of each step; thick: smoothed."
        )
        self._rates: list[float] = []
        self._losses: list[float] = []
        super().__init__(theme, "Find the learning rate", text, ("Learning rate", "Loss"), parent)
        self.setObjectName("rateSearchDialog")
        self._decades = decades
        self.plot.set_decades(round(decades(LOWEST_RATE)), round(decades(HIGHEST_RATE)))

    def show_begun(self) -> None:
        self._rates, self._losses = [], []
        self.plot.show_raw(())
        super().show_begun()

    def show_part(self, found: Mapping[str, Any]) -> None:
        """The rates and losses of further steps."""
        self._rates += found["rates"]
        self._losses += found["losses"]
        self.plot.show_raw([(self._decades(rate), loss) for rate, loss in zip(self._rates, self._losses, strict=True)])

    def show_answer(self, found: RateSearch) -> None:
        """The whole test with its proposal."""
        places = [self._decades(rate) for rate in found.rates]
        self.plot.show_raw(list(zip(places, found.losses, strict=True)))
        self.plot.show_line(list(zip(places, found.smoothed, strict=True)))
        if found.proposed is None:
            self._conclude("No proposal", "warn", found.sentence)
            return
        self.plot.show_mark(self._decades(found.proposed), words.rate(found.proposed))
        self._conclude(words.rate(found.proposed), "ok", found.sentence, proposed=found.proposed)


class OverfitDialog(ProbeDialog):
    """The overfit check."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        text = (
            "A network that cannot learn a few pictures by heart will not learn many. It is trained on a small part of the training "
            "pictures, with all tricks off, in an engine of its own, until it knows them or clearly will not."
        )
        self._accuracies: list[float] = []
        super().__init__(theme, "Overfit check", text, ("Epoch", "Accuracy on these pictures"), parent)
        self.setObjectName("overfitDialog")
        self.plot.set_percent(1.0)

    def show_begun(self) -> None:
        self._accuracies = []
        super().show_begun()

    def show_part(self, found: Mapping[str, Any]) -> None:
        """The accuracies of further epochs."""
        self._accuracies += found["accuracies"]
        self.plot.show_steps(self._accuracies)

    def show_answer(self, found: Overfit) -> None:
        """Whether it learned them, and if not, why."""
        self.plot.set_percent(found.wanted)
        self.plot.show_steps(found.accuracies)
        left = f"Left off for the check: {', '.join(found.left_off)}." if found.left_off else ""
        word, tone = ("Learned by heart", "ok") if found.reached else ("Not learned", "err")
        self._conclude(word, tone, found.sentence, remark=left, proposed=found.better_rate)
