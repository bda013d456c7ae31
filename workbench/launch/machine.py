"""What this machine offers: backends, GPU, memory, cores, disk; and why a GPU that is there is not used.

Found by listings and by looking for files: no backend is imported, so that the window may ask. What a run really
computed on is said by its engine (`ModelReady.device`).
"""

from __future__ import annotations

import ctypes.util
import importlib.metadata
import importlib.util
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from workbench.launch.logout import Logout, at_logout
from workbench.paths import Workspace

LISTING = ("nvidia-smi", "--query-gpu=name,memory.total,driver_version", "--format=csv,noheader,nounits")
LISTING_SECONDS = 10.0
PCI = Path("/sys/bus/pci/devices")
NVIDIA = "0x10de"
DISPLAY_CLASS = "0x03"
BACKENDS = ("tensorflow", "jax", "torch")
PACKAGES = ("keras", "tensorflow", "jax", "torch", "numpy", "PySide6-Essentials", "pyqtgraph", "scikit-learn")
NO_DRIVER = "This machine has an NVIDIA GPU but no working NVIDIA driver: install the driver, then restart."
TORCH_CPU = "this PyTorch is a CPU build. Install a CUDA build as https://pytorch.org/get-started/locally says."

Installed = Callable[[str], str | None]


@dataclass(frozen=True)
class Gpu:
    """One GPU as its driver lists it."""

    name: str
    #: MiB; None when the driver does not say (shared memory)
    memory: int | None
    driver: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class MachineReport:
    """What this machine offers to one backend."""

    backend: str
    #: the installed ones with their versions
    backends: dict[str, str]
    gpus: tuple[Gpu, ...]
    #: whether the backend can use the first GPU
    usable: bool
    #: why a GPU that is there is not used, as a sentence; empty when it is, or when there is none
    why_not: str
    system: str
    python: str
    versions: dict[str, str]
    #: bytes
    memory: int
    memory_free: int
    cores: int
    #: bytes free where the workspace lies
    disk_free: int
    #: what becomes of runs when the person logs out
    logout: Logout

    @property
    def gpu(self) -> Gpu | None:
        return self.gpus[0] if self.gpus else None


def gpus(command: Sequence[str] = LISTING) -> tuple[Gpu, ...]:
    """The NVIDIA GPUs that the driver lists; none when there is no driver or it does not work."""
    try:
        listed = subprocess.run(command, capture_output=True, timeout=LISTING_SECONDS, check=False)  # noqa: S603 - a fixed name
    except (OSError, subprocess.TimeoutExpired):
        return ()
    if listed.returncode != 0:
        return ()
    found = []
    for line in listed.stdout.decode("utf-8", errors="replace").splitlines():
        name, *rest = (part.strip() for part in line.split(","))
        if name and len(rest) == 2:  # noqa: PLR2004 - memory and driver
            found.append(Gpu(name, int(rest[0]) if rest[0].isdecimal() else None, rest[1]))
    return tuple(found)


def nvidia_on_bus(devices: Path = PCI) -> bool:
    """Whether the PCI bus has an NVIDIA display device, driver or not (Linux)."""
    for device in devices.glob("*"):
        try:
            vendor = (device / "vendor").read_text().strip()
            kind = (device / "class").read_text().strip()
        except OSError:
            continue
        if vendor == NVIDIA and kind.startswith(DISPLAY_CLASS):
            return True
    return False


