"""Turn pytest's XML report of the proofs into a table for people."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

COLUMNS = ("proof", "must", "measured", "result", "seconds")


def rows(report: Path) -> Iterator[tuple[str, ...]]:
    for case in ET.parse(report).iter("testcase"):
        said = {each.get("name"): each.get("value", "") for each in case.iter("property")}
        # The part of the package, then the test's name, which is a sentence.
        part = case.get("classname", "").removeprefix("tests.").replace(".", "/")
        sentence = case.get("name", "").removeprefix("test_").replace("_", " ")
        yield f"{part}: {sentence}", said.get("must", ""), said.get("measured", ""), result(case), case.get("time", "")


def result(case: ET.Element) -> str:
    for kind, word in (("failure", "FAILED"), ("error", "ERROR"), ("skipped", "skipped")):
        found = case.find(kind)
        if found is not None:
            return f"{word}: {(found.get('message') or '').splitlines()[0][:120]}" if found.get("message") else word
    return "ok"


def table(found: list[tuple[str, ...]]) -> str:
    lines = [COLUMNS, tuple("---" for _ in COLUMNS), *found]
    body = "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
    good = sum(row[3] == "ok" for row in found)
    return f"# Proofs\n\n{good} of {len(found)} ok, on {platform.platform()}, Python {platform.python_version()}.\n\n{body}\n"


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(table(list(rows(Path(sys.argv[1])))), encoding="utf-8")
