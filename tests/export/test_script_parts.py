"""What a script says and refuses: a part for every declared method, no name that is not there, and its recipe back."""

from __future__ import annotations

import ast
import inspect
import json
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from workbench.errors import ExportError, RecipeError
from workbench.export.script import notebook, schedule_free
from workbench.export.script.data.writing import READERS
from workbench.export.script.initializers import EXPRESSIONS
from workbench.export.script.network.lines import LINES
from workbench.export.script.optimizers import METHODS
from workbench.export.script.schedules import SHARES
from workbench.export.script.writing import Script, write
from workbench.network import layers, maps
from workbench.spec import carried
from workbench.spec.recipe import Recipe, changed, parse, spec_classes

SHAPE, CLASSES = (64, 64, 3), 5
#: Tables that a method needs beside it.
BESIDE = {
    "folder": {"data": {"kind": "folder", "path": "/pictures"}}, "npz": {"data": {"kind": "npz", "path": "/a.npz"}},
    "mask_folder": {"data": {"kind": "mask_folder", "path": "/pictures"}, "model": {"kind": "unet"}},
    "shape_masks": {"model": {"kind": "unet"}}, "unet": {"data": {"kind": "shape_masks"}},
    "fcn_masks": {"data": {"kind": "shape_masks"}}, "stochastic_depth": {"model": {"kind": "resnet"}},
}  # fmt: skip
CHOOSERS = {"data": "kind", "model": "kind", "initializer": "kind", "optimizer": "method", "schedule": "kind"}
EVERY = [(station, word) for station in (*CHOOSERS, "tricks") for word in spec_classes(station)]


def recipe_with(station: str, word: str) -> Recipe:
    tree = {each: dict(table) for each, table in BESIDE.get(word, {}).items()}
    tree.setdefault(station, {})
    tree[station] |= {word: {}} if station == "tricks" else {CHOOSERS[station]: word}
    return parse(tree)


def script(recipe: Recipe, title: str = "A run") -> Script:
    return write(recipe, title, SHAPE, CLASSES)


def test_every_declared_method_has_its_part() -> None:
    for table, station in (
        (READERS, "data"),
        (EXPRESSIONS, "initializer"),
        (METHODS, "optimizer"),
        (SHARES, "schedule"),
    ):
        assert set(table) == set(spec_classes(station).values()), station


def test_every_kind_of_layer_has_its_line() -> None:
    kinds = {
        each
        for module in (layers, maps)
        for each in vars(module).values()
        if isinstance(each, type) and issubclass(each, layers.Kind) and each is not layers.Kind
    }
    assert set(LINES) == kinds


def test_a_script_of_any_method_uses_no_name_that_is_not_there_and_none_for_nothing(tmp_path: Path) -> None:
    for station, word in EVERY:
        (tmp_path / f"{station}_{word}.py").write_text(script(recipe_with(station, word)).text(), "utf-8")
    for start, kind, variant in (
        ("file", "resnet_imagenet", "resnet50"),
        ("imagenet", "densenet_imagenet", "densenet121"),
    ):
        table = {"start": start, "file": "a.safetensors", "layers": 20, "freeze": "for_epochs"}
        trained = parse({"model": {"kind": kind, "variant": variant}, "initializer": table})
        (tmp_path / f"from_{start}.py").write_text(script(trained).text(), "utf-8")
    # Names that are not there, imports and variables that nothing reads, and lines that are too long to read.
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "E,F,W", "--line-length", "130", str(tmp_path)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:]


@pytest.mark.parametrize(("station", "word"), EVERY)
def test_a_script_imports_nothing_but_keras_numpy_and_what_reads_the_data(station: str, word: str) -> None:
    tree = ast.parse(script(recipe_with(station, word)).text())
    modules = {
        name.name.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names
    }
    modules |= {str(node.module).split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert modules - sys.stdlib_module_names <= {"keras", "numpy", "PIL", "sklearn"}


def test_only_mish_which_tensorflow_cannot_fuse_makes_a_script_speak_to_tensorflow() -> None:
    mish = script(parse({"model": {"kind": "resnet", "activation": "mish"}})).text()
    assert "import tensorflow as tf" in mish
    assert "tensorflow as tf" not in script(parse({"model": {"kind": "resnet"}})).text()


@pytest.mark.parametrize(
    ("method", "normalization", "backend", "there"),
    [
        ("sgd", "batch", "tensorflow", True),
        ("sgd", "group", "tensorflow", True),
        ("sgd", "none", "tensorflow", False),
        ("adam", "batch", "tensorflow", False),
        ("sgd", "batch", "jax", False),
    ],
)
def test_a_clip_that_clips_nothing_is_there_only_where_tensorflow_would_round_otherwise(
    method: str, normalization: str, backend: str, there: bool
) -> None:
    tables = {
        "optimizer": {"method": method},
        "model": {"normalization": normalization},
        "training": {"backend": backend},
    }
    assert ("clipvalue=" in script(parse(tables)).text()) == there


def test_every_constant_is_read_by_the_code() -> None:
    for station, word in EVERY:
        made = script(recipe_with(station, word))
        code = "\n".join(cell.code for section in made.sections for cell in section.cells)
        read = {node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)}
        names = {node.targets[0].id for node in ast.parse(made.constants).body if isinstance(node, ast.Assign)}
        assert names <= read, (station, word, names - read)


