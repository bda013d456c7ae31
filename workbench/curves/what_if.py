"""What another patience, smallest gain or smoothing would have done to a run: told from its recorded losses only.

The rule is that of the engine (see workbench/stopping.py), replayed; where a run that it had ended was trained longer, it is
counted anew, as the engine does. It knows nothing of pixels or Qt.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.curves.epochs import Epochs
from workbench.curves.run_curves import RunCurves
from workbench.spec import said
from workbench.stopping import Outcome, Rule, replay


@dataclass(frozen=True)
class Told:
    """What would have happened, in numbers and in a sentence."""

    outcome: Outcome
    sentence: str
    #: run time that the epochs after the stop took, in seconds; 0 when it would not have stopped
    saved: float = 0.0
    #: how far the kept epoch's validation loss lies above the best that was reached; None without a kept epoch
    given_up: float | None = None


def tell(curves: RunCurves, rule: Rule, planned: int | None = None) -> Told:
    """What the rule decides over the epochs that have ended; `planned` is the epoch at which the run ends in any case."""
    epochs = curves.epochs
    values = epochs.metric("val_loss")
    if not len(values) or np.isnan(values).all():
        return Told(Outcome(None, None, 0), "There is no validation loss yet that a rule could watch.")
    outcome = replay(rule, zip(epochs.number.view.tolist(), values.tolist(), strict=True), epochs.anew)
    stop, last = outcome.stop_epoch, curves.last_epoch
    given_up = (
        _value(epochs, outcome.best_epoch) - float(values[np.isfinite(values)].min())
        if outcome.best_epoch is not None
        else None
    )
    if stop is None:
        return Told(outcome, f"{_goes_on(curves, rule, outcome, planned)}{_since(epochs, outcome)}", given_up=given_up)
    saved = float(epochs.seconds.view[-1] - epochs.seconds.view[_row(epochs, stop)])
    if outcome.best_epoch is None:
        kept = "with no epoch to keep"
    elif given_up:
        kept = f"keeps epoch {outcome.best_epoch}, {_loss(given_up)} above the best"
    else:
        kept = f"keeps epoch {outcome.best_epoch}, the same best"
    spared = f" Saves {_epochs(last - stop)}, {duration(saved)}." if last > stop else ""
    return Told(outcome, f"Stops at {stop}, {kept}.{spared}{_since(epochs, outcome)}", saved, given_up)


def _goes_on(curves: RunCurves, rule: Rule, outcome: Outcome, planned: int | None) -> str:
    last = curves.last_epoch
    waited = f"{outcome.waited} of {rule.patience}"
    if curves.ended is None and rule.patience is not None:
        stop = last + rule.patience - outcome.waited
        if planned is not None and stop >= planned:
            return f"Has waited {waited}: the plan ends first, at {planned}."
        return f"Has waited {waited}: stops at {stop} if no better."
    recorded = f"{_epochs(len(curves.epochs))} that {'is' if len(curves.epochs) == 1 else 'are'} recorded"
    return f"Does not stop within the {recorded}; has waited {waited}."


def _since(epochs: Epochs, outcome: Outcome) -> str:
    """A fork knows its own epochs only, and where a run was trained longer the count began again."""
    first = int(epochs.number.view[0])
    fork = f" Counted from epoch {first}, this run's first." if first > 1 else ""
    anew = sorted(each for each in epochs.anew if outcome.stop_epoch is None or each < outcome.stop_epoch)
    if not anew:
        return fork
    places = f"epochs {', '.join(map(str, anew[:-1]))} and {anew[-1]}" if len(anew) > 1 else f"epoch {anew[0]}"
    return f"{fork} Counted anew after {places}, where it was trained longer."


def _row(epochs: Epochs, epoch: int) -> int:
    return int(np.searchsorted(epochs.number.view, epoch))


def _value(epochs: Epochs, epoch: int) -> float:
    return float(epochs.metric("val_loss")[_row(epochs, epoch)])


def _epochs(count: int) -> str:
    return "1 epoch" if count == 1 else f"{count} epochs"


def _loss(value: float) -> str:
    """A loss with four decimals, or with two figures where these would read 0."""
    return f"{value:.4f}" if value >= 0.00005 else said.rate(value)  # noqa: PLR2004 - what four decimals round to 0


def duration(seconds: float) -> str:
    """Run time in its two largest units: "28 s", "4 min 10 s", "2 h 5 min"; no line ends between a number and its unit."""
    whole = round(seconds)
    hours, minutes, rest = whole // 3600, whole % 3600 // 60, whole % 60
    if hours:
        return f"{hours}\u00a0h {minutes}\u00a0min"
    return f"{minutes}\u00a0min {rest}\u00a0s" if minutes else f"{rest}\u00a0s"
