"""Says what a file is by its first bytes, never by its name alone, and what it can be used for.

Runs in the process of `__main__`. What it needs for one kind of file is imported when such a file comes: most of the two
seconds would go into imports otherwise.
"""

from __future__ import annotations

import io
import os
import re
import stat
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

from workbench.errors import DataError, RecipeError, WorkspaceError
from workbench.plain import plain
from workbench.strangers.found import Found, Refusal, Use
from workbench.strangers.signatures import HINT, LEAD, kind_of
from workbench.strangers.stored import StoredLayer, check_all

_UNPACK = "Unpack it, and drop the folder or the file that you want."
_WEIGHTS = "Its weights can be a start: a layer is taken where it has the shapes of one of yours."


def look(path: Path) -> Found:
    """What a file or folder is; never raises what a file could cause on purpose."""
    with ExitStack() as opened:
        found, _ = take(path, opened)
        return found


def take(path: Path, opened: ExitStack) -> tuple[Found, list[StoredLayer]]:
    """The same, with the layers whose numbers can be read as long as `opened` is open."""
    what = "a file"
    try:
        what = _kind(path)
        if what == "a folder":
            return _folder(path), []
        return _judged(path, what, opened)
    except Refusal as error:
        return Found(what, str(error)), []
    except (RecursionError, MemoryError):
        return Found(what, "It would need more memory than a file of its kind may have. It is not used."), []
    except OSError as error:
        return Found(what, f"It cannot be read: {plain((error.strerror or str(error)).lower())}."), []


def _kind(path: Path) -> str:
    """What kind of file it is."""
    told = os.lstat(path)
    if stat.S_ISLNK(told.st_mode):
        raise Refusal(
            "It is a link to something else, and links are not followed. Take the file itself that it leads to."
        )
    if stat.S_ISDIR(told.st_mode):
        return "a folder"
    if not stat.S_ISREG(told.st_mode):
        raise Refusal("It is no file but a device or a channel of the system. Only plain files are read.")
    if not told.st_size:
        raise Refusal("It is empty.")
    with path.open("rb") as file:
        start = file.read(LEAD)
    return kind_of(start, path.suffix.lower())


def _judged(path: Path, what: str, opened: ExitStack) -> tuple[Found, list[StoredLayer]]:
    carried, trouble = _carried(path)
    lab, trouble = ("", trouble) if carried or trouble else _carried_lab(path)
    layers: list[StoredLayer] = []
    try:
        found, layers = _by_kind(path, what, opened)
    except Refusal as error:
        if trouble:
            raise Refusal(trouble) from error
        if not carried and not lab:
            raise
        found = Found(what, "")
    if trouble:
        found = replace(found, sentence=f"{found.sentence} {trouble}")
    return _with_lab(_with_recipe(found, carried), lab), layers


def _by_kind(path: Path, what: str, opened: ExitStack) -> tuple[Found, list[StoredLayer]]:
    """What it is apart from a recipe that it may carry."""
    match what:
        case "a picture":
            return _picture(path), []
        case "a zip archive":
            return _archive(path, opened)
        case "an HDF5 file":
            return _hdf5(path, opened)
        case "a safetensors file":
            return _tensors(path, opened)
        case "a text":
            return _text(path), []
        case _:
            raise Refusal(HINT.get(what, f"It is {what}. {HINT['']}"))


def _with_recipe(found: Found, recipe: str) -> Found:
    if not recipe:
        return found
    sentence = f"It carries the recipe of the run that it was made from. {found.sentence}".strip()
    return Found(found.what, sentence, (Use.RECIPE, *found.uses), found.layers, recipe)


def _carried(path: Path) -> tuple[str, str]:
    """The recipe that a file carries; and if it carries one that cannot be used, a sentence about it."""
    from workbench.spec import carried, presets  # noqa: PLC0415 - see the module

    found = carried.read(path)
    if found is None:
        return "", ""
    try:
        presets.loads(found.recipe)
    except RecipeError as error:
        return "", f"It carries a recipe that cannot be used: {plain(str(error.problems[0]), 200)}"
    return found.recipe, ""


def _with_lab(found: Found, lab: str) -> Found:
    if not lab:
        return found
    sentence = f"It carries the settings of the descent lab that it was made from. {found.sentence}".strip()
    return replace(found, sentence=sentence, uses=(Use.LAB, *found.uses), lab=lab)


def _carried_lab(path: Path) -> tuple[str, str]:
    """As `_carried`, of the descent lab's settings."""
    from workbench.spec import carried, lab_presets  # noqa: PLC0415 - see the module

    found = carried.read_lab(path)
    if found is None:
        return "", ""
    try:
        lab_presets.loads(found)
    except RecipeError as error:
        return "", f"It carries settings of the descent lab that cannot be used: {plain(str(error.problems[0]), 200)}"
    return found, ""


# --- one kind of file each ----------------------------------------------------------------------------------


def _folder(path: Path) -> Found:
    from workbench.spec import carried  # noqa: PLC0415 - see the module

    # A job has a recipe in it too, and is more than that.
    recipe, _ = _carried(path) if carried.can_carry(path) else ("", "")
    if recipe:
        return _with_recipe(Found("a folder", ""), recipe)
    if (path / "saved_model.pb").exists():
        raise Refusal("It is a SavedModel of TensorFlow, which is a program. Programs of strangers are not run.")
    return Found("a folder", "It is a folder, which may hold pictures.", (Use.FOLDER,))


