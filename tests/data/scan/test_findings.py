"""What a scan finds, on pictures of which it is known."""

from __future__ import annotations

import io
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter

from tests.data.scan.conftest import Look
from workbench.data.scan.look import Looking
from workbench.data.scan.look import look as look_at
from workbench.data.scan.measuring import GOOD, MISSED, NOTE, difference_hash, note_file
from workbench.data.scan.near import near_pairs
from workbench.spec import data as spec


def scene(number: int, size: tuple[int, int] = (48, 48)) -> Image.Image:
    """A picture with large forms, of which no two are alike."""
    random = np.random.default_rng(number)
    coarse = Image.fromarray(random.integers(0, 256, (6, 6, 3), np.uint8))
    return coarse.resize(size, Image.Resampling.BICUBIC)


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """Three classes of different scenes."""
    made = tmp_path / "scenes"
    for place, name in enumerate(("barn", "lake", "road")):
        (made / name).mkdir(parents=True)
        for number in range(20):
            scene(100 * place + number).save(made / name / f"{number:02}.png")
    return made


def settings(base: Path, **more: object) -> spec.Folder:
    return spec.Folder(**{"path": str(base), "image_size": 16, **more})


def names(told, finding) -> list[str]:
    from workbench.data.scan.asking import open_album

    album = open_album(told.last("listed"))
    found = [album.name(int(told.last("listed").arrays["index"][place])) for place in finding["places"]]
    album.close()
    return found


def test_a_clean_folder_is_said_to_be_clean(base, look: Look):
    told = look(settings(base))
    tones = {each["kind"]: each["tone"] for each in told.last("found").words["findings"]}
    assert tones == {"across": "ok", "missing": "ok"}


def test_the_same_file_in_two_parts_is_a_warning_and_in_one_part_a_note(tmp_path: Path, base, look: Look):
    parted = tmp_path / "parted"
    for part, name, numbers in (
        ("train", "barn", (1, 2, 3, 4)),
        ("train", "lake", (5, 6, 7)),
        ("test", "barn", (2, 8)),
        ("test", "lake", (9,)),
    ):
        (parted / part / name).mkdir(parents=True)
        for number in numbers:
            scene(number).save(parted / part / name / f"{number}.png")
    scene(1).save(parted / "train" / "barn" / "again.png")
    told = look(settings(parted, validation=0.0))
    across = told.finding("across")
    assert (across["tone"], across["sentence"]) == ("warn", "2 pictures are in two splits")
    assert sorted(names(told, across)) == ["test/barn/2.png", "train/barn/2.png"]
    same = told.finding("same")
    assert (same["tone"], sorted(names(told, same))) == ("note", ["train/barn/1.png", "train/barn/again.png"])


def test_the_same_file_in_two_classes_is_a_warning(base, look: Look):
    (base / "lake" / "wrong.png").write_bytes((base / "barn" / "03.png").read_bytes())
    told = look(settings(base, validation=0.0, test=0.0))
    found = told.finding("two_classes")
    assert found["sentence"] == "1 picture is in two classes"
    assert sorted(names(told, found)) == ["barn/03.png", "lake/wrong.png"]
    assert "barn, lake" in found["tip"]


def test_pictures_saved_again_smaller_or_brighter_are_nearly_the_same(base, look: Look):
    original = scene(5)
    original.save(base / "barn" / "jpeg.jpg", quality=60)
    original.resize((30, 30), Image.Resampling.BILINEAR).save(base / "barn" / "small.png")
    original.point(lambda value: min(255, value + 12)).save(base / "barn" / "bright.png")
    told = look(settings(base, validation=0.0, test=0.0))
    found = told.finding("near")
    assert sorted(names(told, found)) == ["barn/05.png", "barn/bright.png", "barn/jpeg.jpg", "barn/small.png"]
    assert "at most 2 bits" in found["tip"]


