"""What scripts, notebooks, figures and pages carry: strangers' files of these kinds do no harm, and what other programs rewrote is read.

That each kind comes back from the file that is really written: tests/export/test_carrying.py.
"""

from __future__ import annotations

import functools
import json
import os
import struct
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from workbench.errors import ExportError
from workbench.spec import carried, presets
from workbench.spec.carried import pages, pictures, scripts
from workbench.spec.carried.block import LARGEST_FILE, RECIPE, Carried
from workbench.spec.recipe import Recipe, parse

TOML = presets.dump(Recipe(), "Plain")
ODD = presets.dump(
    parse({"data": {"kind": "folder", "path": '/ü 日 <pre id="workbench.recipe">&amp;</pre>]]>(\\)"\x85\u2028'}})
)
SIGNATURE = b"\x89PNG\r\n\x1a\n"


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(*chunks: bytes) -> bytes:
    return SIGNATURE + chunk(b"IHDR", bytes(13)) + b"".join(chunks) + chunk(b"IEND", b"")


def key(name: str = RECIPE) -> bytes:
    return name.encode() + b"\0"


WAYS: dict[str, Callable[[str], bytes]] = {
    "international.png": lambda toml: png(chunk(b"iTXt", key() + b"\0\0\0\0" + toml.encode())),
    "packed.png": lambda toml: png(chunk(b"iTXt", key() + b"\1\0en\0Rezept\0" + zlib.compress(toml.encode()))),
    "behind the pixels.png": lambda toml: png(
        chunk(b"tEXt", key("Software") + b"x"), chunk(b"IDAT", bytes(70_000)), chunk(b"iTXt", key() + b"\0\0\0\0" + toml.encode())
    ),
    "drawing.svg": lambda toml: pages.into_svg(b'<?xml version="1.0"?><!DOCTYPE svg><svg width="1">\n<g/></svg>', toml),
    "by another program.SVG": lambda toml: pages.in_element("metadata", toml).replace(" id", '\n   a="1"\n   id', 1).encode(),
    "page.html": lambda toml: f"<!doctype html><p>words{pages.in_element('pre', toml)}".encode(),
    "script.py": lambda toml: f"print(1)\n{scripts.block('old')}\n\n{scripts.block(toml)}\n".encode(),
    "by windows.py": lambda toml: scripts.block(toml).replace("\n", "\r\n").encode(),
    "notebook.ipynb": lambda toml: json.dumps({"cells": ['"keras_workbench": {'], "metadata": scripts.metadata(toml)}).encode(),
    "tight.ipynb": lambda toml: json.dumps({"metadata": scripts.metadata(toml), "cells": []}, separators=(",", ":")).encode(),
}  # fmt: skip


@pytest.mark.parametrize("toml", [TOML, ODD], ids=["plain", "odd"])
@pytest.mark.parametrize("name", WAYS)
def test_what_is_carried_comes_back_also_when_another_program_has_written_the_file(
    tmp_path: Path, name: str, toml: str
) -> None:
    (tmp_path / name).write_bytes(WAYS[name](toml))

    found = carried.read(tmp_path / name)

    assert found is not None
    assert found.recipe.strip() == toml.strip()
    assert found.facts == {}
    assert carried.preset_in(tmp_path / name).recipe == presets.loads(toml).recipe


def test_a_plain_text_chunk_is_in_latin_1(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(png(chunk(b"tEXt", key() + 'title = "ü"'.encode("latin-1"))))
    assert carried.read(path) == Carried('title = "ü"')
    path.write_bytes(png(chunk(b"zTXt", key() + b"\0" + zlib.compress('title = "ü"'.encode("latin-1")))))
    assert carried.read(path) == Carried('title = "ü"')


@functools.cache
def bomb() -> bytes:
    packer = zlib.compressobj(9)
    spaces = bytes(1 << 20)
    return b"".join([*(packer.compress(spaces) for _ in range(300)), packer.flush()])


LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefghi", "bcdefghij", strict=True))
    + ']><svg><metadata id="workbench.recipe">&j;</metadata></svg>'
)


