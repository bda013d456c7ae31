"""The graph of a network: which rows are in view, what reads what, and in which lane each skip link runs; no Qt.

A closed block is one row; what is inside it needs no line. Where a row reads the row above it the spine goes on between them;
every other link runs in a lane at the left, short links in the inner lanes, so that long ones lie around them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from workbench.network.blocks import Block, Part
from workbench.network.layers import PICTURE, Layer

#: Further lanes would take the room of the blocks; links beyond share the outermost one.
MOST_LANES = 8
#: A network opens as far as it has no more rows than this: two screens of a low window.
FIRST_ROWS = 48


@dataclass(frozen=True)
class Node:
    """A block or a layer in the tree."""

    #: its place in the list of all nodes, which is in order, a block before its parts
    number: int
    part: Part
    parent: int | None
    #: its place among the parts of its parent
    place: int
    children: list[int] = field(default_factory=list)

    @property
    def path(self) -> str:
        """What it is known by when the network has been planned anew."""
        return self.part.path if isinstance(self.part, Block) else self.part.name


@dataclass(frozen=True)
class Link:
    """A row that is read further down than by the next one. Rows are counted among those in view."""

    start: int
    end: int
    #: 0 is the innermost
    lane: int


@dataclass(frozen=True)
class Drawing:
    """All rows in view and the lines between them."""

    #: numbers of nodes, from top to bottom
    rows: tuple[int, ...] = ()
    links: tuple[Link, ...] = ()
    lanes: int = 0
    #: rows below which the spine goes on to the next
    spine: frozenset[int] = frozenset()
    #: the links that begin, end or pass at each row
    at: tuple[tuple[Link, ...], ...] = ()


def nodes(parts: Sequence[Part]) -> list[Node]:
    """The tree as a list."""
    found: list[Node] = []
    _add(found, parts, None)
    return found


def _add(found: list[Node], parts: Sequence[Part], parent: int | None) -> None:
    for place, part in enumerate(parts):
        node = Node(len(found), part, parent, place)
        found.append(node)
        if parent is not None:
            found[parent].children.append(node.number)
        if isinstance(part, Block):
            _add(found, part.parts, node.number)


def opening(tree: Sequence[Node], most: int = FIRST_ROWS) -> set[int]:
    """The blocks that are open at first: level by level, as far as all rows are few enough."""
    opened: set[int] = set()
    level = [node for node in tree if node.parent is None]
    rows = len(level)
    while True:
        blocks = [node for node in level if node.children]
        level = [tree[child] for node in blocks for child in node.children]
        rows += len(level)
        if not blocks or rows > most:
            return opened
        opened |= {node.number for node in blocks}


def in_view(tree: Sequence[Node], opened: Collection[int]) -> list[Node]:
    """The rows in view from top to bottom, opened blocks among them."""
    shown: set[int] = set()
    for node in tree:  # a block comes before its parts
        if node.parent is None or (node.parent in shown and node.parent in opened):
            shown.add(node.number)
    return [node for node in tree if node.number in shown]


def draw(tree: Sequence[Node], opened: Collection[int]) -> Drawing:
    """The graph with these blocks open."""
    rows = tuple(node.number for node in in_view(tree, opened))
    #: the row of each layer, its own or that of the closed block around it
    place_of: dict[str, int] = {}
    drawn: list[int] = []
    for row, number in enumerate(rows):
        if number not in opened:
            drawn.append(row)
            place_of |= dict.fromkeys((layer.name for layer in _layers(tree[number].part)), row)
    order = {row: place for place, row in enumerate(drawn)}
    reads = {
        (place_of[name], row)
        for row in drawn
        for layer in _layers(tree[rows[row]].part)
        for name in layer.inputs
        if name != PICTURE and place_of[name] != row
    }
    spine = {below for start, end in reads if order[end] - order[start] == 1 for below in range(start, end)}
    links = _in_lanes((start, end) for start, end in reads if order[end] - order[start] > 1)
    at: list[list[Link]] = [[] for _ in rows]
    for link in links:
        for row in range(link.start, link.end + 1):
            at[row].append(link)
    lanes = 1 + max((link.lane for link in links), default=-1)
    return Drawing(rows, links, lanes, frozenset(spine), tuple(tuple(each) for each in at))


def _layers(part: Part) -> Iterable[Layer]:
    return part.layers if isinstance(part, Block) else (part,)


def _in_lanes(ends: Iterable[tuple[int, int]]) -> tuple[Link, ...]:
    """Each link in the innermost lane that is free along it; one may end where another begins."""
    lanes: list[list[Link]] = []
    found: list[Link] = []
    for start, end in sorted(ends, key=lambda link: (link[1] - link[0], link)):
        free = (
            number
            for number, lane in enumerate(lanes)
            if all(end <= other.start or other.end <= start for other in lane)
        )
        number = min(next(free, len(lanes)), MOST_LANES - 1)
        link = Link(start, end, number)
        if number == len(lanes):
            lanes.append([])
        lanes[number].append(link)
        found.append(link)
    return tuple(sorted(found, key=lambda link: (link.start, link.end)))
