"""The menu of what the curves show: metric, strips, smoothing, clipping; it shows choices and says which were made."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeVar

from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu

from workbench.curves.smoothing import Kind
from workbench.gui.curves.choices import Choices, Clip, Strip
from workbench.gui.curves.metric_lane import metric_title

_KINDS = {Kind.EXPONENTIAL: "Exponential mean", Kind.WINDOW: "Mean of a window"}

T = TypeVar("T")
Choose = Callable[[Choices], None]


def fill(menu: QMenu, choices: Choices, metrics: Iterable[str], choose: Choose) -> None:
    """Put everything that can be chosen into a menu; `choose` is told of the new choices."""
    _one_of(
        menu.addMenu("Metric"), [(metric_title(name), name) for name in metrics], choices.metric,
        lambda name: choose(replace(choices, metric=name)),
    )  # fmt: skip
    menu.addSection("Strips")
    for strip in Strip:
        action = _check(menu, strip.words, checked=strip in choices.strips)
        action.triggered.connect(lambda on, strip=strip: _turn(choices, strip, choose, on))
    menu.addSeparator()
    _one_of(
        menu.addMenu("Smoothing"), [(words, kind) for kind, words in _KINDS.items()], choices.kind,
        lambda kind: choose(replace(choices, kind=kind)),
    )  # fmt: skip
    _one_of(
        menu.addMenu("Clip losses"), [(clip.words, clip) for clip in Clip], choices.clip,
        lambda clip: choose(replace(choices, clip=clip)),
    )  # fmt: skip
    menu.addSeparator()
    what_if = _check(menu, "What if early stopping…", checked=choices.what_if)
    what_if.triggered.connect(lambda on: choose(replace(choices, what_if=on)))


def _turn(choices: Choices, strip: Strip, choose: Choose, on: bool) -> None:  # noqa: FBT001 - what the signal says
    kept = [each for each in Strip if (on if each is strip else each in choices.strips)]
    choose(replace(choices, strips=tuple(kept)))


def _check(menu: QMenu, text: str, *, checked: bool) -> QAction:
    action = QAction(text, menu)
    action.setCheckable(True)
    action.setChecked(checked)
    menu.addAction(action)
    return action


def _one_of(menu: QMenu, entries: Iterable[tuple[str, T]], chosen: T, choose: Callable[[T], None]) -> None:
    group = QActionGroup(menu)
    for text, value in entries:
        action = _check(menu, text, checked=value == chosen)
        group.addAction(action)
        action.triggered.connect(lambda _on, value=value: choose(value))
