"""A person's own pictures: a folder with a folder a class, pictures with masks, or an NPZ file.

The code reads what the workbench reads, in its order; it does not tell what it leaves out, and keeps everything in memory.
"""

from __future__ import annotations

from workbench.export.script.draft import Draft, refuse
from workbench.spec import data as spec

_IMAGES = (
    ".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".bmp", ".dib", ".webp", ".tif", ".tiff", ".gif",
)  # fmt: skip

_DECODE = '''
def eight_bit(image):
    """A picture with 8 bits a channel, in a mode in which it can be resized."""
    if image.mode in {{"L", "LA", "RGB", "RGBA"}} and "transparency" not in image.info:
        return image
    if image.mode.startswith("I") or image.mode == "F":  # 16 bits, or fractions
        values = np.asarray(image)
        factor = 1 / 257
        if values.dtype.kind == "f" and values.max() <= 255:
            factor = 255 if values.max() <= 1 else 1
        return Image.fromarray(np.rint(values * factor).astype(np.uint8))
    if image.mode in {{"P", "PA", "La", "RGBa"}} or "transparency" in image.info:
        return image.convert("RGBA")
    return image.convert("L" if image.mode == "1" else "RGB")


def fitted(image):
    """A picture of any shape as a square of IMAGE_SIZE."""
{fitted}


def decoded(path):
    """The picture in a file, upright; what lets light through stands on white."""
    with Image.open(path) as image:
        image.draft(None, (2 * IMAGE_SIZE, 2 * IMAGE_SIZE))  # a JPEG can be decoded smaller, which is many times faster
        image.load()
        image = fitted(eight_bit(ImageOps.exif_transpose(image)))
        if image.mode in {{"RGBA", "LA"}}:
            ground = Image.new("RGBA", image.size, "white")
            ground.alpha_composite(image.convert("RGBA"))
            image = ground
        return np.asarray(image.convert("{mode}")).reshape(IMAGE_SIZE, IMAGE_SIZE, CHANNELS)
'''

_CROP = """
    side = min(image.size)
    if image.width != image.height:
        left, top = (image.width - side) // 2, (image.height - side) // 2
        image = image.crop((left, top, left + side, top + side))
    if image.size == (IMAGE_SIZE, IMAGE_SIZE):
        return image
    return image.resize((IMAGE_SIZE, IMAGE_SIZE), Image.Resampling.BILINEAR, reducing_gap=3.0)
"""
_STRETCH = """
    if image.size == (IMAGE_SIZE, IMAGE_SIZE):
        return image
    return image.resize((IMAGE_SIZE, IMAGE_SIZE), Image.Resampling.BILINEAR, reducing_gap=3.0)
"""
_PAD = '''
    image = image.resize(within(image.size), Image.Resampling.BILINEAR, reducing_gap=3.0)
    pixels = np.asarray(image)
    return Image.fromarray(np.pad(pixels, (*around(image.size), *([(0, 0)] * (pixels.ndim - 2))), mode="symmetric"))


def within(size):
    """Width and height, brought down in proportion until neither is above IMAGE_SIZE."""
    share = min(1.0, IMAGE_SIZE / max(size))
    return max(1, round(size[0] * share)), max(1, round(size[1] * share))


def around(size):
    """What is missing above and below, left and right of (width, height)."""
    missing = [IMAGE_SIZE - side for side in reversed(size)]
    return tuple((each // 2, each - each // 2) for each in missing)
'''
_FITS = {"crop": _CROP, "stretch": _STRETCH, "pad": _PAD}

_FOLDER = '''
PARTS = {{"train": 0, "training": 0, "val": 1, "valid": 1, "validation": 1, "test": 2, "testing": 2}}
ENDINGS = {endings}


def subfolders(folder):
    """The folders in a folder, by name; hidden ones are not looked at."""
    return sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith((".", "__MACOSX")))


def files(folder):
    """The pictures in a folder, then those in the folders within it, by name."""
    inside = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    yield from (path for path in inside if path.suffix.lower() in ENDINGS)
    for deeper in subfolders(folder):
        yield from files(deeper)


base = Path(PATH).expanduser()
inside = subfolders(base)
of_parts = [folder for folder in inside if folder.name.casefold() in PARTS]
if any(PARTS[folder.name.casefold()] == 0 for folder in of_parts) and (len(of_parts) > 1 or len(of_parts) == len(inside)):
    # train, validation and test stand above the classes
    of_parts.sort(key=lambda folder: (PARTS[folder.name.casefold()], folder.name))
    folders = [(PARTS[part.name.casefold()], folder) for part in of_parts for folder in subfolders(part)]
else:
    folders = [(0, folder) for folder in inside]
class_names = tuple(sorted({{folder.name for part, folder in folders if part == 0}}))
found = [
    (path, class_names.index(folder.name), part)
    for part, folder in folders if folder.name in class_names
    for path in files(folder)
]
assert len(class_names) == CLASSES, f"this network was made for {{CLASSES}} classes, and {{base}} holds {{len(class_names)}}"
decoded_pictures, labels, given = [], [], []
for path, label, part in found:
    try:
        decoded_pictures.append(decoded(path))
    except (OSError, SyntaxError, ValueError) as error:
        print(f"left out: {{path}}: {{error}}")
        continue
    labels.append(label)
    given.append(part)
pictures, labels, given = np.stack(decoded_pictures), np.array(labels), np.array(given, np.int8)
'''

