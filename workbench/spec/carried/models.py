"""The recipe and facts in models for other programs.

.onnx          metadata_props                              workbench.recipe, workbench.model
.safetensors   the header's __metadata__                   the same
.keras         two more members of the zip                 workbench/recipe.toml, workbench/model.json
.tflite        the same in a zip behind the network, as TensorFlow Lite's own tools put label files there
a folder       two files in it (SavedModel)                recipe.toml, model.json
"""

from __future__ import annotations

import json
import os
import struct
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO

from workbench import zips
from workbench.spec.carried.block import FACTS, LARGEST, LARGEST_FACTS, LARGEST_HEADER, RECIPE, Carried, known, text

MEMBERS = {RECIPE: "workbench/recipe.toml", FACTS: "workbench/model.json"}
FILES = {RECIPE: "recipe.toml", FACTS: "model.json"}
#: Fields of the outermost level of an ONNX file; it has about ten, and one a note.
_MOST_FIELDS = 10_000


def add_to_zip(path: Path, carried: Carried) -> None:
    """Add it to a zip, or to any file as a zip behind what is there. Raises OSError."""
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        for name, content in carried.texts().items():
            # A fixed date: the same model is the same file.
            archive.writestr(zipfile.ZipInfo(MEMBERS[name]), content)


def is_ours(path: Path) -> bool:
    """Whether a folder looks like a SavedModel with a recipe beside it."""
    # Unlike Path's, these say no where a folder may not be looked into.
    return all(os.path.isfile(path / name) for name in ("saved_model.pb", FILES[RECIPE]))  # noqa: PTH113


def from_zip(path: Path) -> dict[str, str]:
    found = {}
    with zips.opened(path) as archive:
        for name, member in MEMBERS.items():
            if member in archive.NameToInfo:
                with zips.member(archive, member) as file:
                    found[name] = text(file, LARGEST[name])
    return found


def from_folder(path: Path) -> dict[str, str]:
    found = {}
    for name, file_name in FILES.items():
        # A link could lead out of the folder.
        if (path / file_name).is_file() and not (path / file_name).is_symlink():
            with (path / file_name).open("rb") as file:
                found[name] = text(file, LARGEST[name])
    return found


def from_safetensors(path: Path) -> dict[str, str]:
    with path.open("rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(text(file, LARGEST_HEADER, length))
    notes = header.get("__metadata__", {}) if isinstance(header, Mapping) else {}
    return known(notes.items() if isinstance(notes, Mapping) else ())


def from_onnx(path: Path) -> dict[str, str]:
    """Walks the outermost level of the protobuf message: ModelProto.metadata_props is field 14, a note has key 1 and value 2."""
    with path.open("rb") as file:
        end = file.seek(0, 2)
        file.seek(0)
        found: dict[str, str] = {}
        for number, length in _fields(file, end):
            if number == 14 and length <= LARGEST_FACTS + 1024:  # noqa: PLR2004 - see above
                found |= known([_note(file, file.tell() + length)])
        return found


def _note(file: IO[bytes], end: int) -> tuple[str, str]:
    parts = {number: text(file, length, length) for number, length in _fields(file, end)}
    return parts.get(1, ""), parts.get(2, "")


def _fields(file: IO[bytes], end: int) -> Iterator[tuple[int, int]]:
    """Number and length of each field that has a length, the file standing at its first byte; goes on behind it, wherever that was left."""
    for _ in range(_MOST_FIELDS):
        if file.tell() >= end:
            return
        tag = _varint(file)
        match tag & 7:
            case 0:
                _varint(file)
            case 1:
                file.seek(8, 1)
            case 5:
                file.seek(4, 1)
            case 2:
                length = _varint(file)
                behind = file.tell() + length
                if behind > end:
                    raise ValueError("a field reaches beyond its message")
                yield tag >> 3, length
                file.seek(behind)
            case _:
                raise ValueError("not a protobuf message")
    raise ValueError("too many fields")


def _varint(file: IO[bytes]) -> int:
    value = 0
    for place in range(10):
        (byte,) = file.read(1)
        value |= (byte & 127) << 7 * place
        if byte < 128:  # noqa: PLR2004 - the highest bit says that more follows
            return value
    raise ValueError("not a number")
