"""`pip install .` gives a working command with presets and assets inside; nothing is fetched for this test."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    done = subprocess.run(
        [*command, "--wheel-dir", folder, ROOT], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr[-2000:]
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    target = tmp_path_factory.mktemp("installed")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", target, wheel]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    return target


def test_the_wheel_holds_presets_assets_and_licence(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    for folder, inside in (("presets", "workbench/_presets"), ("assets", "workbench/_assets")):
        shipped = {path.relative_to(ROOT / folder).as_posix() for path in (ROOT / folder).rglob("*") if path.is_file()}
        assert shipped
        assert shipped <= {name.removeprefix(f"{inside}/") for name in names if name.startswith(f"{inside}/")}
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_the_wheel_holds_every_module_and_no_test(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    modules = {str(path.relative_to(ROOT)) for path in (ROOT / "workbench").rglob("*.py")}
    assert modules <= names
    assert not [name for name in names if name.startswith(("tests/", ".ci/", "presets/"))]


def test_the_installed_command_finds_its_own_presets(installed, tmp_path):
    environment = os.environ | {"PYTHONPATH": str(installed), "WORKBENCH_HOME": str(tmp_path / "home")}
    done = subprocess.run(
        [sys.executable, installed / "bin" / "workbench", "presets", "--json"],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    presets = json.loads(done.stdout)["presets"]
    assert presets[0]["name"] == "digits-cnn"
    assert presets[0]["default"] is True
    assert all(Path(preset["path"]).is_relative_to(installed) for preset in presets)
