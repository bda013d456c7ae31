"""Which pictures to look at: the mistakes it was surest of, and those it was least sure of."""

from __future__ import annotations

import numpy as np

from workbench.results.answers import Answers, Shares, Whole


def confident_mistakes(answers: Answers, most: int | None = None) -> Whole:
    """The pictures that were taken for another class, the surest first; equal ones in their order."""
    wrong = np.flatnonzero(~answers.right)
    return wrong[np.argsort(-answers.confidence[wrong], kind="stable")][:most].astype(np.int64)


def uncertain(answers: Answers, most: int | None = None) -> Whole:
    """All pictures, the one with the smallest lead first; equal ones in their order."""
    return np.argsort(leads(answers), kind="stable")[:most].astype(np.int64)


def leads(answers: Answers) -> Shares:
    """By how much the most probable class is ahead of the second, (n,)."""
    two = np.partition(answers.probabilities, -2, axis=1)[:, -2:]
    found: Shares = two[:, 1] - two[:, 0]
    return found


def runners_up(answers: Answers) -> Whole:
    """The most probable class besides the one that was said, (n,)."""
    others = answers.probabilities.copy()
    np.put_along_axis(others, answers.predicted[:, None], -1.0, axis=1)
    found: Whole = others.argmax(axis=1).astype(np.int64)
    return found
