"""What a model file carries is read back without Keras, and a stranger's file does no harm."""

from __future__ import annotations

import json
import struct
import subprocess
import sys
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy

from tests.strangers.specimens import crowd
from workbench.spec import carried, presets
from workbench.spec.carried import models
from workbench.spec.carried.block import FACTS, LARGEST_FACTS, LARGEST_HEADER, RECIPE, Carried
from workbench.spec.carried.models import MEMBERS
from workbench.spec.recipe import Recipe

CARRIED = Carried(presets.dump(Recipe()), {"classes": ["a", "ü", "<b>"], "epoch": 3})


def varint(value: int) -> bytes:
    found = b""
    while value > 127:
        found += bytes([value & 127 | 128])
        value >>= 7
    return found + bytes([value])


def part(number: int, content: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(content)) + content


def note(name: str, text: str) -> bytes:
    return part(14, part(1, name.encode()) + part(2, text.encode()))


def onnx(path: Path) -> None:
    numbers = varint(1 << 3) + varint(8) + varint(5 << 3 | 1) + bytes(8) + varint(6 << 3 | 5) + bytes(4)
    notes = b"".join(note(*each) for each in [("other", "x"), *CARRIED.texts().items()])
    path.write_bytes(numbers + part(7, bytes(5000)) + notes)


