"""Takes a network's weights out of an HDF5 file of Keras, of any version, by rules of our own.

HDF5 is a file system in a file: links lead to other files, arrays lie elsewhere or are made of other arrays, filters are
programs. None of this is in a file of weights, so whatever is found of it refuses the file. Groups are walked link by link and
arrays are judged by what is said of them, before a number is read. h5py is known here, and in the engine.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO, Any

import h5py
import numpy as np

from workbench.plain import plain
from workbench.strangers.found import Refusal
from workbench.strangers.stored import PIECE, StoredArray, StoredLayer, check_shape

#: Groups and arrays of a file; DenseNet-264 with its optimizer has some 8,000.
MOST_OBJECTS = 20_000
_DEEPEST = 24
#: Bytes of names in one attribute, and how many.
_LARGEST_NAMES = 4 << 20
_MOST_NAMES = 20_000
#: An array may be unpacked piece by piece, and a piece has so many bytes at most.
_LARGEST_CHUNK = 64 << 20
#: deflate, shuffle, check sum, LZF; others are loaded from libraries, or seldom tested.
_FILTERS = frozenset(
    {h5py.h5z.FILTER_DEFLATE, h5py.h5z.FILTER_SHUFFLE, h5py.h5z.FILTER_FLETCHER32, h5py.h5z.FILTER_LZF}
)
_LAYOUTS = frozenset({h5py.h5d.CONTIGUOUS, h5py.h5d.CHUNKED, h5py.h5d.COMPACT})
_NO_WEIGHTS = frozenset({h5py.h5t.INTEGER, h5py.h5t.ENUM})
#: So much more than it stores no array of weights declares.
_SWELLS = 1_000
_SMALL = 1 << 20
#: What h5py raises on damaged files; it has no common error.
DAMAGE = (OSError, RuntimeError, KeyError, ValueError, TypeError, AttributeError, UnicodeError, OverflowError)
#: Where Keras 3 puts the parts of a network; their names say nothing.
_CONTAINERS = frozenset({"layers", "_layer_checkpoint_dependencies"})


@dataclass(frozen=True)
class _Group:
    """A group whose links have all been found good."""

    id: Any
    groups: dict[str, _Group] = field(default_factory=dict)
    arrays: dict[str, StoredArray | None] = field(default_factory=dict)


class Hdf5:
    """An HDF5 file's weights. Raises Refusal; `source` stays open as long as numbers are read."""

    def __init__(self, source: IO[bytes]) -> None:
        self._seen = 0
        self._groups: set[int] = set()
        try:
            self._file = h5py.File(source, "r", rdcc_nbytes=1 << 20)
            self._root = self._walk(self._file.id, "", 0)
        except DAMAGE as error:
            raise Refusal(f"It is a damaged HDF5 file, or one that is cut off ({plain(str(error), 80)}).") from error

    def layers(self, order: Sequence[str] = ()) -> list[StoredLayer]:
        """The layers that have weights: in this order of names, as far as it goes; else in the order that the file tells."""
        try:
            legacy = self._root.groups.get("model_weights", self._root)
            names = _names(legacy.id, "layer_names")
            found = list(_legacy(legacy, names) if names else _layers(self._root, ()))
        except DAMAGE as error:
            raise Refusal(f"The names in it are damaged ({plain(str(error), 80)}).") from error
        places = {name: place for place, name in enumerate(order)}
        return sorted(found, key=lambda layer: places.get(layer.name, len(places)))

    def config(self) -> str:
        """What a legacy file says of its network, as JSON; empty when it says nothing that can be read."""
        try:
            return "".join(_texts(self._file.id, "model_config"))
        except DAMAGE:
            return ""

    # --- the walk -----------------------------------------------------------------------------------------

    def _walk(self, group: Any, path: str, depth: int) -> _Group:
        address = h5py.h5o.get_info(group).addr
        if depth > _DEEPEST or address in self._groups:
            raise Refusal(
                f"Its groups are linked in a circle, or nested more than {_DEEPEST} deep. No network is written so."
            )
        self._groups.add(address)
        found = _Group(group)
        count = group.get_num_objs()
        self._seen += count
        if self._seen > MOST_OBJECTS:
            raise Refusal(f"It holds more than {MOST_OBJECTS:,} groups and arrays; no network needs so many.")
        for name in sorted((group.get_objname_by_idx(place) for place in range(count)), key=_natural):
            self._take(found, group, name, path, depth)
        return found

    def _take(self, found: _Group, group: Any, name: bytes, path: str, depth: int) -> None:
        word = name.decode("utf-8", "replace")
        where = f"{path}/{word}"
        match group.links.get_info(name).type:
            case h5py.h5l.TYPE_HARD:
                pass
            case h5py.h5l.TYPE_EXTERNAL:
                raise Refusal(
                    f"It holds a link to another file ({plain(where, 60)}). Links are never followed, so it is not used."
                )
            case _:
                raise Refusal(
                    f"It holds a soft link ({plain(where, 60)}). Links are never followed, so it is not used."
                )
        each = h5py.h5o.open(group, name)
        if isinstance(each, h5py.h5g.GroupID):
            found.groups[word] = self._walk(each, where, depth + 1)
        elif isinstance(each, h5py.h5d.DatasetID):
            found.arrays[word] = _array(each, word, where)


