"""Text of strangers, made fit to be shown: names of files, layers and settings may hold anything. Knows nothing of who shows it.

Control characters move a terminal's cursor or hide a line; marks that turn the direction of reading make "gpj.exe" look like
"exe.jpg". Markup is left as it is: whoever shows a text shows it as plain text.
"""

from __future__ import annotations

import unicodedata

#: As much of a name as reads well in a sentence.
LONGEST = 120
#: Controls, marks of direction and the like, halves of characters, ends of lines and paragraphs.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
#: What keeps letters apart or joins them, which scripts and emoji need.
_JOINING = frozenset("\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}")


def plain(text: str, longest: int = LONGEST) -> str:
    """A stranger's text as one line of visible characters, cut when it is long."""
    # Cut before it is looked at: a text of a gigabyte is not walked through for the sake of a hundred characters.
    head = text[: 4 * longest]
    shown = " ".join("".join("\N{REPLACEMENT CHARACTER}" if unseen(each) else each for each in head).split())
    return shown if len(shown) <= longest and len(head) == len(text) else f"{shown[: longest - 1]}…"


def unseen(letter: str) -> bool:
    """Whether a character is none that one sees; a space is one."""
    return unicodedata.category(letter) in _UNSEEN and letter not in _JOINING


def is_plain(text: str) -> bool:
    """Whether a text can be shown as it is."""
    return not any(unseen(each) for each in text)


def whole(text: str) -> str:
    """A text as files and the journal take it: halves of characters, which an argument may hold, become a mark."""
    return "".join("\N{REPLACEMENT CHARACTER}" if unicodedata.category(each) == "Cs" else each for each in text)
