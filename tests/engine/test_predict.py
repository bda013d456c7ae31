"""What a kept network says of files: classes, and masks at the pictures' own size."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.engine.training import train
from workbench.errors import DataError, WorkspaceError
from workbench.journal import Journal
from workbench.paths import Workspace
from workbench.spec.recipe import parse

pytestmark = pytest.mark.keras

QUICK = {"epochs": 12, "batch_size": 4, "keep": "last"}
SIZES = [(24, 24), (20, 31), (33, 18), (24, 40)]


def draw_pairs(base: Path, count: int = 16) -> Path:
    """Dark pictures of four sizes with one bright rectangle, whose pixels are class 1."""
    random = np.random.default_rng(1)
    for name in ("images", "masks"):
        (base / name).mkdir(parents=True)
    for number in range(count):
        height, width = SIZES[number % len(SIZES)]
        mask = np.zeros((height, width), np.uint8)
        top, left = random.integers(0, height - 9), random.integers(0, width - 9)
        mask[top : top + 9, left : left + 9] = 1
        picture = 40 + 160 * mask[..., None] + random.integers(0, 9, (height, width, 3), np.uint8)
        Image.fromarray(picture.astype(np.uint8)).save(base / "images" / f"{number}.png")
        Image.fromarray(mask).save(base / "masks" / f"{number}.png")
    return base


@pytest.mark.parametrize("data", [{"fit": "pad", "image_size": 40, "crop": 16}, {"fit": "stretch", "image_size": 24}])
def test_masks_come_back_at_the_size_of_each_picture(
    workspace: Workspace, tmp_path: Path, data: dict[str, Any]
) -> None:
    from workbench.engine.predict import predict

    base = draw_pairs(tmp_path / "set")
    recipe = parse({
        "data": {"kind": "mask_folder", "path": str(base), "validation": 0.2, "test": 0.0, **data},
        "model": {"kind": "unet", "depth": 1, "width": 4, "convolutions": 1},
        "optimizer": {"method": "adam", "learning_rate": 0.02},
        "training": QUICK,
    })  # fmt: skip
    done = train(workspace, recipe)
    (base / "images" / "broken.png").write_bytes(b"no picture")

    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "3.png").write_bytes((base / "images" / "0.png").read_bytes())

    written = predict(workspace, done.run.id, [base / "images", tmp_path / "more"], tmp_path / "out")

    (sentence,) = written.left_out
    assert sentence.startswith(f"{base / 'images' / 'broken.png'}: ")
    # Two pictures are called 3.png: each is told with its folder.
    again, first = (tmp_path / "out" / each for each in ("more/3.png.png", "0.png.png"))
    assert again.read_bytes() == first.read_bytes()
    right = []
    for number in range(16):
        truth = np.asarray(Image.open(base / "masks" / f"{number}.png"))
        name = f"{number}.png.png" if number != 3 else "images/3.png.png"
        found = np.asarray(Image.open(tmp_path / "out" / name))
        assert found.shape == truth.shape
        right.append((found == truth).mean())
    assert np.mean(right) > 0.97, "moved or turned by a few pixels the rectangles would not be met"
    assert (tmp_path / "out" / "classes.csv").read_text() == "number,name\n0,0\n1,1\n"


def test_classes_come_with_their_probabilities_by_the_command(workspace: Workspace, tmp_path: Path) -> None:
    base = tmp_path / "set"
    random = np.random.default_rng(1)
    for number, name in enumerate(("dark", "light")):
        (base / name).mkdir(parents=True)
        for each in range(12):
            pixels = np.full((20, 14, 3), 60 + 120 * number, np.uint8) + random.integers(0, 20, (20, 14, 3), np.uint8)
            Image.fromarray(pixels).save(base / name / f"{each}.png")
    recipe = parse({
        "data": {"kind": "folder", "path": str(base), "image_size": 12, "crop": 10, "validation": 0.25, "test": 0.0},
        "model": {"kind": "cnn", "stages": 1, "width": 4, "dense": 0},
        "optimizer": {"method": "adam", "learning_rate": 0.02},
        "training": QUICK,
    })  # fmt: skip
    done = train(workspace, recipe)
    assert done.run.last["val_accuracy"] == 1

    # As a person has it: the command, in a process of its own.
    command = [
        sys.executable,
        "-m",
        "workbench",
        "--home",
        str(workspace.home),
        "predict",
        done.run.id,
        str(base),
        "--to",
    ]
    said = subprocess.run(
        [*command, str(tmp_path / "out"), "--json"], capture_output=True, text=True, check=False, cwd=Path.cwd()
    )
    assert said.returncode == 0, said.stderr
    assert json.loads(said.stdout)["left_out"] == []
    rows = list(csv.DictReader((tmp_path / "out" / "predictions.csv").read_text().splitlines()))
    assert len(rows) == 24
    for row in rows:
        assert row["picture"].startswith(f"{row['class']}/")
        shares = [float(row[name]) for name in ("dark", "light")]
        assert sum(shares) == pytest.approx(1, abs=1e-5)
        assert max(shares) > 0.5


def test_what_is_written_has_the_usual_rights_and_a_place_that_cannot_be_is_told(
    workspace: Workspace, tmp_path: Path
) -> None:
    from workbench.engine.predict import predict

    tree = {"data": {"kind": "digits", "limit": 60}, "model": {"kind": "mlp", "depth": 1}, "training": {"epochs": 1}}
    run = train(workspace, parse(tree)).run
    Image.new("L", (8, 8)).save(tmp_path / "one.png")
    before = os.umask(0o022)
    try:
        (table,) = predict(workspace, run.id, [tmp_path / "one.png"], tmp_path / "out").files
    finally:
        os.umask(before)
    if os.name == "posix":
        assert table.stat().st_mode & 0o777 == 0o644

    (tmp_path / "file").write_text("in the way")
    with pytest.raises(WorkspaceError) as raised:
        predict(workspace, run.id, [tmp_path / "one.png"], tmp_path / "file" / "out")
    sentence = f"{tmp_path / 'file'} is a file where a folder is needed. Choose another folder with --to."
    assert str(raised.value) == sentence


def test_what_cannot_be_asked_is_told(workspace: Workspace, tmp_path: Path) -> None:
    from workbench.engine.predict import predict

    with Journal(workspace) as journal:
        waiting = journal.create_run(parse({}))
    Image.new("L", (8, 8)).save(tmp_path / "one.png")
    with pytest.raises(WorkspaceError, match="has kept no weights yet"):
        predict(workspace, waiting.id, [tmp_path / "one.png"], tmp_path / "out")
    with pytest.raises(WorkspaceError, match="no run 'nobody'"):
        predict(workspace, "nobody", [tmp_path / "one.png"], tmp_path / "out")
    with pytest.raises(DataError, match="is not there"):
        predict(workspace, waiting.id, [tmp_path / "two.png"], tmp_path / "out")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="There is no picture"):
        predict(workspace, waiting.id, [tmp_path / "empty"], tmp_path / "out")