def _array(each: Any, name: str, where: str) -> StoredArray | None:
    """An array that has been found good; None for whole numbers, which are counters and no weights."""
    properties, kind = each.get_create_plist(), each.get_type()
    _check_place(properties, plain(where, 60))
    if kind.get_class() not in _NO_WEIGHTS | {h5py.h5t.FLOAT}:
        raise Refusal(
            f"It holds something that is no plain numbers ({plain(where, 60)}): texts, objects or references. These are not read."
        )
    if each.shape is None:
        return None
    _check_size(each, properties, kind.get_size(), where)
    if kind.get_class() != h5py.h5t.FLOAT or each.dtype.kind != "f" or each.dtype.itemsize not in {2, 4, 8}:
        return None
    dtype = each.dtype.newbyteorder("<")
    return StoredArray(name, tuple(each.shape), f"<f{dtype.itemsize}", lambda: _pieces(h5py.Dataset(each), dtype))


def _check_place(properties: Any, shown: str) -> None:
    """Whether an array's numbers are in this file, and packed in a way that is read."""
    if properties.get_external_count():
        raise Refusal(f"An array of it lies in another file ({shown}). Other files are never read, so it is not used.")
    if properties.get_layout() not in _LAYOUTS:
        raise Refusal(
            f"It holds a virtual array, made of parts of other files ({shown}). Those are never read, so it is not used."
        )
    for place in range(properties.get_nfilters()):
        if properties.get_filter(place)[0] not in _FILTERS:
            raise Refusal(
                f"An array of it is packed by a filter that is not known here ({shown}). Save it with gzip, or unpacked."
            )


def _check_size(each: Any, properties: Any, item: int, where: str) -> None:
    """Whether an array may be as large as it says, and stores what it says."""
    size, shown = check_shape(where, each.shape, item), plain(where, 60)
    if (
        properties.get_layout() == h5py.h5d.CHUNKED
        and check_shape(where, properties.get_chunk(), item) > _LARGEST_CHUNK
    ):
        raise Refusal(
            f"An array of it has pieces of more than {_LARGEST_CHUNK >> 20} MB ({shown}); smaller ones are read."
        )
    if size > _SMALL and size > _SWELLS * each.get_storage_size():
        raise Refusal(
            f"It declares an array of {size >> 20:,} MB ({shown}) and stores hardly anything of it. It would only fill the memory."
        )


