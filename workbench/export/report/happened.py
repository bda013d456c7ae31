"""What happened to a run on its way: where the rate fell, where it was taken up again, why it stopped."""

from __future__ import annotations

from workbench.curves.flagged import every_flag
from workbench.curves.gap import judge
from workbench.export.report import words
from workbench.export.report.gathered import Gathered
from workbench.export.report.markup import Html, section, sentences, tag

#: More would be read by nobody; each fall of a rate by a rule is one.
_MOST = 60


def happened(told: Gathered) -> Html:
    """In the order of the steps; nothing for a run to which nothing happened but its end."""
    curves = told.curves
    gap = judge(curves.epochs) if len(curves.epochs) else None
    flags = [flag for flag in every_flag(curves, told.forks, gap) if flag.kind != "checkpoint"]
    said = [flag.sentence for flag in flags]
    left_out = len(said) - _MOST
    if left_out > 0:
        said = [*said[:_MOST], f"… and {words.plural(left_out, 'more event')}."]
    if curves.stopped_early is not None:
        early = curves.stopped_early
        said.append(f"Epoch {early.epoch}: stopped early; the best epoch is {early.best_epoch}. {early.reason}")
    elif told.run.reason:
        said.append(f"End: {told.run.reason}")
    return section("What happened", sentences(said), _attempts(told))


def _attempts(told: Gathered) -> Html:
    if len(told.attempts) < 2:  # noqa: PLR2004 - the first is the run's begin
        return Html()
    lines = [
        f"{words.moment(time)}: {f'from epoch {begun.epoch}, step {words.count(begun.step)}' if begun.step else 'from the beginning'}"
        for time, begun in told.attempts
    ]
    return tag("div", tag("h3", "Attempts"), sentences(lines, "ol"))
