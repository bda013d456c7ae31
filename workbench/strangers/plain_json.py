"""Reads JSON of strangers: as large and as deep as it may be, and what it asks for is only looked at, never done."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import IO, Any

from workbench.plain import plain
from workbench.strangers.found import Refusal

#: Parsed, small parts take some sixty times as much memory as text.
LARGEST = 4 << 20
_DEEPEST = 24
#: Layers that hold a program of their own, or start one.
_PROGRAMS = frozenset({"Lambda", "__lambda__", "TorchModuleWrapper", "TFSMLayer", "JaxLayer", "FlaxLayer", "function"})
#: Layers that read a file whose name stands in them.
_READERS = frozenset({"StringLookup", "IntegerLookup", "IndexLookup", "TextVectorization", "Hashing"})
#: So many are named in a sentence.
_NAMED = 3


def read(source: IO[bytes], what: str, largest: int = LARGEST) -> Any:
    """The tree of plain values. Raises Refusal."""
    content = source.read(largest + 1)
    if len(content) > largest:
        raise Refusal(f"{what} in it has more than {largest >> 20} MB; it can have only a small part of that.")
    try:
        return json.loads(content)
    except RecursionError:
        raise Refusal(f"{what} in it is nested too deeply.") from None
    except ValueError as error:  # UnicodeDecodeError is one
        raise Refusal(f"{what} in it is no JSON ({plain(str(error), 60)}).") from error


def layers(config: object) -> dict[str, float | None]:
    """The layers of a network as Keras describes it, in order, those of a network within it as "network/layer"; and their epsilon.

    A norm adds that to a variance before it takes the root.
    """
    return dict(_layers(config, "", 0))


def _layers(config: object, prefix: str, depth: int) -> Iterator[tuple[str, float | None]]:
    match config:
        case {"config": {"layers": list(inside)}} if depth < _DEEPEST:
            for layer in inside:
                match layer:
                    case {"config": {"name": str(name), "epsilon": float(epsilon)}} if 0 < epsilon < 1:
                        yield f"{prefix}{name}", epsilon
                    case {"config": {"name": str(name)}} | {"name": str(name)}:
                        yield f"{prefix}{name}", None
                        yield from _layers(layer, f"{prefix}{name}/", depth + 1)
                    case _:
                        pass
        case _:
            pass


def programs(config: object) -> str:
    """What a description would have Keras run or read, as the end of a sentence; empty when there is nothing of the kind."""
    found: dict[str, None] = {}
    waiting = [config]
    while waiting:
        here = waiting.pop()
        if isinstance(here, list):
            waiting.extend(reversed(here))
        elif isinstance(here, dict):
            found |= dict.fromkeys(_named(here))
            waiting.extend(reversed(here.values()))
    names = list(found)
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{', '.join(names[:_NAMED])}{more}"


def _named(each: dict[str, Any]) -> Iterator[str]:
    name, module = each.get("class_name"), each.get("module")
    if not isinstance(name, str):
        return  # Keras can look nothing up by it
    told = plain(name, 40)
    if isinstance(module, str) and module.partition(".")[0] not in {"keras", "builtins"}:
        yield f"{plain(module, 40)}.{told}"
    elif name in _PROGRAMS:
        inner = each.get("config")
        yield f"the function {plain(inner, 40)}" if name == "function" and isinstance(inner, str) else f"a {told}"
    elif name in _READERS:
        inner = each.get("config")
        vocabulary = inner.get("vocabulary") if isinstance(inner, dict) else None
        if isinstance(vocabulary, str):
            yield f"the file of a {told}"
