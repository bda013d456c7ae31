from __future__ import annotations

import contextlib
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from workbench.data.decode import Looks, UnreadableError, decode

COLOUR, GREY = Looks(8, grey=False, fit="crop"), Looks(8, grey=True, fit="crop")
#: Left half red, right half blue.
HALVES = np.zeros((8, 8, 3), np.uint8)
HALVES[:, :4, 0] = HALVES[:, 4:, 2] = 255


def saved(path: Path, image: Image.Image | np.ndarray, **options: object) -> str:
    picture = image if isinstance(image, Image.Image) else Image.fromarray(image)
    picture.save(path, **options)  # type: ignore[arg-type] - options of each format
    return str(path)


@pytest.mark.parametrize("ending", ["png", "bmp", "tiff", "gif", "webp", "jpg"])
def test_every_format_is_read(tmp_path: Path, ending: str) -> None:
    exact = {"webp": {"lossless": True}, "jpg": {"quality": 100, "subsampling": 0}}
    found = decode(saved(tmp_path / f"a.{ending}", HALVES, **exact.get(ending, {})), COLOUR)
    assert found.shape == (8, 8, 3)
    assert np.abs(found.astype(int) - HALVES).max() <= (24 if ending == "jpg" else 0)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "I;16", "I", "F"])
def test_every_mode_becomes_colour_or_grey(tmp_path: Path, mode: str) -> None:
    white = Image.new("L", (8, 8), 255)
    if mode in {"I;16", "I", "F"}:
        values = np.full((8, 8), 65_535, {"I;16": np.uint16, "I": np.int32, "F": np.float32}[mode])
        white = Image.fromarray(values)
    elif mode != "L":
        white = white.convert(mode) if mode != "PA" else white.convert("P").convert("PA")
    path = saved(tmp_path / "a.tiff", white) if mode != "PA" else saved(tmp_path / "a.png", white.convert("RGBA"))
    assert (decode(path, COLOUR) == 255).all()
    assert decode(path, GREY).shape == (8, 8, 1)


def test_sixteen_bits_are_divided_by_257(tmp_path: Path) -> None:
    values = (np.arange(64, dtype=np.uint16) * 1000).reshape(8, 8)
    for ending in ("png", "tiff"):
        found = decode(saved(tmp_path / f"a.{ending}", values), GREY)
        assert np.array_equal(found[..., 0], np.rint(values / 257))


def test_fractions_are_read_from_0_to_1(tmp_path: Path) -> None:
    values = np.linspace(0, 1, 64, dtype=np.float32).reshape(8, 8)
    assert np.array_equal(decode(saved(tmp_path / "a.tiff", values), GREY)[..., 0], np.rint(values * 255))


@pytest.mark.parametrize("value", [np.nan, np.inf, -1, 1e9])
def test_fractions_that_are_no_brightness_are_refused(tmp_path: Path, value: float) -> None:
    path = saved(tmp_path / "a.tiff", np.full((8, 8), value, np.float32))
    with pytest.raises(UnreadableError, match="it holds values from"):
        decode(path, GREY)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparent_pictures_are_laid_on_white(tmp_path: Path, mode: str) -> None:
    clear = Image.new("RGBA", (8, 8), (0, 0, 0, 0))
    if mode == "P":
        path = saved(tmp_path / "a.png", Image.new("P", (8, 8), 0), transparency=0)
    else:
        path = saved(tmp_path / "a.png", clear.convert(mode))
    assert (decode(path, COLOUR) == 255).all()


def test_a_turned_photograph_is_turned_back(tmp_path: Path) -> None:
    notes = Image.Exif()
    notes[0x0112] = 6  # the camera was held a quarter turn
    path = saved(tmp_path / "a.png", HALVES, exif=notes)
    assert np.array_equal(decode(path, COLOUR), np.rot90(HALVES, -1))


def test_damaged_camera_notes_do_no_harm(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.png", HALVES, exif=b"Exif\x00\x00II*\x00\xff\xff\xff\xff\xff")
    assert np.array_equal(decode(path, COLOUR), HALVES)


@pytest.mark.parametrize("ending", ["gif", "webp", "png", "tiff"])
def test_of_an_animated_picture_the_first_frame_is_taken(tmp_path: Path, ending: str) -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "green", "blue")]
    options = {"lossless": True} if ending == "webp" else {}
    path = saved(tmp_path / f"a.{ending}", frames[0], save_all=True, append_images=frames[1:], **options)
    assert decode(path, COLOUR)[0, 0].tolist() == [255, 0, 0]


def test_crop_keeps_the_middle_and_stretch_keeps_the_edges(tmp_path: Path) -> None:
    wide = np.zeros((16, 64, 3), np.uint8)
    wide[:, 24:40] = 255
    path = saved(tmp_path / "a.png", wide)
    assert (decode(path, COLOUR) == 255).all()
    stretched = decode(path, Looks(8, grey=False, fit="stretch"))
    assert stretched[0, 0].tolist() == [0, 0, 0]
    assert stretched[0, 4, 0] > 200


def test_making_smaller_is_a_mean_and_leaves_no_pattern(tmp_path: Path) -> None:
    board = (np.indices((128, 128)).sum(axis=0) % 2 * 255).astype(np.uint8)
    found = decode(saved(tmp_path / "a.png", board), GREY)
    assert np.abs(found.astype(int) - 127).max() <= 3


def huge_png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b"")


@pytest.mark.parametrize(("width", "height"), [(10_001, 10_000), (60_000, 60_000)])
def test_a_huge_picture_is_refused_by_its_header(tmp_path: Path, width: int, height: int) -> None:
    path = tmp_path / "huge.png"
    path.write_bytes(huge_png(width, height))
    with pytest.raises(UnreadableError, match="100 million"):
        decode(str(path), COLOUR)


@pytest.mark.parametrize("ending", ["png", "jpg", "bmp", "gif", "webp", "tiff"])
def test_a_picture_that_is_cut_off_says_so(tmp_path: Path, ending: str) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (40, 40, 3), np.uint8)
    path = Path(saved(tmp_path / f"a.{ending}", noise))
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(UnreadableError, match="damaged"):
        decode(str(path), COLOUR)


def test_other_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    for content in (b"", b"hello", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", b"<svg></svg>"):
        path.write_bytes(content)
        with pytest.raises(UnreadableError, match="not a picture that can be read"):
            decode(str(path), COLOUR)
    with pytest.raises(UnreadableError, match="not there"):
        decode(str(tmp_path / "none.png"), COLOUR)


def test_a_picture_for_which_memory_was_short_is_not_called_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Image.new("RGB", (9, 9)).save(tmp_path / "a.png")

    def fill(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", fill)
    with pytest.raises(UnreadableError, match="there was not enough memory to read it") as told:
        decode(str(tmp_path / "a.png"), COLOUR)
    assert told.value.passing


@pytest.mark.parametrize("ending", ["png", "jpg", "gif", "webp", "bmp", "tiff"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.integers(0, 10_000), st.binary(min_size=1, max_size=20))
def test_any_damage_is_a_sentence(tmp_path: Path, ending: str, place: int, noise: bytes) -> None:
    path = Path(saved(tmp_path / f"a.{ending}", HALVES))
    content = path.read_bytes()
    place %= len(content)
    path.write_bytes(content[:place] + noise + content[place + len(noise) :])
    with contextlib.suppress(UnreadableError):
        assert decode(str(path), COLOUR).shape == (8, 8, 3)
