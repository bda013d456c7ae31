from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from workbench.data import DataSet, digits
from workbench.spec.data import Digits


def test_the_digits_are_those_of_scikit_learn(read: Callable[..., DataSet]) -> None:
    from sklearn.datasets import load_digits

    theirs = load_digits()
    source = digits.read(8)
    piece = next(source.read(np.arange(1797)))
    assert np.array_equal(piece.pixels[..., 0], np.rint(theirs.images * 255 / 16).astype(np.uint8))
    assert np.array_equal(source.listing.labels, theirs.target)


def test_digits_are_divided_by_the_shares_of_the_recipe(read: Callable[..., DataSet]) -> None:
    found = read(Digits(validation=0.2, test=0.1))
    assert (len(found.training), len(found.validation), len(found.test)) == (1259, 359, 179)
    assert found.classes == tuple("0123456789")
    assert found.shape == (8, 8, 1)


def test_scikit_learn_is_asked_when_its_file_lies_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = next(digits.read(8).read(np.arange(5)))
    monkeypatch.setattr(Path, "is_file", lambda _path: False)
    assert np.array_equal(next(digits.read(8).read(np.arange(5))).pixels, known.pixels)


def test_reading_the_digits_does_not_import_scikit_learn() -> None:
    import subprocess

    code = "import sys, numpy; from workbench.data import digits; digits.read(8); sys.exit('sklearn' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
