"""The recipe in a drawing and in a page: as the text of one element. A drawing of the descent lab has its settings there.

    .svg      <metadata id="workbench.recipe">, or "workbench.lab"
    .html     <pre id="workbench.recipe">, where people read it as well

The element is looked for as text. No parser of XML or HTML sees the file, so nothing in it is expanded, fetched or run.
"""

from __future__ import annotations

import html
import re
from pathlib import Path

from workbench.spec.carried.block import LAB, LARGEST_ESCAPED, RECIPE, whole

_ELEMENT = {
    name: re.compile(
        rb'<(metadata|pre)\s[^<>]{0,200}?\bid="' + re.escape(name).encode() + rb'"[^<>]{0,200}>([^<]*)</\1\s?>'
    )
    for name in (RECIPE, LAB)
}
#: No XML may hold these, however written; within a TOML string, where alone they can stand, they have another way.
_NOT_IN_XML = {0xFFFE: "\\ufffe", 0xFFFF: "\\uffff"}


def in_element(tag: str, toml: str, name: str = RECIPE) -> str:
    """The element of a drawing (metadata) or a page (pre)."""
    return f'<{tag} id="{name}">{html.escape(toml.translate(_NOT_IN_XML), quote=False)}</{tag}>'


def into_svg(svg: bytes, toml: str, name: str = RECIPE) -> bytes:
    """A drawing that carries a recipe, or what `name` says, as its first part."""
    place = svg.index(b">", svg.index(b"<svg")) + 1
    return svg[:place] + b"\n " + in_element("metadata", toml, name).encode() + svg[place:]


def from_page(path: Path, name: str = RECIPE) -> dict[str, str]:
    found = _ELEMENT[name].search(whole(path))
    if found is None or len(found[2]) > LARGEST_ESCAPED:
        return {}
    return {name: html.unescape(found[2].decode())}
