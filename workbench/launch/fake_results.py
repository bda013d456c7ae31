"""Invented answers of a run's kept weights, in files of the shape that the engine's own have.

Pictures are grey squares, brighter from class to class; every fifth is taken for the next class. Nothing is computed.
"""

from __future__ import annotations

import io
import json
import time
from pathlib import Path
from typing import Any

import numpy as np

from workbench.descent import slices
from workbench.descent.slices import Wanted
from workbench.descent.surfaces import Slice
from workbench.journal import Journal
from workbench.journal.judged import About, Judged, PartName, path_of, write
from workbench.journal.tested import remember_test
from workbench.launch.fake_story import CLASSES
from workbench.paths import Workspace, write_atomic
from workbench.spec.lab import SLICE_POINTS

PICTURES, SIDE = 100, 12
LAYERS = ("conv_1", "conv_2")


def judge(workspace: Workspace, question: dict[str, Any]) -> dict[str, Any]:
    """What `results` answers: the file with what was said."""
    epoch, step = (int(number) for number in str(question["place"]).split("-"))
    part: PartName = "test" if question["part"] == "test" else "validation"
    with Journal(workspace) as journal:
        run = journal.run(question["run"])
        if part == "test":
            remember_test(journal, run.id, epoch, step)
    folder = workspace.run_folder(run.id)
    made = next(folder.glob(f"checkpoints/{question['place']}/manifest.json"))
    weights = _weights(made)
    path = path_of(folder, epoch, step, part, weights)
    masks = run.recipe.data.TASK == "masks"
    about = About(
        run.id, epoch, step, part, weights, CLASSES, "masks" if masks else "classes", "same", "same", None, 1.0, time.time(),
        {"val_loss": 0.25, "val_accuracy": 0.8},
    )  # fmt: skip
    write(path, _masks(about) if masks else _classes(about))
    return {"file": str(path)}


def _weights(manifest: Path) -> str:
    return str(json.loads(manifest.read_text("utf-8"))["weights_sha256"])


def _classes(about: About) -> Judged:
    count = len(about.classes)
    truth = np.arange(PICTURES) % count
    said = np.where(np.arange(PICTURES) % 5 == 0, (truth + 1) % count, truth)
    shares = np.full((PICTURES, count), 0.4 / max(1, count - 1), np.float32)
    shares[np.arange(PICTURES), said] = 0.6
    pictures = np.broadcast_to((truth * 255 // count).astype(np.uint8)[:, None, None, None], (PICTURES, SIDE, SIDE, 1))
    return _judged(about, truth.astype(np.int32), said.astype(np.int32), pictures, shares=shares)


def _masks(about: About) -> Judged:
    truth = np.zeros((PICTURES, SIDE, SIDE), np.uint8)
    truth[:, 2:8, 2:8] = 1
    said = truth.copy()
    for place in range(PICTURES):
        said[place, 2 : 2 + place % 6, 2:8] = 0
    pictures = np.repeat((90 * truth + 40)[..., None], 3, axis=3).astype(np.uint8)
    counts = np.zeros((PICTURES, 3, len(about.classes)), np.int64)
    for place in range(PICTURES):
        for row, values in enumerate((truth[place][truth[place] == said[place]], truth[place], said[place])):
            counts[place, row] = np.bincount(values.ravel(), minlength=len(about.classes))
    return _judged(about, truth, said, pictures, shares=np.zeros((0, len(about.classes)), np.float32), counts=counts)


def _judged(about: About, truth: Any, said: Any, pictures: Any, *, shares: Any, counts: Any = None) -> Judged:
    nothing = np.zeros((0, 3, len(about.classes)), np.int64)
    rows, names = np.arange(PICTURES, dtype=np.int64), np.array([""] * PICTURES, np.str_)
    return Judged(about, truth, said, pictures, rows, names, shares, nothing if counts is None else counts)


def look_inside(question: dict[str, Any]) -> dict[str, Any]:
    """What `inside` answers: the file with maps, which grow from corner to corner."""
    count = len(question["rows"])
    slope = np.add.outer(np.arange(4), np.arange(4)).astype(np.float32) / 6
    layer = question.get("layer") or LAYERS[-1]
    arrays: dict[str, Any] = {
        "cams": np.broadcast_to(slope, (count, 4, 4)),
        "pictures": np.zeros((count, SIDE, SIDE, 1), np.uint8),
        "maps": np.repeat(slope[..., None], 6, axis=2),
        "filters": np.zeros((0, 0, 0, 0), np.float32) if layer == LAYERS[-1] else np.ones((3, 3, 1, 6), np.float32),
    }
    content = io.BytesIO()
    np.savez(content, **arrays)
    write_atomic(Path(question["to"]), content.getvalue())
    return {"file": question["to"], "layer": layer, "layers": list(LAYERS), "maps": 6}


def measure(question: dict[str, Any]) -> dict[str, Any]:
    """What `slice` answers: the file with the loss around weights, a tilted bowl that is lowest a little beside them."""
    wanted = Wanted.of(question)
    epoch, step = (int(number) for number in wanted.place.split("-"))
    x, y = np.meshgrid(*(np.linspace(-wanted.reach, wanted.reach, SLICE_POINTS),) * 2)
    losses = 0.2 + (x - 0.25 * wanted.reach) ** 2 + 3 * (y + 0.2 * x) ** 2
    middle = float(losses[SLICE_POINTS // 2, SLICE_POINTS // 2])
    about = slices.About(
        question["run"], epoch, step, "", wanted.directions, wanted.seed, wanted.pictures, middle, 0, float(losses.max()),
        wanted.other, wanted.other_at, 1.0, time.time(),
    )  # fmt: skip
    slices.write(Path(question["to"]), slices.Measured(Slice(losses, wanted.reach), about))
    return {
        "file": question["to"], "loss": middle, "seconds": 1.0, "other_at": wanted.other_at, "pictures": wanted.pictures,
        "clipped": 0, "highest": about.highest, "cosine": 0.0,
    }  # fmt: skip
