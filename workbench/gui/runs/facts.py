"""Sentences and figures about a run, made from its row and what its engine says just now.

Pure functions: no widget, no journal. What is an estimate says so, and a time left is a bound.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workbench.events import Ending, EpochEnded, Live, Phase, State
from workbench.gui import words
from workbench.journal import Run, Said
from workbench.journal.queue import order
from workbench.spec import Recipe
from workbench.spec import said as said_of
from workbench.spec.recipe import spec_classes
from workbench.spec.tricks import Tricks

#: Time left is first said after this share of an epoch: earlier it is a guess.
ENOUGH = 0.05
#: Beside the epoch these need no word: each comes with every epoch, and is soon over.
USUAL = frozenset({Phase.TRAINING, Phase.VALIDATING, Phase.REMEASURING})


#: Endings after which a run has epochs left to do; after the others it can be trained longer.
BROKEN_OFF = frozenset({Ending.INTERRUPTED, Ending.STOPPED, Ending.FAILED})


def broken_off(run: Run) -> bool:
    """Whether an ended run goes on with what it was told to do."""
    return run.ending in BROKEN_OFF


def device_words(run: Run) -> str:
    """What computes a run, and whether a resume was exact."""
    if run.exact is None or not run.device:
        return run.device
    return f"{run.device} · resumed {'exactly' if run.exact else 'approximately'}"


def shown_state(run: Run, others: Sequence[Run], *, moves: bool = True) -> State:
    """The state a pill shows: a queued run that nothing stands before is being prepared, if the queue `moves`.

    Both are read from the journal: the row's state, and whether any earlier run has not ended.
    """
    if run.state is not State.QUEUED:
        return run.state
    waits = any(
        each.id != run.id and (each.state.alive or order(each) < order(run))
        for each in others
        if each.state is not State.ENDED
    )
    return State.QUEUED if waits or not moves else State.PREPARING


# --- the recipe in a few words ----------------------------------------------------------------------


def one_line(recipe: Recipe) -> str:
    """A recipe in a line: "ResNet-20, Adam, flip and shift"."""
    model = f"{recipe.model.TITLE}-{recipe.model.depth}" if recipe.model.kind == "resnet" else recipe.model.TITLE
    tricks = [_trick_words(recipe, name) for name in Tricks.model_fields if getattr(recipe.tricks, name).on]
    tricks = [each for each in tricks if each]
    listed = f"{', '.join(tricks[:-1])} and {tricks[-1]}" if len(tricks) > 1 else "".join(tricks)
    return ", ".join(part for part in (model, recipe.optimizer.TITLE, listed) if part)


def _trick_words(recipe: Recipe, name: str) -> str:
    if name == "augmentation":
        spec = recipe.tricks.augmentation
        names = ("flip", "flip_vertical", "shift", "rotation", "zoom", "brightness", "contrast", "noise", "erasing")
        used = [
            "flip up–down" if each == "flip_vertical" else each
            for each in names
            if getattr(spec, each) and getattr(spec, f"{each}_probability", 1)
        ]
        return " and ".join(used) if len(used) <= 2 else f"augmentation by {len(used)} changes"  # noqa: PLR2004 - two read well
    return words.within(spec_classes("tricks")[name].TITLE)


def chips(recipe: Recipe, base: Recipe) -> tuple[str, ...]:
    """What a recipe does differently from another, a few words each, in the order of the form."""
    return said_of.chips(recipe, base, point=words.point())


# --- how far, how long --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Progress:
    """What the progress bar of a run shows."""

    #: "Epoch 41 of 80", "Downloading"
    headline: str
    #: 0 to 1; None when it cannot be known
    share: float | None
    #: a few words under the bar, such as the file being fetched
    note: str = ""


def progress(run: Run, live: Live | None, *, waits: bool = False) -> Progress:
    """How far a run is: its epochs once it trains, before that what it is busy with. `waits`: it is shown as queued."""
    if waits:
        return Progress("Waiting in the queue", run.epochs / run.epochs_planned)
    if run.state is State.ENDED:
        return Progress(
            f"{words.count(run.epochs)} of {words.plural(run.epochs_planned, 'epoch', 'epochs')}",
            run.epochs / run.epochs_planned,
        )
    if live is None or (live.epoch == 0 and live.phase is not Phase.TRAINING):
        phase = live.phase if live else Phase.STARTING
        known = live is not None and live.total
        share = live.done / live.total if live is not None and live.total and known else None
        return Progress(phase.words, share, live.note if live else "")
    within = live.done / live.total if live.phase is Phase.TRAINING and live.total else 1.0
    epoch = min(max(live.epoch, 1), run.epochs_planned)
    share = min(1.0, (epoch - 1 + min(within, 1.0)) / run.epochs_planned)
    note = live.note or ("" if live.phase in USUAL else live.phase.words)
    return Progress(f"Epoch {words.count(epoch)} of {words.count(run.epochs_planned)}", share, note)


def seconds_left(run: Run, live: Live | None) -> float | None:
    """An upper bound of the run time left: as if every planned epoch were trained. None while it cannot be known."""
    if live is None or live.epoch == 0 or run.state is State.ENDED:
        return None
    spent = max(live.seconds, run.seconds)
    if run.epochs > 0:
        per_epoch = run.seconds / run.epochs
        return max(0.0, per_epoch * run.epochs_planned - spent)
    share = (progress(run, live).share or 0.0) * run.epochs_planned
    if live.phase is not Phase.TRAINING or share < ENOUGH:
        return None
    return max(0.0, spent / share * run.epochs_planned - spent)


def time_left(run: Run, live: Live | None, now: float | None = None) -> tuple[str, str]:
    """("Up to 6 min left", "ends by 14:52"), or two empty texts."""
    left = seconds_left(run, live)
    if left is None:
        return "", ""
    if left < 1:
        return "Nearly done", ""
    end = time.localtime((time.time() if now is None else now) + left)
    return f"Up to {words.rough_duration(left)} left", f"ends by {time.strftime('%H:%M', end)}"


# --- how it ended ---------------------------------------------------------------------------------------


def reason(run: Run) -> str:
    """Why a run ended, in one sentence; the rest of its reason belongs behind Details."""
    first = run.reason.strip().split("\n", 1)[0].strip()
    return first or (words.state(run.state, run.ending) + ".")


def reason_details(run: Run) -> str:
    """What stands behind the first line of a run's reason: the log's last lines, if any."""
    return run.reason.strip().partition("\n")[2].strip("\n")


# --- figures -----------------------------------------------------------------------------------------


def metric(values: Mapping[str, float], *names: str) -> float | None:
    """The first of these metrics that is there."""
    return next((values[name] for name in names if name in values), None)


def best_loss(run: Run) -> float | None:
    return run.best_value


def last_loss(run: Run) -> float | None:
    return metric(run.last, "val_loss", "loss")


def accuracy(run: Run) -> float | None:
    """Accuracy of the epoch whose weights count: the best one, else the last."""
    return metric(_counting(run), "val_accuracy", "accuracy")


def best_accuracy(run: Run) -> float | None:
    """Accuracy of the best epoch, and of no other: what runs are compared by."""
    value = metric(run.best, "val_accuracy", "accuracy") if run.best_epoch is not None else None
    return None if value is None or math.isnan(value) else value


def first_line(note: str) -> str:
    """The first line of a note, with a sign when there is more."""
    first, _, rest = note.partition("\n")
    return f"{first} …" if rest else first


#: So many letters and lines of a note stand on the card.
CARD_LETTERS, CARD_LINES = 240, 5


def note_on_card(run: Run) -> str:
    """The beginning of a run's note."""
    lines = run.note.splitlines()
    text = "\n".join(lines[:CARD_LINES])[:CARD_LETTERS].rstrip()
    return text if text == run.note else f"{text} …"