def version_of(package: str) -> str | None:
    """The version of an installed package, without importing it; None when it is not installed."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def backends(installed: Installed = version_of) -> dict[str, str]:
    """The installed backends and their versions, without importing any."""
    return {name: version for name in BACKENDS if (version := _backend_version(name, installed))}


def _backend_version(name: str, installed: Installed) -> str | None:
    if installed is version_of and importlib.util.find_spec(name) is None:
        return None
    return installed(name) or (installed("tensorflow-cpu") if name == "tensorflow" else None)


def report(
    workspace: Workspace,
    backend: str = "tensorflow",
    *,
    command: Sequence[str] = LISTING,
    installed: Installed = version_of,
    system: str = sys.platform,
    on_bus: Callable[[], bool] = nvidia_on_bus,
    cuda: Callable[[], str | None] | None = None,
) -> MachineReport:
    """What this machine offers to `backend`."""
    listed = gpus(command)
    why_not = why_unused(backend, listed, installed=installed, system=system, on_bus=on_bus, cuda=cuda or torch_cuda)
    memory = psutil.virtual_memory()
    versions = {name: version for name in PACKAGES if (version := installed(name))}
    there = next(folder for folder in (workspace.home, *workspace.home.parents) if folder.exists())
    return MachineReport(
        backend=backend,
        backends=backends(installed),
        gpus=listed,
        usable=bool(listed) and not why_not,
        why_not=why_not,
        system=platform.platform(),
        python=platform.python_version(),
        versions=versions,
        memory=memory.total,
        memory_free=memory.available,
        cores=usable_cores(),
        disk_free=shutil.disk_usage(there).free,
        logout=at_logout(),
    )


def usable_cores() -> int:
    """The cores this process may use, which can be fewer than the machine has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def why_unused(
    backend: str,
    listed: Sequence[Gpu],
    *,
    installed: Installed,
    system: str,
    on_bus: Callable[[], bool],
    cuda: Callable[[], str | None],
) -> str:
    """Why `backend` cannot use the GPU that is there; empty when it can, or when none is there."""
    if system == "darwin":
        return "" if backend == "torch" else _on_mac(backend)
    if not listed:
        return NO_DRIVER if system.startswith("linux") and on_bus() else ""
    name = listed[0].name
    if _backend_version(backend, installed) is None:
        return f"{name} is not used: {backend} is not installed. Install it with pip install {backend}."
    match backend:
        case "tensorflow":
            return _tensorflow(name, installed, system)
        case "jax":
            return _jax(name, installed, system)
        case _:
            return "" if cuda() is not None else f"{name} is not used: {TORCH_CPU}"


def _on_mac(backend: str) -> str:
    word = "TensorFlow" if backend == "tensorflow" else "JAX"
    return f"{word} has no official GPU support on macOS; the CPU is used. PyTorch can use Apple's GPU."


def _jax(name: str, installed: Installed, system: str) -> str:
    if system == "win32":
        return f"{name} is not used: JAX has no GPU on native Windows. Run the workbench inside WSL2."
    if installed("jax-cuda12-plugin") or installed("jax-cuda13-plugin"):
        return ""
    return f'{name} is not used: this JAX is the CPU build. pip install "jax[cuda12]" brings the GPU one.'


def _tensorflow(name: str, installed: Installed, system: str) -> str:
    if system == "win32":
        return (
            f"{name} is not used: TensorFlow has had no GPU on native Windows since 2.11. "
            "Run the workbench inside WSL2, or choose PyTorch as the backend."
        )
    if installed("tensorflow") is None:
        return f'{name} is not used: tensorflow-cpu is installed. Replace it with pip install "keras-workbench[gpu]".'
    if _has_cuda_libraries(installed):
        return ""
    return f'{name} is not used: TensorFlow is installed without its CUDA libraries. pip install "keras-workbench[gpu]" brings them.'


def _has_cuda_libraries(installed: Installed) -> bool:
    for generation in ("cu12", "cu13"):
        if installed(f"nvidia-cudnn-{generation}") and (
            installed(f"nvidia-cuda-runtime-{generation}") or installed("nvidia-cuda-runtime")
        ):
            return True
    # A container or a distribution may bring them for the whole system.
    return installed is version_of and bool(ctypes.util.find_library("cudart") and ctypes.util.find_library("cudnn"))


def torch_cuda() -> str | None:
    """The CUDA version that the installed PyTorch was built for; None for a CPU build. Reads a file, imports nothing."""
    spec = importlib.util.find_spec("torch")
    if spec is None or spec.origin is None:
        return None
    try:
        text = (Path(spec.origin).parent / "version.py").read_text("utf-8")
    except OSError:
        return None
    found = re.search(r"^cuda\b[^=\n]*=\s*['\"]([^'\"]+)['\"]", text, re.MULTILINE)
    return found.group(1) if found else None
