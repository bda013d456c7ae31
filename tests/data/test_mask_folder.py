from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from workbench.data import DataSet, describe
from workbench.data.mask_folder import read_mask
from workbench.data.sizing import resize_mask
from workbench.errors import DataError
from workbench.spec.data import MaskFolder

Read = Callable[..., DataSet]
COLOURS = np.array([[0, 0, 0], [128, 0, 0], [0, 128, 0], [224, 224, 192]], np.uint8)
TABLE = "name,red,green,blue\nroad,0,0,0\ncar,128,0,0\ntree,0,128,0\nignore,224,224,192\n"


def numbers(seed: int, size: tuple[int, int] = (10, 10), classes: int = 3) -> np.ndarray:
    """A mask in which every class comes."""
    mask = np.random.default_rng(seed).integers(0, classes, size, np.uint8)
    mask.ravel()[:classes] = np.arange(classes)
    return mask


def as_index(mask: np.ndarray) -> Image.Image:
    return Image.fromarray(mask)


def as_palette(mask: np.ndarray) -> Image.Image:
    image = Image.fromarray(mask, "P")
    image.putpalette(COLOURS.ravel().tolist())
    return image


def as_colours(mask: np.ndarray) -> Image.Image:
    return Image.fromarray(COLOURS[mask])


@pytest.fixture
def pairs(tmp_path: Path) -> Callable[..., Path]:
    """Makes a folder of pictures with masks; picture i is grey i, so that pairs can be told apart."""

    def make(masks: list[np.ndarray], draw: Callable[[np.ndarray], Image.Image] = as_index, table: str = "") -> Path:
        base = tmp_path / "set"
        for name in ("images", "masks"):
            (base / name).mkdir(parents=True)
        for number, mask in enumerate(masks):
            Image.new("RGB", mask.shape[::-1], (number, number, number)).save(base / "images" / f"{number}.bmp")
            draw(mask).save(base / "masks" / f"{number}.png")
        if table:
            (base / "colours.csv").write_text(table, encoding="utf-8")
        return base

    return make


def settings(path: Path, **changed: Any) -> MaskFolder:
    return MaskFolder(**{"path": str(path), "image_size": 10, "validation": 0.2, "test": 0.2, **changed})


def by_picture(found: DataSet) -> dict[int, np.ndarray]:
    return {
        int(picture[0, 0, 0]): mask
        for part in (found.training, found.validation, found.test)
        for picture, mask in zip(part.pictures.array(), part.labels, strict=True)
    }


@pytest.mark.parametrize(
    ("draw", "table"), [(as_index, ""), (as_palette, ""), (as_colours, TABLE), (as_palette, TABLE)]
)
def test_masks_as_numbers_palette_and_colours_are_the_same_classes(
    pairs: Callable[..., Path], read: Read, draw: Callable[[np.ndarray], Image.Image], table: str
) -> None:
    masks = [numbers(seed) for seed in range(10)]
    found = read(settings(pairs(masks, draw, table)))
    assert (len(found.training), len(found.validation), len(found.test)) == (6, 2, 2)
    assert found.classes == (("road", "car", "tree") if table else ("0", "1", "2"))
    assert (found.task, found.ignore) == ("masks", 255)
    assert found.left_out == ()
    assert all(np.array_equal(mask, masks[number]) for number, mask in by_picture(found).items())


def test_colours_without_a_table_are_classes_in_their_own_order(pairs: Callable[..., Path], read: Read) -> None:
    found = read(settings(pairs([numbers(seed) for seed in range(5)], as_colours)))
    assert found.classes == ("#000000", "#008000", "#800000")
    assert found.ignore is None
    assert np.array_equal(by_picture(found)[3] == 2, numbers(3) == 1)


def test_numbers_with_gaps_are_renumbered_and_the_ignored_one_is_set_apart(
    pairs: Callable[..., Path], read: Read
) -> None:
    spread = np.array([3, 7, 40], np.uint8)
    path = pairs([spread[numbers(seed)] for seed in range(5)])
    found = read(settings(path, ignore=7))
    assert found.classes == ("3", "40")
    assert found.ignore == 255
    assert np.array_equal(by_picture(found)[0], np.array([0, 255, 1])[numbers(0)])
    assert read(settings(path, ignore=-1)).classes == ("3", "7", "40")