_NPZ = '''
def read(file, name):
    """An array of pictures as bytes with an axis for channels: fractions from 0 to 1 are multiplied by 255, others rounded."""
    values = file[name]
    if values.ndim == 3:
        values = values[..., None]
    if values.dtype.kind == "b":
        return values.astype(np.uint8) * np.uint8(255)
    if values.dtype.kind == "f":
        return np.rint(values * values.dtype.type(255 if values.max() <= 1 else 1)).astype(np.uint8)
    return values.astype(np.uint8)


with np.load(Path(PATH).expanduser(), allow_pickle=False) as file:
    if "x" in file:
        pictures, labels = read(file, "x"), file["y"].reshape(-1).astype(np.int64)
        given = np.zeros(len(labels), np.int8)
    else:
        labels = np.concatenate([file["y_train"].reshape(-1), file["y_test"].reshape(-1)]).astype(np.int64)
        given = np.repeat(np.array([0, 2], np.int8), [len(file["y_train"]), len(file["y_test"])])
        pictures = np.concatenate([read(file, "x_train"), read(file, "x_test")])
class_names = tuple(map(str, range(labels.max() + 1)))
'''

_MASKS = '''
ENDINGS = {endings}
STRETCHED = {{"L;2": 85, "L;4": 17}}  # grey PNGs of two and four bits are read stretched to 0 … 255: by so much


def files(folder, endings):
    """The files in a folder and the folders within it, by their name within it; hidden ones are not looked at."""
    found = []
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and path.suffix.lower() in endings and not any(part.startswith(".") for part in name.split("/")):
            found.append((name, path))
    return sorted(found)


def stem(name):
    return os.path.splitext(name)[0]


def codes(path):
    """A mask's numbers, or its colours as 0xRRGGBB; and whether they are colours."""
    with Image.open(path, formats=("PNG", "BMP", "GIF")) as image:
        if image.mode == "LA":
            image = image.convert("L")
        if image.mode not in {{"RGB", "RGBA"}}:
            tiles = getattr(image, "tile", None)
            stretched = STRETCHED.get(str(tiles[0][3]), 1) if tiles else 1
            return np.asarray(image).astype(np.int32) // stretched, False
        red, green, blue = np.moveaxis(np.asarray(image.convert("RGB")).astype(np.int32), 2, 0)
        return red << 16 | green << 8 | blue, True


def classes(masks):
    """Which class each code is, and the classes' names: by colours.csv if there is one, else as they are found."""
    table = next((base / name for name in ("colours.csv", "colors.csv") if (base / name).is_file()), None)
    names, numbers = [], {{}}
    if table is None:
        here, coloured = set(), False
        for path in masks:
            values, coloured = codes(path)
            here.update(np.unique(values).tolist())
        kept = sorted(here - {{None if coloured else IGNORE}})
        names = [f"#{{code:06x}}" if coloured else str(code) for code in kept]
        numbers = {{code: number for number, code in enumerate(kept)}}
    else:
        with table.open(encoding="utf-8-sig", newline="") as file:
            rows = [[field.strip() for field in row] for row in csv.reader(file) if any(field.strip() for field in row)]
        if not any(letter.isdigit() for field in rows[0][1:] for letter in field):
            rows = rows[1:]
        coloured = len(rows[0]) > 2
        for name, *fields in rows:
            code = int(fields[0]) if not coloured else int(fields[0]) << 16 | int(fields[1]) << 8 | int(fields[2])
            if name.casefold() != "ignore" and name not in names:
                names.append(name)
            numbers[code] = 255 if name.casefold() == "ignore" else names.index(name)
    if IGNORE is not None and not coloured:
        numbers.setdefault(IGNORE, 255)
    return tuple(names), numbers


def upright_size(path):
    """Width and height of a picture as it is looked at."""
    with Image.open(path) as image:
        return ImageOps.exif_transpose(image).size


def mask(path, size):
    """The class of every pixel, brought to the size of the pictures: each new pixel has that of the old one at its middle."""
    values, _ = codes(path)
    known = np.array(sorted(code_classes), np.int32)
    if values.shape[::-1] != size:
        raise ValueError(f"its mask has the size {{values.shape[::-1]}}, the picture {{size}}")
    if not np.isin(values, known).all():
        raise ValueError("its mask has a number or colour that is no class")
    of_class = np.array([code_classes[code] for code in known.tolist()], np.uint8)
    image = Image.fromarray(of_class[np.searchsorted(known, values)])
{fitted}


base = Path(PATH).expanduser()
masks_by_stem = {{}}
for name, path in files(base / "masks", {{".png", ".bmp", ".gif"}}):
    masks_by_stem.setdefault(stem(name), path)
pairs = {{}}
for name, path in files(base / "images", ENDINGS):
    if stem(name) in masks_by_stem:
        pairs.setdefault(stem(name), (path, masks_by_stem[stem(name)]))
class_names, code_classes = classes([path for _, path in pairs.values()])
assert len(class_names) == CLASSES, f"this network was made for {{CLASSES}} classes, and {{base}} holds {{len(class_names)}}"
both = []
for picture, of_picture in pairs.values():
    try:
        both.append((decoded(picture), mask(of_picture, upright_size(picture))))
    except (OSError, SyntaxError, ValueError) as error:
        print(f"left out: {{picture}}: {{error}}")
pictures, masks = (np.stack(each) for each in zip(*both))
labels = np.zeros(len(pictures), np.int64)  # pixels have a class here, pictures have none
given = np.zeros(len(pictures), np.int8)
'''

