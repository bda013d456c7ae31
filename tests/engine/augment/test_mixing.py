import math
from typing import Any

import numpy as np
import pytest
from keras import ops

from workbench.engine.augment.mixing import Mixing
from workbench.spec.tricks import CutMix, Mixup

pytestmark = pytest.mark.keras

SIZE = (12, 10)
MANY = 20_000


def mixing(mixup: dict[str, Any] | None = None, cutmix: dict[str, Any] | None = None) -> Mixing:
    off = {"on": False}
    return Mixing(
        Mixup(**({"on": True, "alpha": 1.0} | mixup if mixup is not None else off)),
        CutMix(**({"on": True, "probability": 1.0} | cutmix if cutmix is not None else off)), SIZE,
    )  # fmt: skip


def applied(used: Mixing, pictures: np.ndarray, draws: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    tensors = ops.convert_to_tensor(pictures), ops.convert_to_tensor(draws.astype(np.float32))
    pixels, partner, share = (np.asarray(ops.convert_to_numpy(each)) for each in used.apply(*tensors))
    return pixels, partner, share


def pictures(count: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (count, *SIZE, 3), dtype=np.uint8)


def test_mixup_is_the_papers_blend() -> None:
    used = mixing(mixup={})
    before = pictures(16)
    draws = used.draws(1, 1, 16, 0)

    found, partner, share = applied(used, before, draws)

    assert np.allclose(share, draws[:, 1])
    weight = draws[:, 1].reshape(-1, 1, 1, 1)
    assert np.allclose(found, weight * before + (1 - weight) * before[partner], atol=1e-3)


def test_mixups_share_is_beta_distributed() -> None:
    for alpha in (0.2, 1.0, 4.0):
        share = mixing(mixup={"alpha": alpha}).draws(1, 1, MANY, 0)[:, 1]
        variance = 1 / (4 * (2 * alpha + 1))
        assert abs(share.mean() - 0.5) < 3 * math.sqrt(variance / MANY)
        assert share.var() == pytest.approx(variance, rel=0.03)


def test_cutmix_pastes_a_rectangle_and_shares_by_its_true_area() -> None:
    used = mixing(cutmix={})
    before = pictures(64)
    draws = used.draws(1, 1, 64, 0)

    found, partner, share = applied(used, before, draws)

    for at, (top, bottom, left, right) in enumerate(draws[:, 1:].astype(int)):
        expected = before[at].astype(np.float32)
        expected[top:bottom, left:right] = before[partner[at], top:bottom, left:right]
        assert np.array_equal(found[at], expected)
        assert share[at] == pytest.approx(1 - (bottom - top) * (right - left) / (12 * 10), abs=1e-6)
    # Some rectangles were cut off at an edge, and count by what is left of them.
    assert (draws[:, 1] == 0).any()


def test_cutmix_rectangles_are_those_of_the_papers_code() -> None:
    drawn = mixing(cutmix={}).draws(1, 1, MANY, 0)[:, 1:]
    random = np.random.default_rng(4)
    height, width = SIZE
    cut = np.sqrt(1 - random.beta(1, 1, MANY))
    tall, wide = (height * cut).astype(int), (width * cut).astype(int)
    y, x = random.integers(height, size=MANY), random.integers(width, size=MANY)
    theirs = np.stack(
        [np.clip(y - tall // 2, 0, height), np.clip(y + tall // 2, 0, height),
         np.clip(x - wide // 2, 0, width), np.clip(x + wide // 2, 0, width)], 1,
    )  # fmt: skip
    # Each side has few values: their shares differ by less than five standard deviations.
    for mine, other in zip(drawn.T, theirs.T, strict=True):
        values = np.unique(other)
        gap = [abs((mine == each).mean() - (other == each).mean()) for each in values]
        assert max(gap) < 5 * math.sqrt(2 * 0.25 / MANY)
    area, area_theirs = ((each[:, 1] - each[:, 0]) * (each[:, 3] - each[:, 2]) for each in (drawn, theirs))
    assert area.mean() == pytest.approx(area_theirs.mean(), rel=0.03)


@pytest.mark.parametrize("count", [1, 2, 7, 64])
def test_partners_are_a_permutation_of_the_batch_also_of_a_smaller_one(count: int) -> None:
    used = mixing(mixup={}, cutmix={})
    _, partner, _ = applied(used, pictures(count), used.draws(1, 1, count, 0))

    assert partner.dtype == np.int32
    assert sorted(partner) == list(range(count))


def test_every_picture_is_a_partner_equally_often() -> None:
    used = mixing(mixup={})
    draws = used.draws(1, 1, 4 * 3000, 0).reshape(3000, 4, -1)
    first = np.array([np.argsort(each[:, 0])[0] for each in draws])

    assert np.abs(np.bincount(first) - 750).max() < 4 * math.sqrt(3000 * 0.25 * 0.75)


def test_each_happens_with_its_probability_and_with_both_a_coin_decides() -> None:
    def near(share: float, wanted: float) -> bool:
        return abs(share - wanted) < 3 * math.sqrt(wanted * (1 - wanted) / MANY)

    mixup = mixing(mixup={"probability": 0.3}).draws(1, 1, MANY, 0)
    assert near((mixup[:, 1] != 1).mean(), 0.3)

    both = mixing(mixup={"probability": 0.8}, cutmix={"probability": 0.4}).draws(1, 1, MANY, 0)
    blended, pasted = both[:, 1] != 1, both[:, 3] > 0
    assert not (blended & pasted).any()
    assert near(blended.mean(), 0.4)
    # Rectangles thinner than two pixels paste nothing.
    assert 0.15 < pasted.mean() < 0.2


def test_a_picture_that_is_not_mixed_keeps_its_pixels_and_its_label() -> None:
    used = mixing(mixup={"probability": 0.5}, cutmix={"probability": 0.5})
    before = pictures(64)
    draws = used.draws(1, 1, 64, 0)

    found, _, share = applied(used, before, draws)

    kept = (draws[:, 1] == 1) & (draws[:, 3] == draws[:, 2])
    assert 0 < kept.sum() < 64
    assert (share[kept] == 1).all()
    assert np.array_equal(found[kept], before[kept])


def test_what_is_off_is_off() -> None:
    assert not mixing().on
