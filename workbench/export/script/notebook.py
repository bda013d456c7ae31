"""The same code as a notebook: cells of code with cells of text that explain each choice, ready for Google Colab.

Written as plain JSON (nbformat 4.5): a notebook is a list of cells. Added to the script's cells are a first one that installs what
is missing and looks for a GPU, one that brings own pictures, and the curves at the end.
"""

from __future__ import annotations

import json
from typing import Any

from workbench.export.script.draft import Cell, Section
from workbench.export.script.writing import Script
from workbench.spec import data as specs
from workbench.spec.base import Spec
from workbench.spec.carried import scripts
from workbench.spec.recipe import STATION_TITLES, Recipe, chooser_of
from workbench.spec.said import meant, setting_at, value_text
from workbench.spec.tricks import Tricks

_INSTALL = """
import importlib.util
import shutil
import subprocess
import sys

# Only what is missing is fetched; on Google Colab nearly all is there.
needed = {needed}
missing = [package for module, package in needed.items() if importlib.util.find_spec(module) is None]
if missing:
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", *missing], check=True)

if shutil.which("nvidia-smi"):
    print(subprocess.run(["nvidia-smi", "--list-gpus"], capture_output=True, text=True).stdout or "No GPU answers.")
else:
    print("No GPU here: training runs on the CPU. On Colab choose Runtime, Change runtime type, and a GPU.")
"""
#: The station of a section, by its title.
_STATIONS = {title: station for station, title in STATION_TITLES.items()}
_MODULES = {"Pillow": "PIL", "scikit-learn": "sklearn"}
_BRING = """
import os
import sys
import zipfile

if not os.path.exists(os.path.expanduser(PATH)) and "google.colab" in sys.modules:
    from google.colab import drive, files

    drive.mount("/content/drive")
    if PATH.startswith("/content/drive/"):
        assert os.path.exists(PATH), "There is no such folder on the drive."
    else:
        print("Choose {what}:")
        (name,) = files.upload()
        if name.endswith(".zip"):
            with zipfile.ZipFile(name) as archive:
                archive.extractall("pictures")
            inside = [entry for entry in os.scandir("pictures") if not entry.name.startswith(("__", "."))]
            # A zip often holds one folder with everything in it.
            PATH = inside[0].path if len(inside) == 1 and inside[0].is_dir() else "pictures"
        else:
            PATH = name
"""
_BRING_WEIGHTS = """
import os
import sys

if not os.path.exists(os.path.expanduser(WEIGHTS)) and "google.colab" in sys.modules:
    from google.colab import files

    print("Choose the weights:")
    (WEIGHTS,) = files.upload()
"""
_CURVES = """
import matplotlib.pyplot as plt

names = [name.removeprefix("val_") for name in history[-1] if name.startswith("val_")] or ["loss"]
figure, axes = plt.subplots(1, len(names), figsize=(5 * len(names), 3.5), squeeze=False)
for axis, name in zip(axes[0], names):
    for label, key in (("training", name), ("validation", f"val_{name}")):
        points = [(each["epoch"], each[key]) for each in history if key in each]
        if points:
            axis.plot(*zip(*points), marker="o", markersize=3, label=label)
    axis.set(xlabel="epoch", title=name)
    axis.legend()
figure.tight_layout()
plt.show()
"""


def text(script: Script) -> str:
    """The whole file."""
    cells = [_words(f"# {_plain(script.title)}\n\n{_plain(script.about)}")]
    cells += [
        _words("## Set-up\n\nInstalls what is missing and says whether there is a GPU."), _code(_INSTALL.format(needed=_needed(script))),
        _code(f"{script.environment}\n\n{script.imports}"),
        _words("## The recipe's values\n\nEvery number that the code below calls by name. Change one here, and run all cells again."),
        _code(script.constants),
    ]  # fmt: skip
    for section in script.sections:
        cells.append(_words(f"## {section.title}\n\n{_choices(script.recipe, section)}".rstrip()))
        cells += _brought(script.recipe, section)
        for cell in section.cells:
            cells += _explained(cell)
    cells += [
        _words(
            "## Curves\n\nWhere the curve of validation turns up while that of training falls, the network begins to learn by heart."
        ),
        _code(_CURVES),
    ]
    tree = {
        "cells": [{**cell, "id": f"cell-{number}"} for number, cell in enumerate(cells)],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"}, "accelerator": "GPU", "colab": {"provenance": []},
            **scripts.metadata(script.toml),
        },
        "nbformat": 4, "nbformat_minor": 5,
    }  # fmt: skip
    return json.dumps(tree, ensure_ascii=False, indent=1) + "\n"


