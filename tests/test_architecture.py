"""Who may know whom, tested twice: by reading the imports and by running them.

Reading (import-linter, contracts in pyproject.toml) sees imports inside functions that no test calls. Running sees what a
re-export in a root, an import by name or a third package drags in.
"""

import ast
import json
import pkgutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "workbench"
PARTS = sorted(
    module.name for module in pkgutil.iter_modules([str(PACKAGE)]) if module.name not in {"__main__", "engine"}
)

NUMERIC = {"keras", "tensorflow", "jax", "jaxlib", "torch"}
QT = {"PySide6", "shiboken6", "pyqtgraph"}
ABOVE_THE_JOURNAL = {"gui", "cli", "launch", "curves", "results", "export"}

#: Imports every module of a part and tells what is loaded then: top-level packages and our own parts.
LOOK = """
import importlib, json, pkgutil, sys
name = sys.argv[1]
root = importlib.import_module(name)
for module in pkgutil.walk_packages(getattr(root, "__path__", []), name + "."):
    if module.name.rsplit(".", 1)[-1] not in sys.argv[2:]:
        importlib.import_module(module.name)
own = {each.split(".")[1] for each in sys.modules if each.startswith("workbench.")}
print(json.dumps([sorted({each.split(".")[0] for each in sys.modules}), sorted(own)]))
"""


def fresh(name: str, *without: str) -> tuple[set[str], set[str]]:
    """What a new interpreter holds after importing all of a part: packages, and parts of ours."""
    command = [sys.executable, "-c", LOOK, name, *without]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, f"importing {name} fails:\n{done.stderr[-2000:]}"
    packages, own = json.loads(done.stdout.splitlines()[-1])
    return set(packages), set(own)


@cache
def loaded_by(part: str) -> tuple[set[str], set[str]]:
    return fresh(f"workbench.{part}")


def test_the_import_contracts_hold():
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-cache"],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


def test_the_root_imports_nothing():
    tree = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    assert "import" not in {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def test_importing_the_root_loads_no_part_of_ours():
    code = "import sys, workbench; print([each for each in sys.modules if each.startswith('workbench.')])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("part", PARTS)
def test_a_part_loads_no_keras_and_no_backend(part):
    assert not loaded_by(part)[0] & NUMERIC


@pytest.mark.parametrize("part", [part for part in PARTS if part != "gui"])
def test_only_the_window_loads_qt(part):
    assert not loaded_by(part)[0] & QT


@pytest.mark.parametrize("part", PARTS)
def test_no_part_loads_the_engine(part):
    assert "engine" not in loaded_by(part)[1]


@pytest.mark.parametrize(
    "part",
    [
        "interpreter",
        "plain",
        "zips",
        "errors",
        "paths",
        "spec",
        "rates",
        "stopping",
        "events",
        "journal",
        "network",
        "data",
        "strangers",
    ],
)
def test_what_is_below_loads_nothing_above_the_journal(part):
    assert not loaded_by(part)[1] & ABOVE_THE_JOURNAL


@pytest.mark.parametrize(
    "part",
    ["errors", "paths", "spec", "rates", "stopping", "events", "journal", "network", "strangers", "launch", "results"],
)
def test_small_parts_load_neither_scikit_learn_nor_matplotlib(part):
    # The command line, the keeper and the window are started often; these two take a second.
    assert not loaded_by(part)[0] & {"sklearn", "scipy", "matplotlib"}


def test_the_window_loads_neither_scikit_learn_nor_matplotlib():
    assert not loaded_by("gui")[0] & {"sklearn", "scipy", "matplotlib"}


def test_the_window_loads_no_library_that_reads_hdf5():
    # A file that overpowers it does so in the process that looks at strangers' files.
    assert "h5py" not in loaded_by("gui")[0]


@pytest.mark.keras
def test_the_engine_loads_nothing_above_the_journal():
    # Its torch file is left out: importing it where torch is missing would fail, and that is what it should do.
    packages, own = fresh("workbench.engine", "torch")
    assert not own & ABOVE_THE_JOURNAL
    assert not packages & QT


def test_every_module_says_what_it_is_for():
    silent = [
        str(path.relative_to(ROOT))
        for path in PACKAGE.rglob("*.py")
        if path.stat().st_size and not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert not silent


def _catches_anything(caught: ast.expr | None) -> bool:
    kinds = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return any(kind is None or (isinstance(kind, ast.Name) and kind.id == "Exception") for kind in kinds)


def test_any_failure_is_caught_in_two_places_only():
    broad = [
        str(path.relative_to(ROOT))
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ExceptHandler) and _catches_anything(node.type)
    ]
    assert all(path.startswith(("workbench/engine/", "workbench/gui/")) for path in broad), broad
    assert len(broad) <= 2, broad


def test_processes_of_ours_are_begun_in_one_way_only():
    # workbench/interpreter.py keeps what lies in the current folder out of them.
    others = [
        str(path.relative_to(ROOT))
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.List) and {"sys.executable", "'-m'"} <= {ast.unparse(each) for each in node.elts}
    ]
    assert others == ["workbench/interpreter.py"]


def test_modules_stay_small():
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in PACKAGE.rglob("*.py")}
    assert not {str(path.relative_to(ROOT)): length for path, length in lengths.items() if length > 400}
