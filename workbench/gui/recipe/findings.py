"""Says what is wrong in the form: under the rows, on the section headers, and in one sentence for Start.

Sentences come from the spec with paths in them; on screen a setting is called by its label.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from workbench.errors import Problem
from workbench.gui.recipe.section import Section


class Findings:
    """The words and places of problems."""

    def __init__(self, sections: Mapping[str, Section]) -> None:
        self._sections = sections

    def show(self, problems: Sequence[Problem], remarks: Sequence[Problem]) -> None:
        """A sentence under each row that is wrong, also where another row's sentence names it, or that has a remark."""
        sentences: dict[str, str] = {}
        known = sorted(self._labels(), key=len, reverse=True)
        for problem in problems:
            spoken = self.spoken(problem.sentence)
            sentences.setdefault(problem.path, spoken)
            for path in known:
                if path != problem.path and path in problem.sentence:
                    sentences.setdefault(path, self._from_afar(problem))
        for section in self._sections.values():
            section.show_problems(sentences, {each.path: self.spoken(each.sentence) for each in remarks})

    def mark(self, changed: set[str], problems: Sequence[Problem]) -> None:
        """Dots and triangles on the section headers; `changed` names stations."""
        wrong = {problem.path.split(".", 1)[0]: problem.sentence for problem in reversed(problems)}
        for station, section in self._sections.items():
            section.set_marks(
                changed=station in changed, problem=self.spoken(wrong[station]) if station in wrong else ""
            )

    def explain(self, problems: Sequence[Problem]) -> str:
        """What is wrong, in a sentence with the name on screen; empty when nothing is."""
        if not problems:
            return ""
        first, more = problems[0], len(problems) - 1
        rest = f" And {more} more." if more else ""
        return f"{self._from_afar(first)}{rest}"

    def _from_afar(self, problem: Problem) -> str:
        """A problem where its own row is not in sight."""
        spoken = self._with_labels(problem.sentence)
        return f"{self._labels().get(problem.path, problem.path)}: {spoken}" if problem.path else spoken

    def spoken(self, sentence: str) -> str:
        """A sentence with names from the screen in place of paths."""
        sentence = self._with_labels(sentence)
        return sentence[:1].upper() + sentence[1:]

    def _with_labels(self, sentence: str) -> str:
        for path, label in self._labels().items():
            if path in sentence:
                sentence = sentence.replace(path, f"{label} ({self._sections[path.split('.', 1)[0]].title})")
        return sentence

    def _labels(self) -> dict[str, str]:
        """Names on screen by path, parameters before the switches whose path begins alike."""
        labels: dict[str, str] = {}
        for section in self._sections.values():
            labels |= {path: row.declared.label for path, row in section.rows.items()}
            tricks = {path: trick for path, trick in section.tricks.items() if path.endswith(".on")}
            labels |= {path.removesuffix(".on"): trick.head.label.text() for path, trick in tricks.items()}
        return labels