def test_an_ignored_colour_becomes_the_ignored_number(pairs: Callable[..., Path], read: Read) -> None:
    masks = [numbers(seed, classes=4) for seed in range(5)]
    found = by_picture(read(settings(pairs(masks, as_colours, TABLE))))
    assert np.array_equal(found[2], np.array([0, 1, 2, 255])[masks[2]])


def test_several_colours_may_be_one_class(pairs: Callable[..., Path], read: Read) -> None:
    table = TABLE.replace("tree", "car")
    found = read(settings(pairs([numbers(seed) for seed in range(5)], as_colours, table)))
    assert found.classes == ("road", "car")
    assert np.array_equal(by_picture(found)[1], numbers(1) > 0)


def test_a_table_of_numbers_names_the_classes(pairs: Callable[..., Path], read: Read) -> None:
    path = pairs([numbers(seed) for seed in range(5)], table="tree,2\nroad,0\ncar,1\n")
    found = read(settings(path))
    assert found.classes == ("tree", "road", "car")
    assert np.array_equal(by_picture(found)[4], np.array([1, 2, 0])[numbers(4)])
    assert describe(settings(path)) == (10, 10, 3, 3)
    assert describe(settings(path, colour="grey")) == (10, 10, 1, 3)


def test_without_a_table_the_classes_are_not_known_before_reading(pairs: Callable[..., Path]) -> None:
    assert describe(settings(pairs([numbers(0), numbers(1)]))) is None
    assert describe(MaskFolder()) is None


def test_pictures_and_masks_in_folders_within_are_matched_by_their_whole_names(
    pairs: Callable[..., Path], read: Read
) -> None:
    base = pairs([numbers(seed) for seed in range(5)])
    for name in ("images", "masks"):
        (base / name / "a").mkdir()
    (base / "images" / "0.bmp").rename(base / "images" / "a" / "0.bmp")
    (base / "masks" / "0.png").rename(base / "masks" / "a" / "0.png")
    found = read(settings(base))
    assert found.left_out == ()
    assert np.array_equal(by_picture(found)[0], numbers(0))


@pytest.mark.parametrize("fit", ["crop", "stretch"])
@pytest.mark.parametrize("shape", [(30, 20), (47, 61)])
def test_masks_are_cut_and_resized_by_the_nearest_pixel(
    pairs: Callable[..., Path], read: Read, fit: str, shape: tuple[int, int]
) -> None:
    masks = [numbers(seed, shape, 5) for seed in range(5)]
    found = by_picture(read(settings(pairs(masks), fit=fit)))
    for number, mask in found.items():
        whole = masks[number]
        if fit == "crop":
            side = min(shape)
            top, left = (shape[0] - side) // 2, (shape[1] - side) // 2
            whole = whole[top : top + side, left : left + side]
        rows, columns = (((np.arange(10) + 0.5) * size / 10).astype(int) for size in whole.shape)
        assert np.array_equal(mask, whole[np.ix_(rows, columns)])


@pytest.mark.parametrize("shape", [(6, 9), (10, 3), (7, 10)])
def test_a_padded_picture_keeps_its_pixels_and_what_is_around_it_counts_nowhere(
    pairs: Callable[..., Path], read: Read, shape: tuple[int, int]
) -> None:
    masks = [numbers(seed, shape) for seed in range(5)]
    found = read(settings(pairs(masks), fit="pad"))
    top, left = (10 - shape[0]) // 2, (10 - shape[1]) // 2
    for number, mask in by_picture(found).items():
        assert np.array_equal(mask[top : top + shape[0], left : left + shape[1]], masks[number])
        assert (mask != found.ignore).sum() == masks[number].size
    # Around a grey picture its mirror image is as grey: what is measured of the training part is the pictures' own.
    greys = [int(picture[0, 0, 0]) for picture in found.training.pictures.array()]
    assert found.mean == pytest.approx(np.full(3, np.mean(greys)), abs=1e-4)


def test_a_padded_picture_that_is_too_large_is_made_smaller_in_proportion(
    pairs: Callable[..., Path], read: Read
) -> None:
    upright = np.repeat([[0], [1]], [20, 20], axis=0).repeat(20, axis=1).astype(np.uint8)
    found = read(settings(pairs([upright] * 5), fit="pad"))
    for mask in by_picture(found).values():
        assert (mask[:, :2] == found.ignore).all()
        assert (mask[:, 8:] == found.ignore).all()
        assert (mask[:5, 3:7] == 0).all()
        assert (mask[5:, 3:7] == 1).all()


