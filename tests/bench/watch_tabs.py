"""Watches a window while somebody looks through its tabs: data, network, X-ray, results. How smooth does it stay in each?

A story is told step by step, one step a tick of the timer that is measured, so whatever a step makes the window do is in the gap.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from workbench.spec.recipe import parse

TICK_MS = 10
#: A step of the story takes no longer.
PATIENCE_S = 120
#: Between two things that somebody does.
PAUSE_S = 1.0
TIMES = 10
#: By how much the gallery is scrolled at each tick: so many pixels.
SCROLL = 30
DENSENET = {"kind": "densenet", "depth": 190, "growth": 40, "bottleneck": True, "compression": 0.5}
SMALL = {"data": {"kind": "digits"}, "model": {"kind": "cnn"}}

Story = Iterator[str]


class Watcher(QObject):
    """Ticks, tells the story, and notes the gaps between ticks by the word that the story gives."""

    def __init__(self, _home: Path) -> None:
        super().__init__()
        tops = QApplication.topLevelWidgets()
        self.window: Any = next(each for each in tops if each.findChild(QPushButton, "startButton"))
        self.window.resize(1440, 900)
        self.gaps: dict[str, list[float]] = {}
        self.frames: list[float] = []
        self.seen: dict[str, Any] = {}
        self.part = ""
        self.last = time.perf_counter()
        self.story = self.tell()
        self.timer = QTimer(self, interval=TICK_MS, timerType=Qt.TimerType.PreciseTimer)
        self.timer.timeout.connect(self.tick)
        self.timer.start()

    def tick(self) -> None:
        now = time.perf_counter()
        if self.part:
            self.gaps.setdefault(self.part, []).append(now - self.last)
        self.last = now
        try:
            self.part = next(self.story)
        except StopIteration:
            self.finish()

    # --- the story --------------------------------------------------------------------------------------

    def tell(self) -> Story:
        window = self.window
        yield from self.until("", lambda: hasattr(window, "results") and bool(window.session.rows))
        yield from self.pause("", 6.0)  # the engine warms up, which other rows measure
        for story in (self.look_at_data, self.look_at_networks, self.take_an_xray, self.look_at_results):
            yield from story()

    def look_at_data(self) -> Story:
        page = self.window.data
        self.window.tabs.show_tab("data")
        yield from self.until("data, opened", lambda: page.shown is not None)
        yield from self.until("data, scanned", lambda: bool(page.shown.findings), self.scroll)
        yield from self.until("data, engine asked", lambda: page.fed.fed is not None, self.scroll)
        page.checks.show_asked.emit(0)
        yield from self.pause("data, looked through")
        page.back.click()
        for _ in range(TIMES):
            page.shuffle.click()
            yield from self.pause("data, looked through", PAUSE_S / 2)
        yield from self.pause("data, scrolled", 5 * PAUSE_S, self.scroll)

    def scroll(self) -> None:
        gallery = self.window.data.gallery
        bar = gallery.verticalScrollBar()
        began = time.perf_counter()
        bar.setValue(bar.value() + SCROLL if bar.value() < bar.maximum() else 0)
        gallery.viewport().repaint()
        self.frames.append(time.perf_counter() - began)

    def look_at_networks(self) -> Story:
        window = self.window
        window.tabs.show_tab("model")
        window.recipe.set_recipe(parse({"data": {"kind": "cifar10"}, "model": DENSENET}))
        yield from self.pause("model, opened", 2 * PAUSE_S)
        for number in range(TIMES):
            window.recipe.set_value("model.growth", 30 + number)
            yield from self.pause("model, changed")

    def take_an_xray(self) -> Story:
        window = self.window
        window.recipe.set_recipe(parse(SMALL))
        yield from self.pause("", 2 * PAUSE_S)
        inquiry = window.probes.xray
        answers: list[object] = []
        inquiry.answered.connect(lambda *told: answers.append(told))
        window.xrays.take_or_cancel()
        yield from self.until("X-ray", lambda: bool(answers))
        yield from self.pause("X-ray")

    def look_at_results(self) -> Story:
        window, page = self.window, self.window.results
        window.session.show_run(window.session.rows[0].run.id)
        window.tabs.show_tab("results")
        yield from self.until("results, judged", lambda: shown(page.do) or shown(page.classes))
        if shown(page.do):
            page.do.click()
        yield from self.until("results, judged", lambda: shown(page.classes))
        yield from self.pause("results, judged")
        view = page.classes
        for number in range(TIMES):
            cell = view.matrix._grid().rect(number, (3 * number + 1) % 10).center()
            QTest.mouseClick(view.matrix, Qt.MouseButton.LeftButton, pos=cell)
            yield from self.pause("results, clicked", PAUSE_S / 2)
        for segments, keys in (
            (view.lists, ("mistakes", "uncertain", "cell")), (view.numbers, ("share", "count")),
            (view.sides, ("calibration", "classes")),
        ):  # fmt: skip
            for key in keys:
                segments.button(key).click()
                yield from self.pause("results, clicked", PAUSE_S / 2)

    def until(self, word: str, done: Callable[[], bool], act: Callable[[], None] | None = None) -> Story:
        """Ticks, with something done at each, until something is so."""
        began = time.perf_counter()
        while not done():
            if time.perf_counter() - began > PATIENCE_S:
                self.seen.setdefault("gave_up", []).append(word)
                return
            if act is not None:
                act()
            yield word

    def pause(self, word: str, seconds: float = PAUSE_S, act: Callable[[], None] | None = None) -> Story:
        ends = time.perf_counter() + seconds
        yield from self.until(word, lambda: time.perf_counter() > ends, act)

    def finish(self) -> None:
        self.timer.stop()
        self.seen["parts"] = {word: told(gaps) for word, gaps in self.gaps.items()}
        self.seen["frames"] = told(self.frames)
        sys.stdout.write(json.dumps(self.seen) + "\n")
        sys.stdout.flush()
        QApplication.closeAllWindows()
        QTimer.singleShot(500, QApplication.quit)


def shown(part: QWidget | None) -> bool:
    return part is not None and part.isVisible()


def told(times: list[float]) -> dict[str, float]:
    """How many there are, and in milliseconds the median, the 99th percentile, the longest, and how many take over 25."""
    ordered = sorted(1000 * each for each in times)
    return {
        "count": len(ordered), "median": ordered[len(ordered) // 2], "p99": ordered[int(len(ordered) * 0.99)],
        "longest": ordered[-1], "over": sum(each > 25 for each in ordered),
    }  # fmt: skip
