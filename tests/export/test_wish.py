"""What may be wished for, and the sentences about what may not."""

from dataclasses import replace

import pytest

from workbench.errors import ExportError
from workbench.export.wish import LANES, PRESETS, Wish


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"width_cm": 0.0}, "The width must be from 4 to 100 cm, got 0 cm."),
        ({"height_cm": float("nan")}, "The height must be from 3 to 100 cm, got no number."),
        ({"dpi": 5000.0}, "The resolution must be from 50 to 1200 dpi, got 5000 dpi."),
        ({"points": 2.0}, "The size of the text must be from 4 to 36 pt, got 2 pt."),
        ({"x": (5.0, 5.0)}, "The range of x must rise"),
        ({"y": (float("nan"), 5.0)}, "The range of y must rise"),
        ({"log": True, "y": (0.0, 5.0)}, "A logarithmic scale cannot begin at 0."),
        ({"lanes": ()}, "got none"),
        ({"lanes": ("loss", "colour")}, "got colour"),
        ({"height_cm": 3.0}, "3 lanes need at least 5.9 cm of height with text of 8 pt, got 3 cm."),
        ({"lanes": ("loss",), "height_cm": 3.0, "points": 12.0}, "1 lane needs at least"),
        ({"width_cm": 4.0, "points": 20.0, "height_cm": 60.0}, "Text of 20 pt needs a width of at least 9.0 cm"),
    ],
)
def test_what_cannot_be_drawn_is_said_in_a_sentence(changes, sentence):
    with pytest.raises(ExportError) as said:
        replace(Wish(), **changes).check()
    assert sentence in str(said.value)


def test_the_presets_and_the_default_can_be_drawn():
    sizes = [
        replace(Wish(), width_cm=preset.width_cm, height_cm=preset.height_cm, points=preset.points)
        for preset in PRESETS
    ]
    for wish in (Wish(), *sizes, replace(Wish(), lanes=LANES, height_cm=20.0)):
        assert wish.check() is None  # it raises what is wrong


def test_too_many_pixels_are_named_with_what_helps():
    with pytest.raises(ExportError, match=r"35,433 × 35,433 pixels; at most 100 million.*SVG or PDF"):
        Wish(width_cm=75, height_cm=75, dpi=1200).check_pixels()
