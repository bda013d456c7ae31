"""The script beside a model, run as its user does, says what `workbench predict` says."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.engine.exports.runs import draw_folder, train_case, train_on
from workbench.engine.exports import example
from workbench.engine.exports.export import example_of, export
from workbench.engine.exports.formats import FORMATS
from workbench.engine.exports.subject import open_subject
from workbench.engine.predict import predict
from workbench.paths import Workspace

pytestmark = pytest.mark.keras

#: Runs a script in a process in which there is no workbench.
ALONE = "import runpy, sys; sys.modules['workbench'] = None; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')"


def says(script: Path, picture: Path, anywhere: Path) -> dict[str, float]:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [sys.executable, "-c", ALONE, str(script), str(picture)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=anywhere, env=environment)
    assert done.returncode == 0, done.stderr
    return {name: float(share) for share, name in (line.split("  ", 1) for line in done.stdout.splitlines())}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return Workspace(tmp_path_factory.mktemp("examples")).create()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw_folder(tmp_path_factory.mktemp("pictures") / "set")


def photograph(to: Path) -> Path:
    """Not square, turned by its notes, glass in one half, grey with some light: nothing that is told apart with certainty."""
    random = np.random.default_rng(7)
    patches = random.integers(40, 170, (5, 7, 3), np.uint8)
    image = Image.fromarray(patches).resize((61, 47), Image.Resampling.BICUBIC)
    glass = Image.new("L", image.size, 255)
    glass.paste(140, (0, 0, 30, 47))
    image.putalpha(glass)
    notes = Image.Exif()
    notes[0x0112] = 6
    if to.suffix == ".jpg":  # large enough to be read at a part of its size
        image = image.convert("RGB").resize((610, 470), Image.Resampling.BICUBIC)
    image.save(to, exif=notes)
    return to


def predicted(workspace: Workspace, run: str, picture: Path, out: Path) -> dict[str, float]:
    predict(workspace, run, [picture], out)
    (row,) = csv.DictReader((out / "predictions.csv").read_text().splitlines())
    return {name: float(row[name]) for name in ("dark", "light", "striped")}


@pytest.mark.parametrize(("kind", "fit", "name"), [
    ("keras", "crop", "glass.png"), ("savedmodel", "stretch", "large.jpg"), ("onnx", "crop", "large.jpg"),
    ("litert", "stretch", "glass.png"), ("safetensors", "crop", "large.jpg"),
])  # fmt: skip
def test_the_example_says_what_predict_says(  # noqa: PLR0917 - fixtures
    home: Workspace, folder: Path, tmp_path: Path, kind: str, fit: str, name: str
) -> None:
    run = train_on(home, folder, fit)
    picture = photograph(tmp_path / name)
    to = tmp_path / f"my model{FORMATS[kind].suffix}"
    export(open_subject(home, run.id), FORMATS[kind], to, lambda *_: None)

    said = says(example_of(to, FORMATS[kind]), picture, tmp_path)

    want = predicted(home, run.id, picture, tmp_path / "out")
    assert said == pytest.approx(want, abs=1e-4)
    assert list(said) == sorted(want, key=want.__getitem__, reverse=True)
    assert max(want.values()) < 0.9999, "a picture that is certain shows nothing of how it was prepared"


def test_the_example_of_masks_says_how_much_of_the_picture_each_class_has(workspace: Workspace, tmp_path: Path) -> None:
    run = train_case(workspace, "u-net")
    subject = open_subject(workspace, run.id)
    pixels = subject.drawn()[3]
    Image.fromarray(pixels).save(tmp_path / "picture.png")
    export(subject, FORMATS["onnx"], tmp_path / "m.onnx", lambda *_: None)

    said = says(tmp_path / "m.onnx.example.py", tmp_path / "picture.png", tmp_path)

    counts = np.bincount(subject.said(pixels[None])[0].argmax(-1).ravel(), minlength=4) / pixels[..., 0].size
    assert said == pytest.approx(dict(zip(subject.ready.classes, counts, strict=True)), abs=1e-6)


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("fit", ["crop", "stretch", "pad"])
@pytest.mark.parametrize("masks", [False, True])
def test_an_example_is_short_and_needs_nothing_of_ours(kind: str, fit: str, masks: bool) -> None:
    text = example.text(kind, 'it\'s \\ "mine".onnx', fit, masks=masks)

    compile(text, "example", "exec")
    assert "import workbench" not in text
    code = text.split('"""\n', 1)[1]
    assert sum(not line.startswith(("import", "from")) for line in code.splitlines() if line.strip()) <= 19


@pytest.mark.parametrize(
    ("size", "grey"), [((9, 33), False), ((33, 9), True), ((7, 7), False), ((40, 40), False), ((21, 64), False)]
)
def test_an_example_pads_as_the_workbench_does(tmp_path: Path, size: tuple[int, int], grey: bool) -> None:
    from workbench.data.sizing import resize

    picture = Image.fromarray(np.random.default_rng(1).integers(0, 256, (*size, 3), np.uint8)).convert(
        "L" if grey else "RGB"
    )
    found = {"picture": picture.convert("RGBA"), "size": (21, 21), "mode": picture.mode, "np": np, "Image": Image}

    exec(example._FIT["pad"], found)

    difference = np.abs(np.asarray(found["picture"], int) - np.asarray(resize(picture, 21, "pad"), int))
    assert difference.shape[:2] == (21, 21)
    assert difference.max() <= 1
