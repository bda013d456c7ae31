"""What people put on a run to find it again: tags, a note, a pin. A fork or a resume knows nothing of them."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable

from workbench.errors import WorkspaceError
from workbench.journal.store import Journal
from workbench.plain import whole

LONGEST_TAG = 40
MOST_TAGS = 20
LONGEST_NOTE = 4000


def tags_in(text: str) -> tuple[str, ...]:
    """The tags that a person typed, parted by spaces or commas: "#holiday, best" is ("holiday", "best").

    Each comes once, whatever its capitals. Raises WorkspaceError when one is too long or there are too many.
    """
    found: dict[str, str] = {}
    for word in text.replace(",", " ").split():
        tag = _printable(word).lstrip("#")
        if len(tag) > LONGEST_TAG:
            raise WorkspaceError(f"The tag {tag[:LONGEST_TAG]}… is too long: at most {LONGEST_TAG} letters.")
        if tag:
            found.setdefault(tag.casefold(), tag)
    if len(found) > MOST_TAGS:
        raise WorkspaceError(f"These are {len(found)} tags; a run can have at most {MOST_TAGS}. Leave some out.")
    return tuple(found.values())


def set_tags(journal: Journal, run: str, tags: Iterable[str]) -> tuple[str, ...]:
    """Give a run these tags and no others; the tags it has now. Raises WorkspaceError."""
    wanted = tags_in(" ".join(tags))
    journal.write("UPDATE runs SET tags = ? WHERE id = ?", json.dumps(wanted), run)
    return wanted


def add_tags(journal: Journal, run: str, tags: Iterable[str]) -> tuple[str, ...]:
    """Give a run these tags as well; the tags it has now. Raises WorkspaceError."""
    with journal.transaction():
        return set_tags(journal, run, (*journal.run(run).tags, *tags))


def remove_tags(journal: Journal, run: str, tags: Iterable[str]) -> tuple[str, ...]:
    """Take these tags from a run, whatever their capitals; the tags it has now. Raises WorkspaceError."""
    gone = {tag.casefold() for tag in tags_in(" ".join(tags))}
    with journal.transaction():
        return set_tags(journal, run, [tag for tag in journal.run(run).tags if tag.casefold() not in gone])


def set_note(journal: Journal, run: str, note: str) -> None:
    """Write a note on a run in place of the one it has; an empty one takes it away. Raises WorkspaceError."""
    lines = [_printable(line).rstrip() for line in note.expandtabs(4).splitlines()]
    text = "\n".join(lines).strip()
    if len(text) > LONGEST_NOTE:
        raise WorkspaceError(f"The note has {len(text):,} letters; at most {LONGEST_NOTE:,} are kept. Shorten it.")
    journal.write("UPDATE runs SET note = ? WHERE id = ?", text, run)


def pin(journal: Journal, run: str, *, pinned: bool) -> None:
    """Keep a run on top of the table, or no longer."""
    journal.write("UPDATE runs SET pinned = ? WHERE id = ?", pinned, run)


def _printable(text: str) -> str:
    return "".join(letter for letter in whole(text) if unicodedata.category(letter) != "Cc")
