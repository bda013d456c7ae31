"""The parts that a scan tells are those that a run learns from: held against `load`, picture by picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.data.scan.conftest import Look
from tests.data.set_files import cifar10_members, write_fashion, write_mnist, write_tar
from workbench.data.decode import Looks, decode
from workbench.data.scan.asking import open_album
from workbench.data.sizing import resize_all
from workbench.spec import data as spec


def damage(base: Path) -> list[Path]:
    """Makes some files of a folder unreadable, each in another way."""
    paths = sorted(base.rglob("*.png"))
    paths[0].write_bytes(b"no picture at all")
    paths[9].write_bytes(paths[9].read_bytes()[:-60])
    Image.fromarray(np.full((8, 8), -1.0, np.float32)).save(paths[17].with_suffix(".tif"))
    paths[17].unlink()
    with Image.open(paths[25]) as image:
        image.save(paths[25].with_suffix(".jpg"))
    half = paths[25].with_suffix(".jpg").read_bytes()
    paths[25].with_suffix(".jpg").write_bytes(half[: len(half) // 2])
    paths[25].unlink()
    return paths


@pytest.mark.parametrize("limit", [None, 40])
def test_a_folders_parts_are_those_that_a_run_has_also_when_files_are_damaged(folder, read, look: Look, limit):
    base = folder(cats=30, dogs=21, owls=9)
    damage(base)
    settings = spec.Folder(path=str(base), image_size=12, limit=limit, validation=0.2, test=0.1)
    for seed in (1, 2):
        data, told = read(settings, seed), look(settings, seed)
        album = open_album(told.last("listed"))
        names = [album.name(int(row)) for row in told.last("listed").arrays["index"]]
        album.close()
        for share, part in enumerate((data.training, data.validation, data.test)):
            places = np.flatnonzero(told.parts == share)
            assert told.labels[places].tolist() == part.labels.tolist()
            pixels = np.stack([decode(str(base / names[place]), Looks(12, grey=False, fit="crop")) for place in places])
            assert np.array_equal(pixels, part.pictures.array())
        failed = told.last("found").words["failed"]
        assert {f"{names[int(place)]}: {why}." for place, why in failed.items()} <= set(data.left_out)
        assert len(failed) == len([each for each in data.left_out if "folder" not in each])
        assert (told.parts == -1).sum() == len(failed)


def test_parts_that_the_folders_give_are_kept(folder, read, look: Look):
    base = folder(train__cats=8, train__dogs=8, test__cats=3, test__dogs=2)
    settings = spec.Folder(path=str(base), image_size=12, validation=0.25)
    data, told = read(settings), look(settings)
    counts = np.bincount(told.parts, minlength=3).tolist()
    assert counts == [len(data.training), len(data.validation), len(data.test)] == [12, 4, 5]


@pytest.mark.parametrize(
    "settings",
    [
        spec.Digits(),
        spec.Digits(limit=200),
        spec.Shapes(count=60, image_size=16),
        spec.ShapeMasks(count=40, image_size=32),
    ],
    ids=lambda settings: f"{settings.kind}-{settings.limit}",
)
def test_the_parts_of_pictures_without_files_are_those_that_a_run_has(settings, read, look: Look):
    data, told = read(settings, 3), look(settings, 3)
    album = open_album(told.last("listed"))
    found = [album.small(int(row)) for row in told.last("listed").arrays["index"]]
    for share, part in enumerate((data.training, data.validation, data.test)):
        places = np.flatnonzero(told.parts == share)
        pixels = np.stack([found[place] for place in places])
        assert np.array_equal(pixels[..., : data.shape[2]], part.pictures.array())
        if data.task == "masks":
            assert np.array_equal(pixels[..., -1], part.labels)
        else:
            assert told.labels[places].tolist() == part.labels.tolist()
    del found, pixels
    album.close()


def test_the_parts_of_sets_in_files_of_many_pictures_are_those_that_a_run_has(
    tmp_path: Path, keras_folder: Path, read, look: Look
):
    """NPZ, MNIST, the IDX files of Fashion-MNIST, and CIFAR: with a test part of their own and with a part of all."""
    random = np.random.default_rng(5)
    x, y = random.integers(0, 256, (90, 12, 12, 3), np.uint8), random.integers(0, 3, 90)
    np.savez(tmp_path / "plain.npz", x=x, y=y)
    np.savez(tmp_path / "parts.npz", x_train=x[:60], y_train=y[:60], x_test=x[60:], y_test=y[60:])
    write_mnist(keras_folder)
    write_fashion(keras_folder / "fashion-mnist")
    write_tar(keras_folder / "cifar-10-batches-py.tar.gz", cifar10_members())
    for settings in (
        spec.Npz(path=str(tmp_path / "plain.npz"), image_size=12, validation=0.2, test=0.2),
        spec.Npz(path=str(tmp_path / "parts.npz"), image_size=16, validation=0.2),
        spec.Mnist(validation=0.2), spec.Mnist(limit=40), spec.FashionMnist(), spec.Cifar10(validation=0.3), spec.Cifar10(limit=50),
    ):  # fmt: skip
        for seed in (1, 2):
            told = look(settings, seed)
            data = read(settings, seed)
            wanted = np.sort(np.concatenate([part.rows for part in (data.training, data.validation, data.test)]))
            album = open_album(told.last("listed"))
            for share, part in enumerate((data.training, data.validation, data.test)):
                places = np.flatnonzero(told.parts == share)
                assert wanted[places].tolist() == part.rows.tolist(), settings
                assert told.labels[places].tolist() == part.labels.tolist(), settings
                small = np.stack([album.small(int(told.last("listed").arrays["index"][place])) for place in places])
                assert np.array_equal(small, part.pictures.array()), settings
                del small
            album.close()


def test_pictures_with_masks_have_their_own_sizes_names_and_parts(tmp_path: Path, read, look: Look):
    base = tmp_path / "scenes"
    random = np.random.default_rng(3)
    for name in ("images", "masks"):
        (base / name).mkdir(parents=True)
    for number in range(12):
        Image.fromarray(random.integers(0, 256, (20, 30, 3), np.uint8)).save(base / "images" / f"{number:02}.png")
        Image.fromarray(random.integers(0, 3, (20, 30), np.uint8)).save(base / "masks" / f"{number:02}.png")
    (base / "masks" / "05.png").write_bytes(b"broken")
    settings = spec.MaskFolder(path=str(base), image_size=16)
    data, told = read(settings), look(settings)
    listed = told.last("listed")
    assert listed.words["classes"] == list(data.classes)
    album = open_album(listed)
    assert album.name(3) == "03.png"
    assert (album.notes["width"][0], album.notes["height"][0]) == (30, 20)
    places = np.flatnonzero(told.parts == 0)
    small = np.stack([album.small(int(row)) for row in listed.arrays["index"][places]])
    assert np.array_equal(small[..., :3], data.training.pictures.array())
    assert np.array_equal(small[..., 3], data.training.labels)
    del small
    album.close()
    assert told.last("found").words["failed"].keys() == {"5"}
    pixels = told.last("found").arrays["pixels"].reshape(3, -1)
    assert pixels[0].tolist() == np.bincount(data.training.labels.ravel(), minlength=3).tolist()


def test_while_files_are_looked_at_the_parts_are_those_of_a_folder_without_damage(folder, look: Look):
    base = folder(cats=20, dogs=20)
    before = look(spec.Folder(path=str(base), image_size=12)).parts
    (base / "cats" / "3.png").write_bytes(b"broken")
    told = look(spec.Folder(path=str(base), image_size=12))
    assert told.last("listed").arrays["parts"].tolist() == before.tolist()
    assert told.parts.tolist() != before.tolist()


def test_resized_pictures_stay_resized(look: Look):
    """Of large drawn pictures the small ones are made by the sizing of everything else."""
    told = look(spec.Shapes(count=20, image_size=128))
    album = open_album(told.last("listed"))
    from workbench.data.shapes import Drawn

    source = Drawn(spec.Shapes(count=20, image_size=128), 1)
    piece = next(source.read(np.arange(3)))
    assert np.array_equal(album.small(0), resize_all(piece.pixels[:1], 64)[0])
    album.close()
