"""Whether a run is better than the baseline, or only luckier: its gap against the spread between seeds.

The rule. A run's value is that of its best epoch. Where several seeds of a recipe have done all that it says, the
recipe's value is their mean, and the spread is the sample standard deviation of their best values (divided by n − 1).
Where both sides have several seeds, the larger spread counts.

- A gap no larger than the spread shows no difference: it is greyed.
- It is clear when it is larger than t · √(1 + 1/n) spreads, t being Student's 97.5 % point for n − 1 degrees of freedom:
  19 of 20 further seeds of the same recipe would have stayed within. That is 2.5 spreads for ten seeds, 5 for three.
- Two seeds say little about their spread: it takes a gap of 15.6 spreads to be clear.
- Between the two it is told as it is: larger than the spread, and not yet clear.
- With one seed each, how much is chance is not known, and that is said.

No NumPy, so that the table of runs may ask before the plots are there.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from workbench.curves.differences import judged_on, kin, recipe_of
from workbench.events import Ending, State
from workbench.journal import Run
from workbench.spec.said import decimals, rate

#: Student's 97.5 % points for 1, 2, … degrees of freedom; the last one serves for more, which errs to the careful side.
_T = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262)
#: Endings after which a run has done all that its recipe says.
DONE = frozenset({Ending.COMPLETED, Ending.EARLY_STOPPED})
_NAMES = {
    "val_loss": "validation loss",
    "loss": "training loss",
    "val_accuracy": "accuracy",
    "accuracy": "training accuracy",
}


class Standing(StrEnum):
    """How a run stands against the baseline."""

    BASELINE = "baseline"
    #: clearly, by the rule above
    BETTER = "better"
    WORSE = "worse"
    #: by more than the spread, but not clearly
    AHEAD = "ahead"
    BEHIND = "behind"
    #: no difference is shown
    WITHIN = "within"
    #: there is a gap, and one seed each
    UNKNOWN = "unknown"
    INCOMPARABLE = "incomparable"


@dataclass(frozen=True)
class Spread:
    """What the seed alone does to a recipe's best value."""

    #: one run of each seed, oldest first
    runs: tuple[Run, ...]
    values: tuple[float, ...]

    @property
    def mean(self) -> float:
        return statistics.fmean(self.values)

    @property
    def deviation(self) -> float:
        """The sample standard deviation (n − 1)."""
        return statistics.stdev(self.values)

    @property
    def needed(self) -> float:
        """A gap of more than so many spreads is clear."""
        count = len(self.values)
        return _T[min(count - 2, len(_T) - 1)] * math.sqrt(1 + 1 / count)


@dataclass(frozen=True)
class Verdict:
    """What can be said of a run against the baseline."""

    standing: Standing
    #: "Run 17 clearly beats the baseline"
    headline: str
    #: "The gap of 0.0242 is 6 times the spread between seeds of Run 12."
    evidence: str = ""
    #: what the numbers are of, for who wants to know more; may be empty
    basis: str = ""
    gap: float | None = None

    @property
    def greyed(self) -> bool:
        """Whether the difference is to be shown as none."""
        return self.standing is Standing.WITHIN

    @property
    def sentence(self) -> str:
        return f"{self.headline}. {self.evidence}".strip()


def best_of(run: Run, metric: str = "val_loss") -> float | None:
    """A metric of the run's best epoch; None when there is no finite one."""
    value = run.best.get(metric) if run.best_epoch is not None else None
    return value if value is not None and math.isfinite(value) else None


def higher_is_better(metric: str) -> bool:
    return "loss" not in metric


class Seeds:
    """The spread between seeds of every recipe among some runs."""

    def __init__(self, runs: Iterable[Run], metric: str = "val_loss") -> None:
        self.metric = metric
        by_kin: dict[str, dict[int, Run]] = {}
        for run in sorted(runs, key=lambda each: each.number):
            recipe = recipe_of(run)
            if recipe is not None and run.ending in DONE and best_of(run, metric) is not None:
                # The same recipe and seed again is the same run again: it says nothing about luck.
                by_kin.setdefault(kin(run), {}).setdefault(recipe.training.seed, run)
        self._spreads = {key: self._spread(tuple(found.values())) for key, found in by_kin.items() if len(found) > 1}

    def _spread(self, runs: tuple[Run, ...]) -> Spread:
        return Spread(runs, tuple(value for run in runs if (value := best_of(run, self.metric)) is not None))

    def spread(self, run: Run) -> Spread | None:
        """The spread of a run's recipe; None where fewer than two seeds of it have ended."""
        return self._spreads.get(kin(run))

    @property
    def groups(self) -> tuple[tuple[Run, ...], ...]:
        """Runs that differ in the seed only, two or more of each recipe."""
        return tuple(spread.runs for spread in self._spreads.values())


