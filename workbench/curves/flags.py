"""What happened at a step and deserves a flag on the curve, and its few words."""

from __future__ import annotations

from dataclasses import dataclass

from workbench import events


@dataclass(frozen=True)
class Flag:
    """Something that happened at a step.

    `kind` is "rate", "skipped", "paused", "resumed", "fork", "checkpoint" or "warning"; `text` is on the flag, `more` says the
    rest where the flag is read.
    """

    kind: str
    step: int
    epoch: int
    text: str
    more: str = ""

    @property
    def sentence(self) -> str:
        """What is said where there is room."""
        where = f"Epoch {self.epoch}" if self.epoch or self.step else "Before the first step"
        return f"{where}: {self.more or self.text}"


Flagged = events.RateChanged | events.StepsSkipped | events.Paused


def flag_of(event: Flagged) -> Flag:
    match event:
        case events.Paused():
            return Flag("paused", event.step, event.epoch, "Paused")
        case events.RateChanged():
            more = f"The learning rate went from {event.old:.3g} to {event.new:.3g}: {event.why}"
            return Flag("rate", event.step, event.epoch, rate_text(event.old, event.new), more)
        case events.StepsSkipped():
            noun = "step" if event.count == 1 else "steps"
            more = f"{event.count} {noun} up to step {event.step} were not finite and changed nothing; {event.total} in all."
            return Flag("skipped", event.step, event.epoch, f"{event.count} {noun} skipped", more)


def continued(flag: Flag, event: events.Continued) -> Flag:
    """The flag of a pause that is over: how long it was."""
    return Flag(flag.kind, flag.step, flag.epoch, f"Paused {span(event.seconds)}")


def span(seconds: float) -> str:
    """A stretch of time in its largest unit: "40 s", "14 min", "3 h"."""
    for size, unit in ((3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def saved(event: events.CheckpointSaved) -> Flag:
    size = f"{event.size / 1e6:.1f} MB"
    return Flag(
        "checkpoint", event.step, event.epoch, "Saved", f"A checkpoint was saved after step {event.step} ({size})."
    )


def warned(event: events.Warned, step: int, epoch: int) -> Flag:
    return Flag("warning", step, epoch, "Warning", event.message)


def rate_text(old: float, new: float) -> str:
    """The words "LR ÷ 5" when it is about a whole factor, else the new rate."""
    for sign, ratio in (("÷", old / new if new else 0.0), ("×", new / old if old else 0.0)):
        if ratio >= 1.5 and abs(ratio - round(ratio)) < 0.02 * ratio:  # noqa: PLR2004 - a factor of 1 is no news; 2 % is rounding
            return f"LR {sign} {round(ratio)}"
    return f"LR {new:.1e}".replace("e-0", "e-").replace("e+0", "e")
