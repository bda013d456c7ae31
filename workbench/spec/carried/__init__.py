"""What a file that was made from a run carries of it: its recipe, as a preset's TOML; models carry facts beside it. Needs no Keras.

block       what is carried, and how much that is at most
models      .keras, .tflite, .onnx, .safetensors, and the folder of a SavedModel
scripts     .py, .ipynb
pictures    .png, .pdf
pages       .svg, .html

Figures of the descent lab (.png, .svg, .pdf) carry the lab's settings in the same places, under a name of their own.

Each family's file has both sides: how the recipe is put in, and how it is found again. What is carried is the recipe as the run
was started with, `data.path` among the rest: where somebody's pictures lie goes wherever the file goes.

Files come from strangers too: nothing in them is run or unpacked, no more is read than is looked for, what is larger than a
recipe can be is not read at all, no link within a folder is followed. What is found is text; `presets.loads` judges it.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path

from workbench import zips
from workbench.errors import ExportError
from workbench.paths import Workspace
from workbench.spec import presets
from workbench.spec.carried import models, pages, pictures, scripts
from workbench.spec.carried.block import FACTS, LAB, RECIPE, Carried
from workbench.spec.presets import Preset

_READERS: dict[str, Callable[[Path], dict[str, str]]] = {
    ".keras": models.from_zip, ".tflite": models.from_zip, ".onnx": models.from_onnx, ".safetensors": models.from_safetensors,
    ".py": scripts.from_script, ".ipynb": scripts.from_notebook,
    ".png": pictures.from_png, ".pdf": pictures.from_pdf,
    ".svg": pages.from_page, ".html": pages.from_page, ".htm": pages.from_page,
}  # fmt: skip
#: Of figures of the descent lab.
_LAB_READERS: dict[str, Callable[[Path, str], dict[str, str]]] = {
    ".png": pictures.from_png, ".pdf": pictures.from_pdf, ".svg": pages.from_page,
}  # fmt: skip


def can_carry(path: Path) -> bool:
    """Whether to look for a recipe there at all, by the ending; a folder: by what lies in it."""
    return path.suffix.lower() in _READERS or models.is_ours(path)


def read(path: Path) -> Carried | None:
    """What a file or folder carries; None when it carries nothing that can be read."""
    try:
        if not _plain(path):
            return None
        texts = _READERS.get(path.suffix.lower(), models.from_folder)(path)
        facts = json.loads(texts.get(FACTS, "{}"))
    # What the libraries say of files that are not what their names say.
    except (OSError, RecursionError, zips.ZipError, *zips.DAMAGE):
        return None
    if RECIPE not in texts or not isinstance(facts, dict):
        return None
    return Carried(texts[RECIPE], facts)


def read_lab(path: Path) -> str | None:
    """The settings of the descent lab that a figure of it carries, as a preset's TOML; None when it carries none that can be read."""
    reader = _LAB_READERS.get(path.suffix.lower())
    if reader is None:
        return None
    try:
        return reader(path, LAB).get(LAB) if _plain(path) else None
    except (OSError, *zips.DAMAGE):
        return None


def _plain(path: Path) -> bool:
    """Whether it is a file or a folder; a pipe or a device would keep whoever opens it waiting."""
    mode = path.stat().st_mode
    return stat.S_ISREG(mode) or stat.S_ISDIR(mode)


def find(name: str, workspace: Workspace) -> Preset:
    """A preset by its name, its title or a TOML file's path; or the recipe that another file carries, by its path.

    Raises RecipeError when there is none, ExportError when the file carries none.
    """
    place = os.path.expanduser(name)  # noqa: PTH111 - unlike Path's, these two take a name of any kind
    if Path(name).suffix.lower() in _READERS and os.path.isfile(place):  # noqa: PTH113 - as above
        return preset_in(Path(place))
    return presets.find(name, workspace)


def preset_in(path: Path) -> Preset:
    """The recipe that a file carries. Raises ExportError when it carries none, RecipeError when that is wrong."""
    found = read(path)
    if found is None:
        raise ExportError(
            f"{path.name} carries no recipe of Keras Workbench that can be read. Models, figures, reports, scripts and notebooks "
            "that it has written do, as long as no other program has taken the recipe out."
        )
    return presets.loads(found.recipe, path.stem, path)