def test_dark_pictures_with_little_on_them_are_not_all_the_same(look: Look):
    """Handwriting shares its ground, and with it most of the hash."""
    told = look(spec.Digits(validation=0.0, test=0.0))
    near = told.finding("near")
    assert near is None or near["count"] < 60


def test_nearness_is_a_matter_of_both_rules(tmp_path: Path):
    """Held against comparing all with all."""
    paths = []
    for number in range(60):
        image = scene(number % 40)
        if number >= 40:
            image = image.filter(ImageFilter.GaussianBlur((number - 37) / 4))
        paths.append(str(tmp_path / f"{number}.png"))
        image.save(paths[-1])
    notes, smalls, _ = look_at(paths, 64)

    def small(row: int) -> np.ndarray:
        note = notes[row]
        shape = int(note["high"]), int(note["wide"]), int(note["planes"])
        return np.frombuffer(smalls, np.uint8, int(np.prod(shape)), int(note["at"])).reshape(shape)

    def copy(row: int) -> np.ndarray:
        grey = Image.fromarray(small(row)).convert("L").resize((16, 16), Image.Resampling.BOX)
        return np.asarray(grey, np.float64).ravel()

    expected = [
        [one, other]
        for one in range(60)
        for other in range(one + 1, 60)
        if (int(notes["hash"][one]) ^ int(notes["hash"][other])).bit_count() <= 2
        and np.corrcoef(copy(one), copy(other))[0, 1] >= 0.99
    ]
    assert near_pairs(notes, small).tolist() == expected
    assert 5 <= len(expected) < 20


def test_the_same_hash_is_not_enough(tmp_path: Path):
    """Two pictures that grow brighter at the same places, one of them strongly at the left and the other at the right."""
    strengths = np.array([60, 60, 60, 60, 2, 2, 2, 2, 2])
    for name, amounts in (("left", strengths), ("right", strengths[::-1])):
        row = 100 + amounts * np.array([1, -1, 1, -1, 1, -1, 1, -1, 1])
        Image.fromarray(np.kron(np.tile(row, (8, 1)), np.ones((8, 7))).astype(np.uint8)).save(tmp_path / f"{name}.png")
    notes, smalls, _ = look_at([str(tmp_path / f"{name}.png") for name in ("left", "right")], 64)
    assert notes["hash"][0] == notes["hash"][1]

    def small(row: int) -> np.ndarray:
        return np.frombuffer(smalls, np.uint8, 64 * 63, int(notes["at"][row])).reshape(64, 63, 1)

    assert near_pairs(notes, small).tolist() == []


def test_odd_pictures_are_named_with_the_rule(base, look: Look):
    Image.new("RGB", (48, 48), (7, 8, 9)).save(base / "barn" / "plain.png")
    scene(900, (11, 11)).save(base / "barn" / "tiny.png")
    scene(901, (200, 40)).save(base / "lake" / "long.png")
    told = look(settings(base))
    found = told.finding("suspicious")
    assert sorted(names(told, found)) == ["barn/plain.png", "barn/tiny.png", "lake/long.png"]
    assert found["tip"].startswith("1 of one colour, 1 much smaller than the rest, 1 very long.")


def test_files_that_cannot_be_read_are_shown_with_the_reason(base, look: Look):
    (base / "road" / "03.png").write_bytes(b"no")
    told = look(settings(base))
    found = told.finding("unreadable")
    assert found["sentence"] == "1 file could not be read and is left out"
    assert names(told, found) == ["road/03.png"]
    assert "not a picture" in told.last("found").words["failed"][str(found["places"][0])]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