def zipped(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", "{}")
    models.add_to_zip(path, CARRIED)


def behind(path: Path) -> None:
    path.write_bytes(b"TFL3" * 1000)
    models.add_to_zip(path, CARRIED)


def tensors(path: Path) -> None:
    path.write_bytes(safetensors.numpy.save({"w": np.zeros(3, np.float32)}, CARRIED.texts()))


def folder(path: Path) -> None:
    path.mkdir()
    for name, text in CARRIED.texts().items():
        (path / models.FILES[name]).write_text(text, "utf-8")


WAYS = {"m.onnx": onnx, "m.keras": zipped, "m.tflite": behind, "M.SafeTensors": tensors, "m": folder}


@pytest.mark.parametrize("name", WAYS)
def test_what_is_carried_comes_back(tmp_path: Path, name: str) -> None:
    WAYS[name](tmp_path / name)

    found = carried.read(tmp_path / name)

    assert found == CARRIED
    assert presets.loads(found.recipe).recipe == Recipe()


def test_reading_loads_nothing_heavy(tmp_path: Path) -> None:
    WAYS["m.keras"](tmp_path / "m.keras")
    code = (
        "import sys; from pathlib import Path; from workbench.spec import carried\n"
        f"assert carried.read(Path({str(tmp_path / 'm.keras')!r})).facts['epoch'] == 3\n"
        "print(sorted({'keras', 'tensorflow', 'numpy', 'onnx', 'h5py', 'PySide6'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def header(content: bytes, length: int | None = None) -> bytes:
    return struct.pack("<Q", len(content) if length is None else length) + content


def hostile() -> dict[str, bytes]:
    facts = json.dumps({"__metadata__": {RECIPE: "x" * (presets.LARGEST + 1), FACTS: "{}"}}).encode()
    return {
        "empty.keras": b"", "empty.onnx": b"", "empty.safetensors": b"", "empty.tflite": b"",
        "no zip.keras": b"PK\3\4" + bytes(300), "noise.onnx": bytes(range(256)) * 40,
        "giant header.safetensors": header(b"{}", 1 << 62), "long header.safetensors": header(b"{}", 200),
        "list.safetensors": header(b"[]"), "deep.safetensors": header(b"[" * 200_000), "notes.safetensors": header(b'{"__metadata__": 3}'),
        "long recipe.safetensors": header(facts), "not utf-8.safetensors": header(b"\xff\xfe"),
        "no end.onnx": b"\xff" * 50, "too far.onnx": varint(14 << 3 | 2) + varint(1 << 40), "turns.onnx": note(RECIPE, "a")[:-1],
        "groups.onnx": bytes([3]) * 100, "many.onnx": part(3, b"") * 20_000 + note(RECIPE, "a"),
        "large note.onnx": note(RECIPE, "x" * (presets.LARGEST + 1)), "other note.onnx": note("recipe", "a"),
        "inner.onnx": part(14, varint(1 << 3 | 2) + varint(1 << 30)), "facts.onnx": note(RECIPE, "a") + note(FACTS, "[1]"),
        "deep facts.onnx": note(RECIPE, "a") + note(FACTS, "[" * 200_000),
    }  # fmt: skip


@pytest.mark.parametrize("name", hostile())
def test_a_file_that_carries_nothing_good_carries_nothing(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(hostile()[name])

    assert carried.read(tmp_path / name) is None


@pytest.mark.parametrize("member", [RECIPE, FACTS])
def test_a_zip_that_swells_is_not_unpacked(tmp_path: Path, member: str) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.keras", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(MEMBERS[RECIPE if member == FACTS else FACTS], "{}")
        with archive.open(MEMBERS[member], "w") as file:
            for _ in range(200):
                file.write(b" " * (1 << 20))
    tracemalloc.start()
    try:
        assert carried.read(tmp_path / "bomb.keras") is None
        assert tracemalloc.get_traced_memory()[1] < 4 * LARGEST_FACTS
    finally:
        tracemalloc.stop()


def test_a_zip_that_is_locked_or_packed_in_another_way_carries_nothing(tmp_path: Path) -> None:
    WAYS["m.keras"](tmp_path / "m.keras")
    content = bytearray((tmp_path / "m.keras").read_bytes())
    for place in _central(content):
        content[place + 8] |= 1
    (tmp_path / "locked.keras").write_bytes(content)
    assert carried.read(tmp_path / "locked.keras") is None


def _central(content: bytearray) -> list[int]:
    places, at = [], content.find(b"PK\1\2")
    while at >= 0:
        places.append(at)
        at = content.find(b"PK\1\2", at + 1)
    return places


def test_a_zip_whose_packed_bytes_are_damaged_carries_nothing(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "m.keras", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(MEMBERS[RECIPE], CARRIED.recipe)
    content = bytearray((tmp_path / "m.keras").read_bytes())
    begin = content.find(MEMBERS[RECIPE].encode()) + len(MEMBERS[RECIPE])
    content[begin : begin + 40] = bytes(range(200, 240))
    (tmp_path / "m.keras").write_bytes(content)
    assert carried.read(tmp_path / "m.keras") is None


@pytest.mark.parametrize("packing", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_a_packing_that_may_take_gigabytes_is_not_opened(tmp_path: Path, packing: int) -> None:
    with zipfile.ZipFile(tmp_path / "m.keras", "w", packing) as archive:
        archive.writestr(MEMBERS[RECIPE], CARRIED.recipe)
    assert carried.read(tmp_path / "m.keras") is None


@pytest.mark.parametrize("name", ["crowded.keras", "crowded.tflite"])
def test_a_long_list_of_members_is_not_read(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(crowd())
    tracemalloc.start()
    try:
        assert carried.read(tmp_path / name) is None
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


def test_a_header_of_safetensors_is_read_up_to_the_limit_that_the_weights_have_too(tmp_path: Path) -> None:
    told = {"__metadata__": {RECIPE: CARRIED.recipe}, "more": "x"}
    room = LARGEST_HEADER - len(json.dumps(told))
    for name, length in (("full", room), ("over", room + 1)):
        content = json.dumps({**told, "more": "x" * (length + 1)}).encode()
        (tmp_path / f"{name}.safetensors").write_bytes(header(content))
    assert carried.read(tmp_path / "full.safetensors") == Carried(CARRIED.recipe)
    assert carried.read(tmp_path / "over.safetensors") is None


def test_notes_by_the_hundred_are_not_gathered(tmp_path: Path) -> None:
    with (tmp_path / "many.onnx").open("wb") as file:
        for _ in range(60):
            file.write(note("other", "x" * LARGEST_FACTS))
    tracemalloc.start()
    try:
        assert carried.read(tmp_path / "many.onnx") is None
        assert tracemalloc.get_traced_memory()[1] < 6 * LARGEST_FACTS
    finally:
        tracemalloc.stop()


def test_a_folder_whose_recipe_is_a_link_is_not_followed(tmp_path: Path) -> None:
    WAYS["m"](tmp_path / "m")
    secret = tmp_path / "secret"
    (tmp_path / "m" / "recipe.toml").rename(secret)
    (tmp_path / "m" / "recipe.toml").symlink_to(secret)

    assert carried.read(tmp_path / "m") is None


def test_what_is_not_there_carries_nothing(tmp_path: Path) -> None:
    some: list[Any] = ["no.keras", "no.onnx", "no.safetensors", "no folder"]
    assert [carried.read(tmp_path / each) for each in some] == [None] * 4
