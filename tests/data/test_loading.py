from __future__ import annotations

import subprocess
import sys
import typing
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbench.data import DataSet, describe
from workbench.data.loading import READERS
from workbench.errors import DataError
from workbench.events import Phase
from workbench.spec import data as spec

Read = Callable[..., DataSet]


def test_every_kind_of_data_set_has_a_reader() -> None:
    union = typing.get_args(spec.Data)[0]
    assert set(READERS) == set(typing.get_args(union))


def test_the_same_recipe_gives_the_same_set_and_another_seed_another_split(read: Read) -> None:
    assert read(spec.Digits()).fingerprint == read(spec.Digits()).fingerprint
    assert read(spec.Digits()).fingerprint != read(spec.Digits(), seed=2).fingerprint
    assert read(spec.Digits()).fingerprint != read(spec.Digits(validation=0.2)).fingerprint


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=15, deadline=None
)
@given(st.integers(0, 2**31), st.floats(0, 0.4), st.floats(0, 0.4), st.integers(60, 150))
def test_no_picture_is_in_two_parts(read: Read, seed: int, validation: float, test: float, count: int) -> None:
    found = read(spec.Shapes(count=count, image_size=8, noise=1.0, validation=validation, test=test), seed)
    everything = np.concatenate([part.pictures.array() for part in (found.training, found.validation, found.test)])
    assert len(everything) == count
    # With full noise no two pictures are alike.
    assert len(np.unique(everything.reshape(count, -1), axis=0)) == count


def test_a_limit_takes_that_many_evenly(read: Read) -> None:
    found = read(spec.Digits(limit=100, validation=0.2, test=0.2))
    assert (len(found.training), len(found.validation), len(found.test)) == (60, 20, 20)
    assert np.bincount(found.training.labels).tolist() == [6] * 10


def test_a_set_with_uneven_classes_says_so(read: Read, folder: Callable[..., Path]) -> None:
    uneven = folder(cat=10, dog=30)
    (note,) = read(spec.Folder(path=str(uneven), image_size=8, validation=0.2, test=0.1)).notes
    assert "dog 21, cat 7 for training" in note
    assert read(spec.Digits()).notes == ()


def test_parts_may_be_empty(read: Read) -> None:
    found = read(spec.Digits(validation=0, test=0))
    assert (len(found.training), len(found.validation), len(found.test)) == (1797, 0, 0)
    assert found.validation.pictures.shape == (0, 8, 8, 1)


def test_pictures_are_brought_to_the_size_of_the_recipe(read: Read) -> None:
    assert read(spec.Digits(image_size=20)).training.pictures.shape[1:] == (20, 20, 1)


def test_progress_tells_how_many_of_how_many(read: Read, reports: list[tuple[Phase, int, int | None, str]]) -> None:
    read(spec.Shapes(count=1000, image_size=8))
    counted = [(done, total) for phase, done, total, _ in reports if phase is Phase.READING and total]
    assert counted[0] == (0, 1000)
    assert counted[-1] == (1000, 1000)
    assert len(counted) > 3


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (spec.Digits(), (8, 8, 1, 10)),
        (spec.Shapes(image_size=40), (40, 40, 3, 4)),
        (spec.Mnist(), (28, 28, 1, 10)),
        (spec.FashionMnist(), (28, 28, 1, 10)),
        (spec.Cifar10(), (32, 32, 3, 10)),
        (spec.Cifar100(image_size=64), (64, 64, 3, 100)),
        (spec.Cifar10(image_size=256, crop=224), (224, 224, 3, 10)),
        (spec.Folder(), None),
        (spec.Npz(), None),
        (spec.ShapeMasks(image_size=40), (40, 40, 3, 4)),
        (spec.MaskFolder(), None),
    ],
)
def test_sets_are_described_without_being_read(settings: spec.Data, expected: object) -> None:
    assert describe(settings) == expected


def test_what_is_described_is_what_is_read(read: Read) -> None:
    for station in (
        spec.Digits(image_size=9),
        spec.Shapes(count=40, image_size=9),
        spec.ShapeMasks(count=40, image_size=9),
    ):
        found = read(station)
        assert describe(station) == (*found.shape, len(found.classes))


def test_pictures_are_kept_whole_where_the_network_sees_a_part(read: Read) -> None:
    assert read(spec.Digits(image_size=9, crop=7)).shape == (9, 9, 1)


def test_validation_and_test_pictures_never_enter_the_statistics(read: Read, tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    pictures, labels = random.integers(0, 256, (60, 6, 6, 3), np.uint8), np.arange(60) % 3
    path = tmp_path / "pictures.npz"

    def found() -> DataSet:
        np.savez(path, x=pictures, y=labels)
        return read(spec.Npz(path=str(path), image_size=6, validation=0.3, test=0.2))

    before = found()
    training = before.training.pictures.array()
    assert np.allclose(before.mean, training.mean((0, 1, 2)), rtol=1e-5)
    assert np.allclose(before.spread, training.std((0, 1, 2)), rtol=1e-5)
    others = np.concatenate([before.validation.pictures.array(), before.test.pictures.array()])
    aside = np.array([any((picture == each).all() for each in others) for picture in pictures])
    assert aside.sum() == len(before.validation) + len(before.test)
    pictures[aside] = 255 - pictures[aside] // 2
    after = found()
    # The fingerprint shows that the pictures kept aside did change.
    assert after.fingerprint != before.fingerprint
    assert np.array_equal(after.mean, before.mean)
    assert np.array_equal(after.spread, before.spread)
    pictures[~aside] //= 2
    assert not np.allclose(found().mean, before.mean, rtol=0.1)


def test_shares_that_leave_nothing_are_told_at_once() -> None:
    with pytest.raises(DataError, match="together keep 110% of the pictures aside"):
        describe(spec.Digits(validation=0.6, test=0.5))


def test_describing_loads_no_picture_library_of_others() -> None:
    code = (
        "import sys; from workbench.data import describe; from workbench.spec.data import Digits; describe(Digits());"
        "sys.exit(bool({'sklearn', 'keras', 'tensorflow', 'pooch', 'requests', 'PySide6'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_worker_needs_neither_the_recipe_nor_the_readers() -> None:
    code = (
        "import sys, workbench.data.worker; sys.exit(bool({'pydantic', 'workbench.data.loading'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
