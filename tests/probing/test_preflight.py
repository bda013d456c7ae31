"""What is said of memory, time and disk that were measured."""

from __future__ import annotations

import dataclasses

import pytest

from workbench.probing.preflight import (
    Fit,
    Preflight,
    duration,
    fit_of,
    kept_checkpoints,
    largest_fitting,
    sentence,
)

GB = 10**9
FOUND = Preflight(
    device="CPU", batch_size=32, host_bytes=2 * GB, host_total=8 * GB, device_bytes=None, device_total=None,
    first_step_seconds=1.0, step_seconds=0.1, steps_per_epoch=100, epochs=20, total_seconds=200.0,
    checkpoint_bytes=10**6, disk_bytes=3 * 10**6, disk_free=GB, largest_batch=500, fit=Fit.FITS, sentence="",
)  # fmt: skip


@pytest.mark.parametrize(("share", "fit"), [(0.5, "fits"), (0.8, "fits"), (0.81, "tight"), (0.95, "tight"), (0.96, "too_large")])  # fmt: skip
def test_a_peak_is_judged_by_what_there_is(share: float, fit: str) -> None:
    assert fit_of(int(share * 100 * GB), 100 * GB) == fit


def test_the_largest_batch_lies_on_the_line_through_the_two_largest_measured() -> None:
    # 1 GB and 10 MB a picture; the smallest batch lies off the line and does not count.
    peaks = [(8, 2 * GB), (100, 2 * GB), (200, 3 * GB)]
    assert largest_fitting(peaks, 8 * GB, 10_000) == 660
    assert largest_fitting(peaks[::-1], 8 * GB, 10_000) == 660
    assert largest_fitting(peaks, 8 * GB, 300) == 300  # no more than there are pictures


def test_the_line_never_says_less_than_was_seen_to_fit() -> None:
    assert largest_fitting([(100, 2 * GB), (200, 2 * GB)], 8 * GB, 10_000) == 200
    assert largest_fitting([(100, 2 * GB), (200, 7 * GB), (300, 9 * GB)], 8 * GB, 10_000) == 230


@pytest.mark.parametrize(
    ("epochs", "every", "kept"),
    [(1, 0, 1), (2, 0, 2), (50, 0, 3), (50, 10, 7), (51, 10, 7), (52, 10, 8), (6, 1, 6), (100, 1, 100), (3, 10, 3)],
)
def test_the_best_the_newest_two_and_each_so_many_epochs_stay_on_the_disk_and_each_counts_once(
    epochs: int, every: int, kept: int
) -> None:
    assert kept_checkpoints(epochs, every) == kept


@pytest.mark.parametrize(("epochs", "every", "kept"), [(1, 0, 2), (2, 0, 3), (50, 0, 3), (50, 10, 7), (6, 1, 7)])
def test_of_long_epochs_the_newest_but_one_lies_within_the_last(epochs: int, every: int, kept: int) -> None:
    assert kept_checkpoints(epochs, every, within=True) == kept


@pytest.mark.parametrize(("epochs", "every", "kept"), [(1, 0, 1), (50, 0, 2), (50, 10, 6), (6, 1, 6)])
def test_without_a_best_epoch_none_is_kept_for_it(epochs: int, every: int, kept: int) -> None:
    assert kept_checkpoints(epochs, every, best=False) == kept


@pytest.mark.parametrize(("seconds", "words"), [(0.2, "1 s"), (89, "89 s"), (120, "2 min"), (5300, "88 min"), (9000, "2.5 h")])  # fmt: skip
def test_times_are_said_as_people_do(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "Fits: 2.0 GB of 8.0 GB of memory with a batch of 32 pictures, up to 3 min in all."),
        ({"fit": Fit.TIGHT}, "Tight: 2.0 GB of 8.0 GB of memory with a batch of 32 pictures, up to 3 min in all."),
        ({"device_bytes": GB, "device_total": 4 * GB}, "Fits: 1.0 GB of 4.0 GB of GPU memory with a batch of 32 pictures, up to 3 min in all."),
        ({"fit": Fit.TOO_LARGE}, "Will not fit: a batch of 32 pictures needs 2.0 GB, and 8.0 GB of memory can be had; about 500 pictures fit."),
        ({"fit": Fit.TOO_LARGE, "host_bytes": None, "largest_batch": None}, "Will not fit: a batch of 32 pictures needs more, and 8.0 GB of memory can be had."),
        ({"disk_bytes": 2 * GB}, "Fits: 2.0 GB of 8.0 GB of memory with a batch of 32 pictures, up to 3 min in all. But the disk is too small: 2.0 GB of checkpoints, and 1.0 GB are free."),
    ],
)  # fmt: skip
def test_the_verdict_is_a_sentence(changes: dict[str, object], words: str) -> None:
    assert sentence(dataclasses.replace(FOUND, **changes)) == words  # type: ignore[arg-type] # a test's own values


def test_an_answer_survives_its_trip_through_json() -> None:
    assert Preflight.from_tree(FOUND.tree()) == FOUND