def verdict(run: Run, baseline: Run, seeds: Seeds, *, point: str = ".") -> Verdict:
    """How a run stands against the baseline, by the rule above."""
    if run.id == baseline.id:
        return Verdict(Standing.BASELINE, f"{run.name} is the baseline")
    why = _why_not(run, baseline, seeds.metric)
    if why:
        return Verdict(Standing.INCOMPARABLE, f"{run.name} cannot be compared with {baseline.name}", why)
    mine, theirs = seeds.spread(run), seeds.spread(baseline)
    own, other = best_of(run, seeds.metric), best_of(baseline, seeds.metric)
    assert own is not None
    assert other is not None
    if kin(run) == kin(baseline):
        return _same_recipe(run, baseline, own - other, theirs, seeds.metric, point)
    gap = (mine.mean if mine else own) - (theirs.mean if theirs else other)
    better = (gap > 0) is higher_is_better(seeds.metric) and gap != 0
    basis = _basis(run, baseline, mine, theirs, seeds.metric, point)
    told = _apart(abs(gap), seeds.metric, point)
    wide = max((each for each in (theirs, mine) if each), key=lambda each: each.deviation, default=None)
    if wide is None:
        headline = f"{run.name} is {'better' if better else 'worse'} than the baseline" if gap else _equal(run)
        evidence = f"The gap is {told}. With one seed each, how much of it is chance is not known."
        return Verdict(Standing.UNKNOWN, headline, evidence, basis, gap)
    few = min((each for each in (theirs, mine) if each), key=lambda each: len(each.values))
    return _against_spread(run, gap, better=better, wide=wide, few=few, told=told, basis=basis, point=point)


def _equal(run: Run) -> str:
    return f"{run.name} is as good as the baseline"


def _against_spread(
    run: Run, gap: float, *, better: bool, wide: Spread, few: Spread, told: str, basis: str, point: str
) -> Verdict:  # fmt: skip
    whose = f"the spread between seeds of {wide.runs[0].name}"
    spread = wide.deviation
    if abs(gap) <= spread:
        evidence = f"The gap of {told} is within {whose}: no difference is shown."
        return Verdict(Standing.WITHIN, f"{run.name} and the baseline are as good as each other", evidence, basis, gap)
    if not spread:
        evidence = f"The gap is {told}, and the seeds of {wide.runs[0].name} do not differ at all."
    else:
        evidence = f"The gap of {told} is {_times(abs(gap) / spread, point)} times {whose}"
    if not spread or abs(gap) > few.needed * spread:
        headline = f"{run.name} clearly beats the baseline" if better else f"{run.name} is clearly behind the baseline"
        standing = Standing.BETTER if better else Standing.WORSE
        return Verdict(standing, headline, evidence.rstrip(".") + ".", basis, gap)
    count = f"{len(few.values)} seeds"
    evidence += f"; with {count}, {_times(few.needed, point)} times would be clear."
    headline = f"{run.name} is {'ahead of' if better else 'behind'} the baseline, but not clearly"
    return Verdict(Standing.AHEAD if better else Standing.BEHIND, headline, evidence, basis, gap)


def _same_recipe(  # noqa: PLR0917 - both runs and what is known of them
    run: Run, baseline: Run, gap: float, spread: Spread | None, metric: str, point: str
) -> Verdict:
    seeds = [recipe.training.seed for each in (run, baseline) if (recipe := recipe_of(each)) is not None]
    told = _apart(abs(gap), metric, point)
    if len(set(seeds)) == 1:
        return Verdict(
            Standing.WITHIN, f"{run.name} has the baseline's recipe and seed", f"The gap is {told}.", "", gap
        )
    deviation = f", {_apart(spread.deviation, metric, point)}" if spread else ""
    evidence = f"The gap of {told} is part of the spread between seeds{deviation}."
    return Verdict(Standing.WITHIN, f"{run.name} has the baseline's recipe with another seed", evidence, "", gap)


def _why_not(run: Run, baseline: Run, metric: str) -> str:
    name = _NAMES.get(metric, metric.removeprefix("val_").replace("_", " "))
    for each in (run, baseline):
        if recipe_of(each) is None:
            return f"The recipe of {each.name} can no longer be read."
    if judged_on(run, "") != judged_on(baseline, ""):
        return "They saw different pictures, or split them differently."
    if judged_on(run, metric) != judged_on(baseline, metric):
        return "Their losses are reckoned differently; compare the accuracy."
    for each in (run, baseline):
        if best_of(each, metric) is None:
            yet = " yet" if each.state is not State.ENDED else ""
            return f"{each.name} has no {name}{yet}."
    return ""


def _basis(  # noqa: PLR0917 - both runs and what is known of them
    run: Run, baseline: Run, mine: Spread | None, theirs: Spread | None, metric: str, point: str
) -> str:
    parts = []
    for each, spread in ((run, mine), (baseline, theirs)):
        if spread is not None:
            mean, deviation = _amount(spread.mean, metric, point), _apart(spread.deviation, metric, point)
            parts.append(
                f"{each.name} counts as the mean of {len(spread.values)} seeds, {mean}; their spread is {deviation}."
            )
        elif each.state is not State.ENDED:
            parts.append(f"{each.name} has not ended: its best so far counts.")
    return " ".join(parts)


def _amount(value: float, metric: str, point: str) -> str:
    if higher_is_better(metric):
        return f"{decimals(100 * value, 2, point=point)}\u00a0%"
    return decimals(value, 4, point=point) if not 0 < value < 0.00005 else rate(value, point=point)  # noqa: PLR2004 - what rounds to 0


def _apart(value: float, metric: str, point: str) -> str:
    """How far two values lie apart."""
    if higher_is_better(metric):
        return f"{decimals(100 * value, 2, point=point)} percentage points"
    return _amount(value, metric, point)


def _times(ratio: float, point: str) -> str:
    return decimals(ratio, 0 if ratio >= 2.95 else 1, point=point)  # noqa: PLR2004 - small ones need their decimal


def greyed(runs: Iterable[Run], baseline: Run | None, metric: str = "val_loss") -> frozenset[str]:
    """The runs, by id, whose difference from the baseline is within the spread between seeds."""
    if baseline is None:
        return frozenset()
    every = list(runs)
    seeds = Seeds(every, metric)
    return frozenset(run.id for run in every if verdict(run, baseline, seeds).greyed)
