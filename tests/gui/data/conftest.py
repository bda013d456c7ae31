"""A data set that was looked through, as the page gets it, and folders of pictures."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from workbench.data.scan.message import Message
from workbench.data.scan.reading import Notebook
from workbench.data.scan.request import Request, scan
from workbench.gui.data.shown import DataShown
from workbench.paths import Workspace
from workbench.spec.data import Data, Folder
from workbench.spec.recipe import Recipe


def picture(number: int, size: tuple[int, int] = (16, 16)) -> Image.Image:
    coarse = np.random.default_rng(number).integers(0, 256, (4, 4, 3), np.uint8)
    return Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC)


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """Classes with names that look like markup, a broken file, and one picture too often."""
    made = tmp_path / "my pictures"
    for place, (name, count) in enumerate((("<b>bold", 30), ("a & b", 20), ("cat", 6))):
        (made / name).mkdir(parents=True)
        for number in range(count):
            picture(100 * place + number).save(made / name / f"{number:02}.png")
    (made / "cat" / "broken.png").write_bytes(b"no")
    (made / "a & b" / "wrong.png").write_bytes((made / "<b>bold" / "03.png").read_bytes())
    return made


Shown = Callable[..., DataShown]


@pytest.fixture
def shown(workspace: Workspace) -> Iterator[Shown]:
    """Looks a data set through and gives what the page is given."""
    made: list[DataShown] = []

    def look(data: Data) -> DataShown:
        told: list[Message] = []
        notebook = Notebook()
        scan(Request(data, Recipe().training.seed, workspace), notebook, told.append, threading.Event())
        notebook.close()
        by_name = {message.say: message for message in told}
        each = DataShown(by_name["listed"], 1)
        each.divide(by_name["parts"])
        each.take_found(by_name["found"])
        made.append(each)
        return each

    yield look
    for each in made:
        each.close()


@pytest.fixture
def odd(shown: Shown, base: Path) -> DataShown:
    return shown(Folder(path=str(base), image_size=16))