@functools.cache
def hostile() -> dict[str, bytes]:
    """By the name of the file; each carries nothing that is a recipe."""
    return {
        "empty.png": b"", "empty.svg": b"", "empty.pdf": b"", "empty.py": b"", "empty.ipynb": b"",
        "bomb.png": png(chunk(b"zTXt", key() + b"\0" + bomb())), "bomb 2.png": png(chunk(b"iTXt", key() + b"\1\0\0\0" + bomb())),
        "no packing.png": png(chunk(b"zTXt", key() + b"\0" + b"xyz")), "short.png": png(chunk(b"iTXt", key())),
        "no end.png": SIGNATURE + struct.pack(">I", 1 << 30) + b"tEXt", "no end 2.png": SIGNATURE + chunk(b"IDAT", b"")[:6],
        "many.png": SIGNATURE + chunk(b"IDAT", b"") * 200_000 + chunk(b"tEXt", key() + b"a = 1"),
        "large note.png": SIGNATURE + struct.pack(">I", 1 << 31) + b"iTXt" + key() + b"\0\0\0\0a = 1",
        "not ours.png": png(chunk(b"tEXt", key("Comment") + b"a = 1")), "no picture.png": b"GIF89a" + key() + b"a = 1",
        "open.svg": b'<svg><metadata id="workbench.recipe">a = 1', "other.svg": b'<svg><metadata id="other">a</metadata></svg>',
        "elements.html": b'<pre id="workbench.recipe">a<b>c</b></pre>', "openings.html": b"<pre a" * 2_000_000,
        "openings 2.html": b"<pre " + b'id="workbench.recipe"' * 500_000, "not utf-8.html": b'<pre id="workbench.recipe">\xff</pre>',
        "large.html": b'<pre id="workbench.recipe">' + b"#" * (7 * presets.LARGEST) + b"</pre>",
        "deep.ipynb": b'{"metadata": {"keras_workbench": {"recipe": ' + b"[" * 2_000_000,
        "deep 2.ipynb": b"[" * 5_000_000, "wide.ipynb": b'{"keras_workbench": {"recipe": [' + b"[]," * 8_000_000,
        "no text.ipynb": b'{"metadata": {"keras_workbench": {"recipe": 3}}}', "no notebook.ipynb": b"{",
        "in a cell.ipynb": json.dumps({"cells": [json.dumps(scripts.metadata("a = 1"))]}).encode(),
        "no end.py": scripts.BEGIN.encode() + b"\n# a = 1\n", "not utf-8.py": b"\xff\xfe", "print.py": b"print(1)\n",
        "begins.py": (scripts.BEGIN.encode() + b"\n") * 400_000,
        "open.pdf": b"%PDF /workbench.recipe (" + b"a\\)" * 1_000_000, "half.pdf": b"/workbench.recipe (\xfe\xff\xd8)",
        "binary.pdf": b"/workbench.recipe (\xff\xff)", "other.pdf": b"/Title (a)",
    }  # fmt: skip


@pytest.mark.parametrize("name", hostile())
def test_a_file_that_carries_nothing_good_carries_nothing_and_costs_little_memory(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(hostile()[name])
    tracemalloc.start()
    try:
        assert carried.read(tmp_path / name) is None
        # The file itself, and what could be a recipe in it.
        assert tracemalloc.get_traced_memory()[1] < (tmp_path / name).stat().st_size + 80 * (1 << 20)
    finally:
        tracemalloc.stop()


def test_entities_stay_words_and_are_no_recipe(tmp_path: Path) -> None:
    (tmp_path / "laughs.svg").write_text(LAUGHS, "utf-8")
    assert carried.read(tmp_path / "laughs.svg") == Carried("&j;")
    with pytest.raises(presets.RecipeError):
        carried.preset_in(tmp_path / "laughs.svg")


@pytest.mark.parametrize("ending", [".html", ".svg", ".pdf", ".ipynb", ".py"])
def test_a_file_too_large_to_be_ours_is_not_read(tmp_path: Path, ending: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / f"large{ending}"
    with path.open("wb") as file:
        file.truncate(200 << 20)
    assert path.stat().st_size > LARGEST_FILE
    tracemalloc.start()
    try:
        assert carried.read(path) is None
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    assert carried.read(tmp_path / "pipe.png") is None


def test_a_file_without_a_recipe_says_which_ones_have_it(tmp_path: Path) -> None:
    (tmp_path / "holiday.png").write_bytes(png())
    with pytest.raises(
        ExportError, match=r"holiday\.png carries no recipe .* Models, figures, reports, scripts and notebooks"
    ):
        carried.preset_in(tmp_path / "holiday.png")


def test_notes_of_matplotlib_bear_the_name_that_is_looked_for() -> None:
    assert pictures.notes("x") == {RECIPE: "x"}


@pytest.mark.parametrize(
    "name", ["a.png", "A.SVG", "a.pdf", "a.html", "a.htm", "a.py", "a.ipynb", "a.keras", "a.onnx", "a.tflite"]
)
def test_by_its_ending_a_file_is_looked_into(tmp_path: Path, name: str) -> None:
    assert carried.can_carry(tmp_path / name)
    assert not carried.can_carry(tmp_path / f"{name}.zip")