def test_a_mask_keeps_its_classes_when_it_is_made_larger() -> None:
    mask = np.random.default_rng(1).integers(0, 200, (5, 5), np.uint8)
    assert np.array_equal(resize_mask(mask, 20), mask.repeat(4, axis=0).repeat(4, axis=1))


def test_pictures_that_cannot_be_used_are_left_out_with_a_reason(pairs: Callable[..., Path], read: Read) -> None:
    base = pairs([numbers(seed) for seed in range(9)], as_colours, TABLE)
    (base / "masks" / "0.png").unlink()
    as_colours(numbers(1, (6, 8))).save(base / "masks" / "1.png")
    strange = COLOURS[numbers(2)]
    strange[4, 7] = (9, 8, 7)
    Image.fromarray(strange).save(base / "masks" / "2.png")
    (base / "masks" / "3.png").write_bytes(b"no picture")
    as_colours(numbers(0)).save(base / "masks" / "other.png")
    (base / "images" / "4.bmp").write_bytes(b"no picture")
    found = read(settings(base))
    assert sorted(by_picture(found)) == [5, 6, 7, 8]
    assert found.left_out == (
        "images/0.bmp: it has no mask; masks/0.png is expected.",
        "1 mask has no picture: other.png.",
        "images/4.bmp: it is not a picture that can be read (PNG, JPEG, BMP, WebP, TIFF or GIF), or it is damaged.",
        "images/1.bmp: it has 10 × 10 pixels and its mask 8 × 6; both must have the same size.",
        "images/2.bmp: its mask has the colour (9, 8, 7) at pixel 7, 4 (across, down), which the table of classes lacks.",
        "images/3.bmp: its mask cannot be used: it is not a picture that can be read (PNG or BMP or GIF), or it is damaged.",
    )


def test_numbers_are_expected_where_the_table_has_numbers(pairs: Callable[..., Path], read: Read) -> None:
    path = pairs([numbers(seed) for seed in range(4)], as_colours, "a,0\nb,1\n")
    with pytest.raises(
        DataError, match=r"None of the pictures could be used. .*where numbers for the classes are expected"
    ):
        read(settings(path))


def test_a_changed_mask_and_a_changed_table_are_read_again(pairs: Callable[..., Path], read: Read) -> None:
    path = pairs([numbers(seed) for seed in range(5)])
    first = read(settings(path)).fingerprint
    assert read(settings(path)).fingerprint == first
    as_index(numbers(77)).save(path / "masks" / "0.png")
    second = read(settings(path))
    assert np.array_equal(by_picture(second)[0], numbers(77))
    (path / "colours.csv").write_text("a,1\nb,0\nc,2\n", encoding="utf-8")
    third = read(settings(path))
    assert np.array_equal(by_picture(third)[0], np.array([1, 0, 2])[numbers(77)])
    assert len({first, second.fingerprint, third.fingerprint}) == 3


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ("a,0,0,0\nb,1\n", "row 2 has 1 numbers and the first row 3"),
        ("a,0\nb,0\n", "the number 0 stands there twice"),
        ("a,0,0,0\nb,0,0,0\n", "the colour (0, 0, 0) stands there twice"),
        ("a,0\n", "there is only one class, a (the number 255 is ignored: see data.ignore)"),
        ("name,number\n", "holds no row"),
        ("a,0\nb,256\n", "'b,256' is no class. Each line is name,number or name,red,green,blue"),
        ("a,0\nb,x\n", "'b,x' is no class"),
        ("a,0\nb,1,2\n", "'b,1,2' is no class"),
        ("a,0\n,1\n", "',1' is no class"),
        ("\n".join(f"c{n},{n % 256},{n // 256},9" for n in range(256)), "names 256 classes; at most 255 are possible"),
    ],
)
def test_a_table_that_is_wrong_says_what_it_should_be(
    pairs: Callable[..., Path], read: Read, table: str, sentence: str
) -> None:
    path = pairs([numbers(0)], table=table)
    with pytest.raises(DataError) as caught:
        read(settings(path))
    assert sentence in str(caught.value)
    assert str(path / "colours.csv") in str(caught.value)


