"""What a file that was made from a run carries of it: its recipe as a preset's TOML, and facts as JSON. Written and read without Keras.

    .onnx          metadata_props                              workbench.recipe, workbench.model
    .safetensors   the header's __metadata__                   the same
    .keras         two more members of the zip                 workbench/recipe.toml, workbench/model.json
    .tflite        the same in a zip behind the network, as TensorFlow Lite's own tools put label files there
    a folder       two files in it (SavedModel)                recipe.toml, model.json

Files come from strangers too: nothing is unpacked, no more is read than is looked for, and what is larger than a recipe can be is
not read at all. The recipe is given as text; `presets.loads` judges it.
"""

from __future__ import annotations

import json
import struct
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from workbench.spec import presets

RECIPE, FACTS = "workbench.recipe", "workbench.model"
MEMBERS = {RECIPE: "workbench/recipe.toml", FACTS: "workbench/model.json"}
FILES = {RECIPE: "recipe.toml", FACTS: "model.json"}
#: Class names by the thousand fit into this.
LARGEST_FACTS = 4 << 20
_LARGEST = {RECIPE: presets.LARGEST, FACTS: LARGEST_FACTS}
#: Of a safetensors header, in bytes; that of a network with thousands of weights has less than a tenth.
_LARGEST_HEADER = 16 << 20
#: Fields of the outermost level of an ONNX file; it has about ten, and one a note.
_MOST_FIELDS = 10_000


@dataclass(frozen=True)
class Carried:
    """What was found in a file."""

    recipe: str
    facts: dict[str, Any] = field(default_factory=dict)

    def texts(self) -> dict[str, str]:
        """What is written: RECIPE and FACTS, as text."""
        return {RECIPE: self.recipe, FACTS: json.dumps(self.facts, ensure_ascii=False, indent=1)}


def read(path: Path) -> Carried | None:
    """What a file or folder carries; None when it carries nothing that can be read."""
    try:
        texts = _READERS[path.suffix.lower()](path) if path.suffix.lower() in _READERS else _from_folder(path)
        facts = json.loads(texts.get(FACTS, "{}"))
    except (OSError, ValueError, RecursionError, struct.error, zipfile.BadZipFile, NotImplementedError, RuntimeError):
        return None
    if RECIPE not in texts or not isinstance(facts, dict):
        return None
    return Carried(texts[RECIPE], facts)


def add_to_zip(path: Path, carried: Carried) -> None:
    """Add it to a zip, or to any file as a zip behind what is there. Raises OSError."""
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        for name, text in carried.texts().items():
            # A fixed date: the same model is the same file.
            archive.writestr(zipfile.ZipInfo(MEMBERS[name]), text)


def _from_zip(path: Path) -> dict[str, str]:
    found = {}
    with zipfile.ZipFile(path) as archive:
        for name, member in MEMBERS.items():
            if member in archive.NameToInfo:
                with archive.open(member) as file:
                    found[name] = _text(file, _LARGEST[name])
    return found


def _from_folder(path: Path) -> dict[str, str]:
    found = {}
    for name, file_name in FILES.items():
        # A link could lead out of the folder.
        if (path / file_name).is_file() and not (path / file_name).is_symlink():
            with (path / file_name).open("rb") as file:
                found[name] = _text(file, _LARGEST[name])
    return found


def _from_safetensors(path: Path) -> dict[str, str]:
    with path.open("rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(_text(file, _LARGEST_HEADER, length))
    notes = header.get("__metadata__", {}) if isinstance(header, Mapping) else {}
    return _known(notes.items() if isinstance(notes, Mapping) else ())


def _from_onnx(path: Path) -> dict[str, str]:
    """Walks the outermost level of the protobuf message: ModelProto.metadata_props is field 14, a note has key 1 and value 2."""
    with path.open("rb") as file:
        end = file.seek(0, 2)
        file.seek(0)
        notes = []
        for number, length in _fields(file, end):
            if number == 14 and length <= LARGEST_FACTS + 1024:  # noqa: PLR2004 - see above
                notes.append(_note(file, file.tell() + length))
        return _known(notes)


def _note(file: IO[bytes], end: int) -> tuple[str, str]:
    parts = {number: _text(file, length, length) for number, length in _fields(file, end)}
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


def _text(file: IO[bytes], most: int, length: int | None = None) -> str:
    """So many bytes as text, or all that follow. Raises ValueError when there are more than `most`."""
    if length is not None and length > most:
        raise ValueError("larger than it can be")
    content = file.read(most + 1 if length is None else length)
    if len(content) > most:
        raise ValueError("larger than it can be")
    return content.decode()


def _known(notes: Any) -> dict[str, str]:
    return {str(name): str(text) for name, text in notes if name in _LARGEST and len(str(text)) <= _LARGEST[name]}


_READERS = {".keras": _from_zip, ".tflite": _from_zip, ".onnx": _from_onnx, ".safetensors": _from_safetensors}
