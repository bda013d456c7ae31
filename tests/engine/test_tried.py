"""What a run's kept weights say of files that a person drops: the same as `workbench predict`, told picture by picture."""

from __future__ import annotations

import csv
import importlib
import re
import shutil
import struct
import zlib
from dataclasses import dataclass, field
from pathlib import Path, PureWindowsPath
from typing import Any

import keras
import numpy as np
import pytest
from PIL import ExifTags, Image

from tests.engine.test_predict import draw_pairs
from tests.engine.training import train
from workbench.data.predictions import NO_NUMBERS
from workbench.engine import checkpoint
from workbench.engine.build import build_model
from workbench.engine.predict import LeftOut, Predicted, predict, predictor
from workbench.engine.probes import PROBES
from workbench.engine.probes.asked import Asked
from workbench.engine.results.cam import grad_cam, scaled
from workbench.errors import DataError, ResultsError, WorkspaceError
from workbench.events import DataReady
from workbench.journal import Journal, Run, judged
from workbench.network.plan import plan
from workbench.paths import Workspace
from workbench.results.look import look
from workbench.spec.recipe import Recipe, parse

pytestmark = pytest.mark.keras


@dataclass
class Told:
    """What the probe said, put together."""

    answer: dict[str, Any]
    about: dict[str, Any] = field(default_factory=dict)
    pictures: list[dict[str, Any]] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)
    arrays: dict[str, list[Any]] = field(default_factory=dict)
    no_cams: str = ""
    batches: list[int] = field(default_factory=list)

    def __getitem__(self, name: str) -> np.ndarray:
        return np.concatenate(self.arrays[name])


def ask(workspace: Workspace, run: Run, pictures: list[Path], to: Path, **options: Any) -> Told:
    lines: list[dict[str, Any]] = []
    to.mkdir(exist_ok=True)
    asked = {"run": run.id, "pictures": [str(each) for each in pictures], "to": str(to), **options}
    told = Told(PROBES["try"](Asked(workspace, run.recipe, lines.append, asked)))
    for line in (each["partial"] for each in lines if "partial" in each):
        told.about = line.get("about", told.about)
        told.pictures += line.get("pictures", [])
        told.left_out |= {each["name"]: each["why"] for each in line.get("left_out", [])}
        told.no_cams = line.get("no_cams", told.no_cams)
        if "pictures" in line:
            told.batches.append(len(line["pictures"]))
        for file in (line[key] for key in ("file", "cams") if key in line):
            with np.load(to / file, allow_pickle=False) as found:
                for name, values in found.items():
                    told.arrays.setdefault(name, []).append(values)
    return told


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return Workspace(tmp_path_factory.mktemp("tried")).create()