def test_masks_with_soft_edges_are_too_many_classes(pairs: Callable[..., Path], read: Read) -> None:
    soft = np.random.default_rng(0).integers(0, 256, (40, 40, 3), np.uint8)
    path = pairs([numbers(0)])
    Image.new("RGB", (40, 40)).save(path / "images" / "0.bmp")
    Image.fromarray(soft).save(path / "masks" / "0.png")
    with pytest.raises(
        DataError, match=r"have 1,\d+ different colours; at most 255 classes are possible. Masks must be saved without"
    ):
        read(settings(path))


@pytest.mark.parametrize(
    ("missing", "sentence"),
    [("", "is not there"), ("images", "holds no folder images"), ("masks", "holds no folder masks")],
)
def test_a_folder_that_is_not_as_expected_says_how_it_should_be(
    tmp_path: Path, read: Read, missing: str, sentence: str
) -> None:
    base = tmp_path / "set"
    for name in {"images", "masks"} - {missing} if missing else ():
        (base / name).mkdir(parents=True)
    for call in (read, describe):
        with pytest.raises(DataError, match=sentence):
            call(settings(base))


def test_a_folder_without_a_pair_says_which_mask_is_expected(pairs: Callable[..., Path], read: Read) -> None:
    path = pairs([numbers(0)])
    (path / "masks" / "0.png").unlink()
    with pytest.raises(
        DataError, match=r"None of the 1 pictures .* has a mask. images/0.bmp: it has no mask; masks/0.png is"
    ):
        read(settings(path))
    (path / "images" / "0.bmp").unlink()
    with pytest.raises(DataError, match="holds no pictures"):
        read(settings(path))


def test_two_pictures_are_too_few_for_three_parts(pairs: Callable[..., Path], read: Read) -> None:
    path = pairs([numbers(0), numbers(1)])
    with pytest.raises(DataError, match=r"There are 2 pictures with a mask; .* at least 3 are needed"):
        read(settings(path))
    assert len(read(settings(path, validation=0.5, test=0)).training) == 1


def test_a_picture_that_its_camera_held_upright_fits_its_mask(pairs: Callable[..., Path], read: Read) -> None:
    path = pairs([numbers(seed, (12, 8)) for seed in range(4)])
    (path / "images" / "0.bmp").unlink()
    lying = Image.new("RGB", (12, 8))
    exif = lying.getexif()
    exif[274] = 6
    lying.save(path / "images" / "0.jpg", exif=exif)
    assert read(settings(path)).left_out == ()


def test_a_turned_tiff_fits_its_mask_too(pairs: Callable[..., Path], read: Read) -> None:
    path = pairs([numbers(seed, (12, 8)) for seed in range(4)])
    (path / "images" / "0.bmp").unlink()
    lying = Image.new("RGB", (12, 8))
    exif = lying.getexif()
    exif[274] = 6
    lying.save(path / "images" / "0.tif", exif=exif)
    assert read(settings(path)).left_out == ()


@pytest.mark.parametrize("bits", [2, 4])
def test_grey_masks_of_few_bits_keep_their_numbers(tmp_path: Path, bits: int) -> None:
    wanted = np.arange(2**bits, dtype=np.uint8).reshape(1, -1)
    width = wanted.shape[1]
    rows = np.packbits(np.unpackbits(wanted.reshape(-1, 1), axis=1)[:, -bits:].ravel()).tobytes()

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, 1, bits, 0, 0, 0, 0)
    file = tmp_path / "mask.png"
    file.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" + rows))
        + chunk(b"IEND", b"")
    )
    assert read_mask(str(file), colours=None)[0].tolist() == wanted.tolist()


def test_of_two_masks_with_one_name_the_one_left_is_told(pairs: Callable[..., Path], read: Read) -> None:
    path = pairs([numbers(seed) for seed in range(4)])
    as_index(numbers(9)).save(path / "masks" / "0.bmp")
    assert len(read(settings(path)).left_out) == 1


def test_a_faulty_first_row_of_the_table_is_no_heading(pairs: Callable[..., Path], read: Read) -> None:
    path = pairs([numbers(seed) for seed in range(4)], table="sky,-1\nroad,1\ncar,2\n")
    with pytest.raises(DataError, match="'sky,-1' is no class"):
        read(settings(path))