_MASK_CROP = """
    side = min(image.size)
    if image.width != image.height:
        left, top = (image.width - side) // 2, (image.height - side) // 2
        image = image.crop((left, top, left + side, top + side))
    return np.asarray(image.resize((IMAGE_SIZE, IMAGE_SIZE), Image.Resampling.NEAREST))
"""
_MASK_STRETCH = """
    return np.asarray(image.resize((IMAGE_SIZE, IMAGE_SIZE), Image.Resampling.NEAREST))
"""
_MASK_PAD = """
    small = np.asarray(image.resize(within(image.size), Image.Resampling.NEAREST))
    return np.pad(small, around((small.shape[1], small.shape[0])), constant_values=255)
"""
_MASK_FITS = {"crop": _MASK_CROP, "stretch": _MASK_STRETCH, "pad": _MASK_PAD}


def folder(draft: Draft) -> None:
    """Append the reading of a folder with one folder of pictures a class."""
    _path(draft)
    _decode(draft)
    text = "One folder a class, with or without train, validation and test folders above them."
    draft.cell(f"{text} {_memory(draft)}", _FOLDER.format(endings=_endings()))


def npz(draft: Draft) -> None:
    """Append the reading of an NPZ file."""
    _path(draft)
    draft.cell(f"Arrays x and y, or x_train, y_train, x_test and y_test. {_memory(draft)}", _NPZ)


def mask_folder(draft: Draft) -> None:
    """Append the reading of pictures with masks."""
    settings = draft.recipe.data
    assert isinstance(settings, spec.MaskFolder)
    _path(draft)
    draft.needs("import csv")
    draft.needs("import os")
    draft.fixed("IGNORE", settings.ignored, "Ignored value. Pixels whose mask has this number count nowhere.", "data")
    _decode(draft)
    code = _MASKS.format(endings=_endings(), fitted=_MASK_FITS[settings.fit].strip("\n"))
    draft.cell(f"Pictures in images and, under the same names, their masks in masks. {_memory(draft)}", code)


def _memory(draft: Draft) -> str:
    """That all pictures are kept in memory, and how much that is."""
    settings = draft.recipe.data
    a_thousand = settings.image_size**2 * draft.plan.shape[2] / 1000
    # An epoch is handed to fit as float32: four bytes a number.
    return (
        f"All pictures are kept in memory, {a_thousand:,.2g} MB a thousand at this size, and while an epoch is trained "
        f"at least {4 * a_thousand:,.2g} MB more: where that is too much, read them batch by batch in a keras.utils.PyDataset."
    )


def _endings() -> str:
    return "{" + ", ".join(f'"{ending}"' for ending in _IMAGES) + "}"


def _path(draft: Draft) -> None:
    path = draft.recipe.data.path  # type: ignore[union-attr] # those that call this have one
    if not path:
        raise refuse("data.path", "is empty; choose the folder or file first.")
    draft.needs("from pathlib import Path")
    draft.constant("data.path")


def _decode(draft: Draft) -> None:
    settings = draft.recipe.data
    assert isinstance(settings, spec.Folder | spec.MaskFolder)
    draft.needs("from PIL import Image, ImageOps", "Pillow")
    mode = "L" if settings.colour == "grey" else "RGB"
    code = _DECODE.format(fitted=_FITS[settings.fit].strip("\n"), mode=mode)
    draft.cell("Pictures are brought to one size by Pillow's antialiased filter.", code)
