"""The table of epochs: every one of a short run; of a long one so many that the table can be read."""

from __future__ import annotations

from workbench.export.looks import clock
from workbench.export.report import words
from workbench.export.report.gathered import Gathered
from workbench.export.report.markup import Html, joined, section, table, tag

#: Rows, about; a page of print holds some fifty.
_MOST = 100
_FIRST = ("loss", "val_loss", "accuracy", "val_accuracy", "mean_iou", "val_mean_iou")


def epochs(told: Gathered) -> Html:
    """Nothing for a run that has ended no epoch."""
    ended = told.curves.epochs
    numbers = ended.number.view.tolist()
    if not numbers:
        return Html()
    best = told.curves.best.epoch if told.curves.best is not None else None
    every = -(-len(numbers) // _MOST)
    kept = [
        place
        for place, number in enumerate(numbers)
        if place == 0 or (place + 1) % every == 0 or number in {best, numbers[-1]}
    ]
    names = [name for name in ended.names if words.CLASS_MARK not in name]
    names.sort(key=lambda name: _FIRST.index(name) if name in _FIRST else len(_FIRST))
    seconds, speed = ended.seconds.view.tolist(), ended.images_per_second.view.tolist()
    rows = [
        [numbers[at], *(words.figure(name, told.measured[numbers[at]].get(name)) for name in names), clock(seconds[at]), words.count(speed[at])]
        for at in kept
    ]  # fmt: skip
    heads = ("Epoch", *map(words.heading, names), "Run time", "Images/s")
    all_of_them = tag("code", f"workbench export {told.run.number} --as csv --to epochs.csv")
    note = joined(f"One epoch in {every}, with the first, the best and the last. ", all_of_them, " gives all.")
    return section(
        "Epochs", tag("p", note, class_="quiet") if every > 1 else "", table(heads, rows, words=0, marked=best),
        tag("p", "The best epoch is marked.", class_="quiet") if best is not None else "",
    )  # fmt: skip
