"""How even the classes of a data set are, as its bars and the card beside them show it; no widgets are made here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.gui.data.balance import ClassCount
from workbench.gui.tabs.verdict_card import Verdict

if TYPE_CHECKING:
    from workbench.gui.data.shown import DataShown, FindingShown


def counts(shown: DataShown) -> list[ClassCount]:
    """Each class by part; of masks with its number, the rare one marked."""
    uneven = _uneven(shown)
    rare = shown.labels[uneven.places[0]] if uneven is not None and len(uneven.places) else None
    columns = enumerate(zip(shown.classes, shown.counts().T.tolist(), strict=True))
    return [
        ClassCount(name, (learn, judge, final), rare=number == rare, mask=number if shown.masked else None)
        for number, (name, (learn, judge, final)) in columns
    ]


def verdict(shown: DataShown, *, balanced: bool) -> Verdict | None:
    """What stands beside the bars: that there is no split, or that classes are uneven; `balanced` if rare ones weigh more."""
    if shown.problem:
        return Verdict("There is no split", shown.problem, "warn")
    uneven = _uneven(shown)
    if uneven is None:
        return None
    told = (
        "Class balancing is on, so rare classes weigh more."
        if balanced
        else "Turn on class weights or resampling, or judge by balanced accuracy."
    )
    return Verdict(uneven.sentence, told, "warn")


def _uneven(shown: DataShown) -> FindingShown | None:
    return next((each for each in shown.findings if each.kind == "imbalance"), None)
