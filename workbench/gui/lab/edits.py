"""The lab's settings while they are edited: what they are, what they were saved as, what is wrong; no widgets.

The lab is always a valid one: what is wrong is told and stays in its field, while the last valid lab goes on being shown.
"""

from __future__ import annotations

from dataclasses import dataclass

from workbench.errors import Problem, RecipeError
from workbench.spec import lab_presets
from workbench.spec.base import Value
from workbench.spec.lab import Lab, Racer
from workbench.spec.lab_presets import RULES, LabPreset


@dataclass(frozen=True)
class _Wrong:
    """What a field holds that is no value, or none that is allowed."""

    value: Value
    text: str | None
    problem: Problem


class LabEdits:
    """See the module."""

    def __init__(self, preset: LabPreset) -> None:
        self.preset = preset
        self.lab = preset.lab
        self._wrong: dict[str, _Wrong] = {}
        #: the values of the labs they were last told of: a form asks for each of them at every change
        self._told: dict[str, tuple[Lab, dict[str, Value]]] = {}
        #: whether the last change was a move that goes on
        self._moving = False
        self._past: list[Lab] = []
        self._future: list[Lab] = []

    @property
    def problems(self) -> tuple[Problem, ...]:
        return tuple(each.problem for each in self._wrong.values())

    @property
    def now(self) -> dict[str, Value]:
        """Every setting of the lab by its path; not to be changed."""
        return self._values("now", self.lab)

    def _values(self, which: str, lab: Lab) -> dict[str, Value]:
        told = self._told.get(which)
        if told is None or told[0] is not lab:
            told = self._told[which] = lab, values(lab)
        return told[1]

    @property
    def changes(self) -> dict[str, Value]:
        """The settings that differ from the preset, with the saved value; of a racer it has not, None."""
        now, saved = self.now, self._values("saved", self.preset.lab)
        return {
            path: saved.get(path)
            for path in now | saved
            if path not in now or path not in saved or now[path] != saved[path]
        }

    def value(self, path: str) -> tuple[Value, str | None]:
        """What a field shows: a value, or a text that is none."""
        wrong = self._wrong.get(path)
        return (wrong.value, wrong.text) if wrong else (self.now.get(path), None)

    def set(self, path: str, value: Value) -> bool:
        """Change a setting; whether the lab is another one now."""
        try:
            lab = lab_presets.edited(self.lab, path, value)
        except RecipeError as error:
            self._wrong[path] = _Wrong(value, None, error.problems[0])
            return False
        self._wrong.pop(path, None)
        return self.replace(lab)

    def set_text(self, path: str, text: str) -> None:
        """A field holds something that is no value."""
        self._wrong[path] = _Wrong(None, text, Problem(path, f"must be a number, got {text!r}."))

    def move(self, lab: Lab) -> bool:
        """As `replace`, but all moves until `seal`, or until another change, are undone as one."""
        if not self._moving:
            self._moving = self.replace(lab)
            return self._moving
        moved = lab != self.lab
        self.lab = lab
        return moved

    def seal(self) -> None:
        """What is moved next is a change of its own."""
        self._moving = False

    def replace(self, lab: Lab) -> bool:
        """Another lab as a whole, which can be undone; whether it is another."""
        self._moving = False
        if lab == self.lab:
            return False
        self._past.append(self.lab)
        del self._past[:-200]
        self._future.clear()
        self.lab = lab
        return True

    def fill(self, lab: Lab) -> bool:
        """Another lab in place of all that is there, also of what is wrong; whether it is another."""
        self._wrong.clear()
        return self.replace(lab)

    def load(self, preset: LabPreset) -> None:
        """Take a preset; undo brings back what was there."""
        self.preset = preset
        self._wrong.clear()
        self.replace(preset.lab)

    def undo(self) -> bool:
        return self._move(self._past, self._future)

    def redo(self) -> bool:
        return self._move(self._future, self._past)

    def _move(self, source: list[Lab], target: list[Lab]) -> bool:
        if not source:
            return False
        self._wrong.clear()
        self._moving = False
        target.append(self.lab)
        self.lab = source.pop()
        return True

    # --- racers ---------------------------------------------------------------------------------------------

    def add(self, method: str) -> str:
        """Another racer of a method, with its declared numbers; its name."""
        name, number = method, 2
        while name in self.lab.racers:
            name, number = f"{method}_{number}", number + 1
        racers = {**self.lab.racers, name: Racer(on=True, rule=RULES[method]())}  # type: ignore[arg-type] # one of the union
        self.replace(self.lab.model_copy(update={"racers": racers}))
        return name

    def remove(self, name: str) -> None:
        self._wrong = {path: wrong for path, wrong in self._wrong.items() if not path.startswith(f"lab.{name}.")}
        self.replace(
            self.lab.model_copy(update={"racers": {key: each for key, each in self.lab.racers.items() if key != name}})
        )


def values(lab: Lab) -> dict[str, Value]:
    """Every setting by its path."""
    found: dict[str, Value] = {f"lab.{name}": value for name, value in lab.landscape.model_dump().items()}
    for name, racer in lab.racers.items():
        found[f"lab.{name}"] = racer.on
        found |= {f"lab.{name}.{key}": value for key, value in racer.rule.model_dump().items() if key != "method"}
    return found
