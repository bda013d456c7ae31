"""The bottom of the form: whether a run would fit in memory and how long it takes; an estimate, or measured when asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from workbench.gui import words
from workbench.gui.recipe.estimate import Estimate
from workbench.gui.text import Elided, Text
from workbench.gui.theme import Theme
from workbench.gui.widgets.button import Button

if TYPE_CHECKING:
    from workbench.gui.probes import Progress
    from workbench.probing.preflight import Preflight

#: A verdict, estimated or measured: in words, its icon, its tone, and in a word for a badge.
_TOO_LARGE = ("Will not fit", "failed", "err", "Too large")
_WORDS: dict[str, tuple[str, str, str, str]] = {
    "fits": ("Fits in memory", "ok", "ok", "Fits"), "tight": ("Tight", "warning", "warn", "Tight"),
    "too_big": _TOO_LARGE, "too_large": _TOO_LARGE,
}  # fmt: skip


class _Bar(QWidget):
    """The share of what can be had that a run would take, or how far measuring is."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._share, self._token = 0.0, "ok"
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_share(self, share: float, token: str, what: str) -> None:
        self._share, self._token = min(1.0, share), token
        self.setAccessibleName(f"{what}, {round(share * 100)} percent")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(100, 5)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        rect = QRectF(self.rect())
        painter.setBrush(self._theme.colour("line2"))
        painter.drawRoundedRect(rect, 2.5, 2.5)
        rect.setWidth(max(5.0, rect.width() * self._share) if self._share else 0)
        painter.setBrush(self._theme.colour(self._token))
        painter.drawRoundedRect(rect, 2.5, 2.5)
        painter.end()