@pytest.mark.timeout(60)
def test_a_pipe_or_a_device_with_a_pictures_ending_is_not_waited_for(base, look: Look):
    os.mkfifo(base / "barn" / "pipe.png")
    (base / "lake" / "endless.png").symlink_to("/dev/zero")
    why = "it is no file but a folder, a device or a channel of the system"
    # In this very process first: should it wait after all, this can be broken off.
    paths = [str(base / "barn" / "pipe.png"), str(base / "lake" / "endless.png")]
    assert look_at(paths, 64)[2] == [(0, why), (1, why)]
    told = look(settings(base))
    assert sorted(names(told, told.finding("unreadable"))) == ["barn/pipe.png", "lake/endless.png"]
    assert set(told.last("found").words["failed"].values()) == {why}


@pytest.mark.parametrize(("count", "said"), [(7, False), (6, True), (3, True)])
def test_imbalance_is_said_from_three_times_up(base, look: Look, count: int, said: bool):
    for number in range(count, 20):
        (base / "lake" / f"{number:02}.png").unlink()
    told = look(settings(base, validation=0.0, test=0.0))
    found = told.finding("imbalance")
    assert (found is not None) == said
    if said:
        assert found["sentence"] == f"lake has {20 / count:.0f} times fewer pictures than barn"
        assert len(found["places"]) == count


def test_a_class_that_a_part_lacks_is_a_warning(tmp_path: Path, look: Look):
    for part, name, count in (("train", "barn", 4), ("train", "lake", 4), ("test", "barn", 2)):
        (tmp_path / "set" / part / name).mkdir(parents=True)
        for number in range(count):
            scene(len(part) * 100 + ord(name[0]) * 3 + number).save(tmp_path / "set" / part / name / f"{number}.png")
    told = look(settings(tmp_path / "set", validation=0.0))
    found = told.finding("missing")
    assert (found["tone"], found["sentence"]) == ("warn", "Not every class is in every split")
    assert "test has no lake" in found["tip"]


def test_sizes_kinds_means_and_spreads_are_those_of_the_training_pictures(base, look: Look):
    scene(77, (60, 30)).convert("L").save(base / "barn" / "grey.png")
    told = look(settings(base, validation=0.2, test=0.2))
    summary = told.last("found").words["summary"]
    assert summary["sizes"][0] == [48, 48, 60]
    assert [60, 30, 1] in summary["sizes"]
    assert summary["modes"] == {"L": 1, "RGB": 60}
    from workbench.data.scan.asking import open_album

    listed = told.last("listed")
    album = open_album(listed)
    rows = listed.arrays["index"][told.parts == 0]
    pixels = [
        np.broadcast_to(album.small(int(row)), (*album.small(int(row)).shape[:2], 3)).reshape(-1, 3) for row in rows
    ]
    every = np.concatenate(pixels).astype(np.float64)
    del pixels
    album.close()
    assert np.allclose(summary["mean"], every.mean(axis=0), atol=1e-3)
    assert np.allclose(summary["spread"], every.std(axis=0), atol=1e-3)


@pytest.mark.parametrize(
    ("data", "exact"),
    [
        (spec.Digits(), True),
        (spec.Digits(image_size=24), True),
        (spec.Shapes(count=60, image_size=32), True),
        (spec.Shapes(count=60, image_size=96), False),
        (spec.ShapeMasks(count=40, image_size=48), True),
    ],
    ids=lambda value: f"{value.kind}-{value.image_size}" if isinstance(value, spec.DataSpec) else "",
)
def test_means_and_spreads_are_those_of_a_run_or_said_to_be_of_copies(data, exact, read, look: Look):
    summary, loaded = look(data).last("found").words["summary"], read(data)
    assert summary["exact"] is exact
    if exact:
        assert np.allclose(summary["mean"], loaded.mean, atol=1e-3)
        assert np.allclose(summary["spread"], loaded.spread, atol=1e-3)
    else:
        assert not np.allclose(summary["spread"], loaded.spread, atol=1e-3)


