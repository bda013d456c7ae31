"""The labels in the loss lane: best epoch, early stop, projected stop, what if, and where the loss stopped being a number."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QRectF

from workbench.curves.pyramid import ABOVE, BELOW, NAN
from workbench.curves.run_curves import RunCurves
from workbench.gui import words
from workbench.gui.curves.frame import Frame
from workbench.gui.curves.shown import Shown
from workbench.gui.curves.strokes import Label

_BAD_WORDS = {NAN: "NaN", ABOVE: "∞", BELOW: "−∞"}
#: Room between labels, and between a label and its line.
_GAP, _AWAY, _TOP = 5.0, 7.0, 8.0


@dataclass(frozen=True)
class Marker:
    """A label, where it stands, the epoch it tells of, and what it says in a sentence."""

    label: Label
    rect: QRectF
    epoch: int
    sentence: str


def place_markers(shown: Shown, curves: RunCurves, frame: Frame) -> list[Marker]:
    """All labels that belong into the range in view, clear of each other."""
    found = [*_best(shown, frame), *_early(shown, curves, frame)]
    found += _what_if(shown, curves, frame, found)
    found += _projected(shown, curves, frame, found)
    return [*found, *_bad(shown, curves, frame, found)]


def _best(shown: Shown, frame: Frame) -> list[Marker]:
    best = shown.best_point()
    if best is None or not frame.x[0] <= best[1] <= frame.x[1]:
        return []
    text = f"Best {words.loss(best[0].value)} · epoch {words.count(best[0].epoch)}"
    label = Label(shown.inks, [text], shown.inks.validation_text, star=True)
    rect = _left_of(label, frame, frame.px1(best[1]), _TOP)
    name = "training" if best[0].metric == "loss" else "validation"
    said = f"Best {name} loss {words.loss(best[0].value)} at epoch {best[0].epoch}."
    return [Marker(label, rect, best[0].epoch, said)]


def _early(shown: Shown, curves: RunCurves, frame: Frame) -> list[Marker]:
    early, inks = curves.stopped_early, shown.inks
    if early is None:
        return []
    pixel = frame.px1(curves.axes.x_of_epoch(shown.axis, early.epoch))
    if not -1 <= pixel <= frame.width + 1:
        return []
    icon = inks.theme.pixmap("early_stopped", "violet", 12)
    label = Label(inks, [f"Stopped early · epoch {words.count(early.epoch)}"], inks.violet, pixmap=icon)
    best = shown.best_point()
    top = _TOP + (label.height + _GAP if best is not None and frame.x[0] <= best[1] <= frame.x[1] else 0.0)
    said = f"Stopped early at epoch {early.epoch}. {early.reason}"
    return [Marker(label, _left_of(label, frame, pixel, top), early.epoch, said)]


def _what_if(shown: Shown, curves: RunCurves, frame: Frame, others: list[Marker]) -> list[Marker]:
    asked = shown.what_if
    if asked is None or asked.stop_epoch is None:
        return []
    pixel = frame.px1(curves.axes.x_of_epoch(shown.axis, asked.stop_epoch))
    if not -1 <= pixel <= frame.width + 1:
        return []
    label = Label(shown.inks, [f"What if: stops at {words.count(asked.stop_epoch)}"], shown.inks.accent)
    rect = clear(_left_of(label, frame, pixel, _TOP), others)
    said = f"What if: stops at epoch {asked.stop_epoch} and keeps epoch {asked.best_epoch}."
    return [Marker(label, rect, asked.stop_epoch, said)]


def _projected(shown: Shown, curves: RunCurves, frame: Frame, others: list[Marker]) -> list[Marker]:
    stop = shown.projected()
    if stop is None:
        return []
    pixel = frame.px1(curves.axes.x_of_epoch(shown.axis, stop))
    if not -1 <= pixel <= frame.width + 1:
        return []
    label = Label(shown.inks, [f"Stops at epoch {words.count(stop)}", "if no better"], shown.inks.text2)
    right = pixel + 8
    fits = right + label.width <= frame.width
    rect = label.at(max(2.0, right if fits else pixel - label.width - 8), _TOP)
    return [Marker(label, clear(rect, others), stop, f"Stops at epoch {stop} if no better.")]


def _bad(shown: Shown, curves: RunCurves, frame: Frame, others: list[Marker]) -> list[Marker]:
    """Where the loss stopped being a number, in words beside the first mark."""
    first = curves.loss.first_bad()
    if first is None:
        return []
    place, flag = first
    what = _BAD_WORDS.get(flag, "NaN")
    label = Label(shown.inks, [f"{what} from step {words.count(place + 1)}"], shown.inks.bad)
    pixel = frame.px1(float(curves.axes.x_of_places(shown.axis, np.array([float(place)]))[0]))
    left = pixel - label.width - 6 if pixel + label.width + 6 > frame.width else pixel + 6
    rect = label.at(max(2.0, left), frame.height - label.height - 9 if flag == BELOW else 9.0)
    epoch = int(curves.axes.epochs_of(float(place))) + 1
    return [Marker(label, clear(rect, others), epoch, f"Training loss is {what} from step {place + 1}.")]


def clear(rect: QRectF, others: list[Marker]) -> QRectF:
    """The place below whatever it would cover."""
    for other in sorted((marker.rect for marker in others), key=QRectF.top):
        if rect.intersects(other):
            rect.moveTop(other.bottom() + _GAP)
    return rect


def _left_of(label: Label, frame: Frame, pixel: float, top: float) -> QRectF:
    """Left of a line; right of it where there is no room."""
    left = pixel - label.width - _AWAY
    if left < 0 and pixel + _AWAY + label.width <= frame.width:
        left = pixel + _AWAY
    return label.at(max(2.0, left), top)
