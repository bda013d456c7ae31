"""WHAT: every setting of a run, declared once, with its unit, limits, meaning and when to use it."""

from workbench.spec.base import Choice, Setting, Spec, Value
from workbench.spec.presets import Preset
from workbench.spec.recipe import Recipe

__all__ = ["Choice", "Preset", "Recipe", "Setting", "Spec", "Value"]
