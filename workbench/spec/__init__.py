"""WHAT: every setting of a run, declared once, with its unit, limits, meaning and when to use it."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.spec.base import Choice, Setting, Spec, Value
    from workbench.spec.presets import Preset
    from workbench.spec.recipe import Recipe

__all__ = ["Choice", "Preset", "Recipe", "Setting", "Spec", "Value"]
_HOMES = {"Preset": "presets", "Recipe": "recipe"}


def __getattr__(name: str) -> Any:
    # Found when asked for: a process that needs one station only, and is waited for, does without the others.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(importlib.import_module(f"{__name__}.{_HOMES.get(name, 'base')}"), name)
    globals()[name] = found
    return found
