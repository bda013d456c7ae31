"""What the tests of the readers share: a workspace, a Keras folder of their own, and small pictures."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from workbench.data import DataSet, load
from workbench.events import Phase
from workbench.paths import Workspace
from workbench.spec.data import Data

Reports = list[tuple[Phase, int, int | None, str]]


@pytest.fixture(autouse=True)
def keras_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty Keras data folder, so that no test finds (or changes) the person's own."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    folder = tmp_path / "keras" / "datasets"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test fetches anything: whatever tries gets what a computer without a network gets."""
    import requests

    def refuse(*_arguments: object, **_options: object) -> None:
        raise requests.exceptions.ConnectionError

    monkeypatch.setattr(requests, "get", refuse)


@pytest.fixture
def reports() -> Reports:
    """Every call of the progress of `read`."""
    return []


@pytest.fixture
def read(workspace: Workspace, reports: Reports) -> Callable[..., DataSet]:
    def read_set(settings: Data, seed: int = 1) -> DataSet:
        return load(settings, seed, workspace, lambda *report: reports.append(report))

    return read_set


@pytest.fixture
def made_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """Takes a folder away; another process makes it in the moment in which its place is cleared for one that is made here."""

    def take(kept: Path) -> None:
        theirs = kept.rename(tmp_path / "made by another process")
        plain = shutil.rmtree

        def clear(path: Path, **how: bool) -> None:
            plain(path, **how)
            if path == kept and not kept.exists():
                shutil.copytree(theirs, kept)

        monkeypatch.setattr(shutil, "rmtree", clear)

    return take


@pytest.fixture
def folder(tmp_path: Path) -> Callable[..., Path]:
    """Makes a folder of pictures: class (or part/class) → how many; every picture is different."""

    def make(**counts: int) -> Path:
        base = tmp_path / "pictures"
        random = np.random.default_rng(7)
        for name, count in counts.items():
            inside = base / name.strip("_").replace("__", "/")
            inside.mkdir(parents=True)
            for number in range(count):
                pixels = random.integers(0, 256, (12, 12, 3), np.uint8)
                Image.fromarray(pixels).save(inside / f"{number}.png")
        return base

    return make