class Footer(QWidget):
    """The estimate, and in its place what was measured."""

    #: Measure was pressed, or Cancel while it is being measured.
    measure_asked = Signal()
    #: A batch of so many pictures is to be used.
    batch_chosen = Signal(int)
    #: The verdict is another now: a word, its tone (ok, warn, err) and a sentence; all empty while nothing is known.
    verdict_changed = Signal(str, str, str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._estimate = Estimate()
        self._measured: Preflight | None = None
        self._progress: Progress | None = None
        self._trouble = self._remark = ""
        self._icon = ("info", "text3")
        self._sign = QLabel(self)
        self._verdict = Text(theme, "", "body", weight=500)
        self._verdict.setObjectName("estimateVerdict")
        self._size = Elided(theme, "", "secondary", "text2")
        self._size.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._bar = _Bar(theme, self)
        self._details = Elided(theme, "", "caption", "text2")
        self._details.setObjectName("estimateDetails")
        self._more = Elided(theme, "", "caption", "text2", lines=2)
        self._more.setObjectName("measuredMore")
        self.measure = Button(theme, "Measure…", kind="link", height=24)
        self.measure.setObjectName("measureButton")
        self.use = Button(theme, "", kind="link", height=24)
        self.use.setObjectName("useLargestBatchButton")
        self._lay_out()
        theme.changed.connect(self._dress)
        self.use.clicked.connect(self._use_batch)
        self.measure.clicked.connect(self.measure_asked)
        self._show()

    def _lay_out(self) -> None:
        top, foot, last = QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        top.setSpacing(6)
        top.addWidget(self._sign)
        top.addWidget(self._verdict)
        top.addWidget(self._size, 1)
        foot.setSpacing(4)
        foot.addWidget(self._details, 1)
        foot.addWidget(self.measure)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 9, 14, 6)
        column.setSpacing(4)
        last.setSpacing(4)
        last.addWidget(self._more, 1)
        last.addWidget(self.use, 0, Qt.AlignmentFlag.AlignTop)
        for part in (top, self._bar, foot, last):
            if isinstance(part, QHBoxLayout):
                column.addLayout(part)
            else:
                column.addWidget(part)

    # --- what is shown ------------------------------------------------------------------------------------

    def show_estimate(self, estimate: Estimate) -> None:
        """What is reckoned; measured values go before it."""
        self._estimate = estimate
        self._show()

    def show_measuring(self, progress: Progress | None) -> None:
        """How far measuring is; None: it is over, or called off."""
        self._progress = progress
        self._show()

    def show_measured(self, measured: Preflight | None, remark: str = "") -> None:
        """What was measured, and under which conditions; None: the estimate again."""
        self._measured, self._remark, self._trouble = measured, remark, ""
        self._show()

    def show_trouble(self, sentence: str) -> None:
        """Why it could not be measured; it stands until something else is known."""
        self._measured, self._trouble = None, sentence
        self._show()

    def _show(self) -> None:
        self.measure.setText("Cancel" if self._progress is not None else "Measure…")
        tip = "Make three real steps with this recipe: memory, time, disk and the largest batch that fits"
        self.measure.setToolTip("Do without measuring" if self._progress is not None else tip)
        found = self._measured if self._progress is None else None
        self._more.setVisible(found is not None)
        self._show_use(found)
        if self._progress is not None:
            self._show_progress(self._progress)
        elif self._measured is not None:
            self._show_measured(self._measured)
        else:
            self._show_estimate(self._estimate)
        self._dress()

    def _show_use(self, found: Preflight | None) -> None:
        largest = found.largest_batch if found is not None else None
        self.use.setVisible(found is not None and largest not in {None, found.batch_size})
        if largest is not None:
            self.use.setText(f"Use {words.count(largest)}")
            self.use.setAccessibleName(f"Use a batch of {words.plural(largest, 'picture', 'pictures')}")
            self.use.setToolTip(
                "Set the batch size to about the largest that fits; the learning rate may want another value then"
            )

    def _use_batch(self) -> None:
        if self._measured is not None and self._measured.largest_batch is not None:
            self.batch_chosen.emit(self._measured.largest_batch)

    def _show_progress(self, progress: Progress) -> None:
        self._say("Measuring", ("preparing", "info"), words_right="", details=progress.words)
        self._bar.show_share(progress.share or 0.0, "info", "Measuring")

    def _show_measured(self, found: Preflight) -> None:
        told, icon, tone, short = _WORDS[found.fit]
        on_gpu = found.device_bytes is not None
        needed, total = (found.device_bytes, found.device_total) if on_gpu else (found.host_bytes, found.host_total)
        kind = "GPU memory" if on_gpu else "memory"
        size = f"{words.size(needed)} of {words.size(total)} {kind}" if needed and total else found.sentence
        time = f"up to {words.rough_duration(found.total_seconds)}" if found.total_seconds is not None else ""
        self._say(told, (icon, tone), words_right=time, details=size)
        self._bar.show_share(needed / total if needed and total else 1.0, tone, "Memory")
        self._more.say(" · ".join([*_measured_parts(found), *filter(None, [self._remark])]))
        self.setAccessibleDescription(f"Measured. {found.sentence} {self._more.whole}")
        self.verdict_changed.emit(short, tone, f"Measured. {found.sentence}")

    def _show_estimate(self, estimate: Estimate) -> None:
        fit = estimate.fit
        told, icon, tone, short = _WORDS[fit] if fit else ("Memory not known yet", "info", "text3", "")
        known = estimate.parameters
        right = f"{words.short_count(known)} parameters" if known is not None else ""
        if self._trouble:
            self._say("Not measured", ("error", "err"), words_right=right, details=self._trouble)
        else:
            self._say(told, (icon, tone), words_right=right, details=_details(estimate))
        share = estimate.memory / estimate.available if estimate.memory is not None and estimate.available else 0.0
        self._bar.show_share(share, tone if fit else "ok", "Memory")
        self.setAccessibleDescription(f"Estimated. {told}, {_details(estimate)}")
        said = f"Estimated: {_details(estimate)}. Measure… makes real steps" if fit else ""
        self.verdict_changed.emit(short, tone if fit else "", said)

    def _say(self, verdict: str, icon: tuple[str, str], *, words_right: str, details: str) -> None:
        self._verdict.say(verdict)
        self._icon = icon
        self._size.say(words_right)
        self._details.say(details)

    def _dress(self) -> None:
        self._sign.setPixmap(self._theme.pixmap(*self._icon, 16))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(0, 0, self.width(), 1, self._theme.colour("line"))
        painter.end()


def _details(estimate: Estimate) -> str:
    if estimate.problems:
        return "Put the marked settings right first"
    if estimate.memory is None or estimate.available is None:
        return "Known once the pictures are read"
    steps = f" · {words.plural(estimate.steps, 'step', 'steps')} an epoch" if estimate.steps else ""
    return f"about {words.size(estimate.memory)} of {words.size(estimate.available)} free{steps}"


def _measured_parts(found: Preflight) -> list[str]:
    """What was measured beside memory and time, each where it is known."""
    parts = []
    if found.step_seconds is not None:
        parts.append(f"{_step(found.step_seconds)} a step")
    if found.largest_batch is not None:
        parts.append(f"batch up to about {words.count(found.largest_batch)}")
    if found.disk_bytes is not None:
        parts.append(f"{words.size(found.disk_bytes)} on disk")
    return parts


def _step(seconds: float) -> str:
    """The time of a step: 0.8 ms, 12 ms, 1.4 s."""
    if seconds >= 1:
        return words.duration(seconds)
    return f"{words.decimals(seconds * 1e3, 0 if seconds >= 0.01 else 1)}{words.NO_BREAK}ms"  # noqa: PLR2004 - two figures