def _pieces(array: Any, dtype: np.dtype[Any]) -> Iterator[bytes]:
    if not array.shape:
        yield np.asarray(array[()], dtype).tobytes()
        return
    row = int(np.prod(array.shape[1:], dtype=np.int64)) * dtype.itemsize
    rows = max(1, PIECE // max(1, row))
    for first in range(0, array.shape[0], rows):
        yield np.ascontiguousarray(array[first : first + rows], dtype).tobytes()


# --- what the groups mean ---------------------------------------------------------------------------------


def _layers(group: _Group, names: tuple[str, ...]) -> Iterator[StoredLayer]:
    """As Keras 3 writes them: a group a layer, named after its class, with its arrays as vars/0, vars/1 …; within groups of parts."""
    for word, each in group.groups.items():
        if word in _CONTAINERS:
            yield from _layers(each, names)
        elif word != "vars" and (names or not word.startswith("optimizer")):
            own = each.groups.get("vars")
            told = _texts(own.id, "name") if own is not None else []
            inner = (*names, told[0] if told else word)
            weights = tuple(array for array in own.arrays.values() if array is not None) if own is not None else ()
            if weights:
                yield StoredLayer("/".join(inner), re.sub(r"_\d+$", "", word), weights)
            yield from _layers(each, inner)


def _legacy(group: _Group, names: Sequence[str]) -> Iterator[StoredLayer]:
    """As Keras 2 wrote them: a group a layer; lists of names tell the order, "conv/kernel:0" what an array is."""
    for name in names:
        parts: dict[str, list[StoredArray]] = {}
        inside = group.groups.get(name)
        if inside is None:
            raise Refusal(f"It names a layer {plain(name, 60)} that it does not hold. It is damaged.")
        for weight in _names(inside.id, "weight_names"):
            array = _found(inside, weight)
            owner, _, leaf = weight.rpartition("/")
            if array is not None:
                leaf = leaf.partition(":")[0]
                parts.setdefault(owner, []).append(StoredArray(leaf, array.shape, array.dtype, array.read))
        for owner, arrays in parts.items():
            yield StoredLayer(name if len(parts) == 1 else owner, "", tuple(arrays))


def _found(group: _Group, path: str) -> StoredArray | None:
    """An array by its path, looked up among what was walked: HDF5 would follow a path anywhere."""
    *parents, leaf = path.split("/")
    here: _Group | None = group
    for part in parents:
        here = here.groups.get(part) if here is not None else None
    if here is None or leaf not in here.arrays:
        raise Refusal(f"It names an array {plain(path, 60)} that it does not hold. It is damaged.")
    return here.arrays[leaf]


def _names(group: Any, attribute: str) -> list[str]:
    """A list of names; Keras cuts a long one into attributes with numbers, because HDF5 keeps only 64 kB in each."""
    found = _texts(group, attribute)
    for number in range(h5py.h5a.get_num_attrs(group) if not found else 0):
        found += _texts(group, f"{attribute}{number}")
    return found


def _texts(group: Any, attribute: str) -> list[str]:
    """An attribute that is text, or several; nothing when it is not there, or is something else."""
    if not h5py.h5a.exists(group, attribute.encode()):
        return []
    each = h5py.h5a.open(group, attribute.encode())
    kind = each.get_type()
    if not isinstance(kind, h5py.h5t.TypeStringID):
        return []
    count = int(np.prod(each.shape, dtype=np.float64)) if each.shape is not None else 0
    if count > _MOST_NAMES or count * kind.get_size() > _LARGEST_NAMES:
        raise Refusal(f"It holds a list of {count:,} names; at most {_MOST_NAMES:,} short ones are read.")
    value = h5py.AttributeManager(h5py.Group(group))[attribute]
    return [word.decode("utf-8", "replace") if isinstance(word, bytes) else str(word) for word in np.ravel(value)]


def _natural(name: bytes | str) -> list[tuple[int, str]]:
    """conv2d_2 before conv2d_10."""
    text = name.decode("utf-8", "replace") if isinstance(name, bytes) else name
    return [
        (int(part[:9]), part) if part.isascii() and part.isdigit() else (-1, part) for part in re.split(r"(\d+)", text)
    ]