#: What stands beside accuracy where it was measured, by its name on screen.
BESIDE_ACCURACY = {
    "val_mean_iou": "Mean IoU",
    "val_balanced_accuracy": "Balanced accuracy",
    "val_f1": "F1 (macro)",
    "val_top_5_accuracy": "Top-5 accuracy",
    "near_zero": "Weights near zero",
}


def beside_accuracy(run: Run) -> dict[str, float]:
    """The further figures of the epoch whose weights count, by their names in the journal, in the order of the card."""
    values = _counting(run)
    return {name: values[name] for name in BESIDE_ACCURACY if name in values}


def _counting(run: Run) -> Mapping[str, float]:
    return run.best if run.best_epoch is not None else run.last


def losses(said: Sequence[Said]) -> tuple[float, ...]:
    """The validation loss of each epoch (training loss where there is none); the latest attempt wins."""
    by_epoch: dict[int, float] = {}
    for each in said:
        if isinstance(each.event, EpochEnded):
            value = metric(each.event.metrics, "val_loss", "loss")
            by_epoch[each.event.epoch] = math.nan if value is None else value
    return tuple(by_epoch[epoch] for epoch in sorted(by_epoch))


def plateau(said: Sequence[Said]) -> tuple[int, int] | None:
    """(epochs waited, patience) as of the last epoch; None when early stopping is off."""
    for each in reversed(said):
        if isinstance(each.event, EpochEnded):
            event = each.event
            return None if event.waited is None or event.patience is None else (event.waited, event.patience)
    return None


def plateau_sentence(run: Run, waited: int, patience: int) -> str:
    """What the plateau count means for the run."""
    if run.state is not State.ENDED:
        left = patience - waited
        return (
            f"Stops in {words.plural(left, 'epoch', 'epochs')} unless it improves."
            if waited
            else "The last epoch was the best."
        )
    saved = run.epochs_planned - run.epochs
    if run.ending is Ending.EARLY_STOPPED and saved > 0 and run.epochs:
        each = run.seconds / run.epochs
        return f"Saved {words.plural(saved, 'epoch', 'epochs')}, about {words.rough_duration(saved * each)}."
    return ""
