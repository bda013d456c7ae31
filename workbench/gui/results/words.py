"""What the Results tab says: headings, tiles and captions, from what was judged."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from workbench.gui import words
from workbench.gui.results.reader import Kept

if TYPE_CHECKING:
    from workbench.journal.judged import About
    from workbench.results.look import ClassLook, MaskLook

#: Label, figure, note.
TileWords = tuple[str, str, str]
#: Below this nobody would call it too sure or too unsure.
_SURPLUS = 0.005

TEST_MEANS = (
    "Test pictures say how good a network really is only as long as nothing is chosen by them. Look at them when the run "
    "is the one you keep. That they were looked at, and by which weights, is remembered with the run for good."
)


def kept_label(kept: Kept) -> str:
    """A checkpoint in the list: "Epoch 38 · best"."""
    where = kept_words(kept).capitalize()
    return f"{where} · best" if kept.best else where


def kept_words(kept: Kept) -> str:
    """A checkpoint within a sentence: "epoch 38"."""
    return f"epoch {kept.epoch}" if kept.ends_epoch else f"epoch {kept.epoch + 1}, step {words.count(kept.step)}"


def title(run: str, part: str) -> str:
    return f"{run} on the {part} set"


def subtitle(about: About, kept: Kept, count: int, looks: int) -> str:
    """What was judged, by what; and what has to be known to read it."""
    untouched = " never used in training" if about.part == "test" else ""
    said = [f"{words.plural(count, 'picture', 'pictures')}{untouched}, weights of {kept_words(kept)}"]
    if about.part == "test":
        said.append("looked at once" if looks == 1 else f"looked at {looks} times")
    if not about.same_pictures:
        said.append("the pictures are not those that it was trained on")
    return " · ".join(said)


def class_tiles(found: ClassLook) -> list[TileWords]:
    """The tiles of pictures with classes; what guessing gives is always one of them."""
    from workbench.results.confusion import known_mean  # noqa: PLC0415 - NumPy: not before the first paint

    surplus = found.calibration.surplus
    sure = "well calibrated" if abs(surplus) < _SURPLUS else "too sure" if surplus > 0 else "too unsure"
    commonest, guessed = found.guess
    return [
        ("Accuracy", words.percent(found.accuracy), f"± {words.decimals(100 * found.margin, 2)}"),
        ("Macro F1", words.decimals(known_mean(found.table.f1), 4), f"{len(found.about.classes)} classes"),
        ("Loss", words.loss(found.about.metrics.get("val_loss")), f"{found.about.part} set"),
        ("Calibration error", words.percent(found.calibration.error, 1), sure),
        ("Always guessing one class", words.percent(guessed, 1), f"always {found.about.classes[commonest]}"),
    ]


def mask_tiles(found: MaskLook) -> list[TileWords]:
    """The tiles of masks."""
    commonest, guessed = found.guess
    known = [float(value) for value in found.iou if not math.isnan(value)]
    weakest = found.about.classes[[float(value) for value in found.iou].index(min(known))] if known else ""
    return [
        ("Mean overlap (IoU)", words.percent(found.mean_iou, 1), f"{len(found.about.classes)} classes"),
        ("Weakest class", words.percent(min(known), 1) if known else "–", weakest),
        ("Pixel accuracy", words.percent(found.accuracy, 1), ""),
        ("Loss", words.loss(found.about.metrics.get("val_loss")), f"{found.about.part} set"),
        (f"Always guessing {found.about.classes[commonest]}", words.percent(guessed, 1), "pixels"),
    ]


def file_stem(name: str, row: int) -> str:
    """How a picture is called: its file without folder and ending, else its row in the data set."""
    return name.rpartition("/")[2].rpartition(".")[0] or name if name else f"Row {row}"