def test_what_is_off_is_not_written() -> None:
    text = script(Recipe()).text()
    for word in ("mixup", "cutmix", "plateau", "erasing", "clipped", "penalized", "accumul", "Plateau", "class_weight"):
        assert word not in text.split("# --- recipe of Keras Workbench")[0], word


def test_the_same_recipe_gives_the_same_file() -> None:
    assert script(Recipe()).text() == script(Recipe()).text()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"initializer.run": "3", "initializer.start": "run"},
            "initializer.run is 3, whose weights are not there any more",
        ),
        ({"data.kind": "folder"}, "data.path is empty; choose the folder or file first"),
        (
            {"tricks.gradient_noise": True, "training.backend": "jax"},
            "tricks.gradient_noise can be written for TensorFlow only",
        ),
        (
            {"tricks.gradient_accumulation": True, "training.backend": "jax"},
            "tricks.gradient_accumulation cannot be written for JAX",
        ),
    ],
)
def test_what_no_script_can_do_is_refused_with_a_sentence(changes: dict[str, object], sentence: str) -> None:
    recipe = Recipe()
    for path, value in changes.items():
        recipe = changed(recipe, path, value)
    with pytest.raises(ExportError, match=sentence):
        script(recipe)


def test_the_schedule_free_step_is_the_engine_s() -> None:
    """Its body, with the types and words left out."""
    pytest.importorskip("keras")
    from workbench.engine.schedule_free import ScheduleFreeAdamW

    ours, theirs = (
        ast.parse(textwrap.dedent(code)) for code in (schedule_free.CODE, inspect.getsource(ScheduleFreeAdamW))
    )
    assert methods(ours) == methods(theirs)


def methods(tree: ast.Module) -> dict[str, str]:
    (made,) = tree.body
    assert isinstance(made, ast.ClassDef)
    found = {}
    for each in made.body:
        if isinstance(each, ast.FunctionDef):
            words = [
                line for line in each.body if not (isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant))
            ]
            found[each.name] = "\n".join(map(ast.unparse, words))
    return found


# --- the recipe in it ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("station", "word"), EVERY)
def test_the_recipe_comes_back_from_script_and_notebook(tmp_path: Path, station: str, word: str) -> None:
    recipe = recipe_with(station, word)
    made = script(recipe, 'He said "λ"\n# not \\ this\n"""')
    for name, text in (("a.py", made.text()), ("a.ipynb", notebook.text(made))):
        (tmp_path / name).write_text(text, "utf-8")
        assert carried.preset_in(tmp_path / name).recipe == recipe


def test_a_path_with_odd_signs_comes_back_and_stays_a_text(tmp_path: Path) -> None:
    path = '/a\u2028b\x85c"; import os #\t\\'
    recipe = parse({"data": {"kind": "folder", "path": path}})
    made = script(recipe)
    (tmp_path / "a.py").write_text(made.text(), "utf-8", newline="\r\n")
    assert carried.preset_in(tmp_path / "a.py").recipe == recipe
    names: dict[str, object] = {}
    exec(made.constants, names)
    assert names["PATH"] == path


def test_a_title_that_looks_like_code_stays_words(tmp_path: Path) -> None:
    made = script(Recipe(), 'x"""\nimport os; os.remove("a")\n"""')
    tree = ast.parse(made.text())
    assert "remove" not in {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert "import os; os.remove" in (ast.get_docstring(tree) or "")


def test_a_recipe_that_was_changed_for_the_worse_says_where(tmp_path: Path) -> None:
    text = script(Recipe()).text().replace("# epochs = 20", "# epochs = -1")
    (tmp_path / "a.py").write_text(text, "utf-8")
    with pytest.raises(RecipeError, match=r"training\.epochs: must be at least 1"):
        carried.preset_in(tmp_path / "a.py")


def test_a_notebook_is_one_by_the_format_and_explains_each_choice() -> None:
    tree = json.loads(notebook.text(script(changed(Recipe(), "tricks.dropout", True))))
    assert (tree["nbformat"], tree["nbformat_minor"]) == (4, 5)
    assert len({cell["id"] for cell in tree["cells"]}) == len(tree["cells"])
    words = "".join("".join(cell["source"]) for cell in tree["cells"] if cell["cell_type"] == "markdown")
    for spec in (Recipe().data, Recipe().model, Recipe().optimizer, Recipe().tricks.dropout):
        assert spec.TITLE in words
        assert spec.MEANING.split(",")[0].split("(")[0].strip()[:30] in words
    code = ["".join(cell["source"]) for cell in tree["cells"] if cell["cell_type"] == "code"]
    assert "nvidia-smi" in code[0]
    assert "matplotlib" in code[-1]


def test_own_pictures_come_to_colab_by_upload_or_from_the_drive() -> None:
    text = notebook.text(script(recipe_with("data", "folder")))
    assert "drive.mount" in text
    assert "files.upload" in text
    assert "drive.mount" not in notebook.text(script(Recipe()))
