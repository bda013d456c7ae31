"""The data of a script are the workbench's own: the same pictures in the same parts, scaled by the same numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.export.script_stand_ins import folder
from workbench import data
from workbench.data.describing import seen
from workbench.export.script.data.sets import HUNDRED
from workbench.export.script.writing import write
from workbench.paths import Workspace
from workbench.spec.recipe import Recipe, parse

RANDOM = np.random.default_rng(5)


def photographs(path: Path) -> Path:
    """Class folders within folders for training, validation and testing, with a file that is no picture."""
    folder(path / "all", RANDOM)
    for number, part in enumerate(("train", "val", "test")):
        for of_class in range(3):
            (path / "parts" / part / f"class{of_class}").mkdir(parents=True)
            for place in range(4):
                picture = Image.fromarray(RANDOM.integers(0, 256, (30 + number, 40, 3), np.uint8))
                picture.save(path / "parts" / part / f"class{of_class}" / f"{place}.png")
    (path / "all" / "class1" / "damaged.png").write_bytes(b"no picture")
    (path / "parts" / "train" / "class0" / "notes.txt").write_text("no picture", "utf-8")
    return path


def masked(path: Path, *, colours: bool, table: bool) -> Path:
    """Pictures of unequal sizes with masks in numbers or colours, some of which are ignored; one picture has no mask."""
    (path / "images").mkdir(parents=True)
    (path / "masks" / "deep").mkdir(parents=True)
    palette = np.array([[0, 0, 0], [255, 0, 0], [0, 128, 0], [9, 9, 9]], np.uint8)
    for number in range(12):
        size = tuple(RANDOM.integers(20, 50, 2))
        Image.fromarray(RANDOM.integers(0, 256, (*size, 3), np.uint8)).save(path / "images" / f"{number}.jpg")
        codes = RANDOM.integers(0, 4, size)
        mask = palette[codes] if colours else np.where(codes == 3, 255, codes).astype(np.uint8)
        Image.fromarray(mask).save(path / "masks" / f"{number}.png")
    Image.fromarray(RANDOM.integers(0, 256, (20, 20, 3), np.uint8)).save(path / "images" / "alone.png")
    Image.fromarray(RANDOM.integers(0, 256, (20, 20, 3), np.uint8)).save(path / "images" / "other.png")
    Image.fromarray(np.zeros((9, 9, 3) if colours else (9, 9), np.uint8)).save(
        path / "masks" / "other.png"
    )  # of another size
    if table:
        rows = ["name,red,green,blue", "sky,0,0,0", "roof,255,0,0", "tree,0,128,0", "ignore,9,9,9"]
        (path / "colours.csv").write_text("\n".join(rows), "utf-8")
    return path


def arrays(path: Path, **named: np.ndarray) -> Path:
    np.savez(path, **named)
    return path


def tables(what: str, path: Path) -> dict[str, Any]:  # noqa: PLR0911 - one a case
    """The data table of a case, and its files."""
    grey = RANDOM.random((40, 20, 14))
    labels = np.arange(40) % 4
    match what:
        case "folder":
            return {
                "kind": "folder",
                "path": str(photographs(path) / "all"),
                "image_size": 24,
                "validation": 0.3,
                "test": 0.1,
            }
        case "parts, stretched, grey":
            where = str(photographs(path) / "parts")
            return {"kind": "folder", "path": where, "image_size": 24, "fit": "stretch", "colour": "grey", "limit": 20}
        case "npz of fractions":
            return {"kind": "npz", "path": str(arrays(path / "a.npz", x=grey, y=labels)), "image_size": 16, "limit": 31}
        case "npz in parts":
            colour = RANDOM.integers(0, 256, (40, 16, 16, 3), np.uint8)
            made = arrays(path / "a.npz", x_train=colour, y_train=labels, x_test=colour[:8], y_test=labels[:8])
            return {"kind": "npz", "path": str(made), "image_size": 16, "scaling": "unit"}
        case "masks in numbers":
            return {
                "kind": "mask_folder",
                "path": str(masked(path / "m", colours=False, table=False)),
                "image_size": 32,
            }
        case "masks in colours, padded":
            where = str(masked(path / "m", colours=True, table=True))
            return {"kind": "mask_folder", "path": where, "image_size": 40, "fit": "pad", "crop": 24}
        case "masks in colours, stretched":
            where = str(masked(path / "m", colours=True, table=False))
            return {"kind": "mask_folder", "path": where, "image_size": 32, "fit": "stretch"}
        case "shapes":
            return {"kind": "shapes", "image_size": 20, "count": 90, "limit": 50}
        case "digits, larger":
            return {"kind": "digits", "image_size": 13, "limit": 300, "test": 0.35}
        case _:
            return {"kind": "shape_masks", "image_size": 24, "count": 70, "validation": 0.3}


def names_of(recipe: Recipe, shape: tuple[int, int, int], classes: int) -> dict[str, Any]:
    """What the section of the data makes."""
    made = write(recipe, "data", seen(recipe.data, shape), classes)
    imports = [line for line in made.imports.splitlines() if "keras" not in line]
    code = [made.environment.split("\n")[0], *imports, made.constants, *(cell.code for cell in made.sections[0].cells)]
    names: dict[str, Any] = {}
    exec(compile("\n\n".join(code), "data.py", "exec"), names)
    return names


@pytest.mark.parametrize(
    "what",
    [
        "folder", "parts, stretched, grey", "npz of fractions", "npz in parts", "masks in numbers", "masks in colours, padded",
        "masks in colours, stretched", "shapes", "digits, larger", "shapes with masks",
    ],
)  # fmt: skip
def test_the_pictures_of_a_script_are_those_of_the_workbench(workspace: Workspace, tmp_path: Path, what: str) -> None:
    table = tables(what, tmp_path)
    recipe = parse({"data": table} | ({"model": {"kind": "unet"}} if "mask" in table["kind"] else {}))
    ours = data.load(recipe.data, recipe.training.seed, workspace, lambda *_: None)
    theirs = names_of(recipe, ours.shape, len(ours.classes))
    for part, name in ((ours.training, "train"), (ours.validation, "val"), (ours.test, "test")):
        assert np.array_equal(part.pictures.array(), theirs[f"x_{name}"]), name
        assert np.array_equal(part.labels, theirs[f"y_{name}"]), name
    assert tuple(theirs["class_names"]) == ours.classes
    assert np.array_equal(ours.mean, theirs["mean"])
    assert np.array_equal(ours.spread, theirs["spread"])


def test_the_hundred_classes_are_named_in_the_order_of_their_numbers() -> None:
    # The file's own names are in the order of the alphabet.
    assert len(HUNDRED) == 100
    assert list(HUNDRED) == sorted(set(HUNDRED))
