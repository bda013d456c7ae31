"""From a recipe to a script of plain Keras: read this first.

The parts come in the order of the recipe: data, model, initializer, optimizer, schedule, tricks, training. Each appends its
cells; the constants they name are gathered in one block at the top. Only what the recipe uses is written. The same cells make
the notebook (notebook.py).
"""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.export.script import (
    initializers,
    optimizers,
    pretrained,
    randomness,
    schedules,
    training,
)  # fmt: skip
from workbench.export.script.data import writing as data
from workbench.export.script.draft import WIDTH, Draft, Section, comment, one_line
from workbench.export.script.network import writing as network
from workbench.export.script.tricks import accumulation, augmentation, averages, gradients, losses, mixing, resampling
from workbench.network.plan import plan, summary
from workbench.spec import presets
from workbench.spec.carried import scripts
from workbench.spec.presets import slug
from workbench.spec.recipe import STATION_TITLES, Recipe
from workbench.spec.said import meant, setting_at, value_text

#: Packages of each backend.
_BACKENDS = {"tensorflow": "tensorflow", "jax": "jax", "torch": "torch"}


@dataclass(frozen=True)
class Script:
    """A training as code: its parts, and what stands above them."""

    title: str
    about: str
    recipe: Recipe
    #: the recipe as a preset file has it
    toml: str
    #: what must be installed
    packages: tuple[str, ...]
    environment: str
    imports: str
    constants: str
    sections: tuple[Section, ...]

    def text(self) -> str:
        """The whole file."""
        install = f"pip install {' '.join(self.packages)}"
        about = textwrap.fill(self.about, WIDTH, break_long_words=False, break_on_hyphens=False)
        head = f'"""{self.title}\n\n{about}\n\n    {install}\n    python {slug(self.title)}.py\n"""'
        parts = [head, f"{self.environment}\n\n{self.imports}", _ruled("The recipe's values"), self.constants]
        for section in self.sections:
            parts.append(_ruled(section.title))
            parts += [f"{comment(cell.text)}\n{cell.code}" for cell in section.cells]
        return _spaced([part.strip("\n") for part in parts]) + f"\n\n\n{scripts.block(self.toml)}\n"


def write(recipe: Recipe, title: str, shape: tuple[int, int, int], classes: int, weights: Path | None = None) -> Script:
    """The script of a recipe for pictures of `shape` (height, width, channels), as the network sees them.

    `weights` is the file that an earlier run has kept, where the recipe starts from that.
    Raises ExportError where the recipe asks for something that no script can do, RecipeError where its network does not fit.
    """
    draft = Draft(recipe, plan(recipe, shape, classes))
    draft.section(STATION_TITLES["data"])
    data.write(draft)
    draft.section(STATION_TITLES["model"])
    randomness.write(draft)
    network.write(draft)
    draft.section(STATION_TITLES["initializer"])
    initializers.write(draft)
    pretrained.write(draft, weights)
    draft.section(STATION_TITLES["optimizer"])
    remade = optimizers.write(draft)
    draft.section(STATION_TITLES["schedule"])
    accumulation.sizes(draft, changes=schedules.changes(draft))
    schedules.write(draft)
    draft.section(STATION_TITLES["tricks"])
    resampling.write(draft)
    augmentation.write(draft)
    mixing.write(draft)
    loss = losses.write(draft)
    gradients.write(draft)
    accumulation.write(draft)
    averages.write(draft)
    draft.section(STATION_TITLES["training"])
    training.write(draft, loss, slug(title), remade)
    return _made(draft, one_line(title))


def _made(draft: Draft, title: str) -> Script:
    recipe = draft.recipe
    for line in ("import os", "import keras", "import math", "import numpy as np", "from keras import layers"):
        draft.needs(line)
    backend = recipe.training.backend
    packages = (*sorted(draft.packages - {"keras", "tensorflow"}), '"keras>=3.15.1,<3.16"', _BACKENDS[backend])
    reads = "data and weights" if "safetensors" in draft.packages else "the data"
    about = f"{summary(recipe, draft.plan)} on {recipe.data.TITLE}, written by Keras Workbench. It needs nothing but Keras, NumPy and what reads {reads}."
    return Script(
        title, about, recipe, presets.dump(recipe, title), packages, _environment(draft), _imports(draft), _constants(draft),
        tuple(section for section in draft.sections if section.cells),
    )  # fmt: skip


def _environment(draft: Draft) -> str:
    """What must be said before Keras is imported."""
    training = draft.recipe.training
    lines = ["import os", "", f'os.environ["KERAS_BACKEND"] = "{training.backend}"']
    if training.device == "cpu":
        lines.append('os.environ["CUDA_VISIBLE_DEVICES"] = "-1"  # the CPU, as the recipe says')
    if training.threads is not None and training.backend == "tensorflow":
        # TensorFlow reads them when it makes its first tensor.
        lines += [f'os.environ["TF_NUM_{kind}_THREADS"] = "{training.threads}"' for kind in ("INTRAOP", "INTEROP")]
    if training.deterministic and training.backend == "tensorflow":
        lines.append('os.environ["TF_DETERMINISTIC_OPS"] = "1"  # repeatable bit for bit on a GPU too, and slower')
    return "\n".join(lines)


def _imports(draft: Draft) -> str:
    draft.imports.discard("import os")
    own: list[str] = []
    other: list[str] = []
    for line in sorted(draft.imports, key=lambda line: (line.startswith("from"), line.lower())):
        (
            other
            if line.split()[1].split(".")[0] in {"keras", "numpy", "sklearn", "PIL", "safetensors", "tensorflow"}
            else own
        ).append(line)
    # One line for all that come from keras.
    taken = [line.removeprefix("from keras import ") for line in other if line.startswith("from keras import ")]
    other = [line for line in other if not line.startswith("from keras import ")]
    at = next((place for place, line in enumerate(other) if line.startswith("from")), len(other))
    other.insert(at, f"from keras import {', '.join(taken)}")
    return "\n".join([*own, "", *other])


def _constants(draft: Draft) -> str:
    lines: list[str] = []
    for station, title in STATION_TITLES.items():
        mine = [each for each in draft.constants.values() if each.station == station]
        if mine:
            lines.append(f"\n# {title}")
        if station == "model":
            lines.append(comment(_written_out(draft)))
        for each in mine:
            line = f"{each.name} = {each.code}"
            told = f"{line}  # {each.comment}"
            lines += [told] if len(told) <= WIDTH and "\n" not in line else [comment(each.comment), line]
    return "\n".join(lines)


def _written_out(draft: Draft) -> str:
    """The network's settings, which its code has taken up: there is no line that they could be changed in."""
    told = [
        f"{declared.label.lower()} {value_text(declared, now)}"
        for path, now in meant(draft.recipe).items()
        if path.startswith("model.") and path not in {"model.kind", "model.activation"}
        for declared in [setting_at(draft.recipe, path)]
    ]
    return f"{draft.recipe.model.TITLE}, written out below. It came from: {', '.join(told)}."


def _spaced(parts: Sequence[str]) -> str:
    """Parts one after the other: two empty lines around functions and classes, else one."""
    text = parts[0]
    for before, part in itertools.pairwise(parts):
        code = [line for line in part.split("\n") if not line.startswith("#")]
        apart = before.split("\n")[-1].startswith(" ") or (code and code[0].startswith(("def ", "class ", "@")))
        text += ("\n\n\n" if apart else "\n\n") + part
    return text


def _ruled(title: str) -> str:
    return f"\n# {f'--- {title} ':-<{WIDTH - 2}}"
