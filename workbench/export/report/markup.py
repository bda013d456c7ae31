"""Text that becomes part of a page: whatever is not said to be markup is escaped, wherever it came from."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

#: Letters that no page may hold.
_LOST = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 127, *range(55296, 57344), 65534, 65535), "�")


class Html(str):
    """Text that is markup already."""

    __slots__ = ()


def plain(text: object) -> Html:
    """Text as it is to be read."""
    return text if isinstance(text, Html) else Html(html.escape(str(text).translate(_LOST)))


def joined(*parts: object) -> Html:
    return Html("".join(map(plain, parts)))


def tag(name: str, *inside: object, **attributes: str) -> Html:
    """An element; `class_` is its class, and an attribute that is empty is left out."""
    said = "".join(f' {key.rstrip("_")}="{plain(value)}"' for key, value in attributes.items() if value)
    return Html(f"<{name}{said}>{joined(*inside)}</{name}>")


def section(title: str, *inside: object, class_: str = "") -> Html:
    """A part of the page under its heading; nothing when there is nothing in it."""
    text = joined(*inside)
    return Html(f"\n{tag('section', tag('h2', title), text, class_=class_)}") if text else Html()


def table(heads: Sequence[object], rows: Iterable[Sequence[object]], *, words: int = 1, marked: object = None) -> Html:
    """Columns of which the first so many are words and the others numbers; `marked` begins the row that stands out."""
    head = tag("tr", *(_cell("th", each, place < words) for place, each in enumerate(heads)))
    lines = [
        tag("tr", *(_cell("td", each, place < words) for place, each in enumerate(row)), class_="marked" if row[0] == marked else "")
        for row in rows
    ]  # fmt: skip
    return wide(tag("table", tag("thead", head), "\n", tag("tbody", *(joined(line, "\n") for line in lines))))


def wide(made: Html) -> Html:
    """What may be wider than a telephone: it is moved there, and not the page."""
    return tag("div", made, class_="wide")


def _cell(name: str, value: object, is_words: bool) -> Html:  # noqa: FBT001 - by position
    return tag(name, value, class_="" if is_words else "n")


def pairs(rows: Iterable[tuple[object, object]]) -> Html:
    """Names with what they stand for; those that stand for nothing are left out."""
    lines = [joined(tag("dt", name), tag("dd", value)) for name, value in rows if value not in {None, ""}]
    return tag("dl", *lines) if lines else Html()


def sentences(lines: Iterable[object], kind: str = "ul") -> Html:
    """A list; nothing when there is nothing in it."""
    items = [tag("li", line) for line in lines]
    return tag(kind, *items) if items else Html()
