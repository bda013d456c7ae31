"""Which samples each step sees."""

from __future__ import annotations

import itertools
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.data.pictures import InMemory, Part
from workbench.engine import feeding
from workbench.engine.feeding import Feed, Pace, even, sizes, steps_in, training_order


class OnDisk(InMemory):
    """Pictures that claim not to fit into memory."""

    @property
    def resident(self) -> bool:
        return False


def part(samples: int, kind: type[InMemory] = InMemory) -> Part:
    pixels = np.arange(samples * 4, dtype=np.uint8).reshape(samples, 2, 2, 1)
    return Part(kind(pixels), np.arange(samples, dtype=np.int32))


def test_every_epoch_visits_each_sample_once_in_an_order_of_its_own() -> None:
    orders = [training_order(7, epoch, 1000) for epoch in (1, 2, 3)]
    for order in orders:
        assert sorted(order) == list(range(1000))
    for one, other in itertools.combinations(orders, 2):
        assert (one != other).mean() > 0.9
    assert (training_order(7, 1, 1000) == orders[0]).all()
    assert (training_order(8, 1, 1000) != orders[0]).mean() > 0.9


@settings(max_examples=60, deadline=None)
@given(
    samples=st.integers(1, 90),
    batch=st.integers(1, 32),
    wanted=st.lists(st.integers(0, 9), min_size=1, max_size=20),
    kind=st.sampled_from([InMemory, OnDisk]),
)
def test_chunks_of_any_length_give_the_same_samples_in_whole_steps(
    samples: int, batch: int, wanted: list[int], kind: type[InMemory]
) -> None:
    data = part(samples, kind)
    order = training_order(1, 1, samples)
    draws = np.stack([order, order, order], axis=1)
    lengths = itertools.cycle(wanted)
    feed = Feed(data, batch)
    try:
        chunks = list(feed.chunks(order, draws, lambda: next(lengths)))
    finally:
        feed.close()
    assert [chunk.first_step for chunk in chunks] == list(
        itertools.accumulate([chunk.steps for chunk in chunks[:-1]], initial=0)
    )
    assert sum(chunk.steps for chunk in chunks) == steps_in(samples, batch)
    assert sizes(samples, batch).sum() == samples
    assert (sizes(samples, batch)[:-1] == batch).all()
    assert [chunk.samples for chunk in chunks] == [
        sizes(samples, batch)[chunk.first_step : chunk.first_step + chunk.steps].sum() for chunk in chunks
    ]
    labels = [data.labels[chunk.indices] if chunk.labels is None else chunk.labels for chunk in chunks]
    assert (np.concatenate(labels) == order).all()
    pixels = [data.pictures.take(chunk.indices) if chunk.pixels is None else chunk.pixels for chunk in chunks]
    assert (np.concatenate(pixels) == data.pictures.array()[order]).all()
    assert (np.concatenate([chunk.draws for chunk in chunks if chunk.draws is not None])[:, 0] == order).all()


def test_a_chunk_grows_towards_its_time_but_never_jumps() -> None:
    pace = Pace(0.1)
    assert pace() == 1
    pace.took(1, 0.000001)
    assert pace() == 4
    for _ in range(10):
        pace.took(pace(), pace() * 0.01)
    assert pace() == 10
    pace.took(10, 30.0)
    assert pace() == 1


@given(st.integers(1, 5000), st.integers(1, 5000))
def test_chunks_of_an_epoch_are_equal_but_for_rounding_and_near_what_was_wanted(total: int, wanted: int) -> None:
    lengths = []
    while sum(lengths) < total:
        lengths.append(even(total - sum(lengths), wanted))
    assert sum(lengths) == total
    assert max(lengths) - min(lengths) <= 1
    assert max(lengths) <= max(1, 1.5 * wanted)
    assert min(lengths) >= min(total, wanted) // 2


def test_a_part_that_cannot_be_read_says_so_where_it_is_used() -> None:
    class Broken(OnDisk):
        def take(self, indices: object) -> np.ndarray:
            raise OSError(f"gone: {indices}")

    feed = Feed(Part(Broken(np.zeros((8, 2, 2, 1), np.uint8)), np.zeros(8, np.int32)), 2)
    try:
        with pytest.raises(OSError, match="gone"):
            list(feed.chunks(np.arange(8, dtype=np.int32), None, lambda: 1))
    finally:
        feed.close()


def test_a_streamed_epoch_of_four_times_the_pictures_needs_no_more_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    class Drawn(OnDisk):
        """Pictures that exist only once they are taken."""

        def __init__(self, samples: int) -> None:
            self._samples = samples

        @property
        def shape(self) -> tuple[int, int, int, int]:
            return self._samples, 64, 64, 3

        def take(self, indices: np.ndarray) -> np.ndarray:
            return np.ones((len(indices), 64, 64, 3), np.uint8)

    monkeypatch.setattr(feeding, "STREAM_BYTES", 1 << 20)

    def peak(samples: int) -> int:
        feed = Feed(Part(Drawn(samples), np.zeros(samples, np.int32)), 16)
        order = np.arange(samples, dtype=np.int32)
        tracemalloc.start()
        try:
            seen = sum(chunk.samples for chunk in feed.chunks(order, None, lambda: 1000))
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
            feed.close()
            assert seen == samples

    assert peak(8000) <= 1.1 * peak(2000)


def test_an_epoch_is_continued_at_any_of_its_steps() -> None:
    data = part(50, InMemory)
    order = training_order(1, 1, 50)
    feed = Feed(data, 8)
    try:
        for first in range(8):
            chunks = list(feed.chunks(order, None, lambda: 3, first))
            assert [chunk.first_step for chunk in chunks][:1] == ([first] if first < 7 else [])
            rest = np.concatenate([np.empty(0, np.int32), *(chunk.indices for chunk in chunks)])
            assert (rest == order[first * 8 :]).all()
        one = feed.some(order, None, 6, 1)
        assert (one.steps, one.indices.tolist()) == (1, order[48:].tolist())
    finally:
        feed.close()