def _picture(path: Path) -> Found:
    from workbench.data.decode import UnreadableError, opened  # noqa: PLC0415 - see the module

    try:
        with opened(str(path)) as image:
            width, height = image.size
    except UnreadableError as error:
        raise Refusal(f"It is a picture that cannot be used: {plain(str(error), 200)}.") from error
    return Found("a picture", f"It is a picture of {width:,} × {height:,} pixels.", (Use.PICTURE,))


def _archive(path: Path, opened: ExitStack) -> tuple[Found, list[StoredLayer]]:
    from workbench.strangers import archives, plain_json  # noqa: PLC0415 - see the module

    archive = archives.Archive(path)
    names = archive.names
    if archive.has(archives.CONFIG) and archive.has(archives.WEIGHTS):
        with archive.member(archives.CONFIG) as file:
            config = plain_json.read(file, "The description of the network")
        source = opened.enter_context(archive.whole(archives.WEIGHTS))
        return _network("a Keras model", source, config)
    if names and all(name.endswith(".npy") for name in names):
        return _npz(path), []
    raise Refusal(_other_archive(names))


def _other_archive(names: frozenset[str]) -> str:
    """Why an archive is not used."""
    if any(name.endswith("data.pkl") for name in names):
        return f"It is a file of PyTorch, which holds a pickle: a program that runs when it is read. It never is. {HINT['']}"
    if "config.json" in names or "model.weights.json" in names:
        return "It is a Keras model whose weights are not in it as model.weights.h5. Save it again with Keras 3, in one file."
    if any(name.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", name) or ":" in name for name in names):
        return "It is a zip archive with names that lead out of its folder. Archives are never unpacked here; do not unpack it yourself."
    return f"It is a zip archive, and archives are not unpacked here. {_UNPACK}"


def _npz(path: Path) -> Found:
    from workbench.data import npz  # noqa: PLC0415 - see the module

    try:
        known = npz.peek(path)
    except DataError as error:
        raise Refusal(
            f"It is a NumPy file that cannot be used: {plain(str(error).removeprefix(f'{path}: '), 300)}"
        ) from error
    many = f" of {known[1]:,} classes" if known else ""
    return Found("a NumPy file", f"It is a NumPy file with pictures{many}.", (Use.DATA_SET,))


def _hdf5(path: Path, opened: ExitStack) -> tuple[Found, list[StoredLayer]]:
    return _network("an HDF5 file", opened.enter_context(path.open("rb")))


def _network(what: str, source: IO[bytes], config: Any = None) -> tuple[Found, list[StoredLayer]]:
    """Weights in HDF5, with what is told of the network there or beside it."""
    from workbench.strangers import plain_json  # noqa: PLC0415 - see the module
    from workbench.strangers.hdf5 import Hdf5  # noqa: PLC0415 - see the module

    file = Hdf5(source)
    own = file.config()
    if own:
        config = plain_json.read(io.BytesIO(own.encode("utf-8", "replace")), "The description of the network")
    order = plain_json.layers(config)
    layers = [replace(each, epsilon=order.get(each.name)) for each in file.layers(list(order))]
    return _weights(what, layers, plain_json.programs(config))


def _tensors(path: Path, opened: ExitStack) -> tuple[Found, list[StoredLayer]]:
    from workbench.strangers import tensors  # noqa: PLC0415 - see the module

    return _weights("a safetensors file", tensors.layers(opened.enter_context(path.open("rb"))), "")


def _weights(what: str, layers: list[StoredLayer], programs: str) -> tuple[Found, list[StoredLayer]]:
    check_all(layers)
    code = (
        f" It asks for code to be run or files to be read ({programs}), which is never done: only numbers are taken."
        if programs
        else ""
    )
    if not layers:
        raise Refusal(f"It holds no weights of layers that could be a start.{code}")
    many = f"{len(layers):,} {'layer' if len(layers) == 1 else 'layers'}"
    sentence = f"It is {what} with weights of {many}. {_WEIGHTS}{code}"
    return Found(what, sentence, (Use.WEIGHTS,), tuple(each.described() for each in layers)), layers


def _text(path: Path) -> Found:
    from workbench.spec import presets  # noqa: PLC0415 - see the module

    if path.suffix.lower() != ".toml":
        raise Refusal(HINT["a text"])
    try:
        text = presets.read_file(path)
        if presets.is_lab(presets.read_tables(text)):
            return _lab(text)
        presets.loads(text)
    except RecipeError as error:
        # All that is wrong with it is said where presets are imported.
        return Found("a preset", f"It is no good preset: {plain(str(error.problems[0]), 200)}", (Use.PRESET,))
    except WorkspaceError as error:
        raise Refusal(plain(str(error), 300)) from error
    return Found("a preset", "It is a preset.", (Use.PRESET,))


def _lab(text: str) -> Found:
    from workbench.spec import lab_presets  # noqa: PLC0415 - see the module

    what = "a preset of the descent lab"
    try:
        lab_presets.loads(text)
    except RecipeError as error:
        # All that is wrong with it is said where the lab takes it.
        return Found(
            what, f"It is no good preset of the descent lab: {plain(str(error.problems[0]), 200)}", (Use.LAB,), lab=text
        )
    return Found(what, "It is a preset of the descent lab.", (Use.LAB,), lab=text)
