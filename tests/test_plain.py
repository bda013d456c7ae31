"""Text of strangers becomes one line that can be shown, and what people write stays as it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.plain import LONGEST, is_plain, plain


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b[31m\n\u202egnp.exe", "a�[31m��gnp.exe"), ("  two   words\t", "two words�"), ("\u2028", "�"), ("👩‍🚀 שלום", "👩‍🚀 שלום"),
        ("<b>x</b>", "<b>x</b>"), ("\udcff", "�"), ("", ""),
    ],
)  # fmt: skip
def test_what_steers_a_terminal_or_turns_a_line_is_shown_as_a_mark(text: str, shown: str) -> None:
    assert plain(text) == shown


@given(st.text(max_size=600))
def test_what_is_shown_is_plain_and_short_and_stays_what_it_is(text: str) -> None:
    shown = plain(text)
    assert is_plain(shown)
    assert len(shown) <= LONGEST
    assert plain(shown) == shown


def test_a_long_text_is_cut_without_looking_through_it() -> None:
    assert plain("x" * 50_000_000) == f"{'x' * (LONGEST - 1)}…"