def test_means_and_spreads_of_a_folder_are_those_of_a_run_at_the_pictures_own_size(base, read, look: Look):
    for size, colour, exact in ((48, "colour", True), (48, "grey", True), (32, "colour", False)):
        data = settings(base, image_size=size, colour=colour)
        summary, loaded = look(data).last("found").words["summary"], read(data)
        assert summary["exact"] is exact
        same = [np.allclose(summary[name], getattr(loaded, name), atol=1e-3) for name in ("mean", "spread")]
        assert all(same) is exact
    # Copies that have the run's size by chance were still made in another way.
    for number, path in enumerate(sorted(base.rglob("*.png"))):
        scene(number, (96, 96)).save(path)
    assert look(settings(base, image_size=64)).last("found").words["summary"]["exact"] is False
    for number, path in enumerate(sorted(base.rglob("*.png"))):
        scene(number).save(path)
    assert look(settings(base, image_size=48)).last("found").words["summary"]["exact"] is True
    scene(77, (60, 30)).save(base / "barn" / "long.png")
    assert look(settings(base, image_size=48)).last("found").words["summary"]["exact"] is False


# --- one picture ---------------------------------------------------------------------------------------------------------


def test_the_hash_tells_where_it_grows_brighter():
    grey = Image.fromarray(np.tile(np.arange(0, 90, 10, dtype=np.uint8), (8, 1)))
    assert difference_hash(grey) == 2**64 - 1
    assert difference_hash(grey.transpose(Image.Transpose.FLIP_LEFT_RIGHT)) == 0
    steps = np.full((8, 9), 50, np.uint8)
    steps[0, 1:], steps[7, 8] = 60, 70
    assert difference_hash(Image.fromarray(steps)) == (1 << 63) | 1


def test_a_photograph_is_noted_with_its_own_size_as_it_is_looked_at(tmp_path: Path):
    exif = Image.Exif()
    exif[0x0112] = 6
    scene(3, (800, 300)).save(tmp_path / "turned.jpg", exif=exif)
    note = np.zeros((), NOTE)
    small = note_file(str(tmp_path / "turned.jpg"), 64, note)
    assert (int(note["width"]), int(note["height"])) == (300, 800)
    assert small.shape == (64, 24, 3)
    assert (note["mode"].item(), note["format"].item(), int(note["state"])) == (b"RGB", b"JPEG", GOOD)
    plain = scene(3, (800, 300)).transpose(Image.Transpose.ROTATE_270).resize((24, 64), Image.Resampling.BILINEAR)
    assert np.abs(small.astype(int) - np.asarray(plain)).mean() < 4


def test_answers_of_single_pictures_are_put_together(tmp_path: Path):
    for number in range(3):
        scene(number, (10 + number, 10)).save(tmp_path / f"{number}.png")
    paths = [str(tmp_path / f"{number}.png") for number in range(3)]
    whole = look_at(paths, 64)
    job = Looking(64)
    apart = job.joined([look_at([paths[0]], 64), job.lost(), look_at([paths[2]], 64)])
    assert apart[2][0][0] == 1
    assert apart[0]["state"].tolist() == [GOOD, MISSED, GOOD]
    first = int(apart[0]["at"][2])
    old = int(whole[0]["at"][2])
    assert apart[1][first : first + 360] == whole[1][old : old + 360]


def test_a_grey_picture_stays_grey_and_16_bits_become_8(tmp_path: Path):
    Image.fromarray(np.full((9, 9), 257 * 100, np.uint16)).save(tmp_path / "deep.png")
    note = np.zeros((), NOTE)
    assert note_file(str(tmp_path / "deep.png"), 64, note).tolist() == [[[100]] * 9] * 9
    assert note["sums"].tolist() == [8100.0] * 4
    buffer = io.BytesIO()
    Image.new("RGBA", (4, 4), (0, 0, 0, 0)).save(buffer, "PNG")
    (tmp_path / "clear.png").write_bytes(buffer.getvalue())
    assert note_file(str(tmp_path / "clear.png"), 64, note).min() == 255
