"""Who asks and the engine name the same formats; they must not import one another."""

from __future__ import annotations

import pytest

from workbench.engine.exports.formats import FORMATS
from workbench.launch.model_files import MODEL_FILES

pytestmark = pytest.mark.keras


def test_people_are_offered_what_the_engine_can_write() -> None:
    assert {name: each.suffix for name, each in FORMATS.items()} == {each.name: each.suffix for each in MODEL_FILES}
