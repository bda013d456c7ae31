"""The machine report, with listings and installations that this machine does not have."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from workbench.launch import machine
from workbench.paths import Workspace

H100 = "NVIDIA H100 80GB HBM3, 81559, 570.86.15"
CUDA = {"tensorflow": "2.21.0", "nvidia-cudnn-cu12": "9.3", "nvidia-cuda-runtime-cu12": "12.5"}


def says(text: str, code: int = 0) -> tuple[str, ...]:
    """A command that stands in for nvidia-smi."""
    return sys.executable, "-c", f"print({text!r}); raise SystemExit({code})"


def having(packages: dict[str, str]) -> Callable[[str], str | None]:
    return packages.get


def why_not(
    workspace: Workspace,
    packages: dict[str, str],
    backend: str = "tensorflow",
    *,
    listing: Sequence[str] = says(H100),
    system: str = "linux",
    on_bus: bool = True,
    cuda: str | None = None,
) -> tuple[bool, str]:
    found = machine.report(
        workspace,
        backend,
        command=listing,
        installed=having(packages),
        system=system,
        on_bus=lambda: on_bus,
        cuda=lambda: cuda,
    )
    return found.usable, found.why_not


def test_a_listing_is_read() -> None:
    (gpu,) = machine.gpus(says(H100))
    assert (gpu.name, gpu.memory, gpu.driver) == ("NVIDIA H100 80GB HBM3", 81559, "570.86.15")
    assert str(gpu) == "NVIDIA H100 80GB HBM3"


def test_several_gpus_and_one_without_a_memory_of_its_own_are_read() -> None:
    found = machine.gpus(says(f"{H100}\nNVIDIA GB10, [N/A], 580.1"))
    assert [gpu.memory for gpu in found] == [81559, None]


@pytest.mark.parametrize(
    "command",
    [
        ("no-such-nvidia-smi",),
        says("NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.", 9),
        says("No devices were found"),
        says(""),
    ],
)
def test_no_driver_lists_no_gpu(command: tuple[str, ...]) -> None:
    assert machine.gpus(command) == ()


def test_a_gpu_with_cuda_libraries_is_used(workspace: Workspace) -> None:
    assert why_not(workspace, CUDA) == (True, "")


def test_tensorflow_without_cuda_libraries_says_what_to_install(workspace: Workspace) -> None:
    usable, sentence = why_not(workspace, {"tensorflow": "2.21.0"})
    assert not usable
    assert 'pip install "keras-workbench[gpu]"' in sentence
    assert "H100" in sentence


def test_the_cpu_build_of_tensorflow_says_what_to_install(workspace: Workspace) -> None:
    usable, sentence = why_not(workspace, {"tensorflow-cpu": "2.21.0"})
    assert not usable
    assert "keras-workbench[gpu]" in sentence


def test_a_gpu_without_a_driver_is_found_on_the_bus(workspace: Workspace, tmp_path: Path) -> None:
    usable, sentence = why_not(workspace, CUDA, listing=("no-such-nvidia-smi",))
    assert not usable
    assert "driver" in sentence
    assert why_not(workspace, CUDA, listing=("no-such-nvidia-smi",), on_bus=False) == (False, "")
    device = tmp_path / "bus" / "0000:01:00.0"
    device.mkdir(parents=True)
    assert not machine.nvidia_on_bus(tmp_path / "bus")
    (device / "vendor").write_text("0x10de\n")
    (device / "class").write_text("0x030000\n")
    assert machine.nvidia_on_bus(tmp_path / "bus")
    (device / "class").write_text("0x040300\n")  # the card's sound
    assert not machine.nvidia_on_bus(tmp_path / "bus")


def test_native_windows_and_macos_are_named(workspace: Workspace) -> None:
    assert "WSL2" in why_not(workspace, CUDA, system="win32")[1]
    assert "WSL2" in why_not(workspace, {"jax": "0.10"}, "jax", system="win32")[1]
    assert "macOS" in why_not(workspace, CUDA, listing=("no-such-nvidia-smi",), system="darwin")[1]


@pytest.mark.parametrize(
    ("backend", "packages", "cuda", "usable"),
    [
        ("jax", {"jax": "0.10"}, None, False),
        ("jax", {"jax": "0.10", "jax-cuda12-plugin": "0.10"}, None, True),
        ("torch", {"torch": "2.9+cpu"}, None, False),
        ("torch", {"torch": "2.9"}, "12.8", True),
        ("torch", {}, None, False),
    ],
)
def test_the_other_backends_say_whether_they_are_cpu_builds(
    backend: str, packages: dict[str, str], cuda: str | None, usable: bool, workspace: Workspace
) -> None:
    can, sentence = why_not(workspace, packages, backend, cuda=cuda)
    assert can is usable
    assert bool(sentence) is not usable
    assert not packages or usable or "CPU build" in sentence


def test_the_cuda_version_of_torch_is_read_without_importing_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "torch"
    package.mkdir()
    (package / "__init__.py").write_text("raise ImportError('nobody may import this')")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    (package / "version.py").write_text("__version__ = '2.9.0+cpu'\ncuda: Optional[str] = None\n")
    assert machine.torch_cuda() is None
    (package / "version.py").write_text("__version__ = '2.9.0'\ncuda: Optional[str] = '12.8'\nhip = None\n")
    assert machine.torch_cuda() == "12.8"


def test_this_machine_can_be_reported_without_importing_a_backend(workspace: Workspace) -> None:
    before = {"tensorflow", "jax", "torch", "keras"} & set(sys.modules)
    found = machine.report(workspace)
    assert found.memory > 0
    assert found.cores >= 1
    assert found.disk_free > 0
    assert set(found.backends) <= {"tensorflow", "jax", "torch"}
    assert {"tensorflow", "jax", "torch", "keras"} & set(sys.modules) == before
