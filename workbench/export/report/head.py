"""The beginning of a report: what the run is called, how it ended, and what came of it in a few figures."""

from __future__ import annotations

import math

from workbench.curves.summary import state_words, summary_text
from workbench.errors import ErrorCard
from workbench.export.report import words
from workbench.export.report.gathered import Gathered
from workbench.export.report.markup import Html, joined, sentences, tag
from workbench.spec.said import duration, percent

#: Of the best epoch, with how each is said; those that were measured have a tile.
_MEASURED = {
    "val_loss": "Validation loss", "val_accuracy": "Validation accuracy", "val_mean_iou": "Mean IoU",
    "val_balanced_accuracy": "Balanced accuracy", "val_f1": "F1 (macro)", "val_top_5_accuracy": "Top-5 accuracy",
}  # fmt: skip


def title(told: Gathered) -> Html:
    """Name, ending, labels and the curves in sentences."""
    run = told.run
    facts = [f"Run {run.number}", f"created {words.moment(run.created)}"]
    facts += [f"preset {run.preset}"] if run.preset else []
    facts += [f"grew from epoch {run.parent_epoch} of {told.parent or 'a run that is gone'}"] if run.parent else []
    return tag(
        "header",
        tag("h1", run.name, " ", tag("span", state_words(run).capitalize(), class_=f"pill {run.ending or run.state}")),
        tag("p", " · ".join(facts), class_="quiet"),
        tag("p", *(tag("span", f"#{each}", class_="tag") for each in run.tags)) if run.tags else "",
        tag("p", summary_text(run, told.curves), class_="lead"),
        tag("div", tag("b", "Note"), tag("p", run.note), class_="note") if run.note else "",
        _failure(told.card) if told.card is not None else "",
    )


def _failure(card: ErrorCard) -> Html:
    return tag(
        "div", tag("b", card.title), tag("p", card.what_happened), sentences(card.evidence),
        tag("p", card.what_is_safe) if card.what_is_safe else "",
        joined(tag("p", "What to try:"), sentences(card.what_to_try)) if card.what_to_try else "",
        class_="failure",
    )  # fmt: skip


def tiles(told: Gathered) -> Html:
    """The key figures."""
    run, best = told.run, told.curves.best
    measured = run.best if run.best_epoch is not None else run.last
    found: list[tuple[str, str, str]] = []
    if best is not None:
        found.append(("Best epoch", words.count(best.epoch), f"of {words.plural(run.epochs, 'epoch')}"))
    where = "at the best epoch" if run.best_epoch is not None else "at the last epoch"
    for name, label in _MEASURED.items():
        value = measured.get(name)
        if value is not None and math.isfinite(value):
            found.append((label, words.figure(name, value) if name == "val_loss" else percent(value), where))
    if run.seconds:
        # A fork's run time is its own, and so are the steps told beside it.
        own = told.curves.steps - told.curves.grown_at
        found.append(("Run time", duration(run.seconds), words.plural(own, "step")))
    if run.images_per_second:
        found.append(("Speed", words.count(run.images_per_second), "images a second"))
    if told.model is not None:
        found.append(("Parameters", words.count(told.model.parameters), ""))
    each = (tag("div", tag("span", label), tag("strong", value), tag("small", note)) for label, value, note in found)
    return tag("div", *each, class_="tiles") if found else Html()
