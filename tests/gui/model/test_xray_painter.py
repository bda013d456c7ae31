"""What is painted of an X-ray: hollow points for what is not judged, a ring at the head of an opened block, markers when grey."""

from __future__ import annotations

import dataclasses

import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from workbench.gui.model.xray import Line, Shown, Side
from workbench.gui.model.xray_painter import Point, XRayPainter
from workbench.gui.theme import Theme
from workbench.probing.xray import Measured, Row, judge

pytestmark = pytest.mark.window

AREA = QRectF(0, 0, 300, 100)
#: Where 1 stands on the axis, at the usual text size.
ONE = 16 + (300 - 32) * 5 / 6


def shown(theme: Theme, *, counts: bool = True, stale: bool = False) -> Shown:
    theme.set_mode("dark")
    row = Row("a", 0.0, 1.0, 0.0, 1.0, 1.0, 1.0, None)
    rows = (row, dataclasses.replace(row, layer="b", counts=counts))
    kinds = ("kaiming_normal", "xavier_uniform", "lecun_normal")
    return Shown.of(judge(2, [Measured(kind, kind, rows) for kind in kinds]), stale=stale)


def painted(theme: Theme, xray: Shown, *points: Point) -> QImage:
    image = QImage(300, 100, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    XRayPainter(theme).plot(painter, AREA, Side.SIGNAL, xray, points)
    painter.end()
    return image


def at(image: QImage, y: float) -> QColor:
    return image.pixelColor(round(ONE), round(y))


@pytest.mark.parametrize("counts", [True, False])
def test_what_the_verdict_leaves_out_has_a_hollow_point(theme: Theme, counts: bool) -> None:
    xray = shown(theme, counts=counts)
    image = painted(theme, xray, Point(20, "a", selected=False), Point(60, "b", selected=False))
    assert at(image, 20) == theme.colour("accent")
    assert at(image, 60) == theme.colour("accent" if counts else "card")


def test_the_head_of_an_opened_block_has_a_ring_that_no_line_passes(theme: Theme) -> None:
    xray = shown(theme)
    head = Point(50, "b", selected=False, opened=True)
    alone, between = painted(theme, xray, head), painted(theme, xray, Point(20, "a", selected=False), head)
    for image in (alone, between):
        assert at(image, 50) == theme.colour("card")
        assert image.pixelColor(round(ONE), 47).name() != theme.colour("card").name()
    # A line from the layer above to the ring would pass here.
    assert at(between, 35).name() == at(alone, 35).name()


def test_the_selected_head_of_an_opened_block_tells_its_value(theme: Theme) -> None:
    quiet, chosen = (
        painted(theme, shown(theme), Point(50, "b", selected=selected, opened=True)) for selected in (False, True)
    )
    assert quiet != chosen


def marker(theme: Theme, line: Line, *, stale: bool) -> list[bool]:
    """Which pixels a line's marker covers."""
    image = QImage(16, 16, QImage.Format.Format_RGB32)
    image.fill(theme.colour("card"))
    painter = QPainter(image)
    XRayPainter(theme).sample(painter, QPointF(8, 8), line, stale=stale)
    painter.end()
    return [image.pixelColor(x, y) != theme.colour("card") for x in range(16) for y in range(16)]


def test_out_of_date_lines_are_grey_and_keep_their_markers(theme: Theme) -> None:
    lines = shown(theme, stale=True).lines
    grey = [marker(theme, line, stale=True) for line in lines]
    assert grey == [marker(theme, line, stale=False) for line in lines]
    assert len({tuple(each) for each in grey}) == len(lines)