@pytest.fixture(scope="module")
def run(home: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Dark and light pictures, told apart after a few epochs; what it was trained on is gone."""
    base = tmp_path_factory.mktemp("pictures")
    random = np.random.default_rng(1)
    for number, name in enumerate(("dark", "light")):
        (base / name).mkdir(parents=True)
        for each in range(12):
            pixels = np.full((20, 14, 3), 60 + 120 * number, np.uint8) + random.integers(0, 20, (20, 14, 3), np.uint8)
            Image.fromarray(pixels).save(base / name / f"{each}.png")
    done = train(home, parse({
        "data": {"kind": "folder", "path": str(base), "image_size": 12, "crop": 10, "validation": 0.25, "test": 0.0},
        "model": {"kind": "cnn", "stages": 1, "width": 4, "dense": 0, "normalization": "batch"},
        "optimizer": {"method": "adam", "learning_rate": 0.02},
        "training": {"epochs": 12, "batch_size": 4, "keep": "last"},
    }))  # fmt: skip
    shutil.rmtree(base)
    return done.run


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty photographs of all sizes and shapes, in two folders."""
    base, random = tmp_path_factory.mktemp("own"), np.random.default_rng(2)
    for place in range(40):
        size = (int(random.integers(12, 60)), int(random.integers(12, 60)), 3)
        (base / f"set {place % 2}").mkdir(exist_ok=True)
        Image.fromarray(random.integers(0, 256, size, np.uint8)).save(base / f"set {place % 2}" / f"{place}.png")
    return base


def plain(workspace: Workspace, run: Run, place: str = "") -> tuple[keras.Model, DataReady]:
    """The network as Keras alone opens it."""
    with Journal(workspace) as journal:
        ready = next(each.event for each in journal.events(run.id) if isinstance(each.event, DataReady))
    folder = workspace.run_folder(run.id) / "checkpoints"
    kept = checkpoint.at_place(folder, place, run.name) if place else checkpoint.manifests(folder)[0]
    model = build_model(plan(run.recipe, (10, 10, 3), 2), run.recipe)
    checkpoint.assign(model, checkpoint.weights_at(folder, kept))
    return model, ready


def test_what_is_told_is_what_predict_writes_and_what_keras_says(
    home: Workspace, run: Run, pictures: Path, tmp_path: Path
) -> None:
    told = ask(home, run, [pictures], tmp_path / "told")
    assert told.about == {"classes": ["dark", "light"], "masks": False, "shape": [10, 10, 3], "pictures": 40}
    assert told.answer == {"pictures": 40, "left_out": 0}
    assert told.batches == [1, 32, 7], "the first is there at once"
    predict(home, run.id, [pictures], tmp_path / "written")
    rows = list(csv.DictReader((tmp_path / "written" / "predictions.csv").read_text().splitlines()))
    assert [row["picture"] for row in rows] == [each["name"] for each in told.pictures]
    for row, shares in zip(rows, told["shares"], strict=True):
        assert [float(row[name]) for name in ("dark", "light")] == pytest.approx(shares.tolist(), abs=2e-6)
        assert row["class"] == ("dark", "light")[int(shares.argmax())]
    model, ready = plain(home, run)
    prepared = (told["seen"].astype(np.float32) - ready.mean) / ready.spread
    said = keras.ops.softmax(model.predict(prepared, verbose=0))
    np.testing.assert_allclose(told["shares"], np.asarray(said), atol=2e-5)
    assert np.ptp(told["shares"][:, 0]) > 0.1, "they are not all alike"


def test_a_picture_is_seen_as_validation_saw_it(home: Workspace, run: Run, tmp_path: Path) -> None:
    pixels = np.zeros((12, 20, 3), np.uint8)
    pixels[:, 4:16] = np.arange(12 * 12 * 3).reshape(12, 12, 3) % 251
    Image.fromarray(pixels).save(tmp_path / "wide.png")
    told = ask(home, run, [tmp_path / "wide.png"], tmp_path / "told")
    assert np.array_equal(told["seen"][0], pixels[1:11, 5:15]), "its middle square, of which a crop is seen"
    assert told.pictures == [{"name": "wide.png", "size": [20, 12], "grey": False}]
    Image.fromarray(pixels[..., 0]).save(tmp_path / "grey.png")
    assert ask(home, run, [tmp_path / "grey.png"], tmp_path / "told").pictures[0]["grey"]


def turned_photograph(path: Path) -> Path:
    """A picture of 40 × 30 pixels whose camera was held upright: it is looked at as 30 × 40."""
    lying = Image.new("RGB", (40, 30), "grey")
    exif = lying.getexif()
    exif[ExifTags.Base.Orientation] = 6
    lying.save(path, exif=exif)
    return path


def test_a_photograph_whose_camera_was_held_upright_is_told_as_high_as_it_is_looked_at(
    home: Workspace, run: Run, tmp_path: Path
) -> None:
    told = ask(home, run, [turned_photograph(tmp_path / "turned.jpg")], tmp_path / "told")
    assert told.pictures == [{"name": "turned.jpg", "size": [30, 40], "grey": False}]


def test_the_maps_are_those_of_grad_cam(home: Workspace, run: Run, pictures: Path, tmp_path: Path) -> None:
    told = ask(home, run, [pictures], tmp_path / "told")
    model, ready = plain(home, run)
    prepared = ((told["seen"].astype(np.float32) - ready.mean) / ready.spread).astype(np.float32)
    expected = scaled(grad_cam(model, prepared, told["shares"].argmax(axis=1)))
    np.testing.assert_allclose(told["cams"], expected, atol=1e-4)
    assert expected.max() == 1


def test_another_checkpoint_says_something_else_and_one_that_is_gone_is_told(
    home: Workspace, run: Run, pictures: Path, tmp_path: Path
) -> None:
    newest, older = (each.place for each in checkpoint.manifests(home.run_folder(run.id) / "checkpoints")[:2])
    now, before = (ask(home, run, [pictures], tmp_path / "told", place=place) for place in (newest, older))
    np.testing.assert_array_equal(now["shares"], ask(home, run, [pictures], tmp_path / "told")["shares"])
    assert np.abs(now["shares"] - before["shares"]).max() > 1e-3
    model, ready = plain(home, run, older)
    said = keras.ops.softmax(model.predict((before["seen"].astype(np.float32) - ready.mean) / ready.spread, verbose=0))
    np.testing.assert_allclose(before["shares"], np.asarray(said), atol=2e-5)
    with pytest.raises(WorkspaceError, match="no checkpoint '000099-000000001' any more; it has"):
        ask(home, run, [pictures], tmp_path / "told", place="000099-000000001")


def test_bad_pictures_are_a_sentence_each_and_the_others_are_told(home: Workspace, run: Run, tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    Image.new("RGB", (30, 30), "white").save(own / "<b>good.png")
    whole = (own / "<b>good.png").read_bytes()
    (own / "cut.png").write_bytes(whole[: len(whole) // 2])
    (own / "text.png").write_text("no picture")
    parts = [b"IHDR" + struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0), b"IDAT" + zlib.compress(bytes(9))]
    chunks = [struct.pack(">I", len(each) - 4) + each + struct.pack(">I", zlib.crc32(each)) for each in parts]
    (own / "huge.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(chunks))
    told = ask(home, run, [own, tmp_path / "gone.png"], tmp_path / "told")
    assert [each["name"] for each in told.pictures] == ["<b>good.png"]
    assert told.left_out.keys() == {"cut.png", "text.png", "huge.png", "gone.png"}
    assert "damaged or cut off" in told.left_out["cut.png"]
    assert "not a picture that can be read" in told.left_out["text.png"]
    assert "100 million" in told.left_out["huge.png"]
    assert told.left_out["gone.png"] == "it is not there any more"
    assert told.answer == {"pictures": 1, "left_out": 4}


def broken(workspace: Workspace, wanted: Recipe, factor: float) -> Run:
    """A run whose newest checkpoint has weights so many times those that it learned."""
    run = train(workspace, wanted).run
    folder = workspace.run_folder(run.id) / "checkpoints"
    newest = checkpoint.manifests(folder)[0]
    weights = {name: array * np.float32(factor) for name, array in checkpoint.weights_at(folder, newest).items()}
    checkpoint.save(folder, newest.epoch + 1, newest.step + 1, weights)
    return run


@pytest.mark.parametrize("factor", [np.nan, 1e30], ids=["no numbers", "too large for an output"])
def test_a_network_that_gives_no_numbers_says_so_of_each_picture_instead_of_the_first_class(
    home: Workspace, pictures: Path, tmp_path: Path, factor: float
) -> None:
    run = broken(home, parse({
        "data": {"kind": "digits", "limit": 60}, "model": {"kind": "mlp", "depth": 2, "width": 8},
        "training": {"epochs": 1, "batch_size": 20, "keep": "last"},
    }), factor)  # fmt: skip
    told = ask(home, run, [pictures / "set 0"], tmp_path / "told")
    assert told.answer == {"pictures": 0, "left_out": 20}
    assert set(told.left_out.values()) == {NO_NUMBERS}
    written = predict(home, run.id, [pictures / "set 0" / "0.png"], tmp_path / "written")
    assert written.left_out == (f"{pictures / 'set 0' / '0.png'}: {NO_NUMBERS}.",)
    assert (tmp_path / "written" / "predictions.csv").read_text().splitlines() == ["picture,class,0,1,2,3,4,5,6,7,8,9"]


def test_a_mask_of_no_numbers_is_none_and_the_validation_masks_are_not_judged_by_it(
    home: Workspace, pictures: Path, tmp_path: Path
) -> None:
    run = broken(home, parse({
        "data": {"kind": "shape_masks", "count": 20, "image_size": 16}, "model": {"kind": "unet", "depth": 1, "width": 2},
        "training": {"epochs": 1, "batch_size": 4, "keep": "last"},
    }), np.nan)  # fmt: skip
    told = ask(home, run, [pictures / "set 0" / "0.png"], tmp_path / "told")
    assert (told.pictures, told.left_out) == ([], {"0.png": NO_NUMBERS})
    written = predict(home, run.id, [pictures / "set 0" / "0.png"], tmp_path / "written")
    assert written.left_out == (f"{pictures / 'set 0' / '0.png'}: {NO_NUMBERS}.",)
    assert [each.name for each in written.files] == ["classes.csv"]
    # And the Results tab, which judges the validation pictures.
    newest = checkpoint.manifests(home.run_folder(run.id) / "checkpoints")[0].place
    asked = Asked(home, run.recipe, lambda _: None, {"run": run.id, "place": newest, "part": "validation"})
    with pytest.raises(ResultsError, match=re.escape(NO_NUMBERS)):
        look(judged.read(Path(PROBES["results"](asked)["file"])))


def test_names_that_are_no_proper_text_are_kept(home: Workspace, run: Run, tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    strange = own / "\udcff.png"
    try:
        Image.new("RGB", (30, 30)).save(strange)
    except (OSError, UnicodeError):
        pytest.skip("this file system takes proper text only")
    assert ask(home, run, [own], tmp_path / "told").pictures[0]["name"] == "\udcff.png"
    predict(home, run.id, [own], tmp_path / "written")
    assert b"\n\xff.png,dark," in (tmp_path / "written" / "predictions.csv").read_bytes()


def test_a_folder_without_pictures_and_a_run_without_weights_are_sentences(
    home: Workspace, run: Run, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match=r"There is no picture in .*empty"):
        ask(home, run, [tmp_path / "empty"], tmp_path / "told")
    with Journal(home) as journal:
        waiting = journal.create_run(parse({}))
    Image.new("L", (8, 8)).save(tmp_path / "one.png")
    with pytest.raises(WorkspaceError, match="has kept no weights yet"):
        ask(home, waiting, [tmp_path / "one.png"], tmp_path / "told")


def test_a_picture_that_can_be_no_file_is_told_as_one_that_is_not_there(
    home: Workspace, run: Run, tmp_path: Path
) -> None:
    Image.new("RGB", (12, 12)).save(tmp_path / "1.png")
    given = [tmp_path / "1.png", tmp_path / f"{'x' * 5000}.png"]
    told = ask(home, run, given, tmp_path / "told")
    assert told.left_out == {given[1].name: "it is not there any more"}
    with pytest.raises(DataError, match=r"xxx\.png is not there\. Give files or folders with pictures"):
        predict(home, run.id, given, tmp_path / "written")


def test_two_pictures_of_one_name_are_told_apart_and_one_given_twice_is_one(
    home: Workspace, run: Run, tmp_path: Path
) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        Image.new("RGB", (12, 12)).save(tmp_path / name / "1.png")
    Image.new("RGB", (12, 12)).save(tmp_path / "b" / "2.png")
    told = ask(home, run, [tmp_path / "a", tmp_path / "b", tmp_path / "a" / "1.png"], tmp_path / "told")
    assert told.answer == {"pictures": 3, "left_out": 0}
    assert [each["name"] for each in told.pictures] == ["a/1.png", "b/1.png", "2.png"]


def test_names_that_meet_get_folders_until_they_differ_and_none_is_taken_twice(tmp_path: Path) -> None:
    from workbench.engine.predict import named

    for name in ("x/a/1.png", "y/a/1.png", "z/3.png", "3.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (2, 2)).save(tmp_path / name)
    given = [tmp_path / "x" / "a", tmp_path / "y" / "a" / "1.png", tmp_path / "z" / "..", tmp_path / "z" / "3.png"]
    found = dict(named(given))
    assert set(found) == {"x/a/1.png", "y/a/1.png", "3.png", "z/3.png"}
    assert all(".." not in name for name in found)


def test_pictures_of_one_name_on_two_drives_are_told_apart() -> None:
    from workbench.engine.predict import _told_apart

    places = [PureWindowsPath(each) for each in ("C:/1.png", "D:/1.png")]
    assert _told_apart("1.png", places, set()) == ["C/1.png", "D/1.png"]


def test_a_network_without_maps_says_so_once(home: Workspace, pictures: Path, tmp_path: Path) -> None:
    done = train(home, parse({
        "data": {"kind": "digits", "limit": 60}, "model": {"kind": "mlp", "depth": 1, "width": 8},
        "training": {"epochs": 1, "batch_size": 20},
    }))  # fmt: skip
    told = ask(home, done.run, [pictures], tmp_path / "told")
    assert "has no maps to look at" in told.no_cams
    assert "cams" not in told.arrays
    assert told.about["shape"] == [8, 8, 1]
    assert len(told.pictures) == 40


def test_of_many_large_pictures_smaller_copies_are_handed_on(
    home: Workspace, run: Run, pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = importlib.import_module("workbench.engine.probes.tried")
    whole = ask(home, run, [pictures], tmp_path / "told")
    monkeypatch.setattr(tried, "BYTES", 40 * 10 * 10 * 3 // 2)
    monkeypatch.setattr(tried, "MOST_CAMS", 10)
    small = ask(home, run, [pictures], tmp_path / "told")
    assert whole["seen"].shape == (40, 10, 10, 3)
    assert small["seen"].shape == (40, 5, 5, 3)
    np.testing.assert_array_equal(small["shares"], whole["shares"])
    assert len(small["cams"]) == 33, "those of the batches that begin before the tenth"


def test_masks_come_at_the_size_of_each_picture_and_nothing_is_written_elsewhere(
    home: Workspace, tmp_path: Path
) -> None:
    base = draw_pairs(tmp_path / "set")
    done = train(home, parse({
        "data": {"kind": "mask_folder", "path": str(base), "validation": 0.2, "test": 0.0, "fit": "stretch", "image_size": 24},
        "model": {"kind": "unet", "depth": 1, "width": 4, "convolutions": 1},
        "optimizer": {"method": "adam", "learning_rate": 0.02},
        "training": {"epochs": 2, "batch_size": 4, "keep": "last"},
    }))  # fmt: skip
    Image.new("RGB", (1500, 800), "grey").save(base / "images" / "large.png")
    Image.new("RGB", (2000, 10), "grey").save(base / "images" / "narrow.png")
    turned_photograph(base / "images" / "turned.jpg")
    before = sorted(tmp_path.rglob("*"))
    told = ask(home, done.run, [base / "images"], tmp_path / "told")
    assert sorted(path for path in tmp_path.rglob("*") if tmp_path / "told" not in [path, *path.parents]) == before
    predict(home, done.run.id, [base / "images"], tmp_path / "written")
    for each in told.pictures:
        name = f"{each['name']}.png"
        assert (tmp_path / "told" / "masks" / name).read_bytes() == (tmp_path / "written" / name).read_bytes()
        with Image.open(tmp_path / "told" / "masks" / name) as image:
            assert image.size == tuple(each["size"])
    assert next(each["size"] for each in told.pictures if each["name"] == "turned.jpg") == [30, 40]
    areas, shown = told["areas"], dict(zip((each["name"] for each in told.pictures), told.arrays["mask"], strict=True))
    np.testing.assert_allclose(areas.sum(axis=1), 1, atol=1e-5)
    mask = np.asarray(Image.open(tmp_path / "told" / "masks" / "0.png.png"))
    assert np.array_equal(shown["0.png"][0], mask)
    assert shown["large.png"].shape == (1, 341, 640)
    assert told.arrays["seen"][[each["name"] for each in told.pictures].index("large.png")].shape == (1, 341, 640, 3)


def test_a_mask_of_a_very_narrow_picture_is_refused(home: Workspace, tmp_path: Path) -> None:
    base = draw_pairs(tmp_path / "set", 8)
    done = train(home, parse({
        "data": {"kind": "mask_folder", "path": str(base), "validation": 0.25, "test": 0.0, "fit": "crop", "image_size": 16},
        "model": {"kind": "unet", "depth": 1, "width": 2, "convolutions": 1},
        "training": {"epochs": 1, "batch_size": 4},
    }))  # fmt: skip
    Image.new("RGB", (3000, 10), "grey").save(tmp_path / "narrow.png")
    told = ask(home, done.run, [tmp_path / "narrow.png"], tmp_path / "told")
    assert "3,000 × 10 pixels are too narrow" in told.left_out["narrow.png"]


def test_each_gives_every_picture_once_and_in_order(home: Workspace, run: Run, pictures: Path, tmp_path: Path) -> None:
    (tmp_path / "no.png").write_text("none")
    files = sorted(pictures.rglob("*.png"))
    given = [(str(place), file) for place, file in enumerate([*files[:5], tmp_path / "no.png", *files[5:9]])]
    found = [each for some in predictor(home, run.id).each(given, batch=4) for each in some]
    assert [each.name for each in found] == [str(place) for place in range(10)]
    assert [place for place, each in enumerate(found) if isinstance(each, LeftOut)] == [5]
    alone = [each for some in predictor(home, run.id).each(given, batch=1) for each in some]
    for one, other in zip(found, alone, strict=True):
        if isinstance(one, Predicted) and isinstance(other, Predicted):
            np.testing.assert_allclose(one.shares, other.shares, atol=1e-5)
