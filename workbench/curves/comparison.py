"""Comparing runs, all of it in one place for whoever draws: what differs, how much that is worth, what grew from what.

differences     in which settings runs differ, in words; labels; which runs are kin or can be compared at all
verdict         a run against the baseline, by the spread between seeds
band            mean and band over seeds, for each epoch
forks           parents, children, and where a child's curve begins
"""

from workbench.curves.band import Band, band
from workbench.curves.differences import ABSENT, Difference, differing, judged_on, kin, labels, recipe_of, settings_of
from workbench.curves.forks import Branch, beginning, fork_trees, lineage, value_at
from workbench.curves.verdict import Seeds, Spread, Standing, Verdict, best_of, greyed, higher_is_better, verdict

__all__ = [
    "ABSENT", "Band", "Branch", "Difference", "Seeds", "Spread", "Standing", "Verdict", "band", "beginning", "best_of", "differing",
    "fork_trees", "greyed", "higher_is_better", "judged_on", "kin", "labels", "lineage", "recipe_of", "settings_of", "value_at", "verdict",
]  # fmt: skip
