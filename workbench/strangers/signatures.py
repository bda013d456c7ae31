"""What kind of file it is, by its first bytes; and what is said of kinds that are not used."""

from __future__ import annotations

#: As many bytes as tell every kind: a tar archive says so only in its 257th.
LEAD = 4096
_TAR = slice(257, 262)

_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file"),
    (b"PK\3\4", "a zip archive"),
    (b"PK\5\6", "a zip archive"),
    (b"\x89PNG\r\n\x1a\n", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"II*\0", "a picture"),
    (b"MM\0*", "a picture"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"\x1f\x8b", "a compressed file"),
    (b"BZh", "a compressed file"),
    (b"\xfd7zXZ", "a compressed file"),
    (b"\x28\xb5\x2f\xfd", "a compressed file"),
    (b"7z\xbc\xaf", "a compressed file"),
    (b"Rar!", "a compressed file"),
    (b"%PDF", "a PDF"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"#!", "a program"),
    (b"SQLite format 3\0", "a database"),
)

#: Control characters that no text has; tab, ends of lines and pages, and what colours a terminal's text are others.
_NO_TEXT = frozenset(range(32)) - frozenset(b"\t\n\r\f\x1b")

#: Why a kind is not used, and what to do; "" is what can be dropped at all.
HINT = {
    "": (
        "Drop a preset (.toml), a model or weights of Keras (.keras, .h5, .safetensors), something that was exported from a run, "
        "a NumPy file (.npz), a picture, or a folder of pictures."
    ),
    "a pickle": (
        "It is a pickle: a program that runs when it is read, so it never is. Save weights as .safetensors or .h5, pictures as .npz."
    ),
    "a tar archive": "It is a tar archive, and archives are not unpacked here. Unpack it where you trust it, and drop the folder.",
    "a compressed file": "It is compressed, and nothing is unpacked here. Unpack it where you trust it, and drop what was in it.",
    "a program": "It is a program, and no program is ever started from here.",
    "a NumPy array": "It is a single array. A data set needs pictures x and labels y: np.savez('set.npz', x=pictures, y=labels).",
    "a TensorFlow Lite model": (
        "It is a model of TensorFlow Lite, made for use and not for training: its weights cannot be a start. Drop the .keras or "
        ".safetensors file that it was made from."
    ),
    "a text": "It is a text. A preset's name ends in .toml; nothing else in text is read.",
}


def kind_of(start: bytes, ending: str) -> str:
    """What a file is, by its beginning; its name's ending only tells texts apart."""
    by_mark = next((kind for mark, kind in _STARTS if start.startswith(mark)), "")
    if by_mark:
        return by_mark
    # Those whose mark is not at the very beginning, or not enough alone.
    for kind, is_one in (
        (
            "a picture",
            (start[:4] == b"RIFF" and start[8:12] == b"WEBP") or (start[:2] == b"BM" and not any(start[6:10])),
        ),
        ("a TensorFlow Lite model", start[4:8] == b"TFL3"),
        ("a tar archive", start[_TAR] == b"ustar"),
        ("a pickle", start[:1] == b"\x80" and start[1:2] in {b"\2", b"\3", b"\4", b"\5"}),
        ("a safetensors file", _begins_tensors(start, ending)),
        ("a text", _is_text(start, ending)),
    ):
        if is_one:
            return kind
    return "of a kind that is not known here"


def _begins_tensors(start: bytes, ending: str) -> bool:
    """A length that may be one, then an opening brace; with this name also when the length cannot be one, to say so."""
    return start[8:9] == b"{" and (ending == ".safetensors" or not any(start[6:8]))


def _is_text(start: bytes, ending: str) -> bool:
    if ending == ".toml" and b"\0" not in start:
        return True  # what is wrong with it is said by whoever reads presets
    if _NO_TEXT.intersection(start):
        return False
    try:
        start[:-4].decode()  # the last letter may be cut off
    except UnicodeDecodeError:
        return False
    return True
