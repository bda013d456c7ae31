"""What `make` does before anything runs: libraries are found by asking, installed by root, named to everyone else."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

CI = Path(__file__).parent.parent.parent / ".ci"

REPORT = """
\tlinux-vdso.so.1 (0x00007ffd)
\tlibxcb-icccm.so.4 => not found
\tlibxcb-cursor.so.0 => not found
\tlibQt6Gui.so.6 => /somewhere/libQt6Gui.so.6 (0x00007f)
\tlibxcb-icccm.so.4 => not found
"""


@pytest.fixture
def libraries(monkeypatch):
    monkeypatch.syspath_prepend(str(CI))
    monkeypatch.delitem(sys.modules, "libraries", raising=False)
    import libraries

    return libraries


@pytest.fixture
def setup(libraries, monkeypatch):
    monkeypatch.delitem(sys.modules, "setup", raising=False)
    import setup

    return setup


@pytest.fixture
def qt(tmp_path):
    """A Qt with the files of interest, all empty."""
    for name in ("QtCore.abi3.so", "Qt/plugins/platforms/libqoffscreen.so", "Qt/plugins/platforms/libqxcb.so"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


@pytest.fixture
def called(libraries, monkeypatch):
    """The commands that would have been run."""
    found: list[list[str]] = []

    def run(command: list[str], **_options: object) -> subprocess.CompletedProcess[str]:
        found.append(command)
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(libraries.subprocess, "run", run)
    monkeypatch.setattr(libraries.shutil, "which", lambda name: f"/usr/bin/{name}")
    return found


def test_missing_libraries_are_read_from_the_loaders_report(libraries):
    assert libraries.not_found(REPORT) == {"libxcb-icccm.so.4", "libxcb-cursor.so.0"}
    assert libraries.not_found("\tstatically linked\n") == set()


def test_the_window_asks_for_more_than_a_hidden_one(libraries, monkeypatch, qt):
    monkeypatch.setattr(
        libraries, "_ldd", lambda file: REPORT if "xcb" in file.name else "\tlibEGL.so.1 => not found\n"
    )
    monkeypatch.setattr(libraries, "has_font", lambda: True)
    assert libraries.lacking(qt) == {"libEGL.so.1", "libxcb-icccm.so.4", "libxcb-cursor.so.0"}
    assert libraries.lacking(qt, window=False) == {"libEGL.so.1"}


def test_a_machine_without_any_font_lacks_one(libraries, monkeypatch, qt, tmp_path):
    monkeypatch.setattr(libraries, "_ldd", lambda _file: "")
    monkeypatch.setattr(libraries, "FONT_FOLDERS", ())
    assert not libraries.has_font([str(tmp_path)])
    (tmp_path / "truetype").mkdir()
    (tmp_path / "truetype" / "Some.ttf").touch()
    assert libraries.has_font([str(tmp_path)])


def test_libraries_become_debian_packages(libraries):
    assert libraries.packages(["libxcb-icccm.so.4", libraries.FONT, "libother.so.3"]) == {
        "libxcb-icccm4", "fonts-dejavu-core",
    }  # fmt: skip
    assert "libother.so.3" in libraries.sentence(["libother.so.3"])


def test_everyone_but_root_is_told_the_exact_line(libraries, called, monkeypatch, capsys):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert not libraries.apt_install(["libxcb-icccm4", "libxcb-keysyms1"], "The window needs two things")
    assert "sudo apt-get install -y libxcb-icccm4 libxcb-keysyms1\n" in capsys.readouterr().out
    assert called == []


def test_root_gets_them_installed(libraries, called, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert libraries.apt_install(["libxcb-icccm4"], "The window needs one thing")
    assert [command[:2] for command in called] == [["apt-get", "update"], ["apt-get", "install"]]
    assert called[1][-1] == "libxcb-icccm4"


def test_without_apt_the_names_are_told(libraries, called, monkeypatch, capsys):
    monkeypatch.setattr(libraries.shutil, "which", lambda _name: None)
    assert not libraries.apt_install(["libxcb-icccm4"], "The window needs one thing")
    assert "libxcb-icccm4" in capsys.readouterr().out
    assert called == []


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks Linux's loader")
def test_this_machine_has_what_a_hidden_window_needs(libraries):
    import PySide6

    assert libraries.lacking(Path(PySide6.__path__[0]), window=False) == set()


def test_an_nvidia_driver_brings_the_gpu_extra_and_never_torch(setup, monkeypatch, tmp_path):
    monkeypatch.setattr(setup, "NVIDIA", tmp_path / "version")
    monkeypatch.setattr(setup.shutil, "which", lambda _name: None)
    assert setup.extras("run") == []
    assert setup.extras("test") == ["test"]
    (tmp_path / "version").write_text("NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54")
    assert setup.extras("run") == ["gpu"]
    assert setup.extras("test") == ["test", "gpu"]


@pytest.mark.parametrize(("code", "present"), [(0, True), (9, False)])
def test_an_nvidia_tool_counts_only_if_it_finds_a_card(setup, monkeypatch, tmp_path, code, present):
    tool = tmp_path / "nvidia-smi"
    tool.write_text(f"#!/bin/sh\nexit {code}\n")
    tool.chmod(0o755)
    monkeypatch.setattr(setup, "NVIDIA", tmp_path / "none")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert setup.nvidia_driver() is present


def test_a_second_call_finds_the_stamp_and_installs_nothing(setup, monkeypatch, tmp_path):
    runs: list[list[str]] = []

    def run(command: list[str], **_options: object) -> subprocess.CompletedProcess[str]:
        runs.append(command)
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(setup, "VENV", tmp_path)
    monkeypatch.setattr(setup, "nvidia_driver", lambda: False)
    monkeypatch.setattr(setup.subprocess, "run", run)
    setup.install_packages("test")
    setup.install_packages("test")
    setup.install_packages("run")  # the tests' packages hold the window's
    assert len(runs) == 1
    monkeypatch.setattr(setup, "state", lambda: "another pyproject.toml")
    setup.install_packages("test")
    assert len(runs) == 2


def test_a_failed_installation_leaves_no_stamp(setup, monkeypatch, tmp_path):
    monkeypatch.setattr(setup, "VENV", tmp_path)
    monkeypatch.setattr(setup, "nvidia_driver", lambda: False)
    monkeypatch.setattr(setup.subprocess, "run", lambda command, **_options: subprocess.CompletedProcess(command, 1))
    with pytest.raises(SystemExit, match="could not be installed"):
        setup.install_packages("run")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("script", ["run", "setup", "check", "proof"])
def test_the_scripts_are_executable_and_right(script):
    assert os.access(CI / script, os.X_OK)
    subprocess.run(["bash", "-n", CI / script], check=True)


def test_a_python_that_is_too_old_is_told_so(tmp_path):
    old = tmp_path / "python3.9"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    done = subprocess.run(
        ["bash", CI / "setup", "run"],
        env=os.environ | {"PYTHON": str(old)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "is not a Python 3.11 or newer" in done.stderr


def test_a_report_of_proofs_becomes_a_table(monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(str(CI))
    import proof_table

    (tmp_path / "proof.xml").write_text(
        """<testsuites><testsuite>
        <testcase classname="tests.engine.test_loop" name="test_the_same_recipe_gives_the_same_weights" time="12.5">
          <properties><property name="must" value="0 differences"/><property name="measured" value="0 | of 20"/></properties>
        </testcase>
        <testcase classname="tests.data.test_folder" name="test_x" time="1"><failure message="assert 1 == 2"/></testcase>
        <testcase classname="tests.data.test_folder" name="test_y" time="1"><skipped message="no torch"/></testcase>
        </testsuite></testsuites>"""
    )
    rows = list(proof_table.rows(tmp_path / "proof.xml"))
    assert rows[0] == (
        "engine/test_loop: the same recipe gives the same weights", "0 differences", "0 | of 20", "ok", "12.5",
    )  # fmt: skip
    assert [row[3] for row in rows[1:]] == ["FAILED: assert 1 == 2", "skipped: no torch"]
    text = proof_table.table(rows)
    assert "1 of 3 ok" in text
    assert "0 \\| of 20" in text
