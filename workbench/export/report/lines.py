"""The curves of a report: the figure that can be saved of them, put into the page as a drawing."""

from __future__ import annotations

import re

from workbench.curves.summary import summary_text
from workbench.export.figure import figure_bytes
from workbench.export.report.gathered import Gathered
from workbench.export.report.markup import Html, section, tag, wide
from workbench.export.wish import Wish

#: The metric that is drawn, the first that was measured.
_METRICS = ("mean_iou", "accuracy")
#: Of words that describe where they come from: addresses, which a report has none of.
_METADATA = re.compile(r"\s*<metadata>.*?</metadata>", re.DOTALL)
_NAMESPACES = re.compile(r' xmlns(?::\w+)?="[^"]*"')


def curves(told: Gathered) -> Html:
    """Nothing for a run that has done no step."""
    if not told.curves.steps:
        return Html()
    measured = told.curves.epochs.names
    metric = next((each for each in _METRICS if each in measured or f"val_{each}" in measured), "accuracy")
    # At so many dots an inch a line has twice as many points as a screen has columns.
    wish = Wish(metric=metric, flags=True, forks=told.forks, width_cm=17.5, height_cm=12.5, dpi=150)
    drawing = figure_bytes(told.run, told.curves, ".svg", wish).decode()
    words = summary_text(told.run, told.curves)
    return section("Curves", tag("figure", wide(_inline(drawing)), role="img", aria_label=words))


def _inline(drawing: str) -> Html:
    """A drawing within a page, which says by itself what its names mean."""
    place = drawing.index(">", drawing.index("<svg")) + 1
    head = _NAMESPACES.sub("", drawing[drawing.index("<svg") : place])
    return Html(head + _METADATA.sub("", drawing[place:], count=1).rstrip())
