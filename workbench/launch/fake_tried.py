"""Invented answers about pictures that a person drops, in files of the shape that the engine's own have (engine/probes/tried.py).

What is said goes by the place of a picture among those given, and nothing is computed; a file is taken for a picture by its name.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from workbench.data.folder import ENDINGS
from workbench.journal import Journal
from workbench.launch.fake_story import CLASSES
from workbench.paths import Workspace, write_atomic

SIDE = 12


def answer(workspace: Workspace, question: dict[str, Any]) -> dict[str, Any]:
    """What `try` answers; `told` has what is told on the way, a line a part of the story."""
    with Journal(workspace) as journal:
        masks = journal.run(question["run"]).recipe.data.TASK == "masks"
    pictures, left_out = _found([Path(each) for each in question["pictures"]])
    told: list[dict[str, Any]] = [
        {"about": {"classes": list(CLASSES), "masks": masks, "shape": [SIDE, SIDE, 1], "pictures": len(pictures)}},
        {"left_out": left_out},
    ]
    for place, name in enumerate(pictures):
        arrays = _mask(Path(question["to"]), name) if masks else _classes(place)
        _write(Path(question["to"]) / f"{place}.npz", arrays)
        told.append({"file": f"{place}.npz", "pictures": [{"name": name, "size": [640, 480], "grey": place % 2 == 0}]})
        if not masks:
            cams = np.add.outer(np.arange(4), np.arange(4)).astype(np.float32)[None] / 6
            _write(Path(question["to"]) / f"{place}-cams.npz", {"cams": cams})
            told.append({"cams": f"{place}-cams.npz"})
    return {"pictures": len(pictures), "left_out": len(left_out), "told": told}


def _found(given: list[Path]) -> tuple[list[str], list[dict[str, str]]]:
    names = []
    for each in given:
        inside = sorted(path.relative_to(each).as_posix() for path in each.rglob("*")) if each.is_dir() else [each.name]
        names += inside
    good = [name for name in names if Path(name).suffix in ENDINGS]
    bad = [{"name": name, "why": "it is not a picture that can be read"} for name in names if name not in good]
    return good, bad


def _classes(place: int) -> dict[str, Any]:
    """Each picture is of the next class, and less certain than the one before."""
    sure, count = max(0.9 - 0.1 * place, 0.2), len(CLASSES)
    shares = np.full((1, count), (1 - sure) / (count - 1), np.float32)
    shares[0, place % count] = sure
    return {"seen": np.full((1, SIDE, SIDE, 1), 20 * (place % count), np.uint8), "shares": shares}


def _mask(to: Path, name: str) -> dict[str, Any]:
    mask = np.zeros((SIDE, SIDE), np.uint8)
    mask[2:8, 2:8] = 1
    content = io.BytesIO()
    Image.fromarray(mask).save(content, "PNG")
    write_atomic(to / "masks" / f"{name}.png", content.getvalue())
    areas = np.bincount(mask.ravel(), minlength=len(CLASSES)) / mask.size
    return {
        "seen": np.full((1, SIDE, SIDE, 3), 90, np.uint8),
        "mask": mask[None],
        "areas": areas[None].astype(np.float32),
    }


def _write(path: Path, arrays: dict[str, Any]) -> None:
    content = io.BytesIO()
    np.savez(content, **arrays)
    write_atomic(path, content.getvalue())