def _needed(script: Script) -> str:
    """Modules and the packages that bring them, as code."""
    found = {_MODULES.get(package, package): package for package in script.packages if "keras" not in package}
    return repr({**found, "keras": "keras>=3.15.1,<3.16", "matplotlib": "matplotlib"})


def _brought(recipe: Recipe, section: Section) -> list[dict[str, Any]]:
    """The cells that bring a person's own pictures or weights to Colab."""
    station = _STATIONS[section.title]
    if station == "initializer" and recipe.initializer.start in {"run", "file"}:
        told = "On Google Colab: choose the `.safetensors` file that `WEIGHTS` names when you are asked."
        return [_words(told), _code(_BRING_WEIGHTS)]
    if station != "data" or not isinstance(recipe.data, specs.Folder | specs.MaskFolder | specs.Npz):
        return []
    what = "the .npz file" if isinstance(recipe.data, specs.Npz) else "a zip file of the folder"
    told = (
        "On Google Colab: set `PATH` above to a place on your drive that begins with `/content/drive/MyDrive`, or leave it and "
        f"choose {what} when you are asked."
    )
    return [_words(told), _code(_BRING.format(what=what))]


def _choices(recipe: Recipe, section: Section) -> str:
    """What was chosen in a station, and when that is right, in the words of the declarations."""
    station = _STATIONS[section.title]
    part = getattr(recipe, station)
    specs_on = (
        [trick for name in Tricks.model_fields if (trick := getattr(part, name)).on]
        if isinstance(part, Tricks)
        else [part]
    )
    if not specs_on:
        return "No trick is on."
    return "\n\n".join(_told(spec) for spec in specs_on) + _table(recipe, station)


def _told(spec: Spec) -> str:
    found = f"**{_plain(spec.TITLE)}.** {_plain(spec.MEANING)}"
    found += f"\n\n*Use it:* {_plain(spec.USE)}" if spec.USE else ""
    return found + (f" *Leave it:* {_plain(spec.LEAVE)}" if spec.LEAVE else "")


def _table(recipe: Recipe, station: str) -> str:
    """The settings of a station with their values and meanings."""
    rows = []
    for path, now in meant(recipe).items():
        name = path.rpartition(".")[2]
        if (
            path.partition(".")[0] != station
            or name in {"on", chooser_of(station)}
            or (station == "tricks" and not _is_on(recipe, path))
        ):
            continue
        declared = setting_at(recipe, path)
        rows.append(f"| {_plain(declared.label)} | {_plain(value_text(declared, now))} | {_plain(declared.meaning)} |")
    return "\n\n| Setting | Value | Meaning |\n|---|---|---|\n" + "\n".join(rows) if rows else ""


def _is_on(recipe: Recipe, path: str) -> bool:
    return bool(getattr(recipe.tricks, path.split(".")[1]).on)


def _explained(cell: Cell) -> list[dict[str, Any]]:
    return [_words(_plain(cell.text)), _code(cell.code)]


def _words(source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": _lines(source)}


def _code(source: str) -> dict[str, Any]:
    return {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": _lines(source)}


def _lines(source: str) -> list[str]:
    return source.strip("\n").splitlines(keepends=True)


def _plain(words: str) -> str:
    """Words as they are: nothing in them is markup, and a bar does not end a table's cell."""
    for sign in "\\`*_<>[]|$":
        words = words.replace(sign, f"\\{sign}")
    return " ".join(words.split())
