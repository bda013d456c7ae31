"""From the plan of a network to its section: the plan's own order, each layer a line, blocks that repeat one function.

The newest result is always called x; one that is read again later gets a name of its own.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from workbench.export.script.draft import Draft, spec_text
from workbench.export.script.network.blocks import Block, Form, blocks, differing
from workbench.export.script.network.lines import LINES, Spot
from workbench.network.layers import PICTURE, Layer, Shape
from workbench.network.plan import summary

#: Fewer layers than this, or fewer blocks alike, are no function of their own; from so many calls on there is a loop.
_FEWEST_LAYERS = 3
_FEWEST_ALIKE = 2
_FEWEST_CALLS = 3
#: Functions whose plain name would mean something else.
_NAMES = {"layer": "dense_layer", "skip": "with_skip"}
_WHOLE = (
    "# Softmax and loss stand on float32: so does the last layer that learns, which gives the logits.",
    'keras.config.set_dtype_policy("float32")',
)


@dataclass(frozen=True)
class _Step:
    """One line: what it reads, what is the newest result then, and what else it gives that is read later."""

    reads: tuple[str, ...]
    gives: str
    kept: tuple[str, ...]
    #: from the code of what is read to an expression
    code: Callable[[tuple[str, ...]], str]
    #: lines before it
    before: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Function:
    """Blocks that are alike, as a function of the network so far."""

    name: str
    parameters: dict[tuple[int, str], str]

    def arguments(self, block: Block) -> list[str]:
        """What it is called with for a block."""
        given: dict[str, float] = {}
        for key, parameter in self.parameters.items():
            given.setdefault(parameter, block.numbers[key])
        return [f"{parameter}={number!r}" for parameter, number in given.items()]


def write(draft: Draft) -> None:
    """Append the network."""
    _leave_mish_whole(draft)
    layers = draft.plan.layers
    shapes: dict[str, Shape] = {PICTURE: draft.plan.shape, **{layer.name: layer.shape for layer in layers}}
    parts = blocks(layers)
    functions = _functions(draft, parts, shapes)
    steps: list[_Step] = []
    for block in parts:
        function = functions.get(block.form) if block.named else None
        steps += _inline(draft, block, shapes) if function is None else [_called(function, block)]
    lines, _ = _lines(steps, PICTURE, {}, _variable)
    text = (
        f"{spec_text(draft.recipe.model)} Here it is {summary(draft.recipe, draft.plan)}. It takes scaled "
        "pictures; its answers are logits: no softmax."
    )
    half = draft.recipe.training.precision
    policy = [] if half == "float32" else [f'keras.config.set_dtype_policy("mixed_{half}")']
    code = [
        'x = picture = keras.Input((SEEN, SEEN, CHANNELS), name="picture")', *policy, *_looped(lines),
        'return keras.Model(picture, x, name="network")',
    ]  # fmt: skip
    draft.cell(text, "\n".join(["def network():", *(f"    {line}" for line in code)]))


def _leave_mish_whole(draft: Draft) -> None:
    """The one place where TensorFlow itself is spoken to."""
    if draft.recipe.model.activation == "mish" and draft.recipe.training.backend == "tensorflow":
        draft.needs("import tensorflow as tf", "tensorflow")
        text = "On the CPU TensorFlow 2.21 fuses convolution, bias, sum and Mish, and has no kernel for it: so it must not fuse."
        draft.cell(text, 'tf.config.optimizer.set_experimental_options({"remapping": False})')


def _whole(draft: Draft) -> Layer | None:
    """The last layer that learns, which computes in float32 where the others do not."""
    if draft.recipe.training.precision == "float32":
        return None
    return [layer for layer in draft.plan.layers if layer.trainable_parameters][-1]


# --- blocks that are alike ------------------------------------------------------------------------------


def _functions(draft: Draft, parts: Sequence[Block], shapes: Mapping[str, Shape]) -> dict[Form, _Function]:
    """Have a function written for each form of which there are several blocks."""
    by_form: dict[Form, list[Block]] = defaultdict(list)
    for block in parts:
        if block.named and len(block.layers) >= _FEWEST_LAYERS and _whole(draft) not in block.layers:
            by_form[block.form].append(block)
    several = {form: alike for form, alike in by_form.items() if len(alike) >= _FEWEST_ALIKE}
    bases = [_base(alike[0]) for alike in several.values()]
    count, number = Counter(bases), Counter[str]()
    found = {}
    for base, (form, alike) in zip(bases, several.items(), strict=True):
        number[base] += 1
        found[form] = _Function(base if count[base] == 1 else f"{base}_{number[base]}", differing(alike))
        _write_function(draft, found[form], alike, shapes)
    return found


def _base(block: Block) -> str:
    """What a function is called for a block such as stage1_block2."""
    word = re.sub(r"\d+", "", block.prefix.rpartition("_")[2]) or "part"
    shortcut = any(block.suffix(place).startswith("_shortcut") for place in range(len(block.layers)))
    return _NAMES.get(word, word) + ("_with_shortcut" if shortcut else "")


def _write_function(draft: Draft, function: _Function, alike: Sequence[Block], shapes: Mapping[str, Shape]) -> None:
    block = alike[0]
    given = {name: f"skip{number + 1 if number else ''}" for number, name in enumerate(block.outside[1:])}
    steps = [_step(draft, layer, shapes, block=block, parameters=function.parameters) for layer in block.layers]
    kept = [block.layers[place].name for place in block.kept]

    def variable(name: str) -> str:
        return "before" if name == block.outside[0] else _variable(name[len(block.prefix) :])

    lines, known = _lines(steps, block.outside[0], given, variable, kept)
    parameters = ["x", *given.values(), "name", *dict.fromkeys(function.parameters.values())]
    lines.append(f"return {', '.join(['x', *(known[name] for name in kept)])}")
    where = ", ".join(each.prefix for each in alike)
    if len(alike) > 4:  # noqa: PLR2004 - as many as read well
        where = f"{alike[0].prefix}, {alike[1].prefix} … {alike[-1].prefix}"
    code = [f"def {function.name}({', '.join(parameters)}):", *(f"    {line}" for line in lines)]
    draft.cell(f"{len(alike)} blocks of the network are alike: {where}.", "\n".join(code))


def _called(function: _Function, block: Block) -> _Step:
    arguments = [f'"{block.prefix}"', *function.arguments(block)]
    return _Step(
        block.outside, block.layers[-1].name, tuple(block.layers[place].name for place in block.kept),
        lambda inputs: f"{function.name}({', '.join([*inputs, *arguments])})",
    )  # fmt: skip


# --- lines ----------------------------------------------------------------------------------------------


def _inline(draft: Draft, block: Block, shapes: Mapping[str, Shape]) -> list[_Step]:
    whole = _whole(draft)
    return [_step(draft, layer, shapes, before=_WHOLE if layer is whole else ()) for layer in block.layers]


def _step(  # noqa: PLR0917 - the first three are where it stands
    draft: Draft, layer: Layer, shapes: Mapping[str, Shape], block: Block | None = None,
    parameters: Mapping[tuple[int, str], str] | None = None, before: tuple[str, ...] = (),
) -> _Step:  # fmt: skip
    """A layer as a line; within a function its name and some numbers are those of the block it is called for."""
    place = block.layers.index(layer) if block else 0
    name = f'f"{{name}}{block.suffix(place)}"' if block else f'"{layer.name}"'

    def field(which: str) -> str:
        return (parameters or {}).get((place, which)) or repr(getattr(layer.kind, which))

    def code(inputs: tuple[str, ...]) -> str:
        spot = Spot(draft, name, field, inputs, tuple(shapes[each] for each in layer.inputs))
        return LINES[type(layer.kind)](layer.kind, spot)

    return _Step(layer.inputs, layer.name, (), code, before)


def _lines(
    steps: Sequence[_Step],
    begin: str,
    given: Mapping[str, str],
    variable: Callable[[str], str],
    kept: Collection[str] = (),
) -> tuple[list[str], dict[str, str]]:
    """The code of some steps, and what each result that is read later is called. `begin` is x at first."""
    last_read = {name: number for number, step in enumerate(steps) for name in step.reads}
    known, lines, newest = dict(given), list[str](), begin
    if begin != PICTURE and last_read.get(begin, 0) > 0:
        known[begin] = variable(begin)
        lines.append(f"{known[begin]} = x")
    known.setdefault(PICTURE, "picture")
    for number, step in enumerate(steps):
        made = step.code(tuple("x" if name == newest else known[name] for name in step.reads))
        known |= {name: variable(name) for name in step.kept}
        target = ", ".join(["x", *(known[name] for name in step.kept)])
        lines += [*step.before, *([] if made == target else [f"{target} = {made}"])]
        newest = step.gives
        if last_read.get(newest, 0) > number + 1 or newest in kept:
            known[newest] = variable(newest)
            lines.append(f"{known[newest]} = x")
    return lines, known


def _variable(name: str) -> str:
    """A layer's name as one of a variable."""
    plain = re.sub(r"\W", "_", name).strip("_")
    return plain if plain not in {"x", "model", "picture", "name"} else f"{plain}_"


_CALL = re.compile(r'x = (?P<function>\w+)\(x, "(?P<prefix>\w*?)(?P<number>\d+)"(?P<rest>.*)\)')


def _looped(lines: Sequence[str]) -> list[str]:
    """The same lines, where calls that differ in the number of their block only are a loop."""
    found: list[str] = []
    at = 0
    while at < len(lines):
        end = at + 1
        first = _CALL.fullmatch(lines[at])
        while first and end < len(lines) and (other := _CALL.fullmatch(lines[end])):
            same = all(first[group] == other[group] for group in ("function", "prefix", "rest"))
            if not same or int(other["number"]) != int(first["number"]) + end - at:
                break
            end += 1
        if first and end - at >= _FEWEST_CALLS:
            begin = int(first["number"])
            found += [
                f"for number in range({begin}, {begin + end - at}):",
                f'    x = {first["function"]}(x, f"{first["prefix"]}{{number}}"{first["rest"]})',
            ]
        else:
            end = at + 1
            found.append(lines[at])
        at = end
    return found
